// SPDX-License-Identifier: MIT
#include "actors/partial_folder.hpp"

#include "protocols/transfer/manifest.hpp"
#include "protocols/transfer/transfer_journal.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

namespace librats::actors {

namespace {

using runtime::open_mode;

/// More than all transfers of a node can have there.
constexpr std::size_t entries_max = 1'000'000;
constexpr std::size_t journal_max = std::size_t{64} << 20;
constexpr std::size_t stored_offer_max = 1u << 20;
constexpr auto delivered_name = "delivered";
constexpr std::size_t delivered_max = 4096;
constexpr std::size_t digest_size = protocols::sha256_digest{}.size();
constexpr std::int64_t ns_per_s = 1'000'000'000;

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string hex_of(transfer_number id) {
  char text[16];
  const auto end = std::to_chars(std::begin(text), std::end(text), id, 16).ptr;
  return {text, end};
}

std::optional<transfer_number> number_of(std::string_view hex) {
  transfer_number out = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), out, 16);
  if (error != std::errc{} || end != hex.data() + hex.size())
    return std::nullopt;
  return out;
}

std::string name_of_offer(transfer_number id) {
  return hex_of(id) + ".offer";
}

/// The key in the name of a partial file or journal.
std::string_view key_in(std::string_view name) {
  const auto first = name.find('.');
  const auto second = first == std::string_view::npos ? first : name.find('.', first + 1);
  return second == std::string_view::npos ? std::string_view{} : name.substr(0, second);
}

/// Whether the disk would not give a file that may be whole all the same: it is left for the next start.
template <class Read>
bool is_out_of_reach(const Read& x) {
  return !x && x.error() != std::errc::file_too_large && x.error() != std::errc::no_such_file_or_directory;
}

std::optional<stored_target> read_target(bytes_view raw, const std::string& name) {
  const auto known = protocols::read_journal(raw);
  if (!known)
    return std::nullopt;
  const auto message = protocols::decode_transfer(known->offer);
  const auto* offer = message ? std::get_if<protocols::offer_message>(&*message) : nullptr;
  if (offer == nullptr)
    return std::nullopt;
  auto checked = protocols::check_offer(*offer, protocols::name_rules::posix);
  const auto key = key_in(name);
  const auto id = key.empty() ? std::nullopt : number_of(key.substr(key.find('.') + 1));
  if (!checked || !id || key != key_of(known->sender, *id))
    return std::nullopt;
  stored_target out;
  out.id = *id;
  out.sender = known->sender;
  out.destination = known->destination;
  out.bytes_done = protocols::bytes_before(checked->files, known->at.file) + known->at.offset;
  out.files_done = known->at.file;
  out.offer = std::make_shared<const protocols::transfer_offer>(std::move(*checked));
  return out;
}

} // namespace

std::string key_of(const peer_id& sender, transfer_number id) {
  return sender.to_string() + "." + hex_of(id);
}

void remove_partial(runtime::disk& files, const std::string& folder, const std::string& key) {
  const auto all = files.list({folder, {}}, entries_max);
  if (!all)
    return;
  // The journal last: parts without one are removed at the next start in any case.
  for (const bool journals : {false, true})
    for (const auto& one : *all)
      if (key_in(one.name) == key && ends_with(one.name, ".journal") == journals)
        (void)files.remove({folder, one.name});
}

transfers_loaded load_folder(runtime::disk& files, const load_transfers& what) {
  transfers_loaded out;
  const auto all = files.list({what.folder, {}}, entries_max);
  if (!all)
    return out;
  if (const auto raw = files.read_file(what.folder + "/" + delivered_name, delivered_max * digest_size))
    for (std::size_t at = 0; at + digest_size <= raw->size(); at += digest_size) {
      auto& one = out.delivered.emplace_back();
      std::copy_n(raw->begin() + static_cast<std::ptrdiff_t>(at), digest_size, one.begin());
    }
  std::set<std::string, std::less<>> good;
  const auto too_old = [&](const std::string& name) {
    const auto info = files.info({what.folder, name});
    return info && info->modified_ns != 0 && info->modified_ns / ns_per_s < what.oldest_s;
  };
  for (const auto& one : *all) {
    if (one.kind != runtime::file_kind::file)
      continue;
    if (ends_with(one.name, ".journal")) {
      const auto raw = files.read_file(what.folder + "/" + one.name, journal_max);
      if (is_out_of_reach(raw)) {
        good.insert(std::string{key_in(one.name)});
        continue;
      }
      auto stored = !raw || too_old(one.name) ? std::nullopt : read_target(*raw, one.name);
      // One that is done may still have its journal, when the power went before that was gone.
      const auto is_done = [&] {
        return std::find(out.delivered.begin(), out.delivered.end(), stored->offer->details->fingerprint)
          != out.delivered.end();
      };
      if (stored && !is_done()) {
        good.insert(std::string{key_in(one.name)});
        out.incoming.push_back(std::move(*stored));
      }
    } else if (ends_with(one.name, ".offer")) {
      const auto raw = files.read_file(what.folder + "/" + one.name, stored_offer_max);
      auto stored =
        raw ? protocols::decode_pending_offer(*raw) : result<protocols::pending_offer>{wire_errc::truncated};
      if (stored && name_of_offer(stored->number) == one.name && stored->since_s >= what.oldest_s)
        out.outgoing.push_back(std::move(*stored));
      else if (!is_out_of_reach(raw))
        (void)files.remove({what.folder, one.name});
    }
  }
  for (const auto& one : *all) {
    const bool temporary = ends_with(one.name, ".tmp");
    const bool partial = ends_with(one.name, ".journal") || ends_with(one.name, ".part");
    if (one.kind == runtime::file_kind::file && (temporary || (partial && good.count(key_in(one.name)) == 0)))
      (void)files.remove({what.folder, one.name});
  }
  return out;
}

bool note_delivered(runtime::disk& files, const std::string& folder, const protocols::sha256_digest& fingerprint) {
  auto list = files.open({folder, delivered_name}, open_mode::write);
  if (!list)
    return false;
  const auto info = (*list)->info();
  if (!info)
    return false;
  auto count = info->size / digest_size;
  if (count >= delivered_max) { // The newer half stays.
    bytes kept((delivered_max / 2) * digest_size);
    const auto got = (*list)->read_at((count - delivered_max / 2) * digest_size, kept);
    if (!got || (*list)->write_at(0, kept) || (*list)->resize(kept.size()))
      return false;
    count = delivered_max / 2;
  }
  if ((*list)->write_at(count * digest_size, fingerprint) || (*list)->sync())
    return false;
  return !files.sync_folder({folder, {}});
}

std::error_code store_offer(runtime::disk& files, const store_outgoing& x) {
  const auto raw = protocols::encode(x.what);
  if (!raw)
    return std::make_error_code(std::errc::filename_too_long);
  if (const auto error = files.make_folder(x.folder))
    return error;
  return files.write_file(x.folder + "/" + name_of_offer(x.what.number), *raw, runtime::file_access::owner_only);
}

void forget_offer(runtime::disk& files, const forget_outgoing& x) {
  (void)files.remove({x.folder, name_of_offer(x.id)});
}

} // namespace librats::actors
