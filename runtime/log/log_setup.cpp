// SPDX-License-Identifier: MIT
#include "runtime/log/log_setup.hpp"

#include "runtime/log/escape.hpp"

#include <spdlog/details/os.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace librats::runtime {
namespace {

constexpr std::array<std::string_view, 6> level_names = {"trace", "debug", "info", "warn", "error", "off"};

spdlog::level::level_enum to_spdlog(log_level level) noexcept {
  switch (level) {
  case log_level::trace: return spdlog::level::trace;
  case log_level::debug: return spdlog::level::debug;
  case log_level::info: return spdlog::level::info;
  case log_level::warn: return spdlog::level::warn;
  case log_level::error: return spdlog::level::err;
  case log_level::off: break;
  }
  return spdlog::level::off;
}

std::string_view name_of(spdlog::level::level_enum level) noexcept {
  const auto last = level_names.size() - 2; // Ours and spdlog's numbers agree up to `error`.
  return level_names[std::min(static_cast<std::size_t>(level), last)];
}

/// Puts time and level before the sentence. spdlog's pattern language knows neither UTC per sink nor virtual time.
class line_formatter final : public spdlog::formatter {
public:
  line_formatter(bool timestamps, std::function<duration()> now) : timestamps_(timestamps), now_(std::move(now)) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    if (timestamps_)
      append_time(msg, out);
    const auto name = name_of(msg.level);
    msg.color_range_start = out.size();
    append(name, out);
    msg.color_range_end = out.size();
    append(std::string_view{"      "}.substr(name.size()), out);
    append({msg.payload.data(), msg.payload.size()}, out);
    append(spdlog::details::os::default_eol, out);
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(timestamps_, now_);
  }

private:
  static void append(std::string_view text, spdlog::memory_buf_t& out) {
    out.append(text.data(), text.data() + text.size());
  }

  void append_time(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) const {
    using namespace std::chrono;
    char text[64];
    if (now_) {
      const auto micros = static_cast<long long>(duration_cast<microseconds>(now_()).count());
      std::snprintf(text, sizeof(text), "+%lld.%06llds ", micros / 1'000'000, micros % 1'000'000);
    } else {
      const auto since_epoch = msg.time.time_since_epoch();
      const auto millis = static_cast<int>(duration_cast<milliseconds>(since_epoch).count() % 1000);
      const auto utc = spdlog::details::os::gmtime(duration_cast<seconds>(since_epoch).count());
      std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ", utc.tm_year + 1900, utc.tm_mon + 1,
        utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, millis);
    }
    append(text, out);
  }

  bool timestamps_;
  std::function<duration()> now_;
};

using file_sink = std::shared_ptr<spdlog::sinks::rotating_file_sink_mt>;
using console_sink = std::shared_ptr<spdlog::sinks::stderr_color_sink_mt>;

std::string quoted(const std::string& path) {
  return "\"" + escaped(path) + "\"";
}

/// "cannot open log file ...", with the cause and what to do.
std::string cannot(const char* what, const std::string& path, int cause) {
  return concat("cannot ", what, " log file ", quoted(path), ": ", std::generic_category().message(cause),
    "; choose another path or make this one writable");
}

/// Throws `spdlog_ex`, whose text is a sentence. The probe finds the cause at once, where spdlog would retry for 50 ms.
file_sink open_file(const log_options& options) {
  const auto& path = options.file_path;
  if (const auto folder = std::filesystem::path{path}.parent_path(); !folder.empty()) {
    std::error_code ignored; // If it matters, opening fails too.
    std::filesystem::create_directories(folder, ignored);
  }
  errno = 0;
  auto* probe = std::fopen(path.c_str(), "ab");
  if (probe == nullptr)
    throw spdlog::spdlog_ex(cannot("open", path, errno));
  std::fclose(probe);
  return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
    path, options.rotation_size_bytes, static_cast<std::size_t>(options.retention_count));
}

std::optional<std::string> find_mistake(const log_options& options) {
  if (options.file && options.file_path.empty())
    return "cannot log to a file without a path";
  if (options.rotation_size_bytes < log_rotation_size_min)
    return concat(
      "cannot rotate the log at ", options.rotation_size_bytes, " bytes: the least is ", log_rotation_size_min);
  if (options.retention_count < 0 || options.retention_count > log_retention_max)
    return concat("cannot keep ", options.retention_count, " rotated log files: accepted are 0 to ", log_retention_max);
  return std::nullopt;
}

/// The one sink of the one logger. It hands each line to console and file, and guards the options with the lock that
/// every spdlog sink has, so that they can change while other threads log.
class switchboard final : public spdlog::sinks::dist_sink_mt {
public:
  switchboard() { install(make_console(options_), nullptr); }

  std::optional<std::string> apply(const log_options& wanted, spdlog::logger& logger) {
    if (auto mistake = find_mistake(wanted))
      return mistake;
    const std::lock_guard lock{mutex_};
    try {
      const bool same_file = file_ && options_.file_path == wanted.file_path
        && options_.rotation_size_bytes == wanted.rotation_size_bytes
        && options_.retention_count == wanted.retention_count;
      auto file = !wanted.file ? nullptr : same_file ? file_ : open_file(wanted);
      auto console = wanted.console ? make_console(wanted) : nullptr;
      options_ = wanted;
      install(std::move(console), std::move(file));
    } catch (const std::exception& cause) {
      return cause.what();
    }
    set_threshold(logger);
    return std::nullopt;
  }

  void set_level(log_level level, spdlog::logger& logger) {
    const std::lock_guard lock{mutex_};
    options_.level = level;
    set_threshold(logger);
  }

  void set_clock(std::function<duration()> now) {
    const std::lock_guard lock{mutex_};
    now_ = std::move(now);
    install(console_, file_);
  }

  std::optional<std::string> reopen() {
    const std::lock_guard lock{mutex_};
    if (!options_.file)
      return std::nullopt;
    try {
      install(console_, open_file(options_));
    } catch (const std::exception& cause) {
      return cause.what();
    }
    return std::nullopt;
  }

  std::optional<std::string> clear() {
    const std::lock_guard lock{mutex_};
    const auto& path = options_.file_path;
    file_.reset(); // It counts the bytes of the file; the next line opens it afresh.
    std::error_code ignored;
    if (path.empty() || !std::filesystem::exists(path, ignored))
      return std::nullopt;
    errno = 0;
    auto* emptied = std::fopen(path.c_str(), "wb");
    if (emptied == nullptr)
      return cannot("empty", path, errno);
    std::fclose(emptied);
    return std::nullopt;
  }

  log_options options() {
    const std::lock_guard lock{mutex_};
    return options_;
  }

private:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    if (console_)
      console_->log(msg);
    if (!options_.file)
      return;
    guard_file([&] {
      if (!file_)
        install(console_, open_file(options_));
      file_->log(msg);
    });
  }

  void flush_() override {
    if (console_)
      console_->flush();
    guard_file([&] {
      if (file_)
        file_->flush();
      file_failed_ = false;
    });
  }

  /// After a failed rotation spdlog's sink holds a null stream and would crash on it, so a sink that threw is not used
  /// again: the next line opens the file anew. Says so on stderr, once per outage.
  template <class Work>
  void guard_file(Work work) {
    try {
      work();
    } catch (const std::exception& cause) {
      file_.reset();
      if (!std::exchange(file_failed_, true))
        std::fprintf(stderr, "log cannot write its file: %s\n", escaped(cause.what()).c_str());
    }
  }

  static console_sink make_console(const log_options& options) {
    return std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
      options.colors ? spdlog::color_mode::automatic : spdlog::color_mode::never);
  }

  void install(console_sink console, file_sink file) {
    console_ = std::move(console);
    file_ = std::move(file);
    const line_formatter format{options_.timestamps, now_};
    if (console_)
      console_->set_formatter(format.clone());
    if (file_)
      file_->set_formatter(format.clone());
  }

  void set_threshold(spdlog::logger& logger) const {
    const bool heard = options_.console || options_.file;
    logger.set_level(heard ? to_spdlog(options_.level) : spdlog::level::off);
  }

  log_options options_;
  std::function<duration()> now_;
  console_sink console_;
  file_sink file_; ///< Null while logging to a file is off, or until the next line after a failure.
  bool file_failed_ = false;
};

struct process_log {
  std::shared_ptr<switchboard> sink = std::make_shared<switchboard>();
  spdlog::logger logger{"librats", sink};

  process_log() {
    logger.set_level(to_spdlog(log_options{}.level));
    logger.flush_on(spdlog::level::warn);
    std::atexit(flush_log);
  }
};

/// Never destroyed, because destructors of other statics may log.
process_log& the_log() {
  static auto* const out = new process_log;
  return *out;
}

} // namespace

bool log_enabled(log_level level) noexcept {
  return level != log_level::off && the_log().logger.should_log(to_spdlog(level));
}

void log_write(log_level level, std::string_view subject, std::string_view sentence) noexcept {
  if (!log_enabled(level))
    return;
  try {
    auto line = concat(subject, " ", sentence);
    line = escaped(line, log_line_bytes_max);
    the_log().logger.log(to_spdlog(level), spdlog::string_view_t{line});
  } catch (...) { // Only memory can run out here, and a log line is not worth more damage.
  }
}

std::optional<std::string> configure_logging(const log_options& options) {
  return the_log().sink->apply(options, the_log().logger);
}

log_options current_log_options() {
  return the_log().sink->options();
}

void set_log_level(log_level level) {
  the_log().sink->set_level(level, the_log().logger);
}

std::optional<std::string> reopen_log_files() {
  return the_log().sink->reopen();
}

std::optional<std::string> clear_log_file() {
  return the_log().sink->clear();
}

void flush_log() noexcept {
  the_log().logger.flush();
}

void set_log_clock(std::function<duration()> now) {
  the_log().sink->set_clock(std::move(now));
}

std::string_view to_string(log_level level) noexcept {
  return level_names[std::min(static_cast<std::size_t>(level), level_names.size() - 1)];
}

std::optional<log_level> parse_log_level(std::string_view name) noexcept {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (std::equal(name.begin(), name.end(), level_names[i].begin(), level_names[i].end(), same))
      return static_cast<log_level>(i);
  return std::nullopt;
}

} // namespace librats::runtime
