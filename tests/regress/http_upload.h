/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server whose requests are taken piece by piece: the callbacks that it sets
 * on each new one, which note what they are told.
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
	bool keeps; /* what comes in input_buffer */
	bool owns;
	size_t seen, largest;
	int pieces;
	/* What the callbacks do besides. */
	void (*at_head)(struct upload *);
	void (*at_piece)(struct upload *);
};

/* The one there is: callbacks of a server's request get nothing of ours. */
static struct upload *the_upload;

static inline void
piece_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = the_upload;
	size_t len = EVBUFFER_LENGTH(req->input_buffer);

	(void)arg;
	u->pieces++;
	u->seen += u->keeps ? len - u->seen : len;
	if (len > u->largest)
		u->largest = len;
	if (!u->keeps)
		evbuffer_drain(req->input_buffer, len);
	if (u->at_piece != NULL)
		u->at_piece(u);
}

static inline int
head_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = the_upload;

	(void)arg;
	note("head:%s", req->uri);
	if (u->at_head != NULL)
		u->at_head(u);
	return u->result;
}

static inline int
new_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;

	u->req = req;
	evhttp_request_set_header_cb(req, head_cb);
	evhttp_request_set_chunked_cb(req, piece_cb);
	evhttp_request_set_error_cb(req, note_error_cb);
	evhttp_connection_set_closecb(req->evcon, note_closed_cb, NULL);
	if (u->owns)
		evhttp_request_own(req);
	return 0;
}

static inline void
handled_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("handled:%zu", EVBUFFER_LENGTH(req->input_buffer));
	reply_text(req, "x");
}

static inline void
open_upload(struct upload *u)
{
	the_upload = u;
	server_open_with(&u->s, handled_cb, u);
	evhttp_set_newreqcb(u->s.http, new_cb, u);
	client_open(&u->c, &u->s);
}

/* With all of a body of 100,000 bytes there, so that it pauses if it keeps. */
static inline void
open_whole_upload(struct upload *u)
{
	static char block[100000];

	open_upload(u);
	say(&u->c, POST("100000"));
	say_bytes(&u->c, block, sizeof(block));
	for (int i = 0; i < 20; i++)
		let_it_work(u->s.base);
}

static inline void
close_upload(struct upload *u)
{
	client_close(&u->c);
	server_close(&u->s);
	note_clear();
}

#endif
