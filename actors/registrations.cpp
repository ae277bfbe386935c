// SPDX-License-Identifier: MIT
#include "actors/registrations.hpp"

#include <algorithm>

namespace librats::actors {

namespace {

void erase_actor(std::vector<caf::actor>& from, const caf::actor_addr& who) {
  from.erase(std::remove_if(from.begin(), from.end(), [&](const auto& x) { return x.address() == who; }), from.end());
}

void add_actor(std::vector<caf::actor>& to, const caf::actor& who) {
  if (std::find(to.begin(), to.end(), who) == to.end())
    to.push_back(who);
}

} // namespace

std::optional<std::string> registrations::add_channel(const std::string& name, const caf::actor& handler) {
  auto& entry = channels_[protocols::channel_of(name)];
  if (entry.handlers.empty())
    entry.name = name;
  else if (entry.name != name)
    return "channel \"" + name + "\" has the same id on the wire as \"" + entry.name + "\", which is in use";
  add_actor(entry.handlers, handler);
  return std::nullopt;
}

void registrations::remove_channel(const std::string& name, const caf::actor_addr& handler) {
  const auto found = channels_.find(protocols::channel_of(name));
  if (found == channels_.end() || found->second.name != name)
    return;
  erase_actor(found->second.handlers, handler);
  if (found->second.handlers.empty())
    channels_.erase(found);
}

void registrations::add_messages(protocols::message_type type, const caf::actor& handler) {
  add_actor(types_[type], handler);
}

void registrations::add_typed(const std::string& type, const caf::actor& handler) {
  const auto same = [&](const auto& x) { return x.type == type && x.handler == handler; };
  if (std::none_of(typed_.begin(), typed_.end(), same))
    typed_.push_back({type, handler});
}

void registrations::remove_typed(const std::string& type, const caf::actor_addr& handler) {
  typed_.erase(std::remove_if(typed_.begin(), typed_.end(),
                 [&](const auto& x) { return x.type == type && x.handler.address() == handler; }),
    typed_.end());
}

void registrations::set_responder(const std::string& type, const caf::actor& responder) {
  responders_[type] = responder;
}

void registrations::remove_responder(const std::string& type, const caf::actor_addr& responder) {
  if (const auto found = responders_.find(type); found != responders_.end() && found->second.address() == responder)
    responders_.erase(found);
}

void registrations::forget(const caf::actor_addr& who) {
  for (auto i = channels_.begin(); i != channels_.end();) {
    erase_actor(i->second.handlers, who);
    i = i->second.handlers.empty() ? channels_.erase(i) : std::next(i);
  }
  for (auto i = types_.begin(); i != types_.end();) {
    erase_actor(i->second, who);
    i = i->second.empty() ? types_.erase(i) : std::next(i);
  }
  typed_.erase(std::remove_if(typed_.begin(), typed_.end(), [&](const auto& x) { return x.handler.address() == who; }),
    typed_.end());
  for (auto i = responders_.begin(); i != responders_.end();)
    i = i->second.address() == who ? responders_.erase(i) : std::next(i);
}

void registrations::clear() {
  channels_.clear();
  types_.clear();
  typed_.clear();
  responders_.clear();
}

routes registrations::make_routes() const {
  auto out = std::make_shared<routing_table>();
  for (const auto& [id, entry] : channels_)
    out->channels.emplace(id, entry.handlers);
  out->types = types_;
  return out;
}

typed_registrations registrations::make_typed() const {
  typed_registrations out{typed_, {}};
  for (const auto& [type, responder] : responders_)
    out.responders.push_back({type, responder});
  return out;
}

} // namespace librats::actors
