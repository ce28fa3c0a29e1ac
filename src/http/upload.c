/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of a client's request in pieces: each is a chunk, unless the length
 * of the whole body is known.
 */
#include "upload.h"

#include <stdio.h>
#include <stdlib.h>

int
evi_upload_begin(struct http_request *req, int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg)
{
	if (req->upload == NULL)
		evi_request_set_upload(req, malloc(sizeof *req->upload));
	if (req->upload == NULL)
		return -1;
	*req->upload = (struct upload){length, false, false, cb, arg};
	return 0;
}

int
evi_upload_add_first(struct http_request *req, struct output *output)
{
	req->upload->is_cb_due = true;
	return evi_upload_add(req, output, &req->output);
}

int
evi_upload_add(struct http_request *req, struct output *output,
    struct evbuffer *piece)
{
	struct upload *upload = req->upload;
	struct evbuffer *buf = &output->buffer;
	size_t len = EVBUFFER_LENGTH(piece);
	bool is_chunk = upload->remaining < 0;
	char size[24];
	int n = snprintf(size, sizeof size, "%zx\r\n", len);

	if (len == 0)
		return 0;
	if ((is_chunk && evbuffer_add(buf, size, (size_t)n) == -1) ||
	    evbuffer_add_buffer(buf, piece) == -1 ||
	    (is_chunk && evbuffer_add(buf, "\r\n", 2) == -1))
		return -1;
	if (!is_chunk)
		upload->remaining -= (int64_t)len;
	upload->is_cb_due = true;
	return 0;
}

int
evi_upload_end(struct http_request *req, struct output *output)
{
	req->upload->has_ended = true;
	if (req->upload->remaining >= 0)
		return 0;
	return evbuffer_add(&output->buffer, "0\r\n\r\n", 5);
}

void
evi_upload_call_cb(struct http_request *req)
{
	struct upload *upload = req->upload;

	if (!evi_upload_is_open(req) || !upload->is_cb_due)
		return;
	upload->is_cb_due = false;
	if (upload->cb != NULL)
		upload->cb(&req->pub, upload->arg);
}

void
evi_upload_free(struct http_request *req)
{
	evi_request_set_upload(req, NULL);
}
