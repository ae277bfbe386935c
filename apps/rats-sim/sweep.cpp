// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sweep.hpp"

#include "apps/rats-sim/child_run.hpp"
#include "apps/rats-sim/machine.hpp"
#include "apps/rats-sim/run.hpp"
#include "apps/rats-sim/seed_results.hpp"
#include "runtime/log/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/process/args.hpp>
#include <boost/process/async.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>

#include <csignal>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace librats::apps {

namespace {

namespace bp = boost::process;
using runtime::concat;

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
      results_.mistake = concat(program_, " cannot be started: ", cause.what());
    }
  }

  /// All that the process said has been read when the loop is idle; the text is looked at in the end.
  void ended(std::uint64_t seed, int code) {
    auto found = running_.find(seed);
    if (results_.interrupted && code != sim_held) { // Nobody knows what would have become of it.
      running_.erase(found);
      if (running_.empty())
        signals_.cancel();
      return;
    }
    results_.done[seed].code = code;
    said_.emplace(seed, std::move(found->second.said));
    running_.erase(found);
    if (!given_.quiet)
      err_ << progress_text(results_, given_, seed) << std::endl;
    start_one();
    if (running_.empty())
      signals_.cancel();
  }

  /// The processes of a terminal get its signal themselves; this is for one that was meant for us alone.
  void stop() {
    over_ = true;
    results_.interrupted = true;
    for (auto& [seed, one] : running_)
      ::kill(one.child.id(), SIGINT);
  }

  int conclude() {
    for (auto& [seed, one] : said_)
      results_.done[seed].said = one.valid() ? one.get() : std::string{};
    return conclude_seeds(results_, given_, program_, out_, err_);
  }

  const sim_options_given& given_;
  std::string program_;
  std::ostream& out_;
  std::ostream& err_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::uint64_t next_;
  bool over_ = false;
  std::map<std::uint64_t, process> running_;
  std::map<std::uint64_t, std::future<std::string>> said_;
  seed_results results_;
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
