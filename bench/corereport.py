# SPDX-License-Identifier: BSD-3-Clause
"""The report's parts on the loop, the buffers and the DNS.

Each part is a heading, what the names in it mean, and tables.  The targets of
all parts follow at the end of the report.
"""

from cases import (BUFFEREVENT, EVBUFFER, LE14, LOOP, NAMESERVER, OURS,
                   RESOLVER, TITLES)
from coreresults import CoreResults, case_of, median_ns, setting_name
from coretargets import all_targets, system_calls
from tables import (SLOWER_BELOW, bold, median, number_cell, ratio_cell,
                    spread, table, targets_table)


def slower(row):
    """Whether libevent 1.4, measured beside ours, is faster."""
    ratio = median(CoreResults.faster(row, LE14))
    return ratio is not None and ratio < SLOWER_BELOW


def by_library(m, part, title, rows, value, form, timed=False):
    """A table of rows by library: value(row, library), or None.

    timed: the numbers are times or rates, ours is bold where it is slower.
    """
    libraries = m.having(part)
    lines = []
    for row in rows:
        cells = [number_cell(value(row, name), form) for name in libraries]
        if timed and slower(row):
            cells[libraries.index(OURS)] = bold(cells[libraries.index(OURS)])
        lines.append([setting_name(row)] + cells)
    return table([title] + [TITLES[name] for name in libraries], lines)


def time_table(m, part, title):
    return by_library(m, part, title, m.rows(part), median_ns, "{:,.1f}",
                      timed=True)


def rate_table(m, part, title):
    def rate(row, library):
        ns = median_ns(row, library)
        return ns and 1e9 / ns

    return by_library(m, part, title, m.rows(part), rate, "{:,.0f}",
                      timed=True)


def ratio_table(m, part):
    """A column for each other library, and one for the widest spread."""
    others = [name for name in m.having(part) if name != OURS]
    rows = []
    for row in m.rows(part):
        got = [m.faster(row, name) for name in others]
        if any(got):
            rows.append([setting_name(row)] + [
                ratio_cell(median(values), name == LE14)
                for name, values in zip(others, got)]
                + [f"{max(spread(v) for v in got if v):.1f}"])
    return table(["times as fast as"] + [TITLES[name] for name in others]
                 + ["spread, %"], rows)


def megabytes_table(m, part, title):
    def megabytes(row, library):
        ns = median_ns(row, library)
        return ns and case_of(row).bytes / ns * 1e3

    return by_library(m, part, title, m.rows(part), megabytes, "{:,.0f}",
                      timed=True)


def counts_table(m, part, title, value, form):
    """value(count) of the rows that were counted."""
    def of_count(row, library):
        count = m.count(row, library)
        return count and value(count)

    rows = [row for row in m.rows(part) if m.count(row, OURS)]
    return by_library(m, part, title, rows, of_count, form)


def calls_table(m, part, title):
    return counts_table(m, part, title, system_calls, "{:.2f}")


def one_call_table(m, part, title, call):
    return counts_table(m, part, title,
                        lambda count: count["calls"].get(call, 0), "{:.2f}")


def calls_by_kind_table(m, part, title):
    """A line for each setting and library, a column for each system call."""
    counts = [(row, m.count(row, name)) for row in m.rows(part)
              for name in m.having(part)]
    counts = [(row, count) for row, count in counts if count]
    kinds = sorted({kind for _, count in counts
                    for kind, calls in count["calls"].items()
                    if calls >= 0.005})
    rows = [[setting_name(row), TITLES[count["library"]],
             f"{system_calls(count):.2f}"]
            + [f"{max(count['calls'].get(kind, 0), 0):.2f}" for kind in kinds]
            for row, count in counts]
    return table([title, "", "all"] + kinds, rows, left=2)


def instructions_tables(m, part, title):
    """None or one."""
    if m.has_instructions():
        yield counts_table(m, part, title,
                           lambda count: count["instructions"], "{:,.0f}")


def mallocs_table(m, part, title):
    return counts_table(m, part, title, lambda count: count["mallocs"],
                        "{:.3f}")


def mallocs_text(m):
    counts = [m.count(row, name) for row in m.rows(LOOP)
              for name in m.having(LOOP)]
    counts = [count for count in counts if count]
    lines = [f"- {TITLES[count['library']]}, {setting_name(count)}: malloc "
             f"{count['mallocs']:.5f}, free {count['frees']:.5f} per event"
             for count in counts if count["mallocs"] + count["frees"]]
    return "Calls of malloc and free: " + (
        "\n\n" + "\n".join(lines) if lines else
        f"none in all {len(counts)} pairs of a case and a library,\nafter "
        "the case's first events.")


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


def growth_tables(m, part):
    """None or one."""
    libraries = m.having(part)
    rows = []
    for case in m.growing(part):
        cells = [m.growth(case, name) for name in libraries]
        rows.append([f"{case.name} at {m.growth(case, OURS)[0]:,}"]
                    + [number_cell(cell and cell[1], "{:.2f}")
                       for cell in cells])
    if rows:
        yield table(["cost by that at n = 1,000"]
                    + [TITLES[name] for name in libraries], rows)


# --- 10,000 names at once ---

def batch_table(m, title, value, form):
    """A line for each batch: value(runs) by library."""
    libraries = m.having(RESOLVER)
    return table([title] + [TITLES[name] for name in libraries], [
        [entry.name] + [
            number_cell(value(m.runs(entry, name))
                        if m.runs(entry, name) else None, form)
            for name in libraries]
        for entry in m.batches()])


def batch_rate(runs):
    return median([(run["n"] - run["lost"]) / run["ns"] * 1e9 for run in runs])


def batch_seconds(runs):
    return median([run["ns"] for run in runs]) / 1e9


def batch_lost(runs):
    return max(run["lost"] for run in runs)


def batch_ratio_table(m):
    others = [name for name in m.having(RESOLVER) if name != OURS]
    return table(["times as fast as"] + [TITLES[name] for name in others], [
        [entry.name] + [ratio_cell(median(m.batch_faster(entry, name)),
                                   name == LE14) for name in others]
        for entry in m.batches()])


# --- the parts ---

def names(entries):
    return "\n".join(f"- {entry.name}: {entry.what}" for entry in entries)


def loop_section(m):
    yield "## The loop"
    yield names(m.cases(LOOP))
    yield ("The number after a name is n.  In a ring, the number of tokens "
           "that move at the same time\nfollows: 1, or up to 100.")
    yield ratio_table(m, LOOP)
    yield time_table(m, LOOP, "ns per event")
    yield from growth_tables(m, LOOP)
    yield ("System calls.  Those of churn include the five that its clients "
           "make.")
    yield calls_table(m, LOOP, "system calls per event")
    yield one_call_table(m, LOOP, "epoll_ctl per event", "epoll_ctl")
    yield from instructions_tables(m, LOOP,
                                   "instructions in user space per event")
    yield mallocs_text(m)
    if m.memory_of(LOOP):
        yield memory_table(m, LOOP, "bytes per event")


def evbuffer_section(m):
    yield "## evbuffer"
    yield names(m.cases(EVBUFFER))
    yield ("An operation adds, reads, finds, moves or drains one piece; in "
           "read and fifo it is all\nthat happens to one piece.")
    yield ratio_table(m, EVBUFFER)
    yield time_table(m, EVBUFFER, "ns per operation")
    yield from growth_tables(m, EVBUFFER)
    yield from instructions_tables(m, EVBUFFER, "instructions per operation")
    yield mallocs_table(m, EVBUFFER, "calls of malloc per operation")


def bufferevent_section(m):
    yield "## Bufferevents"
    yield names(m.cases(BUFFEREVENT))
    yield ("Both ends are in one process and one loop.  A message's numbers "
           "are what client and\nserver need together to send it and to send "
           "it back.  With one connection the time is\nthe latency.  libuv "
           "has a uv_tcp_t at either end.")
    yield ratio_table(m, BUFFEREVENT)
    yield time_table(m, BUFFEREVENT, "ns per message, there and back")
    yield rate_table(m, BUFFEREVENT, "messages per second")
    yield megabytes_table(m, BUFFEREVENT, "MB per second, one way")
    yield calls_by_kind_table(m, BUFFEREVENT, "system calls per message")
    yield from instructions_tables(m, BUFFEREVENT, "instructions per message")
    yield mallocs_table(m, BUFFEREVENT, "calls of malloc per message")
    if m.memory_of(BUFFEREVENT):
        yield memory_table(m, BUFFEREVENT, "bytes per bufferevent")


def dns_tables(m, part):
    yield ratio_table(m, part)
    yield time_table(m, part, "ns per reply")
    yield rate_table(m, part, "replies per second")
    yield calls_by_kind_table(m, part, "system calls per reply")
    yield from instructions_tables(m, part, "instructions per reply")
    yield mallocs_table(m, part, "calls of malloc per reply")


def resolver_section(m):
    yield "## The resolver"
    yield names(m.cases(RESOLVER))
    yield ("The nameserver is a program of the bench that replies with one "
           "record, on a core of its\nown; where one name is looked up after "
           "the other both run on the same core, and the\ntime is that of "
           "both.  The runs that count calls and instructions slow down only "
           "the\nlibrary: its reply is there at once, and it never waits.")
    yield from dns_tables(m, RESOLVER)


def batch_section(m):
    yield "## The resolver: 10,000 names at once"
    yield names(m.batches())
    yield ("One nameserver; each library with its own time-outs and retries.  "
           "The same names and\ntries fail for each.  What does not fit in a "
           "socket's buffer is lost, too.  A name is\nlost that the library "
           "gives up, or that has no reply after two minutes.")
    yield batch_ratio_table(m)
    yield batch_table(m, "seconds until the last name", batch_seconds,
                      "{:.3f}")
    yield batch_table(m, "names lost, in the worst run", batch_lost,
                      "{:,.0f}")
    yield batch_table(m, "replies per second", batch_rate, "{:,.0f}")


def nameserver_section(m):
    yield "## The nameserver"
    yield names(m.cases(NAMESERVER))
    yield "The client is the same program, on the same cores."
    yield from dns_tables(m, NAMESERVER)


def sections(m):
    """The text of all parts that were measured, by blocks."""
    for part, section in ((LOOP, loop_section), (EVBUFFER, evbuffer_section),
                          (BUFFEREVENT, bufferevent_section),
                          (RESOLVER, resolver_section),
                          (NAMESERVER, nameserver_section)):
        if m.cases(part):
            yield from section(m)
        elif m.memory_of(part):
            yield memory_table(m, part, f"bytes, {part}")
        if part == RESOLVER and m.batches():
            yield from batch_section(m)


def target_sections(m):
    for heading, parts, bare in (
            ("the loop", (LOOP,), "bare libev"),
            ("buffers", (EVBUFFER, BUFFEREVENT), ""),
            ("the DNS", (RESOLVER, NAMESERVER), "")):
        targets = [target for part in parts for target in all_targets(m, part)]
        if targets:
            yield f"### Targets: {heading}"
            yield targets_table(targets, bare)


def machine_text(m):
    machine = m.data["machine"]
    versions = ", ".join(f"{TITLES[name]} ({m.data['versions'][name]})"
                         for name in m.libraries)
    lines = [
        f"Loop, buffers and DNS: {m.data['rounds']} rounds, on "
        f"{machine['cores']} cores, {machine['architecture']}, Linux "
        f"{machine['kernel']}, at most {machine['descriptors']:,} descriptors "
        "for a process.",
        f"Measured: {versions}."]
    cut = {}
    for row in m.times:
        if row["n"] < row["asked"]:
            cut.setdefault(row["n"], set()).add(row["case"])
    for n, cases in sorted(cut.items()):
        lines.append(f"At most n = {n:,} fits below that limit in "
                     f"{', '.join(sorted(cases))}.")
    if LE14 not in m.libraries:
        lines.append("libevent 1.4 was not measured: it needs "
                     "LIBEVENT14=/prefix.")
    return "\n".join(lines)
