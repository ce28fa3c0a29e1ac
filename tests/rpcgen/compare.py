#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare.py GENERATOR INCLUDEDIR FILE.rpc...: ours against 1.4's generator.

For each description one program is compiled with the header that 1.4's
event_rpcgen.py makes, and with ours.  It assigns every function to a pointer of
the type it must have, uses every macro, and prints sizes, offsets and values;
both have to print the same.  A generator in Python 2 is run by the interpreter
that PYTHON2 names, or else translated by lib2to3, in a folder of its own.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

OURS = os.path.abspath("rpcgen/event_rpcgen.py")
START = """
#include <sys/types.h>
#include <sys/time.h>
#include <stddef.h>
#include <stdio.h>
#include <event.h>
#include "{name}.gen.h"

#define SHOW(number) printf("%s %ld\\n", #number, (long)(number))

"""
FUNCTIONS = [
    ("struct {0} *", "{0}_new", "void"),
    ("void", "{0}_free", "struct {0} *"),
    ("void", "{0}_clear", "struct {0} *"),
    ("void", "{0}_marshal", "struct evbuffer *, const struct {0} *"),
    ("int", "{0}_unmarshal", "struct {0} *, struct evbuffer *"),
    ("int", "{0}_complete", "struct {0} *"),
    ("void", "evtag_marshal_{0}",
     "struct evbuffer *, ev_uint32_t, const struct {0} *"),
    ("int", "evtag_unmarshal_{0}",
     "struct evbuffer *, ev_uint32_t, struct {0} *"),
]
ARGUMENTS = {"Int": ("1", "&number"), "String": ('"text"', "&text"),
             "Bytes": ("bytes, number", "&bytes, &number"),
             "Fixed": ("bytes", "&bytes"), "Child": ("0", "0"),
             "Array": ("0, 0", "0, 0")}


def load_ours():
    spec = importlib.util.spec_from_file_location("event_rpcgen", OURS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


event_rpcgen = load_ours()


def run(*command, **more):
    result = subprocess.run(command, check=False, encoding="utf-8",
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            **more)
    if result.returncode != 0:
        sys.exit(f"compare: {' '.join(command)}\n{result.stdout}")
    return result.stdout


def runnable(generator, folder):
    """The command that runs 1.4's generator."""
    with open(generator, encoding="utf-8") as file:
        text = file.read()
    if "print >>" not in text:
        return [sys.executable, generator]
    if os.environ.get("PYTHON2"):
        return [os.environ["PYTHON2"], generator]
    warnings.simplefilter("ignore")
    from lib2to3 import refactor  # pylint: disable=import-outside-toplevel
    fixers = refactor.get_fixers_from_package("lib2to3.fixes")
    tool = refactor.RefactoringTool(fixers)
    path = os.path.join(folder, "translated.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(tool.refactor_string(text + "\n", generator)))
    return [sys.executable, path]


def pointers(struct):
    """C code: each function in a pointer of its type, in two ways."""
    lines = []
    for number, (result, name, params) in enumerate(FUNCTIONS):
        name = name.format(struct.name)
        lines.append(f"\t{result.format(struct.name)} (*f{number})"
                     f"({params.format(struct.name)}) = {name};")
    for result, name, params in event_rpcgen.accessors(struct):
        lines.append(f"\t{result} (*p_{name})({params}) = "
                     f"{struct.name}_{name};")
        lines.append(f"\t{result} (**t_{name})({params}) = "
                     f"&msg->base->{name};")
        lines += [f"\t(void)p_{name};", f"\t(void)t_{name};"]
    return lines + [f"\t(void)f{n};" for n in range(len(FUNCTIONS))]


def macros(struct):
    """C code that uses each macro for each member; it is never run."""
    for member in struct.members:
        assign, get = ARGUMENTS[type(member).__name__]
        yield f"\tSHOW(EVTAG_HAS(msg, {member.name}));"
        yield f"\tSHOW(EVTAG_ASSIGN(msg, {member.name}, {assign}));"
        yield f"\tSHOW(EVTAG_GET(msg, {member.name}, {get}));"
        if "length" in member.FIELDS:
            yield f"\tSHOW(EVTAG_LEN(msg, {member.name}));"
        if "add" in member.accessors:
            yield f"\tSHOW(EVTAG_ADD(msg, {member.name}) != NULL);"


def fields(struct):
    """The names of all fields of a struct."""
    yield "base"
    for member in struct.members:
        for declaration in member.FIELDS.split(";"):
            if declaration.strip():
                name = declaration.replace("*", " ").split()[-1]
                yield name.split("[")[0].replace("MEMBER", member.name)
        yield f"{member.name}_set"


def values(struct):
    """C code that prints what can be printed."""
    name = struct.name
    yield f"\tSHOW(sizeof(struct {name}));"
    if struct.members:
        yield f"\tSHOW(sizeof(struct {name}_access_));"
    for field in fields(struct):
        yield f"\tSHOW(offsetof(struct {name}, {field}));"
        yield f"\tSHOW(sizeof(msg->{field}));"
    for _, accessor, _ in event_rpcgen.accessors(struct):
        yield f"\tSHOW(offsetof(struct {name}_access_, {accessor}));"
    for member in struct.members:
        yield f"\tSHOW((enum {name}_){struct.enum_name(member.name)});"
    yield f"\tSHOW((enum {name}_){struct.enum_name('max_tags')});"


def probe(found, name):
    """The program."""
    lines = [START.format(name=name)]
    for struct in found.structs:
        lines += [f"static void\nshow_{struct.name}(struct {struct.name} *msg, "
                  "int use)\n{", *pointers(struct),
                  "\tev_uint32_t number = 0;", "\tev_uint8_t *bytes = 0;",
                  "\tchar *text = 0;\n", *values(struct),
                  "\tif (!use)\n\t\treturn;", *macros(struct),
                  '\tprintf("%p%p%p", (void *)&number, (void *)&bytes, '
                  "(void *)&text);\n}\n"]
    lines.append("int\nmain(int argc, char **argv)\n{\n\t(void)argv;")
    # Linked with the code, so that every function has to be there.
    lines += [f"\tshow_{struct.name}({struct.name}_new(), argc > 1);"
              for struct in found.structs]
    lines += [f"#ifdef {define}\n\tSHOW({define});\n#endif"
              for define, _ in found.defines]
    return "\n".join([*lines, "\treturn 0;\n}\n"])


def results(folder, name, include, machine):
    """What the program says with the header and code in that folder."""
    program = os.path.join(folder, "probe")
    flags = ["gcc", *machine, f"-I{include}", f"-I{folder}", "-std=gnu11"]
    run(*flags, "-w", "-c", "-o", f"{program}.gen.o",
        os.path.join(folder, f"{name}.gen.c"))
    run(*flags, "-Wall", "-Wextra", "-Werror", "-c", "-o", f"{program}.o",
        os.path.join(folder, "..", f"{name}.probe.c"))
    # The functions of the library are not called.
    run("gcc", *machine, "-static", "-o", program, f"{program}.o",
        f"{program}.gen.o", "-Wl,--unresolved-symbols=ignore-all")
    return run(program)


def compare(path, command, include, folder):
    """How many lines are the same; ends the program if one is not."""
    name = os.path.basename(path)[:-len(".rpc")]
    with open(path, encoding="utf-8") as file:
        found = event_rpcgen.Parser(file.read()).parse()
    with open(os.path.join(folder, f"{name}.probe.c"), "w",
              encoding="utf-8") as file:
        file.write(probe(found, name))
    for which, words in (("1.4", command), ("ours", [sys.executable, OURS])):
        os.makedirs(os.path.join(folder, which), exist_ok=True)
        shutil.copy(path, os.path.join(folder, which))
        run(*words, f"{name}.rpc", cwd=os.path.join(folder, which))
    lines = 0
    for machine in ([], ["-m32"]):
        theirs, ours = (results(os.path.join(folder, which), name, include,
                                machine) for which in ("1.4", "ours"))
        for old, new in zip(theirs.split("\n"), ours.split("\n")):
            if old != new:
                sys.exit(f"compare: {path}: 1.4: {old}, ours: {new}")
            lines += 1
    return lines


def main():
    generator, include, *paths = sys.argv[1:]
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        command = runnable(os.path.abspath(generator), folder)
        for path in paths:
            total += compare(path, command, os.path.abspath(include), folder)
    print(f"rpcgen compare: {total} sizes, offsets and values are those of "
          f"{generator}")


if __name__ == "__main__":
    main()
