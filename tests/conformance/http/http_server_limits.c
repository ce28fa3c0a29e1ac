/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Limits and methods a program may set: functions of later libevents, found by
 * name, as no header of 1.4 declares them.
 */
#include "http_server.h"
#include "symbol.h"

#define GET "GET /a HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\n"
#define NOT_IN_14 DIFFERS(V14, "there is no such function")

typedef void set_size_fn(struct evhttp *, ssize_t);
typedef void set_methods_fn(struct evhttp *, uint16_t);
typedef void set_count_fn(struct evhttp *, int);

static void
set_size(struct server *s, const char *function, ssize_t size)
{
	set_size_fn *set;
	void *found = symbol(function);

	memcpy(&set, &found, sizeof(found));
	set(s->http, size);
}

/* One exchange with a server that has such a limit. */
static void
refuses_beyond(const char *function, ssize_t size, const char *text,
    const char *code)
{
	struct server s;

	server_open(&s);
	set_size(&s, function, size);
	ends_with(&s, text, strlen(text), "", code);
	server_close(&s);
}

static void
serves_within(const char *function, ssize_t size, const char *text,
    const char *request)
{
	struct server s;

	server_open(&s);
	set_size(&s, function, size);
	serves_with(&s, text, strlen(text), request, 1);
	server_close(&s);
}

#define HEADERS "evhttp_set_max_headers_size"
#define BODY "evhttp_set_max_body_size"

TEST(http_header_beyond_the_programs_limit_is_431, NOT_IN_14,
    DIFFERS(V21, "400"))
{
	refuses_beyond(HEADERS, 50,
	    GET "A: 0123456789012345678901234567890123456789\r\n\r\n", "431");
}

TEST(http_request_line_beyond_the_programs_limit_is_414, NOT_IN_14,
    DIFFERS(V21, "400"))
{
	refuses_beyond(HEADERS, 30,
	    "GET /0123456789012345678901234567890123456789 HTTP/1.1\r\n\r\n",
	    "414");
}

TEST(http_header_within_the_programs_limit_is_served, NOT_IN_14)
{
	serves_within(HEADERS, 200, GET "A: 0123456789\r\n\r\n", "GET:/a");
}

TEST(http_header_without_a_limit_may_be_large, NOT_IN_14)
{
	static char text[300000];
	size_t used = (size_t)sprintf(text, GET "A: ");

	memset(text + used, 'x', sizeof(text) - used - 5);
	strcpy(text + sizeof(text) - 5, "\r\n\r\n");
	serves_within(HEADERS, -1, text, "GET:/a");
}

TEST(http_body_beyond_the_programs_limit_is_413, NOT_IN_14)
{
	refuses_beyond(BODY, 10, POST "Content-Length: 11\r\n\r\n01234567890",
	    "413");
}

TEST(http_chunked_body_beyond_the_programs_limit_is_413, NOT_IN_14)
{
	refuses_beyond(BODY, 10,
	    POST "Transfer-Encoding: chunked\r\n\r\n"
		 "6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n",
	    "413");
}

TEST(http_body_within_the_programs_limit_is_served, NOT_IN_14)
{
	serves_within(BODY, 10, POST "Content-Length: 10\r\n\r\n0123456789",
	    "POST:/a:0123456789");
	serves_within(BODY, 10,
	    POST "Transfer-Encoding: chunked\r\n\r\n"
		 "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n",
	    "POST:/a:0123456789");
}

/* The client keeps sending what nobody reads, and can read why. */
TEST(http_client_with_a_body_too_large_can_read_the_413, NOT_IN_14)
{
	static char text[1 << 20];
	size_t used =
	    (size_t)sprintf(text, POST "Content-Length: 1000000\r\n\r\n");

	memset(text + used, 'x', 1000000);
	refuses_beyond(BODY, 10, text, "413");
}

TEST(http_client_that_waits_with_a_body_too_large_gets_no_100, NOT_IN_14)
{
	struct server s;
	struct client c;

	server_open(&s);
	set_size(&s, BODY, 10);
	client_open(&c, &s);
	say(&c, POST "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n");
	assert_true(wait_answers(&c, 1));
	assert_string_equal(answers(&c), "413");
	assert_log("");
	close_both(&s, &c);
}

/*
 * Methods.  2.1 counts them by other bits, so its own program would set another
 * mask.
 */

#define BIT(type) (1u << (type))
#define PUT 3

static void
open_with_methods(struct server *s, unsigned int mask)
{
	set_methods_fn *set;
	void *found = symbol("evhttp_set_allowed_methods");

	memcpy(&set, &found, sizeof(found));
	server_open(s);
	set(s->http, (uint16_t)mask);
}

#define OTHER_BITS DIFFERS(V21, "the bits mean other methods")

TEST(http_put_is_served_once_it_is_allowed, NOT_IN_14, OTHER_BITS)
{
	static const char text[] = "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n"
				   "\r\nhello";
	struct server s;

	open_with_methods(&s, BIT(EVHTTP_REQ_GET) | BIT(PUT));
	serves_with(&s, text, sizeof(text) - 1, "OTHER:/a:hello", 1);
	server_close(&s);
}

TEST(http_method_that_is_not_allowed_is_405_with_those_that_are, NOT_IN_14,
    OTHER_BITS)
{
	struct server s;
	struct client c;

	open_with_methods(&s, BIT(EVHTTP_REQ_GET) | BIT(PUT));
	client_open(&c, &s);
	say(&c, "DELETE /a HTTP/1.1\r\n\r\n");
	assert_true(wait_answers(&c, 1));
	assert_string_equal(answers(&c), "405");
	assert_non_null(strstr(first_field(&c, "Allow"), "GET"));
	assert_non_null(strstr(first_field(&c, "Allow"), "PUT"));
	assert_null(strstr(first_field(&c, "Allow"), "DELETE"));
	assert_null(strstr(first_field(&c, "Allow"), "POST"));
	assert_log("");
	close_both(&s, &c);
}

TEST(http_unknown_method_is_501_once_methods_were_set, NOT_IN_14)
{
	struct server s;
	struct client c;

	open_with_methods(&s, BIT(EVHTTP_REQ_GET));
	client_open(&c, &s);
	say(&c, "BREW /a HTTP/1.1\r\n\r\n");
	assert_true(wait_answers(&c, 1));
	assert_string_equal(answers(&c), "501");
	assert_log("");
	close_both(&s, &c);
}

/*
 * Connections.
 */

TEST(http_connection_beyond_the_programs_limit_is_503, NOT_IN_14,
    DIFFERS(V21, "there is no such function"))
{
	struct server s;
	struct client c, d;
	set_count_fn *set;
	void *found = symbol("evhttp_set_max_connections");

	memcpy(&set, &found, sizeof(found));
	server_open(&s);
	set(s.http, 1);
	client_open(&c, &s);
	say(&c, GET "\r\n");
	expect_answers(&c, "200:/a");
	client_open(&d, &s);
	say(&d, GET "\r\n");
	expect_end(&d, "503");
	assert_string_equal(first_field(&d, "Connection"), "close");
	client_close(&c);
	client_close(&d);
	let_it_work(s.base);
	client_open(&d, &s);
	say(&d, GET "\r\n");
	expect_answers(&d, "200:/a");
	note_clear();
	close_both(&s, &d);
}
