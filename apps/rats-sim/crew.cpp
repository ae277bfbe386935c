// SPDX-License-Identifier: MIT
#include "apps/rats-sim/crew.hpp"

#include "apps/rats-sim/run.hpp"
#include "apps/rats-sim/scenario_text.hpp"
#include "apps/rats-sim/seed_results.hpp"
#include "apps/rats-sim/worker_talk.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <deque>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace librats::apps {

namespace {

using runtime::concat;

constexpr auto tick = std::chrono::seconds{1};
/// A worker answers at once, whatever it runs; who has said nothing for so many ticks is not there any more.
constexpr int silent_ticks_max = 30;

/// What a run of a worker's printed, with the command that replays it here.
std::string with_replay(const std::string& said, const std::string& replay) {
  std::istringstream in{said};
  std::string out;
  for (std::string line; std::getline(in, line);)
    out += line.rfind("  replay: ", 0) == 0 ? concat("  replay: ", replay, "\n") : line + '\n';
  return out;
}

/// Deals seeds out to workers.
class crew {
public:
  crew(const sim_options_given& given, std::string program, std::ostream& out, std::ostream& err)
    : given_(given), program_(std::move(program)), out_(out), err_(err), build_(own_build(program_)) {
    std::ifstream in{given.config, std::ios::binary};
    text_ = scenario_text{std::string{std::istreambuf_iterator<char>{in}, {}}, given.settings}.to_string();
  }

  int run(caf::actor_system& system, const std::function<bool()>& interrupted) {
    caf::scoped_actor self{system, true};
    hire(system, self);
    next_ = given_.seeds->first;
    self->delayed_send(self, tick, caf::timespan{});
    const auto wanted = given_.seeds->second - given_.seeds->first + 1;
    while (results_.done.size() < wanted && !workers_.empty() && !results_.interrupted) {
      self->receive(
        [&](const std::string& text) { hear(self, caf::actor_cast<caf::actor>(self->current_sender()), text); },
        [&](const caf::down_msg& x) { lose(self, x.source, "is gone"); },
        [&](caf::timespan) {
          self->delayed_send(self, tick, caf::timespan{});
          results_.interrupted = interrupted();
          ask_whether_they_are_there(self);
        });
    }
    if (results_.done.size() < wanted && !results_.interrupted)
      results_.mistake = "no worker is left";
    return conclude_seeds(results_, given_, program_, out_, err_);
  }

private:
  struct worker {
    std::string name; ///< As it was given.
    caf::actor handle;
    std::size_t jobs = 0; ///< Zero until it said who it is.
    std::set<std::uint64_t> seeds;
    int silent_ticks = 0;
  };

  void hire(caf::actor_system& system, caf::scoped_actor& self) {
    for (const auto& address : given_.workers) {
      const auto name = concat(address.host, ":", address.port);
      auto handle = system.middleman().remote_actor(address.host, address.port);
      if (!handle) {
        const auto why = concat("the worker ", name, " cannot be reached; start one with rats-sim --worker --port ",
          address.port, " there, with --listen if it is another machine");
        err_ << "rats-sim: " << why << std::endl;
        continue;
      }
      workers_.push_back({name, *handle, 0, {}, 0});
      self->monitor(*handle);
      self->send(*handle, to_text(worker_hello{}));
    }
  }

  void hear(caf::scoped_actor& self, const caf::actor& from, const std::string& text) {
    const auto who = std::find_if(workers_.begin(), workers_.end(), [&](const auto& x) { return x.handle == from; });
    const auto word = parse_worker_word(text);
    if (word.here && who != workers_.end()) {
      who->silent_ticks = 0;
      if (word.here->build != build_) {
        const auto why =
          concat("the worker ", who->name, " runs another build (version ", runtime::escaped(word.here->version, 40),
            "), in which the same seed is another run; copy this program there");
        err_ << "rats-sim: " << why << std::endl;
        workers_.erase(who);
        return;
      }
      who->jobs = std::max<std::size_t>(1, word.here->jobs);
      return deal(self);
    }
    // A run answers through an actor of its own.
    if (word.done)
      finished(self, *word.done);
  }

  void finished(caf::scoped_actor& self, const worker_done& x) {
    const auto who =
      std::find_if(workers_.begin(), workers_.end(), [&](const auto& one) { return one.seeds.count(x.seed) != 0; });
    if (who == workers_.end())
      return; // The word of somebody who was given up, and whose seed is done again or will be.
    if (!x.refused.empty())
      return lose(
        self, who->handle.address(), concat("does not run seed ", x.seed, ": ", runtime::escaped(x.refused, 200)));
    who->seeds.erase(x.seed);
    who->silent_ticks = 0;
    auto words = replay_arguments(given_, x.seed);
    words.insert(words.begin(), program_);
    results_.done[x.seed] = {x.code, with_replay(x.said, shell_command(words))};
    if (!given_.quiet)
      err_ << progress_text(results_, given_, x.seed) << ", by " << who->name << std::endl;
    deal(self);
  }

  void lose(caf::scoped_actor& self, const caf::actor_addr& whom, const std::string& why) {
    const auto who =
      std::find_if(workers_.begin(), workers_.end(), [&](const auto& x) { return x.handle.address() == whom; });
    if (who == workers_.end())
      return;
    auto text = concat("the worker ", who->name, " ", why);
    for (const auto seed : who->seeds)
      text += concat("; seed ", seed, " goes to another");
    err_ << "rats-sim: " << text << std::endl;
    again_.insert(again_.end(), who->seeds.begin(), who->seeds.end());
    workers_.erase(who);
    deal(self);
  }

  void ask_whether_they_are_there(caf::scoped_actor& self) {
    std::vector<caf::actor_addr> silent;
    for (auto& one : workers_) {
      if (++one.silent_ticks > silent_ticks_max)
        silent.push_back(one.handle.address());
      else
        self->send(one.handle, to_text(worker_hello{}));
    }
    for (const auto& one : silent)
      lose(self, one, "has fallen silent");
  }

  void deal(caf::scoped_actor& self) {
    for (auto& one : workers_)
      while (one.seeds.size() < one.jobs) {
        const auto seed = take_seed();
        if (!seed)
          return;
        one.seeds.insert(*seed);
        self->send(one.handle, to_text(worker_run{build_, text_, *seed}));
      }
  }

  std::optional<std::uint64_t> take_seed() {
    if (!again_.empty()) {
      const auto out = again_.front();
      again_.pop_front();
      return out;
    }
    if (dealt_out_)
      return std::nullopt;
    // Not counted further at the largest seed there is.
    dealt_out_ = next_ == given_.seeds->second;
    return dealt_out_ ? next_ : next_++;
  }

  const sim_options_given& given_;
  std::string program_;
  std::ostream& out_;
  std::ostream& err_;
  std::string build_;
  std::string text_;
  std::vector<worker> workers_;
  std::deque<std::uint64_t> again_; ///< What died with a worker.
  std::uint64_t next_ = 0;
  bool dealt_out_ = false;
  seed_results results_;
};

} // namespace

int run_seeds_by_workers(const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err) {
  runtime::system_config config;
  config.load<caf::io::middleman>();
  caf::actor_system system{config};
  return crew{given, program, out, err}.run(system, interrupted);
}

} // namespace librats::apps
