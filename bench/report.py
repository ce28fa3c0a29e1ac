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

from cases import (CASES, GROWTH_AT_MOST, GROWTH_CASES, LE14, LE21, LIBEV,
                   LIBRARIES, MEMORY, OURS, TITLES)


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

    def settings(self, case):
        return [row for row in self.times if row["case"] == case.name]

    def at_main(self, case):
        """The settings that targets speak of: the main size, each load."""
        return [row for row in self.settings(case) if row["n"] == case.main]

    def faster(self, row, library):
        """Quartiles of how many times as fast as `library` ours is."""
        if library not in self.libraries:
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

    def memory(self, case, library):
        for row in self.data["memory"]:
            if row["case"] == case and row["library"] == library:
                return row
        return None

    def growth(self, case, library):
        """Cost at the largest n against that at 1,000, or None."""
        rows = [row for row in self.times if row["case"] == case
                and row["busy"] == 100]
        rows = rows or [row for row in self.times if row["case"] == case]
        by_n = {row["n"]: statistics.median(row["ns"][library])
                for row in rows}
        largest = max(by_n)
        if 1000 not in by_n or largest == 1000:
            return None
        return largest, by_n[largest] / by_n[1000]


def setting_name(row):
    """n, and how many tokens, where a case has both."""
    rings = {case.name for case in CASES if len(case.busy) > 1}
    name = f"{row['case']} {row['n']:,}"
    return name + (f" / {row['busy']}" if row["case"] in rings else "")


def verdict(low, middle, high, reached, limit):
    word = "reached" if reached(middle, limit) else "not reached"
    if reached(low, limit) != reached(high, limit):
        word += ", within the spread"
    return word


def at_least(value, limit):
    return value >= limit


def at_most(value, limit):
    return value <= limit


def speed_targets(m, case):
    for row in m.at_main(case):
        for library, factor in case.times_as_fast.items():
            got = m.faster(row, library)
            what = f"{setting_name(row)}: times as fast as {TITLES[library]}"
            if got is None:
                yield what, f">= {factor:.2f}", "not measured", "", ""
                continue
            low, middle, high = got
            bare = statistics.median(
                theirs / bare for theirs, bare
                in zip(row["ns"][library], row["ns"][LIBEV]))
            yield (what, f">= {factor:.2f}",
                   f"{middle:.2f} [{low:.2f}-{high:.2f}]", f"{bare:.2f}",
                   verdict(low, middle, high, at_least, factor))
        for library, factor in case.most_of_time.items():
            low, middle, high = (1 / x for x in m.faster(row, library))
            yield (f"{setting_name(row)}: time against {TITLES[library]}",
                   f"<= {factor:.2f}", f"{middle:.2f} [{high:.2f}-{low:.2f}]",
                   "1.00", verdict(low, middle, high, at_most, factor))


def plain(what, limit, value, bare, form="{:.2f}"):
    """A target for a count: no spread, and at most the limit."""
    shown = ["" if x is None else form.format(x) for x in (value, bare)]
    return (what, "<= " + form.format(limit), *shown,
            "reached" if value <= limit else "not reached")


def count_targets(m, case):
    for row in m.at_main(case):
        ours, bare = m.count(row, OURS), m.count(row, LIBEV)
        name = setting_name(row)
        for call, limit in case.most_calls.items():
            yield plain(f"{name}: {call} per event", limit,
                        ours["calls"].get(call, 0), bare["calls"].get(call, 0))
        if not case.instructions_of:
            continue
        title = (f"{name}: instructions, at most those of "
                 + TITLES[case.instructions_of])
        reference = m.count(row, case.instructions_of)
        if reference is None or "instructions" not in ours:
            yield title, "", "not measured", "", ""
            continue
        yield plain(title, reference["instructions"], ours["instructions"],
                    bare["instructions"], "{:.0f}")


def memory_targets(m):
    worst = max(row["mallocs"] + row["frees"] for row in m.data["counts"]
                if row["library"] == OURS)
    yield plain("malloc and free per event, in the worst of all cases", 0,
                worst, None, "{:.5f}")
    for case, what, limit in MEMORY:
        ours, bare = m.memory(case, OURS), m.memory(case, LIBEV)
        if limit is not None:
            yield plain(f"bytes beyond bare libev's: {what}", limit,
                        (ours["bytes"] - bare["bytes"]) / ours["n"], None,
                        "{:.1f}")


def growth_targets(m):
    for case in GROWTH_CASES:
        ours, bare = m.growth(case, OURS), m.growth(case, LIBEV)
        if ours is None:
            yield (f"{case}: cost at the largest n against 1,000",
                   f"<= {GROWTH_AT_MOST:.2f}", "not measured", "", "")
            continue
        yield plain(f"{case}: cost at {ours[0]:,} against 1,000",
                    GROWTH_AT_MOST, ours[1], bare[1])


def all_targets(m):
    rows = []
    for case in CASES:
        rows += speed_targets(m, case)
    for case in CASES:
        rows += count_targets(m, case)
    return rows + list(memory_targets(m)) + list(growth_targets(m))


def targets_table(m):
    return table(["target", "limit", "measured", "bare libev", "verdict"],
                 all_targets(m), left=1)


def time_table(m):
    rows = []
    for row in m.times:
        rows.append([setting_name(row)] + [
            f"{statistics.median(row['ns'][name]):.1f}"
            for name in m.libraries])
    return table(["ns per event"] + [TITLES[name] for name in m.libraries],
                 rows)


def ratio_table(m):
    others = [name for name in m.libraries if name != OURS]
    rows = []
    for row in m.times:
        cells = [m.faster(row, name) for name in others]
        rows.append([setting_name(row)] + [
            f"{middle:.2f} [{low:.2f}-{high:.2f}]"
            for low, middle, high in cells])
    return table(["times as fast as"] + [TITLES[name] for name in others],
                 rows)


def calls_table(m):
    def cell(count):
        calls = count["calls"]
        total = sum(calls.values())
        return f"{total:.2f} ({calls.get('epoll_ctl', 0):.2f})"

    return counts_table(m, "system calls (epoll_ctl)", cell)


def instructions_table(m):
    return counts_table(m, "instructions",
                        lambda count: f"{count['instructions']:.0f}")


def mallocs_text(m):
    lines = [f"{TITLES[count['library']]}, {setting_name(count)}: malloc "
             f"{count['mallocs']:.5f}, free {count['frees']:.5f} per event"
             for count in m.data["counts"] if count["mallocs"] + count["frees"]]
    return "\n".join(lines) or (
        f"None in all {len(m.data['counts'])} pairs of a case and a library, "
        "once the case is warm.")


def counts_table(m, title, cell):
    rows = []
    for row in m.times:
        counts = [m.count(row, name) for name in m.libraries]
        if None not in counts:
            rows.append([setting_name(row)] + [cell(c) for c in counts])
    return table([title + " per event"]
                 + [TITLES[name] for name in m.libraries], rows)


def memory_table(m):
    def line(title, case, member):
        rows = [m.memory(case, name) for name in m.libraries]
        return [title] + [f"{row[member] / row['n']:.1f}" for row in rows]

    rows = [line("heap: " + what, case, "bytes") for case, what, _ in MEMORY]
    rows += [line("resident: " + what, case, "rss")
             for case, what, _ in MEMORY]
    rows.append(["the program's own struct"] + [
        f"{m.memory(MEMORY[0][0], name)['own']:.0f}" for name in m.libraries])
    return table(["bytes per event"] + [TITLES[name] for name in m.libraries],
                 rows)


def growth_table(m):
    rows = []
    for case in GROWTH_CASES:
        cells = [m.growth(case, name) for name in m.libraries]
        if None not in cells:
            rows.append([f"{case}, {cells[0][0]:,}"]
                        + [f"{factor:.2f}" for _, factor in cells])
    return table(["cost against that at 1,000"]
                 + [TITLES[name] for name in m.libraries], rows)


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


def what_lines():
    lines = [f"- {case.name}: {case.what}" for case in CASES]
    lines.append("\nA ring's name is followed by n / the number of tokens "
                 "that go round in it: one, or a hundred at once.")
    return "\n".join(lines)


def sections(m):
    yield "What was measured", machine_lines(m) + "\n\n" + what_lines()
    yield "Targets", (
        "Times are the median of the rounds' ratios, with their quartiles. "
        "The last but one\ncolumn is what bare libev gets in the same place."
        "\n\n" + targets_table(m))
    yield "Time per event", time_table(m)
    yield "Ratios", ("How many times as fast as each other library ours is: "
                     "median and quartiles.\n\n" + ratio_table(m))
    if any(m.growth(case, OURS) for case in GROWTH_CASES):
        yield "Growth", growth_table(m)
    yield "System calls", (
        "The calls of the clients are in those of churn, five of them.\n\n"
        + calls_table(m))
    if all("instructions" in count for count in m.data["counts"]):
        yield "Instructions in user space", instructions_table(m)
    yield "Calls of malloc and free", mallocs_text(m)
    yield "Memory", memory_table(m)


def write_plot_data(m, directory):
    """The two files that report.gp draws: bars at the main size, and growth."""
    base = LE14 if LE14 in m.libraries else LE21
    with open(os.path.join(directory, "bars.dat"), "w",
              encoding="utf-8") as out:
        print("case", *(f'"{TITLES[name]}"' for name in m.libraries), file=out)
        for case in CASES:
            row = m.at_main(case)[0]
            print(case.name.replace("_", "\\n"), *(
                statistics.median(theirs / other for theirs, other in zip(
                    row["ns"][base], row["ns"][name]))
                for name in m.libraries), file=out)
    for name in ("register", "oneshot"):
        with open(os.path.join(directory, f"{name}.dat"), "w",
                  encoding="utf-8") as out:
            print("n", *(f'"{TITLES[lib]}"' for lib in m.libraries), file=out)
            for row in m.times:
                if row["case"] == name and (
                        row["busy"] > 1 or name == "register"):
                    print(row["n"], *(statistics.median(row["ns"][lib])
                                      for lib in m.libraries), file=out)
    return TITLES[base]


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
        base = write_plot_data(m, options.data)
        subprocess.run(
            ["gnuplot", "-e", f"data='{options.data}'; "
             f"svg='{options.svg}'; base='{base}'; "
             f"libraries={len(m.libraries)}", options.plot], check=True)


if __name__ == "__main__":
    main()
