// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-client/line_source.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <iosfwd>
#include <string>

namespace librats::apps {

/// Lines from a pipe, file or socket at the standard input; text to a stream.
class line_reader final : public line_source {
public:
  line_reader(boost::asio::io_context& context, std::ostream& out, events handlers);

  void want() override;
  void show(const std::string& text) override;
  void offer(completion_words) override {}
  void prompt(std::string) override {}
  void status(std::string) override {}
  void resized() override {}

private:
  void wait();
  void read();
  bool take_line();

  boost::asio::io_context& context_;
  std::ostream& out_;
  events handlers_;
  boost::asio::posix::stream_descriptor input_;
  std::string buffer_;
  std::size_t searched_ = 0;  // Up to here there is no line break.
  bool ended_ = false;
};

} // namespace librats::apps
