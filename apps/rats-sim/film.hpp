// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/simulation.hpp"
#include "protocols/core/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace librats::apps {

/// Watches who is up and who is linked with whom, from outside: nothing in the network depends on it. Keeps what
/// changed from frame to frame, of at most so many nodes, links and changes; when there are more changes, neighbouring
/// frames become one, and what came and went between them is forgotten.
class film {
public:
  struct limits {
    std::size_t nodes = 1'000;
    std::size_t links = 20'000;      ///< Different ones, in all of the run.
    std::size_t changes = 1'000'000; ///< Four bytes each here, about seven in a page.
  };

  explicit film(const simulation& of) : film(of, limits{}) {}
  film(const simulation& of, limits most);

  /// Takes a frame of the network as it is now.
  void take();

  /// Those that are watched: of each group as many as its share, evenly spread, at least one.
  [[nodiscard]] const std::vector<std::size_t>& watched() const noexcept { return watched_; }
  /// `{nodes, links, frames, ...}`: a node is [group, number], links are pairs of places in `nodes`, and each frame
  /// names the nodes and links that are no longer as they were in the one before. At first all are down.
  [[nodiscard]] nlohmann::json to_json() const;

private:
  struct frame {
    duration at{};
    std::vector<std::uint32_t> nodes;
    std::vector<std::uint32_t> links;
  };

  void choose_nodes();
  void look_at_links(frame& into);
  void make_room();

  const simulation& of_;
  limits most_;
  std::vector<std::size_t> watched_;  ///< Members, by their place in the film.
  std::vector<std::size_t> place_of_; ///< By member; `scenario::none` for those that are not watched.
  std::vector<bool> up_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> link_number_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> links_;
  std::vector<bool> linked_;
  std::size_t left_out_ = 0; ///< The most links that had no room, in any frame.
  std::vector<frame> frames_;
  std::size_t changes_ = 0;
};

} // namespace librats::apps
