// SPDX-License-Identifier: MIT
#include "apps/rats-client/console.hpp"

#include "apps/rats-client/client_session.hpp"
#include "apps/rats-client/line_editor.hpp"
#include "apps/rats-client/line_reader.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <csignal>
#include <utility>

namespace librats::apps {

namespace {

constexpr int interrupted = 130;  // As shells have it.

} // namespace

/// Carries the session's calls over to the console's thread.
class console::remote_screen final : public screen {
public:
  explicit remote_screen(console& target) : target_(target) {}

  void print(std::string text) override {
    if (!text.empty() && text.back() != '\n')
      text += '\n';
    boost::asio::post(target_.context_, [&target = target_, text = std::move(text)] { target.lines_->show(text); });
  }
  void offer(completion_words words) override {
    boost::asio::post(target_.context_, [&target = target_, words = std::move(words)] { target.lines_->offer(words); });
  }
  void prompt(std::string text) override {
    boost::asio::post(target_.context_, [&target = target_, text = std::move(text)] { target.lines_->prompt(text); });
  }
  void status(std::string lines) override {
    boost::asio::post(
      target_.context_, [&target = target_, lines = std::move(lines)] { target.lines_->status(lines); });
  }
  void want_line() override {
    boost::asio::post(target_.context_, [&target = target_] { target.lines_->want(); });
  }
  void finished(bool all_went_well) override {
    boost::asio::post(target_.context_, [&target = target_, all_went_well] { target.finish(all_went_well ? 0 : 1); });
  }

private:
  console& target_;
};

console::console(bool interactive, const std::string& history_file, std::ostream& out) : out_(out) {
  for (const auto number : {SIGINT, SIGTERM, SIGHUP})
    signals_.add(number);
  std::signal(SIGPIPE, SIG_IGN);
  line_source::events handlers{
    [this](std::string line) { caf::anon_send(session_, line_entered{std::move(line)}); },
    [this] { caf::anon_send(session_, input_ended{}); },
  };
  if (interactive) {
    signals_.add(SIGWINCH);
    lines_ = std::make_unique<line_editor>(context_, history_file, std::move(handlers));
  } else {
    lines_ = std::make_unique<line_reader>(context_, out, std::move(handlers));
  }
  wait_for_signals();
}

console::~console() = default;

std::shared_ptr<screen> console::handle() { return std::make_shared<remote_screen>(*this); }

int console::run(const caf::actor& node, const caf::actor& session) {
  session_ = session;
  watch(node, "the node");
  watch(session, "the session");
  context_.run();
  session_ = nullptr;
  return exit_code_;
}

void console::watch(const caf::actor& who, const char* name) {
  who->attach_functor([this, name](const caf::error& why) {
    boost::asio::post(context_, [this, name, why] {
      if (!runtime::is_orderly_exit(why)) {
        lines_->show(std::string{"error: "} + name + " failed: " + runtime::describe_error(why) + "\n");
        finish(1);
      }
    });
  });
}

void console::wait_for_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error)
      return;
    wait_for_signals();
    signalled(number);
  });
}

void console::signalled(int number) {
  if (number == SIGWINCH)
    lines_->resized();
  else if (std::exchange(stopping_, true))
    finish(interrupted);
  else
    caf::anon_send(session_, input_ended{});
}

void console::finish(int code) {
  exit_code_ = code;
  context_.stop();
}

} // namespace librats::apps
