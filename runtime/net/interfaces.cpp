// SPDX-License-Identifier: MIT
#include "runtime/net/interfaces.hpp"

#ifdef _WIN32
#  include <winsock2.h>
// winsock2.h must come first.
#  include <iphlpapi.h>
#  include <ipifcons.h>
#else
#  include <ifaddrs.h>
#  include <net/if.h>
#  include <netinet/in.h>
#endif

#include <algorithm>
#include <tuple>

namespace librats::runtime {

namespace {

std::optional<ip_address> address_of(const sockaddr* raw) {
  if (raw == nullptr)
    return std::nullopt;
  if (raw->sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(raw)->sin_addr;
    return ip_address::from_bytes({reinterpret_cast<const std::uint8_t*>(&in), 4});
  }
  if (raw->sa_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6*>(raw)->sin6_addr;
    return ip_address::from_bytes({reinterpret_cast<const std::uint8_t*>(&in), 16});
  }
  return std::nullopt;
}

/// Raw bytes, because a mask that was read as an address might be taken for a mapped one.
[[maybe_unused]] std::uint8_t prefix_length(const sockaddr* mask) {
  if (mask == nullptr)
    return 0;
  const bool v6 = mask->sa_family == AF_INET6;
  const auto* at = v6 ? reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr)
                      : reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in*>(mask)->sin_addr);
  std::uint8_t out = 0;
  for (const auto* const end = at + (v6 ? 16 : 4); at != end; ++at)
    for (int bit = 7; bit >= 0 && (*at >> bit & 1) != 0; --bit)
      ++out;
  return out;
}

} // namespace

#ifdef _WIN32

std::vector<interface_address> system_interfaces() {
  std::vector<interface_address> out;
  ULONG size = 16 * 1024;  // What the API's documentation recommends to start with.
  std::vector<std::uint8_t> memory(size);
  auto* first = reinterpret_cast<IP_ADAPTER_ADDRESSES*>(memory.data());
  auto status = GetAdaptersAddresses(AF_UNSPEC, 0, nullptr, first, &size);
  if (status == ERROR_BUFFER_OVERFLOW) {
    memory.resize(size);
    first = reinterpret_cast<IP_ADAPTER_ADDRESSES*>(memory.data());
    status = GetAdaptersAddresses(AF_UNSPEC, 0, nullptr, first, &size);
  }
  if (status != NO_ERROR)
    return out;
  for (auto* adapter = first; adapter != nullptr; adapter = adapter->Next)
    if (adapter->OperStatus == IfOperStatusUp)
      for (auto* one = adapter->FirstUnicastAddress; one != nullptr; one = one->Next)
        if (const auto address = address_of(one->Address.lpSockaddr))
          out.push_back({adapter->AdapterName, *address, address->is_v4() ? adapter->IfIndex : adapter->Ipv6IfIndex,
            one->OnLinkPrefixLength, (adapter->Flags & IP_ADAPTER_NO_MULTICAST) == 0,
            adapter->IfType == IF_TYPE_SOFTWARE_LOOPBACK, true});
  return out;
}

#else

std::vector<interface_address> system_interfaces() {
  std::vector<interface_address> out;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0)
    return out;
  for (const auto* one = first; one != nullptr; one = one->ifa_next) {
    const auto address = address_of(one->ifa_addr);
    if (!address || (one->ifa_flags & IFF_UP) == 0)
      continue;
    const auto has = [one](unsigned flag) { return (one->ifa_flags & flag) != 0; };
    // Addresses of one interface follow each other in lists of families, so its number is often known already.
    const auto known
      = std::find_if(out.begin(), out.end(), [one](const auto& x) { return x.interface == one->ifa_name; });
    out.push_back({one->ifa_name, *address, known != out.end() ? known->index : ::if_nametoindex(one->ifa_name),
      prefix_length(one->ifa_netmask), has(IFF_MULTICAST), has(IFF_LOOPBACK), has(IFF_RUNNING)});
  }
  ::freeifaddrs(first);
  return out;
}

#endif

bool same_interfaces(std::vector<interface_address> a, std::vector<interface_address> b) {
  const auto less = [](const interface_address& x, const interface_address& y) {
    return std::tie(x.interface, x.index, x.address) < std::tie(y.interface, y.index, y.address);
  };
  const auto same = [](const interface_address& x, const interface_address& y) {
    return x.interface == y.interface && x.index == y.index && x.address == y.address;
  };
  std::sort(a.begin(), a.end(), less);
  std::sort(b.begin(), b.end(), less);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

} // namespace librats::runtime
