#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""snippets.py PAGE OUT STAGE [PREFIX]: the code of a page compiles and runs.

Before each block of code the page says what it is, in a comment:

  <!-- test: SETTING[, OPTION...] -->   a few lines, that one of SETTINGS
                                        surrounds
  <!-- test: program [PACKAGE] -->      a whole program
  <!-- test: output -->                 what the program before prints
  <!-- test: commands -->, shown        for a shell, which has to understand it

A program has to end with status 0.  It is linked with what is installed in
STAGE.  Options: "1.4", the lines hold for libevent 1.4, too, and are tried with
that in PREFIX, if it is given; "compiled", they are not run; what starts with
"-l" is for the linker.
"""

import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = {"event.h": "with_event.c", "event2": "with_event2.c",
            "ev.h": "with_ev.c", "uv.h": "with_uv.c"}
# A setting has more than each snippet wants, and is indented.
CALM = ["-Wno-unused-parameter", "-Wno-unused-variable",
        "-Wno-unused-function", "-Wno-unused-but-set-variable",
        "-Wno-unused-but-set-parameter",
        "-Wno-misleading-indentation", "-Wno-strict-aliasing", "-UNDEBUG",
        "-D_GNU_SOURCE"]
BLOCK = re.compile(r"(?:^<!-- test: ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$",
                   re.M | re.S)


class Failure(Exception):
    pass


def call(command, **more):
    result = subprocess.run(command, check=False, text=True, timeout=120,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **more)
    if result.returncode != 0:
        raise Failure(f"{command[0]}: status {result.returncode}\n"
                      + result.stdout)
    return result.stdout


def words(name):
    return os.environ.get(name, "").split()


def package(*names):
    return shlex.split(call(["pkg-config", "--cflags", "--libs", *names]))


class Snippets:
    def __init__(self, out, stage, prefix):
        self.out = out
        self.rpath = f"-Wl,-rpath,{stage}/lib"
        self.prefix = prefix

    def ours(self):
        return ["-DOURS", "-DEVCOMPAT_HTTP", *package("libevent-compat"),
                self.rpath]

    def theirs(self):
        """The flags of the libevent 1.4 that is compared with."""
        return ["-isystem", f"{self.prefix}/include", f"-L{self.prefix}/lib",
                "-levent", f"-Wl,-rpath,{self.prefix}/lib"]

    def flags(self, setting):
        """For each library that a snippet is tried with."""
        return {"event.h": self.ours, "event2": lambda: ["-levent"],
                "ev.h": lambda: [*self.ours(), "-lev"],
                "uv.h": lambda: package("libuv")}[setting]()

    def build(self, source, program, flags):
        call([*(words("CC") or ["cc"]), *words("CFLAGS"), *CALM, source, "-o",
              program, *flags])
        return program

    def lines(self, name, setting, options, code):
        path = os.path.join(self.out, name)
        with open(path + ".inc", "w", encoding="utf-8") as out:
            out.write(code)
        libraries = {"": self.flags(setting)}
        if "1.4" in options and self.prefix:
            libraries["-1.4"] = self.theirs()
        for suffix, flags in libraries.items():
            program = self.build(
                os.path.join(HERE, SETTINGS[setting]), path + suffix,
                [f'-DSNIPPET="{os.path.abspath(path)}.inc"', *flags,
                 *(word for word in options if word.startswith("-l"))])
            if "compiled" not in options:
                call([program])

    def program(self, name, packages, code, output):
        path = os.path.join(self.out, name)
        with open(path + ".c", "w", encoding="utf-8") as out:
            out.write(code)
        flags = self.ours() + (package(*packages) if packages else [])
        got = call([self.build(path + ".c", path, flags)])
        if output is not None and got != output:
            raise Failure(f"prints\n{got}not\n{output}")

    def shell(self, code):
        call(["sh", "-n", "-c", code])

    def check(self, name, test, code, output):
        kind, *rest = re.split(r"[ ,]+", test)
        if kind in SETTINGS:
            self.lines(name, kind, rest, code)
        elif kind == "program":
            self.program(name, rest, code, output)
        elif kind in ("commands", "shown"):
            self.shell(code)
        elif kind != "output":
            raise Failure(f"'{test}' is no test")


def blocks(page):
    """(name, what it is, the code, what it prints) of each block."""
    with open(page, encoding="utf-8") as source:
        text = source.read()
    found = list(BLOCK.finditer(text))
    outputs = {i - 1: block[3] for i, block in enumerate(found)
               if block[1] == "output"}
    for i, block in enumerate(found):
        line = text.count("\n", 0, block.start(3)) + 1
        yield f"line-{line}", block[1] or "", block[3], outputs.get(i)


def main():
    page, out, stage, *prefix = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    snippets = Snippets(out, stage, *(prefix or [None]))

    def one(block):
        try:
            snippets.check(*block)
        except (Failure, subprocess.TimeoutExpired) as failure:
            return f"{page}: {block[0]}: {failure}"
        return None

    found = list(blocks(page))
    with ThreadPoolExecutor(2) as pool:
        failures = [text for text in pool.map(one, found) if text]
    for text in failures:
        print(text, file=sys.stderr)
    ran = sum(block[1].startswith((*SETTINGS, "program")) for block in found)
    print(f"{page}: {ran} pieces of code, {len(failures)} failures")
    return 1 if failures or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
