#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [SECONDS] [TARGET...] - builds the fuzz targets with Clang in build-fuzz/ and lets each search for SECONDS
# (default 30). New inputs stay in build-fuzz/found/<target>/; a crash leaves its input there and its report on the screen.
# Exit codes: 0 nothing found, 1 a target crashed or the build broke, 2 wrong usage.
set -euo pipefail

seconds=${1:-30}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '3,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
shift || true
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${RATS_FUZZ_BUILD_DIR:-$root/build-fuzz}
compiler=$(command -v clang++ || command -v clang++-14) || { echo "run.sh: no clang++; config/install-deps.sh fuzz" >&2; exit 1; }

generator=()
if [ ! -e "$build/CMakeCache.txt" ] && command -v ninja >/dev/null; then
  generator=(-G Ninja)
fi
cmake -S "$root" -B "$build" "${generator[@]}" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DRATS_BUILD_FUZZERS=ON -DRATS_BUILD_TESTS=OFF -DRATS_BUILD_APPS=OFF >/dev/null
cmake --build "$build" --target fuzzers

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in "$here"/fuzz_*.cpp; do
    name=$(basename "$source" .cpp)
    targets+=("${name#fuzz_}")
  done
fi
failed=()
for target in "${targets[@]}"; do
  found=$build/found/$target
  mkdir -p "$found"
  echo "run.sh: $target for $seconds s"
  program=$(find "$build" -type f -name "fuzz_$target" -perm -u+x | head -n 1)
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$found/crash-of-" "$found" "$here/corpus/$target" || failed+=("$target")
done
echo "${#targets[@]} targets, ${#failed[@]} crashed: ${failed[*]:-none}"
[ ${#failed[@]} -eq 0 ]
