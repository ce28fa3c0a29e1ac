/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of a client's request, where the program gives it in pieces.
 */
#ifndef EVI_HTTP_UPLOAD_H
#define EVI_HTTP_UPLOAD_H

#include "output.h"

struct upload {
	int64_t remaining; /* bytes; less than 0: their number is unknown */
	bool has_ended;	   /* the program has given all pieces */
	bool is_cb_due;	   /* cb is called once all output is written */
	void (*cb)(struct evhttp_request *, void *);
	void *arg;
};

/*
 * Prepares the request for a body in pieces: length bytes, or any number if
 * that is -1.  cb is called when more pieces may be given.  Returns 0, or -1
 * without memory.
 */
int evi_upload_begin(struct http_request *req, int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/* Whether the request has such a body, and more pieces may come. */
static inline bool
evi_upload_is_open(const struct http_request *req)
{
	return req->upload != NULL && !req->upload->has_ended;
}

/*
 * Adds the first piece to the output, after the head: what output_buffer has.
 * Returns 0, or -1 without memory.
 */
int evi_upload_add_first(struct http_request *req, struct output *output);

/* Moves a piece to the output.  Returns 0, or -1 without memory. */
int evi_upload_add(struct http_request *req, struct output *output,
    struct evbuffer *piece);

/* Ends the body.  Returns 0, or -1 without memory. */
int evi_upload_end(struct http_request *req, struct output *output);

/*
 * All output is written: calls the program's callback, once after each piece.
 * The callback may free the connection.
 */
void evi_upload_call_cb(struct http_request *req);

/* Frees the state of such a body, if the request has one. */
void evi_upload_free(struct http_request *req);

#endif
