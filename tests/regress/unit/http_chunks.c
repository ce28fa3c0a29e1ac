/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The chunks of an HTTP body.  Each body of the tables is read whole, byte by
 * byte and in random pieces, always up to a page without access, and must give
 * the same result.
 */
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#include "http/chunks.h"
#include "edge.h"
#include "http_bytes.h"
#include "test.h"

#define NL "\r\n"
#define END "0" NL NL

/* A body that is read: its data so far, and the position. */
struct reading {
	struct chunks chunks;
	char *said;
	size_t said_len;
	size_t at; /* how many bytes were consumed */
	bool is_in_chunk;
};

static void
say(struct reading *reading, const char *bytes, size_t len)
{
	memcpy(reading->said + reading->said_len, bytes, len);
	reading->said_len += len;
	reading->said[reading->said_len] = '\0';
}

/* One call of the reader, when `given` bytes of the body have arrived. */
static enum chunk_result
next(struct reading *reading, const char *body, size_t given)
{
	size_t len = given - reading->at, used, n;
	const char *data = at_edge(body + reading->at, len);
	enum chunk_result what;

	what = evi_chunks_next(&reading->chunks, data, len, &used, &n);
	assert_true(used <= len && n <= len - used);
	assert_true((n > 0) == (what == EVI_CHUNK_DATA));
	if (what == EVI_CHUNK_DATA) {
		if (!reading->is_in_chunk)
			say(reading, "[", 1);
		say(reading, data + used, n);
		reading->is_in_chunk =
		    !evi_chunks_is_at_chunk_end(&reading->chunks);
		if (!reading->is_in_chunk)
			say(reading, "]", 1);
	}
	reading->at += used + n;
	return what;
}

/*
 * Reads a body that arrives in this way.  Returns its data as text, such as
 * "[hello]" for a chunk, with DONE, MORE or BAD at the end, which the caller
 * frees. *end gets how many bytes were consumed.
 */
static char *
read_body(const char *body, size_t len, int way, size_t *end)
{
	struct reading reading = {.said = malloc(3 * len + 5)};
	enum chunk_result what = EVI_CHUNK_MORE;
	unsigned int seed = 0;
	size_t given = 0;

	reading.said[0] = '\0';
	evi_chunks_begin(&reading.chunks);
	while (
	    what == EVI_CHUNK_DATA || (what == EVI_CHUNK_MORE && given < len)) {
		if (what == EVI_CHUNK_MORE)
			given = next_given(way, &seed, given, len);
		what = next(&reading, body, given);
	}
	*end = reading.at;
	/* DONE and BAD are final. */
	if (what != EVI_CHUNK_MORE)
		assert_int_equal(next(&reading, body, len), what);
	if (what == EVI_CHUNK_DONE)
		assert_int_equal(reading.at, *end);
	say(&reading,
	    what == EVI_CHUNK_DONE  ? "DONE"
	    : what == EVI_CHUNK_BAD ? "BAD"
				    : "MORE",
	    what == EVI_CHUNK_BAD ? 3 : 4);
	return reading.said;
}

/* Reads a body in all ways. */
static void
check(const char *body, size_t len, const char *expected)
{
	size_t end, end_of_whole = 0;
	char *said;

	for (int way = 0; way < WAYS; way++) {
		said = read_body(body, len, way, &end);
		if (strcmp(said, expected) != 0)
			fail_msg("way %d, %s: is %s, not %s", way, body, said,
			    expected);
		if (way == WHOLE)
			end_of_whole = end;
		if (strstr(said, "BAD") == NULL)
			assert_int_equal(end, end_of_whole);
		free(said);
	}
}

/* Checks pairs of a body and its expected text, in one array that NULL ends. */
static void
check_all(const char *const *pairs)
{
	for (; *pairs != NULL; pairs += 2)
		check(pairs[0], strlen(pairs[0]), pairs[1]);
}

#define CHECK(...) check_all((const char *const[]){__VA_ARGS__, NULL})

/* Checks that the bodies give the text `said`, and are bad after that. */
static void
all_are(const char *said, const char *const *bodies)
{
	for (; *bodies != NULL; bodies++)
		check(*bodies, strlen(*bodies), said);
}

#define ALL_ARE(said, ...)                                                     \
	all_are(said, (const char *const[]){__VA_ARGS__, NULL})

/*
 * Returns a body of `before`, n times `text`, and `after`, which the caller
 * frees.
 */
static char *
repeated(const char *before, const char *text, size_t n, const char *after,
    size_t *len)
{
	size_t each = strlen(text);
	char *body = malloc(strlen(before) + n * each + strlen(after) + 1);
	char *at = stpcpy(body, before);

	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, text);
	at = stpcpy(at, after);
	*len = (size_t)(at - body);
	return body;
}

/* Checks how a long body ends; it is not copied for each of its chunks. */
static void
ends(enum chunk_result expected, const char *body, size_t len)
{
	struct chunks chunks = {0};
	enum chunk_result what;
	size_t at = 0, used, n;

	do {
		what = evi_chunks_next(&chunks, body + at, len - at, &used, &n);
		at += used + n;
	} while (what == EVI_CHUNK_DATA);
	assert_int_equal(what, expected);
}

/*
 * Sizes and data.
 */

TEST(http_chunks_are_data_with_its_size_before_it)
{
	CHECK(END, "DONE", "5" NL "hello" NL END, "[hello]DONE",
	    "5" NL "hello" NL "6" NL " world" NL END, "[hello][ world]DONE",
	    "1" NL "\r" NL "2" NL NL NL END, "[\r][\r\n]DONE");
}

TEST(http_chunk_size_is_hexadecimal_in_any_case)
{
	CHECK("a" NL "0123456789" NL END, "[0123456789]DONE",
	    "A" NL "0123456789" NL END, "[0123456789]DONE",
	    "0B" NL "0123456789a" NL END, "[0123456789a]DONE",
	    "1e" NL "all your base are belong to us" NL END,
	    "[all your base are belong to us]DONE");
}

TEST(http_chunk_size_may_begin_with_zeros)
{
	CHECK("005" NL "hello" NL "000" NL NL, "[hello]DONE",
	    "0000000000000005" NL "hello" NL END, "[hello]DONE",
	    "5" NL "hello" NL "0000000000000000" NL NL, "[hello]DONE");
	ALL_ARE("BAD", "00000000000000005" NL "hello" NL END,
	    "00000000000000000" NL NL);
}

TEST(http_chunk_size_has_63_bits)
{
	CHECK("7fffffffffffffff" NL "hello", "[helloMORE",
	    "7FFFFFFFFFFFFFFF" NL, "MORE");
	ALL_ARE("BAD", "8000000000000000" NL, "ffffffffffffffff" NL,
	    "10000000000000005" NL, "FFFFFFFFFFFFFFFF0" NL,
	    "80000000000000000000000000000000" NL);
}

TEST(http_chunk_size_is_nothing_but_digits)
{
	ALL_ARE("BAD", "0x5" NL, "+5" NL, "-5" NL, " 5" NL, "\t5" NL, "zz" NL,
	    NL, ";a" NL, "5h" NL, "1_0" NL, "5," NL, "5.0" NL, "\"5\"" NL,
	    "+0" NL, "g" NL, "5\x80" NL, "\x01" NL);
	CHECK("3" NL "foo" NL NL, "[foo]BAD", "0x0" NL NL, "BAD");
}

TEST(http_chunk_size_may_have_blanks_after_it)
{
	CHECK("5 " NL "hello" NL "0 \t " NL NL, "[hello]DONE");
	ALL_ARE("BAD", "5 x" NL, "5 5" NL, "2 erfrferferf" NL, "5 =" NL,
	    "5 \x0b" NL, "5\x0c" NL);
}

TEST(http_chunk_lines_end_in_cr_lf)
{
	ALL_ARE("BAD", "5\nhello" NL END, "5\rhello", "5\r\r\nhello", "5 \n",
	    "5;a\n", "5;a=\"b\n\"", "5;a\r;b\n", "5;a=\"\r\"", "3 \n  \r\nfoo",
	    "5\n\rhello", "5\r\r;ABCD" NL "34" NL);
	CHECK("5" NL "hello\n" END, "[hello]BAD", "5" NL "hello\r" END,
	    "[hello]BAD", "5" NL "hello\n\r" END, "[hello]BAD");
}

TEST(http_chunk_data_is_followed_by_cr_lf)
{
	CHECK("5" NL "hello" END, "[hello]BAD", "5" NL "helloXX" NL END,
	    "[hello]BAD", "5" NL "hello!!" NL END, "[hello]BAD",
	    "5" NL "hello " NL END, "[hello]BAD", "5" NL "hello3" NL "abc" NL,
	    "[hello]BAD");
}

TEST(http_nothing_stands_between_chunks)
{
	CHECK("5" NL "hello" NL NL END, "[hello]BAD",
	    "5" NL "hello" NL " 1" NL "a" NL END, "[hello]BAD");
}

TEST(http_nul_in_the_framing_of_a_chunk_is_bad)
{
	check("5\0\r\nhello", 9, "BAD");
	check("\0", 1, "BAD");
	check("5;a\0b\r\n", 7, "BAD");
	check("5;a=\"\0\"\r\n", 9, "BAD");
	check("5;a=\"\\\0\"\r\n", 10, "BAD");
	check("0\r\nA: \0\r\n\r\n", 11, "BAD");
}

TEST(http_chunks_that_are_cut_need_more)
{
	ALL_ARE("MORE", "", "5", "5 ", "5;", "5;a=\"", "5" NL, "5\r", "0",
	    "0" NL, "0" NL "\r", "0" NL "A", "0" NL "A: b" NL);
	CHECK("5" NL "hel", "[helMORE", "5" NL "hello", "[hello]MORE",
	    "5" NL "hello\r", "[hello]MORE", "5" NL "hello" NL, "[hello]MORE",
	    "5" NL "hello" NL "0", "[hello]MORE");
}

TEST(http_chunks_end_where_the_next_request_begins)
{
	static const char body[] = "5" NL "hello" NL "0" NL "A: b" NL NL;
	size_t end;
	char *said;

	for (int way = 0; way < WAYS; way++) {
		said = read_body("5" NL "hello" NL "0" NL "A: b" NL NL
				 "GET / HTTP/1.1" NL NL,
		    sizeof body - 1 + 18, way, &end);
		assert_string_equal(said, "[hello]DONE");
		assert_int_equal(end, sizeof body - 1);
		free(said);
	}
}

TEST(http_chunk_knows_its_size_and_its_end)
{
	struct chunks chunks = {0};
	size_t used, n;

	assert_int_equal(evi_chunks_next(&chunks, "a" NL "hello", 8, &used, &n),
	    EVI_CHUNK_DATA);
	assert_int_equal(used, 3);
	assert_int_equal(n, 5);
	assert_int_equal(chunks.size, 10);
	assert_false(evi_chunks_is_at_chunk_end(&chunks));
	assert_int_equal(evi_chunks_next(&chunks, "hello" NL, 7, &used, &n),
	    EVI_CHUNK_DATA);
	assert_int_equal(used, 0);
	assert_int_equal(n, 5);
	assert_int_equal(chunks.size, 10);
	assert_true(evi_chunks_is_at_chunk_end(&chunks));
}

/*
 * Only for a trailer line the caller has to keep bytes, and the reader
 * remembers how far it has searched.
 */
TEST(http_chunk_bytes_are_searched_once)
{
	static const char body[] = "5 ;a=\"b\"" NL "hello" NL "0" NL "A: b";
	struct chunks chunks = {0};
	size_t i, used, n;

	for (i = 0; i < sizeof body - 5; i++) {
		evi_chunks_next(&chunks, body + i, 1, &used, &n);
		assert_int_equal(used + n, 1);
	}
	for (size_t len = 1; len <= 4; len++) {
		assert_int_equal(evi_chunks_next(&chunks, body + i, len, &used,
				     &n),
		    EVI_CHUNK_MORE);
		assert_int_equal(used, 0);
		assert_int_equal(chunks.scanned, len);
	}
}

TEST(http_chunk_data_may_be_any_bytes)
{
	static const char body[] = "8" NL "\0\r\n\xff\x7f\0\1;" NL;
	struct chunks chunks = {0};
	size_t used, n;

	assert_int_equal(evi_chunks_next(&chunks, body, sizeof body - 1, &used,
			     &n),
	    EVI_CHUNK_DATA);
	assert_int_equal(n, 8);
	assert_int_equal(evi_chunks_next(&chunks, NL, 2, &used, &n),
	    EVI_CHUNK_MORE);
	assert_int_equal(used, 2);
}

/*
 * Extensions.
 */

TEST(http_chunk_extensions_are_ignored)
{
	CHECK("5;a" NL "hello" NL "0;b" NL NL, "[hello]DONE",
	    "5;a=b;c=d;e" NL "hello" NL END, "[hello]DONE",
	    "5 ;\ta = b ; c" NL "hello" NL END, "[hello]DONE",
	    "5;a=\"x;y\"" NL "hello" NL END, "[hello]DONE",
	    "5;a=\"\"" NL "hello" NL END, "[hello]DONE",
	    "5 ;a=\"x\\\"\\\\y\" ;b" NL "hello" NL END, "[hello]DONE",
	    "5;a=\"\x80=, \t[]\"" NL "hello" NL END, "[hello]DONE",
	    "5;a=b " NL "hello" NL END, "[hello]DONE");
}

TEST(http_chunk_extensions_of_invalid_syntax_are_bad)
{
	ALL_ARE("BAD", "5;" NL, "5; " NL, "5;;a" NL, "5;a;" NL, "5;=b" NL,
	    "5;a=" NL, "5;a= " NL, "5;a=;b" NL, "5;bad[=x" NL, "5;a=x[" NL,
	    "5;a b" NL, "5;a=b c" NL, "5;a=\"b" NL, "5;a=\"b\"c" NL,
	    "5;a=\"b\\" NL, "5;a\x01" NL, "5;a=\"\x01\"" NL, "5;\x80" NL,
	    "5;a=\"\\\x7f\"" NL, "5;a=b=c" NL, "5;a,b" NL);
}

/* The extensions of a body may have 16 KB in all. */
TEST(http_chunk_extensions_are_bounded)
{
	size_t len;
	char *body;

	for (size_t more = 0; more < 2; more++) {
		body = repeated("0", " ", 16384 + more, NL NL, &len);
		check(body, len, more ? "BAD" : "DONE");
		free(body);
		/* Eight bytes each. */
		body = repeated("", "1;a=\"  b\"" NL "x" NL, 2048 + more, END,
		    &len);
		ends(more ? EVI_CHUNK_BAD : EVI_CHUNK_DONE, body, len);
		free(body);
	}
}

TEST(http_chunk_extensions_of_a_megabyte_are_refused)
{
	size_t len, end;
	char *body = repeated("5;", "a", 1 << 20, NL, &len), *said;

	said = read_body(body, len, WHOLE, &end);
	assert_string_equal(said, "BAD");
	/* None of the bytes after the limit was read. */
	assert_true(end <= 16384 + 2);
	free(said);
	free(body);
}

/*
 * A body may have a signature of 85 bytes with each 64 KB, however long it is.
 */
TEST(http_chunk_extensions_may_grow_with_the_data)
{
	static const char data[65536];
	struct chunks chunks = {0};
	char line[128];
	size_t used, n;
	int len = snprintf(line, sizeof line, "10000;signature=%064d" NL, 0);

	for (int i = 0; i < 5000; i++) {
		assert_int_equal(evi_chunks_next(&chunks, line, (size_t)len,
				     &used, &n),
		    EVI_CHUNK_MORE);
		assert_int_equal(used, len);
		assert_int_equal(evi_chunks_next(&chunks, data, sizeof data,
				     &used, &n),
		    EVI_CHUNK_DATA);
		assert_int_equal(n, sizeof data);
		assert_int_equal(evi_chunks_next(&chunks, NL, 2, &used, &n),
		    EVI_CHUNK_MORE);
	}
}

TEST(http_chunks_of_one_byte_are_no_overhead)
{
	size_t len;
	char *body = repeated("", "1" NL "x" NL, 100000, END, &len);

	ends(EVI_CHUNK_DONE, body, len);
	free(body);
	body = repeated("", "0000000000000001" NL "x" NL, 40000, END, &len);
	ends(EVI_CHUNK_DONE, body, len);
	free(body);
}

/*
 * Trailers.
 */

TEST(http_trailers_are_read_and_dropped)
{
	CHECK("5" NL "hello" NL "0" NL "A: b" NL NL, "[hello]DONE",
	    "0" NL "Content-Length: 50" NL "Host: a b" NL
	    "Transfer-Encoding: chunked" NL NL,
	    "DONE", "0" NL "A: b" NL "\tc" NL " " NL "D:" NL NL, "DONE",
	    "0;x=y" NL "A: \x01\xff" NL NL, "DONE");
}

TEST(http_trailers_have_the_syntax_of_headers)
{
	ALL_ARE("BAD", "0" NL "A" NL NL, "0" NL "A : b" NL NL,
	    "0" NL ": b" NL NL, "0" NL "(A): b" NL NL, "0" NL " A: b" NL NL,
	    "0" NL "A: b\rc" NL NL, "0" NL "5" NL "hello" NL END,
	    "0" NL "GET / HTTP/1.1" NL NL);
}

TEST(http_trailers_end_in_cr_lf)
{
	ALL_ARE("BAD", "0" NL "A: b\n" NL, "0" NL "A: b" NL "\n", "0" NL "\n",
	    "0" NL "\r\r\n", "0" NL "A: b" NL "\rX");
}

/* The limit is 16 KB, line ends and the last line included. */
TEST(http_trailers_are_bounded)
{
	size_t len;
	char *body;

	for (size_t more = 0; more < 2; more++) {
		body = repeated("0" NL, "a", 16384 - 5 + more, ":" NL NL, &len);
		check(body, len, more ? "BAD" : "DONE");
		free(body);
	}
}

TEST(http_trailer_that_does_not_end_is_refused)
{
	size_t len;
	char *body;

	for (size_t more = 0; more < 2; more++) {
		body = repeated("0" NL, "a", 16384 + more, "", &len);
		check(body, len, more ? "BAD" : "MORE");
		free(body);
	}
}

TEST(http_trailers_are_128_at_most)
{
	size_t len;
	char *body;

	for (size_t more = 0; more < 2; more++) {
		body = repeated("0" NL, "a:" NL, 128 + more, NL, &len);
		check(body, len, more ? "BAD" : "DONE");
		free(body);
	}
}
