/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who owns a server's request, and how its end is reported: requests that the
 * program owns, and evhttp_request_set_on_complete_cb().
 */
#include "http_ours.h"
#include "wrap.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

struct owned {
	struct server s;
	struct client c;
	struct evhttp_request *req;
};

static void
open_owned(struct owned *k, const char *request)
{
	k->req = NULL;
	server_open_with(&k->s, keep_request_for_cb, &k->req);
	client_open(&k->c, &k->s);
	say(&k->c, request);
	assert_true(wait_until(k->s.base, is_pointer_set, &k->req));
}

static void
close_owned(struct owned *k)
{
	client_close(&k->c);
	server_close(&k->s);
	note_clear();
}

/* --- owned --- */

TEST(http_request_is_the_librarys_until_the_program_owns_it)
{
	struct owned k;

	open_owned(&k, GET);
	assert_int_equal(evhttp_request_is_owned(k.req), 0);
	evhttp_request_own(k.req);
	assert_int_equal(evhttp_request_is_owned(k.req), 1);
	evhttp_send_reply(k.req, 200, "OK", NULL);
	expect_answers(&k.c, "200");
	assert_null(k.req->evcon);
	assert_string_equal(k.req->uri, "/a");
	assert_int_equal(k.req->response_code, 200);
	evhttp_request_free(k.req);
	close_owned(&k);
}

TEST(http_owned_request_outlives_the_connection_and_the_server)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_request_own(k.req);
	evhttp_free(k.s.http);
	k.s.http = NULL;
	assert_null(k.req->evcon);
	assert_string_equal(k.req->remote_host, "127.0.0.1");
	/* Answers are dropped, and the request stays the program's. */
	evhttp_send_reply(k.req, 200, "OK", NULL);
	assert_string_equal(k.req->uri, "/a");
	evhttp_request_free(k.req);
	close_owned(&k);
}

TEST(http_owned_request_that_is_freed_before_it_is_answered_closes)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_connection_set_closecb(k.req->evcon, note_closed_cb, NULL);
	evhttp_request_own(k.req);
	evhttp_request_free(k.req);
	expect_end(&k.c, "");
	assert_log("closed");
	close_owned(&k);
}

TEST(http_owned_request_may_be_freed_before_its_answer_is_written)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_request_own(k.req);
	reply_text(k.req, "x");
	evhttp_request_free(k.req);
	say(&k.c, GET);
	k.req = NULL;
	assert_true(wait_until(k.s.base, is_pointer_set, &k.req));
	reply_text(k.req, "y");
	expect_answers(&k.c, "200:x 200:y");
	close_owned(&k);
}

TEST(http_owned_request_may_be_freed_inside_a_stream)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_request_own(k.req);
	evhttp_send_reply_start(k.req, 200, "OK");
	send_chunk(k.req, "rye");
	evhttp_request_free(k.req);
	expect_end(&k.c, "...");
	close_owned(&k);
}

TEST(http_owned_requests_of_one_connection_are_separate)
{
	struct evhttp_request *first;
	struct owned k;

	open_owned(&k, GET);
	first = k.req;
	evhttp_request_own(first);
	reply_text(first, "x");
	k.req = NULL;
	say(&k.c, "GET /b HTTP/1.1\r\n\r\n");
	assert_true(wait_until(k.s.base, is_pointer_set, &k.req));
	assert_string_equal(first->uri, "/a");
	assert_string_equal(k.req->uri, "/b");
	assert_null(first->evcon);
	reply_text(k.req, "y");
	evhttp_request_free(first);
	expect_answers(&k.c, "200:x 200:y");
	close_owned(&k);
}

/* --- complete --- */

static void
note_complete_cb(struct evhttp_request *req, void *arg)
{
	note("complete:%s:%d:%s", req->uri, req->response_code, (char *)arg);
	assert_non_null(req->evcon);
}

TEST(http_complete_callback_is_called_when_the_whole_answer_is_written)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_request_set_on_complete_cb(k.req, note_complete_cb, "arg");
	evhttp_send_reply_start(k.req, 201, "OK");
	send_chunk(k.req, "rye");
	let_it_work(k.s.base);
	assert_log("");
	evhttp_send_reply_end(k.req);
	assert_log("");
	expect_answers(&k.c, "201");
	assert_log("complete:/a:201:arg");
	close_owned(&k);
}

TEST(http_complete_waits_for_a_slow_reader)
{
	struct evbuffer *body = buffer_of_size((size_t)16 << 20);
	struct owned k;

	open_owned(&k, GET);
	client_pause(&k.c);
	evhttp_request_set_on_complete_cb(k.req, note_complete_cb, "arg");
	evhttp_send_reply(k.req, 200, "OK", body);
	for (int i = 0; i < 20; i++)
		let_it_work(k.s.base);
	assert_log("");
	client_resume(&k.c);
	await_note(&k.s, "complete:/a:200:arg");
	evbuffer_free(body);
	close_owned(&k);
}

TEST(http_complete_callback_is_not_called_for_an_answer_that_is_lost)
{
	struct evbuffer *body = buffer_of_size((size_t)16 << 20);
	struct owned k;

	open_owned(&k, GET);
	client_pause(&k.c);
	evhttp_connection_set_closecb(k.req->evcon, note_closed_cb, NULL);
	evhttp_request_set_on_complete_cb(k.req, note_complete_cb, "arg");
	evhttp_send_reply(k.req, 200, "OK", body);
	let_it_work(k.s.base);
	client_resume(&k.c);
	client_reset(&k.c);
	await_note(&k.s, "closed");
	assert_log("closed");
	evbuffer_free(body);
	server_close(&k.s);
}

static void
count_complete_cb(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;

	evhttp_request_set_on_complete_cb(req, note_complete_cb, "p");
	(void)s;
	reply_text(req, "x");
}

TEST(http_complete_callbacks_of_pipelined_requests_are_called_in_order)
{
	struct server s;
	struct client c;

	server_open_with(&s, count_complete_cb, &s);
	client_open(&c, &s);
	say(&c, "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"
		"GET /3 HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:x 200:x 200:x");
	assert_log("complete:/1:200:p complete:/2:200:p complete:/3:200:p");
	client_close(&c);
	server_close(&s);
}

TEST(http_complete_comes_before_the_close)
{
	struct owned k;

	open_owned(&k, "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n");
	evhttp_connection_set_closecb(k.req->evcon, note_closed_cb, NULL);
	evhttp_request_set_on_complete_cb(k.req, note_complete_cb, "arg");
	reply_text(k.req, "x");
	expect_end(&k.c, "200:x");
	assert_log("complete:/a:200:arg closed");
	close_owned(&k);
}

static void
own_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_own(req);
	note("owned");
}

TEST(http_complete_callback_may_own_the_request)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_request_set_on_complete_cb(k.req, own_cb, NULL);
	reply_text(k.req, "x");
	await_note(&k.s, "owned");
	assert_null(k.req->evcon);
	assert_string_equal(k.req->uri, "/a");
	evhttp_request_free(k.req);
	close_owned(&k);
}

/* --- answers after the client has closed --- */

static void
answer_cb(struct evhttp_connection *evcon, void *arg)
{
	struct owned *k = arg;

	(void)evcon;
	note("closed");
	reply_text(k->req, "late");
}

static void
stream_cb(struct evhttp_connection *evcon, void *arg)
{
	struct owned *k = arg;

	(void)evcon;
	note("closed");
	evhttp_send_reply_start(k->req, 200, "OK");
	send_chunk(k->req, "late");
	evhttp_send_reply_end(k->req);
}

static void
send_large_cb(struct evhttp_connection *evcon, void *arg)
{
	struct evbuffer *body = buffer_of_size(100000);
	struct owned *k = arg;

	(void)evcon;
	note("closed");
	evhttp_send_reply(k->req, 200, "OK", body);
	evbuffer_free(body);
}

static void
answers_too_late(void (*cb)(struct evhttp_connection *, void *),
    bool frees_server)
{
	struct owned k;

	open_owned(&k, GET);
	evhttp_connection_set_closecb(k.req->evcon, cb, &k);
	if (frees_server) {
		evhttp_free(k.s.http);
		k.s.http = NULL;
	} else {
		evhttp_connection_free(k.req->evcon);
	}
	assert_log("closed");
	close_owned(&k);
}

/* In the close callback a program may answer the requests that it still has. */
TEST(http_closecb_may_answer_the_request)
{
	static void (*const cbs[])(struct evhttp_connection *,
	    void *) = {answer_cb, stream_cb, send_large_cb};

	for (size_t i = 0; i < 6; i++) {
		long bytes = 0;

		for (int round = 0; round < 3; round++) {
			bytes = counts.bytes;
			answers_too_late(cbs[i / 2], i % 2 != 0);
		}
		assert_int_equal(counts.bytes, bytes);
	}
}
