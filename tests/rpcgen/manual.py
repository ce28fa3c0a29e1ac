#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""manual.py INCLUDEDIR LIBRARY...: the example of event_rpcgen(1) does what the
page says.

The literal blocks of its section EXAMPLES are a description, a program, the
commands that build it, and what it prints.
"""

import os
import re
import subprocess
import sys
import tempfile


def examples():
    """The literal blocks, as a reader sees them."""
    with open("man/event_rpcgen.1", encoding="utf-8") as file:
        section = file.read().split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section,
                            re.DOTALL | re.MULTILINE):
        yield block.replace(r"\e", "\\").replace(r"\&", "").replace(r"\-", "-")


def main():
    include, *libraries = sys.argv[1:]
    description, program, _, output = examples()
    libraries = [os.path.abspath(word) if os.path.exists(word) else word
                 for word in libraries]
    generator = os.path.abspath("rpcgen/event_rpcgen.py")
    flags = ["-Wall", "-Wextra", "-Werror", f"-I{os.path.abspath(include)}"]
    compiler = os.environ.get("CC", "cc").split()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("note.rpc", description), ("prog.c", program)):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run([sys.executable, "-B", generator, "note.rpc"],
                       check=True, cwd=folder)
        subprocess.run([*compiler, *flags, "-o", "prog", "prog.c", "note.gen.c",
                        *libraries], check=True, cwd=folder)
        result = subprocess.run([os.path.join(folder, "prog")], check=True,
                                stdout=subprocess.PIPE, encoding="utf-8")
    if result.stdout != output:
        sys.exit(f"manual: the example prints:\n{result.stdout}")
    print("rpcgen manual: the example does what the page says")


if __name__ == "__main__":
    main()
