// SPDX-License-Identifier: MIT
#include "apps/rats-sim/film.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace librats::apps {

namespace {

/// What differs after both: what is in one of them alone. Both are sorted, and so is the result.
std::vector<std::uint32_t> joined(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> out;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

double seconds(duration x) {
  return std::chrono::duration<double>(x).count();
}

} // namespace

film::film(const simulation& of, limits most) : of_(of), most_(most), place_of_(of.members().size(), scenario::none) {
  choose_nodes();
  up_.resize(watched_.size());
}

void film::choose_nodes() {
  const auto& groups = of_.what().groups;
  const auto all = of_.members().size();
  std::size_t first = 0;
  for (const auto& group : groups) {
    auto wanted = group.count;
    if (all > most_.nodes)
      wanted = std::max<std::size_t>(1, group.count * most_.nodes / all);
    for (std::size_t i = 0; i < wanted; ++i) {
      const auto member = first + i * group.count / wanted;
      place_of_[member] = watched_.size();
      watched_.push_back(member);
    }
    first += group.count;
  }
}

void film::take() {
  frame now;
  now.at = of_.now();
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const bool up = of_.members()[watched_[i]].up;
    if (up == up_[i])
      continue;
    up_[i] = up;
    now.nodes.push_back(static_cast<std::uint32_t>(i));
  }
  look_at_links(now);
  if (now.nodes.empty() && now.links.empty())
    return;
  changes_ += now.nodes.size() + now.links.size();
  frames_.push_back(std::move(now));
  make_room();
}

void film::look_at_links(frame& into) {
  std::vector<bool> seen(linked_.size());
  std::size_t without_room = 0;
  for (std::size_t a = 0; a < watched_.size(); ++a)
    for (const auto peer : of_.members()[watched_[a]].peers) {
      const auto b = place_of_[peer];
      if (b == scenario::none)
        continue;
      // A link that one end alone knows of is one still: the other end will hear of it, or of its end.
      const std::pair<std::uint32_t, std::uint32_t> ends{
        static_cast<std::uint32_t>(std::min(a, b)), static_cast<std::uint32_t>(std::max(a, b))};
      auto found = link_number_.find(ends);
      if (found == link_number_.end()) {
        if (links_.size() >= most_.links) {
          ++without_room;
          continue;
        }
        found = link_number_.emplace(ends, static_cast<std::uint32_t>(links_.size())).first;
        links_.push_back(ends);
        linked_.push_back(false);
        seen.push_back(false);
      }
      seen[found->second] = true;
    }
  // Both ends tell of a link.
  left_out_ = std::max(left_out_, (without_room + 1) / 2);
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i] != linked_[i])
      into.links.push_back(static_cast<std::uint32_t>(i));
  linked_ = std::move(seen);
}

void film::make_room() {
  while (changes_ > most_.changes && frames_.size() > 1) {
    std::vector<frame> fewer;
    changes_ = 0;
    for (std::size_t i = 0; i < frames_.size(); i += 2) {
      auto& one = frames_[i];
      if (i + 1 < frames_.size()) {
        const auto& next = frames_[i + 1];
        one.nodes = joined(one.nodes, next.nodes);
        one.links = joined(one.links, next.links);
        one.at = next.at;
      }
      changes_ += one.nodes.size() + one.links.size();
      fewer.push_back(std::move(one));
    }
    frames_ = std::move(fewer);
  }
}

nlohmann::json film::to_json() const {
  using nlohmann::json;
  json nodes = json::array();
  for (const auto member : watched_)
    nodes.push_back({of_.members()[member].group, of_.members()[member].number});
  json links = json::array();
  for (const auto& [a, b] : links_) {
    links.push_back(a);
    links.push_back(b);
  }
  json frames = json::array();
  for (const auto& one : frames_)
    frames.push_back({{"at", seconds(one.at)}, {"nodes", one.nodes}, {"links", one.links}});
  json regions = json::array();
  for (const auto& group : of_.what().groups)
    regions.push_back(group.region == scenario::none ? std::string{} : of_.what().regions[group.region].name);
  json partitions = json::array();
  for (const auto& one : of_.what().partitions)
    partitions.push_back({{"name", one.name}, {"from", seconds(one.at)}, {"until", seconds(one.until)}});
  return {{"nodes", nodes}, {"links", links}, {"frames", frames}, {"regions", regions}, {"partitions", partitions},
    {"links_left_out", left_out_}};
}

} // namespace librats::apps
