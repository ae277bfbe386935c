// SPDX-License-Identifier: MIT
#include "runtime/disk/disk.hpp"

#include "runtime/disk/beneath.hpp"
#include "runtime/disk/replace_file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#ifdef _WIN32
#  include <io.h>
#else
#  include <fcntl.h>
#  include <sys/stat.h>
#  include <unistd.h>
#endif

namespace librats::runtime {

namespace fs = std::filesystem;

namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

struct file_closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using file_ptr = std::unique_ptr<std::FILE, file_closer>;

#ifdef _WIN32
file_ptr open_new(const std::string& path, file_access) { return file_ptr{std::fopen(path.c_str(), "wb")}; }
bool flush_to_disk(std::FILE* file) { return _commit(_fileno(file)) == 0; }
#else
file_ptr open_new(const std::string& path, file_access access) {
  // A leftover of a crash may have another mode, or somebody may have put a link there: never write into what exists.
  ::unlink(path.c_str());
  const auto fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
    access == file_access::owner_only ? 0600 : 0644);
  return file_ptr{fd >= 0 ? ::fdopen(fd, "wb") : nullptr};
}
bool flush_to_disk(std::FILE* file) { return ::fsync(::fileno(file)) == 0; }
#endif

class machine_steps final : public file_steps {
public:
  std::error_code create(const std::string& path, file_access access) override {
    file_ = open_new(path, access);
    return file_ ? std::error_code{} : last_error();
  }

  std::error_code append(bytes_view content) override {
    if (content.empty())
      return {};  // Its data may be null.
    const auto written = std::fwrite(content.data(), 1, content.size(), file_.get());
    return written == content.size() ? std::error_code{} : last_error();
  }

  std::error_code sync() override {
    const bool ok = std::fflush(file_.get()) == 0 && flush_to_disk(file_.get());
    const auto error = ok ? std::error_code{} : last_error();
    file_.reset();
    return error;
  }

  std::error_code rename(const std::string& from, const std::string& to) override {
    std::error_code error;
    fs::rename(from, to, error);
    return error;
  }

  void sync_folder([[maybe_unused]] const std::string& path) override {
#ifndef _WIN32
    const auto fd = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
      return;
    (void)::fsync(fd);
    ::close(fd);
#endif
  }

  void remove(const std::string& path) override {
    file_.reset();
    std::remove(path.c_str());
  }

private:
  file_ptr file_;
};

class machine_disk final : public disk {
public:
  result<bytes, std::error_code> read_file(const std::string& path, std::size_t size_max) override {
    std::error_code error;
    if (fs::is_directory(path, error))
      return std::make_error_code(std::errc::is_a_directory);
    const file_ptr file{std::fopen(path.c_str(), "rb")};
    if (!file)
      return last_error();
    bytes out;
    std::uint8_t buffer[16 * 1024];
    while (const auto count = std::fread(buffer, 1, sizeof(buffer), file.get())) {
      if (out.size() + count > size_max)
        return std::make_error_code(std::errc::file_too_large);
      out.insert(out.end(), buffer, buffer + count);
    }
    if (std::ferror(file.get()) != 0)
      return last_error();
    return out;
  }

  std::error_code write_file(const std::string& path, bytes_view content, file_access access) override {
    machine_steps steps;
    return replace_file(steps, path, content, access);
  }

  std::error_code make_folder(const std::string& path) override {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error && !fs::is_directory(path, error))
      return std::make_error_code(std::errc::not_a_directory);
    return error;
  }

  std::optional<bool> open_to_others(const std::string& path) override {
#ifdef _WIN32
    (void)path;
    return std::nullopt;  // Access lists, not mode bits, decide there.
#else
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
      return std::nullopt;
    return (info.st_mode & 077) != 0;
#endif
  }

  std::error_code restrict_to_owner(const std::string& path) override {
    std::error_code error;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
    return error;
  }

  result<std::unique_ptr<open_file>, std::error_code> open(const file_place& where, open_mode mode) override {
    return beneath::open(where, mode);
  }
  result<file_info, std::error_code> info(const file_place& where) override { return beneath::info(where); }
  result<std::vector<folder_entry>, std::error_code> list(const file_place& where, std::size_t count_max) override {
    return beneath::list(where, count_max);
  }
  std::error_code make_folders(const file_place& where) override { return beneath::make_folders(where); }
  std::error_code rename(const file_place& from, const file_place& to) override { return beneath::rename(from, to); }
  std::error_code remove(const file_place& where) override { return beneath::remove(where); }
  std::error_code sync_folder(const file_place& where) override { return beneath::sync_folder(where); }

  result<std::uint64_t, std::error_code> free_space(const std::string& folder) override {
    std::error_code error;
    const auto space = fs::space(folder.empty() ? "." : folder, error);
    if (error)
      return error;
    return static_cast<std::uint64_t>(space.available);
  }

  result<std::string, std::error_code> real_path(const std::string& path) override {
    std::error_code error;
    auto out = fs::canonical(path, error);
    if (error)
      return error;
    return out.string();
  }
};

} // namespace

disk& system_disk() {
  static machine_disk instance;
  return instance;
}

} // namespace librats::runtime
