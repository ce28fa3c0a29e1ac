/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server whose requests are taken piece by piece: the callbacks that it sets
 * on each new one, which note their arguments.
 */
#ifndef REGRESS_HTTP_UPLOAD_H
#define REGRESS_HTTP_UPLOAD_H

#include "http_ours.h"

#define POST(length) "POST /a HTTP/1.1\r\nContent-Length: " length "\r\n\r\n"
#define CHUNKED "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

struct upload {
	struct server s;
	struct client c;
	struct evhttp_request *req;
	int result;
	bool keeps; /* does not drain input_buffer */
	bool owns;
	size_t seen, largest;
	int pieces;
	/*
	 * Called by the header callback, and by the chunked callback for each
	 * piece; NULL: none.
	 */
	void (*at_head)(struct upload *);
	void (*at_piece)(struct upload *);
};

void upload_piece_cb(struct evhttp_request *req, void *arg);

int upload_head_cb(struct evhttp_request *req, void *arg);

void open_upload(struct upload *u);

/*
 * Opens one and sends a request with a body of 100,000 bytes, more than the
 * server reads ahead: if u->keeps is set, reading pauses.
 */
void open_whole_upload(struct upload *u);

void close_upload(struct upload *u);

#endif
