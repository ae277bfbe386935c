// SPDX-License-Identifier: MIT
#pragma once

/// Enumerations, structures and callbacks of the client API: a part of librats.h, which includes it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#ifdef _WIN32
#  include <winsock2.h>
#  undef ERROR
#  undef DELETE
using socket_t = SOCKET;
constexpr socket_t INVALID_SOCKET_VALUE = INVALID_SOCKET;
#else
using socket_t = int;
constexpr socket_t INVALID_SOCKET_VALUE = -1;
#endif

namespace rats {
/// The state of one direction of an encrypted link. Opaque: it lives inside the link and is never handed out.
class NoiseCipherState;
} // namespace rats

namespace librats {

using ::socket_t;

// -- enumerations -----------------------------------------------------------------------------------------------------

/// How to reach a peer. Only direct dialing exists so far: every strategy dials the host's addresses directly.
enum class ConnectionStrategy { DIRECT_ONLY, STUN_ASSISTED, ICE_FULL, TURN_RELAY, AUTO_ADAPTIVE, HOLE_PUNCHING };

enum class NatType {
  UNKNOWN,
  OPEN_INTERNET,
  FULL_CONE,
  RESTRICTED_CONE,
  PORT_RESTRICTED,
  SYMMETRIC,
  BLOCKED,
  DOUBLE_NAT
};

enum class IceCandidateType { Host, ServerReflexive, PeerReflexive, Relay };
enum class IceTransportProtocol { UDP, TCP };
enum class IceConnectionState { New, Gathering, Checking, Connected, Completed, Failed, Disconnected, Closed };

/// The numbers are those of RFC 8489 section 14.1.
enum class StunAddressFamily : uint8_t { IPv4 = 0x01, IPv6 = 0x02 };

/// Do not compile with -DDEBUG: the macro would replace the name.
enum class LogLevel { DEBUG = 0, INFO = 1, WARN = 2, ERROR = 3 };

// -- structures -------------------------------------------------------------------------------------------------------

/// Settings of NAT traversal. Nothing acts on them yet.
struct NatTraversalConfig {
  bool enable_ice = true;
  bool enable_upnp = false;
  bool enable_hole_punching = true;
  bool enable_turn_relay = true;
  bool prefer_ipv6 = false;
  std::vector<std::string> stun_servers = {
    "stun.l.google.com:19302", "stun1.l.google.com:19302", "stun.stunprotocol.org:3478"};  ///< "host:port"
  std::vector<std::string> turn_servers;    ///< "host:port"
  std::vector<std::string> turn_usernames;  ///< Parallel to `turn_servers`.
  std::vector<std::string> turn_passwords;
  int ice_gathering_timeout_ms = 10000;
  int ice_connectivity_timeout_ms = 30000;
  int hole_punch_attempts = 5;
  int turn_allocation_timeout_ms = 10000;
  int host_candidate_priority = 65535;  ///< Local preference, 16 bits.
  int server_reflexive_priority = 65534;
  int relay_candidate_priority = 65533;
};

/// The plain fields of `IceCandidate`.
struct IceCandidateFields {
  IceCandidateType type = IceCandidateType::Host;
  std::string foundation;
  uint32_t component_id = 1;
  IceTransportProtocol transport = IceTransportProtocol::UDP;
  uint32_t priority = 0;
  std::string address;
  uint16_t port = 0;
  std::string related_address;
  uint16_t related_port = 0;
};

/// An address at which a peer may be reached (RFC 8445 section 5.1).
struct IceCandidate : IceCandidateFields {
  std::string& ip = address;  ///< The same text by its older name.

  IceCandidate() = default;
  IceCandidate(const IceCandidate& other) : IceCandidateFields(other) {}
  IceCandidate& operator=(const IceCandidate& other) {
    IceCandidateFields::operator=(other);
    return *this;
  }

  /// "a=candidate:..." (RFC 8839 section 5.1).
  std::string to_sdp_attribute() const;
  /// Takes the line with or without "a=". Empty for anything that is no candidate of ours.
  static std::optional<IceCandidate> from_sdp_attribute(const std::string& sdp);
  std::string type_string() const;     ///< "host", "srflx", "prflx" or "relay".
  std::string address_string() const;  ///< "ip:port", IPv6 in brackets.
  /// RFC 8445 section 5.1.2.1.
  static uint32_t compute_priority(
    IceCandidateType type, uint32_t local_preference = 65535, uint32_t component_id = 1);
};

/// What became of one `connect_to_peer`.
struct ConnectionAttemptResult {
  bool success = false;
  std::string method;  ///< "direct".
  std::chrono::milliseconds duration{0};
  std::string error_message;
  NatType local_nat_type = NatType::UNKNOWN;
  NatType remote_nat_type = NatType::UNKNOWN;
  std::vector<IceCandidate> used_candidates;
};

/// A peer as it was at the time of the call. The fields of ICE and NAT keep their defaults so far, and so does
/// `peer_count`.
struct RatsPeer {
  enum class HandshakeState { PENDING, SENT, COMPLETED, FAILED };

  std::string peer_id;  ///< 64 hex digits: SHA-256 of the peer's static public key.
  std::string ip;
  uint16_t port = 0;                       ///< Of the connection, so of no use for dialing an inbound peer.
  socket_t socket = INVALID_SOCKET_VALUE;  ///< Names the connection in callbacks; see RatsClient.
  std::string normalized_address;          ///< "ip:port", IPv6 in brackets.
  std::chrono::steady_clock::time_point connected_at{};
  bool is_outgoing = false;
  HandshakeState handshake_state = HandshakeState::PENDING;
  std::string version;  ///< The protocol version, which is the same at both ends.
  int peer_count = 0;
  bool encryption_enabled = false;
  bool noise_handshake_completed = false;
  std::shared_ptr<rats::NoiseCipherState> send_cipher;  ///< Null.
  std::shared_ptr<rats::NoiseCipherState> recv_cipher;  ///< Null.
  std::vector<uint8_t> remote_static_key;               ///< 32 bytes; empty without encryption.
  bool ice_enabled = false;
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<IceCandidate> ice_candidates;
  IceConnectionState ice_state = IceConnectionState::New;
  NatType detected_nat_type = NatType::UNKNOWN;
  std::string connection_method;  ///< "direct".
  uint32_t rtt_ms = 0;            ///< Smoothed round trip, rounded up; 0 until one was measured.
  uint32_t packet_loss_percent = 0;  ///< Packets to the peer that had to be sent again, rounded.
  std::string transport_protocol;  ///< "TCP" or "UDP".

  bool is_handshake_completed() const { return handshake_state == HandshakeState::COMPLETED; }
  bool is_handshake_failed() const { return handshake_state == HandshakeState::FAILED; }
  bool is_ice_connected() const {
    return ice_state == IceConnectionState::Connected || ice_state == IceConnectionState::Completed;
  }
  bool is_fully_connected() const { return is_handshake_completed() && (!ice_enabled || is_ice_connected()); }
  bool is_noise_encrypted() const { return encryption_enabled && noise_handshake_completed; }
};

using NoiseKey = std::vector<uint8_t>;

/// When a lost peer is dialed again: after each interval in turn, of which the last one repeats.
struct ReconnectConfig {
  int max_attempts = 3;  ///< Failed dials before a peer is given up; 0 or less: never.
  std::vector<int> retry_intervals_seconds = {5, 30, 120};
  int stable_connection_threshold_seconds = 60;  ///< A connection that lasted so long was a stable one...
  int stable_first_retry_seconds = 2;            ///< ...and its peer is dialed so soon after the loss.
  bool enabled = true;
};

/// A lost peer that is to be dialed again.
struct ReconnectInfo {
  std::string peer_id;
  std::string ip;
  uint16_t port = 0;
  int attempt_count = 0;  ///< Dials that failed since the loss.
  std::chrono::milliseconds connection_duration{0};
  bool is_stable = false;
  std::chrono::steady_clock::time_point next_attempt_time{};  ///< Zero while it is being dialed.
};

/// Our address as a STUN server sees it.
struct StunMappedAddress {
  StunAddressFamily family = StunAddressFamily::IPv4;
  std::string address;
  uint16_t port = 0;

  bool is_valid() const { return !address.empty() && port != 0; }
};

/// A node on the local network, as it describes itself.
struct MdnsService {
  std::string service_name;  ///< "<instance>._librats._tcp.local."
  std::string host_name;     ///< "myhost.local."
  std::string ip_address;    ///< One of its addresses, IPv4 if it has any; empty while none is known.
  uint16_t port = 0;
  std::map<std::string, std::string> txt_records;     ///< The values may be any bytes.
  std::chrono::steady_clock::time_point last_seen{};  ///< When it appeared or last changed.
};

// -- callbacks --------------------------------------------------------------------------------------------------------

using ConnectionCallback = std::function<void(socket_t, const std::string& peer_hash_id)>;
using DisconnectCallback = std::function<void(socket_t, const std::string& peer_hash_id)>;
using DataCallback = std::function<void(socket_t, const std::string& peer_hash_id, const std::string& data)>;
using StringDataCallback = std::function<void(socket_t, const std::string& peer_id, const std::string& message)>;
using BinaryDataCallback = std::function<void(socket_t, const std::string& peer_id, const std::vector<uint8_t>& data)>;
using JsonDataCallback = std::function<void(socket_t, const std::string& peer_id, const nlohmann::json& data)>;
using MessageCallback = std::function<void(const std::string& peer_id, const nlohmann::json& data)>;
using SendCallback = std::function<void(bool success, const std::string& error)>;
/// The answer to a request; without success, `data` is null and `error` a sentence.
using ResponseCallback = std::function<void(bool success, const nlohmann::json& data, const std::string& error)>;
/// Answers a request; what it throws is answered as an error, with the text of a `std::exception` as its sentence.
using RequestHandler = std::function<nlohmann::json(const std::string& peer_id, const nlohmann::json& data)>;
/// There is room for the peer again; or, when `connected` is false, the peer is gone.
using WritableCallback = std::function<void(const std::string& peer_id, bool connected)>;
using AdvancedConnectionCallback =
  std::function<void(socket_t, const std::string& peer_id, const ConnectionAttemptResult& result)>;
/// Each entry is "ip:port", IPv6 in brackets.
using PeersFoundCallback = std::function<void(const std::vector<std::string>& peers)>;
using MdnsCallback = std::function<void(const std::string& ip_address, int port, const std::string& service_name)>;

} // namespace librats
