/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program, or a shared library, and all that the loader would bring along, in
 * the loader's order: as much of it as bears on libevent.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "elf_file.h"

/* The project that a file or a copy comes from. */
enum maker {
	MAKER_NONE,  /* nothing of libevent's */
	MAKER_OURS,  /* libevcompat; or 1.4 by its soname, which we answer to */
	MAKER_OF_14, /* a copy of libevent 1.4 */
	MAKER_OF_2,  /* libevent 2.x */
	MAKER_OF_OTHERS, /* a libevent that is neither of the two: 1.3 */
	MAKER_OF_LIBEV	 /* libev, whose emulation has libevent's names */
};

/* The maker of the shared library with this file name or soname. */
enum maker maker_of(const char *soname);

/* "libevent 1.4", "libevent 2", "libev's emulation", ... */
const char *maker_name(enum maker maker);

struct object {
	char *name;	/* the one by which it is needed; the program's path */
	struct elf elf; /* path is NULL: it was not opened, or not found */
	enum maker maker;	     /* by its name */
	const struct object *needer; /* NULL: the program */

	struct strings used;	/* undefined names that matter, sorted */
	struct strings weak;	/* those it can do without */
	struct strings defined; /* names it exports, sorted */

	/* The libevent that is linked into it statically, if any. */
	enum maker copy;
	bool copy_is_certain; /* by symbols, not by strings alone */
	char *copy_version;   /* "2.1.12-stable", or NULL */

	/* Libraries of libevent's in its strings, if it calls dlopen(3). */
	struct strings may_load;
};

struct process {
	struct object **objects; /* the program first */
	size_t n;
	struct strings not_found; /* libraries */
	struct strings notes;	  /* what could not be read */
};

/*
 * Reads the file and all it needs.  Our own libraries, and libevent 1.4's, for
 * which ours stand in, are in the list but are not read.  The caller ends with
 * process_free(), whatever the result.
 */
enum elf_result process_read(struct process *process, const char *path);
void process_free(struct process *process);

/*
 * Returns the object whose definition of this name the process uses: the first
 * one that has it.  NULL if there is none.
 */
const struct object *
process_giver(const struct process *process, const char *name);

#endif
