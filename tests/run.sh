#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [OPTION...] - installs what is missing, configures, builds, runs every test and counts the cases.
#
#   --asan             with AddressSanitizer and UndefinedBehaviorSanitizer, in build-asan
#   --tsan             with ThreadSanitizer, in build-tsan
#   --filter REGEX     only the tests whose name matches (names: ctest --test-dir build-test -N)
#   --build-dir DIR    build there (default: build-test beside the sources)
#   --jobs N           compile N files at a time (default: one per processor)
#   --help             this text
#
# The last line of output is always `N passed, N failed` or `N passed, N failed, N skipped`, counting test cases.
# Exit codes: 0 all passed, 1 a test failed, nothing ran or the build broke, 2 wrong usage.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
variant='test'
build=
filter=
jobs=$(nproc 2>/dev/null || echo 2)

usage() { printf 'run.sh: %s; see run.sh --help\n' "$1" >&2; exit 2; }
while [ $# -gt 0 ]; do
  case $1 in
    --asan) [ "$variant" != tsan ] || usage "--asan and --tsan exclude each other"; variant=asan ;;
    --tsan) [ "$variant" != asan ] || usage "--asan and --tsan exclude each other"; variant=tsan ;;
    --filter | --build-dir | --jobs)
      [ -n "${2:-}" ] || usage "$1 needs a value"
      case $1 in
        --filter) filter=$2 ;;
        --build-dir) build=$(realpath -m -- "$2") ;;
        --jobs) [[ $2 =~ ^[1-9][0-9]*$ ]] || usage "--jobs needs a number from 1 up"; jobs=$2 ;;
      esac
      shift
      ;;
    -h | --help)
      sed -n '3,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) usage "unknown option '$1'" ;;
  esac
  shift
done
build=${build:-$root/build-$variant}

# A build that breaks is one failure: whoever reads the last line alone must not take it for a success.
broken() { printf '\nrun.sh: %s\n0 passed, 1 failed\n' "$1"; exit 1; }

# -- install --------------------------------------------------------------------------------------------------------------
"$root/config/install-deps.sh" build test \
  || echo "run.sh: going on with what is here; the configuration step names what it misses"
"$root/config/install-deps.sh" peers browser || echo "run.sh: going on without; tests that miss a program skip themselves"
command -v cmake >/dev/null || broken "there is no cmake"
command -v python3 >/dev/null || broken "there is no python3, which counts the cases"

# -- configure ------------------------------------------------------------------------------------------------------------
# Optimised, because sums over virtual hours are long; with assertions, so that a broken invariant shows.
options=(-DRATS_BUILD_TESTS=ON -DRATS_BUILD_APPS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo)
# The sanitizers do not stop at warnings: GCC finds some in its own library once that is instrumented.
case $variant in
  test) options+=(-DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -g0") ;;
  asan) options+=(-DRATS_ENABLE_ASAN=ON -DRATS_WARNINGS_AS_ERRORS=OFF -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1") ;;
  # Asio's fences are beyond ThreadSanitizer, and beside the mutex of its queue they order nothing of ours.
  tsan)
    options+=(-DRATS_ENABLE_TSAN=ON -DRATS_WARNINGS_AS_ERRORS=OFF
      -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1 -DBOOST_ASIO_DISABLE_FENCED_BLOCK")
    ;;
esac
mkdir -p "$build"
if [ ! -e "$build/CMakeCache.txt" ] && command -v ninja >/dev/null; then
  options+=(-G Ninja)
fi
echo "run.sh: configuring in $build"
if ! cmake -S "$root" -B "$build" "${options[@]}" >"$build/configure.log" 2>&1; then
  cat "$build/configure.log"
  broken "the configuration failed"
fi

# -- build ----------------------------------------------------------------------------------------------------------------
# Ninja prints a line per file where there is no terminal; one per tenth is enough to see that it lives.
progress() {
  local line percent tenth last=-1
  while IFS= read -r line; do
    [[ $line =~ ^\[\ *([0-9]+)%\] ]] || continue
    percent=${BASH_REMATCH[1]}
    tenth=$((percent / 10))
    if [ "$tenth" -gt "$last" ]; then
      last=$tenth
      echo "  built $percent %"
    fi
  done
}
echo "run.sh: building with $jobs jobs"
if ! NINJA_STATUS='[%p] ' cmake --build "$build" -j "$jobs" 2>&1 | tee "$build/build.log" | progress; then
  grep -v -E '^\[ *[0-9]+%\] (Building|Linking|Generating)' "$build/build.log" | head -n 200 || true
  broken "the build failed; all of its output is in $build/build.log"
fi

# -- run and count --------------------------------------------------------------------------------------------------------
rm -f "$build/ctest.xml"
if [ -d "$build/test-logs" ]; then
  find "$build/test-logs" -mindepth 2 -maxdepth 2 \( -name cases.xml -o -name cases.txt \) -delete
fi
selection=()
[ -z "$filter" ] || selection=(-R "$filter")
echo "run.sh: testing"
ctest --test-dir "$build" --parallel 2 --timeout 600 --output-on-failure --no-tests=ignore --no-label-summary \
  --output-junit "$build/ctest.xml" "${selection[@]}" 2>&1 || true  # The count decides.
python3 "$root/tests/count_cases.py" "$build/ctest.xml" "$build/test-logs"
