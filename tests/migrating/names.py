#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""names.py PAGE: what a page names is there.

1. A function that its text or tables name, NAME(), is declared by our
   headers, libev's or libuv's, or is the C library's.
2. In a table after <!-- test: absent --> the names in code are libevent 2's, and
   the library has none of them.
3. Links lead to files that are there, and to headings of the page.
"""

import os
import re
import subprocess
import sys

# Prefixes of the libraries, and the headers that have their functions.
LIBRARIES = {
    r"(?:ev(?:ent|buffer|timer|signal|tag|dns|http|rpc|util|compat)|"
    r"bufferevent|signal|timeout)_": "compat/*.h",
    "ev_": "ev.h",
    "uv_": "uv.h",
}
# Of the C library, though they begin as ours do.
OTHERS = {"signal"}


def read(path):
    with open(path, encoding="utf-8") as source:
        return source.read()


def declared(header):
    """What the compiler gets to see of a header, macros included."""
    command = os.environ.get("CC", "cc").split()
    if header == "compat/*.h":
        names = sorted(os.listdir("compat"))
        text = "".join(f"#include <{name}>\n" for name in names)
        command += ["-Icompat", "-DEVCOMPAT_HTTP", "-DEVCOMPAT_RPC"]
    else:
        text = f"#include <{header}>\n"
    result = subprocess.run([*command, "-E", "-dD", "-x", "c", "-"],
                            input=text, check=True, text=True,
                            stdout=subprocess.PIPE)
    return set(re.findall(r"\b([a-z]\w*) ?\(", result.stdout))


def prose(page):
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.M | re.S)


def strangers(text):
    """Functions that are nobody's."""
    for prefix, header in LIBRARIES.items():
        names = set(re.findall(rf"(?<![\w/])({prefix}\w+)\(", text)) - OTHERS
        yield from (f"{name}() is not in {header}"
                    for name in sorted(names - declared(header)))


def not_absent(text):
    """Names that are to be libevent 2's alone, and are not."""
    table = re.search(r"<!-- test: absent -->\n((?:\|.*\n)+)", text)
    names = re.findall(r"`(\w+)`", table[1]) if table else []
    if not names:
        yield "no name is said to be absent"
    ours = set(re.findall(r"^\t(\w+);", read("src/exports.map"), re.M))
    theirs = set(read("tools/libevent-2.1.txt").split())
    for name in names:
        if name in ours:
            yield f"{name} is not absent"
        if name not in theirs:
            yield f"{name} is not libevent 2's"


def anchor(heading):
    """As GitHub makes it."""
    heading = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return heading.replace(" ", "-")


def broken_links(text):
    anchors = {anchor(heading)
               for heading in re.findall(r"^#+ (.*)$", text, re.M)}
    for target in re.findall(r"\]\(([^)]*)\)", text):
        if target.startswith("#"):
            if target[1:] not in anchors:
                yield f"no heading is {target}"
        elif not os.path.exists(target):
            yield f"there is no {target}"


def main():
    text = prose(read(sys.argv[1]))
    failures = [*strangers(text), *not_absent(text), *broken_links(text)]
    for failure in failures:
        print(f"{sys.argv[1]}: {failure}", file=sys.stderr)
    print(f"migrating: names and links, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
