/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several requests on one connection: one after the other, in one packet, and
 * while the one before is not answered yet.
 */
#include "http_server.h"

#define GET(uri) "GET " uri " HTTP/1.1\r\n\r\n"

TEST(http_request_after_the_answer_is_served)
{
	struct server s;
	struct client c;

	open_both(&s, &c, GET("/a"));
	expect_answers(&c, "200:/a");
	say(&c, "POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	expect_answers(&c, "200:/a 200:/b");
	say(&c, GET("/c"));
	expect_answers(&c, "200:/a 200:/b 200:/c");
	assert_log("GET:/a POST:/b:hello GET:/c");
	close_both(&s, &c);
}

TEST(http_three_requests_in_one_packet_are_answered_in_order,
    DIFFERS(V14, "the second waits for more bytes, and shifts all answers"))
{
	serves(GET("/a") GET("/b") GET("/c"), "GET:/a GET:/b GET:/c");
}

TEST(http_requests_with_bodies_in_one_packet_are_answered_in_order,
    DIFFERS(V14, "the second waits for more bytes"))
{
	serves("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
	       "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "5\r\nworld\r\n0\r\n\r\n"
	       "POST /c HTTP/1.1\r\nContent-Length: 0\r\n\r\n" GET("/d"),
	    "POST:/a:hello POST:/b:world POST:/c GET:/d");
}

/* A request and a half, and the other half. */
TEST(http_request_whose_first_half_came_with_another_is_answered,
    DIFFERS_BY_CHANCE(V14, "it depends on what is read at once"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, GET("/a") "GET /b HT");
	expect_answers(&c, "200:/a");
	say(&c, "TP/1.1\r\n\r\n");
	expect_answers(&c, "200:/a 200:/b");
	assert_log("GET:/a GET:/b");
	close_both(&s, &c);
}

/* The last request ends the connection, and what follows it is not served. */
TEST(http_requests_after_one_that_closes_are_not_served,
    DIFFERS(V14, "the second waits for more bytes"))
{
	ends(GET("/a") LAST_REQUEST GET("/evil"), "GET:/a GET:/last",
	    "200:/a 200:/last");
}

TEST(http_requests_before_a_bad_one_are_answered,
    DIFFERS(V14, "the second waits for more bytes"))
{
	ends(GET("/a") GET("/b") "BREAD\r\n\r\n" GET("/evil"), "GET:/a GET:/b",
	    "200:/a 200:/b 400");
}

TEST(http_all_complete_requests_are_answered_after_a_half_close,
    DIFFERS(V14, "the second is not"), DIFFERS(V21, "the first alone is"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, GET("/a") GET("/b") GET("/c") "GET /d");
	client_half_close(&c);
	expect_end(&c, "200:/a 200:/b 200:/c");
	assert_log("GET:/a GET:/b GET:/c");
	close_both(&s, &c);
}

/*
 * A program that answers later.
 */

struct later {
	struct server s;
	struct evhttp_request *req[4];
	int n;
	int depth;
};

static void
keep_cb(struct evhttp_request *req, void *arg)
{
	struct later *l = arg;

	note_request(req, false);
	assert_int_equal(l->depth, 0);
	assert_true(l->n < 4);
	l->req[l->n++] = req;
}

static bool
has_two(void *arg)
{
	return ((struct later *)arg)->n >= 2;
}

static void
answer_later(struct later *l, int i)
{
	l->depth++;
	reply_text(l->req[i], l->req[i]->uri);
	l->depth--;
}

/* Two requests, the second of which is with the first or after it.  Nothing is
 * called inside evhttp_send_reply(): see keep_cb(). */
static void
check_second_waits(const char *first, const char *then)
{
	struct later l = {.n = 0};
	struct client c;

	server_open_with(&l.s, keep_cb, &l);
	client_open(&c, &l.s);
	say(&c, first);
	let_it_work(l.s.base);
	say(&c, then);
	let_it_work(l.s.base);
	let_it_work(l.s.base);
	assert_log("GET:/a");
	answer_later(&l, 0);
	assert_log("");
	assert_true(wait_until(l.s.base, has_two, &l));
	assert_log("GET:/b");
	answer_later(&l, 1);
	expect_answers(&c, "200:/a 200:/b");
	close_both(&l.s, &c);
}

TEST(http_request_that_comes_while_another_is_handled_waits)
{
	check_second_waits(GET("/a"), GET("/b"));
}

TEST(http_next_handler_starts_from_the_loop_after_the_answer_is_given,
    DIFFERS(V14, "the second waits for more bytes"))
{
	check_second_waits(GET("/a") GET("/b"), "");
}

TEST(http_next_handler_waits_for_the_end_of_a_stream,
    DIFFERS(V14, "the second waits for more bytes"))
{
	struct later l = {.n = 0};
	struct evbuffer *piece = evbuffer_new();
	struct client c;

	server_open_with(&l.s, keep_cb, &l);
	client_open(&c, &l.s);
	say(&c, GET("/a") GET("/b"));
	let_it_work(l.s.base);
	evhttp_send_reply_start(l.req[0], 200, "OK");
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(l.req[0], piece);
	let_it_work(l.s.base);
	let_it_work(l.s.base);
	assert_log("GET:/a");
	evhttp_send_reply_end(l.req[0]);
	assert_true(wait_until(l.s.base, has_two, &l));
	assert_log("GET:/b");
	answer_later(&l, 1);
	expect_answers(&c, "200:rye 200:/b");
	evbuffer_free(piece);
	close_both(&l.s, &c);
}

TEST(http_two_clients_do_not_wait_for_each_other)
{
	struct later l = {.n = 0};
	struct client c, d;

	server_open_with(&l.s, keep_cb, &l);
	client_open(&c, &l.s);
	client_open(&d, &l.s);
	say(&c, GET("/c"));
	let_it_work(l.s.base);
	say(&d, GET("/d"));
	assert_true(wait_until(l.s.base, has_two, &l));
	answer_later(&l, 1);
	expect_answers(&d, "200:/d");
	assert_string_equal(answers(&c), "");
	answer_later(&l, 0);
	expect_answers(&c, "200:/c");
	note_clear();
	client_close(&c);
	client_close(&d);
	server_close(&l.s);
}

/*
 * Answers that are not read at once.
 */

/* How long the answer to a URI is, which is a number. */
static size_t
size_for(const char *uri)
{
	static const size_t sizes[] = {10, 9000, 40000, 70000, 262144, 1, 8192,
	    8193, 131072};

	return sizes[(size_t)atoi(uri + 1) %
		     (sizeof(sizes) / sizeof(sizes[0]))];
}

/* The digits of the URI, again and again, so that no two answers are alike.
 * Each fourth is a stream. */
static void
reply_sized(struct evhttp_request *req, struct server *s)
{
	struct evbuffer *body = evbuffer_new();
	size_t len = size_for(req->uri);

	(void)s;
	while (EVBUFFER_LENGTH(body) < len)
		evbuffer_add(body, req->uri, strlen(req->uri));
	if (atoi(req->uri + 1) % 4 == 3) {
		evhttp_send_reply_start(req, 200, "OK");
		evhttp_send_reply_chunk(req, body);
		evhttp_send_reply_end(req);
	} else
		evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

/* Takes the answers apart: each is its own request's, to the last byte. */
static void
check_sized(const struct client *c, int n)
{
	struct answer a;
	size_t at = 0;
	char uri[16];

	for (int i = 0; i < n; i++, at += a.all) {
		size_t len = (size_t)snprintf(uri, sizeof(uri), "/%d", i);

		if (!read_answer(c, at, &a))
			fail_msg("answer %d is not whole", i);
		assert_true(a.body_len >= size_for(uri));
		for (size_t k = 0; k < a.body_len; k++)
			if (a.body[k] != uri[k % len])
				fail_msg("answer %d is another's at %zu", i, k);
		free(a.body);
	}
}

/* The client does not read for a while, or little at a time. */
static void
check_order_of_big_answers(
    void (*open_client)(struct client *, struct server *))
{
	struct server s;
	struct client c;
	char text[64];

	server_open(&s);
	s.reply = reply_sized;
	open_client(&c, &s);
	client_pause(&c);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), GET("/%d"), i);
		say(&c, text);
	}
	let_it_work(s.base);
	let_it_work(s.base);
	client_resume(&c);
	say(&c, "GET /100 HTTP/1.1\r\nConnection: close\r\n\r\n");
	assert_true(wait_end(&c));
	check_sized(&c, 101);
	note_clear();
	close_both(&s, &c);
}

TEST(http_big_answers_to_pipelined_requests_keep_their_order_and_bytes,
    DIFFERS(V14, "the second waits for more bytes"))
{
	check_order_of_big_answers(client_open);
}

TEST(http_big_answers_to_a_narrow_client_keep_their_order_and_bytes,
    DIFFERS(V14, "the second waits for more bytes"))
{
	check_order_of_big_answers(client_open_narrow);
}

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
}

static bool
is_noted_closed(void *arg)
{
	(void)arg;
	return strstr(noted(), "closed") != NULL;
}

/* The first answer cannot be written, while the program owes the second:
 * closecb is called when the program has given that.  The first is small enough
 * for the second handler to be called meanwhile, whatever bounds what is
 * unsent. */
TEST(http_lost_client_is_reported_when_the_answer_that_is_owed_is_given,
    DIFFERS(V14, "the second waits for more bytes"),
    DIFFERS(V21, "the second waits until the first is written"))
{
	struct later l = {.n = 0};
	struct client c;

	server_open_with(&l.s, keep_cb, &l);
	client_open_narrow(&c, &l.s);
	client_pause(&c);
	say(&c, GET("/a") GET("/b"));
	let_it_work(l.s.base);
	evhttp_connection_set_closecb(l.req[0]->evcon, closed_cb, NULL);
	evbuffer_add_printf(l.req[0]->output_buffer, "%050000d", 0);
	answer_later(&l, 0);
	assert_true(wait_until(l.s.base, has_two, &l));
	client_resume(&c);
	client_reset(&c);
	let_it_work(l.s.base);
	let_it_work(l.s.base);
	assert_log("GET:/a GET:/b");
	assert_string_equal(l.req[1]->uri, "/b");
	answer_later(&l, 1);
	assert_true(wait_until(l.s.base, is_noted_closed, NULL));
	let_it_work(l.s.base);
	assert_log("closed");
	server_close(&l.s);
	assert_log("");
}

/*
 * Reading ahead.
 */

/* The server reads no more than a bounded amount ahead of a slow handler: a
 * client that keeps sending has to wait. */
TEST(http_server_does_not_read_without_end_while_a_handler_thinks)
{
	struct later l = {.n = 0};
	static char block[1 << 20];
	struct client c;
	size_t sent = 0, pause = 0;

	for (size_t i = 0; i + 21 < sizeof(block); i += 22)
		memcpy(block + i, "GET /long HTTP/1.1\r\n\r\n", 22);
	server_open_with(&l.s, keep_cb, &l);
	client_open(&c, &l.s);
	while (sent < (64 << 20) && pause < 100) {
		ssize_t n =
		    send(c.fd, block, sizeof(block) / 22 * 22, MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		pause = n > 0 ? 0 : pause + 1;
		let_it_work(l.s.base);
	}
	assert_true(sent < (64 << 20));
	assert_log("GET:/long");
	close_both(&l.s, &c);
}

/*
 * Split at random.
 */

#define BATCH 16

/* A number of the test's own, so that each run is the same. */
static unsigned int
next_random(unsigned int *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16 & 0x7fff;
}

/* Sixteen requests of different kinds; what the handler is to note, and what
 * the client is to get, in the other two. */
static void
make_batch(unsigned int *seed, char *text, char *requests, char *expected)
{
	for (int i = 0; i < BATCH; i++) {
		const char *blank = i > 0 ? " " : "";
		unsigned int kind = next_random(seed) % 3;

		if (kind == 0)
			text += sprintf(text, GET("/%d"), i);
		else if (kind == 1)
			text += sprintf(text,
			    "POST /%d HTTP/1.1\r\nA: b\r\n"
			    "Content-Length: 4\r\n\r\nrye%c",
			    i, 'a' + i);
		else
			text += sprintf(text,
			    "POST /%d HTTP/1.1\r\n"
			    "Transfer-Encoding: chunked\r\n"
			    "\r\n3\r\nrye\r\n1\r\n%c\r\n0\r\n"
			    "\r\n",
			    i, 'a' + i);
		requests += kind == 0 ? sprintf(requests, "%sGET:/%d", blank, i)
				      : sprintf(requests, "%sPOST:/%d:rye%c",
					    blank, i, 'a' + i);
		expected += sprintf(expected, "%s200:/%d", blank, i);
	}
}

TEST(http_16_requests_split_at_random_are_answered_in_order,
    DIFFERS(V14, "answers are missing or shifted"))
{
	static char text[4096], requests[1024], expected[1024];
	struct server s;
	unsigned int seed = 1;

	server_open(&s);
	for (int round = 0; round < 50; round++) {
		struct client c;
		const char *at = text;

		make_batch(&seed, text, requests, expected);
		client_open(&c, &s);
		while (*at != '\0') {
			size_t left = strlen(at);
			size_t n = 1 + next_random(&seed) % 200;

			n = n < left ? n : left;
			say_bytes(&c, at, n);
			if (next_random(&seed) % 2)
				let_it_work(s.base);
			at += n;
		}
		expect_answers(&c, expected);
		assert_log(requests);
		client_close(&c);
	}
	server_close(&s);
}

TEST(http_300_requests_in_one_write_are_answered, DIFFERS(V14, "they stall"))
{
	static char text[1 << 16], last[32];
	char *at = text;
	struct server s;
	struct client c;

	for (int i = 0; i < 300; i++)
		at += sprintf(at, GET("/%03d"), i);
	open_both(&s, &c, text);
	assert_true(wait_answers(&c, 300));
	assert_int_equal(count_answers(&c), 300);
	snprintf(last, sizeof(last), "%s", c.got + c.len - 4);
	assert_string_equal(last, "/299");
	note_clear();
	close_both(&s, &c);
}
