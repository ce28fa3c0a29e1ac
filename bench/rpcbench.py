#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures evrpc's calls, and writes the numbers as JSON.

The server runs on one processor and the client on another.  All libraries'
servers run at once, and their clients take turns, so that whatever else the
machine does hits all of them.  A call's cost is the difference between two
runs of different length.
"""

import argparse
import os
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass

from httpcases import LE14, LE21, LOAD_CPU, OURS, SERVER_CPU
from measure import (callgrind, in_turn, instructions_in, is_chosen, machine,
                     report_progress, write_results)


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
    """{library: [{rate, client, server}]}, a dictionary for each round."""
    rounds = {name: [] for name in names}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(name, options.bin))
                   for name in names}
        for number in range(options.rounds):
            for name in in_turn(names, number):
                rounds[name].append(measure_once(name, servers[name], case,
                                                 options))
    return rounds


# --- counts ---

def count(case, name, options):
    """{client, server: instructions in user space per call}."""
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="the JSON to write")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="a run")
    parser.add_argument("--quick", action="store_true",
                        help="no instructions")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="part/name of a case has to contain this")
    parser.add_argument("libraries", nargs="+", choices=(OURS, LE14, LE21))
    return parser.parse_args()


def measure_all(options):
    names = [name for name in (OURS, LE14, LE21) if name in options.libraries]
    cases = [case for case in CASES
             if is_chosen(options.only, "rpc", case.name)]
    if not cases:
        return None
    data = {"machine": machine(), "rounds": options.rounds,
            "seconds": options.seconds, "times": {}, "counts": {}}
    for case in cases:
        report_progress(f"calls: {case.name}: {case.what}")
        data["times"][case.name] = measure(case, names, options)
        if case.connections == 1 and not options.quick:
            data["counts"][case.name] = {name: count(case, name, options)
                                         for name in names}
    return data


def main():
    options = arguments()
    write_results(options.out, measure_all(options))


if __name__ == "__main__":
    main()
