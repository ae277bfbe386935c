#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install-deps.sh [GROUP...] - installs what librats needs from Debian or Ubuntu packages.
#
#   build  compiler, CMake and the libraries, Boost.Test included (the default)
#   test   what the script tests call
#   peers  programs of other people that tests/interop talks to; those that this distribution lacks are left out
#   browser  a browser without a window, in which a test looks at the page that rats-sim writes; left out likewise
#   fuzz   Clang with libFuzzer
#   bench  what the benchmarks call
#
# Asks nothing, removes nothing, and when everything is there it ends at once without touching the network.
# Exit codes: 0 everything is there, 1 it could not be installed, 2 wrong usage.
set -euo pipefail

boost_min=1.81   # as in CMakeLists.txt
caf_tested=0.17  # the release that runtime/caf/ is written against

say() { printf 'install-deps: %s\n' "$*"; }
die() { printf 'install-deps: %s\n' "$*" >&2; exit 1; }

# -- what each group needs ------------------------------------------------------------------------------------------------
packages_of() {
  case $1 in
    build)
      echo g++ cmake ninja-build ccache pkg-config libcaf-dev libsodium-dev libssl-dev nlohmann-json3-dev libspdlog-dev \
        libsqlite3-dev liblz4-dev libedit-dev "$(boost_packages)"
      ;;
    test) echo python3 python3-cryptography python3-dissononce iproute2 util-linux ;;
    peers)
      echo python3-libtorrent python3-zeroconf avahi-daemon avahi-utils dbus coturn tshark "$(node_packages)"
      ;;
    fuzz) echo clang "$(compiler_rt_package)" ;;
    browser) echo chromium ;;
    bench) echo python3 python3-libtorrent util-linux ;;
  esac
}

# Node.js and npm come from many places, which exclude one another; any will do.
node_packages() {
  command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm
}

# The version of a package as installed, or nothing.
installed_version() {
  dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | head -n 1
}

# The version apt would install, or nothing.
candidate_version() {
  LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true
}

at_least() { [ -n "$1" ] && dpkg --compare-versions "${1#*:}" ge "$2"; }

# Debian names Boost twice: by the distribution's default version, and by version number when a release carries a newer one
# as well. The two families exclude each other, so an installed one wins.
boost_packages() {
  local infix
  if at_least "$(installed_version libboost-dev)" "$boost_min"; then
    infix=
  elif infix=$(numbered_boost installed); [ -n "$infix" ]; then
    :
  elif at_least "$(candidate_version libboost-dev)" "$boost_min"; then
    infix=
  elif infix=$(numbered_boost available); [ -n "$infix" ]; then
    :
  else
    infix=  # Reported later: the candidate is missing or too old.
  fi
  echo "libboost${infix}-dev libboost-program-options${infix}-dev libboost-test${infix}-dev"
}

# The highest numbered Boost that is new enough, among the installed packages or among those apt knows.
numbered_boost() {
  local names name number best=
  if [ "$1" = installed ]; then
    names=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost[0-9]*-dev' 2>/dev/null | sed -n 's/^installed //p')
  else
    names=$(apt-cache pkgnames libboost)
  fi
  for name in $names; do
    number=$(sed -n 's/^libboost\([0-9]\+\.[0-9]\+\)-dev$/\1/p' <<<"$name")
    at_least "$number" "$boost_min" || continue
    [ "$1" = installed ] || [ -n "$(candidate_version "$name")" ] || continue
    if [ -z "$best" ] || dpkg --compare-versions "$number" gt "$best"; then best=$number; fi
  done
  echo "$best"
}

# libclang-rt-dev follows the default Clang; releases without it have only the numbered package.
compiler_rt_package() {
  local clang major
  if [ -n "$(installed_version libclang-rt-dev)" ] || [ -n "$(candidate_version libclang-rt-dev)" ]; then
    echo libclang-rt-dev
    return
  fi
  clang=$(installed_version clang)
  clang=${clang:-$(candidate_version clang)}
  major=${clang#*:}
  echo "libclang-rt-${major%%.*}-dev"
}

# Sets `missing` to the packages of the chosen groups that are not installed, `lacking` to those that may be done without
# and cannot be had.
find_missing() {
  local group package
  missing=()
  lacking=()
  for group in "${groups[@]}"; do
    for package in $(packages_of "$group"); do
      case " ${missing[*]} " in *" $package "*) continue ;; esac  # Two groups may need it.
      [ -z "$(installed_version "$package")" ] || continue
      if [[ $group == @(peers|browser) ]] && [ -n "$fresh" ] && [ -z "$(candidate_version "$package")" ]; then
        lacking+=("$package")
      else
        missing+=("$package")
      fi
    done
  done
}

# -- the run --------------------------------------------------------------------------------------------------------------
groups=()
for argument in "$@"; do
  case $argument in
    build | test | peers | browser | fuzz | bench) groups+=("$argument") ;;
    -h | --help)
      sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      printf 'install-deps: unknown group "%s"; choose from: build test peers browser fuzz bench\n' "$argument" >&2
      exit 2
      ;;
  esac
done
[ ${#groups[@]} -gt 0 ] || groups=(build)

for tool in apt-get apt-cache dpkg-query dpkg; do
  command -v "$tool" >/dev/null \
    || die "there is no $tool here. This script knows Debian and Ubuntu only; elsewhere install CAF 0.17, Boost $boost_min," \
      "libsodium, OpenSSL 3, LZ4, SQLite, nlohmann-json, spdlog and libedit by hand."
done

fresh=  # Whether the package lists are.
find_missing
if [ ${#missing[@]} -eq 0 ]; then
  say "everything for '${groups[*]}' is installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || die "missing: ${missing[*]}." "Run this script as root (there is no sudo here)."
  sudo -n true 2>/dev/null || die "missing: ${missing[*]}." "sudo wants a password, and this script asks no question." \
    "Run: sudo ${BASH_SOURCE[0]} ${groups[*]}"
  as_root=(sudo -n)
fi
# NEEDRESTART_SUSPEND: Ubuntu would otherwise restart services that use an upgraded library. RUNLEVEL: servers that only
# tests need shall not start now.
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 RUNLEVEL=1 LC_ALL=C \
  apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

say "fetching package lists"
apt_get update >/dev/null || say "apt-get update failed; going on with the package lists that are here"

fresh=yes
find_missing  # Fresh lists may have another answer for Boost and Clang.
[ ${#lacking[@]} -eq 0 ] || say "does without: ${lacking[*]}"
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
for package in "${missing[@]}"; do
  [ -n "$(candidate_version "$package")" ] || die "this distribution has no package '$package'." \
    "librats is built on Debian 12 and later and on Ubuntu 24.04 and later (with 'universe' switched on)."
  case $package in
    libboost-dev)
      at_least "$(candidate_version libboost-dev)" "$boost_min" \
        || die "Boost $boost_min or later is needed, but this distribution has $(candidate_version libboost-dev) only." ;;
    libcaf-dev)
      caf=$(candidate_version libcaf-dev)
      at_least "$caf" "$caf_tested" || die "CAF $caf_tested is needed, but this distribution has libcaf-dev $caf only."
      case $caf in
        "$caf_tested".*) ;;
        *) say "note: libcaf-dev is $caf here, while librats is built and tested with $caf_tested." ;;
      esac
      ;;
  esac
done
case " ${missing[*]} " in
  *" libboost"*)
    for package in $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost1.*-dev' 2>/dev/null \
      | sed -n 's/^installed //p'); do
      at_least "$(installed_version "$package")" "$boost_min" \
        || die "Boost $boost_min or later is needed, and the installed $package excludes it. This script removes nothing." \
          "If nothing else needs the old one: apt-get remove $package"
    done
    ;;
esac

say "installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! apt_get install -y --no-remove --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
  tail -n 25 "$log" >&2
  die "apt-get could not install: ${missing[*]}"
fi
find_missing
[ ${#missing[@]} -eq 0 ] || die "apt-get reported success, but these are not installed: ${missing[*]}"
say "everything for '${groups[*]}' is installed"
