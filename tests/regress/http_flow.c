/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that call every callback; see the header. */
#include "http_flow.h"
#include "test.h"

struct flow *the_flow;

/*
 * Runs the test's function, if this is its kind of callback.  Returns whether
 * request and connection still exist, which the caller must ask before it uses
 * them.
 */
static bool
run_inside(enum kind kind)
{
	struct flow *f = the_flow;

	f->calls++;
	if (f->kind == kind && !f->was_inside) {
		f->was_inside = true;
		f->inside(f);
	}
	return f->req != NULL && f->evcon != NULL;
}

static void
flow_error_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	(void)arg;
	run_inside(IN_ERROR);
}

static void
flow_close_cb(struct evhttp_connection *evcon, void *arg)
{
	struct flow *f = arg;

	(void)evcon;
	f->closes++;
	run_inside(IN_CLOSE);
	f->evcon = NULL;
	f->req = NULL;
}

static void
flow_complete_cb(struct evhttp_request *req, void *arg)
{
	struct flow *f = arg;

	f->req = req;
	run_inside(IN_COMPLETE);
	f->req = NULL;
}

static void
flow_drained_cb(struct evhttp_connection *evcon, void *arg)
{
	struct flow *f = arg;

	(void)evcon;
	if (run_inside(IN_DRAINED))
		evhttp_send_reply_end(f->req);
}

static void
flow_piece_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (run_inside(IN_PIECE))
		evbuffer_drain(req->input_buffer,
		    EVBUFFER_LENGTH(req->input_buffer));
}

static int
flow_head_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (run_inside(IN_HEAD) && the_flow->answers_early)
		evhttp_send_error(req, 403, "No");
	return 0;
}

static int
flow_new_cb(struct evhttp_request *req, void *arg)
{
	struct flow *f = arg;

	f->req = req;
	f->evcon = req->evcon;
	evhttp_connection_set_closecb(req->evcon, flow_close_cb, f);
	evhttp_request_set_header_cb(req, flow_head_cb);
	evhttp_request_set_chunked_cb(req, flow_piece_cb);
	evhttp_request_set_error_cb(req, flow_error_cb);
	evhttp_request_set_on_complete_cb(req, flow_complete_cb, f);
	run_inside(IN_NEW);
	return 0;
}

static void
flow_handler_cb(struct evhttp_request *req, void *arg)
{
	struct evbuffer *piece = buffer_of("rye", 3);

	if (run_inside(IN_HANDLER)) {
		evhttp_send_reply_start(req, 200, "OK");
		evhttp_send_reply_chunk_with_cb(req, piece, flow_drained_cb,
		    arg);
	}
	evbuffer_free(piece);
}

void
flow_free_request(struct flow *f)
{
	struct evhttp_request *req = f->req;

	f->req = NULL;
	evhttp_request_free(req);
}

void
flow_free_connection(struct flow *f)
{
	struct evhttp_connection *evcon = f->evcon;

	f->evcon = NULL;
	evhttp_connection_free(evcon);
}

void
flow_free_server(struct flow *f)
{
	struct evhttp *http = f->s.http;

	f->s.http = NULL;
	evhttp_free(http);
}

void
flow_answer(struct flow *f)
{
	struct evhttp_request *req = f->req;

	f->req = NULL;
	if (req != NULL)
		evhttp_send_error(req, 500, "Late");
}

const struct way ways[WAYS_OF_FLOW] = {
    {"POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nrye",
	"oatPOST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	"3\r\nrye\r\n0\r\n\r\n",
	false, false},
    {"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n", "", false, false},
    {"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrye\r\n",
	"bad\r\n", false, false},
    {"POST /a HTTP/1.1\r\nContent-Length: 6\r\n\r\nrye", "", true, false},
    {"GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 6\r\n\r\nrye",
	"", true, false},
    {"POST /a HTTP/1.1\r\nContent-Length: 6000000\r\n\r\nrye", "oat", true,
	true},
    {"POST /a HTTP/1.1\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n",
	"ryeoat", true, false},
};

void
flow_open(struct flow *f, const struct way *way, enum kind kind,
    void (*inside)(struct flow *))
{
	memset(f, 0, sizeof(*f));
	the_flow = f;
	f->kind = kind;
	f->inside = inside;
	f->answers_early = way->answers_early;
	server_open_with(&f->s, flow_handler_cb, f);
	evhttp_set_newreqcb(f->s.http, flow_new_cb, f);
	client_open(&f->c, &f->s);
}

void
flow_talk(struct flow *f, const struct way *way)
{
	say(&f->c, way->first);
	for (int i = 0; i < 5; i++)
		let_it_work(f->s.base);
	say(&f->c, way->second);
	for (int i = 0; i < 5; i++)
		let_it_work(f->s.base);
	if (way->half_closes)
		shutdown(f->c.fd, SHUT_WR); /* it may be closed */
	for (int i = 0; i < 5; i++)
		let_it_work(f->s.base);
}

void
flow_close(struct flow *f)
{
	client_close(&f->c);
	for (int i = 0; i < 5; i++)
		let_it_work(f->s.base);
	server_close(&f->s);
}
