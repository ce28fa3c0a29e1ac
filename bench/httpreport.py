#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares: prints the tables of one measurement by httpbench.py.

With --markdown they take the place of the HTTP part at the end of that file,
which begins with its heading; the rest of the file is report.py's.
"""

import argparse
import json
import os
import statistics

from httpcases import (BROWSER_SIZE, CLIENTS, H2LOAD, HOSTILE_KINDS, JOBS,
                       LE14, LE21, LOADS, NGINX, OURS, SERVERS, TITLES)
from report import quartiles, table

HEADING = "## HTTP"
REACHED, NOT_REACHED = "reached", "not reached"


class Measurement:
    """The numbers, and the questions that the tables ask them."""

    def __init__(self, data):
        self.data = data
        self.loads = [load for load in LOADS if load.name in data["loads"]]
        self.servers = [name for name in SERVERS if any(
            name in rounds for rounds in data["loads"].values())]
        self.jobs = [job for job in JOBS
                     if job.name in data.get("clients", {}).get("times", {})]
        self.clients = [name for name in CLIENTS if any(
            name in self.data["clients"]["times"][job.name]
            for job in self.jobs)]

    def rounds(self, case, name, what):
        """What was measured in each round, or None."""
        times = self.data["loads"].get(case) or \
            self.data.get("clients", {}).get("times", {}).get(case) or {}
        return [r[what] for r in times[name]] if name in times else None

    def median(self, case, name, what):
        values = self.rounds(case, name, what)
        return statistics.median(values) if values else None

    def ratios(self, case, name, other, what):
        """Round by round; None without the other."""
        one = self.rounds(case, name, what)
        two = self.rounds(case, other, what)
        return [a / b for a, b in zip(one, two)] if one and two else None

    def count(self, case, name, what):
        rows = self.data.get("counts", []) + \
            self.data.get("clients", {}).get("counts", [])
        for row in rows:
            if row["case"] == case and what in row and \
                    name in (row.get("server"), row.get("client")):
                return row[what]
        return None

    def calls(self, case, name):
        calls = self.count(case, name, "calls")
        return sum(calls.values()) if calls else None

    def memory(self, name, *path):
        value = self.data.get("memory", {}).get(name)
        for part in path:
            value = value.get(part) if value else None
        return value


def number(value, form="{:,.0f}"):
    return "" if value is None else form.format(value)


def with_quartiles(values, form="{:.2f}"):
    if not values:
        return ""
    low, middle, high = quartiles(values)
    return f"{form.format(middle)} [{form.format(low)}-{form.format(high)}]"


def verdict(value, limit, at_least=False):
    if value is None:
        return "not measured"
    well = value >= limit if at_least else value <= limit
    return REACHED if well else NOT_REACHED


# --- targets ---

def plain(what, limit, ask, others, form="{:,.0f}"):
    """A number of each program, and a limit for ours."""
    cells = [number(ask(name), form) if name else "" for name in others]
    return [what, *cells, "<= " + form.format(limit),
            number(ask(OURS), form), verdict(ask(OURS), limit)]


def ratio(m, what, case, measure, other, limit, at_least=False):
    """Against one other program, round by round."""
    def cell(name):
        return with_quartiles(m.ratios(case, name, other, measure))
    ours = m.ratios(case, OURS, other, measure)
    value = statistics.median(ours) if ours else None
    mine = m.median(case, other, measure)
    form = "{:,.0f}/s" if measure == "rps" else "{:.2f} us"
    return [what, cell(LE14), cell(LE21), number(mine, f"1 ({form})"),
            f"{'>=' if at_least else '<='} {limit:.1f}",
            cell(OURS), verdict(value, limit, at_least)]


def stream_target(m, direction):
    def cell(name):
        got = m.memory(name, "streams", direction)
        return f"{got['growth'] / 1e6:.2f} of {got['mb']:,}" if got else ""
    ours = m.memory(OURS, "streams", direction)
    return [f"MB of memory, of MB streamed {direction}", cell(LE14),
            cell(LE21), "", "< 1", cell(OURS),
            verdict(ours and ours["growth"], 1e6)]


def hostile_target(m, kind):
    def cell(name):
        got = m.memory(name, "hostile", kind)
        if not got:
            return ""
        code = " ".join(got["answer"].split()[1:2]) or "closed"
        return (f"{code}, {got['growth'] / 1e6:.2f}, "
                f"{got['kept'] / 1e6:.2f} kept")
    ours = m.memory(OURS, "hostile", kind)
    well = ours and ours["growth"] if ours and "200" not in ours["answer"] \
        else None
    return [f"{kind}: MB of memory", cell(LE14), cell(LE21), cell(NGINX),
            "refused, < 1", cell(OURS), verdict(well, 1e6)]


def targets(m):
    others, clients = (LE14, LE21, NGINX), (LE14, LE21, H2LOAD)
    two = "{:.2f}"
    return [
        plain("system calls a request, 1 connection", 3.0,
              lambda name: m.calls("tiny_1", name), others, two),
        plain("system calls a request, 50 connections", 2.1,
              lambda name: m.calls("tiny_50", name), others, two),
        plain("instructions, tiny GET", 6000,
              lambda name: m.count("tiny_1", name, "instructions"), others),
        plain(f"instructions, GET of {BROWSER_SIZE} bytes", 11000,
              lambda name: m.count("browser_50", name, "instructions"),
              others),
        ratio(m, "CPU a request, 50 connections, of nginx's", "tiny_50", "us",
              NGINX, 1.0),
        ratio(m, "16 pipelined, 50 connections: requests/s, of nginx's",
              "pipelined_50", "rps", NGINX, 5.0, True),
        ratio(m, "1 MB: CPU, of nginx's, which sends from the page cache",
              "1m_10", "us", NGINX, 1.1),
        plain("bytes an idle connection keeps", 1055,
              lambda name: m.memory(name, "idle"), others),
        plain("client: system calls a request, 1 connection", 3.1,
              lambda name: m.calls("keep_1", name), clients, two),
        plain("client: instructions a request", 8000,
              lambda name: m.count("keep_1", name, "instructions"), clients),
        ratio(m, "client: CPU a request, 50 connections, of h2load's",
              "keep_50", "us", H2LOAD, 1.0),
        stream_target(m, "out"),
        stream_target(m, "in"),
        *[hostile_target(m, kind) for kind in HOSTILE_KINDS],
    ]


def targets_section(m):
    return "\n\n".join([
        f"{HEADING}: targets",
        "Ratios are the median of the rounds', with their quartiles. The "
        "column of nginx is\nthat of `h2load --h1` in the lines of the "
        "client. Memory is what the server grows\nby at most, and what of "
        "it is left after the connection has ended.",
        table(["target", TITLES[LE14], TITLES[LE21], "nginx", "limit",
               TITLES[OURS], "verdict"], targets(m))])


# --- all numbers ---

def load_table(m, what, form):
    names = m.servers
    return table(["load", *[TITLES[name] for name in names]],
                 [[load.name, *[number(m.median(load.name, name, what), form)
                                for name in names]] for load in m.loads])


def job_table(m, what, form):
    names = m.clients
    return table(["job", *[TITLES[name] for name in names]],
                 [[job.name, *[number(m.median(job.name, name, what), form)
                               for name in names]] for job in m.jobs])


def call_names(calls):
    return ", ".join(f"{name} {count:.2f}" for name, count in
                     sorted(calls.items(), key=lambda item: -item[1])
                     if count >= 0.005)


def calls_table(m):
    rows = []
    for cases, names in ((m.loads, m.servers), (m.jobs, m.clients)):
        for case in cases:
            for name in names:
                calls = m.count(case.name, name, "calls")
                if calls:
                    rows.append([case.name, TITLES[name], call_names(calls),
                                 f"{sum(calls.values()):.2f}"])
    return table(["case", "of", "which", "calls"], rows, 3)


def instructions_table(m):
    loads = [load for load in m.loads
             if m.count(load.name, OURS, "instructions")]
    return table(["load", *[TITLES[name] for name in m.servers]],
                 [[load.name, *[number(m.count(load.name, name,
                                               "instructions"))
                                for name in m.servers]] for load in loads])


def what_section(m):
    data = m.data
    lines = [f"- {case.name}: {case.what}"
             for case in (*m.loads, *m.jobs)]
    return "\n".join([
        f"{HEADING}: what was measured", "",
        f"By `make bench-http`: {data['rounds']} rounds of "
        f"{data['seconds']} s, medians; {data['machine']['cores']} cores, "
        f"{data['machine']['architecture']}, Linux "
        f"{data['machine']['kernel']}.",
        "The server is on one processor, wrk with one thread on the other; "
        "clients the same",
        f"way against nginx. {data['versions'][NGINX]}; "
        f"{data['versions'][H2LOAD]}.",
        "CPU is what the kernel counts for the process, its own part "
        "included. Instructions",
        "are those in user space, by callgrind, over one connection. The "
        "numbers in names",
        "are connections.", "", *lines])


def sections(m):
    yield what_section(m)
    if "counts" in m.data:
        yield targets_section(m)
    yield f"{HEADING}: requests/s"
    yield load_table(m, "rps", "{:,.0f}")
    yield f"{HEADING}: microseconds of CPU a request"
    yield load_table(m, "us", "{:.2f}")
    if "counts" in m.data:
        yield f"{HEADING}: clients, requests/s"
        yield job_table(m, "rps", "{:,.0f}")
        yield f"{HEADING}: clients, microseconds of CPU a request"
        yield job_table(m, "us", "{:.2f}")
        yield f"{HEADING}: system calls a request"
        yield calls_table(m)
    if any("instructions" in row for row in m.data.get("counts", [])):
        yield f"{HEADING}: instructions in user space a request"
        yield instructions_table(m)


def replace_part(path, text):
    with open(path, encoding="utf-8") as file:
        before = file.read().split(f"\n{HEADING}", 1)[0].rstrip("\n")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"{before}\n\n{text}\n")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json")
    parser.add_argument("--markdown")
    options = parser.parse_args()
    with open(options.json, encoding="utf-8") as file:
        m = Measurement(json.load(file))
    text = "\n\n".join(sections(m))
    print(text)
    if options.markdown:
        replace_part(options.markdown, text)


if __name__ == "__main__":
    main()
