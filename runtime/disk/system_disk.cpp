// SPDX-License-Identifier: MIT
#include "runtime/disk/disk.hpp"

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
file_ptr create(const std::string& path, file_access) { return file_ptr{std::fopen(path.c_str(), "wb")}; }
std::error_code sync(std::FILE* file) { return _commit(_fileno(file)) == 0 ? std::error_code{} : last_error(); }
void sync_folder(const std::string&) {}
#else
file_ptr create(const std::string& path, file_access access) {
  // A leftover of a crash may have another mode, or somebody may have put a link there: never write into what exists.
  ::unlink(path.c_str());
  const auto fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
    access == file_access::owner_only ? 0600 : 0644);
  return file_ptr{fd >= 0 ? ::fdopen(fd, "wb") : nullptr};
}
std::error_code sync(std::FILE* file) { return ::fsync(::fileno(file)) == 0 ? std::error_code{} : last_error(); }
/// Makes a rename in the folder durable. Some file systems refuse; then the rename is as durable as they make it.
void sync_folder(const std::string& folder) {
  const auto fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  (void)::fsync(fd);
  ::close(fd);
}
#endif

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
    const auto temporary = path + ".tmp";
    if (const auto error = write_whole(temporary, content, access)) {
      std::remove(temporary.c_str());
      return error;
    }
    std::error_code error;
    fs::rename(temporary, path, error);
    if (error) {
      std::remove(temporary.c_str());
      return error;
    }
    sync_folder(fs::path{path}.parent_path().string());
    return {};
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

private:
  static std::error_code write_whole(const std::string& path, bytes_view content, file_access access) {
    const auto file = create(path, access);
    if (!file)
      return last_error();
    if (!content.empty() && std::fwrite(content.data(), 1, content.size(), file.get()) != content.size())
      return last_error();
    if (std::fflush(file.get()) != 0)
      return last_error();
    return sync(file.get());
  }
};

} // namespace

disk& system_disk() {
  static machine_disk instance;
  return instance;
}

} // namespace librats::runtime
