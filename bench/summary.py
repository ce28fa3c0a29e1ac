# SPDX-License-Identifier: BSD-3-Clause
"""The rows that the report begins with, and what they say in a few lines.

A headline is one number of a measurement: a case at one size.  The picture
and README's table are made of the same headlines.
"""

from dataclasses import dataclass

import cases
import httpcases
from cases import (BATCHES, LE14, LE21, LIBEV, LOOP, MEMORY, OURS, UV)
from coretargets import system_calls
from httpcases import H2LOAD, NGINX
from tables import (SLOWER_BELOW, median, ratio_cell, ratio_text, ratios,
                    table)

TITLES = {**cases.TITLES, **httpcases.TITLES}
COLUMNS = (LE14, LE21, LIBEV, UV)

CORE, BATCH, HTTP, RPC = "core", "batch", "http", "rpc"


@dataclass
class Headline:
    label: str
    source: str
    case: str
    n: int = 0
    busy: int = 0  # 0: the first that the case has
    drawn: bool = True  # in the picture, too

    def speeds(self, results):
        """{library: [speed in each round]}; empty if not measured."""
        source = results.get(CORE if self.source == BATCH else self.source)
        return getattr(self, f"{self.source}_speeds")(source) if source else {}

    def core_speeds(self, m):
        row = m.row(self.case, self.n, self.busy)
        return {name: [1 / ns for ns in times]
                for name, times in row["ns"].items()} if row else {}

    def batch_speeds(self, m):
        entry = next(e for e in BATCHES if e.name == self.case)
        return {name: [1 / ns for ns in m.batch_ns(entry, name)]
                for name in m.libraries if m.runs(entry, name)}

    def http_speeds(self, m):
        times = {**m.data["loads"], **m.job_times}.get(self.case, {})
        return {name: [row["rps"] for row in rows]
                for name, rows in times.items()}

    def rpc_speeds(self, m):
        return {name: m.rounds(self.case, name, "rate") for name in m.libraries
                if m.rounds(self.case, name, "rate")}

    def faster(self, results, library, of=OURS):
        """How many times as fast `of` is as the library; None without."""
        speeds = self.speeds(results)
        return median(ratios(speeds.get(of), speeds.get(library)))


def more(*args):
    """In the table alone."""
    return Headline(*args, drawn=False)


HEADLINES = {
    "The loop": (
        Headline("register: del, set, add; 1,000 descriptors", CORE,
                 "register", 1000),
        Headline("persistent events, 1,000 pairs, 100 busy", CORE, "persist",
                 1000, 100),
        Headline("the same, 1 busy", CORE, "persist", 1000, 1),
        Headline("the same, 100 busy, with timeouts", CORE, "persist_timeout",
                 1000, 100),
        Headline("one-shot events, 1,000 pairs, 100 busy", CORE, "oneshot",
                 1000, 100),
        Headline("the same, 1 busy", CORE, "oneshot", 1000, 1),
        Headline("the same, 100 busy, with timeouts", CORE, "oneshot_timeout",
                 1000, 100),
        Headline("100,000 timers, in a callback", CORE, "timers_inside",
                 100000),
        more("1,000 timers, in a callback", CORE, "timers_inside", 1000),
        Headline("100,000 timers, outside the loop", CORE, "timers_outside",
                 100000),
        Headline("event_active, 1,000 events", CORE, "active", 1000),
        Headline("a signal", CORE, "signal", 1),
        Headline("accept and close, persistent events", CORE,
                 "churn_persist", 100),
        Headline("accept and close, one-shot events", CORE, "churn_oneshot",
                 100),
    ),
    "Buffers": (
        Headline("evbuffer: 1,000 pieces of 16 bytes added", CORE, "add_16B",
                 1000),
        more("evbuffer: 1,000 pieces of 1 KB added", CORE, "add_1K", 1000),
        Headline("evbuffer: a queue of 1,000 times 64 bytes", CORE,
                 "fifo_64B", 1000),
        Headline("evbuffer: 4 KB read from a socket", CORE, "read_4K", 1),
        more("evbuffer: 4 KB moved to another", CORE, "move_4K", 1),
        Headline("evbuffer: search, first byte rare", CORE, "find_absent", 1),
        Headline("evbuffer: search, first byte frequent", CORE,
                 "find_absent_frequent", 1),
        Headline("evbuffer: 1,000 lines", CORE, "readline", 1000),
        Headline("evbuffer: a line in 1,000 pieces", CORE, "pieces", 1000),
        Headline("bufferevents: 64 bytes, 1 connection", CORE, "pingpong", 1),
        Headline("bufferevents: 64 bytes, 100 connections", CORE, "echo_64B",
                 100),
        more("bufferevents: 64 bytes, 5,000 connections", CORE, "echo_64B",
             5000),
        Headline("bufferevents: 4 KB, 100 connections", CORE, "echo_4K", 100),
        Headline("bufferevents: 256 KB, 1 connection", CORE, "echo_256K", 1),
        Headline("bufferevents: 256 KB, 100 connections", CORE, "echo_256K",
                 100),
    ),
    "DNS": (
        Headline("resolver: one name at a time", CORE, "resolve_one", 1),
        Headline("resolver: 64 names in flight", CORE, "resolve", 64),
        Headline("resolver: 10,000 names, 64 in flight", BATCH, "names"),
        Headline("the same, 1 % lost", BATCH, "names_1%"),
        Headline("the same, 10 % lost", BATCH, "names_10%"),
        Headline("resolver: 10,000 names in flight", BATCH, "unlimited"),
        Headline("name server: one request at a time", CORE, "serve_one", 1),
        Headline("name server: 64 requests in flight", CORE, "serve", 64),
    ),
    "HTTP": (
        Headline("HTTP server: 13 bytes, 1 connection", HTTP, "tiny_1"),
        Headline("HTTP server: 13 bytes, 50 connections", HTTP, "tiny_50"),
        Headline("HTTP server: a browser's GET, 50 connections", HTTP,
                 "browser_50"),
        Headline("HTTP server: POST of 4 KB, 50 connections", HTTP,
                 "post_50"),
        more("HTTP server: 16 GETs in a write", HTTP, "pipelined_50"),
        Headline("HTTP server: bodies of 1 MB", HTTP, "1m_10"),
        Headline("HTTP client: 1 connection", HTTP, "keep_1"),
        Headline("HTTP client: 50 connections", HTTP, "keep_50"),
    ),
    "Remote calls": (
        Headline("remote calls: a small message, 1 connection", RPC,
                 "note_1"),
        Headline("remote calls: a small message, 50 connections", RPC,
                 "note_50"),
        Headline("remote calls: an array of 100, 50 connections", RPC,
                 "list_50"),
    ),
}


def base_of(results):
    """libevent 1.4, or 2.1 where that was not measured."""
    measured = {name for _, headline in rows_of(results)
                for name in headline.speeds(results)}
    return LE14 if LE14 in measured else LE21


def full_label(headline):
    """Where "the same" refers to the row before, with that row's words."""
    words = headline.label
    if not words.startswith("the same"):
        return words
    for headlines in HEADLINES.values():
        labels = [other.label for other in headlines]
        if headline in headlines:
            before = labels[:headlines.index(headline)]
            whole = next(label for label in reversed(before)
                         if not label.startswith("the same"))
            return whole.split(",")[0] + words[len("the same"):]
    return words


def rows_of(results, only_drawn=False):
    """(section, headline) that were measured against anything else."""
    for section, headlines in HEADLINES.items():
        for headline in headlines:
            if (headline.drawn or not only_drawn) and \
                    len(headline.speeds(results)) > 1:
                yield section, headline


# --- what to expect ---

def span(values):
    """"0.92 to 1.02", or one number."""
    values = [value for value in values if value is not None]
    if not values:
        return "not measured"
    low, high = ratio_text(min(values)), ratio_text(max(values))
    return low if low == high else f"{low} to {high}"


class Expectations:
    """Lines that say how many times as fast as the base ours is."""

    def __init__(self, results):
        self.results, self.base = results, base_of(results)
        self.core, self.http = results.get(CORE), results.get(HTTP)

    def of_core(self, *names):
        """Over all sizes of these cases."""
        return span([median(self.core.faster(row, self.base))
                     for row in self.core.times if row["case"] in names])

    def of_batches(self, *names):
        return span([median(self.core.batch_faster(entry, self.base))
                     for entry in self.core.batches() if entry.name in names])

    def of_http(self, *names, other=None):
        other = other or self.base
        return span([median(self.http.faster(name, other)) for name in names])

    def of_rpc(self, *names):
        m = self.results[RPC]
        return span([median(m.faster(name, self.base)) for name in names])

    def core_lines(self):
        yield ("Persistent events: "
               f"{self.of_core('persist', 'persist_timeout')}.  One-shot "
               f"events: {self.of_core('oneshot', 'oneshot_timeout')}; events "
               f"deleted and added again: {self.of_core('register')}.")
        yield (f"Timers: {self.of_core('timers_inside', 'timers_outside')}.  "
               f"event_active: {self.of_core('active')}.  Signals: "
               f"{self.of_core('signal')}.  Connections that come and leave: "
               f"{self.of_core('churn_persist', 'churn_oneshot')}.")
        yield ("Bufferevents: "
               + self.of_core("pingpong", "echo_64B", "echo_4K", "echo_256K")
               + "." + self.call_text())
        yield ("evbuffer: "
               + self.of_core("add_16B", "add_1K", "fifo_64B", "fifo_1K",
                              "drain_16B", "read_64B", "read_4K", "read_64K",
                              "append_64B", "append_4K", "move_4K", "printf")
               + "; lines and searches: "
               + self.of_core("readline", "readln", "find_absent", "find_end",
                              "find_absent_frequent", "find_end_frequent",
                              "pieces") + ".")
        yield ("Resolver: "
               + self.of_core("resolve", "resolve_one")
               + "; 10,000 names where 1 % or 10 % of the packets are lost: "
               + self.of_batches("names_1%", "names_10%")
               + f".  Nameserver: {self.of_core('serve', 'serve_one')}.")

    def call_text(self):
        row = self.core.row("echo_64B", 100)
        counts = row and [system_calls(self.core.count(row, name))
                          for name in (OURS, self.base)]
        if not row or None in counts:
            return ""
        return (f"  64 bytes there and back take {counts[0]:.0f} system calls, "
                f"{counts[1]:.0f} in {TITLES[self.base]}.")

    def http_lines(self):
        fifty = ("tiny_50", "browser_50", "4k_50", "post_50")
        yield (f"HTTP server, 50 connections: {self.of_http(*fifty)}, and "
               f"{self.of_http(*fifty, other=NGINX)} times as fast as nginx.  "
               f"1 connection: {self.of_http('tiny_1')}.")
        yield (f"HTTP client, 50 connections: {self.of_http('keep_50')}, and "
               f"{self.of_http('keep_50', other=H2LOAD)} times as fast as "
               f"h2load.  1 connection: {self.of_http('keep_1')}.")

    def rpc_lines(self):
        yield (f"Remote calls, 50 connections: "
               f"{self.of_rpc('note_50', 'list_50')}.  1 connection: "
               f"{self.of_rpc('note_1', 'list_1')}.")

    def memory_line(self):
        entry = next(e for e in MEMORY if e.name == "add_read_timeout")
        ours, theirs = (self.core.memory(entry, name)
                        for name in (OURS, self.base))
        if not ours or not theirs:
            return
        counts = [self.core.count(row, OURS) for row in self.core.rows(LOOP)]
        most = max((count["mallocs"] for count in counts if count), default=0)
        mallocs = f"at most {most:.2f}" if most >= 0.005 else "no"
        yield (f"Memory: {mallocs} calls of malloc per event in the loop.  An "
               "added event with a timeout takes "
               f"{ours['bytes'] / ours['n']:.0f} bytes of heap, "
               f"{theirs['bytes'] / theirs['n']:.0f} in {TITLES[self.base]}.")

    def slower_line(self):
        slower = [(ratio, full_label(headline))
                  for _, headline in rows_of(self.results)
                  for ratio in [headline.faster(self.results, self.base)]
                  if ratio and ratio < SLOWER_BELOW]
        if slower:
            worst = "; ".join(f"{label} ({ratio:.2f})"
                              for ratio, label in sorted(slower)[:6])
            yield f"Slower than {TITLES[self.base]}, the worst first: {worst}."

    def lines(self):
        if self.core and self.core.cases(LOOP):
            yield from self.core_lines()
        if self.http:
            yield from self.http_lines()
        if RPC in self.results:
            yield from self.rpc_lines()
        if self.core:
            yield from self.memory_line()
        yield from self.slower_line()


def wrapped(text, width=88):
    """An item of a list, its lines no longer than that."""
    lines, line = [], "-"
    for word in text.split():
        if len(line) + 1 + len(word) > width:
            lines.append(line)
            line = " "
        line += " " + word
    return "\n".join([*lines, line])


def expectations(results):
    """How many times as fast as base_of() ours is, in ten items."""
    return "\n".join(wrapped(line) for line in Expectations(results).lines())


# --- the table ---

def headline_table(results):
    rows = []
    for _, headline in rows_of(results):
        cells = [headline.faster(results, name) for name in COLUMNS]
        rows.append([headline.label, *[
            "" if cell is None else ratio_cell(cell, name == LE14)
            for name, cell in zip(COLUMNS, cells)]])
    return table(["times as fast as", *[TITLES[name] for name in COLUMNS]],
                 rows)
