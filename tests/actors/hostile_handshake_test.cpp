// SPDX-License-Identifier: MIT
#include "protocols/core/byte_writer.hpp"
#include "protocols/session/protocol_id.hpp"
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

#include <array>

namespace librats::test {

namespace {

/// The encodings of Curve25519 points of low order: whatever the scalar, the product is zero (RFC 7748 section 7).
const std::array<const char*, 7> low_order_points{
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

bytes block(bytes_view body) {
  return byte_writer{}.u32(static_cast<std::uint32_t>(body.size())).raw(body).take();
}

/// A and B are connected, an attacker sits on a third machine. Whatever it does, they do not notice.
struct besieged : sim_nodes {
  besieged() {
    BOOST_TEST_REQUIRE(handle_channel(a, "chat") == "");
    BOOST_TEST_REQUIRE(connect(b, a) == "");
  }
  ~besieged() {
    BOOST_TEST(a.heard->count("connected") == 1u);
    BOOST_TEST(a.heard->count("disconnected") == 0u);
    BOOST_TEST(b.heard->count("disconnected") == 0u);
    send(b, a, "chat", "all is well");
    run(1s);
    BOOST_TEST((!a.heard->frames.empty() && a.heard->frames.back() == "B chat: all is well"));
    const auto all = tree(a);
    for (const auto& part : all.children)
      BOOST_TEST(part.restarts == 0u, part.name << " was restarted");
    const auto* links = find_part(all, "connection_supervisor");
    BOOST_TEST((links != nullptr && links->children.size() == 1), "a hostile link is left over");
  }
  besieged(const besieged&) = delete;
  besieged& operator=(const besieged&) = delete;

  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
  runtime::sim_host& villain = world.add_host();
};

} // namespace

BOOST_AUTO_TEST_SUITE(hostile_handshake)

BOOST_FIXTURE_TEST_CASE(random_bytes_end_their_own_link_only, besieged) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    runtime::sim_random random{seed};
    wire_client client{villain, a.address()};
    BOOST_TEST_REQUIRE(client.open());
    for (auto pieces = random.below(5) + 1; pieces > 0; --pieces) {
      bytes noise(random.below(500) + 1);
      random.fill(noise);
      if (random.below(2) == 0 && noise.size() > 4)
        noise[0] = noise[1] = 0;  // A length that may pass.
      client.write(noise);
      run(duration{static_cast<std::int64_t>(random.below(20'000'000))});
    }
    BOOST_TEST(client.await_end(16s), "seed " << seed);
    BOOST_TEST(client.bytes_received <= 100u + protocols::block_prefix_size);
  }
  BOOST_TEST(status(a).handshakes_failed == 300u);
}

BOOST_FIXTURE_TEST_CASE(a_block_that_is_too_large_ends_the_link_at_its_prefix, besieged) {
  for (const std::uint32_t size : {64u << 20, (64u << 20) + 1, 0xffffffffu, 65535u, 32u + 257u}) {
    wire_client client{villain, a.address()};
    BOOST_TEST_REQUIRE(client.open());
    const auto prefix = protocols::encode_block_prefix(size);
    client.write(bytes_view{prefix});
    BOOST_TEST(client.await_end(100ms), size << " bytes promised");
  }
}

BOOST_FIXTURE_TEST_CASE(a_truncated_first_message_ends_the_link, besieged) {
  for (std::size_t size = 0; size < 32; ++size) {
    wire_client client{villain, a.address()};
    BOOST_TEST_REQUIRE(client.open());
    client.write(block(bytes(size, 0x42)));
    BOOST_TEST(client.await_end(100ms), size << " bytes");
  }
}

BOOST_FIXTURE_TEST_CASE(a_prefix_without_a_body_waits_until_the_deadline_and_costs_nothing, besieged) {
  wire_client client{villain, a.address()};
  BOOST_TEST_REQUIRE(client.open());
  client.write(bytes{0, 0, 0, 32, 1, 2, 3});
  BOOST_TEST(client.await_end(16s));
}

BOOST_FIXTURE_TEST_CASE(a_stalled_handshake_is_closed_exactly_at_its_deadline, besieged) {
  for (const int messages : {0, 1}) {
    wire_peer stalled{villain, a.address(), 0x66, messages};
    BOOST_TEST_REQUIRE(stalled.open());
    BOOST_TEST_REQUIRE(stalled.await_end(1min));
    // Accepted 10 ms before the dialer heard of it, and its end needs 10 ms to get here.
    BOOST_TEST((*stalled.ended_at - *stalled.opened_at == 15s));
    BOOST_TEST(stalled.count(protocols::message_type::control) == 0u);
  }
  BOOST_TEST(status(a).handshakes_failed == 2u);
}

BOOST_FIXTURE_TEST_CASE(one_byte_a_second_does_not_move_the_deadline, besieged) {
  wire_client drip{villain, a.address()};
  BOOST_TEST_REQUIRE(drip.open());
  const auto whole = block(bytes(32, 0x09));
  for (std::size_t i = 0; i < 20 && !drip.ended(); ++i) {
    drip.write(bytes{whole[i]});
    run(1s);
  }
  BOOST_TEST_REQUIRE(drip.ended());
  BOOST_TEST((*drip.ended_at - *drip.opened_at == 15s));
}

BOOST_FIXTURE_TEST_CASE(a_dialer_too_gives_up_on_a_stalled_handshake, besieged) {
  // The other side accepts streams and says nothing.
  struct silent_door final : runtime::acceptor_events {
    void accepted(std::unique_ptr<runtime::stream> x) override { streams.push_back(std::move(x)); }
    void accept_failed(std::error_code) override {}
    std::vector<std::unique_ptr<runtime::stream>> streams;
  } door;
  runtime::listen_options where;
  where.local.port = 5000;
  auto opened = villain.net().listen(where, door);
  BOOST_TEST_REQUIRE(opened.ok());
  const auto began = world.elapsed();
  BOOST_TEST(connect(a, villain.address().to_string(), 5000) == "the handshake was not finished in time");
  BOOST_TEST((world.elapsed() - began == 20ms + 15s));
}

BOOST_FIXTURE_TEST_CASE(low_order_keys_are_refused, besieged) {
  for (const auto* point : low_order_points) {
    wire_client client{villain, a.address()};
    BOOST_TEST_REQUIRE(client.open());
    client.write(block(*from_hex(point)));
    BOOST_TEST(client.await_end(100ms), point);
    BOOST_TEST(client.bytes_received == 0u);
  }
}

BOOST_FIXTURE_TEST_CASE(a_tampered_last_message_is_refused, besieged) {
  for (std::size_t position = 0; position < 64; position += 7) {
    // A peer that keeps its third message back; what it would say is bent here.
    wire_peer peer{villain, a.address(), 0x66, 1};
    BOOST_TEST_REQUIRE(peer.establish());
    BOOST_TEST(!a.heard->links.count(peer.id()));
    bytes forged(64, 0x11);
    forged[position] ^= 0xff;
    peer.write(block(forged));
    BOOST_TEST(peer.await_end(100ms));
  }
}

BOOST_FIXTURE_TEST_CASE(a_frame_instead_of_a_handshake_is_refused, besieged) {
  wire_client client{villain, a.address()};
  BOOST_TEST_REQUIRE(client.open());
  client.write(block(bytes{1, 0, 0x12, 0x34, 'h', 'i'}));
  BOOST_TEST(client.await_end(100ms));
}

BOOST_FIXTURE_TEST_CASE(a_plaintext_hello_is_refused_by_a_noise_node, besieged) {
  wire_peer peer{villain, a.address(), 0x66, 2, protocols::security_mode::plaintext};
  BOOST_TEST_REQUIRE(peer.open());
  BOOST_TEST(peer.await_end(16s));
  BOOST_TEST(!peer.established());
}

BOOST_FIXTURE_TEST_CASE(streams_that_open_and_close_at_once_leave_nothing, besieged) {
  for (int i = 0; i < 200; ++i) {
    wire_client client{villain, a.address()};
    BOOST_TEST_REQUIRE(client.open());
    client.close();
    if (i % 7 == 0)
      run(5ms);
  }
  run(1s);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
