/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP client with the names of 2.x; see the header. */
#include "http_ours_client.h"

void
note_named_error_cb(enum evhttp_request_error error, void *name)
{
	note("%s:error:%d", (char *)name, (int)error);
}

int
note_named_head_cb(struct evhttp_request *req, void *name)
{
	note("%s:head:%d", (char *)name, req->response_code);
	assert_non_null(req->evcon);
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 0);
	return 0;
}

struct evhttp_request *
new_noting_request(char *name, bool streams)
{
	struct evhttp_request *req = new_request(name);

	evhttp_request_set_error_cb(req, note_named_error_cb);
	if (streams) {
		evhttp_request_set_header_cb(req, note_named_head_cb);
		evhttp_request_set_chunked_cb(req, chunk_cb);
	}
	return req;
}
