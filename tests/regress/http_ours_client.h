/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers for tests of what our HTTP client has and 1.4 lacks: names of 2.x, on
 * top of the client and the origin of the conformance tests.
 */
#ifndef REGRESS_HTTP_OURS_CLIENT_H
#define REGRESS_HTTP_OURS_CLIENT_H

#define EVCOMPAT_HTTP

#include "test.h"

#include "http_client.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* An error callback, which notes "NAME:error:2". */
void note_named_error_cb(enum evhttp_request_error error, void *name);

/* A header callback, which notes "NAME:head:200". */
int note_named_head_cb(struct evhttp_request *req, void *name);

/* A request whose errors are noted, and if it streams, its head and pieces. */
struct evhttp_request *new_noting_request(char *name, bool streams);

#endif
