/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests share of what our HTTP client has and 1.4 has not: the client
 * and the origin of the conformance tests, with the names of 2.x.
 */
#ifndef REGRESS_HTTP_OURS_CLIENT_H
#define REGRESS_HTTP_OURS_CLIENT_H

#define EVCOMPAT_HTTP

#include "test.h"

#include "http_client.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* An error callback, which notes "NAME:error:2". */
static inline void
note_error_cb(enum evhttp_request_error error, void *name)
{
	note("%s:error:%d", (char *)name, (int)error);
}

/* A header callback, which notes "NAME:head:200". */
static inline int
note_head_cb(struct evhttp_request *req, void *name)
{
	note("%s:head:%d", (char *)name, req->response_code);
	assert_non_null(req->evcon);
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 0);
	return 0;
}

/* A request whose errors are noted, and if it streams, its head and pieces. */
static inline struct evhttp_request *
new_told(char *name, bool streams)
{
	struct evhttp_request *req = new_request(name);

	evhttp_request_set_error_cb(req, note_error_cb);
	if (streams) {
		evhttp_request_set_header_cb(req, note_head_cb);
		evhttp_request_set_chunked_cb(req, chunk_cb);
	}
	return req;
}

#endif
