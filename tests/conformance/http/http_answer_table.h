/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tables of answers: the bytes an origin answers a GET with, and what the
 * request's callback is to note of them.
 */
#ifndef CONFORMANCE_HTTP_ANSWER_TABLE_H
#define CONFORMANCE_HTTP_ANSWER_TABLE_H

#include "http_client.h"

struct answer {
	const char *what;
	const char *bytes;
	const char *expected;
};

/* What the origin does after the last byte. */
enum ending {
	STAYS,
	CLOSES
};

/* How the bytes come. */
enum pace {
	WHOLE,
	BYTEWISE
};

/* n times unit between two strings; the caller frees it. */
char *repeat(const char *before, const char *unit, size_t n, const char *after);

/* A callback that notes the answer's headers as well, as "[name=value]". */
void headers_cb(struct evhttp_request *req, void *name);

void check_bytes_with(const char *bytes, size_t len, const char *expected,
    enum ending ending, enum pace pace,
    void (*cb)(struct evhttp_request *, void *));

void check_bytes(const char *bytes, const char *expected, enum ending ending);

void check_rows(const struct answer *rows, size_t n, enum ending ending,
    enum pace pace, void (*cb)(struct evhttp_request *, void *));

#define check_table(table, ending, pace, cb)                                   \
	check_rows(table, sizeof(table) / sizeof(table)[0], ending, pace, cb)

#endif
