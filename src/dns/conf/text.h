/* SPDX-License-Identifier: BSD-3-Clause */
/* A small configuration file: its bytes, and line by line. */
#ifndef EVI_TEXT_H
#define EVI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* What stands between the words of a line. */
#define EVI_BLANKS " \t\r\v\f"

struct text_file {
	char *bytes; /* len of them, and a NUL */
	size_t len;
	size_t next; /* where the next line begins */
};

/* The result of reading a file; what evdns_resolv_conf_parse() returns. */
enum conf_result {
	CONF_OK = 0,
	CONF_NOT_OPENED = 1,
	CONF_NO_STAT = 2,
	CONF_TOO_LONG = 3,
	CONF_NO_MEMORY = 4,
	CONF_NOT_READ = 5,
	CONF_NO_NAMESERVER = 6
};

/*
 * Reads a file of at most max bytes, and never waits.  errno is set after an
 * error.  *text is to be freed, also after an error.
 */
enum conf_result
evi_text_read(struct text_file *text, const char *path, size_t max);

/*
 * Whether reading failed for lack of memory or descriptors, and may succeed
 * later.  To be called while errno is still set.
 */
bool evi_text_is_transient(enum conf_result result);

/*
 * The next line, as a string that the caller may change: without its end, and
 * without what follows a NUL in it.  NULL after the last one.
 */
char *evi_text_line(struct text_file *text);

void evi_text_free(struct text_file *text);

/* A domain without the dots around it, from malloc; NULL without memory. */
char *evi_text_domain(const char *name);

#endif
