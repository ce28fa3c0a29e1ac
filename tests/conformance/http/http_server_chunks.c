/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chunked bodies of requests: sizes, extensions, line ends, trailers.
 */
#include "http_server.h"

#define POST "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
#define LAST "0\r\n\r\n"

/* What follows the head is a body of "hello". */
static void
serves_each_hello(const char *const *bodies)
{
	char text[512];

	for (; *bodies != NULL; bodies++) {
		printf("%s\n", *bodies);
		snprintf(text, sizeof(text), POST "%s", *bodies);
		serves(text, "POST:/a:hello");
	}
}

static void
refuses_each(const char *const *bodies, const char *codes)
{
	char text[512];

	for (; *bodies != NULL; bodies++) {
		printf("%s\n", *bodies);
		snprintf(text, sizeof(text), POST "%s", *bodies);
		refuses_as(text, codes);
	}
}

TEST(http_chunks_are_put_together)
{
	static const char *const all[] = {"5\r\nhello\r\n" LAST,
	    "1\r\nh\r\n2\r\nel\r\n2\r\nlo\r\n" LAST, NULL};

	serves_each_hello(all);
	serves(POST LAST, "POST:/a");
}

TEST(http_chunk_size_is_hexadecimal_in_any_case)
{
	serves(POST
	    "a\r\n0123456789\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n" LAST,
	    "POST:/a:0123456789abcdefghijklmnopqrstuvwxyz");
}

TEST(http_chunk_size_may_have_zeros_before_and_blanks_after)
{
	static const char *const all[] = {"05\r\nhello\r\n" LAST,
	    "0000000000000005\r\nhello\r\n000\r\n\r\n", "5 \r\nhello\r\n" LAST,
	    "5   \r\nhello\r\n0 \r\n\r\n", NULL};

	serves_each_hello(all);
}

TEST(http_chunk_extension_is_ignored, DIFFERS(V14, "400"), DIFFERS(V21, "413"))
{
	static const char *const all[] = {"5;a\r\nhello\r\n0;b=c\r\n\r\n",
	    "5;a=b\r\nhello\r\n" LAST, "5;a=\"b c\"\r\nhello\r\n" LAST, NULL};

	serves_each_hello(all);
}

TEST(http_chunk_extension_after_a_blank_is_ignored)
{
	static const char *const all[] = {"5 ;a\r\nhello\r\n" LAST,
	    "5 ;a=\"x;y\"\r\nhello\r\n" LAST, NULL};

	serves_each_hello(all);
}

TEST(http_chunk_size_that_is_not_a_number_is_refused, DIFFERS(V21, "413"))
{
	static const char *const all[] = {"zz\r\nhello\r\n" LAST,
	    "-5\r\nhello\r\n" LAST, "5x\r\nhello\r\n" LAST,
	    "g\r\nhello\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_chunk_size_with_a_sign_prefix_or_blank_is_refused,
    DIFFERS(V14, "it is read with strtoll()"),
    DIFFERS(V21, "it is read with strtoll()"))
{
	static const char *const all[] = {"0x5\r\nhello\r\n" LAST,
	    "+5\r\nhello\r\n" LAST, " 5\r\nhello\r\n" LAST,
	    "\t5\r\nhello\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_text_after_a_chunk_size_is_refused, DIFFERS(V14, "it is ignored"),
    DIFFERS(V21, "it is ignored"))
{
	static const char *const all[] = {"5 x\r\nhello\r\n" LAST,
	    "5 5\r\nhello\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_empty_chunk_size_is_refused, DIFFERS(V14, "it is skipped"),
    DIFFERS(V21, "it is skipped"))
{
	static const char *const all[] = {"\r\n5\r\nhello\r\n" LAST,
	    "5\r\nhello\r\n\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_chunk_size_beyond_64_bits_is_refused,
    DIFFERS(V14, "it is taken as 2^63-1"),
    DIFFERS(V21, "it is taken as 2^63-1"))
{
	static const char *const all[] = {"8000000000000000\r\nhello",
	    "ffffffffffffffff\r\nhello", "10000000000000005\r\nhello\r\n" LAST,
	    NULL};

	refuses_each(all, "400 413");
}

TEST(http_chunk_size_of_17_digits_is_refused, DIFFERS(V14, "it is 5"),
    DIFFERS(V21, "it is 5"))
{
	static const char *const all[] = {"00000000000000005\r\nhello\r\n" LAST,
	    NULL};

	refuses_each(all, "400 413");
}

TEST(http_chunk_that_does_not_end_where_its_size_says_is_refused,
    DIFFERS(V21, "413"))
{
	static const char *const all[] = {"5\r\nhelloXX\r\n" LAST,
	    "4\r\nhello\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_chunk_without_a_line_end_after_its_data_is_refused,
    DIFFERS(V14, "what follows is the next size"),
    DIFFERS(V21, "what follows is the next size"))
{
	static const char *const all[] = {"5\r\nhello0\r\n\r\n",
	    "2\r\nhe3\r\nllo\r\n" LAST, NULL};

	refuses_each(all, "400");
}

TEST(http_chunk_line_ended_by_one_byte_is_refused,
    DIFFERS(V14, "either byte ends a line"),
    DIFFERS(V21, "a line feed alone ends a line"))
{
	static const char *const all[] = {"5\nhello\r\n" LAST,
	    "5\rhello\r\n" LAST, "5\r\nhello\n" LAST, "5\r\nhello\r" LAST,
	    "5 ;a\nhello\r\n" LAST, "5\r\nhello\r\n0\n\n",
	    "5\r\nhello\r\n0\r\n\n", NULL};

	refuses_each(all, "400");
}

TEST(http_chunk_extension_ended_by_a_line_feed_alone_is_refused,
    DIFFERS(V21, "a line feed alone ends a line"))
{
	static const char *const all[] = {"5;a\nhello\r\n" LAST, NULL};

	refuses_each(all, "400");
}

/*
 * Trailers.
 */

TEST(http_trailers_are_not_headers, DIFFERS(V14, "they are"))
{
	serves_headers(POST "5\r\nhello\r\n0\r\nA: b\r\nHost: evil\r\n"
			    "Content-Length: 9\r\n"
			    "Transfer-Encoding: gzip\r\n\r\n",
	    "POST:/a{Transfer-Encoding=chunked}:hello");
}

TEST(http_trailers_do_not_end_the_connection)
{
	serves(POST "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n", "POST:/a:hello");
}

TEST(http_bad_trailer_is_refused, DIFFERS(V21, "413"))
{
	static const char *const all[] = {"5\r\nhello\r\n0\r\nbread\r\n\r\n",
	    NULL};

	refuses_each(all, "400");
}

TEST(http_trailer_with_a_bad_name_is_refused, DIFFERS(V14, "it is a header"),
    DIFFERS(V21, "it is a header"))
{
	static const char *const all[] = {"0\r\nA : b\r\n\r\n",
	    "0\r\n: b\r\n\r\n", "0\r\nA(: b\r\n\r\n", NULL};

	refuses_each(all, "400");
}

/*
 * In pieces, and much of it.
 */

TEST(http_chunked_body_may_come_byte_by_byte,
    DIFFERS(V14, "a line feed that comes alone is an empty line"),
    DIFFERS(V21, "413 for the extension"))
{
	struct server s;
	struct client c;

	server_open(&s);
	client_open(&c, &s);
	say_in_pieces(&c, POST "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n",
	    1);
	say_in_pieces(&c, "GET /b HTTP/1.1\r\n\r\n", 1);
	expect_answers(&c, "200:/a 200:/b");
	assert_log("POST:/a:hello GET:/b");
	close_both(&s, &c);
}

/* The head, the same text many times, and an end. */
static char *
repeat(const char *again, size_t times, const char *end)
{
	size_t len = strlen(again);
	char *text = malloc(sizeof(POST) + len * times + strlen(end));
	char *at;

	assert_non_null(text);
	strcpy(text, POST);
	at = text + strlen(text);
	for (size_t i = 0; i < times; i++, at += len)
		memcpy(at, again, len);
	strcpy(at, end);
	return text;
}

TEST(http_100000_chunks_of_a_byte_are_a_body,
    DIFFERS_BY_CHANCE(V14, "a line end between two reads is taken for two"))
{
	char *text = repeat("1\r\nx\r\n", 100000, LAST);
	struct server s;

	server_open(&s);
	serves_with(&s, text, strlen(text), "POST:/a:100000 bytes", 1);
	server_close(&s);
	free(text);
}

TEST(http_chunk_extension_without_end_is_refused,
    DIFFERS(V14, "there is no limit"), DIFFERS(V21, "there is no limit"))
{
	char *text = repeat("5;aaaaaaaaaaaaaaa", 65536, "");

	text[strlen(POST)] = '5';
	memset(text + strlen(POST) + 2, 'a', strlen(text + strlen(POST)) - 2);
	refuses_as(text, "400 413 431");
	free(text);
}

TEST(http_trailers_without_end_are_refused, DIFFERS(V14, "there is no limit"),
    DIFFERS(V21, "there is no limit"))
{
	char *text = repeat("0\r\n", 1, "");
	char *trailers = repeat("A: b\r\n", 200000, "");
	char *all = malloc(strlen(text) + strlen(trailers) + 1);

	assert_non_null(all);
	sprintf(all, "%s%s", text, trailers + strlen(POST));
	refuses_as(all, "400 413 431");
	free(text);
	free(trailers);
	free(all);
}
