# SPDX-License-Identifier: MIT
"""The rules of the house that a machine can read. Each check takes a Tree and yields complaints, one sentence each."""
import re

HOUSES = ("protocols/", "runtime/", "actors/", "apps/")
TOP_FOLDERS = {"protocols", "runtime", "actors", "apps", "config", "tests"}

# -- who may include whom -------------------------------------------------------------------------------------------------
ARROWS = {
    "protocols/": ("protocols/",),
    "runtime/": ("runtime/", "protocols/core/"),
    "actors/": ("actors/", "runtime/", "protocols/"),
    "apps/": HOUSES,
}

# Found with one -I by programs outside this tree, so ours name them the same way.
PUBLIC_HEADERS = {"librats.h", "librats_files.h", "librats_gossip.h", "librats_sim.h", "librats_storage.h", "librats_types.h"}

# protocols/ is pure: no actor, no thread, no socket, no file, no log. (arpa/inet.h is not here: inet_ntop only computes.)
PROTOCOLS_NEVER = re.compile(
    r"caf/|boost/(?!core/span\.hpp$)|asio|spdlog/"
    r"|(thread|mutex|shared_mutex|condition_variable|atomic|future|semaphore|latch|barrier|stop_token)$"
    r"|(fstream|iostream|filesystem|cstdio|stdio\.h|unistd\.h|pthread\.h|fcntl\.h|netdb\.h|windows\.h)$"
    r"|(sys|netinet|net)/")


def includes_follow_the_arrows(tree):
    for source in tree.cpp(*HOUSES):
        house = next(h for h in HOUSES if source.under(h))
        for line, _, target in source.includes:
            if target.startswith(HOUSES + ("tests/",)) and not target.startswith(ARROWS[house]):
                yield f"{source.name}:{line}: includes {target}, but {house} may include only {', '.join(ARROWS[house])}"


def includes_name_the_full_path(tree):
    for source in tree.cpp(*HOUSES):
        for line, quote, target in source.includes:
            if quote == '"' and target not in PUBLIC_HEADERS and not (tree.root / target).is_file():
                yield f'{source.name}:{line}: "{target}" is no file of this tree; name it by its full path from the top'


def protocols_are_pure(tree):
    for source in tree.cpp("protocols/"):
        for line, _, target in source.includes:
            if PROTOCOLS_NEVER.match(target):
                yield f"{source.name}:{line}: includes <{target}>; protocols/ knows no actor, thread, socket, file or log"


# -- what may stand where -------------------------------------------------------------------------------------------------
LOCKS = (r"\b(?:(?:recursive_|timed_|recursive_timed_|shared_|shared_timed_)?mutex|condition_variable(?:_any)?|lock_guard"
         r"|unique_lock|scoped_lock|shared_lock|atomic(?:_\w+)?|spin_?lock\w*|call_once|once_flag|counting_semaphore"
         r"|binary_semaphore|pthread_(?:mutex|spin|cond|rwlock|barrier)_\w+|sem_(?:wait|post|init)|__(?:sync|atomic)_\w+)\b")

CLOCK_READS = (r"\b\w*clock\w*::now\s*\(|\b(?:gettimeofday|clock_gettime|timespec_get)\b"
               r"|\b(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)")

AMBIENT_RANDOMNESS = (r"\brandom_device\b|\bs?rand\s*\(|\brandombytes\w*|\bgetrandom\b|\bgetentropy\b|\barc4random\w*"
                      r"|\bRAND_(?:priv_)?bytes\b|\brandom_generator\b")
# A key pair that is made from a seed is not random: the seed comes as an argument.
RANDOM_ENGINES = (r"\bmt19937(?:_64)?\b|\bdefault_random_engine\b|\bminstd_rand0?\b"
                  r"|\bcrypto_(?!\w+_seed_keypair\b)\w+_keypair\s*\(|\b\w*keygen\s*\(")

CAF_VERSION_NAMES = (r"\bCAF_(?:ADD_TYPE_ID|ADD_ATOM|BEGIN_TYPE_ID_BLOCK|END_TYPE_ID_BLOCK|ALLOW_UNSAFE_MESSAGE_TYPE)\b"
                     r"|\b(?:caf::)?atom\s*\(|\batom_constant\b|\btest_coordinator\b|\bexecution_unit\b")

# Sources that may do what the rule forbids, each with its reason. An entry that is no longer needed is a complaint too.
MAY_READ_CLOCKS = {}
MAY_DRAW_RANDOMNESS = {}

# Tests may build a seeded engine; what they may not have is a seed or a deadline that differs from run to run. Those of
# runtime/ test the clock itself, and those with foreign programs wait for them in real time.
TESTS_IN_REAL_TIME = ("tests/runtime/", "tests/interop/", "tests/bench/", "tests/fuzz/")


def _forbid(sources, pattern, why, allowed=None):
    allowed = dict(allowed or {})
    used = set()
    for source in sources:
        for line, text in source.find(pattern):
            if source.name in allowed:
                used.add(source.name)
            else:
                yield f"{source.name}:{line}: `{text}`: {why}"
    for name in sorted(allowed.keys() - used):
        yield f"{name}: stands in an allow list of tests/tidy/checks.py, but does not need to"


def threads_meet_in_mailboxes_only(tree):
    yield from _forbid(tree.cpp("protocols/", "actors/", "apps/"), LOCKS,
                       "no lock and no atomic outside runtime/; send a message instead")


def _in_virtual_time(tree):
    return [f for f in tree.cpp("protocols/", "actors/", "apps/", "tests/") if not f.under(*TESTS_IN_REAL_TIME)]


def clocks_are_read_in_runtime_only(tree):
    yield from _forbid(_in_virtual_time(tree), CLOCK_READS,
                       "outside runtime/ time comes as an argument or from the actor's clock, or it cannot be virtual",
                       MAY_READ_CLOCKS)


def randomness_comes_from_runtime_only(tree):
    why = "outside runtime/ randomness comes as an argument, or a seed cannot replay the run"
    yield from _forbid(_in_virtual_time(tree), AMBIENT_RANDOMNESS, why, MAY_DRAW_RANDOMNESS)
    yield from _forbid(tree.cpp("protocols/", "actors/", "apps/"), RANDOM_ENGINES, why)


def caf_version_stays_in_one_folder(tree):
    sources = [f for f in tree.cpp(*HOUSES, "tests/") if not f.under("runtime/caf/", "tests/runtime/caf/")]
    yield from _forbid(sources, CAF_VERSION_NAMES, "differs between CAF versions, so only runtime/caf/ may name it")


def nobody_includes_all_of_caf(tree):
    for source in tree.cpp():
        for line, _, target in source.includes:
            if target == "caf/all.hpp":
                yield f"{source.name}:{line}: includes caf/all.hpp; include the exact header, it compiles far faster"


SLEEP_CPP = r"\bsleep_(?:for|until)\b|\bu?sleep\s*\(|\bnanosleep\b"
SLEEP_SHELL = r"^(?!\s*#).*?(?:^|[;&|({]|\bdo|\bthen|\belse|\btimeout\s+\S+)\s*sleep\s+[\d$\"'.]"
SLEEP_PYTHON = r"^(?!\s*#).*?\b(?:time|asyncio)\.sleep\s*\("


def tests_do_not_sleep(tree):
    why = "a test waits for an event or moves virtual time; a sleep is either too short or too long"
    sources = [f for f in tree.files if f.under("tests/") and not f.under("tests/bench/", "tests/tidy/")]
    for source in sources:
        if source.is_cpp:
            found = source.find(SLEEP_CPP)
        elif source.path.suffix == ".py":
            found = source.find(SLEEP_PYTHON, source.text)
        elif source.path.suffix in ("", ".sh"):
            found = source.find(SLEEP_SHELL, source.text)
        else:
            continue
        for line, text in found:
            yield f"{source.name}:{line}: `{text}`: {why}"


# -- the shape of files and folders ---------------------------------------------------------------------------------------
LINES_MAX = 600
COLUMNS_MAX = 120


def top_folders_are_known(tree):
    for folder in tree.folders:
        if folder not in TOP_FOLDERS:
            yield f"{folder}/: no such room in this house; the top folders are {', '.join(sorted(TOP_FOLDERS))}"


def top_folders_have_a_door_sign(tree):
    for folder in sorted(TOP_FOLDERS):
        if not (tree.root / folder / "README.md").is_file():
            yield f"{folder}/README.md is missing: ten lines on what lives there and where to start reading"


def files_hold_one_idea(tree):
    for source in tree.files:
        if source.is_cpp or source.is_script:
            lines = source.text.count("\n")
            if lines > LINES_MAX:
                yield f"{source.name}: {lines} lines, more than {LINES_MAX}; it holds two ideas, move the second one out"


def sources_start_with_their_licence(tree):
    for source in tree.files:
        if source.is_cpp or source.is_script:
            head = source.text.splitlines()[:2]
            line = head[1] if len(head) > 1 and head[0].startswith("#!") else (head or [""])[0]
            if not re.fullmatch(r"(//|#|/\*) SPDX-License-Identifier: MIT( \*/)?", line.strip()):
                yield f"{source.name}:1: starts with `{line[:40]}`, not with `SPDX-License-Identifier: MIT` in a comment"


def lines_fit_the_page(tree):
    for source in tree.cpp():
        for number, line in enumerate(source.text.split("\n"), 1):
            if len(line) > COLUMNS_MAX:
                yield f"{source.name}:{number}: {len(line)} columns, more than {COLUMNS_MAX}"


# The characters before and after keep URLs and container images out of it.
MACHINE_PATH = r"(?<![\w./~$}])/(?:root|work|home/[\w.]+|Users/[\w.]+)(?:/|(?![\w-]))"


def no_path_of_somebodys_machine(tree):
    for source in tree.files:
        if b"\0" in source.path.read_bytes()[:4096]:
            continue
        for line, text in source.find(MACHINE_PATH, source.text):
            yield f"{source.name}:{line}: `{text}` is a path of one machine"


ALL = [
    includes_follow_the_arrows,
    includes_name_the_full_path,
    protocols_are_pure,
    threads_meet_in_mailboxes_only,
    clocks_are_read_in_runtime_only,
    randomness_comes_from_runtime_only,
    caf_version_stays_in_one_folder,
    nobody_includes_all_of_caf,
    tests_do_not_sleep,
    top_folders_are_known,
    top_folders_have_a_door_sign,
    files_hold_one_idea,
    sources_start_with_their_licence,
    lines_fit_the_page,
    no_path_of_somebodys_machine,
]
