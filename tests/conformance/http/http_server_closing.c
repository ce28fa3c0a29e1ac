/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The end of a server's connection: which callbacks run, how often, and in
 * which order; and a client that is gone when the answer comes.
 */
#include "http_server.h"

#include <signal.h>

#define GET "GET /a HTTP/1.1\r\n\r\n"
#define GET_LAST "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n"

struct watched {
	struct server s;
	struct client c;
	struct evhttp_request *req;
	struct evhttp_connection *evcon;
	bool keeps; /* the request is not answered by the handler */
	int closed;
};

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	struct watched *w = arg;

	assert_ptr_equal(evcon, w->evcon);
	w->closed++;
	note("closed");
}

static void
watch_cb(struct evhttp_request *req, void *arg)
{
	struct watched *w = arg;

	w->req = req;
	w->evcon = evhttp_request_get_connection(req);
	evhttp_connection_set_closecb(w->evcon, closed_cb, w);
	note("handled");
	if (!w->keeps)
		reply_text(req, "x");
}

static bool
is_handled(void *arg)
{
	return ((struct watched *)arg)->req != NULL;
}

static bool
is_closed(void *arg)
{
	return ((struct watched *)arg)->closed > 0;
}

/* Opens both; the client has sent the request, and the handler was called. */
static void
open_watched(struct watched *w, bool keeps, const char *request)
{
	memset(w, 0, sizeof(*w));
	server_open_with(&w->s, watch_cb, w);
	w->keeps = keeps;
	client_open(&w->c, &w->s);
	say(&w->c, request);
	assert_true(wait_until(w->s.base, is_handled, w));
}

static void
close_watched(struct watched *w)
{
	server_close(&w->s);
}

static void
expect_closed(struct watched *w, const char *log)
{
	if (!wait_until(w->s.base, is_closed, w))
		fail_msg("closecb is not called");
	let_it_work(w->s.base);
	assert_log(log);
}

TEST(http_closecb_is_called_after_a_reply_that_closes)
{
	struct watched w;

	open_watched(&w, false, GET_LAST);
	expect_end(&w.c, "200:x");
	expect_closed(&w, "handled closed");
	client_close(&w.c);
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_after_an_error)
{
	struct watched w;

	open_watched(&w, true, GET);
	evhttp_send_error(w.req, 500, "Burnt");
	expect_end(&w.c, "500");
	expect_closed(&w, "handled closed");
	client_close(&w.c);
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_when_an_idle_client_closes,
    DIFFERS(V14, "it is not"))
{
	struct watched w;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	client_close(&w.c);
	expect_closed(&w, "handled closed");
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_when_a_client_closes_inside_a_request,
    DIFFERS(V14, "it is not"))
{
	struct watched w;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	say(&w.c, "GET /b HT");
	let_it_work(w.s.base);
	client_close(&w.c);
	expect_closed(&w, "handled closed");
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_when_an_idle_client_resets)
{
	struct watched w;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	client_reset(&w.c);
	expect_closed(&w, "handled closed");
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_by_evhttp_connection_free)
{
	struct watched w;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	evhttp_connection_free(w.evcon);
	assert_log("handled closed");
	assert_true(wait_end(&w.c));
	client_close(&w.c);
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_once_for_each_connection_by_evhttp_free)
{
	struct watched w;
	struct client second;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	client_open(&second, &w.s); /* which has no closecb */
	let_it_work(w.s.base);
	evhttp_free(w.s.http);
	w.s.http = NULL;
	assert_log("handled closed");
	assert_true(wait_end(&w.c));
	assert_true(wait_end(&second));
	client_close(&w.c);
	client_close(&second);
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_by_evhttp_free_though_a_request_is_open)
{
	struct watched w;

	open_watched(&w, true, GET);
	evhttp_free(w.s.http);
	w.s.http = NULL;
	assert_log("handled closed");
	client_close(&w.c);
	close_watched(&w);
}

/* A program may keep its objects at the request, and find them by it in
 * closecb. */
static void
look_at_pending_cb(struct evhttp_connection *evcon, void *arg)
{
	struct watched *w = arg;

	assert_ptr_equal(evcon, w->evcon);
	assert_string_equal(w->req->uri, "/a");
	assert_int_equal(w->req->response_code, 0);
	note("closed");
}

TEST(http_request_that_is_open_is_there_in_closecb)
{
	struct watched w;

	open_watched(&w, true, GET);
	evhttp_connection_set_closecb(w.evcon, look_at_pending_cb, &w);
	evhttp_connection_free(w.evcon);
	client_close(&w.c);
	close_watched(&w);
	assert_log("handled closed");
	open_watched(&w, true, GET);
	evhttp_connection_set_closecb(w.evcon, look_at_pending_cb, &w);
	evhttp_free(w.s.http);
	w.s.http = NULL;
	client_close(&w.c);
	close_watched(&w);
	assert_log("handled closed");
}

TEST(http_closecb_can_be_removed)
{
	struct watched w;

	open_watched(&w, true, GET);
	evhttp_connection_set_closecb(w.evcon, NULL, NULL);
	evhttp_send_error(w.req, 500, "Burnt");
	expect_end(&w.c, "500");
	assert_log("handled");
	client_close(&w.c);
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_kept_for_later_requests)
{
	struct watched w;

	open_watched(&w, false, GET);
	expect_answers(&w.c, "200:x");
	evhttp_set_gencb(w.s.http, note_request_cb, &w.s);
	say(&w.c, GET_LAST);
	expect_end(&w.c, "200:x 200:/a");
	expect_closed(&w, "handled GET:/a closed");
	client_close(&w.c);
	close_watched(&w);
}

/*
 * A client that is gone.
 */

TEST(http_client_that_half_closed_is_answered_later)
{
	struct watched w;

	open_watched(&w, true, GET);
	client_half_close(&w.c);
	let_it_work(w.s.base);
	let_it_work(w.s.base);
	assert_log("handled");
	assert_non_null(w.req->evcon);
	reply_text(w.req, "late");
	expect_end(&w.c, "200:late");
	client_close(&w.c);
	close_watched(&w);
	note_clear();
}

/* The client goes, which is not noticed until there is something to write. */
static void
check_waits_for_the_answer(void (*leave)(struct client *))
{
	struct watched w;

	open_watched(&w, true, GET);
	leave(&w.c);
	let_it_work(w.s.base);
	let_it_work(w.s.base);
	assert_log("handled");
	reply_text(w.req, "late");
	expect_closed(&w, "closed");
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_waits_for_the_answer_to_a_client_that_has_closed,
    DIFFERS(V14, "it is not called at all"))
{
	check_waits_for_the_answer(client_close);
}

TEST(http_closecb_waits_for_the_answer_to_a_client_that_has_reset)
{
	check_waits_for_the_answer(client_reset);
}

/* A program's request for a client that is gone is freed at its answer: what
 * it does then must not crash. */
TEST(http_error_to_a_client_that_has_reset_is_harmless)
{
	struct watched w;

	open_watched(&w, true, GET);
	client_reset(&w.c);
	let_it_work(w.s.base);
	evhttp_send_error(w.req, 500, "Burnt");
	expect_closed(&w, "handled closed");
	close_watched(&w);
	assert_log("");
}

TEST(http_closecb_is_called_when_a_big_answer_meets_a_reset)
{
	static char block[4 << 20];
	struct evbuffer *body = evbuffer_new();
	struct watched w;

	open_watched(&w, true, GET);
	client_pause(&w.c);
	evbuffer_add(body, block, sizeof(block));
	evbuffer_add(body, block, sizeof(block));
	evhttp_send_reply(w.req, 200, "OK", body);
	evbuffer_free(body);
	let_it_work(w.s.base);
	assert_log("handled");
	client_resume(&w.c);
	client_reset(&w.c);
	expect_closed(&w, "closed");
	close_watched(&w);
	assert_log("");
}

/*
 * The order.
 */

static void
timer_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	note("other");
}

/* The end of a reply that closes is one step: nothing else is called between
 * the last byte and closecb. */
TEST(http_end_of_a_reply_and_closecb_are_one_step)
{
	struct watched w;
	struct event other;

	open_watched(&w, true, GET_LAST);
	reply_text(w.req, "x");
	evtimer_set(&other, timer_cb, NULL);
	event_base_set(w.s.base, &other);
	while (!is_closed(&w)) {
		size_t before = w.c.len;

		evtimer_add(&other, MSEC(0));
		event_base_loop(w.s.base, EVLOOP_ONCE);
		/* Nothing came before the step in which closecb was. */
		assert_true(before == 0 || is_closed(&w));
	}
	evtimer_del(&other);
	note_clear();
	assert_true(wait_end(&w.c));
	client_close(&w.c);
	close_watched(&w);
}

/* In closecb the request is not the program's any more, so that it may free
 * the connection. */
static void
free_again_cb(struct evhttp_connection *evcon, void *arg)
{
	int *calls = arg;

	note("closed");
	if (++*calls == 1)
		evhttp_connection_free(evcon);
}

TEST(http_closecb_may_free_its_connection,
    DIFFERS(V14, "it is called again, and memory is freed twice"),
    DIFFERS(V21, "it is called again, and memory is freed twice"))
{
	struct watched w;
	int calls = 0;

	open_watched(&w, true, GET);
	evhttp_connection_set_closecb(w.evcon, free_again_cb, &calls);
	evhttp_send_error(w.req, 500, "Burnt");
	expect_end(&w.c, "500");
	let_it_work(w.s.base);
	assert_log("handled closed");
	client_close(&w.c);
	close_watched(&w);
	assert_log("");
}

/*
 * SIGPIPE.
 */

static bool
has_head(void *arg)
{
	return strstr(((struct client *)arg)->got, "\r\n\r\n") != NULL;
}

/* The first write is answered by RST, the second has nobody to go to. */
static void
write_to_one_who_is_gone(void *arg)
{
	struct watched w;

	(void)arg;
	signal(SIGPIPE, SIG_DFL);
	open_watched(&w, true, GET);
	evhttp_send_reply_start(w.req, 200, "OK");
	assert_true(wait_until(w.s.base, has_head, &w.c));
	client_close(&w.c);
	for (int i = 0; i < 5 && w.req->evcon != NULL; i++) {
		struct evbuffer *piece = evbuffer_new();

		evbuffer_add(piece, "rye", 3);
		evhttp_send_reply_chunk(w.req, piece);
		evbuffer_free(piece);
		let_it_work(w.s.base);
	}
	if (w.req->evcon != NULL)
		_exit(2);
	evhttp_send_reply_end(w.req);
	close_watched(&w);
	_exit(0);
}

TEST(http_client_that_is_gone_raises_no_sigpipe,
    DIFFERS(V14, "the process is killed"))
{
	assert_int_equal(in_child(write_to_one_who_is_gone, NULL), 0);
}
