/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that are taken piece by piece; see the header. */
#include "http_upload.h"
#include "test.h"

/*
 * The upload that runs: a server's callbacks for a request get no argument of
 * the program's.
 */
static struct upload *the_upload;

void
upload_piece_cb(struct evhttp_request *req, void *arg)
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

int
upload_head_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = the_upload;

	(void)arg;
	note("head:%s", req->uri);
	if (u->at_head != NULL)
		u->at_head(u);
	return u->result;
}

static int
upload_new_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;

	u->req = req;
	evhttp_request_set_header_cb(req, upload_head_cb);
	evhttp_request_set_chunked_cb(req, upload_piece_cb);
	evhttp_request_set_error_cb(req, note_error_cb);
	evhttp_connection_set_closecb(req->evcon, note_closed_cb, NULL);
	if (u->owns)
		evhttp_request_own(req);
	return 0;
}

static void
upload_handled_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("handled:%zu", EVBUFFER_LENGTH(req->input_buffer));
	reply_text(req, "x");
}

void
open_upload(struct upload *u)
{
	the_upload = u;
	server_open_with(&u->s, upload_handled_cb, u);
	evhttp_set_newreqcb(u->s.http, upload_new_cb, u);
	client_open(&u->c, &u->s);
}

void
open_whole_upload(struct upload *u)
{
	static char block[100000];

	open_upload(u);
	say(&u->c, POST("100000"));
	say_bytes(&u->c, block, sizeof(block));
	for (int i = 0; i < 20; i++)
		let_it_work(u->s.base);
}

void
close_upload(struct upload *u)
{
	client_close(&u->c);
	server_close(&u->s);
	note_clear();
}
