# SPDX-License-Identifier: BSD-3-Clause
"""What run.py measured: the numbers, and the questions that tables ask."""

from cases import (BATCHES, CASES, GROWTH_CASES, HAVE, LIBRARIES, MEMORY,
                   OURS)
from tables import median, ratios


def case_of(row):
    return next(case for case in CASES if case.name == row["case"])


def setting_name(row):
    """The case; n, where it has several; tokens, where both vary."""
    case = case_of(row)
    name = row["case"]
    if case.sizes != (1,):
        name += f" {row['n']:,}"
    return name + (f" / {row['busy']}" if len(case.busy) > 1 else "")


def median_ns(row, library):
    """None where the library does not have the case."""
    return median(row["ns"].get(library))


class CoreResults:
    """The loop, buffers and DNS.  A row is a case with its n and tokens."""

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
        """The main size, each load: what most targets are about."""
        return [row for row in self.settings(case) if row["n"] == case.main]

    def with_targets(self, case):
        return self.settings(case) if case.everywhere else self.at_main(case)

    def row(self, name, n, busy=0):
        """The case with that n, and tokens if not 0; None if not measured."""
        return next((row for row in self.times
                     if (row["case"], row["asked"]) == (name, n)
                     and busy in (0, row["busy"])), None)

    @staticmethod
    def faster(row, library):
        """How many times as fast ours is as `library`, by rounds, or None."""
        return ratios(row["ns"].get(library), row["ns"].get(OURS))

    def count(self, row, library):
        key = ("case", "n", "busy")
        for count in self.data["counts"]:
            if count["library"] == library and all(
                    count[name] == row[name] for name in key):
                return count
        return None

    def has_instructions(self):
        return all("instructions" in count for count in self.data["counts"])

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
        return [entry for entry in BATCHES if self.runs(entry, OURS)]

    def runs(self, entry, library):
        """The runs of a batch, if there are any."""
        return [row for row in self.data["batches"]
                if (row["case"], row["library"]) == (entry.name, library)]

    def batch_ns(self, entry, library):
        """Of the whole batch, whatever is lost in it."""
        return [run["ns"] for run in self.runs(entry, library)]

    def batch_faster(self, entry, library):
        return ratios(self.batch_ns(entry, library),
                      self.batch_ns(entry, OURS))

    def growth(self, case, library):
        """(largest n, its cost by that at 1,000), or None."""
        rows = self.settings(case)
        rows = [row for row in rows if row["busy"] == 100] or rows
        by_n = {row["n"]: median_ns(row, library)
                for row in rows if library in row["ns"]}
        largest = max(by_n, default=0)
        if 1000 not in by_n or largest <= 1000:
            return None
        return largest, by_n[largest] / by_n[1000]

    def growing(self, part):
        return [case for case in self.cases(part)
                if case.name in GROWTH_CASES and self.growth(case, OURS)]
