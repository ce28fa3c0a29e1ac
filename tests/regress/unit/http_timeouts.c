/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timeouts below a second, given as a struct timeval.  The tests check that
 * nothing ends too early; for the end itself they wait.
 */
#include "http_ours.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

static void
open_with_limit(struct server *s, struct client *c, const struct timeval *tv)
{
	server_open(s);
	evhttp_set_timeout_tv(s->http, tv);
	client_open(c, s);
}

TEST(http_server_closes_idle_connections_after_a_timeval)
{
	struct server s;
	struct client c;
	double start = now_ms();

	open_with_limit(&s, &c, MSEC(150));
	expect_end(&c, "");
	assert_elapsed(start, 150);
	client_close(&c);
	server_close(&s);
}

TEST(http_timeout_restarts_with_each_answer)
{
	struct server s;
	struct client c;
	double start;

	open_with_limit(&s, &c, MSEC(2000));
	for (int i = 0; i < 3; i++) {
		spin(900);
		let_it_work(s.base);
		say(&c, GET);
		assert_true(wait_answers(&c, i + 1));
		assert_false(c.ended);
	}
	start = now_ms();
	assert_true(wait_end(&c));
	assert_elapsed(start, 1900);
	client_close(&c);
	server_close(&s);
	note_clear();
}

TEST(http_head_that_trickles_in_has_the_time_since_its_first_byte)
{
	static const char head[] = "GET /a HTTP/1.1\r\nA: bbbbbbbbbbbbbbbbbbbb"
				   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	struct server s;
	struct client c;
	double start = now_ms(), next = start;

	open_with_limit(&s, &c, MSEC(200));
	for (size_t i = 0; i < sizeof(head) - 1 && !c.ended; i++) {
		say_bytes(&c, head + i, 1);
		next += 20;
		while (now_ms() < next && !c.ended)
			event_base_loop(s.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	expect_end(&c, "");
	assert_elapsed(start, 200);
	client_close(&c);
	server_close(&s);
}

/* A body has the time since the last byte, and that was in the head. */
TEST(http_body_has_the_time_since_the_end_of_the_head)
{
	struct server s;
	struct client c;

	open_with_limit(&s, &c, MSEC(4000));
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n");
	let_it_work(s.base);
	spin(2200);
	say(&c, "\r\n");
	let_it_work(s.base);
	spin(2200);
	let_it_work(s.base);
	assert_false(c.ended);
	say(&c, "hello");
	expect_answers(&c, "200:/a");
	client_close(&c);
	server_close(&s);
	note_clear();
}

TEST(http_timeout_of_a_zero_timeval_is_none)
{
	struct server s;
	struct client c;

	open_with_limit(&s, &c, MSEC(0));
	await_connections(&s, 1);
	spin(100);
	let_it_work(s.base);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	client_close(&c);
	server_close(&s);
	note_clear();
}

TEST(http_timeval_of_NULL_is_the_default_again)
{
	struct server s;
	struct client c;

	open_with_limit(&s, &c, MSEC(1));
	evhttp_set_timeout_tv(s.http, NULL);
	client_close(&c);
	client_open(&c, &s);
	await_connections(&s, 1);
	spin(100);
	let_it_work(s.base);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	client_close(&c);
	server_close(&s);
	note_clear();
}

TEST(http_later_of_seconds_and_timeval_counts)
{
	struct server s;
	struct client c;
	double start;

	server_open(&s);
	evhttp_set_timeout(s.http, 1000);
	evhttp_set_timeout_tv(s.http, MSEC(100));
	start = now_ms();
	client_open(&c, &s);
	expect_end(&c, "");
	assert_elapsed(start, 100);
	client_close(&c);
	evhttp_set_timeout(s.http, 1000);
	client_open(&c, &s);
	await_connections(&s, 1);
	spin(200);
	let_it_work(s.base);
	assert_false(c.ended);
	client_close(&c);
	server_close(&s);
}

static void
hurry_cb(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_connection_set_timeout_tv(req->evcon, MSEC(100));
	reply_text(req, "x");
}

TEST(http_handler_may_give_its_connection_a_timeval)
{
	struct server s;
	struct client c;
	double start = now_ms();

	server_open(&s);
	s.reply = hurry_cb;
	client_open(&c, &s);
	say(&c, GET);
	expect_end(&c, "200:x");
	assert_elapsed(start, 100);
	client_close(&c);
	server_close(&s);
	note_clear();
}

TEST(http_answer_that_nobody_reads_ends_after_a_timeval)
{
	struct evbuffer *body = buffer_of_size((size_t)32 << 20);
	struct evhttp_request *req = NULL;
	struct server s;
	struct client c;

	server_open_with(&s, keep_request_for_cb, &req);
	evhttp_set_timeout_tv(s.http, MSEC(100));
	client_open(&c, &s);
	say(&c, GET);
	assert_true(wait_until(s.base, is_pointer_set, &req));
	client_pause(&c);
	evhttp_send_reply(req, 200, "OK", body);
	await_connections(&s, 0);
	client_resume(&c);
	client_close(&c);
	evbuffer_free(body);
	server_close(&s);
}
