// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <optional>

namespace librats::protocols {

/// Packs chunks with LZ4 (block format) where that saves something. Data that cannot be packed, such as pictures and
/// archives, is soon asked for it only now and then.
class chunk_packer {
public:
  /// Empty when it would not save an eighth, or is not tried.
  std::optional<bytes> pack(bytes_view data);

private:
  std::size_t skip_ = 0;     ///< Chunks that are not tried.
  std::size_t failures_ = 0; ///< In a row.
};

/// Exactly `size` bytes, or nothing: then `packed` is not what `pack` makes. `size` is what gets allocated.
std::optional<bytes> unpack_chunk(bytes_view packed, std::size_t size);

} // namespace librats::protocols
