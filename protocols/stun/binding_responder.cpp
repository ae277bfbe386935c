// SPDX-License-Identifier: MIT
#include "protocols/stun/binding_responder.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/integrity.hpp"
#include "protocols/stun/message_builder.hpp"

namespace librats::protocols::stun {

std::optional<bytes> answer_binding(const endpoint& from, bytes_view in, std::string_view software) {
  const auto request = message_view::decode(in);
  if (!request || request->kind() != message_class::request || request->method() != method::binding)
    return std::nullopt;
  const auto fingerprint = check_fingerprint(*request);
  if (fingerprint == integrity::wrong)
    return std::nullopt;
  const auto unknown = unknown_required(*request);
  message_builder out{unknown.empty() ? message_class::success : message_class::error, method::binding, request->id()};
  if (unknown.empty())
    out.add_xor_address(attribute::xor_mapped_address, from);
  else
    out.add_error(error::unknown_attribute, "Unknown Attribute").add_unknown_attributes(unknown);
  if (!software.empty())
    out.add_text(attribute::software, software);
  if (fingerprint == integrity::good)
    out.add_fingerprint();
  return out.take();
}

} // namespace librats::protocols::stun
