// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/dht_flooder.hpp"
#include "apps/rats-sim/raw_peer.hpp"
#include "apps/rats-sim/scenario.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace librats::apps {

/// The machines of one [attackers NAME]: strangers with links to honest nodes on which they do what the scenario says.
/// Each link has an identity of its own.
class attackers {
public:
  /// What there is to attack: addresses with ports, and how links to them are made.
  struct prey {
    std::vector<endpoint> doors;     ///< For links.
    std::vector<endpoint> dht_doors; ///< For questions to the DHT.
    std::string protocol;
    protocols::security_mode security = protocols::security_mode::noise;
  };

  /// `what` must outlive it. Makes its machines at once; they do nothing before `begin`.
  attackers(runtime::sim_world& world, const scenario::attack& what, prey of, std::uint64_t seed);

  struct figures {
    std::uint64_t dials = 0;
    std::uint64_t established = 0; ///< Links with an identity; announcements that were taken.
    std::uint64_t ended = 0;       ///< Refused, or closed by the other side.
    std::uint64_t messages = 0;    ///< Or pieces of garbage, or announcements.
    std::size_t open = 0;          ///< Links at this moment.
  };
  [[nodiscard]] figures count() const;
  [[nodiscard]] const scenario::attack& what() const noexcept { return what_; }

  void begin();
  void end();

private:
  struct link {
    runtime::sim_host* host = nullptr;
    endpoint door;
    std::shared_ptr<const protocols::session_config> who; ///< Null for who never says who he is.
    std::unique_ptr<raw_peer> peer;
    std::unique_ptr<dht_flooder> flooder;
    bool greeted = false; ///< Its handshake is over, and it joined the topic.
    std::uint64_t seqno = 0;
  };

  /// Counts what a flooder did.
  static void add(figures& to, const link& its);
  void turn(std::size_t at);
  void dial(link& its);
  void greet(link& its);
  void misbehave(link& its);
  void publish(link& its);
  void confuse(link& its);
  [[nodiscard]] bytes noise(std::size_t size);

  runtime::sim_world& world_;
  const scenario::attack& what_;
  prey of_;
  runtime::sim_random random_;
  std::vector<link> links_;
  bool over_ = false;
  figures counted_;
};

} // namespace librats::apps
