#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The language of event_rpcgen.py, row by row, and what it does with files.

ACCEPTED says what becomes of a description, in the form of describe(); REFUSED
where an error is and how its message begins.  Prints how many rows and other
tests there were.
"""

import contextlib
import importlib.util
import io
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

GENERATOR = os.path.abspath("rpcgen/event_rpcgen.py")
KINDS = {"Int": "int", "String": "string", "Bytes": "bytes", "Fixed": "bytes"}


def load_generator():
    spec = importlib.util.spec_from_file_location("event_rpcgen", GENERATOR)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


event_rpcgen = load_generator()

# (name of the row, description, what it means)
ACCEPTED = [
    ("an empty file", "", ""),
    ("plain", "struct a {\n\tint x = 1;\n}\n", "a{int x=1}"),
    ("all kinds", "struct a {\nint i = 1;\nstring s = 2;\nbytes b = 3;\n"
     "bytes f[6] = 4;\nstruct[a] m = 5;\narray struct[a] l = 6;\n}\n",
     "a{int i=1 string s=2 bytes b=3 bytes f[6]=4 struct[a] m=5 "
     "array struct[a] l=6}"),
    ("optional", "struct a {\noptional int i = 1;\noptional string s = 2;\n"
     "optional bytes b = 3;\noptional bytes f[6] = 4;\n"
     "optional struct[a] m = 5;\n}\n",
     "a{optional int i=1 optional string s=2 optional bytes b=3 "
     "optional bytes f[6]=4 optional struct[a] m=5}"),
    ("two blanks before the brace", "struct  a  {\nint x = 1;\n}\n",
     "a{int x=1}"),
    ("no blank before the brace", "struct a{\nint x = 1;\n}\n", "a{int x=1}"),
    ("the brace on its own line", "struct a\n{\nint x = 1;\n}\n", "a{int x=1}"),
    ("all on one line", "struct a { int x = 1; int y = 2; }",
     "a{int x=1 int y=2}"),
    ("leading blanks", "\t  struct a {\n}\n", "a{}"),
    ("lines that end in CR LF", "struct a {\r\n\tint x = 1;\r\n}\r\n",
     "a{int x=1}"),
    ("a byte order mark", "\ufeffstruct a {\n}\n", "a{}"),
    ("blanks and a comment after the brace", "struct a {\n}  \t// end\n",
     "a{}"),
    ("a semicolon after the brace", "struct a {\n};\nstruct b {\n} ;\n",
     "a{} b{}"),
    ("a struct after the brace", "struct a { } struct b { }", "a{} b{}"),
    ("members on one line", "struct a {\nint x = 1; int y = 2;\n}\n",
     "a{int x=1 int y=2}"),
    ("a member over several lines",
     "struct a {\noptional\nint\nx\n=\n1\n;\n}\n", "a{optional int x=1}"),
    ("no last semicolon", "struct a {\nint x = 1\n}\n", "a{int x=1}"),
    ("a blank before the semicolon", "struct a {\nint x = 1 ;\n}\n",
     "a{int x=1}"),
    ("the brace after the last member", "struct a {\nint x = 1; }\n",
     "a{int x=1}"),
    ("two semicolons", "struct a {\nint x = 1;;\n}\n", "a{int x=1}"),
    ("no blanks around =", "struct a {\nint x=1;\n}\n", "a{int x=1}"),
    ("two blanks, and a tab", "struct a {\nint  x\t=  1;\n}\n", "a{int x=1}"),
    ("tag 0", "struct a {\nint x = 0;\n}\n", "a{int x=0}"),
    ("tag 0x10", "struct a {\nint x = 0x10;\n}\n", "a{int x=16}"),
    ("tag 0xab", "struct a {\nint x = 0xab;\n}\n", "a{int x=171}"),
    ("tag 0X1", "struct a {\nint x = 0X1;\n}\n", "a{int x=1}"),
    ("tag 010", "struct a {\nint x = 010;\n}\n",
     "a{int x=8} warning 2:9 the tag 010 is octal: 8"),
    ("the highest tag", "struct a {\nint x = 4294967295;\n}\n",
     "a{int x=4294967295}"),
    ("members named as words of the language", "struct a {\n"
     "int optional = 1;\noptional int int = 2;\nstring string = 3;\n"
     "bytes bytes[2] = 4;\nint array = 5;\nint struct = 6;\n}\n",
     "a{int optional=1 optional int int=2 string string=3 bytes bytes[2]=4 "
     "int array=5 int struct=6}"),
    ("a member that begins with _", "struct a {\nint _x = 1;\n}\n",
     "a{int _x=1}"),
    ("lengths that C computes", "#define LEN 4\nstruct a {\nbytes x[LEN] = 1;\n"
     "bytes y[2*3] = 2;\nbytes z[0] = 3;\nbytes w[ 4 ] = 4;\n}\n",
     "a{bytes x[LEN]=1 bytes y[2*3]=2 bytes z[0]=3 bytes w[4]=4} "
     "header #define LEN 4"),
    ("brackets with nothing inside", "struct a {\nbytes x[] = 1;\n}\n",
     "a{bytes x=1}"),
    ("a struct that comes later", "struct a {\nstruct[b] x = 1;\n}\n"
     "struct b {\n}\n", "a{struct[b] x=1} b{}"),
    ("blanks in struct[NAME]", "struct a {\nstruct [ a ] x = 1;\n}\n",
     "a{struct[a] x=1}"),
    ("// comments", "// struct no {\nstruct a { // int y = 2;\n"
     "int x = 1; // ;\n} // end", "a{int x=1}"),
    ("/* comments", "/* a\n struct b {\n*/ struct /* c */ a {\n"
     "int /* d\n */ x = 1; /* e */\n}\n", "a{int x=1}"),
    ("two comments on a line", "struct a {\n/* 1 */ int x = 1; /* 2 */\n}\n",
     "a{int x=1}"),
    ("a comment in a comment", "// text /* more\nstruct a {\n"
     "/* // */ int x = 1;\n}\n", "a{int x=1}"),
    ("no newline at the end", "struct a {\n}", "a{}"),
    ("a struct without members", "struct a {\n}\n", "a{}"),
    ("includes and conditions", "#include <a.h>\n#include \"b//.h\"\n#ifdef X\n"
     "#endif // X\n#if 1\n#endif\n",
     "source #include <a.h> source #include \"b//.h\" source #ifdef X "
     "source #endif source #if 1 source #endif"),
    ("other lines of the preprocessor", "# include <a.h>\n  #ifndef X\n"
     "#pragma P\n#elif Y\n#else\n#error E\n#endif\n#undef X\n",
     "header #undef X source # include <a.h> source #ifndef X source #pragma P "
     "source #elif Y source #else source #error E source #endif"),
    ("a #define", "#define A 1 /* one */\n", "header #define A 1"),
    ("a #define of two lines", "#define A 1 + \\\n\t2\nstruct a {\n}\n",
     "a{} header #define A 1 + \\\n\t2"),
    ("a #define under a condition", "#ifndef A\n#define A 1\n#elif B\n#endif\n",
     "header #ifndef A header #define A 1 header #elif B header #endif "
     "source #ifndef A source #elif B source #endif"),
    ("a #define under two conditions", "#if A\n#if B\n#define C 1\n#endif\n"
     "#if D\n#endif\n#endif\n",
     "header #if A header #if B header #define C 1 header #endif header #endif "
     "source #if A source #if B source #endif source #if D source #endif "
     "source #endif"),
    ("a struct under a condition", "#if 0\nstruct a {\n}\n#endif\n",
     "a{} source #if 0 source #endif "
     "warning 2:8 the code of 'a' is made even if the condition is false"),
    ("a struct of an included header", "#include \"b.gen.h\"\nstruct a {\n"
     "struct[b] x = 1;\n}\n",
     "a{struct[b] x=1} source #include \"b.gen.h\""),
    ("lines between structs", "struct a {\n}\n#include <b.h>\nstruct b {\n}\n",
     "a{} b{} source #include <b.h>"),
]

# (name of the row, description, line, column, how the message begins)
REFUSED = [
    ("not a struct", "int x = 1;\n", 1, 1,
     "expected 'struct' or a preprocessor line, found 'int'"),
    ("no name", "struct {\n}\n", 1, 8, "expected the name of a struct, which "
     "begins with a letter, found '{'"),
    ("a name with _ first", "struct _a {\n}\n", 1, 8,
     "expected the name of a struct"),
    ("a struct named by a digit", "struct 1a {\n}\n", 1, 8,
     "expected the name of a struct"),
    ("a struct named by a word of C", "struct int {\n}\n", 1, 8,
     "'int' is a word of C"),
    ("no brace", "struct a;\n", 1, 9,
     "expected '{' after the name of the struct, found ';'"),
    ("text after the brace", "struct a {\n} x\n", 2, 3,
     "expected 'struct' or a preprocessor line, found 'x'"),
    ("the file ends in a struct", "struct a {\n\tint x = 1;\n", 3, 1,
     "expected 'optional', 'array', 'int', 'string', 'bytes' or "
     "'struct[NAME]', found the end of the file"),
    ("the file ends in a member", "struct a {\n\tint x", 2, 7,
     "expected '=' and a tag after the name of the member, found the end"),
    ("an unknown type", "struct a {\n\tint x = 1;\n\tflaot y = 2;\n}\n", 3, 2,
     "expected 'optional', 'array', 'int', 'string', 'bytes' or "
     "'struct[NAME]', found 'flaot'"),
    ("an unknown type after optional", "struct a {\n\toptional x = 1;\n}\n",
     2, 11, "expected 'int', 'string', 'bytes' or 'struct[NAME]', found 'x'"),
    ("no name of a member", "struct a {\n\tint = 1;\n}\n", 2, 6,
     "expected the name of a member, which begins with a letter, found '='"),
    ("a member that begins with a digit", "struct a {\n\tint 2x = 1;\n}\n",
     2, 6, "expected the name of a member"),
    ("no =", "struct a {\n\tint x 1;\n}\n", 2, 8,
     "expected '=' and a tag after the name of the member, found '1'"),
    ("no tag", "struct a {\n\tint x = ;\n}\n", 2, 10,
     "expected a tag: a number"),
    ("tag 08", "struct a {\n\tint x = 08;\n}\n", 2, 10, "expected a tag"),
    ("tag 0x", "struct a {\n\tint x = 0x;\n}\n", 2, 10, "expected a tag"),
    ("tag 1x", "struct a {\n\tint x = 1x;\n}\n", 2, 10, "expected a tag"),
    ("a negative tag", "struct a {\n\tint x = -1;\n}\n", 2, 10,
     "expected a tag"),
    ("a tag with a name", "struct a {\n\tint x = TAG;\n}\n", 2, 10,
     "expected a tag"),
    ("a tag above 2^32 - 1", "struct a {\n\tint x = 4294967296;\n}\n", 2, 10,
     "expected a tag below 2^32"),
    ("one tag twice", "struct a {\n\tint x = 1;\n\tint y = 0x1;\n}\n", 3, 10,
     "expected another tag: 'x' has 1 already"),
    ("no semicolon", "struct a {\n\tint x = 1\n\tint y = 2;\n}\n", 3, 2,
     "expected ';' or '}' after the tag, found 'int'"),
    ("one name twice", "struct a {\n\tint x = 1;\n\tint x = 2;\n}\n", 3, 6,
     "expected another name: there is a member 'x' already"),
    ("one struct twice", "struct a {\n}\nstruct a {\n}\n", 3, 8,
     "expected another name: there is a struct 'a' already"),
    ("names that differ in case", "struct a {\n\tint x = 1;\n\tint X = 2;\n}\n",
     3, 6, "expected another name: 'A_X' would be defined twice in C"),
    ("a member and the count of tags", "struct a {\n\tint max_tags = 1;\n}\n",
     2, 6, "expected another name: 'A_MAX_TAGS' would be defined twice in C"),
    ("a member and a #define", "#define A_X 1\nstruct a {\n\tint x = 1;\n}\n",
     3, 6, "expected another name: 'A_X' would be defined twice in C"),
    ("functions of two structs", "struct a {\n\tint b_x = 1;\n}\n"
     "struct a_b {\n\tint x = 1;\n}\n", 5, 6, "expected another name: 'A_B_X'"),
    ("a length of an int", "struct a {\n\tint x[4] = 1;\n}\n", 2, 7,
     "expected '=' and a tag: only bytes have a length, found '['"),
    ("a length of a string", "struct a {\n\tstring x[4] = 1;\n}\n", 2, 10,
     "expected '=' and a tag: only bytes have a length, found '['"),
    ("a blank before the length", "struct a {\n\tbytes x [4] = 1;\n}\n", 2, 10,
     "expected '[LENGTH]' right after the name"),
    ("a length without an end", "struct a {\n\tbytes x[4 = 1;\n}\n", 2, 9,
     "expected '[LENGTH]' right after the name"),
    ("a struct that is nowhere", "struct a {\n\tstruct[b] x = 1;\n}\n", 2, 9,
     "expected the name of a struct of this file: there is no struct 'b'"),
    ("a struct with an include of the system's", "#include <b.h>\n"
     "struct a {\n\tstruct[b] x = 1;\n}\n", 3, 9,
     "expected the name of a struct of this file: there is no struct 'b', and "
     "no #include of the .gen.h that has it"),
    ("the tag of an enum", "struct a {\n\tstruct[a_] x = 1;\n}\n", 2, 9,
     "expected the name of a struct of this file: there is no struct 'a_'"),
    ("struct without brackets", "struct a {\n\tstruct b x = 1;\n}\n", 2, 9,
     "expected '[' and the name of a struct: struct[NAME], found 'b'"),
    ("struct without a name", "struct a {\n\tstruct[] x = 1;\n}\n", 2, 9,
     "expected the name of a struct, which begins with a letter, found ']'"),
    ("struct with two names", "struct a {\n\tstruct[a b] x = 1;\n}\n", 2, 11,
     "expected ']' after the name of the struct, found 'b'"),
    ("an array of int", "struct a {\n\tarray int x = 1;\n}\n", 2, 8,
     "expected 'struct[NAME]': there are arrays of structs only, not of 'int'"),
    ("an array of string", "struct a {\n\tarray string x = 1;\n}\n", 2, 8,
     "expected 'struct[NAME]': there are arrays"),
    ("an array of bytes", "struct a {\n\tarray bytes x = 1;\n}\n", 2, 8,
     "expected 'struct[NAME]': there are arrays"),
    ("an optional array", "struct a {\n\toptional array struct[a] x = 1;\n}\n",
     2, 11, "expected 'int', 'string', 'bytes' or 'struct[NAME]', found "
     "'array'"),
    ("a comment without an end", "struct a {\n} /* b\n", 2, 3,
     "this comment has no end"),
    ("a line of the preprocessor in a struct",
     "struct a {\n#ifdef X\n\tint x = 1;\n#endif\n}\n", 2, 1,
     "expected a member or '}': a line of the preprocessor cannot be inside"),
    ("# after other text", "struct a {\n} #include <b.h>\n", 2, 3,
     "expected 'struct' or the end of the line, found '#'"),
    ("an unknown line of the preprocessor", "#import <a.h>\n", 1, 1,
     "expected #include, #define, #undef, #pragma or a condition, found "
     "'#import <a.h>'"),
    ("a #define of nothing", "#define\n", 1, 1,
     "expected a name after #define"),
    ("#else without #if", "#else\n", 1, 1, "this #else has no #if before it"),
    ("#endif without #if", "#if A\n#endif\n#endif\n", 3, 1,
     "this #endif has no #if before it"),
    ("#if without #endif", "#if A\n#ifdef B\n#endif\n", 1, 1,
     "this condition has no #endif"),
    ("a stray character", "struct a {\n\tint x\u00a0= 1;\n}\n", 2, 7,
     "expected '=' and a tag after the name of the member, found '\u00a0'"),
    ("an error after CR LF", "struct a {\r\n\tint x = 1;\r\n\tint\r\n}\r\n",
     4, 1, "expected the name of a member, which begins with a letter, "
     "found '}'"),
]


def describe_member(member):
    label = "optional " if member.optional else ""
    kind = type(member).__name__
    if kind in ("Child", "Array"):
        label += "array " if kind == "Array" else ""
        return f"{label}struct[{member.child}] {member.name}={member.tag}"
    size = f"[{member.size}]" if member.size else ""
    return f"{label}{KINDS[kind]} {member.name}{size}={member.tag}"


def describe(text):
    """What a description means, in a line."""
    found = event_rpcgen.Parser(text).parse()
    event_rpcgen.check(found)
    words = []
    for struct in found.structs:
        members = " ".join(map(describe_member, struct.members))
        words.append(f"{struct.name}{{{members}}}")
    words += [f"header {line}" for line in found.header_lines]
    words += [f"source {line}" for line in found.source_lines]
    for offset, warning in found.warnings:
        row = text.count("\n", 0, offset) + 1
        column = offset - text.rfind("\n", 0, offset)
        words.append(f"warning {row}:{column} {warning}")
    return " ".join(words)


class Folder(unittest.TestCase):
    """Tests that run the generator in a folder of their own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8", newline="") as file:
            return file.read()

    def files(self, name=""):
        return sorted(os.listdir(self.path(name)))

    def run_generator(self, *words, **more):
        return subprocess.run(
            [sys.executable, "-B", GENERATOR, *words], cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            check=False, **more)

    def run_here(self, *words):
        """The same without a process: (status, text on standard error)."""
        errors = io.StringIO()
        before = os.getcwd(), sys.argv
        os.chdir(self.folder)
        sys.argv = [GENERATOR, *words]
        try:
            with contextlib.redirect_stderr(errors):
                return event_rpcgen.main(), errors.getvalue()
        finally:
            os.chdir(before[0])
            sys.argv = before[1]

    def generate(self, *words):
        result = self.run_generator(*words)
        self.assertEqual((result.returncode, result.stdout, result.stderr),
                         (0, "", ""))

    def refuses(self, message, *words):
        before = self.files()
        result = self.run_generator(*words)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn(message, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(self.files(), before)


class Language(Folder):
    def test_accepted(self):
        for name, text, meaning in ACCEPTED:
            with self.subTest(name):
                self.write("t.rpc", text)
                with open(self.path("t.rpc"), encoding="utf-8-sig") as file:
                    self.assertEqual(describe(file.read()), meaning)
                status, errors = self.run_here("t.rpc")
                self.assertEqual(status, 0)
                self.assertEqual("warning" in meaning, errors != "")

    def test_refused(self):
        for name, text, row, column, message in REFUSED:
            with self.subTest(name):
                self.write("t.rpc", text)
                self.write("t.gen.h", "of before\n")
                status, errors = self.run_here("t.rpc")
                self.assertEqual(status, 1)
                lines = (text.replace("\r", "") + "\n").split("\n")
                line = lines[row - 1]
                self.assertTrue(errors.startswith(
                    f"t.rpc:{row}:{column}: {message}"), errors)
                blanks = re.sub(r"[^\t]", " ", line[:column - 1])
                self.assertEqual(errors.split("\n", 1)[1],
                                 f"{line}\n{blanks}^\n")
                self.assertEqual(self.files(), ["t.gen.h", "t.rpc"])
                self.assertEqual(self.read("t.gen.h"), "of before\n")

    def test_warning_has_the_line(self):
        self.write("t.rpc", "struct a {\n\tint x = 010;\n}\n")
        result = self.run_generator("t.rpc")
        self.assertEqual(result.stderr, "t.rpc:2:10: warning: the tag 010 is "
                         "octal: 8\n\tint x = 010;\n\t        ^\n")


class Files(Folder):
    TEXT = "#define N 2\n#include <math.h>\nstruct a {\n\tint x = 1;\n}\n"

    def setUp(self):
        super().setUp()
        self.write("t.rpc", self.TEXT)
        os.mkdir(self.path("out-1"))

    def test_both_are_written_beside_the_description(self):
        self.generate("t.rpc")
        self.assertEqual(self.files(), ["out-1", "t.gen.c", "t.gen.h", "t.rpc"])
        self.assertIn('#include "t.gen.h"\n', self.read("t.gen.c"))
        self.assertIn("#ifndef _T_RPC_\n#define _T_RPC_\n",
                      self.read("t.gen.h"))

    def test_path_is_in_guard_and_include(self):
        self.write("out-1/t.rpc", self.TEXT)
        self.generate("out-1/t.rpc")
        self.assertEqual(self.files("out-1"), ["t.gen.c", "t.gen.h", "t.rpc"])
        self.assertIn('#include "out-1/t.gen.h"\n', self.read("out-1/t.gen.c"))
        self.assertIn("#ifndef _OUT_1_T_RPC_\n", self.read("out-1/t.gen.h"))

    def test_o_names_the_folder(self):
        self.generate("-o", "out-1", "t.rpc")
        self.assertEqual(self.files(), ["out-1", "t.rpc"])
        self.assertEqual(self.files("out-1"), ["t.gen.c", "t.gen.h"])
        self.assertIn('#include "t.gen.h"\n', self.read("out-1/t.gen.c"))

    def test_header_or_source_alone(self):
        self.generate("--header", "t.rpc")
        self.assertEqual(self.files(), ["out-1", "t.gen.h", "t.rpc"])
        self.generate("--source", "-o", "out-1", "t.rpc")
        self.assertEqual(self.files("out-1"), ["t.gen.c"])
        os.unlink(self.path("t.gen.h"))
        self.generate("--source", "--header", "t.rpc")
        self.assertEqual(self.files(), ["out-1", "t.gen.c", "t.gen.h", "t.rpc"])

    def test_output_depends_on_nothing_else(self):
        self.generate("t.rpc")
        first = self.read("t.gen.c"), self.read("t.gen.h")
        result = self.run_generator("t.rpc", env={
            "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"})
        self.assertEqual(result.returncode, 0)
        self.assertEqual((self.read("t.gen.c"), self.read("t.gen.h")), first)

    def test_lines_go_where_they_belong(self):
        self.generate("t.rpc")
        self.assertIn("\n#define N 2\n", self.read("t.gen.h"))
        self.assertNotIn("#define N 2\n", self.read("t.gen.c"))
        self.assertIn("\n#include <math.h>\n", self.read("t.gen.c"))
        self.assertNotIn("#include <math.h>\n", self.read("t.gen.h"))

    def test_bytes_that_are_not_utf_8_are_kept(self):
        with open(self.path("t.rpc"), "wb") as file:
            file.write(b'#define N "\xe9"\nstruct a {\n}\n')
        self.generate("t.rpc")
        with open(self.path("t.gen.h"), "rb") as file:
            self.assertIn(b'#define N "\xe9"\n', file.read())

    def test_mode_follows_the_umask(self):
        self.generate("t.rpc")
        mask = os.umask(0)
        os.umask(mask)
        mode = stat.S_IMODE(os.stat(self.path("t.gen.c")).st_mode)
        self.assertEqual(mode, 0o666 & ~mask)

    def test_a_file_that_cannot_be_written(self):
        os.mkdir(self.path("t.gen.c"))
        self.write("t.gen.c/in", "")
        self.refuses("t.gen.c", "t.rpc")
        self.refuses("nowhere/t.gen.h", "-o", "nowhere", "t.rpc")

    def test_a_file_that_cannot_be_read(self):
        self.refuses("event_rpcgen.py: none.rpc: No such file", "none.rpc")
        os.mkdir(self.path("d.rpc"))
        self.refuses("event_rpcgen.py: d.rpc: ", "d.rpc")

    def test_wrong_arguments(self):
        self.refuses("FILE.rpc")
        self.refuses("expected a file whose name ends in .rpc, found 't.txt'",
                     "t.txt")
        self.refuses("unrecognized arguments: --quick", "--quick", "t.rpc")
        self.refuses("unrecognized arguments: u.rpc", "t.rpc", "u.rpc")

    def test_help_and_version(self):
        result = self.run_generator("--help")
        self.assertEqual(result.returncode, 0)
        for option in ("-o DIR", "--header", "--source", "--version"):
            self.assertIn(option, result.stdout)
        with open("compat/evcompat.h", encoding="utf-8") as file:
            version = re.search('EVCOMPAT_VERSION "(.*)"', file.read()).group(1)
        result = self.run_generator("--version")
        self.assertEqual((result.returncode, result.stdout),
                         (0, f"event_rpcgen.py of libevcompat {version}\n"))


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=0).run(suite)
    # The two tests of rows stand for as many as there are rows.
    total = suite.countTestCases() - 2 + len(ACCEPTED) + len(REFUSED)
    failed = len(result.failures) + len(result.errors)
    print(f"rpcgen grammar: {total} inputs, {total - failed} passed, "
          f"{failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
