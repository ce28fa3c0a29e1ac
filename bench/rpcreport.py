# SPDX-License-Identifier: BSD-3-Clause
"""The report's part on remote calls, from what rpcbench.py measured."""

from httpcases import LE14, LE21, OURS, TITLES
from rpcbench import CASES
from tables import (SLOWER_BELOW, bold, median, number_cell, ratio_cell,
                    ratios, table)


class RpcResults:
    """The numbers, and the questions that the tables ask them."""

    def __init__(self, data):
        self.data = data
        self.cases = [case for case in CASES if case.name in data["times"]]
        self.libraries = [name for name in (OURS, LE14, LE21) if any(
            name in times for times in data["times"].values())]

    def rounds(self, case, name, what):
        rows = self.data["times"].get(case, {}).get(name, [])
        return [row[what] for row in rows]

    def faster(self, case, name):
        """How many times as many calls a second ours makes, by rounds."""
        return ratios(self.rounds(case, OURS, "rate"),
                      self.rounds(case, name, "rate"))

    def cpu(self, case, name):
        """Client and server together, by rounds."""
        return [a + b for a, b in zip(self.rounds(case, name, "client"),
                                      self.rounds(case, name, "server"))]

    def slower(self, case):
        ratio = median(self.faster(case, LE14))
        return ratio is not None and ratio < SLOWER_BELOW


def by_library(m, title, value, form, timed=False):
    """value(case name, library)"""
    rows = []
    for case in m.cases:
        cells = [number_cell(value(case.name, name), form)
                 for name in m.libraries]
        if timed and m.slower(case.name):
            cells[0] = bold(cells[0])
        rows.append([case.name, *cells])
    return table([title, *[TITLES[name] for name in m.libraries]], rows)


def ratio_table(m):
    others = [name for name in m.libraries if name != OURS]
    return table(["times as many calls per second as",
                  *[TITLES[name] for name in others]],
                 [[case.name, *[ratio_cell(median(m.faster(case.name, name)),
                                           name == LE14) for name in others]]
                  for case in m.cases])


def instructions_tables(m):
    counts = m.data["counts"]
    for side in ("server", "client"):
        if counts:
            yield table(
                [f"instructions in user space per call, {side}",
                 *[TITLES[name] for name in m.libraries]],
                [[case, *[f"{row[name][side]:,.0f}" for name in m.libraries]]
                 for case, row in counts.items()])


def sections(m):
    yield "## Remote calls"
    yield "\n".join(f"- {case.name}: {case.what}" for case in m.cases)
    yield ("Server and client use the same library, each on a processor of its "
           "own.  Our generator\nmade the messages' code for ours, 1.4's for "
           "the others.  As many calls are in flight as\nthere are "
           "connections.  CPU is what the kernel counts, with its own part.")
    yield ratio_table(m)
    yield by_library(m, "calls per second", lambda case, name: median(
        m.rounds(case, name, "rate")), "{:,.0f}", timed=True)
    yield by_library(m, "microseconds of CPU per call, both sides",
                     lambda case, name: median(m.cpu(case, name)), "{:.2f}")
    yield from instructions_tables(m)


def machine_text(m):
    return (f"Remote calls: {m.data['rounds']} rounds of "
            f"{m.data['seconds']:g} s a case.")
