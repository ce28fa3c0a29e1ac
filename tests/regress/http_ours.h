/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers for tests of what our HTTP server has and 1.4 lacks: names of 2.x, on
 * top of the server and raw client of the conformance tests.
 */
#ifndef REGRESS_HTTP_OURS_H
#define REGRESS_HTTP_OURS_H

#define EVCOMPAT_HTTP

#include "http_server.h"

#include <evcompat.h>

/* A handler that keeps the request in what arg points to, for the test to
 * answer. */
void keep_request_for_cb(struct evhttp_request *req, void *arg);

/* Conditions for wait_until(). */
bool is_pointer_set(void *arg);

/* Runs the loop until that word is in the log. */
void await_note(struct server *s, const char *word);

struct counted_server {
	struct evhttp *http;
	int n;
};

/* Runs the loop until the server has n connections. */
void await_connections(struct server *s, int n);

void note_closed_cb(struct evhttp_connection *evcon, void *arg);

/* An error callback, which notes "error:2". */
void note_error_cb(enum evhttp_request_error error, void *arg);

/* Notes a client's answer: "NULL", or the code and after a colon the body. */
void note_response(struct evhttp_request *req);

struct evbuffer *buffer_of(const void *bytes, size_t len);

/* A buffer of n bytes 'x'. */
struct evbuffer *buffer_of_size(size_t n);

void send_chunk(struct evhttp_request *req, const char *text);

#endif
