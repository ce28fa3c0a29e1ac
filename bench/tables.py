# SPDX-License-Identifier: BSD-3-Clause
"""Tables in Markdown, and the statistics that stand in them.

A cell has one number.  A number of ours is in bold where ours is slower than
libevent 1.4, or misses a target.
"""

import statistics

# A ratio that rounds to 1.00 is as fast.
SLOWER_BELOW = 0.995

REACHED, NOT_REACHED, NOT_MEASURED = "reached", "not reached", "not measured"


def bold(text):
    return f"**{text}**"


def quartiles(values):
    if len(values) == 1:
        return list(values) * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def ratios(numerators, denominators):
    """Round by round; None where one side was not measured."""
    if not numerators or not denominators:
        return None
    return [a / b for a, b in zip(numerators, denominators)]


def median(values):
    return statistics.median(values) if values else None


def spread(values):
    """Half the distance of the quartiles, in percent of the median."""
    low, middle, high = quartiles(values)
    return 50 * (high - low) / middle


def ratio_text(value):
    """Two decimals below 10, none from 100 on."""
    if value >= 99.5:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"


def ratio_cell(value, is_of_14):
    """How many times as fast ours is; bold where 1.4 is faster."""
    if value is None:
        return "-"
    text = ratio_text(value)
    return bold(text) if is_of_14 and value < SLOWER_BELOW else text


def number_cell(value, form):
    return "-" if value is None else form.format(value)


def table(head, rows, left=1):
    """A Markdown table; the first `left` columns are text."""
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]

    def line(row):
        return "| " + " | ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))) + " |"

    rule = "|" + "|".join("-" * (width + 1) + ("-" if i < left else ":")
                          for i, width in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule] + [line(row) for row in cells[1:]])


class Target:
    """A limit, what was measured, and whether it was reached.

    value is a list of the rounds' values, a single number, or None where it
    was not measured.  bare is what the bare library has in the same place.
    """

    def __init__(self, what, limit, value, form="{:.2f}", at_least=False,
                 bare=None):
        self.what, self.limit, self.form = what, limit, form
        self.at_least, self.bare = at_least, bare
        self.rounds = value if isinstance(value, list) else None
        self.value = median(value) if self.rounds else value

    def holds(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def verdict(self):
        if self.value is None:
            return NOT_MEASURED
        word = REACHED if self.holds(self.value) else bold(NOT_REACHED)
        if self.rounds:
            low, _, high = quartiles(self.rounds)
            if self.holds(low) != self.holds(high):
                word += ", within the spread"
        return word

    def row(self):
        spread_text = (f"{spread(self.rounds):.1f}"
                       if self.rounds and len(self.rounds) > 1 else "")
        sign = ">= " if self.at_least else "<= "
        return [self.what, sign + self.form.format(self.limit),
                "" if self.value is None else self.form.format(self.value),
                spread_text,
                "" if self.bare is None else self.form.format(self.bare),
                self.verdict()]


def targets_table(targets, bare_title):
    """bare_title heads the column of Target.bare, which is left out if ""."""
    head = ["target", "limit", "measured", "spread, %", bare_title, "verdict"]
    rows = [target.row() for target in targets]
    if not bare_title:
        head, rows = ([row[:4] + row[5:] for row in part]
                      for part in ([head], rows))
        head = head[0]
    return table(head, rows)
