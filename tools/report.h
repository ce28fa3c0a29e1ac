/* SPDX-License-Identifier: BSD-3-Clause */
/* What was found out about a file or a source tree, and how it is printed. */
#ifndef REPORT_H
#define REPORT_H

#include "text.h"

/* The verdict; also the exit status of evcompat-check. */
enum status {
	STATUS_RUNS = 0,
	STATUS_LOOK = 1,     /* runs; something is to be looked at */
	STATUS_FAILS = 2,    /* does not run as it is */
	STATUS_OF_2 = 3,     /* needs libevent 2 */
	STATUS_NO_EVENT = 4, /* has nothing to do with libevent */
	STATUS_USAGE = 64,   /* as in <sysexits.h> */
	STATUS_UNREADABLE = 66
};

/* The text, and the few words for it that stand in the verdict. */
struct finding {
	char *brief;
	char *text;
	size_t n_more; /* of the same brief; their texts are not kept */
};

struct findings {
	struct finding *at;
	size_t n;
};

/* A name of libevent's that is used. */
struct use {
	char *name;
	unsigned flags; /* enum name_flag */
	char *user;	/* which file uses it, or FILE:LINE */
	char *giver;	/* the file that defines it; NULL: none */
};

/* A row of COMPAT.md that bears on the program, and why. */
struct touched {
	const char *text;
	bool is_worth_a_look;
	struct strings why; /* the functions */
	size_t n_first;	    /* the first of them are enough */
};

struct report {
	char *file;
	char *kind; /* "x86-64 program", "source tree of 12 files" */
	enum status status;
	char *verdict;

	struct strings wants; /* which libevents, and by whom */
	struct use *uses;     /* sorted by name */
	size_t n_uses;
	struct findings problems; /* why it does not run */
	struct findings looks;	  /* what is to be looked at */
	struct strings notes;
	struct touched *touched;
	size_t n_touched;
};

/*
 * Each takes ownership of text and brief, which come from malloc(3).  Of
 * entries to look at with the same brief, the first is kept and the others are
 * counted.
 */
void report_problem(struct report *report, char *brief, char *text);
void report_look(struct report *report, char *brief, char *text);
void report_note(struct report *report, char *text);

/* Removes the entry to look at that has this brief, if there is one. */
void report_drop_look(struct report *report, const char *brief);

/* giver may be NULL.  All are copied. */
void report_use(struct report *report, const char *name, const char *user,
    const char *giver);
bool report_uses(const struct report *report, const char *name);

/* Adds the rows of COMPAT.md that are about these functions (sorted). */
void report_differences(struct report *report, const struct strings *used);

/*
 * Derives the verdict: a problem is STATUS_FAILS, an entry to look at
 * STATUS_LOOK. If the status is not STATUS_RUNS, it stays, with `words` for it.
 */
void report_conclude(struct report *report, const char *words);

void report_free(struct report *report);

enum report_form {
	REPORT_QUIET, /* the verdict alone */
	REPORT_PLAIN,
	REPORT_FULL /* every name, and small differences */
};
void
report_print(FILE *out, const struct report *report, enum report_form form);

/* As one JSON object; evcompat-check(1) describes its members. */
void report_json(FILE *out, const struct report *report);

#endif
