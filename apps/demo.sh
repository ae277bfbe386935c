#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# demo.sh [FILE] - installs what is missing, builds, and shows a small network on this machine.
#
# Starts three ratsd processes that connect to each other, and a program with a node inside that sends FILE (default:
# README.md) in pieces to all of them and compares what comes back; one of the three has no UDP, so that the others must
# fall back to TCP. Then one ratsd is killed, the others have to go on, and it is found again when it comes back. A fourth
# one finds the three, of whom it knows nothing but the name of their application, in a DHT that is theirs alone. Then two
# people talk in a topic: their clients have no connection to each other, and the three pass on what they say. At last
# one of them sends a tree of files, which arrives whole, and leaves a note in the store, which is the same everywhere.
# Takes seconds after the build and leaves nothing behind but the folder build/.
# RATS_DEMO_BUILD_DIR names another build folder; RATS_DEMO_SKIP_BUILD=1 takes what is built there.
# Exit codes: 0 all went well, 1 something did not, 2 wrong usage.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${RATS_DEMO_BUILD_DIR:-$root/build}
patience=20  # Seconds that anything is waited for.

case ${1:-} in
  -h | --help)
    sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
if [ $# -gt 1 ]; then
  echo "demo.sh: one file at most; see demo.sh --help" >&2
  exit 2
fi
file=${1:-$root/README.md}
if [ ! -f "$file" ] || [ ! -r "$file" ]; then
  echo "demo.sh: cannot read the file '$file'" >&2
  exit 2
fi
file=$(realpath -- "$file")

say() { printf '\n== %s\n' "$*"; }
die() {
  printf 'demo.sh: %s\n' "$*" >&2
  for log in "$folder"/*/ratsd.log; do
    [ -e "$log" ] && printf -- '-- the end of %s\n' "$log" >&2 && tail -n 10 "$log" >&2
  done
  exit 1
}

# -- whatever happens, nothing stays ---------------------------------------------------------------------------------------
folder=$(mktemp -d "${TMPDIR:-/tmp}/rats-demo.XXXXXX")
processes=()
clean_up() {
  trap - EXIT INT TERM
  if [ ${#processes[@]} -gt 0 ]; then
    kill -KILL "${processes[@]}" 2>/dev/null || true
    wait "${processes[@]}" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# -- build -----------------------------------------------------------------------------------------------------------------
if [ -z "${RATS_DEMO_SKIP_BUILD:-}" ]; then
  "$root/config/install-deps.sh" build || echo "demo.sh: going on with what is here; the next step names what it misses"
  say "building in $build"
  options=(-DRATS_BUILD_APPS=ON -DRATS_BUILD_EXAMPLES=ON)
  if [ ! -e "$build/CMakeCache.txt" ]; then
    options+=(-DRATS_BUILD_TESTS=OFF)
    command -v ninja >/dev/null && options+=(-G Ninja)
  fi
  if ! cmake -S "$root" -B "$build" "${options[@]}" >"$folder/cmake.log" 2>&1; then
    cat "$folder/cmake.log" >&2
    die "the configuration failed"
  fi
  cmake --build "$build" --parallel "$(nproc 2>/dev/null || echo 2)" --target ratsd rats-client demo_client \
    || die "the build failed"
fi

# -- waiting: for a line, never for time -----------------------------------------------------------------------------------
# wait_line FD PATTERN: reads lines from FD, showing them, until one matches; sets `line`.
wait_line() {
  while IFS= read -r -t "$patience" -u "$1" line; do
    [[ $line =~ $2 ]] && return 0
    printf '%s\n' "$line"
  done
  return 1
}

# wait_log FILE PATTERN [LINE]: until the file has such a line, from line LINE on (default: the first).
wait_log() {
  local follower feeder found=1
  exec {follower}< <(exec timeout "$patience" tail -n "+${3:-1}" -f "$1")
  feeder=$!
  while IFS= read -r -u "$follower" line; do
    if [[ $line =~ $2 ]]; then
      found=0
      break
    fi
  done
  kill "$feeder" 2>/dev/null || true
  exec {follower}<&-
  return $found
}

# wait_end FD PID: until the process that writes to FD has ended; returns its exit code.
wait_end() {
  local rest status=0
  while IFS= read -r -t "$patience" -u "$1" rest || status=$?; [ "$status" -eq 0 ]; do
    printf '%s\n' "$rest"
  done
  [ "$status" -le 128 ] || return 1  # Time is up.
  wait "$2"
}

# -- three ratsd -----------------------------------------------------------------------------------------------------------
names=(anna bert cleo)
declare -A port id pid output
# start_ratsd NAME: from the INI file in its folder, until it is ready; sets what we know of it.
start_ratsd() {
  local name=$1 home=$folder/$1 ready
  exec {ready}< <(exec "$build/bin/ratsd" --config "$home/node.ini" 2>"$home/stderr")
  pid[$name]=$!
  output[$name]=$ready
  processes+=("${pid[$name]}")
  wait_line "$ready" '^ratsd ready ([0-9a-f]{64}) .*:([0-9]+)$' || die "$name did not start: $(cat "$home/stderr")"
  id[$name]=${BASH_REMATCH[1]}
  port[$name]=${BASH_REMATCH[2]}
  printf '%s  process %s  port %s  %s\n' "$name" "${pid[$name]}" "${port[$name]}" "${id[$name]}"
}

# Nobody outside this machine is asked.
private_dht() {
  printf '[dht]\nenabled = yes\nport = 0\npublic_bootstrap = no\nrestrict_addresses = no\n'
  [ -z "${dht_port:-}" ] || printf 'bootstrap = 127.0.0.1:%s\n' "$dht_port"
}

say "starting ${#names[@]} ratsd, each from an INI file of its own; cleo refuses UDP"
for name in "${names[@]}"; do
  home=$folder/$name
  mkdir "$home"
  {
    printf '[node]\ndata_dir = %s\nbind_address = 127.0.0.1\nlisten_port = 0\n' "$home"
    for other in "${!port[@]}"; do
      printf 'connect = 127.0.0.1:%s\n' "${port[$other]}"
    done
    [ "$name" != cleo ] || printf '[transport]\nudp = no\n'
    private_dht
    printf '[gossip]\ntopics = square\nsignatures = check\n'
    printf '[storage]\nenabled = yes\n[files]\ninbox = %s/inbox\n' "$home"
    printf '[messages]\necho_channel = demo\nlog_typed = yes\nlog_topics = yes\n'
    printf '[reconnect]\nmax_delay = 1 s\n[log]\nconsole = no\nfile = %s/ratsd.log\n' "$home"
  } >"$home/node.ini"
  start_ratsd "$name"
  if [ -z "${dht_port:-}" ]; then
    wait_log "$home/ratsd.log" 'takes part in the IPv4 DHT at 127\.0\.0\.1:([0-9]+)' || die "$name has no DHT"
    dht_port=${BASH_REMATCH[1]}
  fi
done
for name in anna bert; do
  wait_log "$folder/cleo/ratsd.log" "peer ${id[$name]} is connected" || die "cleo did not connect to $name"
done
wait_log "$folder/bert/ratsd.log" "peer ${id[anna]} is connected" || die "bert did not connect to anna"
echo "all three are connected to each other"

# reached NAME OTHER TRANSPORT: whether the log of NAME has such a link.
reached() {
  wait_log "$folder/$1/ratsd.log" "peer ${id[$2]} is connected: .*, $3," || die "$1 and $2 are not connected over $3"
}
reached bert anna udp
reached cleo anna tcp
echo "anna and bert talk over UDP, cleo with both over TCP"

# -- a program with a node inside ------------------------------------------------------------------------------------------
size=$(wc -c <"$file")
say "an embedded node sends $(basename -- "$file") ($size bytes) to all three, which send it back"
mkfifo "$folder/orders"
ports=()
for name in "${names[@]}"; do
  ports+=("$name=${port[$name]}")
done
exec {answers}< <(exec "$build/bin/demo_client" demo "$file" "${ports[@]}" <"$folder/orders" 2>&1)
client=$!
processes+=("$client")
exec {orders}>"$folder/orders"
wait_line "$answers" '^demo_client ready$' || die "the embedded node did not get through"
for name in "${names[@]}"; do
  wait_log "$folder/$name/ratsd.log" 'sent a message of type "demo\.file"' || die "$name did not get the typed message"
done
echo "each of them also logged the typed JSON message that announced the file"

# -- one is killed ---------------------------------------------------------------------------------------------------------
say "killing bert (SIGKILL), and the same again with the others"
kill -KILL "${pid[bert]}"
printf 'lost %s\n' "${id[bert]}" >&"$orders"
wait_line "$answers" '^demo_client ready$' || die "the network did not survive the loss of bert"
for name in anna cleo; do
  wait_log "$folder/$name/ratsd.log" "peer ${id[bert]:0:8} is gone" || die "$name did not notice that bert is gone"
  kill -0 "${pid[$name]}" 2>/dev/null || die "$name died too"
done
exec {orders}>&-
wait_end "$answers" "$client" || die "the embedded node reports a failure"

# -- and comes back --------------------------------------------------------------------------------------------------------
say "starting bert again: same key, same port; nobody tells cleo to dial it"
sed -i "s/^listen_port = 0$/listen_port = ${port[bert]}/" "$folder/bert/node.ini"
seen=$(wc -l <"$folder/cleo/ratsd.log")
start_ratsd bert
wait_log "$folder/cleo/ratsd.log" "peer ${id[bert]} is connected" $((seen + 1)) || die "cleo did not reconnect to bert"
echo "cleo has bert back"

# -- a stranger ------------------------------------------------------------------------------------------------------------
say "starting dora, who is told one node of the DHT and nothing of the others"
mkdir "$folder/dora"
{
  printf '[node]\ndata_dir = %s/dora\nbind_address = 127.0.0.1\nlisten_port = 0\n' "$folder"
  private_dht
  printf '[pex]\nenabled = no\n[log]\nconsole = no\nfile = %s/dora/ratsd.log\n' "$folder"
} >"$folder/dora/node.ini"
start_ratsd dora
for name in "${names[@]}"; do
  wait_log "$folder/dora/ratsd.log" "peer ${id[$name]} is connected" || die "dora did not find $name"
done
echo "dora found all three in the DHT, and they talk"
names+=(dora)

# -- a room ----------------------------------------------------------------------------------------------------------------
say "erna and fritz talk in the topic square; erna is connected to anna, fritz to cleo; erna signs what she says"
declare -A person says hears
# start_person NAME NEIGHBOUR [OPTION...]: a rats-client in the room, which reads what we write for it.
start_person() {
  local name=$1 neighbour=$2 reading writing
  shift 2
  mkfifo "$folder/$name"
  exec {reading}< <(exec "$build/bin/rats-client" 0 127.0.0.1 "${port[$neighbour]}" --join square --nick "$name" "$@" \
    <"$folder/$name" 2>&1)
  pid[$name]=$!
  processes+=("${pid[$name]}")
  exec {writing}>"$folder/$name"
  hears[$name]=$reading
  says[$name]=$writing
  wait_line "$reading" 'as ([0-9a-f]{64})$' || die "$name did not start"
  person[$name]=${BASH_REMATCH[1]}
  wait_line "$reading" "^\* \[square\] .*${id[$neighbour]:0:8}.* (is|are) here" || die "$name is not in the room"
}
start_person erna anna --sign
start_person fritz cleo
printf 'good evening\n' >&"${says[erna]}"
wait_line "${hears[fritz]}" '^\[square\] erna: good evening$' || die "fritz did not hear erna, or cannot know that it was her"
printf 'fritz hears  %s\n' "$line"
printf 'who is that?\n' >&"${says[fritz]}"
wait_line "${hears[erna]}" '^\[square\] fritz\?: who is that\?$' || die "erna did not hear fritz"
printf 'erna hears   %s\n' "$line"
for name in anna bert cleo; do
  for who in erna fritz; do
    wait_log "$folder/$name/ratsd.log" "\"square\" has a message of ${person[$who]:0:8}" || die "$name did not hear $who"
  done
  count=$(grep -c '"square" has a message of' "$folder/$name/ratsd.log")
  [ "$count" -eq 2 ] || die "$name was shown $count messages instead of 2"
  grep -q "\"square\" has a message of ${person[erna]:0:8} (signed)" "$folder/$name/ratsd.log" \
    || die "$name did not see erna's signature"
done
grep -q "is connected" "$folder/dora/ratsd.log" && ! grep -q square "$folder/dora/ratsd.log" || die "dora heard the room"
for who in erna fritz; do
  printf '/quit\n' >&"${says[$who]}"
  wait_end "${hears[$who]}" "${pid[$who]}" || die "$who did not leave in order"
done
echo "anna, bert and cleo passed on both messages, each was shown once, and all knew that erna was erna"

# -- a tree of files, and a note -------------------------------------------------------------------------------------------
tree=$root/protocols
count=$(find "$tree" -type f | wc -l)
say "gerda gives cleo the folder protocols ($count files), and leaves a note in the store at anna"
# ask_client PORT LINE...: what a rats-client says that obeys these lines and leaves.
ask_client() {
  local port=$1
  shift
  printf '%s\n' "$@" | timeout "$patience" "$build/bin/rats-client" 0 127.0.0.1 "$port" --store 2>&1
}
answer=$(ask_client "${port[cleo]}" "/give ${id[cleo]} $tree") || die "the folder was not delivered: $answer"
grep ': complete' <<<"$answer" || die "the folder was not delivered: $answer"
diff -r "$tree" "$folder/cleo/inbox/protocols" || die "the folder is not the same at cleo's"
note="left by gerda"
ask_client "${port[anna]}" "/set note $note" >/dev/null || die "the note could not be left"
for name in bert cleo; do
  for ((tries = 0; ; ++tries)); do
    grep -qx "$note" <<<"$(ask_client "${port[$name]}" "/show note")" && break
    [ "$tries" -lt 10 ] || die "$name does not know the note"
  done
done
echo "cleo has the same $count files, bert and cleo the same note"

# -- what a survivor says of itself ----------------------------------------------------------------------------------------
say "anna's own report (SIGUSR1)"
kill -USR1 "${pid[anna]}"
wait_log "$folder/anna/ratsd.log" 'status_reporter wrote' || die "anna does not report"
cat "$folder/anna/stderr"
grep -q "^${id[cleo]:0:8} " "$folder/anna/stderr" || die "anna and cleo are not connected any more"
grep -q '^square *yes ' "$folder/anna/stderr" || die "anna does not report the topic"

say "stopping the rest (SIGTERM)"
for name in "${names[@]}"; do
  kill -TERM "${pid[$name]}"
  wait_end "${output[$name]}" "${pid[$name]}" || die "$name did not stop in order"
done
say "all went well"
