// SPDX-License-Identifier: MIT
#include "apps/rats-client/room_text.hpp"

#include "protocols/typed/typed_json.hpp"
#include "runtime/log/escape.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace librats::apps {

namespace {

/// Of one foreign message on the screen.
constexpr std::size_t shown_bytes_max = 4096;
constexpr std::size_t shown_binary_max = 32;
/// Of a room's name in front of a line.
constexpr std::size_t mark_bytes_max = 40;

constexpr std::size_t id_digits = 4;
constexpr std::size_t short_id_digits = 8;

std::string shown_data(std::string_view data) {
  if (runtime::find_malformed_utf8(data) == std::string_view::npos)
    return runtime::escaped(data, shown_bytes_max);
  return std::to_string(data.size()) + " bytes " + to_hex(as_bytes(data.substr(0, shown_binary_max)))
    + (data.size() > shown_binary_max ? "..." : "");
}

} // namespace

bool is_nick(std::string_view text) {
  if (text.empty() || text.size() > nick_bytes_max || runtime::escaped(text) != text
    || text.find_first_of(" \t\\:~?[]") != std::string_view::npos)
    return false;
  const bool hex = std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  return !hex || text.size() != short_id_digits;
}

std::string nick_rule(std::string_view text) {
  return "\"" + runtime::escaped(text, 80) + "\" is no name; accepted: up to " + std::to_string(nick_bytes_max)
    + " bytes without blanks and without : ~ ? [ ] \\, and no 8 hex digits";
}

std::string chat_json(const std::string& nick, const std::string& text) {
  nlohmann::ordered_json out;
  if (!nick.empty())
    out["nick"] = nick;
  out["text"] = text;
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

chat_line read_chat(std::string_view data) {
  const auto value = protocols::parse_json(data);
  const auto text_at = [&](const char* key) -> const std::string* {
    if (!value || !value->is_object())
      return nullptr;
    const auto found = value->find(key);
    return found != value->end() ? found->get_ptr<const std::string*>() : nullptr;
  };
  const auto* text = text_at("text");
  if (text == nullptr)
    return {false, {}, shown_data(data)};
  const auto* nick = text_at("nick");
  return {true, nick != nullptr && is_nick(*nick) ? *nick : std::string{}, runtime::escaped(*text, shown_bytes_max)};
}

// -- names ------------------------------------------------------------------------------------------------------------

void nick_table::set_own(const peer_id& self, const std::string& nick) {
  forget(self_);
  self_ = self;
  if (nick.empty())
    return;
  owners_[nick] = self;
  nicks_[self] = nick;
}

std::string nick_table::note(const peer_id& author, const std::string& nick) {
  if (nick.empty() || author == self_)
    return name(author);
  const auto known = nicks_.find(author);
  if (known != nicks_.end() && known->second == nick)
    return name(author);
  if (known != nicks_.end())
    forget(author);
  else if (nicks_.size() >= authors_max)
    set_own(self_, clear());
  nicks_[author] = nick;
  owners_.emplace(nick, author);
  return name(author);
}

void nick_table::forget(const peer_id& author) {
  const auto known = nicks_.find(author);
  if (known == nicks_.end())
    return;
  const auto owner = owners_.find(known->second);
  if (owner != owners_.end() && owner->second == author)
    owners_.erase(owner);
  nicks_.erase(known);
}

/// Returns our own nick.
std::string nick_table::clear() {
  const auto own = nicks_.find(self_);
  auto out = own != nicks_.end() ? own->second : std::string{};
  nicks_.clear();
  owners_.clear();
  return out;
}

std::string nick_table::name(const peer_id& author) const {
  const auto found = nicks_.find(author);
  if (found == nicks_.end())
    return author.short_string();
  const auto owner = owners_.find(found->second);
  if (owner != owners_.end() && owner->second == author)
    return found->second;
  return found->second + "~" + author.to_string().substr(0, id_digits);
}

// -- lines ------------------------------------------------------------------------------------------------------------

std::string room_mark(std::string_view room) {
  return "[" + runtime::escaped(room, mark_bytes_max) + "]";
}

std::string room_line(
  std::string_view room, const std::string& name, protocols::authorship sure, const std::string& text) {
  return room_mark(room) + " " + name + (sure == protocols::authorship::claimed ? "?: " : ": ") + text;
}

} // namespace librats::apps
