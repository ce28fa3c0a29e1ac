/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long the server waits for a client: idle, in a head, in a body, and for
 * one that does not read its answer.
 */
#include "http_server.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

static void
expire_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static bool
is_true(void *arg)
{
	return *(bool *)arg;
}

/* Runs the loop of the server for ms milliseconds. */
static void
pass_ms(struct server *s, int ms)
{
	struct event timer;
	bool expired = false;

	evtimer_set(&timer, expire_cb, &expired);
	event_base_set(s->base, &timer);
	evtimer_add(&timer, MSEC(ms));
	assert_true(wait_until(s->base, is_true, &expired));
}

/* A server with a timeout of a second, and a client that has sent text. */
static double
open_timed(struct server *s, struct client *c, const char *text)
{
	double start = now_ms();

	server_open(s);
	evhttp_set_timeout(s->http, 1);
	client_open(c, s);
	say(c, text);
	return start;
}

static void
close_timed(struct server *s, struct client *c)
{
	client_close(c);
	server_close(s);
}

/* A client that sends text and no more is closed after a second, without an
 * answer. */
static void
closes_silently(const char *text)
{
	struct server s;
	struct client c;
	double start = open_timed(&s, &c, text);

	printf("%s\n", text);
	expect_end(&c, "");
	assert_elapsed(start, 1000);
	assert_log("");
	close_timed(&s, &c);
}

TEST(http_client_that_says_nothing_is_closed_after_the_timeout)
{
	closes_silently("");
}

TEST(http_client_that_stops_inside_a_request_is_closed_after_the_timeout)
{
	closes_silently("GET /a");
	closes_silently("GET /a HTTP/1.1\r\nA: b\r\n");
	closes_silently("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe");
	closes_silently("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			"\r\n5\r\nhe");
}

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	*(bool *)arg = true;
	note("closed");
}

static void
watch_and_reply(struct evhttp_request *req, struct server *s)
{
	evhttp_connection_set_closecb(req->evcon, closed_cb, s->more);
	reply_text(req, "x");
}

TEST(http_idle_client_is_closed_after_the_timeout_and_closecb_called)
{
	struct server s;
	struct client c;
	bool closed = false;
	double start = open_timed(&s, &c, GET);

	s.reply = watch_and_reply;
	s.more = &closed;
	expect_answers(&c, "200:x");
	expect_end(&c, "200:x");
	assert_elapsed(start, 1000);
	assert_true(closed);
	assert_log("GET:/a closed");
	close_timed(&s, &c);
	assert_log("");
}

/*
 * A byte now and then.
 */

struct drip {
	struct client *client;
	struct event timer;
	const char *rest;
	int ms;
};

static void
drip_cb(int fd, short what, void *arg)
{
	struct drip *d = arg;

	(void)fd;
	(void)what;
	if (*d->rest == '\0' || d->client->ended)
		return;
	send(d->client->fd, d->rest++, 1, MSG_NOSIGNAL);
	evtimer_add(&d->timer, MSEC(d->ms));
}

static void
drip_start(struct drip *d, struct client *c, const char *text, int ms)
{
	d->client = c;
	d->rest = text;
	d->ms = ms;
	evtimer_set(&d->timer, drip_cb, d);
	event_base_set(c->base, &d->timer);
	evtimer_add(&d->timer, MSEC(ms));
}

static void
drip_stop(struct drip *d)
{
	evtimer_del(&d->timer);
}

TEST(http_head_has_to_be_complete_within_the_timeout,
    DIFFERS(V14, "each byte gives it another timeout"),
    DIFFERS(V21, "each byte gives it another timeout"))
{
	struct server s;
	struct client c;
	struct drip d;
	double start = open_timed(&s, &c, "");

	drip_start(&d, &c,
	    "GET /a HTTP/1.1\nHost: h\nA: bbbbbbbbbbbbbbbbbbbbb"
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\n",
	    200);
	expect_end(&c, "");
	assert_elapsed(start, 1000);
	assert_log("");
	drip_stop(&d);
	close_timed(&s, &c);
}

TEST(http_body_has_to_continue_within_the_timeout)
{
	struct server s;
	struct client c;
	struct drip d;
	double start = now_ms();

	server_open(&s);
	evhttp_set_timeout(s.http, 3);
	client_open(&c, &s);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\n");
	drip_start(&d, &c, "hellohel", 500);
	expect_answers(&c, "200:/a");
	assert_elapsed(start, 4000);
	assert_log("POST:/a:hellohel");
	drip_stop(&d);
	close_timed(&s, &c);
}

/*
 * The server's own time.
 */

static struct evhttp_request *kept;

static void
keep(struct evhttp_request *req, struct server *s)
{
	(void)s;
	kept = req;
}

TEST(http_handler_may_take_longer_than_the_timeout)
{
	struct server s;
	struct client c;

	open_timed(&s, &c, GET);
	s.reply = keep;
	pass_ms(&s, 2500);
	assert_non_null(kept);
	assert_non_null(kept->evcon);
	reply_text(kept, "late");
	expect_answers(&c, "200:late");
	note_clear();
	close_timed(&s, &c);
}

/*
 * An answer that is not read.
 */

static char block[4 << 20];

/* A client that does not read, and a handler that keeps its request. */
static double
open_without_reading(struct server *s, struct client *c, bool *closed)
{
	open_timed(s, c, GET);
	s->reply = keep;
	let_it_work(s->base);
	while (kept == NULL)
		event_base_loop(s->base, EVLOOP_ONCE);
	client_pause(c);
	evhttp_connection_set_closecb(kept->evcon, closed_cb, closed);
	note_clear();
	return now_ms();
}

TEST(http_client_that_does_not_read_its_answer_is_closed)
{
	struct evbuffer *body = evbuffer_new();
	struct server s;
	struct client c;
	bool closed = false;
	double start = open_without_reading(&s, &c, &closed);

	for (int i = 0; i < 4; i++)
		evbuffer_add(body, block, sizeof(block));
	evhttp_send_reply(kept, 200, "OK", body);
	evbuffer_free(body);
	assert_true(wait_until(s.base, is_true, &closed));
	assert_elapsed(start, 1000);
	assert_log("closed");
	client_resume(&c);
	close_timed(&s, &c);
	assert_log("");
}

/* The program keeps its request, which it has to end. */
TEST(http_request_of_a_client_that_does_not_read_its_stream_is_kept,
    DIFFERS(V14, "it is freed under the program"))
{
	struct evbuffer *piece = evbuffer_new();
	struct server s;
	struct client c;
	bool closed = false;
	double start = open_without_reading(&s, &c, &closed);

	evhttp_send_reply_start(kept, 200, "OK");
	for (int i = 0; i < 4; i++) {
		evbuffer_add(piece, block, sizeof(block));
		evhttp_send_reply_chunk(kept, piece);
	}
	assert_true(wait_until(s.base, is_true, &closed));
	assert_elapsed(start, 1000);
	assert_log("closed");
	assert_null(kept->evcon);
	assert_string_equal(kept->uri, "/a");
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(kept, piece);
	assert_int_equal(EVBUFFER_LENGTH(piece), 3);
	evhttp_send_reply_end(kept);
	evbuffer_free(piece);
	client_resume(&c);
	close_timed(&s, &c);
	assert_log("");
}

/*
 * Other values.
 */

/* A client is served, though it has been idle longer than a second. */
static void
check_is_patient(int timeout)
{
	struct server s;
	struct client c;

	server_open(&s);
	evhttp_set_timeout(s.http, timeout);
	client_open(&c, &s);
	pass_ms(&s, 1500);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	pass_ms(&s, 1500);
	say(&c, GET);
	expect_answers(&c, "200:/a 200:/a");
	note_clear();
	close_timed(&s, &c);
}

TEST(http_timeout_of_minus_1_is_a_long_one)
{
	check_is_patient(-1);
}

TEST(http_timeout_of_0_is_none)
{
	check_is_patient(0);
}

TEST(http_other_negative_timeouts_are_as_minus_1,
    DIFFERS(V14, "they are over at once"),
    DIFFERS(V21, "they are over at once"))
{
	check_is_patient(-5);
}

TEST(http_timeout_is_for_connections_accepted_later)
{
	struct server s;
	struct client c;

	open_both(&s, &c, GET);
	expect_answers(&c, "200:/a");
	evhttp_set_timeout(s.http, 1);
	pass_ms(&s, 2500);
	assert_false(c.ended);
	say(&c, GET);
	expect_answers(&c, "200:/a 200:/a");
	note_clear();
	close_timed(&s, &c);
}

static void
set_timeout_and_reply(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_connection_set_timeout(req->evcon, 1);
	reply_text(req, "x");
}

TEST(http_handler_may_set_the_timeout_of_its_connection)
{
	struct server s;
	struct client c;
	double start = now_ms();

	server_open(&s);
	s.reply = set_timeout_and_reply;
	client_open(&c, &s);
	say(&c, GET);
	expect_answers(&c, "200:x");
	expect_end(&c, "200:x");
	assert_elapsed(start, 1000);
	note_clear();
	close_timed(&s, &c);
}
