#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""rpcgen.py LIBEVENT14 GENERATOR14 STAGE: what generated code costs.

Counts the instructions of a marshal and of an unmarshal, by callgrind, and
prints them by byte of the message: of our generator's code with our library,
which is installed in STAGE, and of what libevent 1.4's event_rpcgen.py makes,
with the libevent in the prefix LIBEVENT14 and with ours.  An unmarshal has the
new and the free of the message in it, and the filling of the buffer.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tests/rpcgen"))
from compare import OURS, run, runnable  # pylint: disable=wrong-import-position

CASES = {"tiny": 200, "item": 100, "list": 10, "blob": 10, "chain": 4}
COLUMNS = ("ours", "1.4 on 1.4", "1.4 on ours")


def build(folder, command, flags):
    """The program, with code that the command makes."""
    os.makedirs(folder)
    shutil.copy("bench/rpcgen.rpc", folder)
    run(*command, "rpcgen.rpc", cwd=folder)
    program = os.path.join(folder, "rpcgen")
    run("gcc", "-std=gnu11", "-O2", "-w", f"-I{folder}", "-o", program,
        "bench/rpcgen.c", os.path.join(folder, "rpcgen.gen.c"), *flags)
    return program


def instructions(program, *words):
    """(instructions, what it printed)."""
    result = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         program, *words], check=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return (int(re.search(r"Collected : (\d+)", result.stderr).group(1)),
            int(result.stdout))


def measure(program, case, what):
    """(instructions of one, bytes of the message)."""
    times = CASES[case]
    few, size = instructions(program, case, what, str(times))
    many, _ = instructions(program, case, what, str(2 * times))
    return (many - few) / times, size


def main():
    prefix, generator, stage = sys.argv[1:]
    ours = [f"-I{stage}/include/libevent-compat", f"-L{stage}/lib",
            "-levcompat", f"-Wl,-rpath,{os.path.abspath(stage)}/lib"]
    theirs = [f"-I{prefix}/include", f"-L{prefix}/lib",
              "-levent", f"-Wl,-rpath,{os.path.abspath(prefix)}/lib"]
    with tempfile.TemporaryDirectory() as folder:
        old = runnable(os.path.abspath(generator), folder)
        programs = [
            build(os.path.join(folder, "ours"), [sys.executable, OURS], ours),
            build(os.path.join(folder, "theirs"), old, theirs),
            build(os.path.join(folder, "mixed"), old, ours)]
        print("instructions by byte of the message, and how many times ours\n")
        names = "".join(f"{name:>20}" for name in COLUMNS)
        print(f"{'':16}{'bytes':>7}{names}")
        for case in CASES:
            for what in ("marshal", "unmarshal"):
                counts = [measure(program, case, what) for program in programs]
                line = f"{case + ' ' + what:16}{counts[0][1]:7}"
                for count, size in counts:
                    ratio = count / counts[0][0]
                    line += f"{count / size:13.2f} {ratio:5.2f}x"
                print(line, flush=True)


if __name__ == "__main__":
    main()
