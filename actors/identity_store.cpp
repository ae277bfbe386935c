// SPDX-License-Identifier: MIT
#include "actors/identity_store.hpp"

namespace librats::actors {

namespace {

/// One byte more than a key, so that a file that is too long is seen to be.
constexpr std::size_t read_limit = 4096;

std::string unusable(const std::string& path, const std::string& why, const std::string& advice) {
  return "cannot use " + path + ": " + why + "; " + advice;
}

} // namespace

result<loaded_identity, std::string> load_identity(runtime::disk& files, runtime::random_source& random,
  const std::string& data_dir) {
  loaded_identity out;
  if (data_dir.empty()) {
    out.key = protocols::key_pair::generate(random.key());
    out.fresh = true;
    return out;
  }
  if (const auto why = files.make_folder(data_dir))
    return unusable(data_dir, why.message(), "data_dir must be a folder that the node may write to");
  const auto path = data_dir + "/identity.key";
  const auto content = files.read_file(path, read_limit);
  if (content) {
    const auto key = protocols::decode_identity_file(*content);
    if (!key)
      return unusable(path, "it is " + std::to_string(content->size()) + " bytes long, a key has 32",
        "restore it from a copy, or delete it to get a new identity");
    out.key = *key;
    if (files.open_to_others(path).value_or(false)) {
      const auto why = files.restrict_to_owner(path);
      out.warning = path + " could be read by others"
                    + (why ? " and still can: " + why.message() : "; it is private now");
    }
    return out;
  }
  if (content.error() != std::errc::no_such_file_or_directory)
    return unusable(path, content.error().message(),
      content.error() == std::errc::file_too_large ? "a key has 32 bytes; restore it or delete it to get a new identity"
                                                   : "the node must be able to read its key");
  out.key = protocols::key_pair::generate(random.key());
  out.fresh = true;
  const auto why = files.write_file(path, protocols::encode_identity_file(out.key), runtime::file_access::owner_only);
  if (why == std::errc::no_space_on_device)
    return unusable(path, why.message(), "make room on the disk");
  if (why)
    return unusable(path, why.message(), "data_dir must be a folder that the node may write to");
  return out;
}

} // namespace librats::actors
