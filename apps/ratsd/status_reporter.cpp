// SPDX-License-Identifier: MIT
#include "apps/ratsd/status_reporter.hpp"

#include "apps/ratsd/status_json.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/log/log.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <utility>

namespace librats::apps {

namespace {

/// Longer than a supervisor waits for one child, so that a busy part shows as busy.
constexpr auto answer_timeout = std::chrono::seconds{5};

} // namespace

status_reporter::status_reporter(caf::actor_config& config, sources from, runtime::disk& files, std::string path)
  : pooled_actor(config), from_(std::move(from)), files_(files), path_(std::move(path)) {}

void status_reporter::started() {
  open_ = 1;  // Ours, so that the last answer comes after the last question.
  collect(from_.daemon, runtime::get_tree{}, tree_);
  collect(from_.node, actors::get_status{}, status_);
  collect(from_.node, actors::get_peers{}, peers_);
  collect(from_.node, actors::get_reconnect_status{}, reconnect_);
  collect(from_.node, actors::get_exchange_status{}, exchange_);
  collect(from_.node, actors::get_dht_status{}, dht_);
  collect(from_.node, actors::get_mdns_status{}, mdns_);
  collect(from_.node, actors::get_gossip_status{}, gossip_);
  collect(from_.node, actors::get_transfers{}, transfers_);
  collect(from_.node, actors::get_transfer_statistics{}, transferred_);
  collect(from_.node, actors::get_storage_status{}, storage_);
  answered();
}

/// The tree has a handle of this actor in it too, and its thread lives as long as somebody holds one.
void status_reporter::stopped() {
  from_ = {};
  tree_.reset();
  peers_.reset();
}

caf::behavior status_reporter::handlers() {
  return {[](const report_status&) {}};
}

template <class Reply, class Request>
void status_reporter::collect(const caf::actor& who, Request request, std::optional<Reply>& into) {
  if (!who)
    return;
  ++open_;
  ask(who, answer_timeout, std::move(request),
    [this, &into](const Reply& x) {
      into = x;
      answered();
    },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "misses a part: ", runtime::describe_error(why));
      answered();
    });
}

void status_reporter::answered() {
  if (--open_ != 0)
    return;
  const auto now = clock_now();
  show(now);
  write(now);
  quit();
}

void status_reporter::show(time_point now) const {
  std::string out;
  if (status_)
    out += status_text(*status_) + "\n";
  if (tree_)
    out += draw_tree(*tree_, now) + "\n";
  if (peers_)
    out += peer_table(*peers_, now) + "\n";
  if (reconnect_)
    out += reconnect_table(*reconnect_, now) + "\n";
  if (exchange_)
    out += exchange_text(*exchange_) + "\n";
  if (dht_)
    out += dht_text(*dht_) + "\n";
  if (mdns_)
    out += mdns_text(*mdns_) + "\n";
  if (gossip_)
    out += gossip_text(*gossip_) + "\n";
  if (transfers_ && transferred_)
    out += files_text(*transfers_, *transferred_) + "\n";
  if (storage_)
    out += storage_text(*storage_) + "\n";
  std::fwrite(out.data(), 1, out.size(), stderr);
}

void status_reporter::write(time_point now) const {
  if (path_.empty())
    return;
  auto document = nlohmann::json::object();
  document["node"] = status_ ? to_json(*status_) : nlohmann::json();
  document["tree"] = tree_ ? to_json(*tree_, now) : nlohmann::json();
  auto& peers = document["peers"] = nlohmann::json::array();
  for (const auto& x : peers_.value_or(actors::peer_list{}).peers)
    peers.push_back(to_json(x, now));
  document["reconnect"] = reconnect_ ? to_json(*reconnect_, now) : nlohmann::json();
  document["pex"] = exchange_ ? to_json(*exchange_) : nlohmann::json();
  document["dht"] = dht_ ? to_json(*dht_) : nlohmann::json();
  document["mdns"] = mdns_ ? to_json(*mdns_) : nlohmann::json();
  document["gossip"] = gossip_ ? to_json(*gossip_) : nlohmann::json();
  document["files"] = transfers_ && transferred_ ? to_json(*transfers_, *transferred_) : nlohmann::json();
  document["storage"] = storage_ ? to_json(*storage_) : nlohmann::json();
  const auto text = document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (const auto why = files_.write_file(path_, as_bytes(text), runtime::file_access::owner_only))
    LIBRATS_LOG(runtime::log_level::error, kind(), "cannot write ", path_, ": ", why.message());
  else
    LIBRATS_LOG(runtime::log_level::info, kind(), "wrote ", path_);
}

} // namespace librats::apps
