/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The request line: methods, versions, blanks, where a line ends, and what
 * stands before it.
 */
#include "http_server.h"

/* A whole head but for its first line. */
#define REST "\r\nHost: h\r\n\r\n"

/* Each of them is 400, or what the caller says, and the connection closed. */
static void
refuses_each(const char *const *all, const char *code)
{
	for (; *all != NULL; all++) {
		printf("%s\n", *all);
		refuses_bytes(*all, strlen(*all), code);
	}
}

/* The version is not supported: 400, and 505 is allowed (RFC 9110 15.6.6). */
static void
refuses_version(const char *bytes)
{
	refuses_as(bytes, "400 505");
}

TEST(http_get_and_post_are_served)
{
	serves("GET /a HTTP/1.1" REST, "GET:/a");
	serves("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST:/a");
}

static void
reply_nothing(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_send_reply(req, 200, "OK", NULL);
}

TEST(http_head_is_served)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = reply_nothing;
	client_open(&c, &s);
	c.asks_head = true;
	say(&c, "HEAD /a HTTP/1.1" REST);
	expect_answers(&c, "200");
	assert_log("HEAD:/a");
	close_both(&s, &c);
}

TEST(http_methods_are_compared_with_their_case, DIFFERS(V21, "501"))
{
	static const char *const all[] = {"get / HTTP/1.1" REST,
	    "Post / HTTP/1.1" REST, "heaD / HTTP/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_other_methods_are_refused_before_any_was_allowed,
    DIFFERS(V21, "PUT and DELETE are served, others are 501"))
{
	static const char *const all[] = {"PUT / HTTP/1.1" REST,
	    "DELETE / HTTP/1.1" REST, "OPTIONS * HTTP/1.1" REST,
	    "PATCH / HTTP/1.1" REST, "TRACE / HTTP/1.1" REST,
	    "CONNECT h:80 HTTP/1.1" REST, "BREW / HTTP/1.1" REST,
	    "GETT / HTTP/1.1" REST, "GE / HTTP/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_refused_method_has_no_body_that_is_a_request,
    DIFFERS(V21, "PUT is served"))
{
	refuses("PUT / HTTP/1.1\r\nContent-Length: 18\r\n\r\n"
		"GET / HTTP/1.0\r\n\r\n");
}

TEST(http_put_that_expects_100_is_refused_without_one,
    DIFFERS(V21, "100 Continue is sent"))
{
	refuses("PUT / HTTP/1.1\r\nExpect: 100-continue\r\n"
		"Content-Length: 4\r\n\r\n");
}

TEST(http_request_line_of_other_than_three_words_is_refused)
{
	static const char *const all[] = {"BREAD" REST, "GET" REST,
	    "GET /" REST, "HTTP/1.1" REST, "/ HTTP/1.1" REST, ":" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_blank_too_many_in_the_request_line_is_refused,
    DIFFERS(V21, "a blank may stand in the target and at the end"))
{
	static const char *const all[] = {"GET  / HTTP/1.1" REST,
	    "GET /  HTTP/1.1" REST, "GET / HTTP/1.1 " REST,
	    " GET / HTTP/1.1" REST, "GET /a b HTTP/1.1" REST,
	    "GET / / HTTP/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_tab_between_the_words_of_the_request_line_is_refused,
    DIFFERS(V21, "501"))
{
	static const char *const all[] = {"GET\t/ HTTP/1.1" REST,
	    "GET\t/\tHTTP/1.1" REST, "\tGET / HTTP/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_tab_before_the_version_is_refused)
{
	static const char *const all[] = {"GET /\tHTTP/1.1" REST,
	    "GET / HTTP/1.1\t" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_1_0_and_http_1_1_are_served)
{
	serves("GET /a HTTP/1.1\r\n\r\n", "GET:/a");
	ends("GET /a HTTP/1.0\r\n\r\n", "GET:/a", "200:/a");
}

TEST(http_1_with_a_higher_minor_version_is_taken_as_http_1_1,
    DIFFERS(V14, "400"), DIFFERS(V21, "the answer says HTTP/1.2, too"))
{
	serves("GET /a HTTP/1.2\r\n\r\n", "GET:/a");
	serves("GET /a HTTP/1.9\r\n\r\n", "GET:/a");
}

TEST(http_other_major_versions_are_refused,
    DIFFERS(V21, "any major version is served"))
{
	refuses_version("GET / HTTP/0.9" REST);
	refuses_version("GET / HTTP/2.0" REST);
	refuses_version("GET / HTTP/3.7" REST);
}

TEST(http_what_is_not_a_version_is_refused,
    DIFFERS(V21, "numbers of any length are read"))
{
	static const char *const all[] = {"GET / http/1.1" REST,
	    "GET / HTTP/1.10" REST, "GET / HTTP/11" REST, "GET / HTTP/1" REST,
	    "GET / HTTP/1." REST, "GET / HTTP/.1" REST, "GET / HTTP/" REST,
	    "GET / HTTP/1.1x" REST, "GET / HTTP/+1.1" REST,
	    "GET / HTTP/01.1" REST, "GET / ICY/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_bad_request_line_is_answered_before_the_head_is_complete)
{
	refuses("BREAD\r\n");
}

TEST(http_bad_field_is_answered_before_the_head_is_complete)
{
	refuses("GET / HTTP/1.1\r\nbread\r\n");
}

TEST(http_error_is_answered_as_http_1_1_even_to_http_1_0)
{
	struct server s;
	struct client c;

	open_both(&s, &c, "GET / HTTP/1.0\r\nbread\r\n");
	expect_end(&c, "400");
	assert_memory_equal(c.got, "HTTP/1.1 400 ", 13);
	assert_string_equal(first_field(&c, "Connection"), "close");
	close_both(&s, &c);
}

/*
 * Before the line.
 */

TEST(http_empty_lines_before_a_request_are_ignored, DIFFERS(V14, "400"),
    DIFFERS(V21, "400"))
{
	serves("\r\nGET /a HTTP/1.1\r\n\r\n", "GET:/a");
	serves("\r\n\r\n\nGET /a HTTP/1.1\r\n\r\n", "GET:/a");
	serves("GET /a HTTP/1.1\r\n\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
	    "GET:/a GET:/b");
}

TEST(http_empty_lines_without_end_are_not_read_for_ever)
{
	static char lines[1 << 20];
	struct server s;
	struct client c;

	memset(lines, '\n', sizeof(lines));
	server_open(&s);
	client_open(&c, &s);
	say_bytes(&c, lines, sizeof(lines));
	assert_true(wait_end(&c));
	assert_log("");
	close_both(&s, &c);
}

TEST(http_client_that_closes_without_a_byte_gets_none)
{
	ignores("");
}

TEST(http_client_that_closes_inside_the_request_line_gets_no_answer)
{
	ignores("G");
	ignores("GET / HTTP/1.1");
}

/*
 * Where a line ends.
 */

TEST(http_line_may_end_with_a_line_feed_alone)
{
	serves_headers("GET /a HTTP/1.1\nA: b\nC: d\n\n", "GET:/a{A=b,C=d}");
	serves_headers("GET /a HTTP/1.1\r\nA: b\nC: d\r\n\n",
	    "GET:/a{A=b,C=d}");
}

TEST(http_carriage_return_alone_does_not_end_a_line,
    DIFFERS(V14, "it ends a line"), DIFFERS(V21, "it is part of the line"))
{
	static const char *const all[] = {"GET / HTTP/1.1\rHost: h\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: h\rA: b\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: h\r\r", "GET / HTTP/1.1\r\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", NULL};

	refuses_each(all, "400");
}

TEST(http_line_feed_before_carriage_return_is_refused,
    DIFFERS(V14, "it ends a line"))
{
	static const char *const all[] = {"GET / HTTP/1.1\n\rHost: h\n\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost: h\n\rA: b\r\n\r\n", NULL};

	refuses_each(all, "400");
}

TEST(http_line_ends_may_be_split,
    DIFFERS(V14, "the line feed that comes alone is an empty line"))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.shows_headers = true;
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.1\r");
	let_it_work(s.base);
	say(&c, "\nA: b\r");
	let_it_work(s.base);
	say(&c, "\n\r");
	let_it_work(s.base);
	say(&c, "\n");
	expect_answers(&c, "200:/a");
	assert_log("GET:/a{A=b}");
	close_both(&s, &c);
}

/* A request in two writes, cut at each place there is. */
TEST(http_request_may_be_split_anywhere,
    DIFFERS(V14, "a line feed that comes alone is an empty line"))
{
	static const char text[] = "POST /a HTTP/1.1\r\nA: b\r\n"
				   "Content-Length: 5\r\n\r\nhello";
	struct server s;
	struct client c;

	server_open(&s);
	client_open(&c, &s);
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		say_bytes(&c, text, cut);
		let_it_work(s.base);
		say(&c, text + cut);
		assert_true(wait_answers(&c, (int)cut));
		assert_log("POST:/a:hello");
	}
	close_both(&s, &c);
}

TEST(http_request_may_come_byte_by_byte,
    DIFFERS(V14, "a line feed that comes alone is an empty line"))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.shows_headers = true;
	client_open(&c, &s);
	say_in_pieces(&c,
	    "POST /a HTTP/1.1\r\nContent-Length: 5\r\nA: b\r\n"
	    "\r\nhello",
	    1);
	say_in_pieces(&c, "GET /b HTTP/1.1\n\n", 1);
	expect_answers(&c, "200:/a 200:/b");
	assert_log("POST:/a{Content-Length=5,A=b}:hello GET:/b{}");
	close_both(&s, &c);
}

/*
 * The target.
 */

TEST(http_target_is_given_as_sent)
{
	serves("GET /%41%zz?x=%20+&y#z;p HTTP/1.1\r\n\r\n",
	    "GET:/%41%zz?x=%20+&y#z;p");
}

TEST(http_target_may_have_bytes_above_127)
{
	serves("GET /\303\251\377 HTTP/1.1\r\n\r\n", "GET:/\303\251\377");
}

/* 1.4 closes after these, as it takes the client for a proxy's. */
static void
serves_last(const char *target)
{
	char head[256], request[256], answer[256];

	snprintf(head, sizeof(head),
	    "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", target);
	snprintf(request, sizeof(request), "GET:%s", target);
	snprintf(answer, sizeof(answer), "200:%s", target);
	ends(head, request, answer);
}

TEST(http_absolute_target_is_served_and_given_whole)
{
	serves_last("http://h:80/a?b");
	serves_last("HTTP://user@h/");
	serves_last("ftp://h/a");
}

TEST(http_target_without_a_slash_is_given_as_sent)
{
	serves_last("a");
	serves_last("?q");
	serves_last("*");
}

TEST(http_control_byte_in_the_target_is_refused, DIFFERS(V14, "it is served"),
    DIFFERS(V21, "it is served"))
{
	static const char *const all[] = {"GET /\001 HTTP/1.1" REST,
	    "GET /a\037b HTTP/1.1" REST, "GET /a\177 HTTP/1.1" REST, NULL};

	refuses_each(all, "400");
}

TEST(http_nul_in_the_request_line_is_refused)
{
	static const char in_target[] = "GET /a\0b HTTP/1.1" REST;
	static const char in_version[] = "GET / HTTP/1\0.1" REST;

	refuses_bytes(in_target, sizeof(in_target) - 1, "400");
	refuses_bytes(in_version, sizeof(in_version) - 1, "400");
}
