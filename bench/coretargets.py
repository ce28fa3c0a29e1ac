# SPDX-License-Identifier: BSD-3-Clause
"""The targets of cases.py, each with what run.py measured."""

from cases import GROWTH_AT_MOST, LIBEV, LOOP, OURS, RESOLVER, TITLES
from coreresults import setting_name
from tables import Target, median, ratios


def speed_targets(m, case):
    for row in m.with_targets(case):
        name = setting_name(row)
        for library, factor in case.times_as_fast.items():
            bare = ratios(row["ns"].get(library), row["ns"].get(LIBEV))
            yield Target(f"{name}: times as fast as {TITLES[library]}",
                         factor, m.faster(row, library), at_least=True,
                         bare=median(bare))
        for library, factor in case.most_of_time.items():
            yield Target(f"{name}: time against {TITLES[library]}", factor,
                         ratios(row["ns"][OURS], row["ns"].get(library)))
        for other, factor in case.most_of_case.items():
            theirs = [r for r in m.times if r["case"] == other]
            if theirs:
                yield Target(f"{name}: time against {other}", factor,
                             ratios(row["ns"][OURS], theirs[0]["ns"][OURS]))


def system_calls(count):
    return sum(count["calls"].values()) if count else None


def calls_targets(m, case, row):
    ours, bare = m.count(row, OURS), m.count(row, LIBEV)
    name = setting_name(row)
    for call, limit in case.most_calls.items():
        yield Target(f"{name}: {call} per event", limit,
                     ours and ours["calls"].get(call, 0),
                     bare=bare and bare["calls"].get(call, 0))
    for library, part in case.most_of_calls.items():
        mine, theirs = (system_calls(m.count(row, name))
                        for name in (OURS, library))
        yield Target(f"{name}: system calls against {TITLES[library]}", part,
                     mine / theirs if mine is not None and theirs else None)


def instruction_targets(m, case, row):
    if not case.instructions_of:
        return
    ours, theirs, bare = (
        (m.count(row, name) or {}).get("instructions")
        for name in (OURS, case.instructions_of, LIBEV))
    if ours and theirs:
        yield Target(f"{setting_name(row)}: instructions, at most those of "
                     + TITLES[case.instructions_of], theirs, ours,
                     "{:,.0f}", bare=bare)


def count_targets(m, case):
    for row in m.at_main(case):
        yield from calls_targets(m, case, row)
        yield from instruction_targets(m, case, row)


def loop_malloc_targets(m):
    counts = [m.count(row, OURS) for row in m.rows(LOOP)]
    worst = max(count["mallocs"] + count["frees"] for count in counts if count)
    yield Target("malloc and free per event, in the worst of all cases", 0,
                 worst, "{:.5f}")


def memory_targets(m, entry):
    ours = m.memory(entry, OURS)
    bare = m.memory(entry, LIBEV)
    if entry.beyond is not None and bare:
        yield Target(f"bytes beyond bare libev's: {entry.what}", entry.beyond,
                     (ours["bytes"] - bare["bytes"]) / ours["n"], "{:.1f}")
    theirs = m.memory(entry, entry.most_of) if entry.most_of else None
    if theirs:
        for member, title in (("bytes", "heap"), ("rss", "resident")):
            yield Target(f"{entry.name}: {title} bytes, at most those of "
                         + TITLES[entry.most_of], theirs[member] / theirs["n"],
                         ours[member] / ours["n"], "{:,.0f}")


def growth_targets(m, case):
    ours = m.growth(case, OURS)
    bare = m.growth(case, LIBEV) if case.has(LIBEV) else None
    yield Target(f"{case.name}: cost at {ours[0]:,} against 1,000",
                 GROWTH_AT_MOST, ours[1], bare=bare and bare[1])


def batch_targets(m, entry):
    for library, factor in entry.times_as_fast.items():
        yield Target(f"{entry.name}: times as fast as {TITLES[library]}",
                     factor, m.batch_faster(entry, library), at_least=True)
    if entry.most_lost is not None:
        yield Target(f"{entry.name}: names lost, in the worst round",
                     entry.most_lost,
                     max(row["lost"] for row in m.runs(entry, OURS)), "{:.0f}")


def all_targets(m, part):
    cases = m.cases(part)
    for case in cases:
        yield from speed_targets(m, case)
    for case in cases:
        yield from count_targets(m, case)
    if part == LOOP and cases:
        yield from loop_malloc_targets(m)
    for entry in m.memory_of(part):
        yield from memory_targets(m, entry)
    for case in m.growing(part):
        yield from growth_targets(m, case)
    for entry in m.batches() if part == RESOLVER else ():
        yield from batch_targets(m, entry)
