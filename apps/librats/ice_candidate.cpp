// SPDX-License-Identifier: MIT
#include "librats.h"

#include "protocols/core/endpoint.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <sstream>

namespace librats {

namespace {

constexpr std::array<const char*, 4> type_names = {"host", "srflx", "prflx", "relay"};
/// RFC 8445 section 5.1.2.2, in the order of `IceCandidateType`.
constexpr std::array<uint32_t, 4> type_preferences = {126, 100, 110, 0};

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && stopped == end;
}

bool equal_ignoring_case(const std::string& text, std::string_view lowercase) {
  if (text.size() != lowercase.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(text[i])) != lowercase[i])
      return false;
  return true;
}

} // namespace

std::string IceCandidate::type_string() const { return type_names[static_cast<std::size_t>(type)]; }

std::string IceCandidate::address_string() const {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

uint32_t IceCandidate::compute_priority(IceCandidateType type, uint32_t local_preference, uint32_t component_id) {
  return (type_preferences[static_cast<std::size_t>(type)] << 24) + (local_preference << 8) + (256 - component_id);
}

std::string IceCandidate::to_sdp_attribute() const {
  std::ostringstream out;
  out << "a=candidate:" << foundation << ' ' << component_id << ' '
      << (transport == IceTransportProtocol::UDP ? "UDP" : "TCP") << ' ' << priority << ' ' << address << ' ' << port
      << " typ " << type_string();
  if (!related_address.empty())
    out << " raddr " << related_address << " rport " << related_port;
  return out.str();
}

std::optional<IceCandidate> IceCandidate::from_sdp_attribute(const std::string& sdp) {
  auto text = sdp;
  for (const std::string_view prefix : {"a=", "candidate:"})
    if (text.compare(0, prefix.size(), prefix) == 0)
      text.erase(0, prefix.size());
    else if (prefix == "candidate:")
      return std::nullopt;
  std::istringstream in{text};
  IceCandidate out;
  std::string component, protocol, rank, port_text, typ, kind;
  if (!(in >> out.foundation >> component >> protocol >> rank >> out.address >> port_text >> typ >> kind))
    return std::nullopt;
  if (!read_number(component, out.component_id) || out.component_id == 0 || out.component_id > 256
      || !read_number(rank, out.priority) || !read_number(port_text, out.port) || typ != "typ"
      || !ip_address::parse(out.address))
    return std::nullopt;
  if (equal_ignoring_case(protocol, "tcp"))
    out.transport = IceTransportProtocol::TCP;
  else if (!equal_ignoring_case(protocol, "udp"))
    return std::nullopt;
  std::size_t i = 0;
  while (i < type_names.size() && kind != type_names[i])
    ++i;
  if (i == type_names.size())
    return std::nullopt;
  out.type = static_cast<IceCandidateType>(i);
  for (std::string name, value; in >> name >> value;) {
    if (name == "raddr")
      out.related_address = value;
    else if (name == "rport" && !read_number(value, out.related_port))
      return std::nullopt;
  }
  return out;
}

} // namespace librats
