// SPDX-License-Identifier: MIT
#include "apps/rats-client/line_editor.hpp"

#include "apps/ratsd/status_text.hpp"

#include <boost/asio/buffer.hpp>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <fcntl.h>
#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace librats::apps {

namespace {

constexpr int history_lines_max = 1000;
constexpr char control_d = 4;
constexpr int candidate_columns = 4;

int terminal_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// Columns that text takes on the terminal.
int display_width(std::string_view text) {
  int out = 0;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t one = 0;
    const auto size = std::mbrtowc(&one, text.data(), text.size(), &state);
    if (size == 0 || size > text.size())
      return out + static_cast<int>(text.size());
    out += std::max(0, ::wcwidth(one));
    text.remove_prefix(size);
  }
  return out;
}

} // namespace

/// libedit's handles.
struct line_editor::library {
  EditLine* edit = nullptr;
  History* past = nullptr;
  HistEvent event{};
  std::mbstate_t decoding{};

  static line_editor* owner(EditLine* edit) {
    void* out = nullptr;
    el_get(edit, EL_CLIENTDATA, &out);
    return static_cast<line_editor*>(out);
  }
  static char* prompt(EditLine* edit) { return owner(edit)->prompt_.data(); }
  static int read_character(EditLine* edit, wchar_t* into) { return owner(edit)->read_character(*into); }
  static unsigned char complete(EditLine* edit, int) { return owner(edit)->complete_here(); }
};

line_editor::line_editor(boost::asio::io_context& context, std::string history_file, events handlers)
  : handlers_(std::move(handlers)), history_file_(std::move(history_file)), input_(context, ::dup(STDIN_FILENO)),
    errors_(context), lib_(std::make_unique<library>()) {
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8"); // What peers write is UTF-8 whatever the locale.
  catch_errors();
  lib_->past = history_init();
  history(lib_->past, &lib_->event, H_SETSIZE, history_lines_max);
  history(lib_->past, &lib_->event, H_SETUNIQUE, 1);
  if (!history_file_.empty())
    history(lib_->past, &lib_->event, H_LOAD, history_file_.c_str()); // There may be none yet.
  lib_->edit = el_init("rats-client", stdin, stdout, stderr);
  auto* edit = lib_->edit;
  el_set(edit, EL_CLIENTDATA, this);
  el_set(edit, EL_PROMPT, &library::prompt);
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_SIGNAL, 0);
  el_set(edit, EL_HIST, history, lib_->past);
  el_set(edit, EL_ADDFN, "rats-complete", "complete commands and names", &library::complete);
  el_set(edit, EL_BIND, "^I", "rats-complete", nullptr);
  el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(edit, nullptr);
  el_set(edit, EL_GETCFN, &library::read_character);
  el_set(edit, EL_UNBUFFERED, 1);
  wait();
}

line_editor::~line_editor() {
  erase_line();
  std::fflush(stdout);
  el_set(lib_->edit, EL_UNBUFFERED, 0);
  el_end(lib_->edit);
  if (!history_file_.empty())
    history(lib_->past, &lib_->event, H_SAVE, history_file_.c_str());
  history_end(lib_->past);
  if (real_stderr_ >= 0) {
    std::fflush(stderr);
    ::dup2(real_stderr_, STDERR_FILENO);
    ::close(real_stderr_);
    if (!error_line_.empty())
      std::fwrite(error_line_.data(), 1, error_line_.size(), stderr);
  }
}

// -- keys ------------------------------------------------------------------------------------------------------------

void line_editor::wait() {
  input_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error)
      readable();
  });
}

/// libedit handles one key per call, and gives the line so far.
void line_editor::readable() {
  int count = 0;
  const auto* line = el_gets(lib_->edit, &count);
  const auto last = line != nullptr && count > 0 ? line[count - 1] : '\0';
  if (last == '\n' || last == '\r') {
    line_finished({line, static_cast<std::size_t>(count) - 1});
  } else if (ended_ || (last == control_d && count == 1)) {
    handlers_.end();
    return;
  }
  wait();
}

void line_editor::line_finished(std::string line) {
  el_set(lib_->edit, EL_UNBUFFERED, 0); // Ends this line ...
  if (status_rows_ > 0) {               // What was entered moves up to where the status was, which goes below it.
    std::fprintf(stdout, "\r\x1b[%dA\x1b[J%s%s\n", rows_of(line) + 1 + std::exchange(status_rows_, 0), prompt_.c_str(),
      line.c_str());
    draw_status();
  }
  if (line.find_first_not_of(" \t") != std::string::npos)
    history(lib_->past, &lib_->event, H_ENTER, line.c_str());
  handlers_.line(std::move(line));
  el_set(lib_->edit, EL_UNBUFFERED, 1); // ... and begins the next one.
}

/// libedit's own reader does not tell an end of input from a key that changes nothing.
int line_editor::read_character(wchar_t& into) {
  for (;;) {
    char byte = 0;
    const auto count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      ended_ = true;
      return 0;
    }
    const auto size = std::mbrtowc(&into, &byte, 1, &lib_->decoding);
    if (size == static_cast<std::size_t>(-2))
      continue; // More bytes of this character follow.
    if (size == static_cast<std::size_t>(-1)) {
      lib_->decoding = {};
      into = L'?';
    }
    return 1;
  }
}

unsigned char line_editor::complete_here() {
  const auto* line = el_line(lib_->edit);
  const auto found = complete({line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)}, words_);
  if (!found.insert.empty())
    return el_insertstr(lib_->edit, found.insert.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  if (found.candidates.size() < 2)
    return CC_ERROR;
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& one : found.candidates) {
    if (rows.back().size() == candidate_columns)
      rows.emplace_back();
    rows.back().push_back(one);
  }
  const auto list = "\n" + columns(rows);
  std::fwrite(list.data(), 1, list.size(), stdout);
  return CC_REDISPLAY;
}

// -- the screen ------------------------------------------------------------------------------------------------------

void line_editor::show(const std::string& text) {
  erase_line();
  std::fwrite(text.data(), 1, text.size(), stdout);
  draw_status();
  el_set(lib_->edit, EL_REFRESH);
}

/// Removes prompt and line from the terminal, however many rows they take; the cursor is then at the first column.
void line_editor::erase_line() {
  const auto* line = el_line(lib_->edit);
  const std::string_view before{line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)};
  const auto row = rows_of(before) + std::exchange(status_rows_, 0);
  if (row > 0)
    std::fprintf(stdout, "\r\x1b[%dA\x1b[J", row);
  else
    std::fputs("\r\x1b[J", stdout);
}

void line_editor::prompt(std::string text) {
  erase_line();
  prompt_ = std::move(text);
  draw_status();
  el_set(lib_->edit, EL_REFRESH);
}

void line_editor::status(std::string lines) {
  if (lines == status_)
    return;
  erase_line();
  status_ = std::move(lines);
  draw_status();
  el_set(lib_->edit, EL_REFRESH);
}

/// From the first column; prompt and line come below.
void line_editor::draw_status() {
  const auto width = static_cast<std::size_t>(terminal_width()) - 1;
  for (std::string_view rest = status_; !rest.empty(); ++status_rows_) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string line{rest.substr(0, end)};
    while (static_cast<std::size_t>(display_width(line)) > width) { // By whole characters of UTF-8.
      while ((static_cast<unsigned char>(line.back()) & 0xC0) == 0x80)
        line.pop_back();
      line.pop_back();
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

/// Rows of the terminal that the prompt and `line` take, without the last one.
int line_editor::rows_of(std::string_view line) const {
  return (display_width(prompt_) + display_width(line)) / terminal_width();
}

void line_editor::resized() {
  el_resize(lib_->edit);
}

// -- the standard error output ---------------------------------------------------------------------------------------

void line_editor::catch_errors() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return;
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK); // We read it ourselves: a full pipe must not block us for ever.
  real_stderr_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  errors_.assign(ends[0]);
  read_errors();
}

void line_editor::read_errors() {
  errors_.async_read_some(
    boost::asio::buffer(error_bytes_), [this](const boost::system::error_code& error, std::size_t count) {
      if (error)
        return;
      error_line_.append(error_bytes_.data(), count);
      if (const auto end = error_line_.rfind('\n'); end != std::string::npos) {
        show(error_line_.substr(0, end + 1));
        error_line_.erase(0, end + 1);
      }
      read_errors();
    });
}

} // namespace librats::apps
