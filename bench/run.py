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
import time
from concurrent.futures import ThreadPoolExecutor

from cases import BATCHES, CASES, LIBRARIES, MEMORY, chosen

# What waits side by side starts one after the other.
APART_SECONDS = 1


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


def settings(cases, programs, quick):
    """What to measure: {(case, n, busy): Case}, by the n that there really is.

    The limit of descriptors makes one of several n that do not fit.
    """
    found = {}
    for case in cases:
        program = next((programs[name] for name in programs
                        if case.has(name)), None)
        for busy in case.busy if program else ():
            for asked in case.sizes:
                if (quick or busy != case.busy[0]) and asked != case.main:
                    continue
                tokens = case.tokens(busy, asked)
                got = values(call([program, case.program or case.name, asked,
                                   tokens, "count", 1]))
                found.setdefault((case.name, int(got["n"]), tokens),
                                 (case, asked))
    return found


def commands(key, case, programs):
    """How each program that has the case is told to run it."""
    return {name: [program, case.program or case.name, *key[1:]]
            for name, program in programs.items() if case.has(name)}


def measure_times(programs, found, rounds, ms):
    times = {key: collections.defaultdict(list) for key in found}
    for round_number in range(rounds):
        tell(f"round {round_number + 1} of {rounds}")
        for turn, (key, ns) in enumerate(times.items()):
            command = commands(key, found[key][0], programs)
            names = list(command)
            first = (round_number + turn) % len(names)
            for name in names[first:] + names[:first]:
                got = values(call([*command[name], "time", ms]))
                ns[name].append(got["ns"])
    return [{"case": name, "n": n, "busy": busy,
             "asked": found[name, n, busy][1], "ns": ns}
            for (name, n, busy), ns in times.items()]


def all_events(text):
    """Those of the warm-up too: not every case stops where it is told to."""
    got = values(text)
    return got["warm"] + got["events"]


def count_system_calls(command):
    with tempfile.NamedTemporaryFile("r") as out:
        events = all_events(call(["strace", "-c", "-U", "calls,name",
                                  "-o", out.name, *command]))
        calls = {name: int(count) for count, name
                 in re.findall(r"^ *(\d+) (\w+)$", out.read(), re.M)
                 if name != "total"}
    return events, calls


def count_instructions(command):
    with tempfile.NamedTemporaryFile("r") as out:
        events = all_events(call(
            ["valgrind", "--tool=callgrind",
             f"--callgrind-out-file={out.name}", *command]))
        total = re.search(r"^(?:totals|summary): (\d+)", out.read(), re.M)
    return events, {"instructions": int(total[1])}


def short_and_long(case):
    """Two lengths that differ by whole cycles, however long a case's are."""
    unit = case.counted or max(1000, 3 * case.main)
    return unit, 3 * unit


def per_event(count, command, lengths):
    """What count() counts, per event, between a short and a long run."""
    events_short, short = count([*command, "count", lengths[0]])
    events_long, long = count([*command, "count", lengths[1]])
    return {name: (long[name] - short.get(name, 0))
            / (events_long - events_short)
            for name in long if long[name] != short.get(name, 0)}


def measure_counts(programs, found, heap, quick):
    def one(job):
        key, case, name, command = job
        lengths = short_and_long(case)
        result = {"case": key[0], "n": key[1], "busy": key[2], "library": name,
                  "calls": per_event(count_system_calls, command, lengths)}
        if not quick:
            result.update(per_event(count_instructions, command, lengths))
        got = values(call([*command, "count", lengths[1]], LD_PRELOAD=heap))
        result["mallocs"] = got["mallocs"] / got["events"]
        result["frees"] = got["frees"] / got["events"]
        return result

    jobs = [(key, case, name, command)
            for key, (case, asked) in found.items() if key[1] == case.main
            for name, command in commands(key, case, programs).items()]
    tell("counting system calls" + ("" if quick else " and instructions"))
    with ThreadPoolExecutor(min(os.cpu_count(), 4)) as pool:
        return list(pool.map(one, jobs))


def measure_memory(entries, programs, heap):
    results = []
    tell("counting bytes")
    for entry in entries:
        for name, program in programs.items():
            if not entry.has(name):
                continue
            got = values(call([program, entry.program or entry.name, entry.n,
                               entry.tokens(), "once"], LD_PRELOAD=heap))
            results.append({"case": entry.name, "library": name, **got})
    return results


def measure_batches(entries, programs, rounds):
    """Whole runs: how long they took, and how much came to nothing."""
    results = []

    def one(entry, name):
        got = values(call([programs[name], entry.program, entry.n, entry.drop,
                           "batch"]))
        results.append({"case": entry.name, "library": name, **got})

    def runs(entry, turn):
        names = [name for name in programs if entry.has(name)]
        first = turn % max(len(names), 1)
        return [(entry, name) for name in names[first:] + names[:first]]

    tell("batches")
    prompt = [entry for entry in entries if not entry.rounds]
    for turn in range(rounds):
        for job in [job for entry in prompt for job in runs(entry, turn)]:
            one(*job)
    slow = [job for entry in sorted(entries, key=lambda entry: -entry.drop)
            for turn in range(entry.rounds) for job in runs(entry, turn)]
    with ThreadPoolExecutor(max(len(slow), 1)) as pool:
        under_way = []
        for job in slow:
            under_way.append(pool.submit(one, *job))
            time.sleep(APART_SECONDS)
        for job in under_way:
            job.result()
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="JSON goes here")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--ms", type=float, default=45, help="per measurement")
    parser.add_argument("--quick", action="store_true",
                        help="one size a case, no instructions")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="part/name of a case has to contain this")
    parser.add_argument("libraries", nargs="+", choices=LIBRARIES)
    options = parser.parse_args()

    programs = {name: os.path.join(options.bin, name)
                for name in LIBRARIES if name in options.libraries}
    heap = os.path.join(os.path.abspath(options.bin), "heap.so")
    cases = chosen(CASES, options.only)
    entries = chosen(MEMORY, options.only)
    batches = [entry for entry in chosen(BATCHES, options.only)
               if not (options.quick and entry.rounds)]
    if not cases and not entries and not batches:
        parser.error(f"no case has '{options.only}' in it")
    found = settings(cases, programs, options.quick)
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
        "memory": measure_memory(entries, programs, heap),
        "batches": measure_batches(batches, programs, options.rounds),
    }
    with open(options.out, "w", encoding="utf-8") as out:
        json.dump(data, out, indent=1)


if __name__ == "__main__":
    main()
