// SPDX-License-Identifier: MIT
// What `transfers` does to send: offers of this node, and requests of its peers.
#include "actors/transfers.hpp"

#include "protocols/transfer/safe_path.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace librats::actors {

namespace {

/// A hundred thousand files on a slow disk.
constexpr auto scan_timeout = std::chrono::minutes{10};
/// The asking end gives up after 30 s.
constexpr auto request_patience = std::chrono::seconds{20};
constexpr std::size_t requests_max = 64;
constexpr std::uint64_t wire_id_end = std::uint64_t{1} << 53;

} // namespace

/// Lets a worker look at what is to be sent.
template <class Then, class Otherwise>
void transfers::look_at(const scan_source& what, Then then, Otherwise otherwise) {
  const auto eyes = worker(scanning_);
  if (!eyes) {
    otherwise("the disk worker is being restarted");
    return;
  }
  ++scanning_;
  ask(
    eyes, scan_timeout, what,
    [this, then, otherwise](const source_scanned& x) mutable {
      --scanning_;
      if (x.source)
        then(x);
      else
        otherwise(x.error);
    },
    [this, otherwise](caf::error& why) mutable {
      --scanning_;
      otherwise(runtime::describe_error(why));
    });
}

caf::result<files_offered> transfers::offer(const offer_files& x) {
  if (!link_of(x.to))
    return runtime::failure("this peer is not connected");
  if (auto why = refusal(x.to))
    return runtime::failure(std::move(*why));
  if (!x.name.empty())
    if (const auto name = protocols::safe_name(x.name, protocols::name_rules::posix); !name)
      return runtime::failure(std::string{"no receiver would take this name: "} + to_string(name.error()));
  auto promise = make_response_promise<files_offered>();
  const scan_source what{{}, x.path, x.name, x.recursive, false};
  look_at(
    what,
    [this, promise, to = x.to, what](const source_scanned& found) mutable {
      promise.deliver(files_offered{start_sending(to, what, found, std::nullopt)});
    },
    [promise](std::string why) mutable { promise.deliver(runtime::failure(std::move(why))); });
  return caf::delegated<files_offered>{};
}

transfer_number transfers::start_sending(
  const peer_id& to, const scan_source& what, const source_scanned& found, std::optional<std::uint64_t> wire_id) {
  transfer_record mine;
  mine.report.id = wire_id && memory_.live.count(*wire_id) == 0 ? *wire_id : draw();
  mine.wire_id = wire_id.value_or(mine.report.id);
  mine.report.peer = to;
  mine.report.local_path = what.root.empty() ? what.path : what.root + "/" + what.path;
  host_.random().fill(mine.secret);
  mine.scan = what;
  mine.source = found.source;
  mine.report.directory = found.source->offer.directory;
  mine.report.name = found.source->offer.name;
  describe_files(mine.report, found.source->offer);
  auto& kept = add(std::move(mine));
  const auto id = kept.report.id;
  keep_offer(kept);
  send_files(kept);
  return id;
}

/// For after a crash of this process.
void transfers::keep_offer(transfer_record& x) {
  if (!options_.resume)
    return;
  store_outgoing request;
  request.folder = folder();
  auto& what = request.what;
  what.number = x.report.id;
  what.peer = x.report.peer;
  what.secret = x.secret;
  what.since_s = host_.unix_time();
  what.root = x.scan.root;
  what.path = x.scan.path;
  what.name = x.scan.name;
  what.recursive = x.scan.recursive;
  what.below_root = !x.scan.root.empty();
  what.folder_wanted = x.scan.folder_wanted;
  tell(worker(x.report.id), std::move(request));
}

/// An attempt: offers, with what was seen of the files if that was just now, else after another look.
void transfers::send_files(transfer_record& x) {
  if (const auto found = std::exchange(x.source, nullptr)) {
    auto offer = std::make_shared<protocols::transfer_offer>(found->offer);
    if (x.wire_id == 0 || x.report.retries != 0)
      x.wire_id = draw();
    offer->id = x.wire_id;
    auto& print = offer->details->fingerprint;
    std::copy(x.secret.begin(), x.secret.end(), print.begin() + print.size() / 2);
    transfer::args its;
    its.offer = std::move(offer);
    its.source = found;
    its.sending.chunk_size = options_.chunk_size;
    its.sending.window = options_.window;
    its.sending.reads_ahead = options_.reads_ahead;
    its.sending.idle_max = options_.idle_max;
    its.sending.pack = options_.compress;
    x.report.phase = transfer_phase::offered;
    x.report.directory = found->offer.directory;
    x.report.name = found->offer.name;
    describe_files(x.report, found->offer);
    begin(x, std::move(its));
    return;
  }
  x.attempting = true;
  look_at(
    x.scan,
    [this, id = x.report.id](const source_scanned& found) {
      auto* mine = find(id);
      if (mine == nullptr || !std::exchange(mine->attempting, false))
        return;
      mine->source = found.source;
      if (link_of(mine->report.peer))
        send_files(*mine);
      else
        mine->source = nullptr;
    },
    [this, id = x.report.id](const std::string& why) {
      auto* mine = find(id);
      if (mine == nullptr || !std::exchange(mine->attempting, false))
        return;
      interrupt(*mine, why, true);
    });
}

// -- requests of peers ----------------------------------------------------------------------------------------------

caf::result<typed_response> transfers::handle_request(const typed_request& x) {
  const auto bad = [] { return runtime::failure("this is no request for files"); };
  const auto json = protocols::parse_json(x.json_text.text());
  if (!json || !json->is_object())
    return bad();
  const auto id = json->find("id");
  const auto path = json->find("path");
  if (id == json->end() || !id->is_number_unsigned() || path == json->end() || !path->is_string())
    return bad();
  open_request mine;
  mine.what.number = id->get<std::uint64_t>();
  mine.what.peer = x.from;
  mine.what.path = path->get<std::string>();
  const auto flag = [&](const char* name, bool otherwise) {
    const auto found = json->find(name);
    return found != json->end() && found->is_boolean() ? found->get<bool>() : otherwise;
  };
  mine.what.folder_wanted = flag("directory", false);
  mine.what.recursive = flag("recursive", true);
  const route where{x.from, mine.what.number};
  if (mine.what.number == 0 || mine.what.number >= wire_id_end || routes_.count(where) != 0
    || requests_.count(where) != 0 || expected_.count(where) != 0)
    return runtime::failure("this number is taken");
  const auto& text = mine.what.path;
  if (text.size() > protocols::safe_path_max
    || std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return runtime::failure("there is no such path");
  if (auto why = refusal(x.from))
    return runtime::failure(std::move(*why));
  if (requests_.size() >= requests_max)
    return runtime::failure("too many requests wait for a decision");
  mine.promise = make_response_promise<typed_response>();
  if (const auto& judge = args_.audience.request_handler) {
    mine.until = now() + request_patience;
    const auto& what = requests_.emplace(where, std::move(mine)).first->second.what;
    tell(judge, files_wanted{what.number, x.from, what.path, what.folder_wanted, what.recursive});
    arm();
    return caf::delegated<typed_response>{};
  }
  serve(std::move(mine), {options_.share, {}, {}, true, false});
  return caf::delegated<typed_response>{};
}

void transfers::answer_request(const answer_file_request& x) {
  const auto found = requests_.find({x.from, x.id});
  if (found == requests_.end())
    return;
  auto mine = std::move(found->second);
  requests_.erase(found);
  arm();
  if (!x.accept)
    mine.promise.deliver(runtime::failure(x.reason.empty() ? "the request was refused" : x.reason));
  else if (x.path.empty())
    serve(std::move(mine), {options_.share, {}, {}, true, false});
  else
    serve(std::move(mine), {{}, x.path, {}, true, false});
}

/// `what`: with a root, the requested path below it; else what a handler chose.
void transfers::serve(open_request x, scan_source what) {
  what.recursive = x.what.recursive;
  if (what.path.empty()) {
    if (what.root.empty()) {
      x.promise.deliver(runtime::failure("this node shares no files"));
      return;
    }
    what.folder_wanted = x.what.folder_wanted;
    const bool all = x.what.folder_wanted && (x.what.path.empty() || x.what.path == "." || x.what.path == "/");
    if (!all) {
      auto path = x.what.path;
      while (path.size() > 1 && path.back() == '/')
        path.pop_back();
      auto safe = protocols::safe_path(path, protocols::name_rules::posix);
      if (!safe) {
        x.promise.deliver(runtime::failure("there is no such path"));
        return;
      }
      what.path = std::move(*safe);
    }
  }
  look_at(
    what,
    [this, mine = x, what](const source_scanned& found) mutable {
      const auto& ask = mine.what;
      if (routes_.count({ask.peer, ask.number}) != 0) {
        mine.promise.deliver(runtime::failure("this number is taken"));
      } else if (!link_of(ask.peer)) {
        mine.promise.deliver(runtime::failure("the peer is gone"));
      } else if (found.source->offer.directory != ask.folder_wanted) {
        mine.promise.deliver(runtime::failure(ask.folder_wanted ? "this is no directory" : "this is a directory"));
      } else {
        start_sending(ask.peer, what, found, ask.number);
        mine.promise.deliver(typed_response{{}, byte_slice::copy_of(std::string_view{"{}"})});
      }
    },
    [mine = x, shared = !what.root.empty()](const std::string& why) mutable {
      // What the share looks like beyond what is asked for is nobody's business.
      mine.promise.deliver(runtime::failure(shared ? "there is no such path" : why));
    });
}

} // namespace librats::actors
