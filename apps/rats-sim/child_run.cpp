// SPDX-License-Identifier: MIT
#include "apps/rats-sim/child_run.hpp"

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/io.hpp>
#include <boost/process/pipe.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iterator>
#include <system_error>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace librats::apps {

namespace bp = boost::process;

std::string own_path(const std::string& program) {
  std::error_code unknown;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return unknown ? program : path.string();
}

void end_with_parent::arrange_own_end() {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

child_result run_child(const std::string& program, const std::vector<std::string>& arguments) {
  child_result out;
  try {
    bp::ipstream said;
    bp::child child(bp::exe = program, bp::args = arguments, bp::std_in<bp::null, bp::std_out> said,
      bp::std_err > bp::null, end_with_parent{});
    out.said.assign(std::istreambuf_iterator<char>{said}, {});
    child.wait();
    out.code = child.exit_code();
  } catch (const std::exception& cause) {
    out.code = -1;
    out.mistake = cause.what();
  }
  return out;
}

scratch_folder::scratch_folder() {
  namespace fs = std::filesystem;
  // mkdtemp: nobody else can have made it, or look into it.
  auto pattern = (fs::temp_directory_path() / "rats-sim-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw fs::filesystem_error("a folder cannot be made", pattern, std::error_code(errno, std::generic_category()));
  folder_ = pattern;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string scratch_folder::path(const std::string& name) const {
  return (std::filesystem::path{folder_} / name).string();
}

} // namespace librats::apps
