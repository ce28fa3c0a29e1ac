/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of a client's request, where the program gives it in pieces.
 */
#ifndef EVI_HTTP_UPLOAD_H
#define EVI_HTTP_UPLOAD_H

#include "conn.h"

/* Whether the request has such a body, more of which may come. */
static inline bool
evi_upload_is_open(const struct http_request *req)
{
	return req->upload != NULL && !req->upload->has_ended;
}

/*
 * The head is in the output.  What output_buffer holds follows as the first
 * piece.  Returns 0; -1 without memory.
 */
int evi_upload_begin(struct evhttp_connection *evcon, struct http_request *req);

/* Moves a piece to the output.  Returns 0; -1 without memory. */
int evi_upload_add(struct evhttp_connection *evcon, struct http_request *req,
    struct evbuffer *piece);

/* There is no more.  Returns 0; -1 without memory. */
int evi_upload_end(struct evhttp_connection *evcon, struct http_request *req);

/*
 * All that was given is written: calls the program, if it has not been called
 * since then.  It may free the connection.
 */
void evi_upload_call_cb(struct http_request *req);

/* The request is over: it has no such body any more. */
void evi_upload_free(struct http_request *req);

#endif
