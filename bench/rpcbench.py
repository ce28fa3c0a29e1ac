#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures evrpc's calls, and writes the numbers as a part of the report.

The server runs on one processor and the client on another.  Of each pair of
libraries all servers run at once, and their clients take turns, so that whatever
else the machine does hits all of them.  What a call costs is the difference
between two runs of different length.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass

from httpcases import LE14, LE21, LOAD_CPU, OURS, SERVER_CPU, TITLES

HEADING = "## Remote calls"
NEXT_HEADING = "## HTTP"


@dataclass
class Case:
    """Calls of one kind."""
    name: str
    what: str
    message: str
    connections: int
    calls: int  # a second, as a guess


CASES = (
    Case("note_1", "a small message there and back, 1 connection",
         "note", 1, 12000),
    Case("note_50", "the same, 50 connections", "note", 50, 40000),
    Case("list_1", "an array of 100 there and back, 1 connection",
         "list", 1, 3000),
    Case("list_50", "the same, 50 connections", "list", 50, 5000),
)


class Server:
    """A server that runs on its processor."""

    def __init__(self, name, binaries, wrap=()):
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, *wrap,
             os.path.join(binaries, f"rpcserver-{name}")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def cpu_us(self):
        path = f"/proc/{self.process.pid}/schedstat"
        with open(path, encoding="ascii") as file:
            return int(file.read().split()[0]) / 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def client(name, binaries, port, case, n, wrap=()):
    return ["taskset", "-c", LOAD_CPU, *wrap,
            os.path.join(binaries, f"rpcclient-{name}"), port,
            case.message, str(n), str(case.connections)]


def run_client(command, n):
    """Seconds, and microseconds of CPU."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          text=True) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or text != f"ok={n}\n":
        raise RuntimeError(f"{' '.join(command)}: {text}")
    return (time.monotonic() - began,
            (usage.ru_utime + usage.ru_stime) * 1e6)


def measure_once(name, server, case, options):
    long = max(int(case.calls * options.seconds), case.connections * 20)
    short = long // 10
    sums = []
    for n in (short, long):
        before = server.cpu_us()
        took, cpu = run_client(client(name, options.bin, server.port, case,
                                      n), n)
        sums.append((took, cpu, server.cpu_us() - before))
    few, many = sums
    n = long - short
    return {"rate": n / (many[0] - few[0]), "client": (many[1] - few[1]) / n,
            "server": (many[2] - few[2]) / n}


def measure(case, names, options):
    """{library: {rate, client, server: median}}."""
    rounds = {name: [] for name in names}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(name, options.bin))
                   for name in names}
        for number in range(options.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                rounds[name].append(measure_once(name, servers[name], case,
                                                 options))
    return {name: {what: statistics.median(r[what] for r in rounds[name])
                   for what in ("rate", "client", "server")}
            for name in names}


# --- counts ---

def instructions_in(path):
    with open(path, encoding="ascii", errors="replace") as out:
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read(),
                             re.M)[1])


def callgrind(path):
    return ["valgrind", "-q", "--tool=callgrind",
            f"--callgrind-out-file={path}"]


def count(case, name, options):
    """{client, server: instructions in user space a call}."""
    def run(n):
        with tempfile.NamedTemporaryFile() as ours, \
                tempfile.NamedTemporaryFile() as theirs:
            with Server(name, options.bin, callgrind(theirs.name)) as server:
                subprocess.run(client(name, options.bin, server.port, case, n,
                                      callgrind(ours.name)), check=True,
                               stdout=subprocess.DEVNULL)
            return (instructions_in(ours.name), instructions_in(theirs.name))
    few, many = run(100), run(600)
    return {"client": (many[0] - few[0]) / 500,
            "server": (many[1] - few[1]) / 500}


# --- the report ---

def table(header, rows):
    line = "| " + " | ".join(["---"] + ["---:"] * (len(header) - 1)) + " |"
    return "\n".join(["| " + " | ".join(header) + " |", line,
                      *["| " + " | ".join(row) + " |" for row in rows]])


def number_table(results, names, what, form):
    return table(["calls", *[TITLES[name] for name in names]],
                 [[case, *[form.format(result[name][what])
                           for name in names]]
                  for case, result in results.items()])


def ratio_table(results, names):
    others = [name for name in names if name != OURS]
    rows = []
    for case, result in results.items():
        mine = result[OURS]
        row = [case]
        for name in others:
            theirs = result[name]
            cpu = ((mine["client"] + mine["server"]) /
                   (theirs["client"] + theirs["server"]))
            row += [f"{mine['rate'] / theirs['rate']:.2f}", f"{cpu:.2f}"]
        rows.append(row)
    header = ["calls"]
    for name in others:
        header += [f"calls/s of {TITLES[name]}'s", "CPU"]
    return table(header, rows)


def report(results, counts, names, options):
    yield HEADING
    yield "\n".join([
        f"By `make bench-rpc`: {options.rounds} rounds of "
        f"{options.seconds} s, medians; {os.cpu_count()} cores, "
        f"{platform.machine()}, Linux "
        f"{'.'.join(platform.release().split('.')[:2])}.",
        "Server and client are of one library, each on a processor of its "
        "own. The code of the",
        "messages is by our generator for our library, and by 1.4's for the "
        "others. As many",
        "calls are in flight as there are connections. CPU is what the kernel "
        "counts, its own",
        "part included.", "",
        *[f"- {case.name}: {case.what}" for case in CASES]])
    yield f"{HEADING}: how many times as many, and what part of the CPU"
    yield ratio_table(results, names)
    yield f"{HEADING}: calls/s"
    yield number_table(results, names, "rate", "{:,.0f}")
    yield f"{HEADING}: microseconds of CPU a call, server"
    yield number_table(results, names, "server", "{:.2f}")
    yield f"{HEADING}: microseconds of CPU a call, client"
    yield number_table(results, names, "client", "{:.2f}")
    for side in ("server", "client"):
        if counts:
            yield f"{HEADING}: instructions in user space a call, {side}"
            yield number_table(counts, names, side, "{:,.0f}")


def replace_part(path, text):
    """In front of the part on HTTP, which is written by itself."""
    with open(path, encoding="utf-8") as file:
        before, _, after = file.read().partition(f"\n{NEXT_HEADING}")
    before = before.split(f"\n{HEADING}", 1)[0].rstrip("\n")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"{before}\n\n{text}\n")
        if after:
            file.write(f"\n{NEXT_HEADING}{after}")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="a run")
    parser.add_argument("--quick", action="store_true",
                        help="no instructions")
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--markdown", help="the report to write to")
    parser.add_argument("libraries", nargs="+", choices=(OURS, LE14, LE21))
    options = parser.parse_args()
    names = [name for name in (OURS, LE14, LE21) if name in options.libraries]
    cases = [case for case in CASES if re.search(options.only, case.name)]
    results, counts = {}, {}
    for case in cases:
        print(f"{case.name}: {case.what}", file=sys.stderr, flush=True)
        results[case.name] = measure(case, names, options)
        if case.connections == 1 and not options.quick:
            counts[case.name] = {name: count(case, name, options)
                                 for name in names}
    text = "\n\n".join(report(results, counts, names, options))
    print(text)
    if options.markdown:
        replace_part(options.markdown, text)


if __name__ == "__main__":
    main()
