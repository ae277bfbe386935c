// SPDX-License-Identifier: MIT
// Commands about files and directories, and what is heard of them.
#include "apps/rats-client/client_session.hpp"
#include "apps/ratsd/status_text.hpp"
#include "apps/support/progress_bar.hpp"
#include "runtime/log/escape.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace librats::apps {

namespace {

constexpr std::size_t shown_max = 400; ///< Bytes of a name on the screen.
/// Before a transfer is under way its files are looked at, and they may be many.
constexpr auto offer_patience = std::chrono::minutes{5};
/// In a script a line for each quarter is enough to see that something moves, and little enough to read the others.
constexpr std::uint64_t progress_steps = 4;
constexpr std::size_t bar_columns = 20;
constexpr std::size_t bars_max = 5; ///< More would push away what else is on the screen.

std::string shown(const std::string& text) {
  return text.empty() ? std::string{"a directory"} : runtime::escaped(text, shown_max);
}

} // namespace

caf::message_handler client_session::file_handlers() {
  return {
    [this](const actors::transfer_offered& x) { offered(x); },
    [this](const actors::transfer_report& x) { noticed(x); },
  };
}

void client_session::watch_files() {
  const auto self = caf::actor_cast<caf::actor>(this);
  if (!options_.inbox)
    tell(node_, actors::set_offer_handler{self});
  tell(node_, actors::watch_transfers{self});
}

/// The number that a person types for a transfer.
std::size_t client_session::number_of(actors::transfer_number id) {
  const auto found = std::find(transfers_.begin(), transfers_.end(), id);
  if (found != transfers_.end())
    return static_cast<std::size_t>(found - transfers_.begin()) + 1;
  transfers_.push_back(id);
  return transfers_.size();
}

/// Empty, and the line ended badly, when there is no such number.
std::optional<actors::transfer_number> client_session::transfer_of(const std::string& number) {
  std::size_t out = 0;
  const auto* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, out);
  if (error == std::errc{} && stop == end && out >= 1 && out <= transfers_.size())
    return transfers_[out - 1];
  end_badly("there is no transfer \"" + runtime::escaped(number, 80) + "\"; /files lists them");
  return std::nullopt;
}

void client_session::give(const peer_id& to, const std::string& path) {
  ask(
    node_, offer_patience, actors::offer_files{to, path, {}, true},
    [this](const actors::files_offered& x) { begun(x.id); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::fetch(const peer_id& from, const command& x) {
  actors::request_files what;
  what.from = from;
  what.path = x.arguments[1];
  what.destination = x.arguments.size() > 2 ? x.arguments[2] : "./";
  what.directory = !what.path.empty() && what.path.back() == '/';
  if (what.directory)
    what.path.pop_back();
  ask(
    node_, offer_patience, std::move(what), [this](const actors::files_requested& y) { begun(y.id); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

/// A script goes on when it has ended: what follows may be the end of the program.
void client_session::begun(actors::transfer_number id) {
  (void)number_of(id);
  if (!options_.script)
    return line_done();
  awaited_ = id;
  ask(
    node_, answer_timeout, actors::get_transfer{id}, [this](const actors::transfer_report& x) { settle(x); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::settle(const actors::transfer_report& x) {
  if (awaited_ != x.id || (x.phase != actors::transfer_phase::completed && x.phase != actors::transfer_phase::failed
                            && x.phase != actors::transfer_phase::cancelled))
    return;
  awaited_.reset();
  if (x.phase != actors::transfer_phase::completed)
    went_well_ = false; // It has been said why.
  line_done();
}

void client_session::answer(const std::string& number, bool accept, const std::string& rest) {
  const auto id = transfer_of(number);
  if (!id)
    return;
  actors::answer_offer out;
  out.id = *id;
  out.accept = accept;
  (accept ? out.destination : out.reason) = rest.empty() && accept ? "./" : rest;
  ask(
    node_, answer_timeout, std::move(out), [this](const actors::offer_answered&) { line_done(); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::steer(const std::string& number, actors::transfer_command what) {
  const auto id = transfer_of(number);
  if (!id)
    return;
  ask(
    node_, answer_timeout, actors::steer_transfer{*id, what},
    [this](const actors::transfer_steered&) { line_done(); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::list_files() {
  show<actors::transfer_list>(actors::get_transfers{}, [this](const actors::transfer_list& all) {
    if (all.transfers.empty())
      return std::string{"* no file has been offered"};
    std::string out;
    for (const auto& one : all.transfers)
      out += (out.empty() ? "" : "\n") + file_line(one);
    return out;
  });
}

std::string client_session::file_line(const actors::transfer_report& x) {
  const bool sends = x.direction == actors::transfer_direction::sending;
  auto out = "* #" + std::to_string(number_of(x.id)) + " " + shown(x.name) + (sends ? " to " : " from ")
    + names_.name(x.peer) + ": ";
  switch (x.phase) {
  case actors::transfer_phase::offered: return out + "offered, " + short_size(x.bytes_total);
  case actors::transfer_phase::paused: return out + "paused";
  case actors::transfer_phase::waiting: return out + "interrupted, goes on by itself: " + shown(x.error);
  case actors::transfer_phase::completed:
    return out + "complete, " + short_size(x.bytes_total) + (sends ? "" : ", in " + shown(x.local_path));
  case actors::transfer_phase::failed: return out + "failed: " + shown(x.error);
  case actors::transfer_phase::cancelled: return out + "cancelled: " + shown(x.error);
  case actors::transfer_phase::active: break;
  }
  out += short_size(x.bytes_done) + " of " + short_size(x.bytes_total);
  if (x.rate > 0)
    out += ", " + short_size(static_cast<std::uint64_t>(x.rate)) + "/s";
  return out + (x.remaining ? ", " + short_span(*x.remaining) + " left" : "");
}

// -- events -----------------------------------------------------------------------------------------------------------

void client_session::offered(const actors::transfer_offered& x) {
  const auto number = std::to_string(number_of(x.id));
  const auto count = x.files ? x.files->size() : 0;
  out_->print("* " + names_.name(x.from) + " offers " + shown(x.name) + ", " + short_size(x.bytes_total)
    + (x.directory ? " in " + std::to_string(count) + (count == 1 ? " file" : " files") : "") + ": /take " + number
    + " or /refuse " + number);
}

void client_session::noticed(const actors::transfer_report& x) {
  auto& told = told_[x.id];
  const auto step = x.bytes_total == 0 || !options_.script ? 0 : x.bytes_done * progress_steps / x.bytes_total;
  const bool news = told.first != x.phase || (x.phase == actors::transfer_phase::active && told.second != step);
  told = {x.phase, step};
  // What the person has just done, or was just told.
  const bool has_bar = !options_.script && x.phase == actors::transfer_phase::active;
  if (news && x.phase != actors::transfer_phase::offered && !has_bar)
    out_->print(file_line(x));
  if (!options_.script)
    draw_bar(x);
  settle(x);
}

/// A bar for each transfer that moves, above the line being typed.
void client_session::draw_bar(const actors::transfer_report& x) {
  if (x.phase == actors::transfer_phase::active) {
    const auto all = static_cast<double>(x.bytes_total);
    const auto share = x.bytes_total == 0 ? 0.0 : static_cast<double>(x.bytes_done) / all;
    bars_[x.id] = bar_text(share, bar_columns) + file_line(x).substr(1);
  } else if (bars_.erase(x.id) == 0) {
    return;
  }
  std::string lines;
  std::size_t count = 0;
  for (const auto& [id, line] : bars_)
    if (count++ < bars_max)
      lines += line + "\n";
  if (count > bars_max)
    lines += "... and " + std::to_string(count - bars_max) + " more; /files lists them\n";
  out_->status(std::move(lines));
}

} // namespace librats::apps
