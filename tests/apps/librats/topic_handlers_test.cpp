// SPDX-License-Identifier: MIT
#include "apps/librats/topic_handlers.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {
namespace {

change_topic_handler text(const std::string& topic, std::string& into, const std::string& mark) {
  return {topic_handler_kind::text, topic,
    TopicMessageCallback{[&into, mark](const auto&, const auto&, const auto& x) { into += mark + x; }}};
}

change_topic_handler validator(const std::string& topic, ValidationResult verdict) {
  return {topic_handler_kind::validator, topic,
    TopicValidator{[verdict](const auto&, const auto&, const auto&) { return verdict; }}};
}

BOOST_AUTO_TEST_SUITE(topic_handlers_suite)

BOOST_AUTO_TEST_CASE(a_later_handler_replaces_an_earlier_one_of_its_kind_and_topic) {
  topic_handlers all;
  std::string heard;
  all.change(text("a", heard, "1"));
  all.change(text("b", heard, "2"));
  all.change(text("a", heard, "3"));
  all.find("a")->text("", "", "x");
  all.find("b")->text("", "", "x");
  BOOST_TEST(heard == "3x2x");
  BOOST_TEST(!all.find("c"));
}

BOOST_AUTO_TEST_CASE(an_empty_function_removes_its_handler_alone) {
  topic_handlers all;
  std::string heard;
  all.change(text("a", heard, ""));
  all.change({topic_handler_kind::peer_left, "a", TopicPeerCallback{[](const auto&, const auto&) {}}});
  all.change({topic_handler_kind::text, "a", TopicMessageCallback{}});
  BOOST_REQUIRE(all.find("a"));
  BOOST_TEST(!all.find("a")->text);
  BOOST_TEST(static_cast<bool>(all.find("a")->peer_left));
  all.change({topic_handler_kind::peer_left, "a", TopicPeerCallback{}});
  BOOST_TEST(!all.find("a"));
}

BOOST_AUTO_TEST_CASE(who_calls_a_handler_keeps_it_while_it_is_replaced) {
  topic_handlers all;
  std::string heard;
  all.change(text("a", heard, "old "));
  const auto taken = all.find("a");
  all.remove("a");
  taken->text("", "", "x");
  BOOST_TEST(heard == "old x");
  BOOST_TEST(!all.find("a"));
}

BOOST_AUTO_TEST_CASE(removing_the_handlers_leaves_the_validator) {
  topic_handlers all;
  std::string heard;
  all.change(text("a", heard, ""));
  all.change(validator("a", ValidationResult::REJECT));
  all.remove("a");
  BOOST_REQUIRE(all.find("a"));
  BOOST_TEST(!all.find("a")->text);
  BOOST_TEST((all.validating("a")->validator("", "", "") == ValidationResult::REJECT));
}

BOOST_AUTO_TEST_CASE(the_validator_of_a_topic_goes_before_that_of_all) {
  topic_handlers all;
  BOOST_TEST(!all.validating("a"));
  all.change(validator("", ValidationResult::IGNORE_MSG));
  BOOST_TEST((all.validating("a")->validator("", "", "") == ValidationResult::IGNORE_MSG));
  all.change(validator("a", ValidationResult::ACCEPT));
  BOOST_TEST((all.validating("a")->validator("", "", "") == ValidationResult::ACCEPT));
  BOOST_TEST((all.validating("b")->validator("", "", "") == ValidationResult::IGNORE_MSG));
  all.clear();
  BOOST_TEST(!all.validating("a"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::apps
