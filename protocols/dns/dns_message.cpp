// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_message.hpp"

#include "protocols/core/byte_reader.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr std::uint8_t pointer_bits = 0xc0;
constexpr std::size_t pointer_target_max = 0x3fff;

// -- reading ----------------------------------------------------------------------------------------------------------

/// Walks over one message. What is read with a limit ends there although the message goes on.
class message_reader {
public:
  explicit message_reader(bytes_view in) noexcept : all_(in), end_(in.size()) {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  void go_to(std::size_t at) noexcept { at_ = at; }
  void limit(std::size_t end) noexcept { end_ = end; }
  void unlimit() noexcept { end_ = all_.size(); }
  [[nodiscard]] std::size_t remaining() const noexcept { return end_ - at_; }

  /// Reads `size` bytes; false when there are fewer.
  bool take(std::size_t size, bytes_view& out) noexcept {
    byte_reader in{all_.subspan(at_, remaining())};
    out = in.take(size);
    if (!in.ok())
      return false;
    at_ += size;
    return true;
  }

  bool u16(std::uint16_t& out) noexcept {
    bytes_view raw;
    if (!take(2, raw))
      return false;
    out = byte_reader{raw}.u16();
    return true;
  }

  bool u32(std::uint32_t& out) noexcept {
    bytes_view raw;
    if (!take(4, raw))
      return false;
    out = byte_reader{raw}.u32();
    return true;
  }

  /// Reads a name with its pointers. The part before the first pointer must lie within the limit.
  bool name(dns_name& out) {
    dns_name x;
    std::size_t at = at_;
    std::size_t end = end_;
    std::size_t earliest = at_; // Each pointer leads further back, so there is no way round in a circle.
    int jumps = 0;
    while (true) {
      if (at >= end)
        return false;
      const auto length = all_[at];
      if ((length & pointer_bits) == pointer_bits) {
        if (at + 2 > end)
          return false;
        const auto target = static_cast<std::size_t>(length & ~pointer_bits) << 8 | all_[at + 1];
        if (jumps == 0)
          at_ = at + 2;
        if (target >= earliest || target < dns_header_size || ++jumps > dns_jumps_max)
          return false;
        at = earliest = target;
        end = all_.size();
        continue;
      }
      if ((length & pointer_bits) != 0 || at + 1 + length > end)
        return false; // 0x40 and 0x80: extended labels, which nobody uses (RFC 6891 section 5).
      if (length == 0) {
        if (jumps == 0)
          at_ = at + 1;
        break;
      }
      if (!x.append(as_text(all_.subspan(at + 1, length))))
        return false;
      at += 1 + std::size_t{length};
    }
    unfolded_ += x.wire_size();
    if (unfolded_ > dns_names_max)
      return false;
    out = std::move(x);
    return true;
  }

private:
  bytes_view all_;
  std::size_t at_ = 0;
  std::size_t end_;
  std::size_t unfolded_ = 0;
};

bool read_address(message_reader& in, std::size_t size, dns_data& out) {
  bytes_view raw;
  if (in.remaining() != size || !in.take(size, raw))
    return false;
  const auto address = ip_address::from_bytes(raw);
  if (!address)
    return false;
  if (address->is_v4() != (size == 4))
    out = dns_raw{to_bytes(raw)}; // An IPv4-mapped AAAA, which means nothing on a link.
  else
    out = dns_address{*address};
  return true;
}

bool read_srv(message_reader& in, dns_data& out) {
  dns_srv x;
  if (!in.u16(x.priority) || !in.u16(x.weight) || !in.u16(x.port) || !in.name(x.target))
    return false;
  out = std::move(x);
  return true;
}

bool read_txt(message_reader& in, dns_data& out) {
  dns_txt x;
  bytes_view raw;
  while (in.remaining() > 0) {
    if (!in.take(1, raw) || !in.take(raw[0], raw))
      return false;
    x.strings.emplace_back(as_text(raw));
  }
  if (x.strings.empty())
    x.strings.emplace_back(); // No data at all counts as one empty string (RFC 6763 section 6.1).
  out = std::move(x);
  return true;
}

bool read_nsec(message_reader& in, dns_data& out) {
  dns_nsec x;
  if (!in.name(x.next))
    return false;
  bytes_view raw;
  int last_window = -1;
  while (in.remaining() > 0) {
    if (!in.take(2, raw))
      return false;
    const int window = raw[0];
    const std::size_t size = raw[1];
    if (window <= last_window || size == 0 || size > 32 || !in.take(size, raw))
      return false;
    last_window = window;
    for (std::size_t bit = 0; bit < size * 8; ++bit)
      if ((raw[bit / 8] & 0x80 >> bit % 8) != 0)
        x.types.push_back(static_cast<std::uint16_t>(static_cast<std::size_t>(window) << 8 | bit));
  }
  out = std::move(x);
  return true;
}

/// Reads the data up to the limit of `in`; false when it is not what the type demands.
bool read_data(message_reader& in, dns_record& x) {
  bool ok = true;
  switch (x.type) {
  case dns_type::a: ok = read_address(in, 4, x.data); break;
  case dns_type::aaaa: ok = read_address(in, 16, x.data); break;
  case dns_type::ptr: {
    dns_ptr data;
    ok = in.name(data.target);
    x.data = std::move(data);
    break;
  }
  case dns_type::srv: ok = read_srv(in, x.data); break;
  case dns_type::txt: ok = read_txt(in, x.data); break;
  case dns_type::nsec: ok = read_nsec(in, x.data); break;
  default: {
    bytes_view raw;
    ok = in.take(in.remaining(), raw);
    x.data = dns_raw{to_bytes(raw)};
  }
  }
  return ok && in.remaining() == 0;
}

/// Reads the part of a record before its data and the length of that; false when it is not there.
bool read_head(message_reader& in, dns_record& x, std::uint16_t& length) {
  std::uint16_t type = 0;
  if (!in.name(x.name) || !in.u16(type) || !in.u16(x.klass) || !in.u32(x.ttl) || !in.u16(length))
    return false;
  x.type = static_cast<dns_type>(type);
  if (x.type != dns_type::opt) {
    x.cache_flush = (x.klass & dns_class_top_bit) != 0;
    x.klass = static_cast<std::uint16_t>(x.klass & ~dns_class_top_bit);
  }
  return length <= in.remaining();
}

void read_records(message_reader& in, std::uint16_t count, std::vector<dns_record>& out, dns_message& message) {
  for (unsigned i = 0; i < count && !message.cut; ++i) {
    dns_record x;
    std::uint16_t length = 0;
    if (!read_head(in, x, length)) {
      message.cut = true;
      return;
    }
    const auto end = in.at() + length;
    in.limit(end);
    if (read_data(in, x))
      out.push_back(std::move(x));
    else
      ++message.malformed;
    in.unlimit();
    in.go_to(end);
  }
}

} // namespace

std::vector<dns_record>& dns_message::section(dns_section x) noexcept {
  return x == dns_section::answer ? answers : x == dns_section::authority ? authorities : additionals;
}

result<dns_message> decode_dns(bytes_view in) {
  if (in.size() > dns_message_max)
    return wire_errc::too_large;
  message_reader reader{in};
  dns_message out;
  std::array<std::uint16_t, 4> counts{};
  if (!reader.u16(out.id) || !reader.u16(out.flags))
    return wire_errc::truncated;
  for (auto& count : counts)
    if (!reader.u16(count))
      return wire_errc::truncated;
  for (unsigned i = 0; i < counts[0]; ++i) {
    dns_question x;
    std::uint16_t type = 0;
    if (reader.remaining() == 0)
      return wire_errc::truncated;
    if (!reader.name(x.name))
      return wire_errc::bad_text;
    if (!reader.u16(type) || !reader.u16(x.klass))
      return wire_errc::truncated;
    x.type = static_cast<dns_type>(type);
    x.unicast_response = (x.klass & dns_class_top_bit) != 0;
    x.klass = static_cast<std::uint16_t>(x.klass & ~dns_class_top_bit);
    out.questions.push_back(std::move(x));
  }
  read_records(reader, counts[1], out.answers, out);
  read_records(reader, counts[2], out.authorities, out);
  read_records(reader, counts[3], out.additionals, out);
  return out;
}

// -- writing ----------------------------------------------------------------------------------------------------------

dns_writer::dns_writer(std::uint16_t id, std::uint16_t flags, std::size_t size_max, bool compress)
  : size_max_(std::max(size_max, dns_header_size)), compress_(compress) {
  put_u16(id);
  put_u16(flags);
  out_.resize(dns_header_size);
}

template <class Write>
bool dns_writer::append(std::size_t section, Write write) {
  if (section < section_ || counts_[section] == 0xffff)
    return false;
  const auto size = out_.size();
  const auto names = names_.size();
  write();
  if (out_.size() > size_max_) {
    out_.resize(size);
    names_.resize(names);
    return false;
  }
  section_ = section;
  ++counts_[section];
  return true;
}

bool dns_writer::add(const dns_question& x) {
  return append(0, [&] {
    put_name(x.name);
    put_u16(static_cast<std::uint16_t>(x.type));
    put_u16(static_cast<std::uint16_t>(x.klass | (x.unicast_response ? dns_class_top_bit : 0)));
  });
}

bool dns_writer::add(dns_section where, const dns_record& x) {
  return append(static_cast<std::size_t>(where) + 1, [&] {
    put_name(x.name);
    put_u16(static_cast<std::uint16_t>(x.type));
    put_u16(static_cast<std::uint16_t>(x.klass | (x.cache_flush ? dns_class_top_bit : 0)));
    put_u32(x.ttl);
    const auto length_at = out_.size();
    put_u16(0);
    put_data(x);
    const auto length = std::min<std::size_t>(out_.size() - length_at - 2, 0xffff); // More is over every size_max.
    out_[length_at] = static_cast<std::uint8_t>(length >> 8);
    out_[length_at + 1] = static_cast<std::uint8_t>(length);
  });
}

void dns_writer::set_flags(std::uint16_t flags) {
  out_[2] = static_cast<std::uint8_t>(out_[2] | flags >> 8);
  out_[3] = static_cast<std::uint8_t>(out_[3] | flags);
}

std::size_t dns_writer::count() const noexcept {
  std::size_t out = 0;
  for (const auto count : counts_)
    out += count;
  return out;
}

bytes dns_writer::take() {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    out_[4 + 2 * i] = static_cast<std::uint8_t>(counts_[i] >> 8);
    out_[5 + 2 * i] = static_cast<std::uint8_t>(counts_[i]);
  }
  return std::move(out_);
}

void dns_writer::put_u16(std::uint16_t x) {
  out_.push_back(static_cast<std::uint8_t>(x >> 8));
  out_.push_back(static_cast<std::uint8_t>(x));
}

void dns_writer::put_u32(std::uint32_t x) {
  put_u16(static_cast<std::uint16_t>(x >> 16));
  put_u16(static_cast<std::uint16_t>(x));
}

void dns_writer::put_name(const dns_name& x) {
  auto rest = x.wire_labels();
  while (!rest.empty()) {
    const auto known = std::find_if(names_.begin(), names_.end(), [&](const auto& y) { return y.first == rest; });
    if (compress_ && known != names_.end()) {
      put_u16(static_cast<std::uint16_t>(pointer_bits << 8 | known->second));
      return;
    }
    if (compress_ && out_.size() <= pointer_target_max)
      names_.emplace_back(std::string{rest}, static_cast<std::uint16_t>(out_.size()));
    const auto label = rest.substr(0, 1 + static_cast<std::size_t>(rest[0]));
    out_.insert(out_.end(), label.begin(), label.end());
    rest.remove_prefix(label.size());
  }
  out_.push_back(0);
}

void dns_writer::put_data(const dns_record& x) {
  if (const auto* ptr = std::get_if<dns_ptr>(&x.data)) {
    put_name(ptr->target);
  } else if (const auto* srv = std::get_if<dns_srv>(&x.data)) {
    put_u16(srv->priority);
    put_u16(srv->weight);
    put_u16(srv->port);
    put_name(srv->target);
  } else {
    const auto raw = canonical_data(x); // An NSEC record names itself: two bytes saved are not worth a special case.
    out_.insert(out_.end(), raw.begin(), raw.end());
  }
}

std::optional<bytes> encode_dns(const dns_message& x, std::size_t size_max, bool compress) {
  dns_writer out{x.id, x.flags, size_max, compress};
  for (const auto& question : x.questions)
    if (!out.add(question))
      return std::nullopt;
  const auto add_all = [&](dns_section where, const std::vector<dns_record>& records) {
    return std::all_of(records.begin(), records.end(), [&](const auto& y) { return out.add(where, y); });
  };
  if (!add_all(dns_section::answer, x.answers) || !add_all(dns_section::authority, x.authorities)
    || !add_all(dns_section::additional, x.additionals))
    return std::nullopt;
  return out.take();
}

} // namespace librats::protocols
