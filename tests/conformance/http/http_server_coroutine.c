/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handlers and closecb that leave the stack, and answers that are given
 * meanwhile from another; see coroutine.h.
 */
#include "http_server.h"

#ifdef __GLIBC__

#include "coroutine.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

/* None of it may be on the loop's stack, as both sides use it. */
static struct {
	struct server s;
	struct client c;
	struct evhttp_request *req;
	void (*meanwhile)(void); /* on the other stack, at the first leave */
} away;

static void
closed_leave_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
	leave_stack();
	note("back");
}

static void
leave_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("handled");
	away.req = req;
	leave_stack();
	note("back");
}

static void
serve_to_the_end(void)
{
	static struct event alarm;
	static int expired;

	evtimer_set(&alarm, count_cb, &expired);
	event_base_set(away.s.base, &alarm);
	evtimer_add(&alarm, MSEC(PATIENCE));
	while (!away.c.ended && !expired)
		event_base_loop(away.s.base, EVLOOP_ONCE);
	evtimer_del(&alarm);
}

/* Everything else is used wherever it leaves; how often it did. */
static int
serve_on_another_stack(const char *text, void (*meanwhile)(void))
{
	away.s.base = event_init();
	away.s.http = evhttp_new(away.s.base);
	assert_int_equal(evhttp_accept_socket(away.s.http,
			     listener(AF_INET, &away.s.at, &away.s.at_len)),
	    0);
	evhttp_set_gencb(away.s.http, leave_cb, NULL);
	client_open(&away.c, &away.s);
	say(&away.c, text);
	away.meanwhile = meanwhile;
	n_leaves = 0;
	hub_open(serve_to_the_end);
	while (resume_stack()) {
		use_events();
		use_buffers();
		if (away.meanwhile != NULL)
			away.meanwhile();
	}
	hub_close();
	return n_leaves - 1;
}

static void
close_away(void)
{
	client_close(&away.c);
	server_close(&away.s);
}

static void
reply_once(void)
{
	away.meanwhile = NULL;
	evhttp_add_header(away.req->output_headers, "Connection", "close");
	reply_text(away.req, "x");
}

TEST(http_handler_leaves_the_stack_and_is_answered_meanwhile)
{
	assert_int_equal(serve_on_another_stack(GET, reply_once), 1);
	assert_string_equal(answers(&away.c), "200:x");
	assert_log("handled back");
	close_away();
}

static void
stream_once(void)
{
	struct evbuffer *piece = evbuffer_new();

	away.meanwhile = NULL;
	evhttp_add_header(away.req->output_headers, "Connection", "close");
	evhttp_send_reply_start(away.req, 200, "OK");
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(away.req, piece);
	evhttp_send_reply_end(away.req);
	evbuffer_free(piece);
}

TEST(http_handler_leaves_the_stack_and_a_stream_is_sent_meanwhile)
{
	assert_int_equal(serve_on_another_stack(GET, stream_once), 1);
	assert_string_equal(answers(&away.c), "200:rye");
	assert_log("handled back");
	close_away();
}

static void
reply_and_keep(void)
{
	if (strcmp(away.req->uri, "/b") == 0)
		evhttp_add_header(away.req->output_headers, "Connection",
		    "close");
	reply_text(away.req, away.req->uri);
}

TEST(http_handlers_of_pipelined_requests_leave_the_stack,
    DIFFERS(V14, "the second waits for more bytes"))
{
	assert_int_equal(serve_on_another_stack(GET "GET /b HTTP/1.1\r\n\r\n",
			     reply_and_keep),
	    2);
	assert_string_equal(answers(&away.c), "200:/a 200:/b");
	assert_log("handled back handled back");
	close_away();
}

static void
fail_and_watch(void)
{
	away.meanwhile = NULL;
	evhttp_connection_set_closecb(away.req->evcon, closed_leave_cb, NULL);
	evhttp_send_error(away.req, 500, "Burnt");
}

TEST(http_closecb_leaves_the_stack)
{
	assert_int_equal(serve_on_another_stack(GET, fail_and_watch), 2);
	assert_string_equal(answers(&away.c), "500");
	assert_log("handled back closed back");
	close_away();
}

static void
free_server(void)
{
	away.meanwhile = NULL;
	evhttp_free(away.s.http);
	away.s.http = NULL;
}

TEST(http_server_is_freed_while_its_handler_is_away)
{
	assert_int_equal(serve_on_another_stack(GET, free_server), 1);
	assert_string_equal(answers(&away.c), "");
	assert_log("handled back");
	close_away();
}

static void
free_connection(void)
{
	away.meanwhile = NULL;
	evhttp_connection_free(away.req->evcon);
}

TEST(http_connection_is_freed_while_its_handler_is_away)
{
	assert_int_equal(serve_on_another_stack(GET, free_connection), 1);
	assert_string_equal(answers(&away.c), "");
	assert_log("handled back");
	close_away();
}

#endif
