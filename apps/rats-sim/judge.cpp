// SPDX-License-Identifier: MIT
#include "apps/rats-sim/judge.hpp"

#include "runtime/config/config_value.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <numeric>

namespace librats::apps {

namespace {

using runtime::concat;

constexpr std::size_t nodes_named_max = 10;

std::string in_words(duration x) {
  return concat(std::chrono::duration<double, std::milli>(x).count(), " ms");
}

std::string share_in_words(std::int64_t x) {
  return runtime::format_value({runtime::config_kind::share, 0, runtime::config_share_whole, {}}, x).front();
}

/// Judges the thresholds of one expectation.
class judge {
public:
  judge(const simulation& of, const scenario::expectation& what, verdict& out) : of_(of), what_(what), out_(out) {}

  void judge_messages() {
    if (what_.workload == scenario::none)
      return;
    const auto& books = of_.ledgers()[what_.workload];
    const auto& counted = books.counted();
    if (what_.delivered_min) {
      const auto share = counted.owed == 0
        ? 0
        : static_cast<std::int64_t>(static_cast<double>(counted.delivered) / static_cast<double>(counted.owed) * 1e6);
      const auto found = counted.owed == 0
        ? concat("nothing was owed, ", counted.sent, " sent")
        : concat(share_in_words(share), ", ", counted.delivered, " of ", counted.owed);
      note("delivered_min", concat("at least ", share_in_words(*what_.delivered_min)), found,
        counted.owed != 0 && share >= *what_.delivered_min, books.victims());
    }
    const auto latency = [&](const char* name, const std::optional<duration>& limit, duration found) {
      if (limit)
        note(name, concat("at most ", in_words(*limit)),
          books.times().count() == 0 ? "nothing arrived" : in_words(found),
          books.times().count() != 0 && found <= *limit, {});
    };
    latency("latency_p50_max", what_.latency_p50_max, books.times().quantile(0.5));
    latency("latency_p99_max", what_.latency_p99_max, books.times().quantile(0.99));
    latency("latency_max", what_.latency_max, books.times().most());
    judge_duplicates();
  }

  void judge_duplicates() {
    if (!what_.duplicates_max)
      return;
    const auto& books = of_.ledgers()[what_.workload];
    const auto found = static_cast<std::int64_t>(books.counted().duplicates);
    note("duplicates_max", concat("at most ", *what_.duplicates_max), concat(found), found <= *what_.duplicates_max,
      books.victims());
  }

  void judge_restarts() {
    if (!what_.restarts_max)
      return;
    std::int64_t found = 0;
    std::vector<std::size_t> who;
    for_each_member([&](std::size_t i, const simulation::place& one) {
      const auto restarts = one.restarts + one.restarts_before;
      found += static_cast<std::int64_t>(restarts);
      if (restarts != 0)
        who.push_back(i);
    });
    note("restarts_max", concat("at most ", *what_.restarts_max), concat(found), found <= *what_.restarts_max, who);
  }

  void judge_network() {
    if (what_.components_max) {
      const auto parts = find_components(of_, what_.group);
      std::vector<std::size_t> outside;
      for (std::size_t i = 1; i < parts.size(); ++i)
        outside.insert(outside.end(), parts[i].begin(), parts[i].end());
      const auto found = static_cast<std::int64_t>(parts.size());
      note("components_max", concat("at most ", *what_.components_max), concat(found),
        found != 0 && found <= *what_.components_max, outside);
    }
    std::int64_t up = 0;
    for_each_member([&](std::size_t, const simulation::place& one) { up += one.up ? 1 : 0; });
    if (what_.up_min)
      note("up_min", concat("at least ", *what_.up_min), concat(up), up >= *what_.up_min, {});
    judge_peers();
    judge_links();
  }

  void judge_files() {
    std::int64_t owed = 0;
    std::int64_t complete = 0;
    std::int64_t arrived = 0;
    std::int64_t damaged = 0;
    std::int64_t given_up = 0;
    std::vector<std::size_t> without;
    std::vector<std::size_t> deceived;
    for (const auto& [name, one] : of_.transfers().files()) {
      if (what_.workload != scenario::none && what_.workload != one.workload)
        continue;
      arrived += one.arrived ? 1 : 0;
      damaged += one.damaged ? 1 : 0;
      if (one.damaged)
        deceived.push_back(one.to);
      given_up += one.refused ? 1 : 0;
      if (!one.agreed || one.refused || !of_.members()[one.from].up || !of_.members()[one.to].up)
        continue;
      ++owed;
      complete += one.arrived ? 1 : 0;
      if (!one.arrived)
        without.push_back(one.to);
    }
    if (what_.completed_min) {
      const auto share =
        owed == 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(complete) / static_cast<double>(owed) * 1e6);
      note("transfers_completed_min", concat("at least ", share_in_words(*what_.completed_min)),
        owed == 0 ? "no transfer was agreed on"
                  : concat(share_in_words(share), ", ", complete, " of ", owed, ", and ", given_up, " were given up"),
        owed != 0 && share >= *what_.completed_min, without);
    }
    if (what_.given_up_max)
      note("transfers_given_up_max", concat("at most ", *what_.given_up_max), concat(given_up),
        given_up <= *what_.given_up_max, {});
    if (what_.intact)
      note("transfers_intact", "every file equals its source",
        concat(damaged, " of ", arrived, " differ from their source"), arrived != 0 && damaged == 0, deceived);
  }

  void judge_stores() {
    std::vector<std::size_t> all;
    for_each_member([&](std::size_t i, const simulation::place& one) {
      if (one.up && of_.what().groups[one.group].node.storage.enabled)
        all.push_back(i);
    });
    if (what_.converged) {
      const auto difference = of_.stores().compare(all);
      const auto found = difference ? concat(difference->members.size(), " of ", all.size(), " differ",
                           difference->key.empty() ? ", or did not answer" : ", as in ", difference->key)
                                    : concat(all.size(), " stores are equal");
      note("stores_converged", "all are equal", found, !difference && !all.empty(),
        difference ? difference->members : std::vector<std::size_t>{});
    }
    if (!what_.kept)
      return;
    const auto losses =
      of_.stores().find_losses(what_.workload == scenario::none ? std::nullopt : std::optional{what_.workload}, all);
    std::vector<std::size_t> losers;
    for (const auto& one : losses)
      if (std::find(losers.begin(), losers.end(), one.member) == losers.end())
        losers.push_back(one.member);
    const bool any = of_.stores().acknowledgements() != 0;
    note("acknowledged_kept", "every acknowledged put, or a newer one, is in all stores",
      !any               ? "nothing was acknowledged"
        : losses.empty() ? concat("all of ", of_.stores().key_count(), " keys")
                         : concat(losses.size(), " are missing or older, as ", losses.front().key, " in ",
                           of_.name_of(losses.front().member)),
      any && losses.empty(), losers);
  }

private:
  void judge_peers() {
    if (!what_.peers_min && !what_.peers_max)
      return;
    std::size_t least = of_.members().size();
    std::size_t most = 0;
    std::vector<std::size_t> few;
    std::vector<std::size_t> many;
    for_each_member([&](std::size_t i, const simulation::place& one) {
      if (!one.up)
        return;
      least = std::min(least, one.peers.size());
      most = std::max(most, one.peers.size());
      if (what_.peers_min && static_cast<std::int64_t>(one.peers.size()) < *what_.peers_min)
        few.push_back(i);
      if (what_.peers_max && static_cast<std::int64_t>(one.peers.size()) > *what_.peers_max)
        many.push_back(i);
    });
    if (what_.peers_min)
      note("peers_min", concat("at least ", *what_.peers_min), concat(least), few.empty(), few);
    if (what_.peers_max)
      note("peers_max", concat("at most ", *what_.peers_max), concat(most), many.empty(), many);
  }

  /// Links that both ends know.
  void judge_links() {
    if (!what_.links_min && !what_.links_max)
      return;
    std::int64_t found = 0;
    std::vector<std::size_t> linked;
    std::vector<std::size_t> alone;
    const auto& members = of_.members();
    for_each_member([&](std::size_t i, const simulation::place& one) {
      std::int64_t its = 0;
      for (const auto peer : one.peers)
        if (members[peer].group == what_.with && (what_.with != what_.group || peer > i)
          && std::binary_search(members[peer].peers.begin(), members[peer].peers.end(), i))
          ++its;
      found += its;
      (its != 0 ? linked : alone).push_back(i);
    });
    if (what_.links_min)
      note("links_min", concat("at least ", *what_.links_min), concat(found), found >= *what_.links_min, alone);
    if (what_.links_max)
      note("links_max", concat("at most ", *what_.links_max), concat(found), found <= *what_.links_max, linked);
  }

  template <class F>
  void for_each_member(F&& f) const {
    for (std::size_t i = 0; i < of_.members().size(); ++i)
      if (what_.group == scenario::none || of_.members()[i].group == what_.group)
        f(i, of_.members()[i]);
  }

  void note(
    const char* threshold, std::string expected, std::string found, bool held, const std::vector<std::size_t>& who) {
    out_.findings.push_back({what_.name, threshold, expected, found, held});
    if (held)
      return;
    breach out{what_.name, threshold, of_.now(), concat(found, "; expected: ", expected), {}};
    for (std::size_t i = 0; i < std::min(who.size(), nodes_named_max); ++i)
      out.nodes.push_back(of_.name_of(who[i]));
    out_.breaches.push_back(std::move(out));
  }

  const simulation& of_;
  const scenario::expectation& what_;
  verdict& out_;
};

/// Holds in every scenario, whether or not somebody asks: what arrives is what was sent.
void judge_integrity(const simulation& of, verdict& out) {
  for (const auto& books : of.ledgers()) {
    if (books.counted().corrupted == 0)
      continue;
    breach one{
      books.what().name, "intact", of.now(), concat(books.counted().corrupted, " arrived damaged; expected: none"), {}};
    for (const auto victim : books.victims())
      one.nodes.push_back(of.name_of(victim));
    out.findings.push_back({books.what().name, "intact", "all", one.sentence, false});
    out.breaches.push_back(std::move(one));
  }
}

} // namespace

std::vector<breach> judge_on_the_way(const simulation& of) {
  verdict out;
  judge_integrity(of, out);
  for (const auto& one : of.what().expectations) {
    judge judging{of, one, out};
    judging.judge_duplicates();
    judging.judge_restarts();
    if (one.from != duration::zero() && of.now() >= one.from && of.now() <= one.until)
      judging.judge_network();
  }
  return std::move(out.breaches);
}

verdict judge_at_the_end(const simulation& of) {
  verdict out;
  judge_integrity(of, out);
  for (const auto& one : of.what().expectations) {
    judge judging{of, one, out};
    judging.judge_messages();
    judging.judge_restarts();
    judging.judge_files();
    judging.judge_stores();
    if (one.until == of.what().length)
      judging.judge_network();
  }
  return out;
}

std::vector<std::vector<std::size_t>> find_components(const simulation& of, std::size_t group) {
  const auto& members = of.members();
  std::vector<std::size_t> leader(members.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t x) {
    while (leader[x] != x)
      x = leader[x] = leader[leader[x]];
    return x;
  };
  const auto counts = [&](std::size_t i) {
    return members[i].up && (group == scenario::none || members[i].group == group);
  };
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!counts(i))
      continue;
    for (const auto other : members[i].peers)
      if (other > i && counts(other) && std::binary_search(members[other].peers.begin(), members[other].peers.end(), i))
        leader[find(i)] = find(other);
  }
  std::vector<std::vector<std::size_t>> by_leader(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    if (counts(i))
      by_leader[find(i)].push_back(i);
  by_leader.erase(
    std::remove_if(by_leader.begin(), by_leader.end(), [](const auto& x) { return x.empty(); }), by_leader.end());
  std::stable_sort(
    by_leader.begin(), by_leader.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return by_leader;
}

} // namespace librats::apps
