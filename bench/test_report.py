#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""make bench-test: the report and the picture of made-up results."""

import os
import re
import tempfile
import unittest

import report
from cases import (BATCHES, CASES, LE14, LIBEV, LIBRARIES, MEMORY, OURS)
from coreresults import CoreResults
from httpcases import CLIENTS, H2LOAD, JOBS, LE21, LOADS, NGINX
from httpreport import HttpResults
from picture import WIDTH, draw
from rpcbench import CASES as CALLS
from rpcreport import RpcResults
from summary import (CORE, HEADLINES, HTTP, RPC, base_of, expectations,
                     full_label, headline_table)
from tables import Target, ratio_cell

MACHINE = {"cores": 2, "architecture": "x", "kernel": "1.0",
           "descriptors": 20000}
# How long each takes: ours is twice as fast as 1.4, except in slower cases.
COST = {OURS: 50.0, LE14: 100.0, LIBEV: 40.0}


def times(libraries, slower):
    """Three rounds each."""
    return {name: [(400.0 if slower and name == OURS else
                    COST.get(name, 120.0)) * (1 + i / 100) for i in range(3)]
            for name in libraries}


def core(slower=()):
    rows, counts = [], []
    for case in CASES:
        libraries = [name for name in LIBRARIES if case.has(name)]
        for busy in case.busy:
            for n in case.sizes:
                key = {"case": case.name, "n": n,
                       "busy": case.tokens(busy, n)}
                rows.append({**key, "asked": n, "ns": times(
                    libraries, case.name in slower)})
                counts += [{**key, "library": name, "mallocs": 0.0,
                            "frees": 0.0, "calls": {"read": 2.0},
                            "instructions": 100.0}
                           for name in libraries if n == case.main]
    return CoreResults({
        "machine": MACHINE, "rounds": 3, "times": rows, "counts": counts,
        "versions": {name: name for name in LIBRARIES},
        "memory": [{"case": entry.name, "library": name, "n": 10,
                    "bytes": 100, "rss": 100, "own": 128}
                   for entry in MEMORY for name in LIBRARIES
                   if entry.has(name)],
        "batches": [{"case": entry.name, "library": name, "n": 10000,
                     "ns": 10000 * COST.get(name, 120.0), "lost": 0}
                    for entry in BATCHES for name in LIBRARIES
                    if entry.has(name)] * 2})


def http():
    def rounds(names):
        return {name: [{"rps": 1e5 / COST.get(name, 120.0), "us": 1.0,
                        "errors": 0}] * 3 for name in names}

    return HttpResults({
        "machine": MACHINE, "rounds": 3, "seconds": 1,
        "versions": {NGINX: "nginx", H2LOAD: "h2load"},
        "loads": {load.name: rounds(load.servers) for load in LOADS},
        "clients": {"origin": NGINX, "counts": [], "times": {
            job.name: rounds([name for name in CLIENTS if job.has(name)])
            for job in JOBS}}})


def rpc():
    return RpcResults({"rounds": 3, "seconds": 1, "counts": {}, "times": {
        case.name: {name: [{"rate": 1e5 / COST.get(name, 120.0),
                            "client": 1.0, "server": 1.0}] * 3
                    for name in (OURS, LE14, LE21)} for case in CALLS}})


def everything(slower=()):
    return {CORE: core(slower), HTTP: http(), RPC: rpc()}


def tables_of(text):
    """The cells of each row, but for the heads and rules."""
    for block in text.split("\n\n"):
        if block.startswith("|"):
            for line in block.splitlines()[2:]:
                yield [cell.strip() for cell in line.strip("|").split("|")]


def boxes(svg):
    """(left, top, right, bottom, text), as DejaVu Sans, a wide font, has it."""
    for match in re.finditer(
            r'<text x="([\d.-]+)" y="([\d.-]+)" font-size="(\d+)" '
            r'text-anchor="(\w+)" font-weight="(\w+)"[^>]*>([^<]*)<', svg):
        x, y, size = (float(match[i]) for i in (1, 2, 3))
        width = len(match[6]) * size * (0.53 if match[5] == "normal" else 0.6)
        left = x - {"start": 0, "middle": width / 2, "end": width}[match[4]]
        yield left, y - 0.8 * size, left + width, y + 0.2 * size, match[6]


class Tables(unittest.TestCase):
    def test_ratio_below_one_is_bold_against_14_alone(self):
        self.assertEqual(ratio_cell(0.94, True), "**0.94**")
        self.assertEqual(ratio_cell(0.94, False), "0.94")
        self.assertEqual(ratio_cell(0.996, True), "1.00")
        self.assertEqual(ratio_cell(None, True), "-")

    def test_target_says_whether_it_is_reached(self):
        self.assertEqual(Target("", 2, 1).verdict(), "reached")
        self.assertEqual(Target("", 2, 3).verdict(), "**not reached**")
        self.assertEqual(Target("", 2, 3, at_least=True).verdict(), "reached")
        self.assertEqual(Target("", 2, None).verdict(), "not measured")
        self.assertEqual(Target("", 2, [1.0, 2.0, 4.0, 9.0]).verdict(),
                         "**not reached**, within the spread")


class Report(unittest.TestCase):
    def test_begins_with_ten_items(self):
        text = expectations(everything())
        self.assertLessEqual(len(re.findall("^- ", text, re.M)), 10)
        self.assertNotIn("not measured", text)
        self.assertIn("Persistent events: 2.00.", text)

    def test_has_one_number_in_a_cell(self):
        text = "\n\n".join(report.blocks(everything(), "report.svg"))
        rows = list(tables_of(text))
        self.assertGreater(len(rows), 300)
        for row in rows:
            for cell in row[2:]:
                self.assertRegex(
                    cell, r"^(-|(\*\*)?([<>]= )?[\d.,]*(\*\*)?|"
                    r"[a-z* ,]*reached[a-z* ,]*|not measured)$")

    def test_slower_case_is_bold_and_named(self):
        results = everything(("persist",))
        self.assertIn("**0.25**", headline_table(results))
        self.assertIn("Slower than libevent 1.4, the worst first: persistent "
                      "events", expectations(results).replace("\n ", ""))

    def test_without_14_compares_with_21(self):
        results = everything()
        data = results[CORE].data
        for row in data["times"]:
            row["ns"].pop(LE14, None)
        data["batches"] = [run for run in data["batches"]
                           if run["library"] != LE14]
        self.assertEqual(base_of({CORE: results[CORE]}), LE21)

    def test_each_part_can_be_missing(self):
        for part, result in everything().items():
            self.assertIn("## How it was measured", "\n\n".join(
                report.blocks({part: result}, None)))

    def test_the_same_is_spelt_out_alone(self):
        labels = [full_label(headline) for headlines in HEADLINES.values()
                  for headline in headlines]
        self.assertIn("persistent events, 1 busy", labels)
        self.assertEqual(len(labels), len(set(labels)))


class Picture(unittest.TestCase):
    def setUp(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "report.svg")
            draw(everything(("signal",)), path)
            with open(path, encoding="utf-8") as file:
                self.svg = file.read()

    def test_says_which_way_is_better(self):
        self.assertIn("higher (further right) is better", self.svg)
        self.assertIn("lower is better", self.svg)

    def test_has_every_section(self):
        for section in HEADLINES:
            self.assertIn(f">{section}<", self.svg)

    def test_labels_do_not_overlap_and_are_inside(self):
        labels = list(boxes(self.svg))
        self.assertGreater(len(labels), 80)
        for i, (left, top, right, bottom, text) in enumerate(labels):
            self.assertTrue(0 <= left and right <= WIDTH, text)
            for other in labels[i + 1:]:
                self.assertFalse(
                    left < other[2] and other[0] < right and
                    top < other[3] and other[1] < bottom,
                    f"{text} and {other[4]}")


if __name__ == "__main__":
    unittest.main()
