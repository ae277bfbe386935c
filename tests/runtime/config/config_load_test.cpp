// SPDX-License-Identifier: MIT
#include "runtime/config/config_load.hpp"

#include "tests/runtime/config/sample_schema.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::string_view_literals;
using strings = std::vector<std::string>;

struct folder_fixture {
  std::filesystem::path folder;

  folder_fixture() {
    auto pattern = (std::filesystem::temp_directory_path() / "rats-config-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~folder_fixture() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  folder_fixture(const folder_fixture&) = delete;
  folder_fixture& operator=(const folder_fixture&) = delete;

  [[nodiscard]] std::string write(std::string_view content) const {
    const auto path = folder / "test.ini";
    std::ofstream{path, std::ios::binary} << content;
    return path.string();
  }
};

BOOST_AUTO_TEST_SUITE(config_load_suite)

BOOST_AUTO_TEST_CASE(a_file_overrides_the_defaults) {
  using namespace std::chrono_literals;
  const auto values = values_of("[net]\nlisten = off\nport = 7001\nqueue = 2 MiB # twice as much\ntimeout = 250 s\n"
                                "bind = ::1\n[misc]\nmode = SAFE\ntitle = \" x \"\nfolder = /a b\noffset = -7\n");
  BOOST_TEST(!values.boolean("net", "listen"));
  BOOST_TEST(values.integer("net", "port") == 7001);
  BOOST_TEST(values.integer("net", "queue") == 2 * 1024 * 1024);
  BOOST_TEST((values.span("net", "timeout") == 250s));
  BOOST_TEST(values.text("net", "bind") == "::1");
  BOOST_TEST(values.text("misc", "mode") == "safe");
  BOOST_TEST(values.text("misc", "title") == " x ");
  BOOST_TEST(values.text("misc", "folder") == "/a b");
  BOOST_TEST(values.integer("misc", "offset") == -7);
}

BOOST_AUTO_TEST_CASE(the_command_line_overrides_the_file) {
  const auto values = values_of("[net]\nport = 1\nqueue = 2 MiB\n", {"--net.port", "2", "--misc.offset=-1"});
  BOOST_TEST(values.integer("net", "port") == 2);
  BOOST_TEST(values.integer("misc", "offset") == -1);
  BOOST_TEST(values.origin("net", "port").to_string() == "command line");
  BOOST_TEST(values.origin("net", "queue").to_string() == "x.ini:3");
  BOOST_TEST(values.origin("net", "listen").to_string() == "default");
}

BOOST_AUTO_TEST_CASE(a_repeated_key_fills_a_list_in_order) {
  const auto text = "[net]\npeer = a:1\npeer =\npeer = [::1]:2\n[misc]\ntag = x\n[net]\npeer = c:3\n"sv;
  const auto values = values_of(text);
  const auto& peers = values.endpoint_list("net", "peer");
  BOOST_REQUIRE(peers.size() == 3u);
  BOOST_TEST(peers[0].to_string() == "a:1");
  BOOST_TEST(peers[1].to_string() == "[::1]:2");
  BOOST_TEST(peers[2].to_string() == "c:3");
  BOOST_TEST(values.text_list("misc", "tag") == strings{"x"}, boost::test_tools::per_element());
  BOOST_TEST(values.origin("net", "peer").to_string() == "x.ini:2");
  const auto replaced = values_of(text, {"--net.peer", "d:4", "--net.peer=e:5", "--misc.tag="});
  BOOST_REQUIRE(replaced.endpoint_list("net", "peer").size() == 2u); // The command line replaces the whole list.
  BOOST_TEST(replaced.endpoint_list("net", "peer")[1].to_string() == "e:5");
  BOOST_TEST(replaced.text_list("misc", "tag").empty());
}

struct error_case {
  std::string_view text;
  std::string_view error;
};

BOOST_AUTO_TEST_CASE(every_mistake_names_file_line_key_and_what_is_accepted) {
  const error_case cases[] = {
    {"[nett]", "x.ini:1: there is no section [nett]; did you mean [net]?"},
    {"[Net]", "x.ini:1: there is no section [Net]; did you mean [net]?"},
    {"[storage]\nport = x\n", "x.ini:1: there is no section [storage]; accepted: net, misc"},
    {"[a\xe2\x80\xae"
     "b]",
      "x.ini:1: there is no section [a\\u{202e}b]; accepted: net, misc"},
    {"[net]\nprot = 1", "x.ini:2: net.prot: there is no key \"prot\" in [net]; did you mean \"port\"?"},
    {"[net]\nPort = 1", "x.ini:2: net.Port: there is no key \"Port\" in [net]; did you mean \"port\"?"},
    {"[net]\nnet.port = 1", "x.ini:2: net.net.port: there is no key \"net.port\" in [net]; did you mean \"port\"?"},
    {"[misc]\nport = 1", "x.ini:2: misc.port: there is no key \"port\" in [misc]; did you mean \"port\" in [net]?"},
    {"[misc]\nzzzzzz = 1",
      "x.ini:2: misc.zzzzzz: there is no key \"zzzzzz\" in [misc]; accepted: mode, title, folder, tag, offset, token"},
    {"[net]\nport = x", "x.ini:2: net.port: \"x\" is not a whole number; accepted: a whole number from 0 to 65535"},
    {"[net]\nport =", "x.ini:2: net.port: \"\" is not a whole number; accepted: a whole number from 0 to 65535"},
    {"[net]\nport = 70000", "x.ini:2: net.port: \"70000\" is out of range; accepted: a whole number from 0 to 65535"},
    {"[net]\nport = 1 2", "x.ini:2: net.port: \"1 2\" is not a whole number; accepted: a whole number from 0 to 65535"},
    {"[net]\ntimeout = 15",
      "x.ini:2: net.timeout: \"15\" has no unit; accepted: a time in ms, s, min or h from 1 s to 5 min"},
    {"[net]\nqueue = 64 KB",
      "x.ini:2: net.queue: \"64 KB\" has an unknown unit; accepted: a size in B, KiB, MiB or GiB from 1 KiB to 1 GiB"},
    {"[net]\nlisten = maybe", "x.ini:2: net.listen: \"maybe\" is neither true nor false; accepted: true or false"},
    {"[net]\nbind = localhost",
      "x.ini:2: net.bind: \"localhost\" is not an IP address; accepted: an IPv4 or IPv6 address, or nothing"},
    {"[net]\npeer = host",
      "x.ini:2: net.peer: \"host\" has no port; accepted: host:port or [IPv6]:port; may be repeated"},
    {"[misc]\nmode = quick", "x.ini:2: misc.mode: \"quick\" is not one of the accepted words; accepted: fast or safe"},
    {"[misc]\ntitle =", "x.ini:2: misc.title: \"\" is too short; accepted: text of 1 to 40 bytes"},
    {"[misc]\ntitle = a\tb", "x.ini:2: misc.title: \"a\\tb\" has a control character; accepted: text of 1 to 40 bytes"},
    {"[net]\nport = 1\n\nport = 2", "x.ini:4: net.port: is set twice, on line 2 and on line 4; keep one"},
    {"[net]\nport = 1\n[misc]\n[net]\nport = 1", "x.ini:5: net.port: is set twice, on line 2 and on line 5; keep one"},
    {"[misc]\ntoken = 01234567890123456789012345678901234567891",
      "x.ini:2: misc.token: the value is too long; accepted: text of 0 to 40 bytes"}, // A secret is not repeated.
    {"port = 1\n[net]", "x.ini:1: \"port = 1\" stands before the first section; begin with a header such as [node]"},
    {"[net\nport = x", "x.ini:1: \"[net\" has no closing bracket; write [name]"},
    {"[net]\nport 7", "x.ini:2: \"port 7\" has no '='; write key = value"},
    {"[net]\nbind = \"x", "x.ini:2: net.bind: the value has no closing quote"},
    {"[net]\n\xff", "x.ini:2: the byte \\xff at position 1 is not UTF-8; save the file as UTF-8 text"},
    {"[net]\n\0"sv, "x.ini:2: there is a NUL byte at position 1; a configuration is UTF-8 text"},
  };
  for (const auto& c : cases) {
    const auto errors = errors_of(c.text);
    BOOST_TEST_CONTEXT("text: " << c.text) {
      BOOST_REQUIRE(errors.size() == 1u);
      BOOST_TEST(errors[0] == c.error);
    }
  }
}

BOOST_AUTO_TEST_CASE(all_mistakes_of_file_and_command_line_are_reported_in_order) {
  const auto errors =
    errors_of("junk\n[net]\nport = 70000\nport = 1\nprot = 2\n[oops]\nx = 1\n[misc]\nmode\nmode = x\n",
      {"--net.timeout", "1 h", "--net.queue=1", "--net.queue=2", "--nope"});
  const strings expected = {
    "x.ini:1: \"junk\" stands before the first section; begin with a header such as [node]",
    "x.ini:3: net.port: \"70000\" is out of range; accepted: a whole number from 0 to 65535",
    "x.ini:4: net.port: is set twice, on line 3 and on line 4; keep one",
    "x.ini:5: net.prot: there is no key \"prot\" in [net]; did you mean \"port\"?",
    "x.ini:6: there is no section [oops]; accepted: net, misc",
    "x.ini:9: \"mode\" has no '='; write key = value",
    "x.ini:10: misc.mode: \"x\" is not one of the accepted words; accepted: fast or safe",
    "command line: there is no option --nope; see --help",
    "command line: net.timeout: \"1 h\" is out of range; accepted: a time in ms, s, min or h from 1 s to 5 min",
    "command line: net.queue: \"1\" is out of range; accepted: a size in B, KiB, MiB or GiB from 1 KiB to 1 GiB",
    "command line: net.queue: is given twice; keep one",
  };
  BOOST_TEST(errors == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_flood_of_mistakes_is_cut) {
  std::string text = "[net]\n";
  for (int i = 0; i < 5000; ++i)
    text += "x\n";
  const auto errors = errors_of(text);
  BOOST_REQUIRE(errors.size() == config_errors_max + 1);
  BOOST_TEST(errors.back() == "x.ini: has 4900 more mistakes");
}

BOOST_AUTO_TEST_CASE(a_foreign_value_is_shortened_and_escaped_in_its_error) {
  const auto errors = errors_of("[net]\nport = \xe2\x80\xae" + std::string(5000, 'x'));
  BOOST_REQUIRE(errors.size() == 1u);
  BOOST_TEST(errors[0].find("\"\\u{202e}xxxx") != std::string::npos);
  BOOST_TEST(errors[0].find("x...\" is not a whole number") != std::string::npos);
  BOOST_TEST(errors[0].size() < 250u);
}

BOOST_AUTO_TEST_CASE(help_and_version_hide_every_mistake) {
  for (const auto* flag : {"--help", "-h", "--version"}) {
    const auto loaded = load_config(sample_schema(), {"--nope", flag, "--config", "/does/not/exist"});
    BOOST_TEST(loaded.ok());
    BOOST_TEST((loaded.help || loaded.version));
  }
}

BOOST_AUTO_TEST_CASE(checks_across_keys_run_only_when_every_key_is_fine) {
  auto schema = sample_schema();
  schema.add_check([](const config_values& values) {
    std::vector<config_error> out;
    if (values.integer("net", "port") == 0)
      out.push_back({"check", 0, "net.port", "is zero"});
    return out;
  });
  BOOST_TEST(to_string(load_config(schema, {}).errors) == "check: net.port: is zero\n");
  BOOST_TEST(load_config(schema, {"--net.port=1"}).ok());
  BOOST_TEST(load_config(schema, {"--misc.mode=x"}).errors.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(the_named_file_is_read, folder_fixture) {
  const auto path = write("\xef\xbb\xbf[net]\r\nport = 7\r\n");
  const auto loaded = load_config(sample_schema(), {"--config", path, "--print-config"});
  BOOST_REQUIRE_MESSAGE(loaded.ok(), to_string(loaded.errors));
  BOOST_TEST(loaded.file == path);
  BOOST_TEST(loaded.print_config);
  BOOST_TEST(loaded.values.integer("net", "port") == 7);
  BOOST_TEST(loaded.values.origin("net", "port").to_string() == path + ":2");
}

BOOST_FIXTURE_TEST_CASE(an_empty_file_is_fine, folder_fixture) {
  BOOST_TEST(load_config(sample_schema(), {"--config", write("")}).ok());
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_read_is_an_error_beside_the_others, folder_fixture) {
  const auto errors = [&](const std::string& path) {
    return to_string(load_config(sample_schema(), {"--config", path, "--net.port", "x"}).errors);
  };
  const std::string hint = "; name a readable INI file with --config FILE\n";
  const std::string port =
    "command line: net.port: \"x\" is not a whole number; accepted: a whole number from 0 to 65535\n";
  const auto missing = (folder / "missing.ini").string();
  BOOST_TEST(errors(missing) == missing + ": cannot be read: No such file or directory" + hint + port);
  BOOST_TEST(errors(folder.string()) == folder.string() + ": cannot be read: it is a directory" + hint + port);
  const auto below_file = write("") + "/x";
  BOOST_TEST(errors(below_file) == below_file + ": cannot be read: Not a directory" + hint + port);
  if (::geteuid() == 0) {
    BOOST_TEST_MESSAGE("not checked: root may read every file");
    return;
  }
  const auto locked = write("[net]\n");
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  BOOST_TEST(errors(locked) == locked + ": cannot be read: Permission denied" + hint + port);
}

BOOST_FIXTURE_TEST_CASE(a_file_may_be_long_but_not_too_long, folder_fixture) {
  std::string text = "[net]\nport = 7\n";
  while (text.size() + 100 < config_file_bytes_max)
    text += "#" + std::string(98, 'x') + "\n";
  text.resize(config_file_bytes_max, '\n');
  BOOST_TEST(load_config(sample_schema(), {"--config", write(text)}).ok());
  const auto path = write(text + "\n");
  const auto error = path + ": the file is too long; accepted are at most 1048576 bytes\n";
  BOOST_TEST(to_string(load_config(sample_schema(), {"--config", path}).errors) == error);
}

BOOST_FIXTURE_TEST_CASE(a_binary_file_is_refused_without_harm, folder_fixture) {
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200'000; ++i, x = x * 1664525u + 1013904223u)
    noise += static_cast<char>(x >> 24);
  const auto loaded = load_config(sample_schema(), {"--config", write(noise)});
  BOOST_TEST(loaded.errors.size() == config_errors_max + 1);
  for (const auto& error : loaded.errors)
    BOOST_TEST(error.to_string().size() < 400u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
