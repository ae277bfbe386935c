// SPDX-License-Identifier: MIT
//
// How well a stream on datagrams uses a path: two real streams over a modelled bottleneck on virtual time, with our
// congestion control and with upstream's, with and without our extension. Nothing here depends on the machine or on
// what else it does: the same build prints the same figures. What it does not say: how much CPU that takes, and how a
// path behaves that the model does not know (cross traffic that comes and goes, radio links with retries).
#include "tests/bench/path/measure.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::bench;
using protocols::congestion_algorithm;

namespace {

constexpr duration time_single = std::chrono::seconds{20};
constexpr duration time_shared = std::chrono::seconds{60};

/// The goals, and how many measurements met them.
struct goal {
  explicit goal(const char* what) : text(what) {}

  const char* text;
  int met = 0;
  int of = 0;
  std::string worst;

  void check(bool good, const std::string& where) {
    ++of;
    if (good)
      ++met;
    else
      worst += "\n    missed: " + where;
  }
};

goal clean{"utilisation at least 0.9 without loss by chance, bbr"};
goal lossy{"utilisation at least 0.5 at 2 % loss on 100 Mbit/s, 100 ms, bbr with the extension"};
goal frugal{"retransmitted at most 1.3 times what was lost, where at least 50 packets were lost"};
goal whole{"every byte in its place, no stream ended"};

const char* name_of(congestion_algorithm x) { return x == congestion_algorithm::bbr ? "bbr " : "reno"; }

void header() {
  std::printf("%-37s %-5s %-4s %6s %7s %7s %9s %9s %9s\n", "path, buffer, loss by chance", "ctrl", "ext", "util",
    "lost", "re/lost", "wait ms", "p95 ms", "timeouts");
}

void row(const path_case& path, congestion_algorithm control, bool extension, const char* note = "") {
  test::transfer_options transfer;
  transfer.congestion = control;
  transfer.extension = extension;
  const auto x = measure_path(path, transfer, time_single);
  const auto name = bench::name_of(path);
  std::printf("%-37s %-5s %-4s %6.3f %6.2f%% %7.2f %9.2f %9.2f %9llu  %s\n", name.c_str(), name_of(control),
    extension ? "on" : "off", x.utilisation, 100 * x.lost, x.repeated, x.wait_mean_ms, x.wait_p95_ms,
    static_cast<unsigned long long>(x.timeouts), note);
  std::fflush(stdout);
  const auto where = name + " " + name_of(control) + (extension ? " on " : " off ") + note;
  const bool by_chance = path.loss > 0 || path.burst_begins > 0;
  if (control == congestion_algorithm::bbr && !by_chance && path.reordered == 0)
    clean.check(x.utilisation >= 0.9, where);
  if (control == congestion_algorithm::bbr && extension && path.loss == 0.02 && path.round_trip_ms == 100)
    lossy.check(x.utilisation >= 0.5, where);
  if (x.payload_lost >= 50 * protocols::packet_payload_max)
    frugal.check(x.repeated <= 1.3, where);
  whole.check(x.intact, where);
}

void single_transfers() {
  header();
  constexpr double speeds[] = {10, 100, 1000};
  constexpr int round_trips[] = {40, 100, 10};
  for (int i = 0; i < 3; ++i) {
    for (const double loss : {0.0, 0.001, 0.02}) {
      for (const double buffer : {0.25, 4.0}) {
        path_case path;
        path.megabits = speeds[i];
        path.round_trip_ms = round_trips[i];
        path.loss = loss;
        path.buffer = buffer;
        row(path, congestion_algorithm::bbr, true);
        if (speeds[i] > 10 && buffer > 1)  // Elsewhere the plain window and word of acknowledgements are enough.
          row(path, congestion_algorithm::bbr, false);
        row(path, congestion_algorithm::reno, true);
        if (loss > 0 && speeds[i] > 10 && buffer > 1)
          row(path, congestion_algorithm::reno, false);
      }
    }
  }
  path_case odd;
  odd.megabits = 100;
  odd.round_trip_ms = 100;
  for (const auto control : {congestion_algorithm::bbr, congestion_algorithm::reno}) {
    for (const bool extension : {true, false}) {
      auto bursts = odd;
      bursts.burst_begins = 0.0025;
      row(bursts, control, extension, "bursts, 0.5 % in all");
      auto reordering = odd;
      reordering.reordered = 0.01;
      row(reordering, control, extension, "1 % come 12.5 ms late");
    }
  }
}

void shared_paths() {
  std::printf("\n%-37s %-9s %6s %7s %7s %7s %7s %9s\n", "two flows, one bottleneck", "ctrl", "util", "first", "second",
    "Jain", "lost", "wait ms");
  const std::pair<congestion_algorithm, congestion_algorithm> pairs[] = {
    {congestion_algorithm::bbr, congestion_algorithm::bbr},
    {congestion_algorithm::reno, congestion_algorithm::reno},
    {congestion_algorithm::bbr, congestion_algorithm::reno},
    {congestion_algorithm::reno, congestion_algorithm::bbr},
  };
  constexpr double speeds[] = {10, 100};
  for (const double speed : speeds) {
    for (const double buffer : {0.25, 1.0, 4.0}) {
      for (const auto& [first, second] : pairs) {
        path_case path;
        path.megabits = speed;
        path.round_trip_ms = 40;
        path.buffer = buffer;
        test::transfer_options a;
        test::transfer_options b;
        a.congestion = first;
        b.congestion = second;
        const auto x = measure_sharing(path, a, b, time_shared);
        std::printf("%-37s %s/%s %6.3f %7.2f %7.2f %7.2f %6.2f%% %9.2f\n", bench::name_of(path).c_str(), name_of(first),
          name_of(second), x.utilisation, x.share[0], x.share[1], x.fairness, 100 * x.lost, x.wait_mean_ms);
        std::fflush(stdout);
      }
    }
  }
}

bool report(const goal& x) {
  const auto* verdict = x.of == 0 ? "none" : x.met == x.of ? "met" : "MISS";
  std::printf("%-4s %d of %d: %s%s\n", verdict, x.met, x.of, x.text, x.worst.c_str());
  return x.met == x.of;
}

} // namespace

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "all";
  std::printf("1.0 is a bottleneck full of packets with 1200 bytes of payload and 44 of headers, from the dial on, for "
              "%lld s of virtual time;\nacknowledgements take a path of the same kind back\n\n",
    static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(time_single).count()));
  if (only == "all" || only == "single")
    single_transfers();
  if (only == "all" || only == "shared")
    shared_paths();
  std::printf("\n");
  bool good = true;
  for (const auto* x : {&clean, &lossy, &frugal, &whole})
    good = report(*x) && good;
  return good ? 0 : 1;
}
