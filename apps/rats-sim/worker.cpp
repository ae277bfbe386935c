// SPDX-License-Identifier: MIT
#include "apps/rats-sim/worker.hpp"

#include "apps/rats-sim/child_run.hpp"
#include "apps/rats-sim/run.hpp"
#include "apps/rats-sim/worker_talk.hpp"
#include "runtime/caf/system_config.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/process/args.hpp>
#include <boost/process/async.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <csignal>
#include <deque>
#include <exception>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace librats::apps {

namespace {

namespace bp = boost::process;

/// Keeps the processes of a worker. All calls come from the thread of its loop.
class run_desk {
public:
  /// Told the answer when a run has ended.
  using listener = std::function<void(const worker_done&)>;

  run_desk(boost::asio::io_context& context, std::string program, std::ostream& out)
    : context_(context), program_(std::move(program)), out_(out) {}
  ~run_desk() {
    for (auto& [number, one] : running_) {
      one->child.terminate();
      std::error_code ignored;
      one->child.wait(ignored);
    }
  }
  run_desk(const run_desk&) = delete;
  run_desk& operator=(const run_desk&) = delete;

  void start(const worker_run& what, listener ended) {
    const auto number = ++last_;
    auto& one = running_[number];
    try {
      one = std::make_unique<process>();
      one->seed = what.seed;
      one->ended = std::move(ended);
      const auto path = one->folder.path("scenario.ini");
      std::ofstream file{path, std::ios::trunc};
      file << what.scenario;
      file.close();
      if (!file)
        throw std::runtime_error(path + " cannot be written");
      const std::vector<std::string> arguments{"--config", path, "--seed", std::to_string(what.seed), "--quiet"};
      one->child = bp::child(
        bp::exe = program_, bp::args = arguments, bp::std_in<bp::null, bp::std_out> one->said, bp::std_err > bp::null,
        context_, end_with_parent{},
        bp::on_exit = [this, number](int code, const std::error_code& why) { look(number, why ? -1 : code); });
      out_ << "seed " << what.seed << " begins" << std::endl;
    } catch (const std::exception& cause) {
      worker_done answer{what.seed, -1, {}, cause.what()};
      const auto tell = one ? std::move(one->ended) : std::move(ended);
      running_.erase(number);
      tell(answer);
    }
  }

private:
  struct process {
    std::uint64_t seed = 0;
    listener ended;
    scratch_folder folder;
    std::future<std::string> said;
    bp::child child;
  };

  /// The end of a process may be known before all that it said has been read.
  void look(std::size_t number, int code) {
    boost::asio::post(context_, [this, number, code] {
      const auto found = running_.find(number);
      if (found->second->said.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        return look(number, code);
      const auto one = std::move(found->second);
      running_.erase(found);
      out_ << "seed " << one->seed << " ends with code " << code << std::endl;
      one->ended({one->seed, code, one->said.get(), {}});
    });
  }

  boost::asio::io_context& context_;
  std::string program_;
  std::ostream& out_;
  std::size_t last_ = 0;
  std::map<std::size_t, std::unique_ptr<process>> running_;
};

/// Takes work from anybody, as much as comes, and has so much of it done at once. Who goes away takes his waiting work
/// along.
class worker_actor final : public caf::event_based_actor {
public:
  /// `begin` may be called by any thread, and calls back from any.
  using starter = std::function<void(worker_run what, run_desk::listener ended)>;

  worker_actor(caf::actor_config& config, std::string build, std::size_t jobs, starter begin)
    : event_based_actor(config), build_(std::move(build)), jobs_(jobs), begin_(std::move(begin)) {
    set_down_handler([this](const caf::down_msg& x) { forget(x.source); });
  }

  caf::behavior make_behavior() override {
    return {[this](const std::string& text) { take(text); }};
  }

private:
  struct task {
    worker_run what;
    caf::actor giver;
  };

  void take(const std::string& text) {
    const auto from = caf::actor_cast<caf::actor>(current_sender());
    auto word = parse_worker_word(text);
    if (word.done && !from) { // From the desk.
      --running_;
      return begin_some();
    }
    if (!from)
      return;
    if (givers_.insert(from.address()).second)
      monitor(from);
    if (word.hello)
      return send(from, to_text(worker_here{build_, LIBRATS_VERSION, jobs_}));
    if (!word.run)
      return;
    if (word.run->build != build_)
      return send(from, to_text(worker_done{word.run->seed, -1, {}, "the worker runs another build"}));
    waiting_.push_back({std::move(*word.run), from});
    begin_some();
  }

  void begin_some() {
    for (; running_ < jobs_ && !waiting_.empty(); ++running_) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      begin_(
        std::move(next.what), [giver = next.giver, boss = caf::actor_cast<caf::actor>(this)](const worker_done& x) {
          const auto text = to_text(x);
          caf::anon_send(giver, text);
          caf::anon_send(boss, text);
        });
    }
  }

  void forget(const caf::actor_addr& giver) {
    givers_.erase(giver);
    waiting_.erase(
      std::remove_if(waiting_.begin(), waiting_.end(), [&](const task& x) { return x.giver.address() == giver; }),
      waiting_.end());
  }

  std::string build_;
  std::size_t jobs_;
  starter begin_;
  std::deque<task> waiting_;
  std::set<caf::actor_addr> givers_;
  std::size_t running_ = 0;
};

} // namespace

int run_worker(const sim_options_given& given, const std::string& program, std::ostream& out, std::ostream& err) {
  const auto build = own_build(program);
  if (build.empty()) {
    err << "rats-sim: --worker: its own file, " << own_path(program) << ", cannot be read\n";
    return sim_broken;
  }
  runtime::system_config config;
  config.load<caf::io::middleman>();
  caf::actor_system system{config};
  system.await_actors_before_shutdown(false);

  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
  run_desk desk{context, own_path(program), out};
  const auto worker = system.spawn<worker_actor>(build, given.jobs, [&](worker_run what, run_desk::listener ended) {
    boost::asio::post(context, [&desk, what = std::move(what), ended = std::move(ended)] { desk.start(what, ended); });
  });
  const auto port = system.middleman().publish(worker, given.port, given.listen.c_str());
  if (!port) {
    err << "rats-sim: --worker: cannot listen on " << given.listen << " port " << given.port
        << "; name another one with --port, or 0 for any\n";
    return sim_broken;
  }
  out << "rats-sim worker listens on " << given.listen << ':' << *port << std::endl;
  context.run();
  // Nothing may reach the desk any more when it goes.
  system.middleman().unpublish(worker, *port);
  caf::scoped_actor self{system, true};
  self->monitor(worker);
  self->send_exit(worker, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {});
  return sim_held;
}

} // namespace librats::apps
