#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compares: prints the tables of one measurement by run.py, targets first.

With --markdown and --svg it also writes them, and the picture, to files.
"""

import argparse
import json
import os
import statistics
import subprocess

from cases import (BATCHES, BUFFEREVENT, CASES, EVBUFFER, GROWTH_AT_MOST,
                   GROWTH_CASES, HAVE, LE14, LE21, LIBEV, LIBRARIES, LOOP,
                   MEMORY, NAMESERVER, OURS, RESOLVER, TITLES)


def quartiles(values):
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def table(head, rows, left=1):
    """A Markdown table, with its columns aligned for the eye."""
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        return "| " + " | ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))) + " |"

    rule = "|" + "|".join("-" * (width + 1) + ("-" if i < left else ":")
                          for i, width in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule] + [line(row) for row in cells[1:]])


class Measurement:
    """The numbers, and the questions that the tables ask them."""

    def __init__(self, data):
        self.data = data
        self.libraries = [name for name in LIBRARIES
                          if name in data["versions"]]
        self.times = data["times"]

    def having(self, part):
        return [name for name in self.libraries if name in HAVE[part]]

    def cases(self, part):
        """The cases of a part that were measured."""
        return [case for case in CASES if case.part == part
                and self.settings(case)]

    def rows(self, part):
        return [row for case in self.cases(part)
                for row in self.settings(case)]

    def settings(self, case):
        return [row for row in self.times if row["case"] == case.name]

    def at_main(self, case):
        """The settings that targets speak of: the main size, each load."""
        return [row for row in self.settings(case) if row["n"] == case.main]

    def with_targets(self, case):
        return self.settings(case) if case.everywhere else self.at_main(case)

    def faster(self, row, library):
        """Quartiles of how many times as fast as `library` ours is."""
        if library not in row["ns"]:
            return None
        return quartiles([theirs / ours for theirs, ours
                          in zip(row["ns"][library], row["ns"][OURS])])

    def count(self, row, library):
        key = ("case", "n", "busy")
        for count in self.data["counts"]:
            if count["library"] == library and all(
                    count[name] == row[name] for name in key):
                return count
        return None

    def memory(self, entry, library):
        for row in self.data["memory"]:
            if row["case"] == entry.name and row["library"] == library:
                return row
        return None

    def memory_of(self, part):
        """What was measured of the memory."""
        return [entry for entry in MEMORY
                if entry.part == part and self.memory(entry, OURS)]

    def batches(self):
        """What was measured of the batches."""
        return [entry for entry in BATCHES if self.runs(entry, OURS)]

    def runs(self, entry, library):
        """The runs of a batch, if there are any."""
        return [row for row in self.data["batches"]
                if (row["case"], row["library"]) == (entry.name, library)]

    def batch_faster(self, entry, library):
        """As faster(); of the whole batch, whatever is lost in it."""
        theirs, ours = self.runs(entry, library), self.runs(entry, OURS)
        return theirs and quartiles([their["ns"] / our["ns"]
                                     for their, our in zip(theirs, ours)])

    def growth(self, case, library):
        """Cost at the largest n against that at 1,000, or None."""
        rows = self.settings(case)
        rows = [row for row in rows if row["busy"] == 100] or rows
        by_n = {row["n"]: statistics.median(row["ns"][library])
                for row in rows if library in row["ns"]}
        if not by_n:
            return None
        largest = max(by_n)
        if 1000 not in by_n or largest == 1000:
            return None
        return largest, by_n[largest] / by_n[1000]

    def growing(self, part):
        return [case for case in self.cases(part) if case.name in GROWTH_CASES]


def case_of(row):
    return next(case for case in CASES if case.name == row["case"])


def setting_name(row):
    """n, where there are several, and how many tokens, where both vary."""
    case = case_of(row)
    name = row["case"]
    if case.sizes != (1,):
        name += f" {row['n']:,}"
    return name + (f" / {row['busy']}" if len(case.busy) > 1 else "")


def verdict(low, middle, high, reached, limit):
    word = "reached" if reached(middle, limit) else "not reached"
    if reached(low, limit) != reached(high, limit):
        word += ", within the spread"
    return word


def at_least(value, limit):
    return value >= limit


def at_most(value, limit):
    return value <= limit


def bare_speed(row, library):
    if LIBEV not in row["ns"]:
        return ""
    ratios = [theirs / bare for theirs, bare
              in zip(row["ns"][library], row["ns"][LIBEV])]
    return f"{statistics.median(ratios):.2f}"


def time_target(what, limit, ratios, bare):
    """A target for time: ours may take so many times what another takes."""
    low, middle, high = ratios
    return (what, f"<= {limit:.2f}", f"{middle:.2f} [{low:.2f}-{high:.2f}]",
            bare, verdict(low, middle, high, at_most, limit))


def speed_target(what, factor, ratios, bare):
    """Likewise: ours is to be so many times as fast."""
    low, middle, high = ratios
    return (what, f">= {factor:.2f}", f"{middle:.2f} [{low:.2f}-{high:.2f}]",
            bare, verdict(low, middle, high, at_least, factor))


def speed_targets(m, case):
    for row in m.with_targets(case):
        name = setting_name(row)
        for library, factor in case.times_as_fast.items():
            got = m.faster(row, library)
            what = f"{name}: times as fast as {TITLES[library]}"
            if got is None:
                yield what, f">= {factor:.2f}", "not measured", "", ""
            else:
                yield speed_target(what, factor, got, bare_speed(row, library))
        for library, factor in case.most_of_time.items():
            ratios = [1 / x for x in m.faster(row, library)][::-1]
            yield time_target(f"{name}: time against {TITLES[library]}",
                              factor, ratios, "1.00")
        for other, factor in case.most_of_case.items():
            theirs = [r for r in m.times if r["case"] == other]
            if theirs:
                ratios = quartiles([x / y for x, y in zip(
                    row["ns"][OURS], theirs[0]["ns"][OURS])])
                yield time_target(f"{name}: time against {other}", factor,
                                  ratios, "")


def plain(what, limit, value, bare, form="{:.2f}"):
    """A target for a count: no spread, and at most the limit."""
    shown = ["" if x is None else form.format(x) for x in (value, bare)]
    return (what, "<= " + form.format(limit), *shown,
            "reached" if value <= limit else "not reached")


def not_measured(what):
    return what, "", "not measured", "", ""


def calls_targets(m, case, row):
    ours, bare = m.count(row, OURS), m.count(row, LIBEV)
    name = setting_name(row)
    for call, limit in case.most_calls.items():
        yield plain(f"{name}: {call} per event", limit,
                    ours["calls"].get(call, 0), bare["calls"].get(call, 0))
    for library, part in case.most_of_calls.items():
        what = f"{name}: system calls against {TITLES[library]}"
        theirs = m.count(row, library)
        yield not_measured(what) if theirs is None else plain(
            what, part, sum(ours["calls"].values())
            / sum(theirs["calls"].values()), None)


def instruction_targets(m, case, row):
    if not case.instructions_of:
        return
    ours, bare = m.count(row, OURS), m.count(row, LIBEV)
    what = (f"{setting_name(row)}: instructions, at most those of "
            + TITLES[case.instructions_of])
    theirs = m.count(row, case.instructions_of)
    if theirs is None or "instructions" not in ours:
        yield not_measured(what)
    else:
        yield plain(what, theirs["instructions"], ours["instructions"],
                    bare["instructions"], "{:.0f}")


def count_targets(m, case):
    for row in m.at_main(case):
        yield from calls_targets(m, case, row)
        yield from instruction_targets(m, case, row)


def loop_malloc_targets(m):
    counts = [m.count(row, OURS) for row in m.rows(LOOP)]
    worst = max(count["mallocs"] + count["frees"] for count in counts if count)
    yield plain("malloc and free per event, in the worst of all cases", 0,
                worst, None, "{:.5f}")


def memory_targets(m, entry):
    ours = m.memory(entry, OURS)
    if entry.beyond is not None:
        bare = m.memory(entry, LIBEV)
        yield plain(f"bytes beyond bare libev's: {entry.what}", entry.beyond,
                    (ours["bytes"] - bare["bytes"]) / ours["n"], None,
                    "{:.1f}")
    if not entry.most_of:
        return
    theirs = m.memory(entry, entry.most_of)
    for member, title in (("bytes", "heap"), ("rss", "resident")):
        what = (f"{entry.name}: {title} bytes, at most those of "
                + TITLES[entry.most_of])
        yield not_measured(what) if theirs is None else plain(
            what, theirs[member] / theirs["n"], ours[member] / ours["n"],
            None, "{:.0f}")


def growth_targets(m, case):
    ours = m.growth(case, OURS)
    if ours is None:
        yield not_measured(f"{case.name}: cost at the largest n against 1,000")
    else:
        bare = m.growth(case, LIBEV) if case.has(LIBEV) else None
        yield plain(f"{case.name}: cost at {ours[0]:,} against 1,000",
                    GROWTH_AT_MOST, ours[1], bare and bare[1])


def batch_targets(m, entry):
    for library, factor in entry.times_as_fast.items():
        got = m.batch_faster(entry, library)
        what = f"{entry.name}: times as fast as {TITLES[library]}"
        yield not_measured(what) if not got else speed_target(
            what, factor, got, "")
    if entry.most_lost is not None:
        yield plain(f"{entry.name}: names lost, in the worst round",
                    entry.most_lost,
                    max(row["lost"] for row in m.runs(entry, OURS)), None,
                    "{:.0f}")


def all_targets(m, part):
    rows = []
    for case in m.cases(part):
        rows += speed_targets(m, case)
    for case in m.cases(part):
        rows += count_targets(m, case)
    if part == LOOP and m.cases(part):
        rows += loop_malloc_targets(m)
    for entry in m.memory_of(part):
        rows += memory_targets(m, entry)
    for case in m.growing(part):
        rows += growth_targets(m, case)
    for entry in m.batches() if part == RESOLVER else ():
        rows += batch_targets(m, entry)
    return rows


def targets_table(m):
    return table(["target", "limit", "measured", "bare libev", "verdict"],
                 all_targets(m, LOOP))


def plain_targets_table(m, *parts):
    rows = [(*row[:3], row[4]) for part in parts
            for row in all_targets(m, part)]
    return table(["target", "limit", "measured", "verdict"], rows)


def by_library(m, part, title, rows, cell):
    """A table of rows by library: cell(row, library), a dash for None."""
    libraries = m.having(part)
    lines = []
    for row in rows:
        cells = [cell(row, name) for name in libraries]
        lines.append([setting_name(row)]
                     + ["-" if text is None else text for text in cells])
    return table([title] + [TITLES[name] for name in libraries], lines)


def middle_ns(row, library):
    """None where the library does not have the case."""
    ns = row["ns"].get(library)
    return ns and statistics.median(ns)


def time_table(m, part, title="ns per event"):
    def cell(row, library):
        ns = middle_ns(row, library)
        return ns and f"{ns:.1f}"

    return by_library(m, part, title, m.rows(part), cell)


def ratio_table(m, part):
    others = [name for name in m.having(part) if name != OURS]
    rows = []
    for row in m.rows(part):
        cells = [m.faster(row, name) for name in others]
        if any(cells):
            rows.append([setting_name(row)] + [
                f"{c[1]:.2f} [{c[0]:.2f}-{c[2]:.2f}]" if c else "-"
                for c in cells])
    return table(["times as fast as"] + [TITLES[name] for name in others],
                 rows)


def rate_table(m, part, title):
    def cell(row, library):
        ns = middle_ns(row, library)
        return ns and f"{1e9 / ns:,.0f}"

    return by_library(m, part, title, m.rows(part), cell)


def moved_table(m, part, title, event):
    """How much goes through in a second: events, and megabytes."""
    def cell(row, library):
        ns = middle_ns(row, library)
        if ns is None:
            return None
        megabytes = case_of(row).bytes / ns * 1e3
        return (f"{1e9 / ns:,.0f} ({megabytes:,.0f})" if event
                else f"{megabytes:,.0f}")

    rows = [row for row in m.rows(part) if case_of(row).bytes]
    return by_library(m, part, title, rows, cell)


def counts_table(m, part, title, cell):
    def of_count(row, library):
        count = m.count(row, library)
        return count and cell(count)

    rows = [row for row in m.rows(part) if m.count(row, OURS)]
    return by_library(m, part, title, rows, of_count)


def calls_table(m):
    def cell(count):
        calls = count["calls"]
        total = sum(calls.values())
        return f"{total:.2f} ({calls.get('epoll_ctl', 0):.2f})"

    return counts_table(m, LOOP, "system calls (epoll_ctl) per event", cell)


def calls_by_kind_table(m, part, title):
    """A line for each setting and library, a column for each system call."""
    counts = [(row, m.count(row, name)) for row in m.rows(part)
              for name in m.having(part)]
    counts = [(row, count) for row, count in counts if count]
    kinds = sorted({kind for _, count in counts
                    for kind, calls in count["calls"].items()
                    if calls >= 0.005})
    rows = []
    for row, count in counts:
        calls = count["calls"]
        rows.append([f"{setting_name(row)}: {TITLES[count['library']]}",
                     f"{sum(calls.values()):.2f}"]
                    + [f"{max(calls.get(kind, 0), 0):.2f}" for kind in kinds])
    return table([title, "all"] + kinds, rows)


def instructions_table(m):
    return counts_table(m, LOOP, "instructions per event",
                        lambda count: f"{count['instructions']:.0f}")


def instructions_by_byte_table(m, part, title):
    def cell(count):
        size = case_of(count).bytes
        each = f" ({count['instructions'] / size:.2f})" if size else ""
        return f"{count['instructions']:,.0f}{each}"

    return counts_table(m, part, title, cell)


def mallocs_table(m, part, title):
    return counts_table(m, part, title, lambda count:
                        f"{count['mallocs']:.3f} / {count['frees']:.3f}")


def mallocs_text(m):
    counts = [m.count(row, name) for row in m.rows(LOOP)
              for name in m.having(LOOP)]
    counts = [count for count in counts if count]
    lines = [f"{TITLES[count['library']]}, {setting_name(count)}: malloc "
             f"{count['mallocs']:.5f}, free {count['frees']:.5f} per event"
             for count in counts if count["mallocs"] + count["frees"]]
    return "\n".join(lines) or (
        f"None in all {len(counts)} pairs of a case and a library, "
        "once the case is warm.")


def batch_table(m, title, cell):
    """A line for each batch: cell(entry, runs) by library."""
    libraries = m.having(RESOLVER)
    return table([title] + [TITLES[name] for name in libraries], [
        [entry.name] + [cell(entry, m.runs(entry, name))
                        if m.runs(entry, name) else "-" for name in libraries]
        for entry in m.batches()])


def batch_rate(entry, runs):
    return format(statistics.median(
        (row["n"] - row["lost"]) / row["ns"] * 1e9 for row in runs), ",.0f")


def batch_time(entry, runs):
    seconds = statistics.median(row["ns"] for row in runs) / 1e9
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}"


def batch_lost(entry, runs):
    lost = sorted(int(row["lost"]) for row in runs)
    return (str(lost[0]) if lost[0] == lost[-1]
            else f"{lost[0]} to {lost[-1]}")


def batch_ratio_table(m):
    others = [name for name in m.having(RESOLVER) if name != OURS]
    rows = [[entry.name] + [
        f"{got[1]:.2f} [{got[0]:.2f}-{got[2]:.2f}]" if got else "-"
        for got in (m.batch_faster(entry, name) for name in others)]
        for entry in m.batches()]
    return table(["times as fast as"] + [TITLES[name] for name in others],
                 rows)


def memory_table(m, part, title):
    entries = m.memory_of(part)
    libraries = [name for name in m.having(part)
                 if any(m.memory(entry, name) for entry in entries)]

    def line(what, entry, member):
        rows = [m.memory(entry, name) for name in libraries]
        return [what] + [f"{row[member] / row['n']:,.1f}" for row in rows]

    rows = [line("heap: " + entry.what, entry, "bytes") for entry in entries]
    rows += [line("resident: " + entry.what, entry, "rss")
             for entry in entries]
    if part == LOOP:
        rows.append(["the program's own struct"] + [
            f"{m.memory(entries[0], name)['own']:.0f}" for name in libraries])
    return table([title] + [TITLES[name] for name in libraries], rows)


def growth_table(m, part):
    libraries = m.having(part)
    rows = []
    for case in m.growing(part):
        cells = [m.growth(case, name) for name in libraries]
        if any(cells):
            largest = next(cell[0] for cell in cells if cell)
            rows.append([f"{case.name}, {largest:,}"]
                        + [f"{cell[1]:.2f}" if cell else "-"
                           for cell in cells])
    return table(["cost against that at 1,000"]
                 + [TITLES[name] for name in libraries], rows)


def machine_lines(m):
    machine = m.data["machine"]
    versions = "; ".join(f"{TITLES[name]}: {m.data['versions'][name]}"
                         for name in m.libraries)
    lines = [
        f"{machine['cores']} cores, {machine['architecture']}, Linux "
        f"{machine['kernel']}; at most {machine['descriptors']:,} descriptors "
        f"for a process; {m.data['rounds']} rounds.",
        f"What each library says of itself - {versions}.",
    ]
    cut = {}
    for row in m.times:
        if row["n"] < row["asked"]:
            cut.setdefault(row["n"], []).append(row["case"])
    for n, cases in cut.items():
        lines.append("Of the n that are asked for, up to 30,000, no more than "
                     f"{n:,} fit below that limit: {', '.join(cases)}.")
    if LE14 not in m.libraries:
        lines.append("libevent 1.4 was not measured: give LIBEVENT14=/prefix.")
    return "\n".join(lines)


def what_lines(m):
    lines = []
    for part in HAVE:
        lines += [f"- {case.name}: {case.what}" for case in m.cases(part)]
    lines += [f"- {entry.name}: {entry.what}" for entry in m.batches()]
    lines.append("\nA name is followed by n, where there are several.  A "
                 "ring's n is followed by the\nnumber of tokens that go round "
                 "in it: one, or a hundred at once.")
    return "\n".join(lines)


def has_growth(m, part):
    return any(m.growth(case, OURS) for case in m.growing(part))


def has_instructions(m):
    return all("instructions" in count for count in m.data["counts"])


def loop_sections(m):
    yield "Time per event", time_table(m, LOOP)
    yield "Ratios", ("How many times as fast as each other library ours is: "
                     "median and quartiles.\n\n" + ratio_table(m, LOOP))
    if has_growth(m, LOOP):
        yield "Growth", growth_table(m, LOOP)
    yield "System calls", (
        "The calls of the clients are in those of churn, five of them.\n\n"
        + calls_table(m))
    if has_instructions(m):
        yield "Instructions in user space", instructions_table(m)
    yield "Calls of malloc and free", mallocs_text(m)


def evbuffer_sections(m):
    tables = [
        time_table(m, EVBUFFER, "ns per operation"),
        ratio_table(m, EVBUFFER),
        moved_table(m, EVBUFFER, "megabytes per second", False),
    ]
    if has_growth(m, EVBUFFER):
        tables.append(growth_table(m, EVBUFFER))
    if has_instructions(m):
        tables.append(instructions_by_byte_table(
            m, EVBUFFER, "instructions per operation (per byte)"))
    tables.append(mallocs_table(m, EVBUFFER, "malloc / free per operation"))
    yield "evbuffer", (
        "An operation is the adding, reading, finding, moving or draining of "
        "one piece; with\nread and fifo all that happens to it.\n\n"
        + "\n\n".join(tables))


def bufferevent_sections(m):
    tables = [
        time_table(m, BUFFEREVENT, "ns per message there and back"),
        moved_table(m, BUFFEREVENT, "messages (megabytes) per second", True),
        ratio_table(m, BUFFEREVENT),
        calls_by_kind_table(m, BUFFEREVENT, "system calls per message"),
    ]
    if has_instructions(m):
        tables.append(instructions_by_byte_table(
            m, BUFFEREVENT, "instructions per message (per byte)"))
    tables.append(mallocs_table(m, BUFFEREVENT, "malloc / free per message"))
    yield "Bufferevents", (
        "Both ends are in one process and one loop: what is counted for a "
        "message is what\nclient and server do together, to send it and to "
        "send it back.  With one connection\nthe time is the latency; "
        "pingpong is that of 64 bytes.\n\n" + "\n\n".join(tables))


def dns_sections(m, part, title, note):
    """What a resolver and a nameserver have in common."""
    tables = [time_table(m, part, "ns per answer"),
              rate_table(m, part, "answers per second"), ratio_table(m, part),
              calls_by_kind_table(m, part, "system calls per answer")]
    if has_instructions(m):
        tables.append(instructions_by_byte_table(
            m, part, "instructions per answer"))
    tables.append(mallocs_table(m, part, "malloc / free per answer"))
    yield title, note + "\n\n" + "\n\n".join(tables)


def batch_sections(m):
    yield "10,000 names at once", (
        "One nameserver, and what each library does of itself about time-outs "
        "and new tries.\nIt is the same names and tries that come to nothing "
        "each time; besides, what does not\nfit in the buffer of a socket is "
        "lost.  The last is there when each name is answered\nor given up; a "
        "name is lost that is given up, or not answered after two minutes.\n\n"
        + "\n\n".join((
            batch_table(m, "answers per second", batch_rate),
            batch_table(m, "seconds until the last", batch_time),
            batch_table(m, "names lost", batch_lost), batch_ratio_table(m))))


def sections(m):
    yield "What was measured", machine_lines(m) + "\n\n" + what_lines(m)
    buffers = m.cases(EVBUFFER) or m.cases(BUFFEREVENT)
    note = "Times are the median of the rounds' ratios, with their quartiles."
    if m.cases(LOOP) or m.memory_of(LOOP):
        yield "Targets", (
            note + " The last but one\ncolumn is what bare libev gets in the "
            "same place.\n\n" + targets_table(m))
    if buffers or m.memory_of(BUFFEREVENT):
        yield "Targets: buffers", note + "\n\n" + plain_targets_table(
            m, EVBUFFER, BUFFEREVENT)
    if m.cases(RESOLVER) or m.cases(NAMESERVER) or m.batches():
        yield "Targets: the DNS", note + "\n\n" + plain_targets_table(
            m, RESOLVER, NAMESERVER)
    if m.cases(LOOP):
        yield from loop_sections(m)
    if m.memory_of(LOOP):
        yield "Memory", memory_table(m, LOOP, "bytes per event")
    if m.cases(EVBUFFER):
        yield from evbuffer_sections(m)
    if m.cases(BUFFEREVENT):
        yield from bufferevent_sections(m)
    if m.memory_of(BUFFEREVENT):
        yield "Memory of bufferevents", memory_table(
            m, BUFFEREVENT, "bytes per bufferevent")
    if m.cases(RESOLVER):
        yield from dns_sections(
            m, RESOLVER, "The resolver", "The other end is a program of the "
            "bench's own that answers with one record, on a core\nof its own. "
            "With one name after the other the two share a core, and the "
            "time is that of\nboth together.  Where it is counted all is "
            "slower but that program: an answer is there\nat once, and "
            "nothing has to be waited for.")
    if m.batches():
        yield from batch_sections(m)
    if m.cases(NAMESERVER):
        yield from dns_sections(
            m, NAMESERVER, "The nameserver", "Who asks is the same program, "
            "on the same cores.")


def write_bars(m, parts, base, path):
    """Times as fast as base, at the main size, by case and library."""
    libraries = m.having(parts[0])
    with open(path, "w", encoding="utf-8") as out:
        print("case", *(f'"{TITLES[name]}"' for name in libraries), file=out)
        for case in [case for part in parts for case in m.cases(part)]:
            if base not in m.at_main(case)[0]["ns"]:
                continue
            ns = m.at_main(case)[0]["ns"]
            print(case.name.replace("_", "\\n"), *(
                statistics.median(theirs / other for theirs, other
                                  in zip(ns[base], ns[name]))
                if name in ns else "?" for name in libraries), file=out)


def write_growth(m, name, path):
    with open(path, "w", encoding="utf-8") as out:
        print("n", *(f'"{TITLES[lib]}"' for lib in m.having(LOOP)), file=out)
        for row in m.times:
            if row["case"] == name and (
                    row["busy"] > 1 or name == "register"):
                print(row["n"], *(middle_ns(row, lib) or "?"
                                  for lib in m.having(LOOP)), file=out)


def draw(m, svg, script, directory):
    """Writes the files that the script draws, and has it draw them."""
    base = LE14 if LE14 in m.libraries else LE21

    def path(name):
        return os.path.join(directory, f"{name}.dat")

    write_bars(m, (LOOP,), base, path("bars"))
    write_bars(m, (BUFFEREVENT, EVBUFFER), base, path("buffers"))
    for name in ("register", "oneshot"):
        write_growth(m, name, path(name))
    subprocess.run(
        ["gnuplot", "-e", f"data='{directory}'; svg='{svg}'; "
         f"base='{TITLES[base]}'; libraries={len(m.having(LOOP))}; "
         f"have_buffers={len(m.having(BUFFEREVENT))}", script], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurement", help="the JSON that run.py wrote")
    parser.add_argument("--markdown", help="write the tables there")
    parser.add_argument("--svg", help="draw there")
    parser.add_argument("--plot", help="gnuplot's script")
    parser.add_argument("--data", help="directory for gnuplot's input")
    options = parser.parse_args()

    with open(options.measurement, encoding="utf-8") as source:
        m = Measurement(json.load(source))
    text = "\n".join(f"## {title}\n\n{body}\n" for title, body in sections(m))
    print(text)
    if options.markdown:
        with open(options.markdown, "w", encoding="utf-8") as out:
            out.write("# How fast\n\nWritten by `make bench-report`.\n\n"
                      "![Ratios, and cost by number of descriptors]"
                      f"({os.path.basename(options.svg)})\n\n{text}")
        draw(m, options.svg, options.plot, options.data)


if __name__ == "__main__":
    main()
