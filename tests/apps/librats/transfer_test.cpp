// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/test_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <tuple>

namespace librats::test {

namespace {

namespace fs = std::filesystem;

struct ended {
  std::string id;
  bool success = false;
  std::string error;
};

struct offered {
  std::string peer;
  FileMetadata what;
  std::string id;
};

/// `a` and `b`, connected, with folders; `b` takes what is offered into `to`, as `answer` says.
struct sharing_pair : client_pair {
  explicit sharing_pair(const std::string& name = "transfers") : from(name + "_from"), to(name + "_to") {
    for (auto* one : {&a, &b}) {
      FileTransferConfig config;
      config.temp_directory = to.of(one == &a ? "temp_a" : "temp_b");
      one->client.set_file_transfer_config(config);
    }
    a.client.on_file_transfer_completed(
      [this](const std::string& id, bool ok, const std::string& error) { a_ended.push({id, ok, error}); });
    b.client.on_file_transfer_completed(
      [this](const std::string& id, bool ok, const std::string& error) { b_ended.push({id, ok, error}); });
    connect();
  }
  ~sharing_pair() {
    a.client.stop();
    b.client.stop();
  }

  void accept_into(const std::string& place) {
    b.client.on_file_transfer_request([=](const std::string& peer, const FileMetadata& what, const std::string& id) {
      offers.push({peer, what, id});
      return b.client.accept_file_transfer(id, place);
    });
  }

  test_folder from;
  test_folder to;
  inbox<ended> a_ended;
  inbox<ended> b_ended;
  inbox<offered> offers;
};

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<char>((i * 2654435761u) >> 13);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfers)

BOOST_FIXTURE_TEST_CASE(a_file_arrives_whole_and_both_ends_are_told, sharing_pair) {
  const auto content = pattern(3'000'001);
  from.write("photo.png", content);
  accept_into(to.of("received.png"));
  inbox<FileTransferProgress> progress;
  b.client.on_file_transfer_progress([&](const FileTransferProgress& x) { progress.push(x); });
  const auto id = a.client.send_file(at_a.second, from.of("photo.png"));
  BOOST_TEST(id.size() >= 10u);
  const auto offer = offers.pop();
  BOOST_TEST(offer.peer == at_b.second);
  BOOST_TEST(offer.what.filename == "photo.png");
  BOOST_TEST(offer.what.file_size == content.size());
  BOOST_TEST(offer.what.mime_type == "image/png");
  BOOST_TEST(offer.what.last_modified > 1'600'000'000u);
  const auto at_sender = a_ended.pop();
  BOOST_TEST(at_sender.id == id);
  BOOST_TEST(at_sender.success);
  const auto at_receiver = b_ended.pop();
  BOOST_TEST(at_receiver.success);
  BOOST_TEST(at_receiver.id == offer.id);
  BOOST_TEST((to.read("received.png") == content));
  BOOST_TEST(FileTransferManager::calculate_file_checksum(to.of("received.png"))
             == FileTransferManager::calculate_file_checksum(from.of("photo.png")));
  FileTransferProgress last;
  while (progress.size() != 0)
    last = progress.pop();
  BOOST_TEST(last.bytes_transferred == content.size());
  BOOST_TEST(last.get_completion_percentage() == 100.0);
  BOOST_TEST(last.chunks_completed == last.total_chunks);
  BOOST_TEST(last.peer_id == at_b.second);
  BOOST_TEST((last.direction == FileTransferDirection::RECEIVING));
  const auto known = a.client.get_file_transfer_progress(id);
  BOOST_REQUIRE(known);
  BOOST_TEST((known->status == FileTransferStatus::COMPLETED));
  BOOST_TEST(known->local_path == from.of("photo.png"));
  const auto figures = a.client.get_file_transfer_statistics();
  BOOST_TEST(figures["total_bytes_transferred"] == content.size());
  BOOST_TEST(figures["completed_transfers"] == 1);
  BOOST_TEST(figures["active_transfers"] == 0);
  BOOST_TEST(figures["success_rate"] == 1.0);
  auto& manager = a.client.get_file_transfer_manager();
  BOOST_TEST(manager.get_transfer_history().size() == 1u);
  BOOST_TEST(manager.get_active_transfers().empty());
  manager.clear_transfer_history();
  BOOST_TEST(manager.get_transfer_history().empty());
}

BOOST_FIXTURE_TEST_CASE(a_tree_arrives_with_empty_files_and_directories, sharing_pair) {
  fs::create_directories(from.of("tree/deep/er"));
  fs::create_directories(from.of("tree/empty"));
  from.write("tree/a.txt", "a");
  from.write("tree/deep/er/b.bin", pattern(100'000));
  from.write("tree/deep/nothing", "");
  fs::create_symlink("a.txt", from.of("tree/link"));
  accept_into(to.of("copy"));
  const auto id = a.client.send_directory(at_a.second, from.of("tree"));
  const auto offer = offers.pop();
  BOOST_TEST(offer.what.filename == "tree");
  BOOST_TEST(offer.what.mime_type == "inode/directory");
  BOOST_TEST(offer.what.file_size == 100'001u);
  BOOST_TEST(b_ended.pop().success);
  BOOST_TEST(a_ended.pop().id == id);
  BOOST_TEST(to.read("copy/a.txt") == "a");
  BOOST_TEST((to.read("copy/deep/er/b.bin") == pattern(100'000)));
  BOOST_TEST(to.has("copy/deep/nothing"));
  BOOST_TEST(to.has("copy/empty"));
  BOOST_TEST(!to.has("copy/link"));
  const auto seen = FileTransferManager::get_directory_metadata(to.of("copy") + "/");
  BOOST_TEST(seen.directory_name == "copy");
  BOOST_TEST(seen.get_total_size() == 100'001u);
  BOOST_TEST(seen.get_total_file_count() == 3u);
  BOOST_TEST(FileTransferManager::get_directory_metadata(to.of("copy"), false).get_total_file_count() == 1u);
}

BOOST_FIXTURE_TEST_CASE(without_a_callback_or_with_a_no_nothing_is_taken, sharing_pair) {
  from.write("unwanted", "x");
  a.client.send_file(at_a.second, from.of("unwanted"));
  BOOST_TEST(!a_ended.pop().success);
  b.client.on_file_transfer_request(
    [](const std::string&, const FileMetadata&, const std::string&) { return false; });
  a.client.send_file(at_a.second, from.of("unwanted"));
  BOOST_TEST(!a_ended.pop().success);
  b.client.on_file_transfer_request([this](const std::string&, const FileMetadata&, const std::string& id) {
    b.client.reject_file_transfer(id, "no room for that");
    return false;
  });
  a.client.send_file(at_a.second, from.of("unwanted"));
  const auto out = a_ended.pop();
  BOOST_TEST(!out.success);
  BOOST_TEST(out.error.find("no room for that") != std::string::npos);
  b.client.on_file_transfer_request([](const std::string&, const FileMetadata&, const std::string&) -> bool {
    throw std::runtime_error{"this callback fails on purpose"};
  });
  a.client.send_file(at_a.second, from.of("unwanted"));
  BOOST_TEST(!a_ended.pop().success);
}

BOOST_FIXTURE_TEST_CASE(a_yes_alone_never_replaces_what_is_there, sharing_pair) {
  const std::string name = "librats_client_tests_yes_alone.txt";
  for (const auto& left : {name, std::string{"librats_client_tests_yes_alone (1).txt"}})
    fs::remove(left);
  std::ofstream{name} << "mine";
  from.write(name, "theirs");
  b.client.on_file_transfer_request([](const std::string&, const FileMetadata&, const std::string&) { return true; });
  a.client.send_file(at_a.second, from.of(name));
  BOOST_TEST(b_ended.pop().success);
  std::stringstream mine;
  mine << std::ifstream{name}.rdbuf();
  BOOST_TEST(mine.str() == "mine");
  std::stringstream theirs;
  theirs << std::ifstream{"librats_client_tests_yes_alone (1).txt"}.rdbuf();
  BOOST_TEST(theirs.str() == "theirs");
}

BOOST_FIXTURE_TEST_CASE(what_is_asked_for_is_sent_if_the_program_says_so, sharing_pair) {
  from.write("wanted.txt", "here it is");
  inbox<std::tuple<std::string, std::string>> asked;
  a.client.on_file_request([&](const std::string& peer, const std::string& path, const std::string&) {
    asked.push({peer, path});
    return path.find("secret") == std::string::npos;
  });
  from.write("secret.txt", "not for you");
  const auto id = b.client.request_file(at_b.second, from.of("wanted.txt"), to.of("got.txt"));
  BOOST_TEST(!id.empty());
  BOOST_TEST((asked.pop() == std::tuple{at_a.second, from.of("wanted.txt")}));
  BOOST_TEST(b_ended.pop().success);
  BOOST_TEST(to.read("got.txt") == "here it is");
  BOOST_TEST(b.client.request_file(at_b.second, from.of("secret.txt"), to.of("never.txt")) == "");
  asked.pop();
  // These are refused without asking the program.
  for (const auto* path : {"../outside", "/etc/hostname", "no such file", "a\\..\\b"})
    BOOST_TEST(b.client.request_file(at_b.second, path, to.of("never.txt")) == "");
  BOOST_TEST(asked.size() == 0u);
  BOOST_TEST(b.client.request_directory(at_b.second, from.path, to.of("never")) == ""); // No callback for that.
  BOOST_TEST(!to.has("never.txt"));
}

BOOST_FIXTURE_TEST_CASE(a_transfer_can_be_paused_resumed_and_cancelled, sharing_pair) {
  from.write("large", pattern(40'000'000));
  accept_into(to.of("large"));
  inbox<std::string> moving;
  b.client.on_file_transfer_progress([&](const FileTransferProgress& x) {
    if (x.bytes_transferred < x.total_bytes && moving.size() == 0) {
      BOOST_TEST(b.client.pause_file_transfer(x.transfer_id));
      moving.push(x.transfer_id);
    }
  });
  const auto id = a.client.send_file(at_a.second, from.of("large"));
  const auto at_b_id = moving.pop();
  BOOST_TEST((b.client.get_file_transfer_progress(at_b_id)->status == FileTransferStatus::PAUSED));
  BOOST_TEST(!b.client.pause_file_transfer(at_b_id));
  BOOST_TEST(b.client.get_active_file_transfers().size() == 1u);
  b.client.on_file_transfer_progress(nullptr);
  BOOST_TEST(b.client.resume_file_transfer(at_b_id));
  BOOST_TEST(b_ended.pop().success);
  BOOST_TEST(a_ended.pop().id == id);
  BOOST_TEST((to.read("large") == pattern(40'000'000)));
  BOOST_TEST(!b.client.cancel_file_transfer(at_b_id)); // Too late.

  inbox<offered> open;
  b.client.on_file_transfer_request([&](const std::string& peer, const FileMetadata& what, const std::string& offer) {
    open.push({peer, what, offer});
    return b.client.accept_file_transfer(offer, to.of("cancelled"));
  });
  b.client.on_file_transfer_progress([&](const FileTransferProgress& x) {
    if (x.bytes_transferred < x.total_bytes)
      b.client.cancel_file_transfer(x.transfer_id);
  });
  a.client.send_file(at_a.second, from.of("large"));
  BOOST_TEST(!b_ended.pop().success);
  BOOST_TEST(!a_ended.pop().success);
  BOOST_TEST(!to.has("cancelled"));
}

BOOST_FIXTURE_TEST_CASE(impossible_wishes_are_empty_or_false, sharing_pair) {
  auto& x = a.client;
  BOOST_TEST(x.send_file(at_a.second, from.of("no such file")) == "");
  BOOST_TEST(x.send_file(at_a.second, from.path) == "");
  BOOST_TEST(x.send_directory(at_a.second, from.of("no such folder")) == "");
  BOOST_TEST(x.send_file("nobody", from.of("no such file")) == "");
  BOOST_TEST(x.send_file(std::string(64, 'a'), from.of("no such file")) == "");
  BOOST_TEST(x.request_file("nobody", "a", "b") == "");
  for (const auto* id : {"", "x", "7", "12345678901234567890123", "-1"}) {
    BOOST_TEST(!x.accept_file_transfer(id, "b"));
    BOOST_TEST(!x.reject_file_transfer(id));
    BOOST_TEST(!x.pause_file_transfer(id));
    BOOST_TEST(!x.resume_file_transfer(id));
    BOOST_TEST(!x.cancel_file_transfer(id));
    BOOST_TEST(!x.get_file_transfer_progress(id));
    BOOST_TEST(!x.get_file_transfer_manager().retry_transfer(id));
  }
  RatsClient stopped{0};
  BOOST_TEST(stopped.send_file(at_a.second, from.of("x")) == "");
  BOOST_TEST(stopped.get_active_file_transfers().empty());
  BOOST_TEST(stopped.get_file_transfer_statistics()["active_transfers"] == 0);
  BOOST_TEST(FileTransferManager::validate_file_path("a/b.txt"));
  for (const auto* path : {"", "/a", "../a", "a/../b", "a\\b", "C:x", "con", "a/."})
    BOOST_TEST(!FileTransferManager::validate_file_path(path), path);
  BOOST_TEST(FileTransferManager::calculate_file_checksum(from.of("no such file")) == "");
  from.write("abc", "abc");
  BOOST_TEST(FileTransferManager::calculate_file_checksum(from.of("abc"))
             == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2, appendix B.1.
  BOOST_TEST(FileTransferManager::calculate_file_checksum(from.of("abc"), "md5") == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
