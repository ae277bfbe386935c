// SPDX-License-Identifier: MIT
#include "runtime/config/config_document.hpp"
#include "runtime/config/config_load.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <utility>

namespace librats::runtime {

namespace {

using namespace std::chrono_literals;

std::vector<config_error> forbid_thirteen(const config_values& values) {
  if (values.integer("herd", "count") != 13)
    return {};
  return {{"farm.ini", 0, "herd.count", "13 brings bad luck"}};
}

document_schema farm() {
  config_schema fixed{"farm", "a farm"};
  fixed.section("farm", "The farm").text("name", "", 0, 20, "Its name");
  config_schema herd{"farm", "a herd"};
  herd.section("food", "What they eat").integer("hay", 1, 0, 9, "Bales");
  herd.section("herd", "Animals")
    .integer("count", 1, 1, 100, "Heads")
    .share("ill", 0, 0, config_share_whole, "How many are ill")
    .text_list("pet", 20, "Names");
  herd.add_check(forbid_thirteen);
  config_schema fence{"farm", "a fence"};
  fence.section("fence", "Around them").span("repair", 1h, 1s, 24h, "Time to mend it");
  return {std::move(fixed), {{"herd", std::move(herd)}, {"fence", std::move(fence)}}};
}

config_document load(const std::string& text, const std::vector<std::string>& settings = {}) {
  static const auto schema = farm();
  return load_document_text(schema, text, "farm.ini", settings);
}

std::string first_error(const std::string& text, const std::vector<std::string>& settings = {}) {
  const auto out = load(text, settings);
  return out.errors.empty() ? "none" : out.errors.front().to_string();
}

} // namespace

BOOST_AUTO_TEST_SUITE(config_documents)

BOOST_AUTO_TEST_CASE(a_kind_of_section_may_come_under_many_names) {
  const auto x =
    load("[farm]\nname = Hill\n[herd cows]\ncount = 20\nfood.hay = 5\n[herd goats]\nill = 2.5 %\n[fence a]\n");
  BOOST_TEST(to_string(x.errors) == "");
  BOOST_TEST(x.values.text("farm", "name") == "Hill");
  BOOST_REQUIRE(x.sections.size() == 3u);
  const auto* cows = x.find("herd", "cows");
  BOOST_REQUIRE(cows != nullptr);
  BOOST_TEST(cows->values.integer("herd", "count") == 20);
  BOOST_TEST(cows->values.integer("food", "hay") == 5);
  BOOST_TEST(cows->line == 3);
  BOOST_TEST(x.find("herd", "goats")->values.integer("herd", "count") == 1);
  BOOST_TEST(x.find("herd", "goats")->values.integer("herd", "ill") == 25'000);
  BOOST_TEST(x.find("herd", "goats")->values.origin("herd", "ill").to_string() == "farm.ini:7");
}

BOOST_AUTO_TEST_CASE(settings_win_and_belong_to_the_command_line) {
  const auto x = load("[herd cows]\ncount = 20\npet = Rosa\n",
    {"herd.cows.count=30", "herd.cows.food.hay=7", "farm.name=Dale", "herd.cows.pet=Alma"});
  BOOST_TEST(to_string(x.errors) == "");
  const auto& cows = x.sections.front().values;
  BOOST_TEST(cows.integer("herd", "count") == 30);
  BOOST_TEST(cows.integer("food", "hay") == 7);
  BOOST_TEST(cows.text_list("herd", "pet") == std::vector<std::string>{"Alma"}, boost::test_tools::per_element());
  BOOST_TEST(cows.origin("herd", "count").to_string() == "command line");
  BOOST_TEST(x.values.text("farm", "name") == "Dale");
}

BOOST_AUTO_TEST_CASE(every_mistake_names_its_place) {
  const std::initializer_list<std::pair<const char*, const char*>> cases{
    {"[herd]\n", "farm.ini:1: [herd] needs a name: [herd name]"},
    {"[herd Cows]\n", "farm.ini:1: [herd Cows] needs a name"},
    {"[herd a b]\n", "farm.ini:1: [herd a b] needs a name"},
    {"[herd a]\n[herd a]\n", "farm.ini:2: [herd a] stands on line 1 already"},
    {"[hred a]\n", "farm.ini:1: there is no section [hred a]; did you mean [herd name]?"},
    {"[xyzzy]\n", "farm.ini:1: there is no section [xyzzy]; accepted: farm, herd NAME, fence NAME"},
    {"[herd a]\ncuont = 1\n",
      "farm.ini:2: herd a.cuont: there is no key \"cuont\" in [herd a]; did you mean \"count\"?"},
    {"[herd a]\nhay = 1\n", "farm.ini:2: herd a.hay: there is no key \"hay\" in [herd a]; did you mean \"food.hay\"?"},
    {"[herd a]\ncount = 0\n",
      "farm.ini:2: herd a.count: \"0\" is out of range; accepted: a whole number from 1 to 100"},
    {"[herd a]\ncount = 1\ncount = 2\n", "farm.ini:3: herd a.count: is set twice, on line 2 and on line 3"},
    {"[herd a]\ncount = 13\n", "farm.ini: herd a.herd.count: 13 brings bad luck"},
    {"[farm]\nnmae = x\n", "farm.ini:2: farm.nmae: there is no key \"nmae\" in [farm]; did you mean \"name\"?"},
    {"[herd a]\nill = 101 %\n",
      "farm.ini:2: herd a.ill: \"101 %\" is out of range; accepted: a share from 0 % to 100 %"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto found = first_error(text);
    BOOST_TEST(found.find(wanted) == 0u, "found " << found << "\nwanted " << wanted);
  }
}

BOOST_AUTO_TEST_CASE(a_mistaken_setting_is_explained) {
  const std::initializer_list<std::pair<const char*, const char*>> cases{
    {"herd.a.count", "\"herd.a.count\" sets nothing"},
    {"count=5", "\"count=5\" sets nothing"},
    {"herd.b.count=5", "there is no [herd b] to set a key of; accepted: a"},
    {"herd.count=5", "there is no [herd count] to set a key of"},
    {"herd.a.cuont=5", "there is no key \"cuont\" in [herd a]"},
    {"barn.x=5", "there is no section [barn]"},
    {"farm.nmae=5", "farm.nmae: there is no key \"nmae\""},
  };
  for (const auto& [setting, wanted] : cases) {
    const auto found = first_error("[herd a]\n", {setting});
    BOOST_TEST(found.find(std::string{"command line: "} + wanted) == 0u, "found " << found << "\nwanted " << wanted);
  }
  BOOST_TEST(
    first_error("[herd a]\n", {"herd.a.count=5", "herd.a.count=6"}).find("is given twice") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_is_a_mistake) {
  const auto schema = farm();
  const auto x = load_document(schema, "no-such-file.ini");
  BOOST_REQUIRE(x.errors.size() == 1u);
  BOOST_TEST(x.errors.front().to_string().find("no-such-file.ini: cannot be read") == 0u);
}

BOOST_AUTO_TEST_CASE(shares_are_exact) {
  const config_rule rule{config_kind::share, 0, config_share_whole, {}};
  const std::initializer_list<std::pair<const char*, std::int64_t>> cases{{"0", 0}, {"0 %", 0}, {"1%", 10'000},
    {"99.9 %", 999'000}, {"0.0001 %", 1}, {"100 %", 1'000'000}, {"2.50 %", 25'000}};
  for (const auto& [text, wanted] : cases) {
    const auto read = parse_value(rule, text);
    BOOST_TEST(read.problem == "", text << ": " << read.problem);
    BOOST_TEST(std::get<std::int64_t>(read.value) == wanted, text);
    const auto again = parse_value(rule, format_value(rule, read.value).front());
    BOOST_TEST(std::get<std::int64_t>(again.value) == wanted, text);
  }
  for (const auto* text :
    {"", "5", "x", "1.%", "1.00001 %", "-1 %", "100.0001 %", "1 % %", ".5 %", "99999999999999999999 %"})
    BOOST_TEST(parse_value(rule, text).problem != "", text << " was accepted");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
