// SPDX-License-Identifier: MIT
// What a resident does with the store and with files.
#include "apps/rats-sim/resident.hpp"

#include "actors/storage_messages.hpp"
#include "protocols/storage/storage_value.hpp"

#include <utility>

namespace librats::apps {

namespace {

/// A disk that does not work, or a store that is being loaded, may take a while.
constexpr auto write_patience = std::chrono::minutes{2};
constexpr auto look_patience = std::chrono::seconds{10};

} // namespace

void resident::put(const std::string& key, bytes_view value, std::function<void(std::optional<std::uint64_t>)> then) {
  guarded([&] {
    ask(
      node_, write_patience, actors::put_value{key, protocols::storage_binary(value)},
      [then](const actors::value_put& x) { then(x.timestamp_ms); }, [then](caf::error&) { then(std::nullopt); });
  });
}

void resident::remove(const std::string& key, std::function<void(bool)> then) {
  guarded([&] {
    ask(
      node_, write_patience, actors::remove_key{key}, [then](const actors::key_removed&) { then(true); },
      [then](caf::error&) { then(false); });
  });
}

/// Pages of keys, then their records.
struct resident::store_look {
  std::function<void(std::map<std::string, protocols::storage_record>)> seen;
  std::map<std::string, protocols::storage_record> records;
  std::string after;
  std::size_t awaited = 0;
  bool all_known = false;
};

void resident::look_at_store(std::function<void(std::map<std::string, protocols::storage_record>)> seen) {
  auto look = std::make_shared<store_look>();
  look->seen = std::move(seen);
  guarded([&] { look_on(look); });
}

void resident::look_on(const std::shared_ptr<store_look>& look) {
  const auto arrived = [this, look](const std::string& key, const actors::value_got& x) {
    if (x.record)
      look->records[key] = *x.record;
    if (--look->awaited > 0)
      return;
    if (look->all_known)
      look->seen(std::move(look->records));
    else
      look_on(look);
  };
  ask(
    node_, look_patience, actors::list_keys{{}, look->after},
    [this, look, arrived](const actors::key_list& x) {
      look->all_known = !x.more;
      if (x.keys.empty())
        return look->seen(std::move(look->records));
      look->after = x.keys.back();
      look->awaited = x.keys.size();
      for (const auto& key : x.keys)
        ask(
          node_, look_patience, actors::get_value{key},
          [arrived, key](const actors::value_got& got) { arrived(key, got); }, [](caf::error&) {});
    },
    [](caf::error&) {});
}

void resident::offer(
  const peer_id& to, const std::string& path, const std::string& name, std::function<void(bool)> taken_on) {
  guarded([&] {
    ask(
      node_, write_patience, actors::offer_files{to, path, name, false},
      [taken_on](const actors::files_offered&) { taken_on(true); }, [taken_on](caf::error&) { taken_on(false); });
  });
}

void resident::take(const actors::transfer_offered& what) {
  ask(
    node_, write_patience, actors::answer_offer{what.id, true, std::string{arrivals} + "/" + what.name, {}},
    [](const actors::offer_answered&) {}, [](caf::error&) {});
}

} // namespace librats::apps
