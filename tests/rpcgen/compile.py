#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compile.py INCLUDEDIR LIBRARY...: generated code in every dialect.

Compiles what event_rpcgen.py makes of the descriptions here in C89, C11 and
C++, with gcc and clang, 64 and 32 bits, with optimization and without; a
warning is an error.  Headers are compiled with nothing before them.  A program
that uses them is built and run where the library is: LIBRARY is what links it.
CC and CXX name more compilers, RPCGEN_LEVELS the levels of optimization.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GENERATOR = os.path.abspath("rpcgen/event_rpcgen.py")
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wundef", "-Wpointer-arith",
            "-Wcast-qual", "-Wwrite-strings", "-Wunused", "-pedantic",
            "-Werror"]
C_WARNINGS = ["-Wmissing-prototypes", "-Wstrict-prototypes",
              "-Wdeclaration-after-statement"]
C = [["-xc", f"-std={standard}", *C_WARNINGS] for standard in ("c89", "c11")]
CXX = [["-xc++", f"-std={standard}"] for standard in ("c++11", "c++17")]

# Compiles without -pedantic alone: zero bytes, and tags that fit in no int.
ODD = """
struct empty { }
struct holder { array struct[empty] all = 1; optional struct[holder] next = 2; }
struct odd { bytes none[0] = 1; int high = 0x80000000; }
"""


def program(name):
    """The file that a command runs: cc may be a link to gcc."""
    return os.path.realpath(shutil.which(name.split()[0]) or name)


def compilers():
    for variable, names, dialects in (("CC", ["gcc", "clang"], C),
                                      ("CXX", ["g++", "clang++"], CXX)):
        names.insert(0, os.environ.get(variable) or names[0])
        for name in {program(name): name for name in names}.values():
            for dialect in dialects:
                yield [*name.split(), *dialect]


def machines():
    """The options for which there is a C library here."""
    for machine in ([], ["-m32"]):
        result = subprocess.run(
            ["gcc", *machine, "-xc", "-fsyntax-only", "-"], check=False,
            input="#include <sys/types.h>\n", encoding="utf-8",
            stderr=subprocess.DEVNULL)
        if result.returncode == 0:
            yield machine


class Tries:
    """Counts the commands that were run, and those that failed."""

    def __init__(self):
        self.total = self.failed = 0

    def run(self, *command, **more):
        self.total += 1
        result = subprocess.run(command, check=False, encoding="utf-8",
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **more)
        if result.returncode != 0 or result.stdout:
            self.failed += 1
            print(f"compile: failed: {' '.join(command)}\n{result.stdout}",
                  file=sys.stderr)


def generate(folder):
    with open(os.path.join(folder, "odd.rpc"), "w", encoding="utf-8") as file:
        file.write(ODD)
    for path in [*glob.glob(f"{HERE}/*.rpc"), os.path.join(folder, "odd.rpc")]:
        subprocess.run([sys.executable, "-B", GENERATOR, "-o", folder, path],
                       check=True)


def compile_all(tries, folder, include):
    for compiler in compilers():
        for machine in machines():
            for name in ("store", "kinds", "letter", "odd"):
                options = [*compiler, *machine, *WARNINGS, f"-I{include}",
                           f"-I{folder}", "-o", "/dev/null", "-c"]
                if name == "odd":
                    options.remove("-pedantic")
                for level in os.environ.get("RPCGEN_LEVELS", "-O2").split():
                    tries.run(*options, level,
                              os.path.join(folder, f"{name}.gen.c"))
                tries.run(*options, "-DEVENT_NO_STRUCT",
                          os.path.join(folder, f"{name}.gen.c"))
                tries.run(*options, "-fsyntax-only", "-", input=(
                    f'#include "{name}.gen.h"\n#include "{name}.gen.h"\n'))


def run_all(tries, folder, include, libraries):
    program = os.path.join(folder, "use")
    sources = [os.path.join(HERE, "compile/use.c"),
               os.path.join(folder, "store.gen.c"),
               os.path.join(folder, "kinds.gen.c")]
    for compiler in compilers():
        tries.run(*compiler, *WARNINGS, f"-I{include}", f"-I{folder}", "-o",
                  program, *sources, "-xnone", *libraries)
        tries.run(program)
    for name in ("gcc", "clang"):
        tries.run(name, "-std=gnu11", *WARNINGS[:-2], "-Werror", f"-I{include}",
                  f"-I{folder}", "-c", "-o", program,
                  os.path.join(HERE, "compile/rpc.c"))
    # A program in C++ with the generated code in C.
    objects = [source[:-2] + ".o" for source in sources[1:]]
    for source, made in zip(sources[1:], objects):
        tries.run("gcc", f"-I{include}", f"-I{folder}", "-c", "-o", made,
                  source)
    tries.run("g++", f"-I{include}", f"-I{folder}", "-o", program, "-xc++",
              sources[0], "-xnone", *objects, *libraries)
    tries.run(program)


def main():
    include, *libraries = sys.argv[1:]
    tries = Tries()
    with tempfile.TemporaryDirectory() as folder:
        generate(folder)
        compile_all(tries, folder, os.path.abspath(include))
        run_all(tries, folder, os.path.abspath(include), libraries)
    print(f"rpcgen compile: {tries.total} inputs, "
          f"{tries.total - tries.failed} passed, {tries.failed} failed")
    return tries.failed != 0


if __name__ == "__main__":
    sys.exit(main())
