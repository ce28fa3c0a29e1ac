/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The limits of a request's head and body, to the byte and to the field: the
 * defaults, and those that the program sets.
 */
#include "http_ours.h"
#include "wrap.h"

#define LINE "GET /a HTTP/1.1\r\n"

/* A head of `size` bytes, or with n fields where size is 0. */
static char *
make_head(size_t size, int fields)
{
	char *head = malloc(size + (size_t)fields * 5 + 100), *at;

	assert_non_null(head);
	at = stpcpy(head, LINE);
	for (int i = 0; i < fields; i++)
		at = stpcpy(at, "a:b\r\n");
	if (size > 0) {
		size_t n = size - (size_t)(at - head) - strlen("c:\r\n\r\n");

		at = stpcpy(at, "c:");
		memset(at, 'x', n);
		at = stpcpy(at + n, "\r\n");
	}
	strcpy(at, "\r\n");
	return head;
}

/* Checks the code that answers a request with such a head; see make_head(). */
static void
head_gets(struct server *s, size_t size, int fields, const char *code)
{
	char *head = make_head(size, fields);
	struct client c;

	client_open(&c, s);
	if (size > 0)
		assert_int_equal(strlen(head), size);
	say(&c, head);
	if (!wait_answers(&c, 1) || strncmp(answers(&c), code, 3) != 0)
		fail_client(&c, code);
	note_clear();
	client_close(&c);
	free(head);
}

TEST(http_head_may_have_128_kilobytes)
{
	struct server s;

	server_open(&s);
	head_gets(&s, 131072, 0, "200");
	head_gets(&s, 131073, 0, "431");
	server_close(&s);
}

TEST(http_head_may_have_1000_fields)
{
	struct server s;

	server_open(&s);
	head_gets(&s, 0, 1000, "200");
	head_gets(&s, 0, 1001, "431");
	server_close(&s);
}

/* Each folded line is copied to the end of the value. */
TEST(http_folded_lines_count_as_fields)
{
	struct server s;
	char text[sizeof(LINE) + 4 * 1002] = LINE "a:b\n", *at;

	server_open(&s);
	for (int n = 999; n <= 1000; n++) {
		struct client c;

		at = text + strlen(LINE "a:b\n");
		for (int i = 0; i < n; i++)
			at = stpcpy(at, " x\n");
		strcpy(at, "\n");
		client_open(&c, &s);
		say(&c, text);
		if (!wait_answers(&c, 1) ||
		    strncmp(answers(&c), n < 1000 ? "200" : "431", 3) != 0)
			fail_client(&c, "another answer");
		client_close(&c);
	}
	note_clear();
	server_close(&s);
}

TEST(http_limit_of_the_head_is_what_the_program_says)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_headers_size(s.http, 100);
	head_gets(&s, 100, 0, "200");
	head_gets(&s, 101, 0, "431");
	server_close(&s);
}

TEST(http_limit_of_fields_follows_from_that_of_the_size)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_headers_size(s.http, 2048 * 128);
	head_gets(&s, 0, 2048, "200");
	head_gets(&s, 0, 2049, "431");
	head_gets(&s, 2048 * 128, 0, "200");
	server_close(&s);
}

TEST(http_limit_of_fields_is_at_least_1000)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_headers_size(s.http, 8192);
	head_gets(&s, 0, 1000, "200");
	head_gets(&s, 0, 1001, "431");
	server_close(&s);
}

TEST(http_negative_size_of_the_head_is_no_limit_for_either)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_headers_size(s.http, -1);
	head_gets(&s, 0, 20000, "200");
	head_gets(&s, 1000000, 0, "200");
	server_close(&s);
}

/*
 * Checks the code that answers a request line of `size` bytes, CR LF included.
 */
static void
line_gets(struct server *s, size_t size, const char *code)
{
	char *line = malloc(size + 100);
	size_t n = size - strlen("GET / HTTP/1.1\r\n");
	struct client c;

	assert_non_null(line);
	memset(stpcpy(line, "GET /"), 'x', n);
	strcpy(line + strlen("GET /") + n, " HTTP/1.1\r\n");
	client_open(&c, s);
	say(&c, line);
	say(&c, "\r\n");
	if (!wait_answers(&c, 1) || strncmp(answers(&c), code, 3) != 0)
		fail_client(&c, code);
	note_clear();
	client_close(&c);
	free(line);
}

TEST(http_request_line_that_alone_is_too_long_is_414)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_headers_size(s.http, 1000);
	line_gets(&s, 998, "200");
	line_gets(&s, 999, "431"); /* the empty line counts for the head */
	line_gets(&s, 1001, "414");
	server_close(&s);
}

/*
 * The server does not wait for the end of the line, and frees what it has read.
 */
TEST(http_head_without_end_is_refused_and_its_memory_given_back)
{
	static char block[65536];
	struct server s;
	struct client c;
	long bytes;

	memset(block, 'x', sizeof(block));
	server_open(&s);
	head_gets(&s, 100, 0, "200");
	await_connections(&s, 0);
	bytes = counts.bytes;
	client_open(&c, &s);
	say(&c, LINE "a:");
	for (int i = 0; i < 100 && !c.ended; i++) {
		say_bytes(&c, block, sizeof(block));
		let_it_work(s.base);
		assert_true(counts.bytes < bytes + (512 << 10));
	}
	expect_end(&c, "431");
	client_close(&c);
	let_it_work(s.base);
	assert_true(counts.bytes < bytes + 65536);
	server_close(&s);
}

/* --- bodies --- */

/*
 * Checks the code that answers a body of `size` bytes, with a length and in
 * chunks.
 */
static void
body_gets(struct server *s, size_t size, const char *code)
{
	char request[2000], *at;
	struct client c;

	client_open(&c, s);
	snprintf(request, sizeof(request),
	    "POST /a HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%.*s", size,
	    (int)size, "0123456789012345678901234567890123456789");
	say(&c, request);
	if (!wait_answers(&c, 1) || strncmp(answers(&c), code, 3) != 0)
		fail_client(&c, code);
	client_close(&c);
	client_open(&c, s);
	at = stpcpy(request,
	    "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < size; i++)
		at = stpcpy(at, "1\r\nx\r\n");
	strcpy(at, "0\r\n\r\n");
	say(&c, request);
	if (!wait_answers(&c, 1) || strncmp(answers(&c), code, 3) != 0)
		fail_client(&c, code);
	client_close(&c);
	note_clear();
}

TEST(http_limit_of_the_body_is_counted_without_its_framing)
{
	struct server s;

	server_open(&s);
	evhttp_set_max_body_size(s.http, 20);
	body_gets(&s, 20, "200");
	body_gets(&s, 21, "413");
	evhttp_set_max_body_size(s.http, 0);
	body_gets(&s, 0, "200");
	body_gets(&s, 1, "413");
	evhttp_set_max_body_size(s.http, -1);
	body_gets(&s, 40, "200");
	server_close(&s);
}

/* The body of a GET is read and dropped, and no handler sees it. */
TEST(http_body_that_is_dropped_is_not_limited)
{
	struct server s;
	struct client c;

	server_open(&s);
	evhttp_set_max_body_size(s.http, 3);
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	say(&c, LAST_REQUEST);
	expect_end(&c, "200:/a 200:/last");
	client_close(&c);
	server_close(&s);
}

TEST(http_limits_of_a_connection_are_those_when_it_was_accepted)
{
	struct server s;
	struct client c;

	server_open(&s);
	evhttp_set_max_body_size(s.http, 3);
	client_open(&c, &s);
	await_connections(&s, 1);
	evhttp_set_max_body_size(s.http, -1);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	expect_end(&c, "413");
	client_close(&c);
	server_close(&s);
}

static void
limit_cb(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_connection_set_max_body_size(req->evcon, 3);
	evhttp_connection_set_max_headers_size(req->evcon, 200);
	reply_text(req, "x");
}

TEST(http_handler_may_limit_the_next_requests_of_its_connection)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = limit_cb;
	client_open(&c, &s);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	expect_answers(&c, "200:x");
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nrye");
	expect_answers(&c, "200:x 200:x");
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	expect_end(&c, "200:x 200:x 413");
	client_close(&c);
	note_clear();
	server_close(&s);
}

/*
 * The client keeps sending after the answer: it can read that, and the server
 * drops what it sends.
 */
TEST(http_body_that_is_too_long_is_read_and_dropped_until_the_client_ends)
{
	static char block[65536];
	struct server s;
	struct client c;
	long bytes;

	server_open(&s);
	evhttp_set_max_body_size(s.http, 1000);
	client_open(&c, &s);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 4194304\r\n\r\n");
	expect_answers(&c, "413");
	assert_string_equal(first_field(&c, "Connection"), "close");
	bytes = counts.bytes;
	for (int i = 0; i < 64; i++)
		say_bytes(&c, block, sizeof(block));
	assert_true(counts.bytes < bytes + 65536);
	expect_end(&c, "413");
	assert_false(c.was_reset);
	client_close(&c);
	server_close(&s);
}

TEST(http_client_that_sends_a_refused_body_without_end_is_cut_off)
{
	static char block[65536];
	struct server s;
	struct client c;
	ssize_t n = 1;

	server_open(&s);
	evhttp_set_max_body_size(s.http, 1000);
	client_open(&c, &s);
	say(&c, "POST /a HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n");
	expect_answers(&c, "413");
	for (long sent = 0; sent < (64 << 20) && n != 0;
	     sent += n > 0 ? n : 0) {
		n = send(c.fd, block, sizeof(block), MSG_NOSIGNAL);
		if (n == -1 && errno != EAGAIN)
			break;
		let_it_work(s.base);
	}
	assert_int_equal(n, -1);
	client_close(&c);
	server_close(&s);
}
