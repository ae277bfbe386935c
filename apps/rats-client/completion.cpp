// SPDX-License-Identifier: MIT
#include "apps/rats-client/completion.hpp"

#include "apps/rats-client/command.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

std::vector<std::string> command_names() {
  std::vector<std::string> out;
  for (const auto& one : all_commands())
    out.emplace_back(one.name);
  return out;
}

std::vector<std::string> words_for(argument_kind kind, const completion_words& words) {
  switch (kind) {
  case argument_kind::command: {
    auto out = command_names();
    for (auto& one : out)
      one.erase(0, 1);  // `/help peers` reads better, and both are understood.
    return out;
  }
  case argument_kind::peer: return words.peers;
  case argument_kind::type: return words.types;
  case argument_kind::channel: return words.channels;
  case argument_kind::topic: return words.topics;
  case argument_kind::level: return {"trace", "debug", "info", "warn", "error", "off"};
  case argument_kind::host: return {"localhost"};
  case argument_kind::change: return {"on", "off", "clear"};
  case argument_kind::action: return {"start", "stop"};
  case argument_kind::text:
  case argument_kind::name:
  case argument_kind::key:
  case argument_kind::port:
  case argument_kind::json: break;
  }
  return {};
}

/// The words that may stand where the last word of the line is.
std::vector<std::string> words_at_end(std::string_view line, const completion_words& words) {
  const auto first_blank = line.find_first_of(" \t");
  if (first_blank == std::string_view::npos)
    return command_names();
  const auto* info = find_command(line.substr(0, first_blank));
  if (info == nullptr)
    return {};
  std::size_t index = 0;  // Of the argument at the end.
  for (std::size_t i = first_blank + 1; i < line.size(); ++i)
    if (line[i] == ' ' && line[i - 1] != ' ')
      ++index;
  return index < info->arguments.size() ? words_for(info->arguments[index], words) : std::vector<std::string>{};
}

} // namespace

completion complete(std::string_view line, const completion_words& words) {
  completion out;
  if (line.empty() || line.front() != '/')
    return out;
  const auto last_blank = line.find_last_of(" \t");
  const auto word = last_blank == std::string_view::npos ? line : line.substr(last_blank + 1);
  for (auto& one : words_at_end(line, words))
    if (one.size() >= word.size() && std::equal(word.begin(), word.end(), one.begin()))
      out.candidates.push_back(std::move(one));
  std::sort(out.candidates.begin(), out.candidates.end());
  out.candidates.erase(std::unique(out.candidates.begin(), out.candidates.end()), out.candidates.end());
  if (out.candidates.empty())
    return out;
  const auto& first = out.candidates.front();
  const auto& last = out.candidates.back();  // Sorted: what these two share, all share.
  const auto common = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  out.insert.assign(first.begin() + static_cast<std::ptrdiff_t>(word.size()), common);
  if (out.candidates.size() == 1)
    out.insert += ' ';
  return out;
}

} // namespace librats::apps
