// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/gossip_event.hpp"

#include <map>
#include <string>
#include <string_view>

namespace librats::apps {

// What people say to each other in a topic. On the wire it is a JSON object, {"nick":"anna","text":"hello"}, of which
// `nick` may be missing; whatever else others publish is shown as it is.

/// Bytes of a nick.
constexpr std::size_t nick_bytes_max = 32;

/// Whether somebody may be called so: 1 to 32 bytes of printable UTF-8 without blanks and without `: ~ ? [ ] \`, which
/// would make lines look like others; nor eight hex digits, which are how nameless peers are shown.
[[nodiscard]] bool is_nick(std::string_view text);

/// What to say of a text that is none.
[[nodiscard]] std::string nick_rule(std::string_view text);

/// What goes on the wire. An empty nick is left out, malformed UTF-8 replaced.
[[nodiscard]] std::string chat_json(const std::string& nick, const std::string& text);

struct chat_line {
  bool is_chat = false;
  std::string nick; ///< Empty when there is none, or none that `is_nick`.
  std::string text; ///< Fit for the screen.
};

/// Reads what somebody published. Whatever is no chat is shown as text, or as hex digits when it is no UTF-8.
[[nodiscard]] chat_line read_chat(std::string_view data);

/// Who is called how. A nick belongs to the first author who came with it; others who use it get four digits of their
/// id behind it. When there are too many, all names are forgotten, and come anew with what their owners say.
class nick_table {
public:
  /// So many are remembered.
  static constexpr std::size_t authors_max = 4096;

  /// Our own, which nobody else gets.
  void set_own(const peer_id& self, const std::string& nick);
  /// How this author is shown from now on; an empty nick changes nothing.
  std::string note(const peer_id& author, const std::string& nick);
  /// The nick, or the short id of who has none.
  [[nodiscard]] std::string name(const peer_id& author) const;

private:
  void forget(const peer_id& author);
  std::string clear();

  peer_id self_;
  std::map<peer_id, std::string> nicks_;
  std::map<std::string, peer_id, std::less<>> owners_;
};

/// `[room] name: text`. A name that only a relay vouches for has a question mark.
[[nodiscard]] std::string room_line(
  std::string_view room, const std::string& name, protocols::authorship sure, const std::string& text);

/// `[room]`, cut to what fits in front of a line.
[[nodiscard]] std::string room_mark(std::string_view room);

} // namespace librats::apps
