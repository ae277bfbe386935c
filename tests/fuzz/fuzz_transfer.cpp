// SPDX-License-Identifier: MIT
#include "protocols/transfer/manifest.hpp"
#include "protocols/transfer/transfer_receiver.hpp"
#include "protocols/transfer/transfer_sender.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <chrono>
#include <string>

using namespace librats;
using namespace librats::protocols;

namespace {

const auto now = time_point{std::chrono::hours{1}};
const std::string content = "hello, librats file transfer!";

transfer_offer sample_offer(std::uint64_t id) {
  transfer_offer out;
  out.id = id;
  out.name = "hello.txt";
  out.files = {{"hello.txt", content.size()}};
  out.total = content.size();
  out.details.emplace().files.resize(1);
  return out;
}

/// What it would be written as; without what may follow a message.
bytes written(const transfer_message& x) {
  const auto op = static_cast<transfer_op>(x.index() + 1);
  if (const auto* offer = std::get_if<offer_message>(&x))
    return *encode_offer(copy_offer(*offer));
  if (const auto* response = std::get_if<response_message>(&x))
    return response->accept ? encode_accept(response->id, response->resume, response->features)
                            : encode_reject(response->id, response->reason);
  if (const auto* chunk = std::get_if<chunk_message>(&x))
    return encode_chunk(chunk->id, chunk->file, chunk->offset, chunk->data);
  if (const auto* end = std::get_if<file_end_message>(&x))
    return encode_file_end(end->id, end->file, end->digest);
  if (const auto* progress = std::get_if<progress_message>(&x))
    return encode_progress(progress->id, progress->received);
  if (const auto* complete = std::get_if<complete_message>(&x))
    return encode_complete(complete->id, complete->ok, complete->reason);
  if (const auto* checked = std::get_if<checked_chunk_message>(&x))
    return encode_checked_chunk(*checked);
  return encode_transfer_op(op, std::visit([](const auto& m) { return m.id; }, x));
}

/// A sender that hears the message before and after it was accepted.
void tell_sender(bytes_view payload, std::uint64_t id) {
  transfer_sender uut{{}, now, sample_offer(id)};
  uut.grant(1000);
  for (int i = 0; i < 2; ++i) {
    uut.handle_message(now, payload);
    uut.handle_message(now, i == 0 ? encode_accept(id) : encode_accept(id, resume_point{}, 3));
    while (const auto x = uut.poll_request())
      uut.handle_disk_read(now, byte_slice::copy_of(content.substr(x->offset, x->size)));
    while (const auto x = uut.poll_transmit(now))
      test::require(decode_transfer(*x).ok());
  }
  test::require(uut.received() <= uut.sent() && uut.sent() <= content.size());
  uut.handle_timeout(now + std::chrono::hours{1});
  test::require(uut.state() == transfer_state::done || uut.state() == transfer_state::paused);
}

/// A receiver that hears it before, after and in the middle, and finishes nothing but what is right.
void tell_receiver(bytes_view payload, std::uint64_t id) {
  const auto raw = byte_slice::copy_of(payload);
  transfer_receiver uut{{}, now, sample_offer(id)};
  uut.handle_message(now, raw);
  uut.accept(now);
  for (int i = 0; i < 2; ++i) {
    uut.handle_message(now, raw);
    uut.handle_message(now, byte_slice{encode_chunk(id, 0, 0, as_bytes(content).first(10))});
  }
  std::uint64_t size = 0;
  while (const auto x = uut.poll_request()) {
    if (const auto* write = std::get_if<disk_write>(&*x)) {
      test::require(write->file == 0 && write->offset == size);
      size += write->data.size();
      test::require(size <= content.size());
    } else if (std::holds_alternative<disk_finish>(*x)) {
      test::require(size == content.size());
    }
    uut.handle_disk_done(now);
  }
  while (const auto x = uut.poll_transmit())
    test::require(decode_transfer(*x).ok());
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  const auto x = decode_transfer(in);
  if (!x)
    return 0;
  const auto id = transfer_id_of(in);
  test::require(id.has_value());
  tell_sender(in, *id);
  tell_receiver(in, *id);
  const auto once = written(*x);
  // Equal but for flags, of which any value but zero means the same, and for features, which an old peer leaves out.
  test::require(once.size() <= size + 1);
  const auto back = decode_transfer(once);
  test::require(back.ok() && back->index() == x->index() && written(*back) == once);
  if (const auto* offer = std::get_if<offer_message>(&*x)) {
    const auto checked = check_offer(*offer, name_rules::windows);
    if (!checked) {
      test::require(!checked.error().to_text().empty());
      return 0;
    }
    for (const auto& file : checked->files)
      test::require(safe_path(file.path, name_rules::posix).ok());
    test::require(total_size(checked->files) == checked->total && encode_offer(*checked).ok());
  }
  return 0;
}
