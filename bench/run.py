#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures: runs the bench's programs and writes the numbers as JSON.

One program per library.  Times are taken in rounds; within a round the
libraries take turns at each case, and who goes first changes, so that whatever
else the machine does hits all of them.  Counts (system calls, instructions,
mallocs) are the difference between two runs of different length, so that the
start of the program drops out; they need no repetition.
"""

import argparse
import collections
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from cases import CASES, LIBRARIES, MEMORY, MEMORY_EVENTS


def call(command, **extra_environment):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    environment.update(extra_environment)
    result = subprocess.run(
        [str(word) for word in command], env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def values(line):
    return {name: float(value)
            for name, value in re.findall(r"(\w+)=(\S+)", line)}


def tell(text):
    print(text, file=sys.stderr, flush=True)


def settings(programs, quick):
    """The (case, n, busy) to measure, without the n that do not fit."""
    program = next(iter(programs.values()))
    found = {}
    for case in CASES:
        for busy in case.busy:
            for asked in case.sizes:
                if (quick or busy != case.busy[0]) and asked != case.main:
                    continue
                tokens = min(busy, max(asked // 10, 1))
                got = values(call(
                    [program, case.name, asked, tokens, "count", 1]))
                found.setdefault((case.name, int(got["n"]), tokens), asked)
    return found


def measure_times(programs, found, rounds, ms):
    names = list(programs)
    times = {key: collections.defaultdict(list) for key in found}
    for round_number in range(rounds):
        tell(f"round {round_number + 1} of {rounds}")
        for turn, (key, ns) in enumerate(times.items()):
            first = (round_number + turn) % len(names)
            for name in names[first:] + names[:first]:
                got = values(call([programs[name], *key, "time", ms]))
                ns[name].append(got["ns"])
    return [{"case": case, "n": n, "busy": busy, "asked": found[case, n, busy],
             "ns": ns} for (case, n, busy), ns in times.items()]


def count_system_calls(command):
    with tempfile.NamedTemporaryFile("r") as out:
        events = values(call(["strace", "-f", "-c", "-U", "calls,name",
                              "-o", out.name, *command]))["events"]
        calls = {name: int(count) for count, name
                 in re.findall(r"^ *(\d+) (\w+)$", out.read(), re.M)
                 if name != "total"}
    return events, calls


def count_instructions(command):
    with tempfile.NamedTemporaryFile("r") as out:
        events = values(call(
            ["valgrind", "--tool=callgrind",
             f"--callgrind-out-file={out.name}", *command]))["events"]
        total = re.search(r"^(?:totals|summary): (\d+)", out.read(), re.M)
    return events, {"instructions": int(total[1])}


def short_and_long(n):
    """Two lengths that differ by whole cycles, however long a case's are."""
    unit = max(1000, 3 * n)
    return unit, 3 * unit


def per_event(count, command, n):
    """What count() counts, per event, between a short and a long run."""
    lengths = short_and_long(n)
    events_short, short = count([*command, "count", lengths[0]])
    events_long, long = count([*command, "count", lengths[1]])
    return {name: (long[name] - short.get(name, 0))
            / (events_long - events_short)
            for name in long if long[name] != short.get(name, 0)}


def measure_counts(programs, found, heap, quick):
    def one(job):
        (case, n, busy), name = job
        command = [programs[name], case, n, busy]
        result = {"case": case, "n": n, "busy": busy, "library": name,
                  "calls": per_event(count_system_calls, command, n)}
        if not quick:
            result.update(per_event(count_instructions, command, n))
        got = values(call([*command, "count", short_and_long(n)[1]],
                          LD_PRELOAD=heap))
        result["mallocs"] = got["mallocs"] / got["events"]
        result["frees"] = got["frees"] / got["events"]
        return result

    main = {case.name: case.main for case in CASES}
    jobs = [(key, name) for key in found if key[1] == main[key[0]]
            for name in programs]
    tell("counting system calls" + ("" if quick else " and instructions"))
    with ThreadPoolExecutor(min(os.cpu_count(), 4)) as pool:
        return list(pool.map(one, jobs))


def measure_memory(programs, heap):
    results = []
    tell("counting bytes")
    for case, _, _ in MEMORY:
        for name, program in programs.items():
            got = values(call([program, case, MEMORY_EVENTS, 1, "once"],
                              LD_PRELOAD=heap))
            results.append({"case": case, "library": name, **got})
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="JSON goes here")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ms", type=float, default=45, help="per measurement")
    parser.add_argument("--quick", action="store_true",
                        help="one size a case, no instructions")
    parser.add_argument("libraries", nargs="+", choices=LIBRARIES)
    options = parser.parse_args()

    programs = {name: os.path.join(options.bin, name)
                for name in LIBRARIES if name in options.libraries}
    heap = os.path.join(os.path.abspath(options.bin), "heap.so")
    found = settings(programs, options.quick)
    data = {
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "kernel": ".".join(platform.release().split(".")[:2]),
            "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        },
        "rounds": options.rounds,
        "versions": {name: call([program, "version"]).strip()
                     for name, program in programs.items()},
        "times": measure_times(programs, found, options.rounds, options.ms),
        "counts": measure_counts(programs, found, heap, options.quick),
        "memory": measure_memory(programs, heap),
    }
    with open(options.out, "w", encoding="utf-8") as out:
        json.dump(data, out, indent=1)


if __name__ == "__main__":
    main()
