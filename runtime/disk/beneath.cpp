// SPDX-License-Identifier: MIT
#include "runtime/disk/beneath.hpp"

#ifndef _WIN32

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

namespace librats::runtime::beneath {

namespace {

std::error_code last_error() {
  return {errno, std::generic_category()};
}
std::error_code invalid() {
  return std::make_error_code(std::errc::invalid_argument);
}

constexpr std::int64_t ns_per_s = 1'000'000'000;

/// A descriptor, closed at the end of its scope.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// Opens again after a signal.
template <class F>
auto uninterrupted(F&& call) {
  auto out = call();
  while (out < 0 && errno == EINTR)
    out = call();
  return out;
}

bool is_component(std::string_view x) noexcept {
  return !x.empty() && x != "." && x != ".." && x.find('\0') == std::string_view::npos;
}

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

descriptor open_root(const std::string& root) {
  return descriptor{uninterrupted([&] { return ::open(root.empty() ? "." : root.c_str(), folder_flags); })};
}

/// Where a path ends: the folder that holds its last component, and that component; empty for the root itself.
struct end_of_path {
  descriptor folder;
  std::string name;
};

descriptor next_folder(int parent, const std::string& name) {
  return descriptor{uninterrupted([&] { return ::openat(parent, name.c_str(), folder_flags | O_NOFOLLOW); })};
}

/// Walks to the folder of the last component, making folders on the way with `make`.
result<end_of_path, std::error_code> walk(const file_place& where, bool make) {
  end_of_path out{open_root(where.root), {}};
  if (!out.folder)
    return last_error();
  for (std::string_view rest = where.path; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto component = rest.substr(0, slash);
    if (!is_component(component) || (slash != std::string_view::npos && slash + 1 == rest.size()))
      return invalid();
    if (slash == std::string_view::npos) {
      out.name = component;
      break;
    }
    const std::string name{component};
    if (make && ::mkdirat(out.folder.get(), name.c_str(), 0777) != 0 && errno != EEXIST)
      return last_error();
    auto next = next_folder(out.folder.get(), name);
    if (!next)
      return last_error();
    out.folder = std::move(next);
    rest.remove_prefix(slash + 1);
  }
  return out;
}

file_kind kind_of(::mode_t mode) noexcept {
  if (S_ISREG(mode))
    return file_kind::file;
  if (S_ISDIR(mode))
    return file_kind::folder;
  return S_ISLNK(mode) ? file_kind::link : file_kind::other;
}

std::int64_t modified_ns(const struct stat& x) noexcept {
#ifdef __APPLE__
  const auto& when = x.st_mtimespec;
#else
  const auto& when = x.st_mtim;
#endif
  return static_cast<std::int64_t>(when.tv_sec) * ns_per_s + when.tv_nsec;
}

file_info to_info(const struct stat& x) noexcept {
  file_info out;
  out.kind = kind_of(x.st_mode);
  out.size = out.kind == file_kind::file ? static_cast<std::uint64_t>(x.st_size) : 0;
  out.modified_ns = modified_ns(x);
  out.mode = static_cast<std::uint16_t>(x.st_mode & 0777);
  return out;
}

class posix_file final : public open_file {
public:
  explicit posix_file(descriptor fd) noexcept : fd_(std::move(fd)) {}

  result<std::size_t, std::error_code> read_at(std::uint64_t offset, mutable_bytes_view out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const auto count = uninterrupted(
        [&] { return ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<::off_t>(offset + done)); });
      if (count < 0)
        return last_error();
      if (count == 0)
        break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  std::error_code write_at(std::uint64_t offset, bytes_view content) override {
    std::size_t done = 0;
    while (done < content.size()) {
      const auto count = uninterrupted([&] {
        return ::pwrite(fd_.get(), content.data() + done, content.size() - done, static_cast<::off_t>(offset + done));
      });
      if (count < 0)
        return last_error();
      done += static_cast<std::size_t>(count);
    }
    return {};
  }

  std::error_code resize(std::uint64_t size) override {
    const auto done = uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<::off_t>(size)); });
    return done == 0 ? std::error_code{} : last_error();
  }

  std::error_code sync() override {
#ifdef __linux__
    const auto done = uninterrupted([&] { return ::fdatasync(fd_.get()); });
#else
    const auto done = uninterrupted([&] { return ::fsync(fd_.get()); });
#endif
    return done == 0 ? std::error_code{} : last_error();
  }

  std::error_code set_attributes(std::optional<std::int64_t> modified, std::optional<std::uint16_t> mode) override {
    if (mode && ::fchmod(fd_.get(), *mode & 0777) != 0)
      return last_error();
    if (!modified)
      return {};
    struct timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    const auto rest = (*modified % ns_per_s + ns_per_s) % ns_per_s;
    times[1].tv_sec = static_cast<std::time_t>((*modified - rest) / ns_per_s);
    times[1].tv_nsec = static_cast<long>(rest);
    return ::futimens(fd_.get(), times) == 0 ? std::error_code{} : last_error();
  }

  result<file_info, std::error_code> info() override {
    struct stat x {};
    if (::fstat(fd_.get(), &x) != 0)
      return last_error();
    return to_info(x);
  }

private:
  descriptor fd_;
};

result<descriptor, std::error_code> open_folder(const file_place& where) {
  auto at = walk(where, false);
  if (!at)
    return at.error();
  if (at->name.empty())
    return std::move(at->folder);
  auto out = next_folder(at->folder.get(), at->name);
  if (!out)
    return last_error();
  return out;
}

} // namespace

result<std::unique_ptr<open_file>, std::error_code> open(const file_place& where, open_mode mode) {
  const auto at = walk(where, false);
  if (!at)
    return at.error();
  if (at->name.empty())
    return std::make_error_code(std::errc::is_a_directory);
  // A pipe that somebody put there must not keep us waiting: O_NONBLOCK means nothing to a file.
  constexpr int common = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const int flags = common | (mode == open_mode::read ? O_RDONLY : O_RDWR | O_CREAT);
  descriptor fd{uninterrupted([&] { return ::openat(at->folder.get(), at->name.c_str(), flags, 0600); })};
  if (!fd)
    return last_error();
  struct stat x {};
  if (::fstat(fd.get(), &x) != 0)
    return last_error();
  if (S_ISDIR(x.st_mode))
    return std::make_error_code(std::errc::is_a_directory);
  if (!S_ISREG(x.st_mode))
    return invalid();
  return std::unique_ptr<open_file>{std::make_unique<posix_file>(std::move(fd))};
}

result<file_info, std::error_code> info(const file_place& where) {
  const auto at = walk(where, false);
  if (!at)
    return at.error();
  struct stat x {};
  const auto failed = at->name.empty() ? ::fstat(at->folder.get(), &x)
                                       : ::fstatat(at->folder.get(), at->name.c_str(), &x, AT_SYMLINK_NOFOLLOW);
  if (failed != 0)
    return last_error();
  return to_info(x);
}

result<std::vector<folder_entry>, std::error_code> list(const file_place& where, std::size_t count_max) {
  auto folder = open_folder(where);
  if (!folder)
    return folder.error();
  std::unique_ptr<::DIR, int (*)(::DIR*)> all{::fdopendir(folder->get()), &::closedir};
  if (!all)
    return last_error();
  (void)folder->release(); // It is `all` that closes it.
  std::vector<folder_entry> out;
  for (;;) {
    errno = 0;
    const auto* one = ::readdir(all.get());
    if (one == nullptr && errno != 0)
      return last_error();
    if (one == nullptr)
      break;
    const std::string_view name{one->d_name};
    if (name == "." || name == "..")
      continue;
    struct stat x {};
    if (::fstatat(::dirfd(all.get()), one->d_name, &x, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT)
        continue; // Gone meanwhile.
      return last_error();
    }
    if (out.size() == count_max)
      return std::make_error_code(std::errc::value_too_large);
    out.push_back({std::string{name}, kind_of(x.st_mode)});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

std::error_code make_folders(const file_place& where) {
  const auto at = walk(where, true);
  if (!at)
    return at.error();
  if (at->name.empty())
    return {};
  if (::mkdirat(at->folder.get(), at->name.c_str(), 0777) == 0)
    return {};
  if (errno != EEXIST)
    return last_error();
  return next_folder(at->folder.get(), at->name) ? std::error_code{} : last_error();
}

std::error_code rename(const file_place& from, const file_place& to) {
  const auto a = walk(from, false);
  if (!a)
    return a.error();
  const auto b = walk(to, false);
  if (!b)
    return b.error();
  if (a->name.empty() || b->name.empty())
    return invalid();
  const auto done = ::renameat(a->folder.get(), a->name.c_str(), b->folder.get(), b->name.c_str());
  return done == 0 ? std::error_code{} : last_error();
}

std::error_code remove(const file_place& where) {
  const auto at = walk(where, false);
  if (!at)
    return at.error() == std::errc::no_such_file_or_directory ? std::error_code{} : at.error();
  if (at->name.empty())
    return ::rmdir(where.root.c_str()) == 0 || errno == ENOENT ? std::error_code{} : last_error();
  if (::unlinkat(at->folder.get(), at->name.c_str(), 0) == 0 || errno == ENOENT)
    return {};
  if (errno != EISDIR && errno != EPERM) // What unlink says of a folder on Linux, and elsewhere.
    return last_error();
  return ::unlinkat(at->folder.get(), at->name.c_str(), AT_REMOVEDIR) == 0 ? std::error_code{} : last_error();
}

std::error_code sync_folder(const file_place& where) {
  const auto folder = open_folder(where);
  if (!folder)
    return folder.error();
  // Some file systems cannot sync a folder; they say EINVAL.
  const auto done = uninterrupted([&] { return ::fsync(folder->get()); });
  return done == 0 || errno == EINVAL ? std::error_code{} : last_error();
}

} // namespace librats::runtime::beneath

#else

namespace librats::runtime::beneath {

namespace {

std::error_code unsupported() {
  return std::make_error_code(std::errc::function_not_supported);
}

} // namespace

result<std::unique_ptr<open_file>, std::error_code> open(const file_place&, open_mode) {
  return unsupported();
}
result<file_info, std::error_code> info(const file_place&) {
  return unsupported();
}
result<std::vector<folder_entry>, std::error_code> list(const file_place&, std::size_t) {
  return unsupported();
}
std::error_code make_folders(const file_place&) {
  return unsupported();
}
std::error_code rename(const file_place&, const file_place&) {
  return unsupported();
}
std::error_code remove(const file_place&) {
  return unsupported();
}
std::error_code sync_folder(const file_place&) {
  return unsupported();
}

} // namespace librats::runtime::beneath

#endif
