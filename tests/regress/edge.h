/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes at the end of the mapped memory: code that reads one more crashes. */
#ifndef REGRESS_EDGE_H
#define REGRESS_EDGE_H

#include <sys/mman.h>

#include <string.h>
#include <unistd.h>

#include "test.h"

#define EDGE_MAX ((size_t)65536)

/* A copy of these bytes before a page that is not mapped; it stays mapped. */
const char *at_edge(const void *bytes, size_t len);

const char *string_at_edge(const char *string);

#endif
