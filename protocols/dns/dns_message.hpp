// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/dns/dns_record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::protocols {

// RFC 1035 section 4.1:
//
//     u16  id
//     u16  flags      QR(15) opcode(14..11) AA(10) TC(9) RD(8) RA(7) ... rcode(3..0)
//     u16  questions  u16  answers  u16  authorities  u16  additionals
//     question:  name  u16 type  u16 class
//     record:    name  u16 type  u16 class  u32 ttl  u16 length  bytes[length]

constexpr std::size_t dns_header_size = 12;
/// The largest message, and what a multicast one may never exceed (RFC 6762 section 17).
constexpr std::size_t dns_message_max = 9000;
/// Pointers that are followed in one name. Upstream's limit is 10; a name has at most 127 labels, and no encoder in use
/// writes a pointer to more than a few others.
constexpr int dns_jumps_max = 16;
/// Bytes of names that one message may unfold to. Two bytes on the wire can be a name of 255, so that 9000 bytes of
/// pointers would become 190 KB of names; three times the largest message is far above what compression saves.
constexpr std::size_t dns_names_max = 3 * dns_message_max;

constexpr std::uint16_t dns_flag_response = 0x8000;
constexpr std::uint16_t dns_flag_authoritative = 0x0400;
constexpr std::uint16_t dns_flag_truncated = 0x0200;
constexpr std::uint16_t dns_opcode_mask = 0x7800;
constexpr std::uint16_t dns_rcode_mask = 0x000f;

enum class dns_section : std::uint8_t { answer, authority, additional };

struct dns_message {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::vector<dns_question> questions;
  std::vector<dns_record> answers;
  std::vector<dns_record> authorities;
  std::vector<dns_record> additionals;

  /// Records that were left out because their data was not what their type demands.
  std::size_t malformed = 0;
  /// The bytes ended, or lost their sense, before all announced records were read.
  bool cut = false;

  [[nodiscard]] bool is_response() const noexcept { return (flags & dns_flag_response) != 0; }
  [[nodiscard]] bool is_truncated() const noexcept { return (flags & dns_flag_truncated) != 0; }
  [[nodiscard]] std::vector<dns_record>& section(dns_section x) noexcept;
};

/// Reads a message. Header and questions must be whole, or it is refused: a question that is misread would be answered
/// wrongly. Of the records, one whose data is malformed is left out and counted, for its length says where the next one
/// begins; where a record's own name or header is malformed nothing after it can be found, and what came before is
/// kept. (RFC 1035 knows only "format error" for the whole, which has no place among multicast responses.) Bytes after
/// the last record are ignored.
///
/// Names: pointers go backwards only, at most `dns_jumps_max` of them. Counts in the header reserve nothing.
/// Errors: `too_large` (above `dns_message_max`), `truncated`, `bad_text` (a malformed name in a question).
result<dns_message> decode_dns(bytes_view in);

/// Writes one message up to a size. Names are compressed, also those in the data of PTR and SRV, as RFC 6762
/// section 18.14 allows; pointers lead to plain labels or to one more pointer per level of the name.
class dns_writer {
public:
  dns_writer(std::uint16_t id, std::uint16_t flags, std::size_t size_max = dns_message_max, bool compress = true);

  /// Appends one; false, and nothing changed, when it does not fit. Sections are filled in their order: questions,
  /// answers, authorities, additionals; anything else is refused too.
  bool add(const dns_question& x);
  bool add(dns_section where, const dns_record& x);

  /// Sets flags beside those given at first.
  void set_flags(std::uint16_t flags);

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  /// Questions and records so far.
  [[nodiscard]] std::size_t count() const noexcept;
  /// Hands out the message; the writer is spent.
  [[nodiscard]] bytes take();

private:
  template <class Write>
  bool append(std::size_t section, Write write);
  void put_u16(std::uint16_t x);
  void put_u32(std::uint32_t x);
  void put_name(const dns_name& x);
  void put_data(const dns_record& x);

  bytes out_;
  std::size_t size_max_;
  bool compress_;
  std::size_t section_ = 0; ///< 0: questions, 1 to 3: sections of records.
  std::array<std::uint16_t, 4> counts_{};
  /// Names and the ends of names that stand in the message, and where. Compared byte by byte, so that a name keeps its
  /// case.
  std::vector<std::pair<std::string, std::uint16_t>> names_;
};

/// Writes a whole message. Empty optional when it does not fit into `size_max`.
std::optional<bytes> encode_dns(const dns_message& x, std::size_t size_max = dns_message_max, bool compress = true);

} // namespace librats::protocols
