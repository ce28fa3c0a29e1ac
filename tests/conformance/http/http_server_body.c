/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bodies nobody asked for, bodies that are waited for, and requests whose
 * client leaves before they are complete.
 */
#include "http_server.h"

#include <fcntl.h>

#define POST "POST /a HTTP/1.1\r\n"
#define EVIL "GET /evil HTTP/1.1\r\n\r\n"

/*
 * GET and HEAD with a body.
 */

TEST(http_body_of_a_get_is_not_the_next_request,
    DIFFERS(V14, "it is parsed as one"), DIFFERS(V21, "the handler gets it"))
{
	serves("GET /a HTTP/1.1\r\nContent-Length: 22\r\n\r\n" EVIL
	       "GET /b HTTP/1.1\r\n\r\n",
	    "GET:/a GET:/b");
}

TEST(http_chunked_body_of_a_get_is_not_the_next_request,
    DIFFERS(V14, "it is parsed as one"), DIFFERS(V21, "the handler gets it"))
{
	serves("GET /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "16\r\n" EVIL "\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
	    "GET:/a GET:/b");
}

TEST(http_body_of_a_head_is_not_the_next_request,
    DIFFERS(V14, "it is parsed as one"), DIFFERS(V21, "it is parsed as one"))
{
	struct server s;
	struct client c;

	server_open(&s);
	client_open(&c, &s);
	c.asks_head = true;
	say(&c, "HEAD /a HTTP/1.1\r\nContent-Length: 22\r\n\r\n" EVIL
		"HEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n");
	expect_end(&c, "200 200");
	assert_log("HEAD:/a HEAD:/b");
	close_both(&s, &c);
}

TEST(http_body_of_a_get_that_comes_after_the_answer_is_not_a_request,
    DIFFERS(V14, "it is parsed as one"),
    DIFFERS(V21, "the handler is not called before it is there"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, "GET /a HTTP/1.1\r\nContent-Length: 22\r\n\r\n");
	assert_true(wait_answers(&c, 1));
	say(&c, EVIL);
	client_half_close(&c);
	expect_end(&c, "200:/a");
	assert_log("GET:/a");
	close_both(&s, &c);
}

TEST(http_body_of_a_get_may_come_after_the_answer_and_before_the_next_request,
    DIFFERS(V14, "it is parsed as a request"),
    DIFFERS(V21, "the handler is not called before it is there"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, "GET /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
	expect_answers(&c, "200:/a");
	say(&c, "he");
	let_it_work(s.base);
	say(&c, "llo");
	say(&c, "GET /b HTTP/1.1\r\n\r\n");
	expect_answers(&c, "200:/a 200:/b");
	assert_log("GET:/a GET:/b");
	close_both(&s, &c);
}

/* Some clients send a length and no body, and wait. */
TEST(http_get_with_a_length_is_handled_before_its_body_comes,
    DIFFERS(V21, "it is not called"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, "GET /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
	expect_answers(&c, "200:/a");
	assert_log("GET:/a");
	close_both(&s, &c);
}

TEST(http_get_with_a_length_is_handled_though_its_client_half_closes,
    DIFFERS(V21, "it is not called"))
{
	struct server s;
	struct client c;

	open_both(&s, &c, "GET /a HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
	client_half_close(&c);
	expect_end(&c, "200:/a");
	assert_log("GET:/a");
	close_both(&s, &c);
}

/*
 * Expect.
 */

TEST(http_continue_is_sent_to_a_client_that_waits_for_it,
    DIFFERS(V14, "none is sent, and it waits"))
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	expect_answers(&c, "100");
	assert_log("");
	say(&c, "hello");
	expect_answers(&c, "100 200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_continue_has_no_headers, DIFFERS(V14, "none is sent"))
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    POST "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"
		 "\r\n");
	assert_true(wait_answers(&c, 1));
	assert_string_equal(c.got, "HTTP/1.1 100 Continue\r\n\r\n");
	say(&c, "5\r\nhello\r\n0\r\n\r\n");
	expect_answers(&c, "100 200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_no_continue_is_sent_when_the_body_is_there)
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
	expect_answers(&c, "200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_no_continue_is_sent_to_http_1_0)
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    "POST /a HTTP/1.0\r\nExpect: 100-continue\r\n"
	    "Content-Length: 5\r\n\r\n");
	let_it_work(s.base);
	say(&c, "hello");
	expect_end(&c, "200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_other_expectation_is_417, DIFFERS(V14, "it is ignored"))
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    POST "Expect: bread\r\nContent-Length: 5\r\n\r\nhello");
	assert_true(wait_answers(&c, 1));
	assert_string_equal(answers(&c), "417");
	assert_log("");
	close_both(&s, &c);
}

/*
 * The client leaves.
 */

TEST(http_request_cut_before_its_first_field_is_not_handled,
    DIFFERS(V14, "it is handled without any"))
{
	ignores("GET /a HTTP/1.1\r\n");
}

TEST(http_request_cut_inside_its_header_is_not_handled,
    DIFFERS(V14, "it is handled with the fields that are there"))
{
	ignores("GET /a HTTP/1.1\r\nA: b\r\n");
	ignores("GET /a HTTP/1.1\r\nA: b\r\nC: d");
}

TEST(http_request_cut_inside_its_body_is_not_handled,
    DIFFERS(V14, "it is handled with an empty body"))
{
	ignores(POST "Content-Length: 5\r\n\r\nhell");
	ignores(POST "Content-Length: 5\r\n\r\n");
}

TEST(http_request_cut_inside_a_chunk_is_not_handled,
    DIFFERS(V14, "it is handled with the chunks that are whole"))
{
	ignores(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo");
	ignores(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");
	ignores(POST "Transfer-Encoding: chunked\r\n\r\n");
}

TEST(http_answer_goes_to_a_client_that_half_closed)
{
	struct server s;
	struct client c;

	open_both(&s, &c, POST "Content-Length: 5\r\n\r\nhello");
	client_half_close(&c);
	expect_end(&c, "200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

/* What a client may send after its body must not take the answer away: a
 * socket that is closed with unread bytes sends RST. */
TEST(http_answer_can_be_read_by_a_client_that_sent_junk_after_its_body)
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    "POST /a HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"
	    "01234567890123456789");
	expect_end(&c, "200:/a");
	assert_false(c.was_reset);
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

/* The same of an answer that is given while most of the body is not read. */
TEST(http_refused_client_can_read_the_answer_while_it_keeps_sending)
{
	static char text[1 << 20];
	size_t head = (size_t)sprintf(text, POST "Content-Length: x\r\n\r\n");

	memset(text + head, 'x', sizeof(text) - head);
	refuses_bytes(text, sizeof(text), "400");
}
