// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_nat.hpp"

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

runtime::nat_kind kind_of(const std::string& word) {
  return word == "full-cone"       ? runtime::nat_kind::full_cone
    : word == "address-restricted" ? runtime::nat_kind::address_restricted
    : word == "symmetric"          ? runtime::nat_kind::symmetric
                                   : runtime::nat_kind::port_restricted;
}

/// Whether who is behind `from` is behind `to`, too.
bool leads_to(const scenario& in, std::size_t from, std::size_t to) {
  for (; from != scenario::none; from = in.nats[from].behind)
    if (from == to)
      return true;
  return false;
}

} // namespace

runtime::named_section_kind nat_sections() {
  runtime::config_schema out{"rats-sim", "a NAT"};
  const runtime::nat_profile d;
  out.section("nat", "A kind of box that translates the addresses of those behind it, as most homes have")
    .word("type", "port-restricted", {"full-cone", "address-restricted", "port-restricted", "symmetric"},
      "Whom it lets in once somebody inside has sent through a port of it: everybody, hosts that were sent to, their "
      "very ports, or these and through a port for each of them")
    .text("behind", "", 0, 64, "Another [nat NAME] of which one box is between all boxes of this kind and the world")
    .boolean("hairpin", d.hairpin, "Hosts behind one box reach each other by their addresses outside")
    .span("udp_timeout", d.udp_timeout, 1s, 24h, "After so long without sending a UDP mapping is forgotten");
  return {"nat", std::move(out)};
}

void read_nats(scenario_mistakes& mistakes, const runtime::config_document& from, scenario& out) {
  for (const auto& one : from.sections)
    if (one.kind == "nat")
      out.nats.push_back({one.name,
        {kind_of(one.values.text("nat", "type")), one.values.boolean("nat", "hairpin"),
          one.values.span("nat", "udp_timeout")},
        scenario::none});
  std::size_t number = 0;
  for (const auto& one : from.sections) {
    if (one.kind != "nat")
      continue;
    const auto behind = mistakes.find(one, "behind", out.nats, one.values.text("nat", "behind"), "nat");
    out.nats[number].behind = behind;
    if (leads_to(out, behind, number)) { // Found at the one that closes the circle.
      mistakes.complain(one, "behind", "leads back to where it begins; one box has to be on the open network");
      out.nats[number].behind = scenario::none;
    }
    ++number;
  }
}

void declare_nat(runtime::config_schema& out) {
  out.text("nat", "", 0, 64, "The [nat NAME] they are behind; empty: everybody can reach them")
    .word("nat_boxes", "each", {"each", "one"}, "A box for each member, or one for all of them");
}

void read_nat_of(
  scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in, scenario::group& out) {
  out.nat = mistakes.find(x, "nat", in.nats, x.values.text("group", "nat"), "nat");
  out.nat_of_its_own = x.values.text("group", "nat_boxes") == "each";
  if (mistakes.is_set(x, "nat_boxes") && x.values.text("group", "nat").empty())
    mistakes.complain(x, "nat_boxes", "goes with nat = NAME alone");
}

} // namespace librats::apps
