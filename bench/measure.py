# SPDX-License-Identifier: BSD-3-Clause
"""What the programs that measure share: how they count, and what they write."""

import json
import os
import platform
import re
import sys
import time


BEGAN = time.monotonic()


def report_progress(text):
    """With the seconds since the program's start."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", file=sys.stderr,
          flush=True)


def in_turn(names, number):
    """The same names, another one first in each round."""
    first = number % len(names)
    return names[first:] + names[:first]


def is_chosen(only, part, name):
    """Whether --only, a regular expression, is in part/name."""
    return re.search(only, f"{part}/{name}") is not None


def strace(path):
    """The command that runs another and writes how many calls it makes.

    Not those of processes that it starts, such as dnspeer, or of threads.
    """
    return ["strace", "-c", "-U", "calls,name", "-o", path]


def strace_threads(path):
    """With those of its threads and processes."""
    return [*strace(path), "-f"]


def calls_in(path):
    """{system call: how many}, of what strace wrote."""
    with open(path, encoding="ascii", errors="replace") as out:
        return {name: int(count) for count, name
                in re.findall(r"^ *(\d+) (\w+)$", out.read(), re.M)
                if name != "total"}


def callgrind(path):
    """The command that runs another and writes its instructions."""
    return ["valgrind", "-q", "--tool=callgrind",
            f"--callgrind-out-file={path}"]


def instructions_in(path):
    """How many there were in user space, of what callgrind wrote."""
    with open(path, encoding="ascii", errors="replace") as out:
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read(),
                             re.M)[1])


def calls_per_event(few, many, events):
    """Of two runs, the longer with that many events more."""
    return {name: (many[name] - few.get(name, 0)) / events
            for name in many if many[name] != few.get(name, 0)}


def machine():
    return {"cores": os.cpu_count(), "architecture": platform.machine(),
            "kernel": ".".join(platform.release().split(".")[:2])}


def write_results(path, data):
    """data is None where nothing was chosen: there is no file then."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if data is None:
        report_progress(f"{os.path.basename(path)}: no case is chosen")
        if os.path.exists(path):
            os.remove(path)
        return
    with open(path + ".new", "w", encoding="utf-8") as out:
        json.dump(data, out, indent=1)
    os.replace(path + ".new", path)
