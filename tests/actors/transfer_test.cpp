// SPDX-License-Identifier: MIT
#include "tests/actors/transfer_nodes.hpp"

#include "protocols/crypto/hash.hpp"

namespace librats::test {

namespace {

using actors::transfer_command;
using actors::transfer_phase;

/// Two nodes, connected; B takes what is offered into `in/`.
struct two_nodes : transfer_nodes {
  two_nodes() {
    BOOST_TEST_REQUIRE(connect(a, b) == "");
    its.takes_into = "in/";
    a.host.set_uplink({20'000'000, 256 * 1024});
  }

  /// Offers and waits until both ends say that it is there.
  actors::transfer_number send(const std::string& path) {
    const auto id = offer(a, b, path);
    BOOST_TEST_REQUIRE(id.error == "");
    BOOST_TEST(ends(a, id.value->id, transfer_phase::completed));
    return id.value->id;
  }

  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
  clerk& mine = add_clerk(a);
  clerk& its = add_clerk(b);
};

std::string text_of(const bytes& x) {
  return std::string{as_text(x)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfers)

BOOST_FIXTURE_TEST_CASE(a_file_arrives_with_all_that_is_known_of_it, two_nodes) {
  const auto data = content(1'000'000, 1);
  plant(a, "out/report.pdf", data);
  const auto id = send("out/report.pdf");
  BOOST_TEST((read(b, "in/report.pdf") == text_of(data)));
  BOOST_TEST(leftovers(a) == "");
  BOOST_TEST(leftovers(b) == "");

  const auto sent = look(a, id);
  BOOST_TEST(sent.name == "report.pdf");
  BOOST_TEST(sent.bytes_done == 1'000'000u);
  BOOST_TEST(sent.bytes_total == 1'000'000u);
  BOOST_TEST(sent.files_done == 1u);
  BOOST_TEST(sent.checksum == to_hex(protocols::sha256(data)));
  BOOST_TEST(mine.phases(id) == "offered active completed");

  BOOST_TEST_REQUIRE(its.offers.size() == 1u);
  BOOST_TEST((its.offers[0].from == a.id));
  BOOST_TEST(its.offers[0].name == "report.pdf");
  BOOST_TEST(its.offers[0].bytes_total == 1'000'000u);
  BOOST_TEST(its.phases(its.offers[0].id) == "offered active completed");
  const auto got = look(b, its.offers[0].id);
  BOOST_TEST(got.local_path == "in/report.pdf");
  BOOST_TEST(got.checksum == sent.checksum);

  const auto there = count(a);
  BOOST_TEST(there.bytes_sent == 1'000'000u);
  BOOST_TEST(there.files_sent == 1u);
  BOOST_TEST(there.completed == 1u);
  BOOST_TEST(there.active == 0u);
  const auto here = count(b);
  BOOST_TEST(here.bytes_received == 1'000'000u);
  BOOST_TEST(here.files_received == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_directory_arrives_with_empty_files_and_empty_folders, two_nodes) {
  its.takes_into = "in/copy";
  plant(a, "tree/a.txt", to_bytes(as_bytes("a")));
  plant(a, "tree/empty.txt", {});
  plant(a, "tree/deep/er/b.bin", content(200'000, 2));
  plant(a, "tree/last", {});
  BOOST_TEST(!a.host.files().make_folders({"tree", "nothing/here"}));
  const auto id = send("tree");
  BOOST_TEST(read(b, "in/copy/a.txt") == "a");
  BOOST_TEST(read(b, "in/copy/empty.txt") == "");
  BOOST_TEST(read(b, "in/copy/last") == "");
  BOOST_TEST((read(b, "in/copy/deep/er/b.bin") == text_of(content(200'000, 2))));
  const auto folder = b.host.files().info({"in/copy", "nothing/here"});
  BOOST_TEST_REQUIRE(folder.ok());
  BOOST_TEST((folder->kind == runtime::file_kind::folder));
  BOOST_TEST(look(a, id).files_total == 4u);
  BOOST_TEST(look(a, id).directory);
  BOOST_TEST(leftovers(b) == "");
}

BOOST_FIXTURE_TEST_CASE(a_lone_empty_file_and_an_empty_directory_arrive, two_nodes) {
  plant(a, "nothing.txt", {});
  send("nothing.txt");
  BOOST_TEST(read(b, "in/nothing.txt") == "");
  BOOST_TEST(!a.host.files().make_folder("void"));
  its.takes_into = "in/void";
  send("void");
  BOOST_TEST(b.host.files().info({"in/void", {}}).ok());
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_offered_is_an_error_with_a_reason, two_nodes) {
  BOOST_TEST(offer(a, b, "missing").error.find("cannot read 'missing'") == 0u);
  plant(a, "dir/bad\\name", {});
  BOOST_TEST(offer(a, b, "dir").error.find("backslash") != std::string::npos);
  plant(a, "mixed/Readme", {});
  plant(a, "mixed/README", {});
  BOOST_TEST(offer(a, b, "mixed").error.find("only in case") != std::string::npos);
  plant(a, "fine", {});
  BOOST_TEST(ask<actors::files_offered>(a, actors::offer_files{b.id, "fine", "no/name", true}).error != "");
  peer_id stranger;
  stranger.raw.fill(7);
  BOOST_TEST(ask<actors::files_offered>(a, actors::offer_files{stranger, "fine", {}, true}).error
    == "this peer is not connected");
  BOOST_TEST(count(a).active == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_offer_is_refused_with_the_receivers_words, two_nodes) {
  its.refuses_with = "no time";
  plant(a, "x", content(10, 1));
  const auto id = offer(a, b, "x").value->id;
  BOOST_TEST(ends(a, id, transfer_phase::failed));
  BOOST_TEST(look(a, id).error == "the receiver rejected it: no time");
  BOOST_TEST(read(b, "in/x") == "(none)");
  BOOST_TEST(leftovers(a) == "");
}

BOOST_FIXTURE_TEST_CASE(without_a_handler_offers_go_to_the_inbox_under_names_that_are_free, transfer_nodes) {
  auto& a = add(over_tcp);
  auto& b = add([](actors::node_options& x) {
    over_tcp(x);
    x.transfers.inbox = "inbox";
    x.transfers.inbox_bytes_max = 1000;
  });
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  plant(a, "one/a.txt", to_bytes(as_bytes("first")));
  plant(a, "two/a.txt", to_bytes(as_bytes("second")));
  plant(a, "big", content(1001, 1));
  for (const auto* path : {"one/a.txt", "two/a.txt", "one"}) {
    const auto id = offer(a, b, path);
    BOOST_TEST_REQUIRE(id.error == "");
    BOOST_TEST(ends(a, id.value->id, transfer_phase::completed));
  }
  BOOST_TEST(read(b, "inbox/a.txt") == "first");
  BOOST_TEST(read(b, "inbox/a (1).txt") == "second");
  BOOST_TEST(read(b, "inbox/one/a.txt") == "first");
  const auto big = offer(a, b, "big").value->id;
  BOOST_TEST(ends(a, big, transfer_phase::failed));
  BOOST_TEST(look(a, big).error.find("more than the inbox takes") != std::string::npos);
  // And B's own offers find nobody at A.
  plant(b, "y", content(3, 1));
  const auto back = offer(b, a, "y").value->id;
  BOOST_TEST(ends(b, back, transfer_phase::failed));
  BOOST_TEST(look(b, back).error.find("nobody takes files here") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(either_side_pauses_resumes_and_cancels, two_nodes) {
  plant(a, "big", content(30'000'000, 3));
  for (auto* who : {&a, &b}) {
    its.offers.clear();
    const auto id = offer(a, b, "big").value->id;
    BOOST_TEST_REQUIRE(eventually([&] { return look(a, id).phase == transfer_phase::active; }, 10s));
    const auto theirs = its.offers.at(0).id;
    const auto mine_id = who == &a ? id : theirs;
    BOOST_TEST(steer(*who, mine_id, transfer_command::pause) == "");
    run(1s);
    const auto before = look(b, theirs);
    BOOST_TEST((look(a, id).phase == transfer_phase::paused));
    BOOST_TEST((before.phase == transfer_phase::paused));
    BOOST_TEST(before.bytes_done < before.bytes_total);
    run(3min); // Longer than anybody's patience.
    BOOST_TEST(look(b, theirs).bytes_done == before.bytes_done);
    BOOST_TEST(steer(*who, mine_id, transfer_command::pause) != "");
    BOOST_TEST(steer(*who, mine_id, transfer_command::resume) == "");
    BOOST_TEST_REQUIRE(eventually([&] { return look(b, theirs).bytes_done > before.bytes_done; }, 10s));
    BOOST_TEST(steer(*who, mine_id, transfer_command::pause) == "");
    BOOST_TEST(steer(*who, mine_id, transfer_command::cancel) == "");
    run(1s);
    BOOST_TEST((look(a, id).phase == transfer_phase::cancelled));
    BOOST_TEST((look(b, theirs).phase == transfer_phase::cancelled));
    BOOST_TEST(steer(*who, mine_id, transfer_command::resume) != "");
    BOOST_TEST(leftovers(a) == "");
    BOOST_TEST(leftovers(b) == "");
  }
  BOOST_TEST(read(b, "in/big") == "(none)");
}

BOOST_FIXTURE_TEST_CASE(an_offer_that_nobody_answers_expires_at_both_ends, two_nodes) {
  its.takes_into.clear();
  plant(a, "x", content(10, 1));
  const auto id = offer(a, b, "x").value->id;
  run(30s);
  BOOST_TEST_REQUIRE(its.offers.size() == 1u);
  BOOST_TEST((look(b, its.offers[0].id).phase == transfer_phase::offered));
  run(40s);
  BOOST_TEST((look(a, id).phase == transfer_phase::failed));
  BOOST_TEST((look(b, its.offers[0].id).phase == transfer_phase::cancelled)); // Its sender says so.
  BOOST_TEST(ask<actors::offer_answered>(b, actors::answer_offer{its.offers[0].id, true, "in/", {}}).error != "");
}

BOOST_FIXTURE_TEST_CASE(a_lost_link_interrupts_and_what_is_there_is_not_sent_again, two_nodes) {
  const auto data = content(60'000'000, 4);
  plant(a, "big", data);
  const auto id = offer(a, b, "big").value->id;
  BOOST_TEST_REQUIRE(eventually([&] { return look(a, id).bytes_done > 40'000'000; }, 1min));
  tell(a, actors::disconnect_peer{b.id});
  run(1s);
  BOOST_TEST((look(a, id).phase == transfer_phase::waiting));
  BOOST_TEST((only(b).phase == transfer_phase::waiting));
  BOOST_TEST(read(b, "in/big") == "(none)");
  const auto before = count(b).bytes_received;
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  BOOST_TEST(ends(a, id, transfer_phase::completed));
  BOOST_TEST((read(b, "in/big") == text_of(data)));
  BOOST_TEST(its.offers.size() == 1u); // Nobody was asked twice.
  BOOST_TEST(count(b).bytes_received - before < 30'000'000u);
  BOOST_TEST(leftovers(a) == "");
  BOOST_TEST(leftovers(b) == "");
  BOOST_TEST(look(a, id).retries == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_is_an_error_in_plain_words_and_the_transfer_goes_on_when_there_is_room, two_nodes) {
  const auto data = content(20'000'000, 5);
  plant(a, "big", data);
  const auto id = offer(a, b, "big").value->id;
  BOOST_TEST_REQUIRE(eventually([&] { return look(a, id).bytes_done > 2'000'000; }, 1min));
  b.host.files().set_full(true);
  run(1s);
  BOOST_TEST((look(a, id).phase == transfer_phase::waiting));
  BOOST_TEST(look(a, id).error.find("No space left on device") != std::string::npos, look(a, id).error);
  BOOST_TEST(only(b).error.find("No space left on device") != std::string::npos);
  run(20s);
  BOOST_TEST((look(a, id).phase == transfer_phase::waiting));
  b.host.files().set_full(false);
  BOOST_TEST(ends(a, id, transfer_phase::completed));
  BOOST_TEST((read(b, "in/big") == text_of(data)));
  BOOST_TEST(leftovers(b) == "");
}

BOOST_FIXTURE_TEST_CASE(no_room_at_all_is_known_before_anything_is_sent, two_nodes) {
  plant(a, "big", content(2'000'000, 5));
  b.host.files().set_capacity(1'000'000);
  const auto id = offer(a, b, "big").value->id;
  BOOST_TEST(ends(a, id, transfer_phase::failed));
  BOOST_TEST(look(a, id).error.find("not enough room") != std::string::npos, look(a, id).error);
  BOOST_TEST(leftovers(b) == "");
}

BOOST_FIXTURE_TEST_CASE(a_destination_on_another_file_system_is_copied_to_and_then_renamed, two_nodes) {
  b.host.files().mount("elsewhere");
  its.takes_into = "elsewhere/x.bin";
  const auto data = content(3'000'000, 6);
  plant(a, "x", data);
  send("x");
  BOOST_TEST((read(b, "elsewhere/x.bin") == text_of(data)));
  for (const auto& name : b.host.files().names())
    BOOST_TEST(name.find(".part") == std::string::npos, name);
}

BOOST_FIXTURE_TEST_CASE(a_peer_asks_for_files_and_the_handler_decides, two_nodes) {
  tell(a, actors::set_file_request_handler{clerks.front()});
  mine.decides_requests = true;
  mine.serves = {{"the file", "secret/f.bin"}, {"the tree", "secret"}};
  plant(a, "secret/f.bin", content(100'000, 7));
  const auto file = ask<actors::files_requested>(b, actors::request_files{a.id, "the file", "got/f", false, true});
  BOOST_TEST(file.error == "");
  BOOST_TEST(ends(b, file.value->id, transfer_phase::completed));
  BOOST_TEST((read(b, "got/f") == text_of(content(100'000, 7))));
  const auto tree = ask<actors::files_requested>(b, actors::request_files{a.id, "the tree", "got/tree", true, true});
  BOOST_TEST(tree.error == "");
  BOOST_TEST(ends(b, tree.value->id, transfer_phase::completed));
  BOOST_TEST((read(b, "got/tree/f.bin") == text_of(content(100'000, 7))));
  BOOST_TEST(its.offers.empty()); // What was asked for needs no second yes.
  const auto other = ask<actors::files_requested>(b, actors::request_files{a.id, "other", "got/o", false, true});
  BOOST_TEST(other.error.find("no") != std::string::npos);
  const auto wrong = ask<actors::files_requested>(b, actors::request_files{a.id, "the tree", "got/o", false, true});
  BOOST_TEST(wrong.error == "this is a directory");
  BOOST_TEST(mine.wanted.size() == 4u);
}

BOOST_FIXTURE_TEST_CASE(a_share_answers_requests_below_it_and_nothing_else, transfer_nodes) {
  auto& a = add([](actors::node_options& x) {
    over_tcp(x);
    x.transfers.share = "pub";
  });
  auto& b = add(over_tcp);
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  plant(a, "pub/docs/a.txt", to_bytes(as_bytes("public")));
  plant(a, "private/key", to_bytes(as_bytes("secret")));
  const auto want = [&](const std::string& path, bool directory) {
    return ask<actors::files_requested>(
      b, actors::request_files{a.id, path, "got/" + std::to_string(directory), directory, true});
  };
  const auto file = want("docs/a.txt", false);
  BOOST_TEST_REQUIRE(file.error == "");
  BOOST_TEST(ends(b, file.value->id, transfer_phase::completed));
  BOOST_TEST(read(b, "got/0") == "public");
  const auto all = want("", true);
  BOOST_TEST_REQUIRE(all.error == "");
  BOOST_TEST(ends(b, all.value->id, transfer_phase::completed));
  BOOST_TEST(read(b, "got/1/docs/a.txt") == "public");
  for (const auto* path :
    {"../private/key", "/private/key", "docs/../../private/key", "docs\\..\\..\\private\\key", "", "docs", "nothing"})
    BOOST_TEST(want(path, false).error != "", path);
  for (const auto* path : {"../private", "..", "/", "docs/a.txt"})
    if (std::string{path} != "/")
      BOOST_TEST(want(path, true).error != "", path);
  // B shares nothing.
  BOOST_TEST(ask<actors::files_requested>(a, actors::request_files{b.id, "x", "y", false, true}).error
    == "this node shares no files");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
