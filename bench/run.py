#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures: runs the bench's programs and writes the numbers as JSON.

One program per library.  Times are taken in rounds; within a round the
libraries take turns at each case, and another one is first each time, so that
whatever else the machine does hits all of them.  Counts (system calls,
instructions, mallocs) are the difference between two runs of different length,
so that the start of the program drops out; they need no repetition.
"""

import argparse
import collections
import os
import re
import resource
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from cases import BATCHES, CASES, LIBRARIES, MEMORY
from measure import (callgrind, calls_in, calls_per_event, in_turn,
                     instructions_in, is_chosen, machine, report_progress,
                     strace, write_results)

# Batches that run at the same time start this far apart.
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


def settings(cases, programs, quick):
    """What to measure: {(case, n, busy): (Case, requested n)}.

    The limit of descriptors may reduce several requested n to the same one.
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
    """{library: the command}, of those that have the case."""
    return {name: [program, case.program or case.name, *key[1:]]
            for name, program in programs.items() if case.has(name)}


def measure_times(programs, found, rounds, ms):
    times = {key: collections.defaultdict(list) for key in found}
    for round_number in range(rounds):
        report_progress(f"round {round_number + 1} of {rounds}")
        for turn, (key, ns) in enumerate(times.items()):
            command = commands(key, found[key][0], programs)
            for name in in_turn(list(command), round_number + turn):
                got = values(call([*command[name], "time", ms]))
                ns[name].append(got["ns"])
    return [{"case": name, "n": n, "busy": busy,
             "asked": found[name, n, busy][1], "ns": ns}
            for (name, n, busy), ns in times.items()]


def all_events(text):
    """With the warm-up's: a case may have more events than requested."""
    got = values(text)
    return got["warm"] + got["events"]


def count_system_calls(command):
    with tempfile.NamedTemporaryFile("r") as out:
        return all_events(call([*strace(out.name), *command])), \
            calls_in(out.name)


def count_instructions(command):
    with tempfile.NamedTemporaryFile("r") as out:
        events = all_events(call([*callgrind(out.name), *command]))
        return events, {"instructions": instructions_in(out.name)}


def short_and_long(case):
    """Numbers of events for two runs; they differ by whole cycles."""
    unit = case.counted or max(1000, 3 * case.main)
    return unit, 3 * unit


def per_event(count, command, lengths):
    """count() of a long run less that of a short one, per event."""
    events_short, short = count([*command, "count", lengths[0]])
    events_long, long = count([*command, "count", lengths[1]])
    return calls_per_event(short, long, events_long - events_short)


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
    report_progress("counting system calls"
                    + ("" if quick else " and instructions"))
    with ThreadPoolExecutor(min(os.cpu_count(), 4)) as pool:
        results = []
        for result in pool.map(one, jobs):
            results.append(result)
            if len(results) % 25 == 0:
                report_progress(f"  {len(results)} of {len(jobs)}")
        return results


def measure_memory(entries, programs, heap):
    results = []
    report_progress("counting bytes")
    for entry in entries:
        for name, program in programs.items():
            if not entry.has(name):
                continue
            got = values(call([program, entry.program or entry.name, entry.n,
                               entry.tokens(), "once"], LD_PRELOAD=heap))
            results.append({"case": entry.name, "library": name, **got})
    return results


def measure_batches(entries, programs, rounds):
    """Whole runs: how long they took, and how many names were lost."""
    results = []

    def one(entry, name):
        got = values(call([programs[name], entry.program, entry.n, entry.drop,
                           "batch"]))
        results.append({"case": entry.name, "library": name, **got})

    def runs(entry, turn):
        names = [name for name in programs if entry.has(name)]
        return [(entry, name) for name in in_turn(names, turn)]

    report_progress("batches")
    prompt = [entry for entry in entries if not entry.rounds]
    for turn in range(rounds):
        for job in [job for entry in prompt for job in runs(entry, turn)]:
            one(*job)
    slow = [job for entry in sorted(entries, key=lambda entry: -entry.drop)
            for turn in range(entry.rounds) for job in runs(entry, turn)]
    with ThreadPoolExecutor(max(len(slow), 1)) as pool:
        running = []
        for job in slow:
            running.append(pool.submit(one, *job))
            time.sleep(APART_SECONDS)
        for job in running:
            job.result()
    return results


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="the JSON to write")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ms", type=float, default=30, help="per measurement")
    parser.add_argument("--quick", action="store_true",
                        help="one size a case, no instructions")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="part/name of a case has to contain this")
    parser.add_argument("libraries", nargs="+", choices=LIBRARIES)
    return parser.parse_args()


def measure(options):
    programs = {name: os.path.join(options.bin, name)
                for name in LIBRARIES if name in options.libraries}
    heap = os.path.join(os.path.abspath(options.bin), "heap.so")
    cases, entries, batches = (
        [entry for entry in every
         if is_chosen(options.only, entry.part, entry.name)]
        for every in (CASES, MEMORY, BATCHES))
    if options.quick:
        batches = [entry for entry in batches if not entry.rounds]
    if not cases and not entries and not batches:
        return None
    found = settings(cases, programs, options.quick)
    return {
        "machine": {**machine(), "descriptors":
                    resource.getrlimit(resource.RLIMIT_NOFILE)[1]},
        "rounds": options.rounds,
        "versions": {name: call([program, "version"]).strip()
                     for name, program in programs.items()},
        "times": measure_times(programs, found, options.rounds, options.ms),
        "counts": measure_counts(programs, found, heap, options.quick),
        "memory": measure_memory(entries, programs, heap),
        "batches": measure_batches(batches, programs, options.rounds),
    }


def main():
    options = arguments()
    write_results(options.out, measure(options))


if __name__ == "__main__":
    main()
