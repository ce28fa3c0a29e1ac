#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes C code, FILE.gen.h and FILE.gen.c, from the messages in FILE.rpc.

event_rpcgen(1) describes the language and the code.  This file has, in order:

1. The description as Python objects: Struct, and a class for each kind of
   member, which also has the C code of that kind.
2. The parser: it replaces comments with blanks, so that offsets stay the same,
   and then makes one pass over the text.  A mistake is an exception, Mistake,
   with an offset, of which main() makes a line and a column.
3. Checks that need the whole file: types that do not exist, C names that
   would be defined twice.
4. The C code.  Templates are C with words in capitals, NAME_WORDS, which
   expand() replaces.
5. The files: both texts are complete before the first byte is written.
"""

import argparse
import errno
import os
import re
import sys

VERSION = "0.2.0"
TAG_LIMIT = 1 << 32
TYPES = "'int', 'string', 'bytes' or 'struct[NAME]'"
C_KEYWORDS = frozenset("""
    auto break case char const continue default do double else enum extern
    float for goto if inline int long register restrict return short signed
    sizeof static struct switch typedef union unsigned void volatile while
    """.split())
CONDITIONS = ("if", "ifdef", "ifndef")
DIRECTIVES = CONDITIONS + ("elif", "else", "endif", "include", "define",
                           "undef", "pragma", "error", "warning", "line")


class Mistake(Exception):
    """An error in the description, at an offset of the text."""

    def __init__(self, offset, message):
        super().__init__(message)
        self.offset = offset


# 1. The description

NAME_WORDS = re.compile("STRUCT|MEMBER|CHILD|TAG|LENGTH")


def expand(template, **words):
    """Returns the template with its words in capitals replaced.

    One pass: words in the replacements stay.
    """
    return NAME_WORDS.sub(lambda found: words.get(found.group(), found.group()),
                          template)


class Member:
    """A member of a struct: the code that all kinds have in common.

    The class of a kind has these templates of C:

    FIELDS  the fields of the struct, beside MEMBER_set
    PARAMS  for each accessor, the types of its parameters after the struct
    ROOM    adds to room how many bytes the record takes at most
    PUT     writes the record at out
    READ    an expression, 0 or -1, that reads the payload of the record r
    CLEAR   unsets the member, and frees what it refers to
    CODE    the accessors' definitions
    TAKE    of an array: the function that reads one element
    """
    accessors = ("assign", "get")
    child = None  # the name of the struct that it refers to
    size = ""

    def __init__(self, name, tag, label, offset):
        self.name = name
        self.tag = tag
        self.optional = label == "optional"
        self.offset = offset

    def words(self, struct):
        """The words that expand() replaces for this member."""
        return dict(struct.words, MEMBER=self.name, LENGTH=self.size,
                    TAG=struct.enum_name(self.name), CHILD=self.child)

    def write_condition(self):
        """A condition in C, or "" for none.

        1.4 writes required members even if they are not set."""
        return "msg->MEMBER_set" if self.optional else ""

    def if_written(self, statement):
        """C code that runs statement, once or for each element, if the member is
        written."""
        condition = self.write_condition()
        return f"\tif ({condition})\n\t\t{statement}\n" if condition else (
            f"\t{statement}\n")

    def read(self):
        """C code that reads a record with the member's tag."""
        return ("\t\t\tif (msg->MEMBER_set ||\n\t\t\t    "
                f"{self.READ} == -1)\n\t\t\t\treturn -1;\n"
                "\t\t\tmsg->MEMBER_set = 1;\n")

    def complete(self):
        """C code that returns -1 if the member is not complete."""
        return "" if self.optional else (
            "\tif (!msg->MEMBER_set)\n\t\treturn -1;\n")


def getter(value):
    """C code of the function that returns a member's value."""
    return """
int
STRUCT_MEMBER_get(struct STRUCT *msg, VALUEvalue)
{
	if (!msg->MEMBER_set)
		return -1;
	*value = msg->MEMBER_data;
	return 0;
}
""".replace("VALUE", value)


class Int(Member):
    FIELDS = "ev_uint32_t MEMBER_data;"
    PARAMS = {"assign": "const ev_uint32_t", "get": "ev_uint32_t *"}
    ROOM = "room += RPC_INT_;"
    PUT = "out = rpc_put_int_(out, TAG, msg->MEMBER_data);"
    READ = "rpc_get_int_(&r, &msg->MEMBER_data)"
    CLEAR = "\tmsg->MEMBER_set = 0;\n"
    CODE = r"""
int
STRUCT_MEMBER_assign(struct STRUCT *msg, const ev_uint32_t value)
{
	msg->MEMBER_data = value;
	msg->MEMBER_set = 1;
	return 0;
}
""" + getter(PARAMS["get"])


class String(Member):
    FIELDS = "char *MEMBER_data;"
    PARAMS = {"assign": "const char *", "get": "char **"}
    ROOM = "room += RPC_HEAD_ + (ev_uint64_t)strlen(msg->MEMBER_data);"
    PUT = "out = rpc_put_string_(out, TAG, msg->MEMBER_data);"
    READ = "rpc_get_string_(&r, &msg->MEMBER_data)"
    CLEAR = ("\tfree(msg->MEMBER_data);\n\tmsg->MEMBER_data = NULL;\n"
             "\tmsg->MEMBER_set = 0;\n")
    CODE = r"""
int
STRUCT_MEMBER_assign(struct STRUCT *msg, const char *value)
{
	char *copy;

	if (value == NULL)
		return -1;
	copy = (char *)rpc_copy_(value, strlen(value));
	if (copy == NULL)
		return -1;
	free(msg->MEMBER_data);
	msg->MEMBER_data = copy;
	msg->MEMBER_set = 1;
	return 0;
}
""" + getter(PARAMS["get"])

    def write_condition(self):
        return (("msg->MEMBER_set && " if self.optional else "") +
                "msg->MEMBER_data != NULL")


class Bytes(Member):
    FIELDS = "ev_uint8_t *MEMBER_data;\n\tev_uint32_t MEMBER_length;"
    PARAMS = {"assign": "const ev_uint8_t *, ev_uint32_t",
              "get": "ev_uint8_t **, ev_uint32_t *"}
    ROOM = "room += RPC_HEAD_ + (ev_uint64_t)msg->MEMBER_length;"
    PUT = ("out = rpc_put_bytes_(out, TAG, msg->MEMBER_data, "
           "msg->MEMBER_length);")
    READ = "rpc_get_bytes_(&r, &msg->MEMBER_data, &msg->MEMBER_length)"
    CLEAR = ("\tfree(msg->MEMBER_data);\n\tmsg->MEMBER_data = NULL;\n"
             "\tmsg->MEMBER_length = 0;\n\tmsg->MEMBER_set = 0;\n")
    CODE = r"""
int
STRUCT_MEMBER_assign(struct STRUCT *msg, const ev_uint8_t *value,
    ev_uint32_t len)
{
	ev_uint8_t *copy;

	if (value == NULL && len > 0)
		return -1;
	copy = (ev_uint8_t *)rpc_copy_(value, len);
	if (copy == NULL)
		return -1;
	free(msg->MEMBER_data);
	msg->MEMBER_data = copy;
	msg->MEMBER_length = len;
	msg->MEMBER_set = 1;
	return 0;
}

int
STRUCT_MEMBER_get(struct STRUCT *msg, ev_uint8_t **value, ev_uint32_t *len)
{
	if (!msg->MEMBER_set)
		return -1;
	*value = msg->MEMBER_data;
	*len = msg->MEMBER_length;
	return 0;
}
"""


class Fixed(Member):
    FIELDS = "ev_uint8_t MEMBER_data[LENGTH];"
    PARAMS = {"assign": "const ev_uint8_t *", "get": "ev_uint8_t **"}
    ROOM = "room += RPC_HEAD_ + sizeof(msg->MEMBER_data);"
    PUT = ("out = rpc_put_bytes_(out, TAG, msg->MEMBER_data, "
           "sizeof(msg->MEMBER_data));")
    READ = "rpc_get_fixed_(&r, msg->MEMBER_data, sizeof(msg->MEMBER_data))"
    CLEAR = ("\tmemset(msg->MEMBER_data, 0, sizeof(msg->MEMBER_data));\n"
             "\tmsg->MEMBER_set = 0;\n")
    CODE = r"""
int
STRUCT_MEMBER_assign(struct STRUCT *msg, const ev_uint8_t *value)
{
	if (value == NULL)
		return -1;
	memmove(msg->MEMBER_data, value, sizeof(msg->MEMBER_data));
	msg->MEMBER_set = 1;
	return 0;
}
""" + getter(PARAMS["get"])


class Child(Member):
    FIELDS = "struct CHILD *MEMBER_data;"
    PARAMS = {"assign": "const struct CHILD *", "get": "struct CHILD **"}
    ROOM = "room += RPC_HEAD_ + CHILD_room_(msg->MEMBER_data);"
    PUT = "out = CHILD_put_(out, TAG, msg->MEMBER_data);"
    READ = "CHILD_get_(r.payload, r.len, &msg->MEMBER_data, depth + 1)"
    CLEAR = ("\tCHILD_free(msg->MEMBER_data);\n\tmsg->MEMBER_data = NULL;\n"
             "\tmsg->MEMBER_set = 0;\n")
    CODE = r"""
int
STRUCT_MEMBER_assign(struct STRUCT *msg, const struct CHILD *value)
{
	if (CHILD_set_(&msg->MEMBER_data, value) == -1)
		return -1;
	msg->MEMBER_set = 1;
	return 0;
}

/* Makes an empty struct if the member is not set. */
int
STRUCT_MEMBER_get(struct STRUCT *msg, struct CHILD **value)
{
	if (!msg->MEMBER_set) {
		CHILD_free(msg->MEMBER_data);
		msg->MEMBER_data = CHILD_new();
		if (msg->MEMBER_data == NULL)
			return -1;
		msg->MEMBER_set = 1;
	}
	*value = msg->MEMBER_data;
	return 0;
}
"""
    write_condition = String.write_condition

    def complete(self):
        first = "msg->MEMBER_set &&" if self.optional else "!msg->MEMBER_set ||"
        return (f"\tif ({first} CHILD_complete(msg->MEMBER_data) == -1)\n"
                "\t\treturn -1;\n")


class Array(Member):
    accessors = ("assign", "get", "add")
    FIELDS = ("struct CHILD **MEMBER_data;\n\tint MEMBER_length;\n"
              "\tint MEMBER_num_allocated;")
    PARAMS = {"assign": "int, const struct CHILD *",
              "get": "int, struct CHILD **"}
    ROOM = "room += RPC_HEAD_ + CHILD_room_(msg->MEMBER_data[at]);"
    PUT = "out = CHILD_put_(out, TAG, msg->MEMBER_data[at]);"
    CLEAR = ("\tfor (at = 0; at < msg->MEMBER_length; at++)\n"
             "\t\tCHILD_free(msg->MEMBER_data[at]);\n"
             "\tfree(msg->MEMBER_data);\n\tmsg->MEMBER_data = NULL;\n"
             "\tmsg->MEMBER_length = 0;\n\tmsg->MEMBER_num_allocated = 0;\n"
             "\tmsg->MEMBER_set = 0;\n")
    CODE = r"""
/* Takes item, if there is memory for one more pointer: 0 or -1. */
static int
STRUCT_MEMBER_push_(struct STRUCT *msg, struct CHILD *item)
{
	struct CHILD **data = msg->MEMBER_data;
	int room = msg->MEMBER_num_allocated;

	if (msg->MEMBER_length >= room) {
		if (room > INT_MAX / 2 / (int)sizeof(*data))
			return -1;
		room = room > 0 ? 2 * room : 1;
		data = (struct CHILD **)realloc(data, room * sizeof(*data));
		if (data == NULL)
			return -1;
		msg->MEMBER_data = data;
		msg->MEMBER_num_allocated = room;
	}
	data[msg->MEMBER_length++] = item;
	msg->MEMBER_set = 1;
	return 0;
}

struct CHILD *
STRUCT_MEMBER_add(struct STRUCT *msg)
{
	struct CHILD *item = CHILD_new();

	if (item != NULL && STRUCT_MEMBER_push_(msg, item) == -1) {
		CHILD_free(item);
		return NULL;
	}
	return item;
}

int
STRUCT_MEMBER_assign(struct STRUCT *msg, int at, const struct CHILD *value)
{
	if (!msg->MEMBER_set || at < 0 || at >= msg->MEMBER_length)
		return -1;
	return CHILD_set_(&msg->MEMBER_data[at], value);
}

int
STRUCT_MEMBER_get(struct STRUCT *msg, int at, struct CHILD **value)
{
	if (!msg->MEMBER_set || at < 0 || at >= msg->MEMBER_length)
		return -1;
	*value = msg->MEMBER_data[at];
	return 0;
}
"""
    TAKE = r"""
/* Appends the element that is in the record: 0 or -1. */
static int
STRUCT_MEMBER_take_(struct STRUCT *msg, const struct rpc_record_ *r, int depth)
{
	struct CHILD *item = NULL;

	if (CHILD_get_(r->payload, r->len, &item, depth) == -1)
		return -1;
	if (STRUCT_MEMBER_push_(msg, item) == -1) {
		CHILD_free(item);
		return -1;
	}
	return 0;
}
"""

    def if_written(self, statement):
        return ("\tfor (at = 0; at < msg->MEMBER_length; at++)\n"
                f"\t\t{statement}\n")

    def read(self):
        return ("\t\t\tif (STRUCT_MEMBER_take_(msg, &r, depth + 1) == -1)\n"
                "\t\t\t\treturn -1;\n")

    def complete(self):
        return ("\tfor (at = 0; at < msg->MEMBER_length; at++)\n"
                "\t\tif (CHILD_complete(msg->MEMBER_data[at]) == -1)\n"
                "\t\t\treturn -1;\n")


class Struct:
    """A struct of the description: a message."""

    def __init__(self, name, offset):
        self.name = name
        self.offset = offset
        self.members = []
        self.words = {"STRUCT": name}

    def enum_name(self, member):
        return f"{self.name}_{member}".upper()

    def has(self, *kinds):
        return any(isinstance(member, kinds) for member in self.members)


class Description:
    """The contents of a description file."""

    def __init__(self):
        self.structs = []
        self.references = []  # to structs: (name, offset)
        self.defines = []  # (name, offset)
        self.header_lines = []
        self.source_lines = []
        self.warnings = []  # (offset, text)


# 2. The parser

COMMENT = re.compile(r'"[^"\n]*"|//[^\n]*|/\*.*?\*/|/\*', re.DOTALL)
BLANKS = re.compile("[ \t\n\v\f]*")
TOKEN = re.compile(r"[A-Za-z_]\w*|[0-9]\w*|.", re.ASCII | re.DOTALL)
DIRECTIVE = re.compile(r"#[ \t]*(\w*)((?:\\\r?\n|[^\n])*)", re.ASCII)
BRACKETS = re.compile(r"\[([^\];{}\n]*)\]")
TAG_FORM = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*")


def without_comments(text):
    """Returns the text with comments replaced by blanks, but for newlines."""

    def blank(found):
        comment = found.group()
        if comment == "/*":
            raise Mistake(found.start(), "this comment has no end")
        if comment.startswith('"'):
            return comment
        return re.sub(r"[^\n]", " ", comment)

    return COMMENT.sub(blank, text)


class Parser:
    """Parses the text of a description in one pass; call parse()."""

    def __init__(self, text):
        self.text = without_comments(text)
        self.offset = 0
        self.found = Description()
        self.directives = Directives(self.found)

    def parse(self):
        """Returns the Description; raises a Mistake."""
        while self.peek():
            word = self.peek()
            if word == "#":
                self.parse_directive()
            elif word == "struct":
                self.parse_struct()
            else:
                self.expected("'struct' or a preprocessor line")
        self.directives.finish()
        return self.found

    # The text, token by token.

    def skip_blanks(self):
        self.offset = BLANKS.match(self.text, self.offset).end()

    def peek(self):
        """Returns the next token without taking it; "" at the end."""
        self.skip_blanks()
        found = TOKEN.match(self.text, self.offset)
        return found.group() if found else ""

    def next(self):
        token = self.peek()
        self.offset += len(token)
        return token

    def expected(self, what):
        """Raises a Mistake: the next token is not what was expected."""
        token = self.peek()
        raise Mistake(self.offset, f"expected {what}, found " +
                      (f"'{token}'" if token else "the end of the file"))

    def take(self, token, why=""):
        """Takes this token, and returns its offset; raises a Mistake if another
        one comes."""
        if self.peek() != token:
            self.expected(f"'{token}'{why}")
        self.next()
        return self.offset - len(token)

    # Lines of the preprocessor.

    def parse_directive(self):
        start = self.text.rfind("\n", 0, self.offset) + 1
        if self.text[start:self.offset].strip():
            self.expected("'struct' or the end of the line")
        line = DIRECTIVE.match(self.text, self.offset)
        self.directives.add(line.group(1), line.group().rstrip(), self.offset)
        self.offset = line.end()

    # Structs and members.

    def parse_struct(self):
        self.next()
        name = self.peek()
        if not re.match("[A-Za-z]", name):
            self.expected("the name of a struct, which begins with a letter")
        if name in C_KEYWORDS:
            raise Mistake(self.offset, f"'{name}' is a word of C: "
                          "expected another name for the struct")
        if self.directives.open:
            self.found.warnings.append((
                self.offset, f"the code of '{name}' is made even if the "
                "condition is false"))
        struct = Struct(name, self.offset)
        self.next()
        self.take("{", " after the name of the struct")
        while self.peek() != "}":
            if self.peek() == ";":
                self.next()
            else:
                struct.members.append(self.parse_member(struct))
        self.next()
        while self.peek() == ";":
            self.next()
        self.found.structs.append(struct)

    def parse_member(self, struct):
        if self.peek() == "#":
            raise Mistake(self.offset, "expected a member or '}': a line of "
                          "the preprocessor cannot be inside a struct")
        label = self.next() if self.peek() in ("optional", "array") else ""
        kind, child = self.parse_type(label)
        name = self.peek()
        if not re.match("[A-Za-z_]", name):
            self.expected("the name of a member, which begins with a letter")
        member_offset = self.offset
        self.next()
        size = self.parse_size(kind)
        if size:
            kind = Fixed
        self.take("=", " and a tag after the name of the member")
        tag = self.parse_tag(struct)
        if self.peek() not in (";", "}"):
            self.expected("';' or '}' after the tag")
        member = kind(name, tag, label, member_offset)
        member.child = child
        member.size = size
        return member

    def parse_type(self, label):
        """Returns (class of the member, name of the struct that it refers to)."""
        word = self.peek()
        offset = self.offset
        kinds = {"int": Int, "string": String, "bytes": Bytes, "struct": Child}
        if word not in kinds:
            self.expected(f"{TYPES}" if label else
                          f"'optional', 'array', {TYPES}")
        self.next()
        if word != "struct":
            if label == "array":
                raise Mistake(offset, "expected 'struct[NAME]': there are "
                              f"arrays of structs only, not of '{word}'")
            return kinds[word], None
        self.take("[", " and the name of a struct: struct[NAME]")
        child = self.peek()
        if not re.match("[A-Za-z]", child):
            self.expected("the name of a struct, which begins with a letter")
        self.found.references.append((child, self.offset))
        self.next()
        self.take("]", " after the name of the struct")
        return Array if label == "array" else Child, child

    def parse_size(self, kind):
        """Returns the text in brackets directly after a name; "" if there are
        none."""
        brackets = BRACKETS.match(self.text, self.offset)
        if self.peek() != "[":
            return ""
        if kind is not Bytes:
            self.expected("'=' and a tag: only bytes have a length")
        if brackets is None:
            self.expected("'[LENGTH]' right after the name, on one line")
        self.offset = brackets.end()
        return brackets.group(1).strip()

    def parse_tag(self, struct):
        text = self.peek()
        if not TAG_FORM.fullmatch(text):
            self.expected("a tag: a number such as 1, 0x10 or 010")
        octal = re.fullmatch("0[0-7]+", text)
        tag = int(text, 8 if octal else 0)
        if tag >= TAG_LIMIT:
            raise Mistake(self.offset, "expected a tag below 2^32")
        for member in struct.members:
            if member.tag == tag:
                raise Mistake(self.offset, "expected another tag: "
                              f"'{member.name}' has {tag} already")
        if octal:
            self.found.warnings.append((
                self.offset, f"the tag {text} is octal: {tag}"))
        self.next()
        return tag


class Condition:
    """An #if, #ifdef or #ifndef whose #endif was not parsed yet."""

    def __init__(self, offset, line):
        self.offset = offset
        self.lines = [line]  # for the header, if there is a #define
        self.has_define = False


class Directives:
    """Lines of the preprocessor, for the header and for the source.

    The header has the #defines; the source has the rest.  A condition around a
    #define is in both.
    """

    def __init__(self, found):
        self.found = found
        self.open = []  # Conditions, the innermost last

    def add(self, word, line, offset):
        if word not in DIRECTIVES:
            raise Mistake(offset, "expected #include, #define, #undef, #pragma "
                          "or a condition, found '" + line.split("\n")[0] + "'")
        if word in ("elif", "else", "endif") and not self.open:
            raise Mistake(offset, f"this #{word} has no #if before it")
        if word in ("define", "undef"):
            self.add_define(word, line, offset)
            return
        self.found.source_lines.append(line)
        if word in CONDITIONS:
            self.open.append(Condition(offset, line))
        elif word in ("elif", "else"):
            self.open[-1].lines.append(line)
        elif word == "endif":
            condition = self.open.pop()
            if condition.has_define:
                self.lines().extend(condition.lines + [line])

    def add_define(self, word, line, offset):
        name = re.match(r"#[ \t]*\w+[ \t]+([A-Za-z_]\w*)", line, re.ASCII)
        if name is None:
            raise Mistake(offset, f"expected a name after #{word}")
        if word == "define":
            self.found.defines.append((name.group(1), offset))
        self.lines().append(line)
        for condition in self.open:
            condition.has_define = True

    def lines(self):
        """Returns the list that the header's next line belongs to."""
        return self.open[-1].lines if self.open else self.found.header_lines

    def finish(self):
        if self.open:
            raise Mistake(self.open[-1].offset, "this condition has no #endif")


# 3. Checks of the whole file

STRUCT_FUNCTIONS = ("new", "free", "clear", "marshal", "unmarshal", "complete",
                    "base_", "room_", "write_", "put_", "read_", "get_",
                    "copy_", "set_")


def names_of(struct):
    """Yields (C name, offset) for each name that a struct's code defines.

    The offset is that of the struct or member because of which it is defined.

    Tags of structs and enums have a name space of their own.
    """
    for tag in (f"{struct.name}", f"{struct.name}_", f"{struct.name}_access_"):
        yield "struct " + tag, struct.offset
    for function in STRUCT_FUNCTIONS:
        yield f"{struct.name}_{function}", struct.offset
    yield f"evtag_marshal_{struct.name}", struct.offset
    yield f"evtag_unmarshal_{struct.name}", struct.offset
    yield struct.enum_name("max_tags"), struct.offset
    for member in struct.members:
        yield struct.enum_name(member.name), member.offset
        for accessor in member.accessors + ("push_", "take_"):
            yield f"{struct.name}_{member.name}_{accessor}", member.offset


def check(found):
    """Raises a Mistake if the C code would not compile."""
    defined = {name: offset for name, offset in found.defines}
    for struct in found.structs:
        members = set()
        for member in struct.members:
            if member.name in members:
                raise Mistake(member.offset, "expected another name: there is "
                              f"a member '{member.name}' already")
            members.add(member.name)
        for name, offset in names_of(struct):
            if name == f"struct {struct.name}" and name in defined:
                raise Mistake(offset, "expected another name: there is a "
                              f"struct '{struct.name}' already")
            if name in defined:
                raise Mistake(offset, "expected another name: "
                              f"'{name}' would be defined twice in C")
            defined[name] = offset
    check_references(found)


def check_references(found):
    """Raises a Mistake if a struct is neither defined in the file nor may be
    defined in an included header."""
    structs = {struct.name for struct in found.structs}
    if any(re.match(r'#[ \t]*include[ \t]*"', line)
           for line in found.source_lines):
        return
    for name, offset in found.references:
        if name not in structs:
            raise Mistake(offset, "expected the name of a struct of this file: "
                          f"there is no struct '{name}', and no #include of "
                          "the .gen.h that has it")


# 4. The C code

HEADER = r"""
/*
 * Made from %(path)s by event_rpcgen.py; not to be edited.
 *
 * For each struct NAME of that file:
 *
 * NAME_new() makes an empty struct; it returns NULL without memory.
 * NAME_free() frees it with all its members.  NAME_clear() unsets all members.
 *
 * NAME_MEMBER_assign() copies a value.  It returns 0, or -1 without memory.
 * NAME_MEMBER_get() stores a pointer to the value, or a number.  It returns 0,
 * or -1 if the member is not set; a struct that is not set is made.
 * NAME_MEMBER_add() appends an empty element to an array, and returns it, or
 * NULL without memory.  An index that is not in the array returns -1.
 *
 * NAME_complete() returns 0, or -1 if a member that is not optional is not set.
 * NAME_marshal() appends the struct to a buffer; without memory it appends
 * nothing.  NAME_unmarshal() adds the members in a buffer, and drains it.  It
 * returns 0, or -1 if a record is wrong or a member is missing; a wrong record
 * and those after it stay in the buffer.  evtag_marshal_NAME() and
 * evtag_unmarshal_NAME() write and read the struct as one record with a tag.
 */
#ifndef %(guard)s
#define %(guard)s

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>
%(lines)s
#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvariadic-macros"
#endif

/* Macros for members of any struct: EVTAG_ASSIGN(msg, member, value). */
#ifndef EVTAG_HAS
#define EVTAG_HAS(msg, member) ((msg)->member##_set == 1)
#define EVTAG_ASSIGN(msg, member, ...) \
	((*(msg)->base->member##_assign)(msg, __VA_ARGS__))
#define EVTAG_GET(msg, member, ...) \
	((*(msg)->base->member##_get)(msg, __VA_ARGS__))
#define EVTAG_ADD(msg, member) ((*(msg)->base->member##_add)(msg))
#define EVTAG_LEN(msg, member) ((msg)->member##_length)
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
%(structs)s
#ifdef __cplusplus
}
#endif

#endif
"""

STRUCT_DECLARATIONS = r"""
/* The tags of struct STRUCT. */
enum STRUCT_ {
%(tags)s};

/* The functions that EVTAG_ASSIGN() and the other macros call. */
struct STRUCT_access_ {
%(access)s};

struct STRUCT {
	struct STRUCT_access_ *base;

%(fields)s
%(sets)s};

struct STRUCT *STRUCT_new(void);
void STRUCT_free(struct STRUCT *);
void STRUCT_clear(struct STRUCT *);
void STRUCT_marshal(struct evbuffer *, const struct STRUCT *);
int STRUCT_unmarshal(struct STRUCT *, struct evbuffer *);
int STRUCT_complete(struct STRUCT *);
void evtag_marshal_STRUCT(struct evbuffer *, ev_uint32_t,
    const struct STRUCT *);
int evtag_unmarshal_STRUCT(struct evbuffer *, ev_uint32_t, struct STRUCT *);
%(functions)s
/* For generated code whose structs have a struct STRUCT. */
ev_uint64_t STRUCT_room_(const struct STRUCT *);
unsigned char *STRUCT_put_(unsigned char *, ev_uint32_t, const struct STRUCT *);
int STRUCT_get_(const unsigned char *, size_t, struct STRUCT **, int);
int STRUCT_set_(struct STRUCT **, const struct STRUCT *);
"""

SOURCE = r"""
/*
 * Made from %(path)s by event_rpcgen.py; not to be edited.
 *
 * A message is marshalled in two steps.  NAME_room_() returns how many bytes it
 * can take at most, and the buffer reserves them; then NAME_write_() writes it
 * there, record by record, and returns where it ends.  NAME_read_() reads one
 * record after the other, by its tag, and stops at the first wrong one.
 *
 * The bytes: a record is a tag, the length of the payload, and the payload.  A
 * tag goes out in groups of seven bits, the lowest first, one to a byte, whose
 * top bit says that another one follows.  A length, and the payload of an int,
 * are numbers: nibbles, two to a byte, the high half first.  The first nibble
 * is how many follow the next one; then come those of the number, from the
 * lowest to the highest that is not 0.
 */
#include <sys/types.h>
#include <sys/time.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
%(lines)s
#include "%(include)s"
%(constants)s%(code)s"""

CONSTANTS = r"""
#define RPC_HEAD_ 10 /* bytes of a tag and a length, at most */
#define RPC_INT_ 11  /* bytes of a record with an int, at most */

/* How deep structs may be nested in bytes that are unmarshalled. */
#ifndef EVENT_RPCGEN_DEPTH
#define EVENT_RPCGEN_DEPTH 256
#endif
"""

# Functions for the code of structs; those that nothing calls are left out.
HELPERS = [r"""
/*
 * Where the next bytes of a buffer go, with room for them; NULL without memory.
 * One byte more is reserved, so that an empty buffer has a block to point into.
 */
static unsigned char *
rpc_room_(struct evbuffer *buf, ev_uint64_t room)
{
	if (room > INT_MAX || evbuffer_expand(buf, (size_t)room + 1) == -1)
		return NULL;
	return EVBUFFER_DATA(buf) + EVBUFFER_LENGTH(buf);
}
""", r"""
/* Makes the bytes that were written up to end a part of the buffer. */
static void
rpc_count_(struct evbuffer *buf, const unsigned char *end)
{
	size_t before = EVBUFFER_LENGTH(buf);

	EVBUFFER_LENGTH(buf) = end - EVBUFFER_DATA(buf);
	if (buf->cb != NULL && EVBUFFER_LENGTH(buf) > before)
		(*buf->cb)(buf, before, EVBUFFER_LENGTH(buf), buf->cbarg);
}
""", r"""
/* The rpc_put_*() functions write at out, and return where it ends. */
static unsigned char *
rpc_put_tag_(unsigned char *out, ev_uint32_t tag)
{
	for (; tag > 0x7f; tag >>= 7)
		*out++ = (unsigned char)(0x80 | (tag & 0x7f));
	*out++ = (unsigned char)tag;
	return out;
}
""", r"""
static unsigned char *
rpc_put_number_(unsigned char *out, ev_uint32_t number)
{
	unsigned int more = 0; /* nibbles after the first */

	while (number >> 4 * more > 0x0f)
		more++;
	*out++ = (unsigned char)(more << 4 | (number & 0x0f));
	for (number >>= 4; number != 0; number >>= 8)
		*out++ = (unsigned char)((number & 0x0f) << 4 |
		    (number >> 4 & 0x0f));
	return out;
}
""", r"""
static unsigned char *
rpc_put_int_(unsigned char *out, ev_uint32_t tag, ev_uint32_t number)
{
	unsigned char *len = rpc_put_tag_(out, tag);
	unsigned char *end = rpc_put_number_(len + 1, number);

	/* The length, 1 to 5, takes one byte, whose high nibble is 0. */
	*len = (unsigned char)(end - len - 1);
	return end;
}
""", r"""
/* data may overlap what is written, if it begins at out + RPC_HEAD_. */
static unsigned char *
rpc_put_bytes_(unsigned char *out, ev_uint32_t tag, const void *data,
    size_t len)
{
	out = rpc_put_tag_(out, tag);
	out = rpc_put_number_(out, (ev_uint32_t)len);
	if (len > 0)
		memmove(out, data, len);
	return out + len;
}
""", r"""
static unsigned char *
rpc_put_string_(unsigned char *out, ev_uint32_t tag, const char *string)
{
	return rpc_put_bytes_(out, tag, string, strlen(string));
}
""", r"""
/* A record in a buffer. */
struct rpc_record_ {
	ev_uint32_t tag;
	size_t size; /* of the whole record, in bytes */
	size_t len;  /* of the payload, in bytes */
	const unsigned char *payload;
};
""", r"""
/* Parses a tag.  Returns its length; 0 if it is wrong or incomplete. */
static size_t
rpc_get_tag_(const unsigned char *data, size_t size, ev_uint32_t *tag)
{
	ev_uint32_t value = 0;
	size_t at;

	for (at = 0; at < size && at < 5; at++) {
		/* The fifth byte has the highest four bits. */
		if (at == 4 && data[at] > 0x0f)
			return 0;
		value |= (ev_uint32_t)(data[at] & 0x7f) << 7 * at;
		if (data[at] <= 0x7f) {
			*tag = value;
			return at + 1;
		}
	}
	return 0;
}
""", r"""
/* Parses a number.  Returns its length; 0 if it is wrong or incomplete. */
static size_t
rpc_get_number_(const unsigned char *data, size_t size, ev_uint32_t *number)
{
	ev_uint32_t value, nibble;
	unsigned int more, at;

	if (size == 0)
		return 0;
	more = data[0] >> 4;
	if (more > 7 || size < 1 + (more + 1) / 2)
		return 0;
	value = data[0] & 0x0f;
	for (at = 1; at <= more; at++) {
		nibble = at % 2 ? data[(at + 1) / 2] >> 4 : data[at / 2] & 0x0f;
		value |= nibble << 4 * at;
	}
	*number = value;
	return 1 + (more + 1) / 2;
}
""", r"""
/* Parses the first record, which must be complete.  Returns 0 or -1. */
static int
rpc_get_record_(const unsigned char *data, size_t size, struct rpc_record_ *r)
{
	size_t tag_size, len_size;
	ev_uint32_t len;

	tag_size = rpc_get_tag_(data, size, &r->tag);
	if (tag_size == 0)
		return -1;
	len_size = rpc_get_number_(data + tag_size, size - tag_size, &len);
	if (len_size == 0 || len > INT_MAX ||
	    len > size - tag_size - len_size)
		return -1;
	r->payload = data + tag_size + len_size;
	r->len = len;
	r->size = tag_size + len_size + len;
	return 0;
}
""", r"""
/* Returns a copy with a NUL after it, which the caller frees; or NULL. */
static void *
rpc_copy_(const void *data, size_t len)
{
	char *copy = len < (size_t)-1 ? (char *)malloc(len + 1) : NULL;

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}
""", r"""
/* The rpc_get_*() functions read the payload of a record.  Return 0 or -1. */
static int
rpc_get_int_(const struct rpc_record_ *r, ev_uint32_t *value)
{
	return rpc_get_number_(r->payload, r->len, value) > 0 ? 0 : -1;
}
""", r"""
static int
rpc_get_string_(const struct rpc_record_ *r, char **value)
{
	char *copy = (char *)rpc_copy_(r->payload, r->len);

	if (copy == NULL)
		return -1;
	free(*value);
	*value = copy;
	return 0;
}
""", r"""
static int
rpc_get_bytes_(const struct rpc_record_ *r, ev_uint8_t **value,
    ev_uint32_t *len)
{
	ev_uint8_t *copy = (ev_uint8_t *)rpc_copy_(r->payload, r->len);

	if (copy == NULL)
		return -1;
	free(*value);
	*value = copy;
	*len = (ev_uint32_t)r->len;
	return 0;
}
""", r"""
static int
rpc_get_fixed_(const struct rpc_record_ *r, ev_uint8_t *value, size_t len)
{
	if (r->len != len)
		return -1;
	if (len > 0)
		memcpy(value, r->payload, len);
	return 0;
}
"""]

STRUCT_TABLE = r"""
/* struct STRUCT */

static struct STRUCT_access_ STRUCT_base_ = {
%(table)s};
"""

STRUCT_CODE = r"""
struct STRUCT *
STRUCT_new(void)
{
	struct STRUCT *msg = (struct STRUCT *)malloc(sizeof(*msg));

	if (msg == NULL)
		return NULL;
	memset(msg, 0, sizeof(*msg));
	msg->base = &STRUCT_base_;
	return msg;
}

void
STRUCT_free(struct STRUCT *msg)
{
	if (msg == NULL)
		return;
	STRUCT_clear(msg);
	free(msg);
}

/* 1.4: an int keeps its value. */
void
STRUCT_clear(struct STRUCT *msg)
{
%(clear)s}

int
STRUCT_complete(struct STRUCT *msg)
{
%(complete)s	return 0;
}

ev_uint64_t
STRUCT_room_(const struct STRUCT *msg)
{
%(room)s	return room;
}

/* 1.4: a member that is not optional is written even if it is not set. */
static unsigned char *
STRUCT_write_(unsigned char *out, const struct STRUCT *msg)
{
%(write)s	return out;
}

/* Writes one record with the struct in it. */
unsigned char *
STRUCT_put_(unsigned char *out, ev_uint32_t tag, const struct STRUCT *msg)
{
	unsigned char *payload = out + RPC_HEAD_;
	unsigned char *end = STRUCT_write_(payload, msg);

	return rpc_put_bytes_(out, tag, payload, end - payload);
}

/* Adds the members that are in size bytes of data.  *used: the length of the
 * valid records. */
static int
STRUCT_read_(struct STRUCT *msg, const unsigned char *data, size_t size,
    size_t *used, int depth)
{
	struct rpc_record_ r;

%(unused)s	for (*used = 0; *used < size; *used += r.size) {
		if (rpc_get_record_(data + *used, size - *used, &r) == -1)
			return -1;
		switch (r.tag) {
%(read)s		default:
			return -1;
		}
	}
	return STRUCT_complete(msg);
}

void
STRUCT_marshal(struct evbuffer *buf, const struct STRUCT *msg)
{
	unsigned char *out = rpc_room_(buf, STRUCT_room_(msg));

	if (out != NULL)
		rpc_count_(buf, STRUCT_write_(out, msg));
}

int
STRUCT_unmarshal(struct STRUCT *msg, struct evbuffer *buf)
{
	size_t used;
	int result;

	result = STRUCT_read_(msg, EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf),
	    &used, 0);
	evbuffer_drain(buf, used);
	return result;
}

void
evtag_marshal_STRUCT(struct evbuffer *buf, ev_uint32_t tag,
    const struct STRUCT *msg)
{
	unsigned char *out = rpc_room_(buf, RPC_HEAD_ + STRUCT_room_(msg));

	if (out != NULL)
		rpc_count_(buf, STRUCT_put_(out, tag, msg));
}

int
evtag_unmarshal_STRUCT(struct evbuffer *buf, ev_uint32_t tag,
    struct STRUCT *msg)
{
	struct rpc_record_ r;
	size_t used;

	if (rpc_get_record_(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), &r) == -1)
		return -1;
	if (r.tag != tag ||
	    STRUCT_read_(msg, r.payload, r.len, &used, 0) == -1)
		return -1;
	evbuffer_drain(buf, r.size);
	return 0;
}

/* Replaces *msg, which may be NULL, with the payload.  Returns 0 or -1. */
int
STRUCT_get_(const unsigned char *payload, size_t len, struct STRUCT **msg,
    int depth)
{
	struct STRUCT *fresh;
	size_t used;

	if (depth > EVENT_RPCGEN_DEPTH)
		return -1;
	fresh = STRUCT_new();
	if (fresh == NULL)
		return -1;
	if (STRUCT_read_(fresh, payload, len, &used, depth) == -1) {
		STRUCT_free(fresh);
		return -1;
	}
	STRUCT_free(*msg);
	*msg = fresh;
	return 0;
}

/* Returns a copy; NULL if the struct is not complete, or without memory. */
static struct STRUCT *
STRUCT_copy_(const struct STRUCT *from)
{
	struct evbuffer *buf = evbuffer_new();
	struct STRUCT *copy = STRUCT_new();

	if (buf != NULL)
		STRUCT_marshal(buf, from);
	if (buf == NULL || copy == NULL || STRUCT_unmarshal(copy, buf) == -1) {
		STRUCT_free(copy);
		copy = NULL;
	}
	if (buf != NULL)
		evbuffer_free(buf);
	return copy;
}

/* Copies from into *to, and makes *to if it is NULL. */
int
STRUCT_set_(struct STRUCT **to, const struct STRUCT *from)
{
	struct STRUCT *copy = from != NULL ? STRUCT_copy_(from) : NULL;
	struct STRUCT old;

	if (copy == NULL)
		return -1;
	if (*to == NULL) {
		*to = copy;
		return 0;
	}
	old = **to;
	**to = *copy;
	*copy = old;
	STRUCT_free(copy);
	return 0;
}
"""


def accessors(struct):
    """Yields (type of the result, name, parameters) of members' functions."""
    for member in struct.members:
        for accessor in member.accessors:
            result = "int "
            params = f"struct {struct.name} *"
            if accessor == "add":
                result = f"struct {member.child} *"
            else:
                params += ", " + member.PARAMS[accessor].replace(
                    "CHILD", member.child or "")
            yield result, f"{member.name}_{accessor}", params


def c_number(tag):
    """Returns a number as C code; a decimal of 32 bits would be a long."""
    return tag if tag < 1 << 31 else hex(tag)


def declare_struct(struct):
    """Returns the header's code of a struct."""
    tags = [f"\t{struct.enum_name(member.name)} = {c_number(member.tag)},\n"
            for member in struct.members]
    access = [f"\t{result}(*{name})({params});\n"
              for result, name, params in accessors(struct)]
    functions = [f"{result}{struct.name}_{name}({params});\n"
                 for result, name, params in accessors(struct)]
    fields = [expand(f"\t{member.FIELDS}\n", **member.words(struct))
              for member in struct.members]
    return expand(STRUCT_DECLARATIONS, **struct.words) % {
        "tags": "".join(tags) + f"\t{struct.enum_name('max_tags')}\n",
        # C has no empty structs.
        "access": "".join(access) or "\tchar unused;\n",
        "fields": "".join(fields),
        "sets": "".join(f"\tev_uint8_t {member.name}_set;\n"
                        for member in struct.members),
        "functions": "".join(functions)}


def body(struct, code, declarations=""):
    """Returns the body of a function; code is that of the members."""
    if struct.has(Array):
        declarations += "\tint at;\n"
    if declarations:
        declarations += "\n"
    unused = "" if re.search(r"\bmsg\b", code) else "\t(void)msg;\n"
    return declarations + unused + code


def define_struct(struct):
    """Returns the source's code of a struct."""

    def all_of(method):
        return "".join(expand(method(member), **member.words(struct))
                       for member in struct.members)

    table = [f"\t{struct.name}_{name},\n" for _, name, _ in accessors(struct)]
    cases = all_of(lambda member:
                   f"\t\tcase TAG:\n{member.read()}\t\t\tbreak;\n")
    rooms = all_of(lambda member: member.if_written(member.ROOM))
    writes = all_of(lambda member: member.if_written(member.PUT))
    code = expand(STRUCT_TABLE, **struct.words) % {"table": "".join(table) or "\t0\n"}
    code += all_of(lambda member: member.CODE)
    code += all_of(lambda member: getattr(member, "TAKE", ""))
    return code + expand(STRUCT_CODE, **struct.words) % {
        "clear": body(struct, all_of(lambda member: member.CLEAR)),
        "complete": body(struct, all_of(lambda member: member.complete())),
        "room": body(struct, rooms, "\tev_uint64_t room = 0;\n"),
        "write": body(struct, writes),
        "unused": "" if struct.has(Child, Array) else "\t(void)depth;\n",
        "read": cases}


def used_helpers(code):
    """Returns the helpers that the code calls, and those that these call."""
    used = ""
    for helper in reversed(HELPERS):
        name = re.search(r"\b(rpc_\w+_)(?:\(| \{)", helper).group(1)
        if re.search(rf"\b{name}\b", code + used):
            used = helper + used
    return used


def make_header(found, path):
    names = [struct.name for struct in found.structs]
    names += [name for name, _ in found.references]
    structs = "".join(f"struct {name};\n" for name in dict.fromkeys(names))
    lines = "".join(line + "\n" for line in found.header_lines)
    guard = re.sub(r"\W", "_", path.upper(), flags=re.ASCII)
    return HEADER.lstrip("\n") % {
        "path": path, "guard": f"_{guard}_",
        "lines": "\n" + lines if lines else "",
        "structs": ("\n" + structs if structs else "") +
                   "".join(map(declare_struct, found.structs))}


def make_source(found, path, header):
    """Returns the source file; header is the name in its #include."""
    code = "".join(map(define_struct, found.structs))
    return SOURCE.lstrip("\n") % {
        "path": path, "include": header,
        "lines": "".join(line + "\n" for line in found.source_lines),
        "constants": CONSTANTS if code else "",
        "code": used_helpers(code) + code}


# 5. Files


def complain(path, text, offset, message):
    """Prints a mistake, and its line with a mark, to standard error."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:].split("\n", 1)[0]
    row = text.count("\n", 0, offset) + 1
    blanks = re.sub(r"[^\t]", " ", text[start:offset])
    sys.stderr.write(f"{path}:{row}:{offset - start + 1}: {message}\n"
                     f"{line}\n{blanks}^\n")


def write_files(texts):
    """Writes {path: text}: all files completely, or if that fails, none."""
    written = []
    for path in texts:
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR),
                                    path)
    try:
        for path, text in texts.items():
            part = f"{path}.{os.getpid()}.part"
            written.append((part, path))
            with open(part, "w", encoding="utf-8", newline="\n",
                      errors="surrogateescape") as file:
                file.write(text)
        for part, path in written:
            os.replace(part, path)
    except OSError:
        for part, _ in written:
            if os.path.exists(part):
                os.unlink(part)
        raise


class Arguments(argparse.ArgumentParser):
    """Exits with 1 for wrong arguments, as for any failure; argparse with 2."""

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parse_arguments(words):
    parser = Arguments(
        prog="event_rpcgen.py", allow_abbrev=False,
        description="Makes FILE.gen.h and FILE.gen.c from FILE.rpc, beside it. "
        "See event_rpcgen(1).")
    parser.add_argument("file", metavar="FILE.rpc")
    parser.add_argument("-o", metavar="DIR", dest="folder",
                        help="write into this directory instead")
    parser.add_argument("--header", action="store_true",
                        help="write FILE.gen.h only")
    parser.add_argument("--source", action="store_true",
                        help="write FILE.gen.c only")
    parser.add_argument("--version", action="version",
                        version=f"event_rpcgen.py of libevcompat {VERSION}")
    arguments = parser.parse_args(words)
    if not arguments.file.endswith(".rpc"):
        parser.error(f"expected a file whose name ends in .rpc, "
                     f"found '{arguments.file}'")
    return arguments


def generate(path, text, arguments):
    """Returns {path: text} of the files to write."""
    parser = Parser(text)
    found = parser.parse()
    check(found)
    for offset, warning in found.warnings:
        complain(path, text, offset, "warning: " + warning)
    stem = path[:-len(".rpc")]
    if arguments.folder is not None:
        stem = os.path.join(arguments.folder, os.path.basename(stem))
    # The header is beside the source; 1.4 includes the path as it was given.
    include = os.path.basename(stem) if arguments.folder is not None else stem
    both = arguments.header == arguments.source
    files = {}
    if both or arguments.header:
        files[f"{stem}.gen.h"] = make_header(found, path)
    if both or arguments.source:
        files[f"{stem}.gen.c"] = make_source(found, path, f"{include}.gen.h")
    return files


def main():
    arguments = parse_arguments(sys.argv[1:])
    path = arguments.file
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            text = file.read()
        write_files(generate(path, text, arguments))
    except Mistake as mistake:
        complain(path, text, mistake.offset, str(mistake))
        return 1
    except OSError as error:
        sys.stderr.write(f"event_rpcgen.py: {error.filename}: "
                         f"{error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
