// SPDX-License-Identifier: MIT
#include "apps/librats/settings_file.hpp"

#include "protocols/typed/typed_json.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

/// Far more than either file ever needs.
constexpr std::size_t file_size_max = 4 * 1024 * 1024;
/// Shorter names are no `peer_id`: programs show the first 16 characters of one.
constexpr std::size_t own_name_min = 16;

std::string config_path(const std::string& directory) { return directory + "/config.json"; }
std::string peers_path(const std::string& directory) { return directory + "/peers.rats"; }
std::string history_path(const std::string& directory) { return directory + "/peers_ever.rats"; }

std::string cannot(const char* what, const std::string& path, const std::string& why) {
  return std::string{"cannot "} + what + " " + path + ": " + why;
}

/// Empty error: there is no such file.
result<bytes, std::string> read(runtime::disk& files, const std::string& path) {
  auto content = files.read_file(path, file_size_max);
  if (content)
    return std::move(*content);
  const auto error = content.error();
  return error == std::errc::no_such_file_or_directory ? std::string{} : cannot("read", path, error.message());
}

std::optional<std::string> write(runtime::disk& files, const std::string& path, const nlohmann::json& content) {
  const auto text = content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (const auto error = files.write_file(path, as_bytes(text), runtime::file_access::owner_only))
    return cannot("write", path, error.message());
  return std::nullopt;
}

template <class T>
std::optional<std::string> take(const nlohmann::json& from, const char* name, std::optional<T>& out) {
  const auto found = from.find(name);
  if (found == from.end() || found->is_null())
    return std::nullopt;
  if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean())
      return std::string{name} + " must be true or false";
    out = found->template get<bool>();
  } else {
    if (!found->is_string())
      return std::string{name} + " must be a text in quotes";
    out = found->template get<std::string>();
  }
  return std::nullopt;
}

} // namespace

std::shared_ptr<const protocols::key_pair> parse_key(std::string_view hex) {
  const auto raw = from_hex(hex);
  if (!raw || raw->size() != protocols::key_pair::key_size
      || std::all_of(raw->begin(), raw->end(), [](auto x) { return x == 0; }))
    return nullptr;
  return std::make_shared<const protocols::key_pair>(protocols::key_pair::from_private(*raw));
}

result<stored_settings, std::string> parse_settings(std::string_view text) {
  const auto json = protocols::parse_json(text);
  if (!json || !json->is_object())
    return std::string{"it is no JSON object"};
  stored_settings out;
  std::optional<std::string> key;
  for (const auto& mistake : {take(*json, "protocol_name", out.protocol_name),
         take(*json, "protocol_version", out.protocol_version), take(*json, "peer_id", out.peer_id),
         take(*json, "encryption_enabled", out.encryption), take(*json, "encryption_key", key)})
    if (mistake)
      return *mistake;
  if (key && !key->empty()) {
    out.key = parse_key(*key);
    if (!out.key)
      return std::string{"encryption_key must be 64 hex digits that are not all zero"};
  }
  if (out.peer_id && out.peer_id->size() < own_name_min)
    out.peer_id.reset();
  return out;
}

result<loaded_settings, std::string> load_settings(runtime::disk& files, const std::string& directory) {
  const auto path = config_path(directory);
  const auto content = read(files, path);
  loaded_settings out;
  if (!content && content.error().empty())
    return out;
  if (!content)
    return content.error();
  auto parsed = parse_settings(as_text(*content));
  if (!parsed)
    return cannot("use", path, parsed.error());
  out.content = std::move(*parsed);
  if (out.content->key && files.open_to_others(path).value_or(false)) {
    const auto why = files.restrict_to_owner(path);
    out.warning = path + " could be read by others"
                  + (why ? " and still can: " + why.message() : std::string{"; it is private now"});
  }
  return out;
}

std::optional<std::string> save_settings(runtime::disk& files, const client_settings& settings, bool insist) {
  const auto path = config_path(settings.data_directory);
  const auto old = read(files, path);
  if (!old && !old.error().empty())
    return old.error();
  auto json = nlohmann::json::object();
  if (old) {
    const auto parsed = parse_settings(as_text(*old));
    if (!insist && !parsed)
      return "left " + path + " as it is: " + parsed.error();
    const bool key_is_meant = insist || settings.config_known || settings.key_chosen;
    if (!key_is_meant && parsed->key && parsed->key->private_key != settings.key->private_key)
      return "left " + path + " as it is: it holds the key of another client; load_configuration would use it";
    const auto before = protocols::parse_json(as_text(*old));
    if (before && before->is_object())
      json = *before;
    else if (const auto error = files.write_file(path + ".bad", *old, runtime::file_access::owner_only))
      return cannot("write", path + ".bad", error.message());
  }
  json["protocol_name"] = settings.protocol_name;
  json["protocol_version"] = settings.protocol_version;
  json["peer_id"] = settings.own_name.empty() ? settings.key->id().to_string() : settings.own_name;
  json["encryption_enabled"] = settings.encryption;
  json["encryption_key"] = to_hex(settings.key->private_key);
  json["listen_port"] = settings.listen_port;
  json["max_peers"] = settings.max_peers;
  return write(files, path, json);
}

// -- peers ------------------------------------------------------------------------------------------------------------

namespace {

constexpr protocols::unix_seconds week = 7 * 24 * 3600;

result<std::vector<protocols::known_peer>, std::string> read_peers(runtime::disk& files, const std::string& path) {
  const auto content = read(files, path);
  if (!content && content.error().empty())
    return std::vector<protocols::known_peer>{};
  if (!content)
    return content.error();
  auto peers = protocols::parse_known_peers(as_text(*content));
  if (!peers)
    return cannot("use", path, "it is no JSON array");
  return std::move(*peers);
}

std::optional<std::string> write_peers(runtime::disk& files, const std::string& path,
  const std::vector<protocols::known_peer>& peers) {
  const auto text = protocols::dump_known_peers(peers);
  if (const auto error = files.write_file(path, as_bytes(text), runtime::file_access::owner_only))
    return cannot("write", path, error.message());
  return std::nullopt;
}

} // namespace

result<std::vector<protocols::known_peer>, std::string> load_peers(runtime::disk& files, const std::string& directory,
  protocols::unix_seconds now) {
  auto out = read_peers(files, peers_path(directory));
  if (out)
    out->erase(std::remove_if(out->begin(), out->end(),
                 [&](const auto& x) { return x.last_seen != 0 && now - x.last_seen > week; }),
      out->end());
  return out;
}

std::optional<std::string> save_peers(runtime::disk& files, const client_view& view) {
  std::vector<protocols::known_peer> all;
  for (const auto& one : view.peers)
    if (auto known = remember(*one, *view.settings, view.taken_at))
      all.push_back(std::move(*known));
  return all.empty() ? std::nullopt : write_peers(files, peers_path(view.settings->data_directory), all);
}

result<std::vector<protocols::known_peer>, std::string> load_history(runtime::disk& files,
  const std::string& directory) {
  return read_peers(files, history_path(directory));
}

std::optional<std::string> save_history(runtime::disk& files, const std::string& directory,
  const std::vector<protocols::known_peer>& peers) {
  const auto path = history_path(directory);
  const auto old = read(files, path);
  if (!old && !old.error().empty())
    return old.error();
  protocols::peer_history all;
  if (old) {
    const auto parsed = protocols::parse_known_peers(as_text(*old));
    if (parsed)
      for (const auto& one : *parsed)
        all.note(one);
    else if (const auto error = files.write_file(path + ".bad", *old, runtime::file_access::owner_only))
      return cannot("write", path + ".bad", error.message());
  }
  for (const auto& one : peers)
    all.note(one);
  return write_peers(files, path, all.all());
}

std::optional<std::string> clear_history_file(runtime::disk& files, const std::string& directory) {
  const auto path = history_path(directory);
  const auto old = read(files, path);
  return !old && old.error().empty() ? std::nullopt : write_peers(files, path, {});
}

} // namespace librats::apps
