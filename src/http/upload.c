/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of a client's request in pieces: each is a chunk, unless the length
 * of the whole is known.
 */
#include "upload.h"

#include <stdio.h>
#include <stdlib.h>

int
evi_upload_begin(struct evhttp_connection *evcon, struct http_request *req)
{
	req->upload->is_cb_pending = true;
	return evi_upload_add(evcon, req, &req->output);
}

int
evi_upload_add(struct evhttp_connection *evcon, struct http_request *req,
    struct evbuffer *piece)
{
	struct upload *upload = req->upload;
	size_t len = EVBUFFER_LENGTH(piece);
	bool is_chunk = upload->remaining < 0;
	char size[24];
	int n = snprintf(size, sizeof size, "%zx\r\n", len);

	if (len == 0)
		return 0;
	if ((is_chunk && evbuffer_add(&evcon->output, size, (size_t)n) == -1) ||
	    evbuffer_add_buffer(&evcon->output, piece) == -1 ||
	    (is_chunk && evbuffer_add(&evcon->output, "\r\n", 2) == -1))
		return -1;
	if (!is_chunk)
		upload->remaining -= (int64_t)len;
	upload->is_cb_pending = true;
	return 0;
}

int
evi_upload_end(struct evhttp_connection *evcon, struct http_request *req)
{
	req->upload->has_ended = true;
	if (req->upload->remaining >= 0)
		return 0;
	return evbuffer_add(&evcon->output, "0\r\n\r\n", 5);
}

void
evi_upload_call_cb(struct http_request *req)
{
	struct upload *upload = req->upload;

	if (!evi_upload_is_open(req) || !upload->is_cb_pending)
		return;
	upload->is_cb_pending = false;
	if (upload->cb != NULL)
		upload->cb(&req->pub, upload->arg);
}

void
evi_upload_free(struct http_request *req)
{
	free(req->upload);
	req->upload = NULL;
}
