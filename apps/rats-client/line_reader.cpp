// SPDX-License-Identifier: MIT
#include "apps/rats-client/line_reader.hpp"

#include "protocols/typed/typed_json.hpp"

#include <boost/asio/post.hpp>

#include <cerrno>
#include <ostream>
#include <unistd.h>
#include <utility>

namespace librats::apps {

namespace {

constexpr std::size_t read_size = 64 * 1024;
/// A longer line cannot be sent anyway; it is cut here.
constexpr std::size_t line_max = protocols::json_text_max + read_size;

} // namespace

line_reader::line_reader(boost::asio::io_context& context, std::ostream& out, events handlers)
  : context_(context), out_(out), handlers_(std::move(handlers)), input_(context, ::dup(STDIN_FILENO)) {}

void line_reader::want() {
  boost::asio::post(context_, [this] {
    if (!take_line())
      wait();
  });
}

void line_reader::wait() {
  // An error means that the system cannot wait for such a file, because reading it never blocks.
  input_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
    [this](const boost::system::error_code& error) {
      if (error != boost::asio::error::operation_aborted)
        read();
    });
}

void line_reader::read() {
  char piece[read_size];
  const auto count = ::read(input_.native_handle(), piece, sizeof(piece));
  if (count > 0)
    buffer_.append(piece, std::min(static_cast<std::size_t>(count), line_max - std::min(line_max, buffer_.size())));
  else if (count == 0 || (errno != EINTR && errno != EAGAIN))
    ended_ = true;
  if (!take_line())
    wait();
}

bool line_reader::take_line() {
  auto end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    if (!ended_)
      return false;
    if (buffer_.empty()) {
      handlers_.end();
      return true;
    }
    end = buffer_.size();
  }
  auto line = buffer_.substr(0, end);
  buffer_.erase(0, std::min(end + 1, buffer_.size()));
  searched_ = 0;
  handlers_.line(std::move(line));
  return true;
}

void line_reader::show(const std::string& text) { out_ << text << std::flush; }

} // namespace librats::apps
