#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the report of what run.py, rpcbench.py and httpbench.py measured.

It only reads their JSON files, core.json, rpc.json and http.json of one
folder; any of them may be missing.  It prints the report, or with --markdown
and --svg writes it and the picture.
"""

import argparse
import json
import os
import sys
import textwrap

import corereport
import httpreport
import rpcreport
from coreresults import CoreResults
from httpreport import HttpResults
from picture import draw
from rpcreport import RpcResults
from summary import (CORE, HTTP, RPC, TITLES, base_of, expectations,
                     headline_table)

# In the order of the report.
PARTS = {
    CORE: (CoreResults, corereport),
    RPC: (RpcResults, rpcreport),
    HTTP: (HttpResults, httpreport),
}

# scripts/readme-table looks for these.
BEGIN = "<!-- README.md has this table -->"
END = "<!-- end of README.md's table -->"


def read_results(folder, prefix):
    """{part: its results}, of the files that are there."""
    results = {}
    for part, (kind, _) in PARTS.items():
        path = os.path.join(folder, f"{prefix}{part}.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as source:
                results[part] = kind(json.load(source))
    return results


def blocks(results, picture):
    """The report, a paragraph or table at a time."""
    base = TITLES[base_of(results)]
    modules = {part: PARTS[part][1] for part in results}
    yield "# How fast"
    yield (f"What a user can expect: how many times as fast as {base} a "
           "program gets that does\nonly this.  1 is as fast, less is slower; "
           "a range covers all sizes that were measured.")
    yield expectations(results)
    if picture:
        yield (f"![How many times as fast as {base}, and cost by number of "
               f"descriptors]({picture})")
    yield ("Where ours is slower than libevent 1.4, its number is in bold.  "
           "Ratios are medians of the\nrounds' ratios, other numbers medians; "
           "a row's spread is the largest of its ratios':\nhalf the distance "
           "of the quartiles.  [Targets and verdicts](#targets) are at the "
           "end.")
    yield "## In short"
    yield BEGIN
    yield headline_table(results)
    yield END
    yield "## How it was measured"
    yield ("`make bench-all` measured this, and `make bench-report` wrote it.  "
           "All libraries of a\ncase take turns in each round, so that "
           "whatever else the machine does hits all of them.")
    for part, module in modules.items():
        yield textwrap.fill(module.machine_text(results[part]), 88,
                            break_on_hyphens=False)
    for part, module in modules.items():
        yield from module.sections(results[part])
    targets = [block for part, module in modules.items()
               if hasattr(module, "target_sections")
               for block in module.target_sections(results[part])]
    if targets:
        yield "## Targets"
        yield ("The column of a bare library is what it has in the same "
               "place.  A verdict is within the\nspread if one of the "
               "quartiles has another.")
        yield from targets


def replace_file(path, text):
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="where the JSON files are")
    parser.add_argument("--prefix", default="", help="of their names")
    parser.add_argument("--part", choices=PARTS, help="only this part")
    parser.add_argument("--markdown", help="the report to write")
    parser.add_argument("--svg", help="the picture to draw")
    options = parser.parse_args()

    results = read_results(options.folder, options.prefix)
    if options.part:
        results = {part: results[part] for part in results
                   if part == options.part}
    if not results and options.part:
        print(f"{options.part}: nothing was measured", file=sys.stderr)
        return
    if not results:
        sys.exit(f"{options.folder} has no results: make bench-all")
    picture = options.svg and os.path.relpath(
        options.svg, os.path.dirname(options.markdown or "."))
    text = "\n\n".join(blocks(results, picture)) + "\n"
    if options.svg:
        draw(results, options.svg)
    if options.markdown:
        replace_file(options.markdown, text)
        missing = [part for part in PARTS if part not in results]
        if missing:
            print(f"the report lacks what was not measured: {missing}",
                  file=sys.stderr)
    else:
        print(text)


if __name__ == "__main__":
    main()
