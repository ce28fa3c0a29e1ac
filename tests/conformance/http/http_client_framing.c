/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: answers whose length can be read in two ways.  The request
 * fails or has what it should have, and the next one never has another's bytes.
 */
#include "support/queue.h"

#include "test.h"
#include "http_client.h"
#include "http_answer_table.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define TWICE_5 "Content-Length: 5, 5\r\n\r\nhello"
#define CHUNKS "\r\n5\r\nhello\r\n0\r\n\r\n"
#define EVIL OK "Content-Length: 4\r\n\r\nevil"

/*
 * The answer, with another one after it that belongs to no request, in one
 * piece. The request has one of the two results; the next one goes over a new
 * connection.  The origin closes, or waits for it without success and answers
 * it.
 */
static void
check_framing(const char *answer, enum step_kind end, const char *result,
    const char *other)
{
	char bytes[1000], first[1100], second[1100];
	struct client c;

	snprintf(bytes, sizeof bytes, "%s%s", answer, EVIL);
	snprintf(first, sizeof first, "%s b:200 <y>", result);
	snprintf(second, sizeof second, "%s b:200 <y>", other);
	const struct step script[] = {REQUEST, SEND_TEXT(bytes), {end, NULL, 0},
	    SEND(OK_1("z")), END};
	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	if (strcmp(noted(), second) != 0)
		assert_string_equal(noted(), first);
	client_tear_down(&c);
}

/* NULL, or the body that the answer should have. */
static void
check_hello(const char *answer)
{
	check_framing(answer, STEP_REQUEST, "a:NULL", "a:200 <hello>");
}

/* NULL, or all up to the end. */
static void
check_failed_or_all(const char *answer)
{
	const char *body = strstr(answer, "\r\n\r\n") + 4;
	char all[1000];

	snprintf(all, sizeof all, "a:200 <%s%s>", body, EVIL);
	check_framing(answer, STEP_CLOSE, "a:NULL", all);
}

static void
check_fails(const char *answer)
{
	check_framing(answer, STEP_CLOSE, "a:NULL", "a:NULL");
}

#define BY_EVIL "the next request has the evil answer"

TEST(answer_after_a_plain_one_is_ignored, DIFFERS(V14, BY_EVIL),
    DIFFERS(V21, BY_EVIL))
{
	check_framing(OK "Content-Length: 5\r\n\r\nhello", STEP_REQUEST,
	    "a:200 <hello>", "a:200 <hello>");
}

TEST(answer_after_a_chunked_one_is_ignored, DIFFERS(V14, BY_EVIL),
    DIFFERS(V21, BY_EVIL))
{
	check_framing(OK "Transfer-Encoding: chunked\r\n" CHUNKS, STEP_REQUEST,
	    "a:200 <hello>", "a:200 <hello>");
}

TEST(chunked_and_a_length_is_framed_right_or_fails, DIFFERS(V14, BY_EVIL))
{
	check_hello(
	    OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" CHUNKS);
}

TEST(a_length_that_is_a_list_of_the_same_is_framed_right_or_fails)
{
	check_hello(OK TWICE_5);
}

TEST(two_lengths_that_are_the_same_are_framed_right_or_fail,
    DIFFERS(V14, BY_EVIL), DIFFERS(V21, BY_EVIL))
{
	check_hello(OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(two_lengths_that_differ_fail, DIFFERS(V14, "the first counts"),
    DIFFERS(V21, "the first counts"))
{
	check_fails(OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
}

TEST(two_lengths_the_first_of_which_is_longer_fail,
    DIFFERS(V14, "the first counts"), DIFFERS(V21, "the first counts"))
{
	check_fails(OK "Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(a_length_of_2_to_the_63_fails, DIFFERS(V14, "waits for 2^63-1 bytes"))
{
	check_fails(OK "Content-Length: 9223372036854775808\r\n\r\nhello");
}

TEST(a_length_of_2_to_the_64_and_5_fails,
    DIFFERS(V14, "waits for 2^63-1 bytes"))
{
	check_fails(OK "Content-Length: 18446744073709551621\r\n\r\nhello");
}

TEST(another_coding_that_ends_in_chunked_fails_or_is_read_up_to_the_end,
    DIFFERS(V14, "Content-Length counts"))
{
	check_failed_or_all(OK "Transfer-Encoding: xchunked\r\n"
			       "Content-Length: 5\r\n\r\nhello");
}

TEST(another_coding_after_chunked_fails_or_is_read_up_to_the_end,
    DIFFERS(V14, "the next request fails"))
{
	check_failed_or_all(OK "Transfer-Encoding: chunked, gzip\r\n" CHUNKS);
}

TEST(identity_and_a_length_fails_or_is_read_up_to_the_end,
    DIFFERS(V14, "Content-Length counts"))
{
	check_failed_or_all(OK "Transfer-Encoding: identity\r\n"
			       "Content-Length: 5\r\n\r\nhello");
}

TEST(chunked_in_two_lines_is_framed_right_or_fails, DIFFERS(V14, BY_EVIL))
{
	check_hello(OK "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n" CHUNKS);
}

TEST(chunked_twice_in_a_line_fails, DIFFERS(V14, "reads up to the end"))
{
	check_fails(OK "Transfer-Encoding: chunked, chunked\r\n" CHUNKS);
}

TEST(blank_before_the_colon_of_a_coding_fails,
    DIFFERS(V14, "reads up to the end"), DIFFERS(V21, "reads up to the end"))
{
	check_fails(OK "Transfer-Encoding : chunked\r\n" CHUNKS);
}

TEST(control_byte_before_chunked_fails, DIFFERS(V14, "reads up to the end"),
    DIFFERS(V21, "reads up to the end"))
{
	check_fails(OK "Transfer-Encoding: \vchunked\r\n" CHUNKS);
}

TEST(chunked_in_an_answer_of_1_0_is_framed_right_or_fails,
    DIFFERS(V14, BY_EVIL), DIFFERS(V21, BY_EVIL))
{
	check_hello("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" CHUNKS);
}

TEST(chunked_in_a_folded_line_is_framed_right_or_fails,
    DIFFERS(V14, "waits for the end"), DIFFERS(V21, "waits for the end"))
{
	check_hello(OK "Transfer-Encoding:\r\n chunked\r\n" CHUNKS);
}

TEST(a_length_in_a_folded_line_is_framed_right_or_fails, DIFFERS(V14, BY_EVIL),
    DIFFERS(V21, BY_EVIL))
{
	check_hello(OK "Content-Length:\r\n 5\r\n\r\nhello");
}

TEST(cr_in_a_header_that_hides_a_length_fails, DIFFERS(V14, "CR ends the line"))
{
	check_fails(OK "A: b\rContent-Length: 5\r\n\r\nhello");
}

TEST(a_length_in_a_trailer_is_framed_right_or_fails, DIFFERS(V14, BY_EVIL),
    DIFFERS(V21, BY_EVIL))
{
	check_hello(CHUNKED "5\r\nhello\r\n0\r\nContent-Length: 40\r\n\r\n");
}

TEST(a_chunk_of_2_to_the_63_fails, DIFFERS(V14, "waits for 2^63-1 bytes"))
{
	check_fails(CHUNKED "8000000000000000\r\nhello\r\n0\r\n\r\n");
}

TEST(a_chunk_of_17_digits_fails, DIFFERS(V14, "takes it"),
    DIFFERS(V21, "takes it"))
{
	check_fails(CHUNKED "00000000000000005\r\nhello\r\n0\r\n\r\n");
}

TEST(a_chunk_whose_size_is_empty_fails)
{
	check_fails(CHUNKED "\r\nhello\r\n0\r\n\r\n");
}

TEST(a_last_chunk_with_bytes_after_its_size_fails)
{
	check_fails(CHUNKED "5\r\nhello\r\n0x\r\n\r\n");
}

TEST(an_extension_with_a_cr_fails)
{
	check_fails(CHUNKED "5;a\rb\r\nhello\r\n0\r\n\r\n");
}

/*
 * Many, and long.
 */

static void
check_long(char *answer, const char *log)
{
	check_bytes(answer, log, STAYS);
	free(answer);
}

TEST(answer_of_100000_chunks_of_a_byte_is_read)
{
	check_long(repeat(CHUNKED, "1\r\nx\r\n", 100000, "0\r\n\r\n"),
	    "a:200 <100000 bytes>");
}

TEST(extension_of_a_megabyte_fails_the_request)
{
	check_long(repeat(CHUNKED "5;a=", "x", 1 << 20,
		       "\r\nhello\r\n0\r\n\r\n"),
	    "a:NULL");
}

TEST(trailer_of_a_megabyte_fails_the_request, DIFFERS(V14, "has no limit"),
    DIFFERS(V21, "has no limit"))
{
	check_long(repeat(CHUNKED "0\r\n", "A: bcdef\r\n", 100000, "\r\n"),
	    "a:NULL");
}
