// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sweep.hpp"

#include "apps/rats-sim/machine.hpp"
#include "apps/rats-sim/run.hpp"
#include "runtime/log/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/process/args.hpp>
#include <boost/process/async.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace librats::apps {

namespace {

namespace bp = boost::process;
using nlohmann::json;
using runtime::concat;

/// The file that runs now. `program` may be a name that the shell looked up; where the system does not say more, it has
/// to be a path.
std::string own_path(const std::string& program) {
  std::error_code unknown;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return unknown ? program : path.string();
}

/// Keeps so many processes running until all seeds are done.
class sweep {
public:
  sweep(const sim_options_given& given, std::string program, std::ostream& out, std::ostream& err)
    : given_(given), program_(std::move(program)), out_(out), err_(err), next_(given.seeds->first) {}

  int run() {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (!cancelled)
        stop();
    });
    for (std::size_t i = 0; i < given_.jobs; ++i)
      start_one();
    if (!running_.empty())
      context_.run();
    return conclude();
  }

private:
  struct process {
    bp::child child;
    std::future<std::string> said;
  };

  void start_one() {
    if (over_ || next_ > given_.seeds->second)
      return;
    const auto seed = next_;
    // Not counted further at the largest seed there is.
    over_ = next_++ == given_.seeds->second;
    auto arguments = replay_arguments(given_, seed);
    arguments.emplace_back("--quiet");
    auto& one = running_[seed];
    try {
      one.child = bp::child(
        bp::exe = own_path(program_), bp::args = arguments, bp::std_in<bp::null, bp::std_out> one.said,
        bp::std_err > bp::null, context_,
        // Not within the handler, which still looks at the processes that there are.
        bp::on_exit = [this, seed](int code, const std::error_code& why) {
          boost::asio::post(context_, [this, seed, code, why] { ended(seed, why ? -1 : code); });
        });
    } catch (const std::exception& cause) {
      running_.erase(seed);
      over_ = true;
      unstarted_ = concat(program_, " cannot be started: ", cause.what());
    }
  }

  /// All that the process said has been read when the loop is idle; the text is looked at in the end.
  void ended(std::uint64_t seed, int code) {
    auto found = running_.find(seed);
    if (interrupted_ && code != sim_held) { // Nobody knows what would have become of it.
      running_.erase(found);
      if (running_.empty())
        signals_.cancel();
      return;
    }
    done_.emplace(seed, std::pair{code, std::move(found->second.said)});
    running_.erase(found);
    if (code != sim_held)
      ++failed_;
    if (!given_.quiet)
      err_ << concat(done_.size(), " of ", given_.seeds->second - given_.seeds->first + 1, " seeds, ", failed_,
        " failed", code == sim_held ? "" : concat(" (", seed, ")"), "\n")
           << std::flush;
    start_one();
    if (running_.empty())
      signals_.cancel();
  }

  /// The processes of a terminal get its signal themselves; this is for one that was meant for us alone.
  void stop() {
    over_ = true;
    interrupted_ = true;
    for (auto& [seed, one] : running_)
      ::kill(one.child.id(), SIGINT);
  }

  int conclude() {
    json failures = json::array();
    std::string first_hash;
    for (auto& [seed, result] : done_) {
      if (result.first == sim_held)
        continue;
      const auto said = result.second.valid() ? result.second.get() : std::string{};
      auto words = replay_arguments(given_, seed);
      words.insert(words.begin(), program_);
      const auto replay = shell_command(words);
      failures.push_back({{"seed", seed}, {"exit_code", result.first}, {"said", said}, {"replay", replay}});
      const bool explained = result.first == sim_broken && said.find("replay: ") != std::string::npos;
      out_ << "seed " << seed << (explained ? " failed\n" : concat(" ended with code ", result.first, "\n")) << said
           << (explained ? "" : concat("  replay: ", replay, "\n"));
    }
    const auto wanted = given_.seeds->second - given_.seeds->first + 1;
    out_ << done_.size() << " of " << wanted << " seeds were run, " << done_.size() - failed_ << " held, " << failed_
         << " failed" << (interrupted_ ? "; interrupted" : "") << std::endl;
    if (!unstarted_.empty())
      err_ << "rats-sim: " << unstarted_ << '\n';
    bool written = true;
    if (!given_.report.empty()) {
      std::ofstream report{given_.report, std::ios::trunc};
      report << json{{"scenario", given_.config}, {"first_seed", given_.seeds->first},
        {"last_seed", given_.seeds->second}, {"run", done_.size()}, {"failed", failed_}, {"interrupted", interrupted_},
        {"failures", failures}}
                  .dump(2)
             << '\n';
      written = report.flush().good();
      if (!written)
        err_ << "rats-sim: " << given_.report << " cannot be written; name a file in a folder that you may write to\n";
    }
    return done_.size() == wanted && failed_ == 0 && written ? sim_held : sim_broken;
  }

  const sim_options_given& given_;
  std::string program_;
  std::ostream& out_;
  std::ostream& err_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::uint64_t next_;
  bool over_ = false;
  bool interrupted_ = false;
  std::size_t failed_ = 0;
  std::string unstarted_;
  std::map<std::uint64_t, process> running_;
  std::map<std::uint64_t, std::pair<int, std::future<std::string>>> done_;
};

} // namespace

int run_seeds(const scenario& what, const sim_options_given& given, const std::string& program, std::ostream& out,
  std::ostream& err) {
  const auto share = memory_available() / given.jobs;
  if (const auto why = refuse_for_memory(what, share); !why.empty()) {
    err << "rats-sim: with " << given.jobs << " at once, " << why << '\n';
    return sim_mistaken;
  }
  return sweep{given, program, out, err}.run();
}

} // namespace librats::apps
