/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a request's body ends: Content-Length, Transfer-Encoding, both, and
 * neither.
 */
#include "http_server.h"

#define POST "POST /a HTTP/1.1\r\n"
#define CHUNKS "\r\n5\r\nhello\r\n0\r\n\r\n"

/* A POST with these lines, which have no end at the last, and a body of five
 * bytes. */
static const char *
post(const char *lines)
{
	static char text[512];

	snprintf(text, sizeof(text), POST "%s\r\n\r\nhello", lines);
	return text;
}

/* The same with the five bytes in a chunk. */
static const char *
post_chunked(const char *lines)
{
	static char text[512];

	snprintf(text, sizeof(text), POST "%s\r\n" CHUNKS, lines);
	return text;
}

static void
serves_each_hello(const char *const *lines,
    const char *(*request)(const char *))
{
	for (; *lines != NULL; lines++) {
		printf("%s\n", *lines);
		serves(request(*lines), "POST:/a:hello");
	}
}

static void
refuses_each(const char *const *lines, const char *codes)
{
	for (; *lines != NULL; lines++) {
		printf("%s\n", *lines);
		refuses_as(post(*lines), codes);
		printf("%s, chunked\n", *lines);
		refuses_as(post_chunked(*lines), codes);
	}
}

TEST(http_body_of_content_length_is_whole_when_the_handler_is_called)
{
	static const char *const all[] = {"Content-Length: 5",
	    "content-length:5", "CONTENT-LENGTH:   5", "Content-Length: 05",
	    "Content-Length: 0000000000000000000005", NULL};

	serves_each_hello(all, post);
	serves(POST "Content-Length: 0\r\n\r\n", "POST:/a");
}

TEST(http_body_that_comes_later_is_waited_for)
{
	struct server s;
	struct client c;

	open_both(&s, &c, POST "Content-Length: 5\r\n\r\nhe");
	let_it_work(s.base);
	assert_log("");
	say(&c, "llo");
	expect_answers(&c, "200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_body_of_a_megabyte_is_whole)
{
	static char text[(1 << 20) + 100];
	size_t head;
	struct server s;

	head = (size_t)sprintf(text, POST "Content-Length: 1048576\r\n\r\n");
	memset(text + head, 'x', 1 << 20);
	server_open(&s);
	serves_with(&s, text, head + (1 << 20), "POST:/a:1048576 bytes", 1);
	server_close(&s);
}

TEST(http_content_length_that_is_not_a_number_is_refused)
{
	static const char *const all[] = {"Content-Length: -1",
	    "Content-Length: -5", "Content-Length: 5a", "Content-Length: abc",
	    "Content-Length: 0x5", "Content-Length: 5;", "Content-Length: 5 6",
	    "Content-Length: 5, 6", "Content-Length: 5.0", NULL};

	refuses_each(all, "400");
}

TEST(http_empty_content_length_is_refused)
{
	static const char *const all[] = {"Content-Length:", "Content-Length: ",
	    NULL};

	refuses_each(all, "400");
}

TEST(http_content_length_with_a_sign_is_refused, DIFFERS(V14, "it is 5"),
    DIFFERS(V21, "it is 5"))
{
	static const char *const all[] = {"Content-Length: +5", NULL};

	refuses_each(all, "400");
}

TEST(http_blanks_after_the_content_length_are_dropped, DIFFERS(V14, "400"))
{
	static const char *const all[] = {"Content-Length: 5 ",
	    "Content-Length: 5 \t ", NULL};

	serves_each_hello(all, post);
}

TEST(http_content_length_beyond_64_bits_is_refused,
    DIFFERS(V14, "it is taken as 2^63-1"),
    DIFFERS(V21, "it is taken as 2^63-1"))
{
	static const char *const all[] = {"Content-Length: 9223372036854775808",
	    "Content-Length: 18446744073709551621",
	    "Content-Length: 99999999999999999999",
	    "Content-Length: 340282366920938463463374607431768211461", NULL};

	refuses_each(all, "400 413");
}

TEST(http_content_length_twice_the_same_counts_once)
{
	static const char *const all[] = {
	    "Content-Length: 5\r\nContent-Length: 5",
	    "Content-Length: 5\r\nA: b\r\ncontent-length: 5", NULL};

	serves_each_hello(all, post);
}

TEST(http_two_content_lengths_that_differ_are_refused,
    DIFFERS(V14, "the first counts"), DIFFERS(V21, "the first counts"))
{
	static const char *const all[] = {
	    "Content-Length: 5\r\nContent-Length: 6",
	    "Content-Length: 6\r\nContent-Length: 5",
	    "Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 0",
	    NULL};

	refuses_each(all, "400");
}

/* A list of equal numbers: 400, or the number (RFC 9110 8.6). */
TEST(http_list_of_content_lengths_is_never_another_length)
{
	struct server s;
	struct client c;

	open_both(&s, &c, post("Content-Length: 5, 5"));
	assert_true(wait_answers(&c, 1));
	if (strcmp(answers(&c), "400") != 0) {
		assert_string_equal(answers(&c), "200:/a");
		assert_log("POST:/a:hello");
	}
	close_both(&s, &c);
}

/*
 * Transfer-Encoding.
 */

TEST(http_chunked_body_is_put_together_whatever_the_case_of_the_word)
{
	static const char *const all[] = {"Transfer-Encoding: chunked",
	    "Transfer-Encoding: CHUNKED", "transfer-encoding:Chunked", NULL};

	serves_each_hello(all, post_chunked);
}

TEST(http_blanks_after_chunked_are_dropped,
    DIFFERS(V14, "it is not recognised"))
{
	static const char *const all[] = {"Transfer-Encoding: chunked ",
	    "Transfer-Encoding: \tchunked\t", NULL};

	serves_each_hello(all, post_chunked);
}

TEST(http_chunked_counts_as_the_last_coding,
    DIFFERS(V14, "it is not recognised"))
{
	static const char *const all[] = {"Transfer-Encoding: gzip, chunked",
	    "Transfer-Encoding: gzip,chunked", NULL};

	serves_each_hello(all, post_chunked);
}

TEST(http_coding_that_does_not_end_with_chunked_is_refused,
    DIFFERS(V14, "the body is read to the end of the connection"),
    DIFFERS(V21, "it is ignored"))
{
	static const char *const all[] = {"Transfer-Encoding: xchunked",
	    "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: gzip",
	    "Transfer-Encoding: identity", "Transfer-Encoding: chunked;q=1",
	    "Transfer-Encoding: \"chunked\"", NULL};

	refuses_each(all, "400 501");
}

TEST(http_unknown_coding_is_refused_beside_a_length,
    DIFFERS(V14, "the length counts"))
{
	static const char *const all[] = {
	    "Content-Length: 5\r\nTransfer-Encoding: xchunked",
	    "Transfer-Encoding: identity\r\nContent-Length: 5",
	    "Content-Length: 5\r\nTransfer-Encoding:", NULL};

	refuses_each(all, "400 501");
}

TEST(http_chunked_twice_is_refused, DIFFERS(V14, "the first counts"))
{
	static const char *const all[] = {
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
	    "Transfer-Encoding: chunked, chunked",
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", NULL};

	refuses_each(all, "400");
}

TEST(http_control_byte_before_chunked_is_refused,
    DIFFERS(V14, "it is not recognised"), DIFFERS(V21, "it is not recognised"))
{
	static const char *const all[] = {"Transfer-Encoding: \013chunked",
	    "Transfer-Encoding: \001chunked", "Transfer-Encoding: chunked\177",
	    NULL};

	refuses_each(all, "400 501");
}

TEST(http_chunked_counts_beside_a_length, DIFFERS(V21, "400"))
{
	struct server s;
	struct client c;

	open_both(&s, &c,
	    post_chunked("Content-Length: 3\r\n"
			 "Transfer-Encoding: chunked"));
	expect_answers(&c, "200:/a");
	assert_log("POST:/a:hello");
	close_both(&s, &c);
}

TEST(http_length_beside_chunked_is_taken_out_of_the_headers,
    DIFFERS(V14, "it stays"), DIFFERS(V21, "400"))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.shows_headers = true;
	client_open(&c, &s);
	say(&c, post_chunked("Content-Length: 3\r\nContent-Length: 3\r\n"
			     "Transfer-Encoding: chunked"));
	expect_answers(&c, "200:/a");
	assert_log("POST:/a{Transfer-Encoding=chunked}:hello");
	close_both(&s, &c);
}

TEST(http_connection_ends_after_chunked_with_a_length,
    DIFFERS(V14, "it stays open"), DIFFERS(V21, "400"))
{
	ends(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" CHUNKS
		  "GET /evil HTTP/1.1\r\n\r\n",
	    "POST:/a:hello", "200:/a");
}

TEST(http_chunked_from_http_1_0_is_accepted)
{
	ends("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" CHUNKS,
	    "POST:/a:hello", "200:/a");
}

TEST(http_connection_ends_after_chunked_from_http_1_0,
    DIFFERS(V14, "it stays open for keep-alive"),
    DIFFERS(V21, "it stays open for keep-alive"))
{
	ends("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
	     "Connection: keep-alive\r\n" CHUNKS,
	    "POST:/a:hello", "200:/a");
}

/*
 * Neither.
 */

TEST(http_post_without_length_has_no_body,
    DIFFERS(V14, "it is read to the end of the connection"))
{
	serves(POST "\r\n", "POST:/a");
}

TEST(http_post_without_length_from_http_1_0_has_no_body,
    DIFFERS(V14, "it is read to the end of the connection"))
{
	ends("POST /a HTTP/1.0\r\n\r\n", "POST:/a", "200:/a");
}

TEST(http_post_without_length_that_closes_has_no_body,
    DIFFERS(V14, "it is read to the end of the connection"))
{
	ends(POST "Connection: close\r\n\r\n", "POST:/a", "200:/a");
}

TEST(http_post_without_length_that_keeps_alive_has_no_body, DIFFERS(V14, "400"))
{
	serves(POST "Connection: keep-alive\r\n\r\n", "POST:/a");
}
