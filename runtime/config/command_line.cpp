// SPDX-License-Identifier: MIT
#include "runtime/config/command_line.hpp"

#include "runtime/config/config_load.hpp"
#include "runtime/config/edit_distance.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <sstream>
#include <string_view>
#include <utility>

namespace librats::runtime {
namespace {

namespace po = boost::program_options;

const char* placeholder(config_kind kind) noexcept {
  switch (kind) {
  case config_kind::boolean: return "BOOL";
  case config_kind::integer: return "N";
  case config_kind::size: return "SIZE";
  case config_kind::span: return "TIME";
  case config_kind::share: return "SHARE";
  case config_kind::word: return "WORD";
  case config_kind::path: return "PATH";
  case config_kind::address: return "ADDRESS";
  case config_kind::endpoint_list: return "HOST:PORT";
  case config_kind::text:
  case config_kind::text_list: break;
  }
  return "TEXT";
}

std::string describe(const config_key& key) {
  auto out = concat(key.help, ".\nAccepted: ", describe_accepted(key.rule), ".");
  if (key.secret || key.rule.repeatable())
    return out;
  const auto fallback = format_value(key.rule, key.fallback).front();
  return out + concat(" Default: ", fallback.empty() ? "empty" : fallback, ".");
}

/// The same description parses the command line and lays out the help.
po::options_description describe_options(const config_schema& schema) {
  constexpr unsigned description_columns = config_help_columns * 6 / 10;
  po::options_description out{"", config_help_columns, description_columns};
  po::options_description general{"Options", config_help_columns, description_columns};
  general.add_options()("help,h", "Print this text and exit.");
  general.add_options()("version", "Print the version and exit.");
  general.add_options()("config", po::value<std::string>()->value_name("FILE"), "Read this INI file.");
  general.add_options()("print-config", "Print the effective configuration as an INI file and exit.");
  out.add(general);
  for (const auto& section : schema.sections()) {
    po::options_description group{
      concat("[", section.name, "] ", section.title), config_help_columns, description_columns};
    for (const auto& key : schema.keys())
      if (key.section == section.name)
        group.add_options()(key.full_name().c_str(), po::value<std::string>()->value_name(placeholder(key.rule.kind)),
          describe(key).c_str());
    out.add(group);
  }
  return out;
}

class parser {
public:
  explicit parser(const config_schema& schema) : schema_(schema) {}

  command_line run(const std::vector<std::string>& arguments) {
    try {
      const auto options = describe_options(schema_);
      using style = po::command_line_style::style_t;
      constexpr int accepted = style::allow_long | style::long_allow_adjacent | style::long_allow_next
        | style::allow_short | style::allow_dash_for_short | style::short_allow_next;
      const auto parsed =
        po::command_line_parser(prepared(arguments)).options(options).style(accepted).allow_unregistered().run();
      for (const auto& option : parsed.options)
        take(option);
    } catch (const std::exception& cause) {
      fail({}, escaped(cause.what()));
    }
    return std::move(out_);
  }

private:
  /// Program_options throws at the first missing or needless value, takes a following option for a value, and refuses
  /// `--key=`. So such options are reported and taken out here, and `--key=` becomes the empty value that it means.
  std::vector<std::string> prepared(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto& token = arguments[i];
      if (token == "--") {
        out.insert(out.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
        break;
      }
      const auto equals = token.find('=');
      if (equals != std::string::npos && is_flag(token.substr(0, equals)))
        fail({}, concat("the option ", token.substr(0, equals), " takes no value"));
      else if (!wants_value(token.substr(0, equals))) {
        out.push_back(token);
      } else if (equals != std::string::npos) {
        out.push_back(equals + 1 == token.size() ? token.substr(0, equals) : token);
        if (equals + 1 == token.size())
          out.emplace_back();
      } else if (i + 1 == arguments.size() || arguments[i + 1].rfind("--", 0) == 0) {
        const auto* key = find_key(token.substr(2));
        fail(token.substr(2),
          concat("needs a value", key == nullptr ? ": the INI file to read" : "; accepted: ",
            key == nullptr ? std::string{} : describe_accepted(key->rule)));
      } else {
        out.push_back(token);
        out.push_back(arguments[++i]);
      }
    }
    return out;
  }

  static bool is_flag(std::string_view token) noexcept {
    return token == "--help" || token == "--version" || token == "--print-config";
  }

  [[nodiscard]] bool wants_value(std::string_view token) const {
    return token == "--config" || (token.substr(0, 2) == "--" && find_key(token.substr(2)) != nullptr);
  }

  [[nodiscard]] const config_key* find_key(std::string_view full_name) const {
    const auto dot = full_name.find('.');
    if (dot == std::string_view::npos)
      return nullptr;
    return schema_.find(full_name.substr(0, dot), full_name.substr(dot + 1));
  }

  void take(const po::option& option) {
    const auto& token = option.original_tokens.front();
    const bool follows_unknown = std::exchange(after_unknown_, false);
    if (option.string_key.empty()) {
      if (!follows_unknown) // Else it is the value of the unknown option.
        fail({}, concat("unexpected argument \"", escaped(token, 80), "\"; see --help"));
    } else if (option.unregistered) {
      after_unknown_ = token.find('=') == std::string::npos;
      fail_unknown(std::string_view{token}.substr(0, token.find('=')));
    } else if (option.string_key == "help") {
      out_.help = true;
    } else if (option.string_key == "version") {
      out_.version = true;
    } else if (option.string_key == "print-config") {
      out_.print_config = true;
    } else if (option.string_key == "config") {
      take_config_file(option.value.front());
    } else {
      out_.assignments.push_back({find_key(option.string_key), option.value.front()});
    }
  }

  void take_config_file(const std::string& path) {
    if (path.empty())
      return fail("config", "needs a value: the INI file to read");
    if (!out_.config_file.empty())
      return fail("config", "is given twice; name one file");
    out_.config_file = path;
  }

  void fail_unknown(std::string_view token) {
    const auto name = token.substr(std::min(token.find_first_not_of('-'), token.size()));
    std::string suggestion = "; see --help";
    if (const auto* nearest = schema_.nearest_key({}, name))
      suggestion = concat("; did you mean --", nearest->full_name(), "?");
    for (const auto* flag : {"help", "version", "config", "print-config"})
      if (is_slip(edit_distance(name, flag), name))
        suggestion = concat("; did you mean --", flag, "?");
    fail({}, concat("there is no option ", escaped(token, 80), suggestion));
  }

  void fail(std::string key, std::string sentence) {
    out_.errors.push_back({command_line_name, 0, std::move(key), std::move(sentence)});
  }

  const config_schema& schema_;
  command_line out_;
  bool after_unknown_ = false;
};

} // namespace

command_line parse_command_line(const config_schema& schema, const std::vector<std::string>& arguments) {
  return parser{schema}.run(arguments);
}

std::string help_text(const config_schema& schema) {
  std::ostringstream options;
  options << describe_options(schema);
  std::istringstream lines{options.str()};
  auto out = concat(schema.program(), ": ", schema.purpose(), "\n\nUsage: ", schema.program(),
    " [--config FILE] [--section.key VALUE]...\n\n"
    "Every key below can also stand in the INI file, as \"key = value\" under its [section]. The command\n"
    "line wins. A unit may follow its number directly: 15s, 8MiB.\n");
  for (std::string line; std::getline(lines, line);) // Program_options leaves blanks at the ends of lines.
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  return out;
}

} // namespace librats::runtime
