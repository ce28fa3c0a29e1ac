/* SPDX-License-Identifier: BSD-3-Clause */
/* Methods beyond GET, POST and HEAD. */
#include "http_ours.h"

#define BIT(method) EVHTTP_METHOD_BIT(EVHTTP_REQ_##method)
#define ALL                                                                    \
	(BIT(GET) | BIT(POST) | BIT(HEAD) | BIT(PUT) | BIT(DELETE) |           \
	    BIT(OPTIONS) | BIT(TRACE) | BIT(CONNECT) | BIT(PATCH))

static void
note_method_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("%d:%s:%.*s", (int)evhttp_request_get_command(req), req->uri,
	    (int)EVBUFFER_LENGTH(req->input_buffer),
	    (char *)EVBUFFER_DATA(req->input_buffer));
	reply_text(req, "x");
}

static void
open_for(struct server *s, unsigned int methods)
{
	server_open_with(s, note_method_cb, NULL);
	if (methods != 0)
		evhttp_set_allowed_methods(s->http, (ev_uint16_t)methods);
}

/*
 * Checks the answer to a request with the allowed methods set; the connection
 * is closed after it.
 */
static void
gets(unsigned int methods, const char *request, const char *answer,
    const char *allow)
{
	struct server s;
	struct client c;

	open_for(&s, methods);
	client_open(&c, &s);
	say(&c, request);
	expect_end(&c, answer);
	assert_string_equal(first_field(&c, "Allow"), allow);
	assert_log("");
	client_close(&c);
	server_close(&s);
}

#define HOST "Host: a\r\n\r\n"

TEST(http_method_is_400_until_methods_are_set)
{
	gets(0, "PUT /a HTTP/1.1\r\n" HOST, "400", "");
	gets(0, "BREW /a HTTP/1.1\r\n" HOST, "400", "");
	gets(0, "CONNECT a:1 HTTP/1.1\r\n" HOST, "400", "");
}

TEST(http_unknown_method_is_501_and_others_405_once_methods_are_set)
{
	gets(BIT(GET) | BIT(PUT), "BREW /a HTTP/1.1\r\n" HOST, "501", "");
	gets(BIT(GET) | BIT(PUT), "get /a HTTP/1.1\r\n" HOST, "501", "");
	gets(BIT(GET) | BIT(PUT), "DELETE /a HTTP/1.1\r\n" HOST, "405",
	    "GET, PUT");
	gets(BIT(PATCH), "GET /a HTTP/1.1\r\n" HOST, "405", "PATCH");
	gets(ALL & ~BIT(TRACE), "TRACE /a HTTP/1.1\r\n" HOST, "405",
	    "GET, POST, HEAD, PUT, DELETE, OPTIONS, CONNECT, PATCH");
}

/* RFC 9110 10.2.1 lets the list be empty. */
TEST(http_no_method_at_all_may_be_allowed)
{
	struct server s;
	struct client c;

	open_for(&s, 1);
	evhttp_set_allowed_methods(s.http, 0);
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.1\r\n\r\n");
	expect_end(&c, "405");
	assert_non_null(strstr(c.got, "\r\nAllow: \r\n"));
	client_close(&c);
	server_close(&s);
}

static void
serves_method(const char *method, int type)
{
	char request[200], expected[50];
	struct server s;
	struct client c;

	open_for(&s, ALL);
	client_open(&c, &s);
	snprintf(request, sizeof(request),
	    "%s /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nrye", method);
	say_in_pieces(&c, request, 7);
	expect_answers(&c, "200:x");
	snprintf(expected, sizeof(expected), "%d:/a:rye", type);
	assert_log(expected);
	snprintf(request, sizeof(request), "%s /a HTTP/1.1\r\n\r\n", method);
	say(&c, request);
	expect_answers(&c, "200:x 200:x");
	snprintf(expected, sizeof(expected), "%d:/a:", type);
	assert_log(expected);
	snprintf(request, sizeof(request),
	    "%s /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nrye\r\n0\r\n\r\n",
	    method);
	say(&c, request);
	expect_answers(&c, "200:x 200:x 200:x");
	note_clear();
	client_close(&c);
	server_close(&s);
}

TEST(http_all_methods_but_get_and_head_are_read_as_post)
{
	serves_method("POST", EVHTTP_REQ_POST);
	serves_method("PUT", EVHTTP_REQ_PUT);
	serves_method("DELETE", EVHTTP_REQ_DELETE);
	serves_method("OPTIONS", EVHTTP_REQ_OPTIONS);
	serves_method("TRACE", EVHTTP_REQ_TRACE);
	serves_method("PATCH", EVHTTP_REQ_PATCH);
}

TEST(http_put_that_expects_100_gets_it_once_it_is_allowed)
{
	struct server s;
	struct client c;

	open_for(&s, BIT(PUT));
	client_open(&c, &s);
	say(&c, "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\n"
		"Content-Length: 3\r\n\r\n");
	expect_answers(&c, "100");
	say(&c, "rye");
	expect_answers(&c, "100 200:x");
	assert_log("3:/a:rye");
	client_close(&c);
	server_close(&s);
}

static void
wrong_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("wrong");
	evhttp_send_error(req, 500, "Wrong");
}

TEST(http_connect_is_for_the_generic_handler_alone)
{
	struct server s;
	struct client c;

	open_for(&s, ALL);
	evhttp_set_cb(s.http, "a:1", wrong_cb, NULL);
	client_open(&c, &s);
	say(&c, "CONNECT a:1 HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:x");
	assert_log("7:a:1:");
	evhttp_set_gencb(s.http, NULL, NULL);
	say(&c, "CONNECT a:1 HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:x 404");
	assert_log("");
	client_close(&c);
	server_close(&s);
}

TEST(http_options_of_the_whole_server_are_asked_with_a_star)
{
	struct server s;
	struct client c;

	open_for(&s, ALL);
	client_open(&c, &s);
	say(&c, "OPTIONS * HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:x");
	assert_log("5:*:");
	client_close(&c);
	server_close(&s);
}
