/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers that the program takes piece by piece: a client's request that has a
 * header callback.  And how large an answer may be.
 */
#include "http_ours_client.h"

static void
streams(const struct step *script, const char *log)
{
	struct client c;

	n_answers = 0;
	note_clear();
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, new_noting_request("a", true), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(log);
	assert_int_equal(n_answers, 1);
	client_tear_down(&c);
}

static void
stops(const struct step *script, const char *first, const char *second)
{
	struct client c;

	n_answers = 0;
	note_clear();
	SET_UP(&c, script);
	send_request(&c, new_noting_request("a", true), EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(&c);
	assert_log(first);
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 1);
	assert_log(second);
	client_tear_down(&c);
}

TEST(http_pieces_of_an_answer_are_delivered_as_they_arrive_whatever_the_framing)
{
	static const struct step length[] = {REQUEST,
	    SEND(OK "Content-Length: 6\r\n\r\nrye"), STALL, SEND("oat"), END};
	static const struct step chunk[] = {REQUEST, SEND(CHUNKED "6\r\nrye"),
	    STALL, SEND("oat\r\n0\r\n\r\n"), END};
	static const struct step end[] = {REQUEST, SEND(OK "\r\nrye"), STALL,
	    SEND("oat"), CLOSE, END};

	stops(length, "a:head:200 a:chunk <rye>", "a:chunk <oat> a:200");
	stops(chunk, "a:head:200 a:chunk <rye>", "a:chunk <oat> a:200");
	stops(end, "a:head:200 a:chunk <rye>", "a:chunk <oat> closed a:200");
}

TEST(http_header_callback_comes_before_the_body)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 3\r\n\r\n"), STALL, SEND("rye"), END};

	stops(script, "a:head:200", "a:chunk <rye> a:200");
}

TEST(http_chunks_that_come_at_once_are_pieces)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "3\r\nrye\r\n3\r\noat\r\n0\r\n\r\n"), END};

	streams(script, "a:head:200 a:chunk <rye> a:chunk <oat> a:200");
}

TEST(http_header_callback_is_not_called_for_an_interim_answer)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n"
		 "\r\n" OK_X),
	    END};

	streams(script, "a:head:200 a:chunk <x> a:200");
}

TEST(http_header_callback_is_called_for_an_answer_without_a_body)
{
	static const struct step empty[] = {REQUEST,
	    SEND("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n"), END};
	static const struct step none[] = {REQUEST,
	    SEND(OK "Content-Length: 0\r\n\r\n"), END};

	streams(empty, "a:head:204 a:204");
	streams(none, "a:head:200 a:200");
}

TEST(http_header_callback_is_called_for_an_answer_to_HEAD)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 5\r\n\r\n"), AGAIN};
	struct client c;

	SET_UP(&c, script);
	send_request(&c, new_noting_request("a", true), EVHTTP_REQ_HEAD);
	await_answers(&c, 1);
	assert_log("a:head:200 a:200");
	client_tear_down(&c);
}

TEST(http_pieces_before_a_cut_are_reported)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 6\r\n\r\nrye"), CLOSE, END};

	streams(script, "a:head:200 a:chunk <rye> a:error:1 a:NULL");
}

TEST(http_answer_whose_pieces_nobody_takes_is_in_the_buffer)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 3\r\n\r\nrye"), AGAIN};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_noting_request("a", true);
	evhttp_request_set_chunked_cb(req, NULL);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:head:200 a:200 <rye>");
	client_tear_down(&c);
}

static int
set_pieces_cb(struct evhttp_request *req, void *name)
{
	evhttp_request_set_chunked_cb(req, chunk_cb);
	return note_named_head_cb(req, name);
}

TEST(http_header_callback_may_set_the_chunked_callback)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 3\r\n\r\nrye"), AGAIN};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_header_cb(req, set_pieces_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:head:200 a:chunk <rye> a:200");
	client_tear_down(&c);
}

static int
refuse_cb(struct evhttp_request *req, void *name)
{
	note_named_head_cb(req, name);
	return -1;
}

TEST(http_header_callback_that_refuses_fails_the_request_alone)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 3\r\n\r\nrye"), AGAIN};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script, serve_y);
	req = new_noting_request("a", true);
	evhttp_request_set_header_cb(req, refuse_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:head:200 closed a:error:1 a:NULL b:200 <y>");
	client_tear_down(&c);
}

TEST(http_requests_with_and_without_streaming_may_alternate)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "3\r\nrye\r\n3\r\noat\r\n0\r\n\r\n"), AGAIN};
	struct client c;

	SET_UP(&c, script);
	send_request(&c, new_noting_request("a", true), EVHTTP_REQ_GET);
	get(&c, "b");
	send_request(&c, new_noting_request("c", true), EVHTTP_REQ_GET);
	await_answers(&c, 3);
	assert_log("a:head:200 a:chunk <rye> a:chunk <oat> a:200 "
		   "b:200 <ryeoat> "
		   "c:head:200 c:chunk <rye> c:chunk <oat> c:200");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

/* --- limits --- */

struct limited {
	ssize_t head, body;
	struct step script[3];
	const char *log;
};

/*
 * If the answer is too long, the next request is sent over another connection.
 */
static void
check_limited(const struct limited *l)
{
	struct client c;

	n_answers = 0;
	note_clear();
	SET_UP(&c, l->script, serve_y);
	evhttp_connection_set_max_headers_size(c.evcon, l->head);
	evhttp_connection_set_max_body_size(c.evcon, l->body);
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_GET);
	get(&c, "b");
	await_answers(&c, 1);
	evhttp_connection_set_max_headers_size(c.evcon, -1);
	await_answers(&c, 2);
	assert_log(l->log);
	client_tear_down(&c);
}

#define TOO_LONG "closed a:error:5 a:NULL b:200 <y>"

TEST(http_body_of_an_answer_over_the_limit_fails_the_request)
{
	static const struct limited cases[] = {
	    {-1, 4, {REQUEST, SEND(OK "Content-Length: 5\r\n\r\nhello"), END},
		TOO_LONG},
	    {-1, 4, {REQUEST, SEND(OK "Content-Length: 5\r\n\r\n"), END},
		TOO_LONG},
	    {-1, 4,
		{REQUEST, SEND(CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
		    END},
		TOO_LONG},
	    {-1, 4, {REQUEST, SEND(OK "\r\nhello"), END}, TOO_LONG},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_limited(&cases[i]);
}

TEST(http_body_of_an_answer_within_the_limit_is_delivered)
{
	static const struct limited cases[] = {
	    {-1, 5,
		{REQUEST,
		    SEND(OK "Connection: close\r\nContent-Length: 5\r\n\r\n"
			    "hello"),
		    END},
		"closed a:200 <hello> b:200 <y>"},
	    {-1, 5,
		{REQUEST,
		    SEND(OK "Connection: close\r\nTransfer-Encoding: chunked"
			    "\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
		    END},
		"closed a:200 <hello> b:200 <y>"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_limited(&cases[i]);
}

TEST(http_head_of_an_answer_over_the_limit_fails_the_request)
{
	static const struct limited cases[] = {
	    {30, -1,
		{REQUEST, SEND(OK "A: 12345678901\r\nContent-Length: 0\r\n"),
		    END},
		TOO_LONG},
	    {10, -1, {REQUEST, SEND("HTTP/1.1 200"), END}, TOO_LONG},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_limited(&cases[i]);
}

/* An answer with n header fields, which the caller frees. */
static char *
answer_with_fields(int n)
{
	char *text = malloc((size_t)n * 5 + 100), *at = text;

	assert_non_null(text);
	at = stpcpy(at, OK "Content-Length: 1\r\n");
	for (int i = 1; i < n; i++)
		at = stpcpy(at, "a:b\r\n");
	strcpy(at, "\r\nx");
	return text;
}

static void
fields_give(ssize_t size, int n, const char *log)
{
	char *text = answer_with_fields(n);
	const struct step script[] = {REQUEST, SEND_TEXT(text), END};
	struct client c;

	n_answers = 0;
	note_clear();
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	if (size != 0)
		evhttp_connection_set_max_headers_size(c.evcon, size);
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log(log);
	client_tear_down(&c);
	free(text);
}

TEST(http_limit_of_an_answers_fields_follows_from_that_of_its_size)
{
	fields_give(0, 1000, "a:200 <x>");
	fields_give(0, 1001, "a:error:5 a:NULL");
	fields_give(1500 * 128, 1500, "a:200 <x>");
	fields_give(1500 * 128, 1501, "a:error:5 a:NULL");
	fields_give(-1, 5000, "a:200 <x>");
}

TEST(http_limits_of_a_connection_count_from_its_next_request_on)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 5\r\n\r\nhello"), AGAIN};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	await_answers(&c, 1);
	evhttp_connection_set_max_body_size(c.evcon, 4);
	get(&c, "b");
	await_answers(&c, 2);
	evhttp_connection_set_max_body_size(c.evcon, -1);
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <hello> closed b:NULL c:200 <hello>");
	client_tear_down(&c);
}
