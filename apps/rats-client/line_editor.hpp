// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-client/line_source.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <memory>
#include <string>

namespace librats::apps {

/// Lines from a person at a terminal, edited by libedit: history, completion, emacs or vi keys by ~/.editrc. Text that
/// arrives meanwhile goes above the line being typed. The standard error output is caught and shown in the same way, so
/// that a log line cannot spoil the screen.
class line_editor final : public line_source {
public:
  /// `history_file`: read now and replaced at the end; empty keeps no history.
  line_editor(boost::asio::io_context& context, std::string history_file, events handlers);
  ~line_editor() override;
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  void want() override {}
  void show(const std::string& text) override;
  void offer(completion_words words) override { words_ = std::move(words); }
  void prompt(std::string text) override;
  void status(std::string lines) override;
  void resized() override;

private:
  struct library;

  void wait();
  void readable();
  void line_finished(std::string line);
  void catch_errors();
  void read_errors();
  void erase_line();
  void draw_status();
  [[nodiscard]] int rows_of(std::string_view line) const;
  int read_character(wchar_t& into);
  unsigned char complete_here();

  events handlers_;
  std::string history_file_;
  completion_words words_;
  std::string prompt_ = "> ";
  std::string status_;
  int status_rows_ = 0; ///< Of the terminal, above the prompt.
  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor errors_;
  std::array<char, 4096> error_bytes_{};
  std::string error_line_;
  int real_stderr_ = -1;
  bool ended_ = false;
  std::unique_ptr<library> lib_;
};

} // namespace librats::apps
