// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_types.hpp"

namespace librats::protocols {

const char* to_string(transfer_errc code) noexcept {
  switch (code) {
  case transfer_errc::rejected: return "the receiver rejected it";
  case transfer_errc::cancelled: return "cancelled";
  case transfer_errc::cancelled_by_peer: return "the peer cancelled it";
  case transfer_errc::failed_by_peer: return "the peer gave up";
  case transfer_errc::stalled: return "nothing moved for too long";
  case transfer_errc::expired: return "nobody answered the offer";
  case transfer_errc::link_lost: return "the peer is gone";
  case transfer_errc::disk: return "a file could not be read or written";
  case transfer_errc::source_changed: return "a file changed while it was sent";
  case transfer_errc::wrong_digest: return "what arrived is not what was sent";
  case transfer_errc::damaged: return "a part arrived damaged";
  case transfer_errc::out_of_order: return "a part came out of order";
  case transfer_errc::more_than_offered: return "more bytes came than were offered";
  case transfer_errc::too_much_in_flight: return "the sender ignores the window";
  case transfer_errc::too_early: return "the receiver confirmed what was not sent";
  case transfer_errc::too_large: return "the list of files does not fit into a message";
  }
  return "unknown error";
}

bool may_resume(transfer_errc code) noexcept {
  return code == transfer_errc::link_lost || code == transfer_errc::stalled || code == transfer_errc::disk
    || code == transfer_errc::failed_by_peer || code == transfer_errc::damaged;
}

} // namespace librats::protocols
