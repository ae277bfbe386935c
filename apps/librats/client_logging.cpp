// SPDX-License-Identifier: MIT
#include "librats.h"

#include "runtime/log/log_setup.hpp"

namespace librats {

namespace {

using runtime::log_level;

template <class Change>
void configure(Change change) {
  auto options = runtime::current_log_options();
  change(options);
  if (const auto mistake = runtime::configure_logging(options))
    LIBRATS_LOG(log_level::error, "client", *mistake);
}

} // namespace

void RatsClient::set_console_logging_enabled(bool enabled) {
  configure([&](auto& x) { x.console = enabled; });
}

bool RatsClient::is_console_logging_enabled() const { return runtime::current_log_options().console; }

void RatsClient::set_logging_enabled(bool enabled) {
  configure([&](auto& x) { x.file = enabled; });
}

bool RatsClient::is_logging_enabled() const { return runtime::current_log_options().file; }

void RatsClient::set_log_file_path(const std::string& file_path) {
  configure([&](auto& x) { x.file_path = file_path; });
}

std::string RatsClient::get_log_file_path() const { return runtime::current_log_options().file_path; }

void RatsClient::set_log_level(LogLevel level) {
  switch (level) {
    case LogLevel::DEBUG: runtime::set_log_level(log_level::debug); break;
    case LogLevel::INFO: runtime::set_log_level(log_level::info); break;
    case LogLevel::WARN: runtime::set_log_level(log_level::warn); break;
    case LogLevel::ERROR: runtime::set_log_level(log_level::error); break;
  }
}

void RatsClient::set_log_level(const std::string& level_str) {
  const auto level = runtime::parse_log_level(level_str);
  if (level && *level != log_level::trace && *level != log_level::off)
    runtime::set_log_level(*level);
}

LogLevel RatsClient::get_log_level() const {
  switch (runtime::current_log_options().level) {
    case log_level::trace:
    case log_level::debug: return LogLevel::DEBUG;
    case log_level::info: return LogLevel::INFO;
    case log_level::warn: return LogLevel::WARN;
    case log_level::error:
    case log_level::off: break;
  }
  return LogLevel::ERROR;
}

void RatsClient::set_log_colors_enabled(bool enabled) {
  configure([&](auto& x) { x.colors = enabled; });
}

bool RatsClient::is_log_colors_enabled() const { return runtime::current_log_options().colors; }

void RatsClient::set_log_timestamps_enabled(bool enabled) {
  configure([&](auto& x) { x.timestamps = enabled; });
}

bool RatsClient::is_log_timestamps_enabled() const { return runtime::current_log_options().timestamps; }

void RatsClient::set_log_rotation_size(size_t max_size_bytes) {
  configure([&](auto& x) { x.rotation_size_bytes = max_size_bytes; });
}

void RatsClient::set_log_retention_count(int count) {
  configure([&](auto& x) { x.retention_count = count; });
}

void RatsClient::clear_log_file() {
  if (const auto mistake = runtime::clear_log_file())
    LIBRATS_LOG(log_level::error, "client", *mistake);
}

} // namespace librats
