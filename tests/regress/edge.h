/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes at the end of the mapped memory: code that reads one more crashes. */
#ifndef REGRESS_EDGE_H
#define REGRESS_EDGE_H

#include <stddef.h>

/* The longest copy, in bytes, and how many copies are valid at a time. */
#define EDGE_MAX ((size_t)2 << 20)
#define EDGE_COPIES 16

/*
 * A copy of these bytes before a page that is not mapped; it is valid until
 * EDGE_COPIES more have been made.  The bytes may be of such a copy.
 */
void *at_edge(const void *bytes, size_t len);

char *string_at_edge(const char *string);

#endif
