/* SPDX-License-Identifier: BSD-3-Clause */
/* A small configuration file: its bytes, and line by line. */
#ifndef EVI_TEXT_H
#define EVI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* What stands between the words of a line. */
#define EVI_BLANKS " \t\r\v\f"

struct evi_text {
	char *bytes; /* len of them, and a NUL */
	size_t len;
	size_t next; /* where the next line begins */
};

/*
 * Reads a file of at most max bytes.  Returns 0, or what
 * evdns_resolv_conf_parse() calls it: 1 it cannot be opened, 2 not be looked
 * at, 3 it is too long, 4 no memory, 5 it cannot be read; errno says more.  It
 * never waits.  In either case *text is to be freed.
 */
int evi_text_read(struct evi_text *text, const char *path, size_t max);

/* The same from len bytes, which are copied: 0 or 4. */
int evi_text_copy(struct evi_text *text, const char *bytes, size_t len);

/*
 * Whether a code is about what the process lacks, memory or descriptors,
 * and not about the file.  To be asked at once, while errno is what it was.
 */
bool evi_text_is_for_now(int code);

/*
 * The next line, as a string to be cut up: without its end, and without what
 * follows a NUL in it.  NULL after the last one.
 */
char *evi_text_line(struct evi_text *text);

void evi_text_free(struct evi_text *text);

#endif
