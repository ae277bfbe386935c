// SPDX-License-Identifier: MIT
#include "apps/rats-sim/worker_talk.hpp"

#include "apps/rats-sim/child_run.hpp"
#include "apps/support/numbers.hpp"
#include "protocols/crypto/hash.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <fstream>

namespace librats::apps {

namespace {

using nlohmann::json;

std::string dump(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

std::string to_text(const worker_hello&) {
  return dump({{"kind", "hello"}});
}
std::string to_text(const worker_here& x) {
  return dump({{"kind", "here"}, {"build", x.build}, {"version", x.version}, {"jobs", x.jobs}});
}
std::string to_text(const worker_run& x) {
  return dump({{"kind", "run"}, {"build", x.build}, {"scenario", x.scenario}, {"seed", x.seed}});
}
std::string to_text(const worker_done& x) {
  return dump({{"kind", "done"}, {"seed", x.seed}, {"code", x.code}, {"said", x.said}, {"refused", x.refused}});
}

worker_word parse_worker_word(std::string_view text) {
  worker_word out;
  try {
    const auto x = json::parse(text);
    const auto kind = x.at("kind").get<std::string>();
    if (kind == "hello")
      out.hello.emplace();
    else if (kind == "here")
      out.here = worker_here{x.at("build"), x.at("version"), x.at("jobs")};
    else if (kind == "run")
      out.run = worker_run{x.at("build"), x.at("scenario"), x.at("seed")};
    else if (kind == "done")
      out.done = worker_done{x.at("seed"), x.at("code"), x.at("said"), x.at("refused")};
  } catch (const json::exception&) {
    return {};
  }
  return out;
}

std::string own_build(const std::string& program) {
  std::ifstream in{own_path(program), std::ios::binary};
  protocols::sha256_hasher hasher;
  std::array<char, 64 * 1024> piece{};
  std::size_t size = 0;
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    const auto count = static_cast<std::size_t>(in.gcount());
    hasher.update(as_bytes(std::string_view{piece.data(), count}));
    size += count;
  }
  return size == 0 ? std::string{} : to_hex(hasher.finish());
}

std::optional<worker_address> parse_worker_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = parse_port(text.substr(colon + 1));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find_first_of(":[]") != std::string_view::npos)
    return std::nullopt;
  if (host.empty() || !port || *port == 0)
    return std::nullopt;
  return worker_address{std::string{host}, *port};
}

} // namespace librats::apps
