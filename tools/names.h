/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looks up libevent's names: which of them our library has, and which of them
 * are the subject of a row of COMPAT.md.  The tables are made when the library
 * is built (tools/generate), of src/exports.map, of the lists in tests/abi and
 * of COMPAT.md.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* The tables that a name is in. */
enum name_flag {
	NAME_OURS = 1,	    /* src/exports.map */
	NAME_PUBLIC = 2,    /* declared in a header of ours */
	NAME_OF_14 = 4,	    /* exported by libevent 1.4.15 */
	NAME_INTERNAL = 8,  /* of 1.4, and left out on purpose */
	NAME_LATER = 16,    /* of 1.4, and not written yet */
	NAME_OF_21 = 32,    /* exported by libevent 2.1.12 */
	NAME_OF_MACRO = 64, /* a macro of a header of ours */
};

/* The flags of the name; 0: it is in no table. */
unsigned name_flags(const char *name);

/* Whether the name looks like one of libevent's, whatever its version. */
bool name_is_event(const char *name);

/*
 * Whether the name is in a table, or looks like libevent's, or stands in the
 * conditions of a difference: all others can be forgotten.
 */
bool name_is_wanted(const char *name);

/* A row of COMPAT.md's tables of what is different here. */
struct difference {
	const char *text;
	/*
	 * Alternatives, separated by blanks: functions, or several joined by
	 * '+', all of which have to be used.  A '*' at the end stands for any
	 * rest.
	 */
	const char *when;
	bool is_worth_a_look; /* a program can well depend on it */
};

extern const struct difference differences[];
extern const size_t n_differences;

/*
 * Whether the row is about a program that uses these names (sorted).  Then
 * those that make it so are added to *why, which is empty before; the result is
 * how many of them the first alternative has.
 */
size_t difference_touches(const struct difference *row,
    const struct strings *used, struct strings *why);

#endif
