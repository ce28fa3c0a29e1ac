/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: bodies of answers, by length, in chunks, and up to the end.
 */
#include "support/queue.h"

#include "test.h"
#include "http_client.h"
#include "http_answer_table.h"

#define OK "HTTP/1.1 200 OK\r\n"

/*
 * With a length, and without a body.
 */

static const struct answer lengths[] = {
    {"5", OK "Content-Length: 5\r\n\r\nhello", "a:200 <hello>"},
    {"0", OK "Content-Length: 0\r\n\r\n", "a:200"},
    {"leading zeros", OK "Content-Length: 005\r\n\r\nhello", "a:200 <hello>"},
    {"any case", OK "content-LENGTH:   5\r\n\r\nhello", "a:200 <hello>"},
    {"twice the same", OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	"a:200 <hello>"},
    {"line ends in the body", OK "Content-Length: 5\r\n\r\n\r\na\r\n",
	"a:200 <\r\na\r\n>"},
    {"an error's", "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
	"a:500 <no>"},
    {"a redirection's",
	"HTTP/1.1 302 There\r\nLocation: /there\r\n"
	"Content-Length: 2\r\n\r\ngo",
	"a:302 <go>"},
};

TEST(body_of_the_length_given_is_read)
{
	check_table(lengths, STAYS, WHOLE, note_answer_cb);
}

TEST(redirections_are_delivered_and_not_followed)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 301 There\r\nLocation: /there\r\n"
		 "Content-Length: 0\r\n\r\n"),
	    END};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:301");
	assert_int_equal(c.origin.peer[0].requests, 1);
	assert_int_equal(c.origin.peer[0].len,
	    strlen("GET /a HTTP/1.1\r\n\r\n"));
	client_tear_down(&c);
}

static const struct answer no_bodies[] = {
    {"204", "HTTP/1.1 204 No\r\n\r\n", "a:204"},
    {"204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
	"a:204"},
    {"204 with chunks", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n",
	"a:204"},
    {"304", "HTTP/1.1 304 Same\r\n\r\n", "a:304"},
    {"304 with a length", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n",
	"a:304"},
};

TEST(answers_that_have_no_body_are_complete_with_their_head)
{
	check_table(no_bodies, STAYS, WHOLE, note_answer_cb);
}

static const struct answer bad_lengths[] = {
    {"negative", OK "Content-Length: -1\r\n\r\nhello", "a:NULL"},
    {"empty", OK "Content-Length:\r\n\r\nhello", "a:NULL"},
    {"letters", OK "Content-Length: abc\r\n\r\nhello", "a:NULL"},
    {"letters after it", OK "Content-Length: 5a\r\n\r\nhello", "a:NULL"},
    {"hex", OK "Content-Length: 0x5\r\n\r\nhello", "a:NULL"},
    {"a semicolon", OK "Content-Length: 5;\r\n\r\nhello", "a:NULL"},
    {"a list of two", OK "Content-Length: 5, 6\r\n\r\nhello", "a:NULL"},
};

TEST(bad_length_fails_the_request)
{
	check_table(bad_lengths, STAYS, WHOLE, note_answer_cb);
}

TEST(length_with_a_plus_fails_the_request, DIFFERS(V14, "takes it"),
    DIFFERS(V21, "takes it"))
{
	check_bytes(OK "Content-Length: +2\r\n\r\nhi", "a:NULL", STAYS);
}

TEST(length_with_a_blank_after_it_is_read, DIFFERS(V14, "fails"))
{
	check_bytes(OK "Content-Length: 2 \r\n\r\nhi", "a:200 <hi>", STAYS);
}

TEST(two_lengths_that_differ_fail_the_request, DIFFERS(V14, "the first counts"),
    DIFFERS(V21, "the first counts"))
{
	check_bytes(OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!",
	    "a:NULL", STAYS);
}

#define TOO_LONG "waits for 2^63-1 bytes"

TEST(length_beyond_63_bits_fails_the_request, DIFFERS(V14, TOO_LONG),
    DIFFERS(V21, TOO_LONG))
{
	check_bytes(OK "Content-Length: 18446744073709551621\r\n\r\nhello",
	    "a:NULL", STAYS);
}

/* 1 MB, and sums, so that nothing is lost, doubled or moved. */

struct sum {
	size_t len;
	uint32_t sum;
};

static void
add_to_sum(struct sum *s, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->sum = s->sum * 31 + bytes[i];
	s->len += len;
}

static struct sum seen;

static void
sum_cb(struct evhttp_request *req, void *name)
{
	n_answers++;
	note("%s:%d", (char *)name, req->response_code);
	add_to_sum(&seen, EVBUFFER_DATA(req->input_buffer),
	    EVBUFFER_LENGTH(req->input_buffer));
}

static void
check_large(const char *head, const char *tail, enum ending ending)
{
	const size_t len = 1 << 20, before = strlen(head);
	char *bytes = malloc(before + len + strlen(tail) + 1);
	struct sum sent = {0, 0};

	assert_non_null(bytes);
	strcpy(bytes, head);
	for (size_t i = 0; i < len; i++)
		bytes[before + i] = (char)(i * 2654435761u >> 24);
	add_to_sum(&sent, (unsigned char *)bytes + before, len);
	strcpy(bytes + before + len, tail);
	check_bytes_with(bytes, before + len + strlen(tail), "a:200", ending,
	    WHOLE, sum_cb);
	assert_int_equal(seen.len, len);
	assert_int_equal(seen.sum, sent.sum);
	free(bytes);
}

TEST(body_of_1_mb_is_read_by_its_length)
{
	check_large(OK "Content-Length: 1048576\r\n\r\n", "", STAYS);
}

TEST(body_of_1_mb_is_read_in_one_chunk)
{
	check_large(OK "Transfer-Encoding: chunked\r\n\r\n100000\r\n",
	    "\r\n0\r\n\r\n", STAYS);
}

TEST(body_of_1_mb_is_read_up_to_the_end)
{
	check_large(OK "\r\n", "", CLOSES);
}

/*
 * Up to the end.
 */

static void
rest_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	if (req != NULL)
		note("%d", (int)req->ntoread);
}

static const struct answer ends[] = {
    {"no header at all", OK "\r\nhello", "a:200 <hello> -1"},
    {"1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "a:200 <hello> -1"},
    {"to be closed", OK "Connection: close\r\n\r\nhello", "a:200 <hello> -1"},
    {"nothing", OK "\r\n", "a:200 -1"},
};

TEST(body_without_a_length_is_read_up_to_the_end)
{
	check_table(ends, CLOSES, WHOLE, rest_cb);
}

TEST(body_without_a_length_is_read_up_to_the_end_in_spite_of_keep_alive,
    DIFFERS(V14, "fails where Connection is not close"),
    DIFFERS(V21, "takes it for no body"))
{
	check_bytes(OK "Connection: keep-alive\r\n\r\nhello", "a:200 <hello>",
	    CLOSES);
}

TEST(complete_body_leaves_nothing_to_be_read)
{
	check_bytes_with(OK "Content-Length: 1\r\n\r\nx",
	    strlen(OK "Content-Length: 1\r\n\r\nx"), "a:200 <x> 0", STAYS,
	    WHOLE, rest_cb);
}

/*
 * In chunks.
 */

#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static const struct answer chunks[] = {
    {"one", CHUNKED "5\r\nhello\r\n0\r\n\r\n", "a:200 <hello>"},
    {"two", CHUNKED "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "a:200 <hello>"},
    {"none", CHUNKED "0\r\n\r\n", "a:200"},
    {"hex, lower case", CHUNKED "a\r\n0123456789\r\n0\r\n\r\n",
	"a:200 <0123456789>"},
    {"hex, upper case", CHUNKED "A\r\n0123456789\r\n0\r\n\r\n",
	"a:200 <0123456789>"},
    {"leading zeros", CHUNKED "0005\r\nhello\r\n0000\r\n\r\n", "a:200 <hello>"},
    {"a blank after the size", CHUNKED "5  \r\nhello\r\n0\r\n\r\n",
	"a:200 <hello>"},
    {"chunked in any case",
	OK "transfer-encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"a:200 <hello>"},
    {"line ends in a chunk", CHUNKED "4\r\n\r\n\r\n\r\n0\r\n\r\n",
	"a:200 <\r\n\r\n>"},
    {"an extension after a blank", CHUNKED "5 ;a=\"x;y\"\r\nhello\r\n0\r\n\r\n",
	"a:200 <hello>"},
};

TEST(chunks_are_joined)
{
	check_table(chunks, STAYS, WHOLE, note_answer_cb);
}

TEST(chunks_that_come_byte_by_byte_are_joined,
    DIFFERS(V14, "LF after CR in another piece is an empty line"))
{
	check_table(chunks, STAYS, BYTEWISE, note_answer_cb);
	check_table(lengths, STAYS, BYTEWISE, note_answer_cb);
}

TEST(chunked_counts_where_there_is_a_length_too, DIFFERS(V21, "fails"))
{
	check_bytes(OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"
		       "\r\n5\r\nhello\r\n0\r\n\r\n",
	    "a:200 <hello>", STAYS);
}

static void
chunked_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	note(req->chunked ? "chunked" : "plain");
}

TEST(request_knows_whether_its_answer_came_in_chunks)
{
	static const char plain[] = OK "Content-Length: 1\r\n\r\nx";
	static const char pieces[] = CHUNKED "1\r\nx\r\n0\r\n\r\n";

	check_bytes_with(plain, sizeof plain - 1, "a:200 <x> plain", STAYS,
	    WHOLE, chunked_cb);
	check_bytes_with(pieces, sizeof pieces - 1, "a:200 <x> chunked", STAYS,
	    WHOLE, chunked_cb);
}

static const struct answer bad_chunks[] = {
    {"letters", CHUNKED "zz\r\nhello\r\n0\r\n\r\n", "a:NULL"},
    {"negative", CHUNKED "-5\r\nhello\r\n0\r\n\r\n", "a:NULL"},
    {"more data than the size says", CHUNKED "5\r\nhelloXX\r\n0\r\n\r\n",
	"a:NULL"},
};

TEST(bad_chunk_fails_the_request)
{
	check_table(bad_chunks, STAYS, WHOLE, note_answer_cb);
}

TEST(chunk_extension_is_ignored, DIFFERS(V14, "fails without a blank first"),
    DIFFERS(V21, "fails without a blank first"))
{
	check_bytes(CHUNKED "5;a=b\r\nhello\r\n0\r\n\r\n", "a:200 <hello>",
	    STAYS);
}

#define LENIENT "reads numbers as strtoll() does"

TEST(chunk_size_with_a_plus_fails_the_request, DIFFERS(V14, LENIENT),
    DIFFERS(V21, LENIENT))
{
	check_bytes(CHUNKED "+5\r\nhello\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(chunk_size_with_0x_fails_the_request, DIFFERS(V14, LENIENT),
    DIFFERS(V21, LENIENT))
{
	check_bytes(CHUNKED "0x5\r\nhello\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(blank_before_a_chunk_size_fails_the_request, DIFFERS(V14, LENIENT),
    DIFFERS(V21, LENIENT))
{
	check_bytes(CHUNKED " 5\r\nhello\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(text_after_a_chunk_size_fails_the_request, DIFFERS(V14, "ignores it"),
    DIFFERS(V21, "ignores it"))
{
	check_bytes(CHUNKED "5 x\r\nhello\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(chunk_size_beyond_63_bits_fails_the_request, DIFFERS(V14, TOO_LONG),
    DIFFERS(V21, TOO_LONG))
{
	check_bytes(CHUNKED "10000000000000005\r\nhello\r\n0\r\n\r\n", "a:NULL",
	    STAYS);
}

TEST(empty_lines_between_chunks_fail_the_request, DIFFERS(V14, "skips them"),
    DIFFERS(V21, "skips them"))
{
	check_bytes(CHUNKED "5\r\nhello\r\n\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(chunk_size_ended_by_lf_alone_fails_the_request,
    DIFFERS(V14, "LF ends a line"), DIFFERS(V21, "LF ends a line"))
{
	check_bytes(CHUNKED "5\nhello\r\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(chunk_ended_by_lf_alone_fails_the_request, DIFFERS(V14, "LF ends a line"),
    DIFFERS(V21, "LF ends a line"))
{
	check_bytes(CHUNKED "5\r\nhello\n0\r\n\r\n", "a:NULL", STAYS);
}

TEST(chunk_data_without_a_line_end_fails_the_request,
    DIFFERS(V14, "takes the next size at once"),
    DIFFERS(V21, "takes the next size at once"))
{
	check_bytes(CHUNKED "5\r\nhello0\r\n\r\n", "a:NULL", STAYS);
}

TEST(trailers_are_dropped, DIFFERS(V14, "adds them to the headers"))
{
	static const char bytes[] =
	    CHUNKED "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n";

	check_bytes_with(bytes, sizeof bytes - 1,
	    "a:200 <x> [Transfer-Encoding=chunked]", STAYS, WHOLE, headers_cb);
}

TEST(bad_trailer_fails_the_request)
{
	check_bytes(CHUNKED "1\r\nx\r\n0\r\nhello\r\n\r\n", "a:NULL", STAYS);
}

/*
 * Other codings.
 */

TEST(chunked_after_another_coding_counts, DIFFERS(V14, "Content-Length counts"),
    DIFFERS(V21, "fails"))
{
	check_bytes(OK "Transfer-Encoding: gzip, chunked\r\n"
		       "Content-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	    "a:200 <hello>", STAYS);
}

TEST(blank_after_chunked_is_ignored, DIFFERS(V14, "is another coding"))
{
	check_bytes(OK "Transfer-Encoding: chunked \r\n\r\n"
		       "5\r\nhello\r\n0\r\n\r\n",
	    "a:200 <hello>", STAYS);
}

/* Not chunked: RFC 9112, 6.3 has the body end with the connection. */
TEST(another_coding_is_never_framed_by_a_length,
    DIFFERS(V14, "Content-Length counts"))
{
	const char *const answer = OK "Transfer-Encoding: gzip\r\n"
				      "Content-Length: 2\r\n\r\nhello";
	const struct step script[] = {REQUEST, SEND_TEXT(answer), CLOSE, END};
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	assert_string_not_equal(noted(), "a:200 <he>");
	client_tear_down(&c);
}

/*
 * Cut by the end of the connection.
 */

#define CUT "delivers what came"

TEST(answer_cut_in_its_head_fails, DIFFERS(V14, CUT))
{
	check_bytes(OK "Content-Len", "a:NULL", CLOSES);
}

TEST(answer_cut_after_its_status_line_fails, DIFFERS(V14, CUT))
{
	check_bytes(OK, "a:NULL", CLOSES);
}

TEST(answer_cut_in_its_body_fails, DIFFERS(V14, CUT))
{
	check_bytes(OK "Content-Length: 5\r\n\r\nhel", "a:NULL", CLOSES);
}

TEST(answer_cut_before_its_body_fails, DIFFERS(V14, CUT))
{
	check_bytes(OK "Content-Length: 5\r\n\r\n", "a:NULL", CLOSES);
}

TEST(answer_cut_in_a_chunk_fails, DIFFERS(V14, CUT))
{
	check_bytes(CHUNKED "2\r\nhe\r\n3\r\nl", "a:NULL", CLOSES);
}

TEST(answer_cut_between_chunks_fails, DIFFERS(V14, CUT))
{
	check_bytes(CHUNKED "2\r\nhe\r\n", "a:NULL", CLOSES);
}

TEST(answer_cut_after_its_last_chunk_fails, DIFFERS(V14, CUT))
{
	check_bytes(CHUNKED "2\r\nhe\r\n0\r\n", "a:NULL", CLOSES);
}
