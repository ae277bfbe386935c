// SPDX-License-Identifier: MIT
#pragma once

#include <boost/process/extend.hpp>

#include <string>
#include <vector>

namespace librats::apps {

/// The file that runs now. `program` may be a name that the shell looked up; where the system does not say more, it has
/// to be a path.
[[nodiscard]] std::string own_path(const std::string& program);

/// For boost::process: a process that ends, at once, when the thread that started it does. Linux alone can do that;
/// elsewhere it goes on to its own end.
struct end_with_parent : boost::process::extend::handler {
  template <class Executor>
  void on_exec_setup(Executor&) const {
    arrange_own_end();
  }
  static void arrange_own_end();
};

/// What became of a process.
struct child_result {
  int code = -1;       ///< Its exit code, or that of the signal that ended it; -1 when it could not be started.
  std::string said;    ///< On its standard output.
  std::string mistake; ///< Why it could not be started.
};

/// Runs `program` to its end and waits for it. Where the system can do that, it ends when the calling thread does.
[[nodiscard]] child_result run_child(const std::string& program, const std::vector<std::string>& arguments);

/// A new folder of our own below the system's for such things; goes with everything in it.
class scratch_folder {
public:
  /// Throws std::filesystem::filesystem_error when there can be none.
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const;

private:
  std::string folder_;
};

} // namespace librats::apps
