# SPDX-License-Identifier: BSD-3-Clause
"""Draws the headlines of summary.py as SVG, 830 wide: a README's width.

1. A row for each headline, on a logarithmic axis of how many times as fast as
   libevent 1.4 it is.  Ours is a bar from 1, with its number at the right; it
   is hatched where it is slower.  Every other library is a marker, each of
   another shape, so that colours are not needed.
2. Below, what an event costs by the number of descriptors, as lines.
"""

import math
from xml.sax.saxutils import escape

from cases import (CARES, EMULATION, HAVE, LE14, LE21, LIBEV, LOOP, OURS, UV)
from coreresults import median_ns
from httpcases import H2LOAD, NGINX
from summary import CORE, TITLES, base_of, rows_of
from tables import SLOWER_BELOW, ratio_text

WIDTH = 830
LABELS = 292  # labels end here
PLOT = (304, 752)  # the axis, from and to
LOWEST, HIGHEST = 1 / 16, 64
NUMBERS = 822  # numbers end here
ROW = 20
HEADING = 36  # of a section
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
BLUE, GREY, INK, RULE = "#1f6fb2", "#666666", "#222222", "#d5d5d5"

# Shape and colour by library; the colours differ in lightness, too.
MARKERS = {
    LE14: ("disc", "#222222"),
    LE21: ("square", "#e69f00"),
    EMULATION: ("cross", "#555555"),
    LIBEV: ("diamond", "#ffffff"),
    UV: ("triangle", "#57b894"),
    CARES: ("circle", "#ffffff"),
    NGINX: ("wedge", "#f0e442"),
    H2LOAD: ("wedge", "#f0e442"),
}
PEERS = tuple(name for name in MARKERS if name != LE14)
# Each line of the plots has a pattern of its own.
DASHES = {OURS: "", LE14: "", LE21: "7 3", EMULATION: "2 3", LIBEV: "9 3 2 3",
          UV: "4 2"}

SHAPES = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    "triangle": ((0, -1.25), (1.25, 1), (-1.25, 1)),
    "wedge": ((0, 1.25), (1.25, -1), (-1.25, -1)),
}


class Picture:
    """The elements drawn so far."""

    def __init__(self):
        self.elements = []

    def add(self, text):
        self.elements.append(text)

    def text(self, x, y, text, size=12, anchor="start", weight="normal",
             fill=INK):
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
                 f'text-anchor="{anchor}" font-weight="{weight}" '
                 f'fill="{fill}">{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, stroke=RULE, width=1.0):
        self.add(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
                 f'y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>')

    def rectangle(self, x, y, width, height, fill):
        self.add(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                 f'height="{height:.1f}" fill="{fill}" stroke="{BLUE}"/>')

    def polygon(self, points, fill, stroke=INK):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add(f'<polygon points="{where}" fill="{fill}" '
                 f'stroke="{stroke}" stroke-width="1"/>')

    def path(self, points, stroke, dashes, width):
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add(f'<polyline points="{where}" fill="none" stroke="{stroke}" '
                 f'stroke-width="{width}" stroke-dasharray="{dashes}"/>')

    def marker(self, x, y, library, size=3.6):
        shape, fill = MARKERS[library]
        if shape in SHAPES:
            self.polygon([(x + size * dx, y + size * dy)
                          for dx, dy in SHAPES[shape]], fill)
        elif shape == "cross":
            # Light below dark, so that it is seen on a bar, too.
            for stroke, width in (("#ffffff", 4), (fill, 2)):
                for sign in (-1, 1):
                    self.line(x - size, y - sign * size, x + size,
                              y + sign * size, stroke, width)
        else:
            self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" '
                     f'fill="{fill}" stroke="{INK}"/>')

    def write(self, path, height, title):
        with open(path, "w", encoding="utf-8") as out:
            out.write(
                '<svg xmlns="http://www.w3.org/2000/svg" '
                f'width="{WIDTH}" height="{height:.0f}" '
                f'viewBox="0 0 {WIDTH} {height:.0f}" '
                f'font-family="{FONT}">\n'
                f"<title>{escape(title)}</title>\n"
                '<defs><pattern id="slower" width="5" height="5" '
                'patternUnits="userSpaceOnUse" '
                'patternTransform="rotate(45)">'
                '<rect width="5" height="5" fill="#ffffff"/>'
                f'<rect width="2" height="5" fill="{BLUE}"/>'
                "</pattern></defs>\n"
                f'<rect width="{WIDTH}" height="{height:.0f}" '
                'fill="#ffffff"/>\n')
            out.write("\n".join(self.elements) + "\n</svg>\n")


# --- the rows ---

def across(ratio):
    """Where a ratio is on the axis; what is beyond it, at its end."""
    ratio = min(max(ratio, LOWEST), HIGHEST)
    part = math.log(ratio / LOWEST) / math.log(HIGHEST / LOWEST)
    return PLOT[0] + part * (PLOT[1] - PLOT[0])


def draw_title(picture, base):
    picture.text(12, 26, f"How many times as fast as {TITLES[base]}", 17,
                 weight="bold")
    picture.text(NUMBERS, 26, "higher (further right) is better", 14, "end",
                 weight="bold")


def draw_key(picture, y, peers, base):
    """What the bar and the markers are; returns where it ends."""
    picture.rectangle(14, y - 9, 22, 10, BLUE)
    picture.text(42, y, TITLES[OURS], weight="bold")
    picture.rectangle(140, y - 9, 22, 10, "url(#slower)")
    picture.text(168, y, f"slower than {TITLES[base]}")
    picture.line(340, y - 11, 340, y + 3, INK, 2)
    picture.text(350, y, f"1: as fast as {TITLES[base]}")
    picture.text(NUMBERS, y, f"numbers: {TITLES[OURS]}, bold if slower", 12,
                 "end")
    x, y = 20, y + 22
    for library in [name for name in peers if name != H2LOAD]:
        title = TITLES[library]
        if library == NGINX:
            title = "nginx, client: h2load"
        picture.marker(x, y - 4, library, 4.2)
        picture.text(x + 11, y, title)
        x += 30 + 7 * len(title)
    return y + 8


def draw_axis(picture, top, bottom):
    for power in range(-4, 7):
        x = across(2.0 ** power)
        text = f"{2 ** power}" if power >= 0 else f"1/{2 ** -power}"
        picture.line(x, top + 4, x, bottom, INK if power == 0 else RULE,
                     1.5 if power == 0 else 1)
        picture.text(x, top, text, 12, "middle")


def draw_bar(picture, y, ratio):
    x, one = across(ratio), across(1)
    fill = BLUE if ratio >= 1 else "url(#slower)"
    picture.rectangle(min(x, one), y - 6, abs(x - one), 12, fill)
    if ratio > HIGHEST:
        picture.polygon([(x, y - 8), (x + 10, y), (x, y + 8)], BLUE, BLUE)


def draw_row(picture, y, headline, results, base):
    picture.text(LABELS, y + 4, headline.label, 12, "end")
    ours = headline.faster(results, base)
    if ours is not None:
        draw_bar(picture, y, ours)
        picture.text(NUMBERS, y + 4, ratio_text(ours), 12, "end",
                     "bold" if ours < SLOWER_BELOW else "normal")
    got = [name for name in PEERS if name != base
           and headline.faster(results, base, of=name) is not None]
    for lane, name in enumerate(got):
        offset = (lane - (len(got) - 1) / 2) * min(3.4, 10 / len(got))
        picture.marker(across(headline.faster(results, base, of=name)),
                       y + offset, name)


def sections_of(results):
    """{section: its headlines}"""
    sections = {}
    for section, headline in rows_of(results, only_drawn=True):
        sections.setdefault(section, []).append(headline)
    return sections


def draw_rows(picture, top, results, base):
    """Sections and their rows from there; returns where they end."""
    sections = sections_of(results)
    height = sum(HEADING + ROW * len(rows) for rows in sections.values())
    draw_axis(picture, top, top + 8 + height)
    y = top + 8
    for section, rows in sections.items():
        picture.text(12, y + 18, section, 13, weight="bold")
        y += HEADING
        for headline in rows:
            picture.line(PLOT[0], y + ROW / 2, PLOT[1], y + ROW / 2, "#efefef")
            draw_row(picture, y, headline, results, base)
            y += ROW
    return y


# --- the lines ---

def growth_points(m, case):
    """{library: [(n, ns)]} of a case, with many tokens where it has them."""
    rows = [row for row in m.times if row["case"] == case]
    rows = [row for row in rows if row["busy"] > 1] or rows
    found = {}
    for row in rows:
        for library in HAVE[LOOP]:
            if median_ns(row, library):
                found.setdefault(library, []).append(
                    (row["n"], median_ns(row, library)))
    return {name: points for name, points in found.items() if len(points) > 1}


def steps_to(highest):
    """Four to eight round numbers from 0 to at least that."""
    step = 10 ** math.floor(math.log10(highest / 4))
    step *= next(k for k in (1, 2, 5, 10) if highest / (step * k) <= 6)
    return [step * i for i in range(math.ceil(highest / step) + 1)]


class Plot:
    """A plot's place: n goes right logarithmically, ns upwards from 0."""

    def __init__(self, left, top, width, height, points):
        self.left, self.top = left, top
        self.width, self.height = width, height
        every = [point for line in points.values() for point in line]
        self.sizes = sorted({n for n, _ in every})
        self.lowest, self.highest = self.sizes[0], self.sizes[-1]
        self.steps = steps_to(max(ns for _, ns in every))

    def at(self, n, ns):
        part = math.log(n / self.lowest) / math.log(self.highest / self.lowest)
        return (self.left + part * self.width,
                self.top + self.height * (1 - ns / self.steps[-1]))

    def draw_axes(self, picture, title):
        picture.text(self.left, self.top - 26, title, 13, weight="bold")
        picture.text(self.left, self.top - 10, "ns per event, lower is better",
                     12)
        for step in self.steps:
            y = self.at(self.lowest, step)[1]
            picture.line(self.left, y, self.left + self.width, y)
            picture.text(self.left - 7, y + 4, f"{step:,.0f}", 12, "end")
        self.draw_sizes(picture)

    def draw_sizes(self, picture):
        """Those n that were measured, as far as there is room for labels."""
        last = -math.inf
        for n in self.sizes:
            x, y = self.at(n, 0)
            picture.line(x, y, x, y + 4, INK)
            if x - last > 80:
                picture.text(x, y + 18, f"n = {n:,}", 12, "middle")
                last = x


def draw_growth(picture, left, top, points, title):
    plot = Plot(left, top, 326, 150, points)
    plot.draw_axes(picture, title)
    for library, line in points.items():
        where = [plot.at(n, ns) for n, ns in line]
        ours = library == OURS
        picture.path(where, BLUE if ours else GREY, DASHES[library],
                     3 if ours else 1.3)
        for x, y in where:
            if ours:
                picture.rectangle(x - 4, y - 4, 8, 8, BLUE)
            else:
                picture.marker(x, y, library)


def draw_plots(picture, top, m):
    """Two, side by side; returns where they end."""
    left = 52
    for case, title in (("register", "n events deleted, set and added"),
                        ("oneshot", "one-shot events, ring of n pairs")):
        points = growth_points(m, case)
        if points:
            draw_growth(picture, left, top + 56, points, title)
            left += 414
    if left == 52:
        return top
    y = top + 56 + 150 + 42
    picture.rectangle(47, y - 9, 10, 10, BLUE)
    picture.text(63, y, f"{TITLES[OURS]} (thick)")
    picture.marker(190, y - 4, LE14)
    picture.text(201, y, f"{TITLES[LE14]}; the others as above")
    return y + 8


def draw(results, path):
    """results: by the names of summary.py, each may be missing."""
    measured = {name for _, headline in rows_of(results)
                for name in headline.speeds(results)}
    base = base_of(results)
    picture = Picture()
    draw_title(picture, base)
    y = draw_key(picture, 52, [name for name in PEERS if name in measured
                               and name != base], base)
    y = draw_rows(picture, y + 20, results, base)
    if CORE in results:
        y = draw_plots(picture, y + 6, results[CORE])
    picture.write(path, y + 8, f"How many times as fast as {TITLES[base]}")
