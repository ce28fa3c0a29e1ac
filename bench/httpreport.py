# SPDX-License-Identifier: BSD-3-Clause
"""The report's part on HTTP, from what httpbench.py measured."""

from httpcases import (BROWSER_SIZE, CLIENTS, H2LOAD, HOSTILE_KINDS, JOBS,
                       LE14, LOADS, NGINX, OURS, SERVERS, TITLES)
from tables import (SLOWER_BELOW, Target, bold, median, number_cell,
                    ratio_cell, ratios, spread, table, targets_table)

MEGABYTE = 1e6


class HttpResults:
    """The numbers, and the questions that the tables ask them."""

    def __init__(self, data):
        self.data = data
        self.loads = [load for load in LOADS if load.name in data["loads"]]
        self.servers = [name for name in SERVERS if any(
            name in rounds for rounds in data["loads"].values())]
        self.job_times = data.get("clients", {}).get("times", {})
        self.jobs = [job for job in JOBS if job.name in self.job_times]
        self.clients = [name for name in CLIENTS if any(
            name in self.job_times[job.name] for job in self.jobs)]

    def rounds(self, case, name, what):
        """What was measured in each round; empty without that program."""
        times = self.data["loads"].get(case) or self.job_times.get(case) or {}
        return [row[what] for row in times.get(name, [])]

    def median(self, case, name, what):
        return median(self.rounds(case, name, what))

    def faster(self, case, name):
        """How many times as many requests ours has, by rounds, or None."""
        return ratios(self.rounds(case, OURS, "rps"),
                      self.rounds(case, name, "rps"))

    def slower(self, case):
        ratio = median(self.faster(case, LE14))
        return ratio is not None and ratio < SLOWER_BELOW

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


# --- tables ---

def by_program(m, title, cases, programs, value, form, timed=False):
    """value(case name, program), or None; ours is bold where it is slower."""
    rows = []
    for case in cases:
        cells = [number_cell(value(case.name, name), form)
                 for name in programs]
        if timed and m.slower(case.name):
            cells[0] = bold(cells[0])
        rows.append([case.name, *cells])
    return table([title, *[TITLES[name] for name in programs]], rows)


def ratio_table(m, cases, programs):
    others = [name for name in programs if name != OURS]
    rows = []
    for case in cases:
        got = [m.faster(case.name, name) for name in others]
        rows.append([case.name, *[ratio_cell(median(values), name == LE14)
                                  for name, values in zip(others, got)],
                     f"{max((spread(v) for v in got if v), default=0):.1f}"])
    return table(["times as many requests per second as",
                  *[TITLES[name] for name in others], "spread, %"], rows)


def calls_table(m):
    """A line for each case and program, a column for each system call."""
    rows = [(case.name, name, m.count(case.name, name, "calls"))
            for cases, programs in ((m.loads, m.servers), (m.jobs, m.clients))
            for case in cases for name in programs]
    rows = [row for row in rows if row[2]]
    kinds = sorted({kind for _, _, calls in rows
                    for kind, count in calls.items() if count >= 0.005})
    return table(
        ["system calls per request", "", "all", *kinds],
        [[case, TITLES[name], f"{sum(calls.values()):.2f}",
          *[f"{max(calls.get(kind, 0), 0):.2f}" for kind in kinds]]
         for case, name, calls in rows], left=2)


def instructions_table(m):
    loads = [load for load in m.loads
             if m.count(load.name, OURS, "instructions")]
    return by_program(
        m, "instructions in user space per request", loads, m.servers,
        lambda case, name: m.count(case, name, "instructions"), "{:,.0f}")


def memory_table(m):
    """Growth while a body streams: 1.4's grows with it, so its is shorter."""
    rows = []
    for direction in ("out", "in"):
        for name in m.servers:
            got = m.memory(name, "streams", direction)
            if got:
                growth = got["growth"] / MEGABYTE
                rows.append([f"a body streamed {direction}", TITLES[name],
                             f"{got['mb']:,}", f"{growth:.2f}"])
    return table(["memory of the server", "", "MB of body", "MB it grows"],
                 rows, left=2)


def hostile_table(m):
    rows = []
    for kind in HOSTILE_KINDS:
        for name in m.servers:
            got = m.memory(name, "hostile", kind)
            if got:
                code = " ".join(got["answer"].split()[1:2]) or "closed"
                rows.append([kind, TITLES[name], code,
                             f"{got['growth'] / MEGABYTE:.2f}",
                             f"{got['kept'] / MEGABYTE:.2f}"])
    return table(["hostile request", "", "status", "MB it grows",
                  "MB it keeps"], rows, left=2)


# --- targets ---

def stream_target(m, direction):
    got = m.memory(OURS, "streams", direction)
    return Target(f"MB the server grows, a body streamed {direction}", 1,
                  got and got["growth"] / MEGABYTE)


def hostile_target(m, kind):
    """A request that is accepted counts as not measured."""
    got = m.memory(OURS, "hostile", kind)
    refused = got and "200" not in got["answer"]
    return Target(f"MB the server grows, {kind}, refused", 1,
                  got["growth"] / MEGABYTE if refused else None)


def targets(m):
    def cpu_of(case, other):
        return ratios(m.rounds(case, OURS, "us"), m.rounds(case, other, "us"))

    yield Target("system calls per request, 1 connection", 3.0,
                 m.calls("tiny_1", OURS))
    yield Target("system calls per request, 50 connections", 2.1,
                 m.calls("tiny_50", OURS))
    yield Target("instructions, tiny GET", 6000,
                 m.count("tiny_1", OURS, "instructions"), "{:,.0f}")
    yield Target(f"instructions, GET of {BROWSER_SIZE} bytes", 11000,
                 m.count("browser_50", OURS, "instructions"), "{:,.0f}")
    yield Target("tiny_50: CPU, against nginx", 1.0,
                 cpu_of("tiny_50", NGINX))
    yield Target("pipelined_50: times as fast as nginx", 5.0,
                 m.faster("pipelined_50", NGINX), at_least=True)
    yield Target("1m_10: CPU, against nginx, which sends from the page cache",
                 1.1, cpu_of("1m_10", NGINX))
    yield Target("bytes that an idle connection keeps", 1055,
                 m.memory(OURS, "idle"), "{:,.0f}")
    yield Target("keep_1: system calls per request", 3.1,
                 m.calls("keep_1", OURS))
    yield Target("keep_1: instructions per request", 8000,
                 m.count("keep_1", OURS, "instructions"), "{:,.0f}")
    yield Target("keep_50: CPU, against h2load", 1.0,
                 cpu_of("keep_50", H2LOAD))
    yield stream_target(m, "out")
    yield stream_target(m, "in")
    for kind in HOSTILE_KINDS:
        yield hostile_target(m, kind)


# --- the part ---

def speed_tables(m, cases, programs):
    yield ratio_table(m, cases, programs)
    yield by_program(m, "requests per second", cases, programs,
                     lambda case, name: m.median(case, name, "rps"),
                     "{:,.0f}", timed=True)
    yield by_program(m, "microseconds of CPU per request", cases, programs,
                     lambda case, name: m.median(case, name, "us"), "{:.2f}")


def sections(m):
    yield "## HTTP"
    yield "\n".join(f"- {case.name}: {case.what}"
                    for case in (*m.loads, *m.jobs))
    yield ("The server is on one processor; wrk with one thread, or the "
           "client that is measured, on\nthe other.  The numbers in names are "
           "connections.  CPU is what the kernel counts for\nthe process, "
           "with the kernel's part.  callgrind counts instructions, over one "
           "connection.")
    yield "Servers:"
    yield from speed_tables(m, m.loads, m.servers)
    if m.jobs:
        yield f"Clients, against {TITLES[m.data['clients']['origin']]}:"
        yield from speed_tables(m, m.jobs, m.clients)
    if "counts" in m.data:
        yield calls_table(m)
    if any("instructions" in row for row in m.data.get("counts", [])):
        yield instructions_table(m)
    if "memory" in m.data:
        yield memory_table(m)
        yield hostile_table(m)


def target_sections(m):
    if "counts" in m.data:
        yield "### Targets: HTTP"
        yield targets_table(list(targets(m)), "")


def machine_text(m):
    return (f"HTTP: {m.data['rounds']} rounds of {m.data['seconds']} s a case; "
            f"{m.data['versions'][NGINX]}; {m.data['versions'][H2LOAD]}.")
