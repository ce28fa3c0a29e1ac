/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_readline() and evbuffer_readln(): what ends a line, in each style.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define ANY EVBUFFER_EOL_ANY
#define CRLF EVBUFFER_EOL_CRLF
#define STRICT EVBUFFER_EOL_CRLF_STRICT
#define LF EVBUFFER_EOL_LF

/* A buffer with a string literal in it, which may have NULs. */
#define holding(text) holding_bytes(text, sizeof(text) - 1)

static struct evbuffer *
holding_bytes(const char *text, size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add(buf, text, len), 0);
	return buf;
}

/* This literal is left of the content; frees the buffer. */
#define assert_left(buf, text)                                                 \
	do {                                                                   \
		assert_int_equal(EVBUFFER_LENGTH(buf), sizeof(text) - 1);      \
		assert_memory_equal(EVBUFFER_DATA(buf), text,                  \
		    sizeof(text) - 1);                                         \
		evbuffer_free(buf);                                            \
	} while (0)

/*
 * evbuffer_readline()
 */

static void
assert_line(struct evbuffer *buf, const char *expected)
{
	char *line = evbuffer_readline(buf);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

TEST(readline_ends_at_lf)
{
	struct evbuffer *buf = holding("one\ntwo\nrest");

	assert_line(buf, "one");
	assert_line(buf, "two");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "rest");
}

TEST(readline_ends_at_cr)
{
	struct evbuffer *buf = holding("one\rtwo\rrest");

	assert_line(buf, "one");
	assert_line(buf, "two");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "rest");
}

TEST(readline_takes_cr_lf_as_one_end)
{
	struct evbuffer *buf = holding("one\r\ntwo\r\nrest");

	assert_line(buf, "one");
	assert_line(buf, "two");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "rest");
}

TEST(readline_takes_lf_cr_as_one_end)
{
	struct evbuffer *buf = holding("one\n\rtwo\n\rrest");

	assert_line(buf, "one");
	assert_line(buf, "two");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "rest");
}

TEST(readline_takes_mixed_ends)
{
	struct evbuffer *buf = holding("a\rb\nc\r\nd\n\re");

	assert_line(buf, "a");
	assert_line(buf, "b");
	assert_line(buf, "c");
	assert_line(buf, "d");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "e");
}

TEST(readline_gives_empty_lines, DIFFERS(V21, "a run is one end"))
{
	struct evbuffer *buf = holding("\n\na\n\nb\r\n\r\n");

	assert_line(buf, "");
	assert_line(buf, "");
	assert_line(buf, "a");
	assert_line(buf, "");
	assert_line(buf, "b");
	assert_line(buf, "");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "");
}

TEST(readline_gives_empty_lines_between_crs, DIFFERS(V21, "a run is one end"))
{
	struct evbuffer *buf = holding("a\r\r\rb\r");

	assert_line(buf, "a");
	assert_line(buf, "");
	assert_line(buf, "");
	assert_line(buf, "b");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "");
}

TEST(readline_takes_a_mixed_run_two_by_two, DIFFERS(V21, "a run is one end"))
{
	struct evbuffer *buf = holding("\r\r\n\n\r\n\n\r\rx");

	assert_line(buf, ""); /* CR */
	assert_line(buf, ""); /* CR LF */
	assert_line(buf, ""); /* LF CR */
	assert_line(buf, ""); /* LF */
	assert_line(buf, ""); /* LF CR */
	assert_line(buf, ""); /* CR */
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "x");
}

TEST(readline_without_an_end_is_null)
{
	struct evbuffer *buf = holding("no end");

	assert_null(evbuffer_readline(buf));
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "no end");
}

TEST(readline_of_an_empty_buffer_is_null)
{
	struct evbuffer *buf = evbuffer_new();

	assert_null(evbuffer_readline(buf));
	evbuffer_add(buf, "a\n", 2);
	assert_line(buf, "a");
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "");
}

TEST(readline_ends_at_cr_as_the_last_byte)
{
	struct evbuffer *buf = holding("one\r");

	assert_line(buf, "one");
	assert_left(buf, "");
}

TEST(readline_keeps_nul_bytes)
{
	struct evbuffer *buf = holding("a\0b\n\0\nrest");
	char *line = evbuffer_readline(buf);

	assert_memory_equal(line, "a\0b", 4);
	free(line);
	line = evbuffer_readline(buf);
	assert_memory_equal(line, "\0", 2);
	free(line);
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "rest");
}

TEST(readline_keeps_all_other_bytes)
{
	struct evbuffer *buf = holding(" \t\v\f\x1a\x7f\x80\x85\xff \n");

	assert_line(buf, " \t\v\f\x1a\x7f\x80\x85\xff ");
	assert_left(buf, "");
}

TEST(line_outlives_its_buffer)
{
	struct evbuffer *buf = holding("one\ntwo\n");
	char *one = evbuffer_readline(buf);
	char *two = evbuffer_readln(buf, NULL, LF);

	evbuffer_add(buf, "overwritten", 11);
	evbuffer_free(buf);
	assert_string_equal(one, "one");
	assert_string_equal(two, "two");
	free(one);
	free(two);
}

TEST(readline_takes_a_line_of_a_megabyte)
{
	struct evbuffer *buf = evbuffer_new();
	size_t n = 1 << 20;
	char *text = malloc(n), *line;

	memset(text, 'l', n);
	evbuffer_add(buf, text, n);
	assert_null(evbuffer_readline(buf));
	evbuffer_add(buf, "\r\nx", 3);
	line = evbuffer_readline(buf);
	assert_int_equal(strlen(line), n);
	assert_memory_equal(line, text, n);
	free(line);
	free(text);
	assert_left(buf, "x");
}

TEST(readline_takes_many_lines)
{
	struct evbuffer *buf = evbuffer_new();

	for (int i = 0; i < 10000; i++)
		evbuffer_add_printf(buf, "%d%s", i, i % 2 ? "\n" : "\r\n");
	for (int i = 0; i < 10000; i++) {
		char *line = evbuffer_readline(buf);

		assert_int_equal(atoi(line), i);
		free(line);
	}
	assert_null(evbuffer_readline(buf));
	assert_left(buf, "");
}

/*
 * evbuffer_readln()
 */

/* The next line is this literal, NULs included, and its length is returned. */
#define assert_ln(buf, style, text) check_ln(buf, style, text, sizeof(text) - 1)

static void
check_ln(struct evbuffer *buf, enum evbuffer_eol_style style, const char *text,
    size_t len)
{
	size_t length = 77;
	char *line = evbuffer_readln(buf, &length, style);

	assert_non_null(line);
	assert_int_equal(length, len);
	assert_memory_equal(line, text, len);
	assert_int_equal(line[len], '\0');
	free(line);
}

/* There is no line: the length is 0. */
static void
assert_no_ln(struct evbuffer *buf, enum evbuffer_eol_style style)
{
	size_t length = 77;

	assert_null(evbuffer_readln(buf, &length, style));
	assert_int_equal(length, 0);
}

TEST(readln_any_ends_at_a_run)
{
	struct evbuffer *buf = holding("a\rb\nc\r\nd\n\re\r\r\n\n\n\rf\n\ng");

	for (const char *c = "abcdef"; *c != '\0'; c++)
		check_ln(buf, ANY, c, 1);
	assert_no_ln(buf, ANY);
	assert_left(buf, "g");
}

TEST(readln_any_gives_an_empty_line_for_a_run_at_the_start)
{
	struct evbuffer *buf = holding("\n\r\n\na\n");

	assert_ln(buf, ANY, "");
	assert_ln(buf, ANY, "a");
	assert_no_ln(buf, ANY);
	assert_left(buf, "");
}

TEST(readln_any_ends_at_cr_as_the_last_byte)
{
	struct evbuffer *buf = holding("a\r");

	assert_ln(buf, ANY, "a");
	assert_left(buf, "");
}

TEST(readln_crlf_ends_at_lf_with_or_without_cr)
{
	struct evbuffer *buf = holding("one\r\ntwo\nthree\r\nrest");

	assert_ln(buf, CRLF, "one");
	assert_ln(buf, CRLF, "two");
	assert_ln(buf, CRLF, "three");
	assert_no_ln(buf, CRLF);
	assert_left(buf, "rest");
}

TEST(readln_crlf_gives_empty_lines)
{
	struct evbuffer *buf = holding("\n\r\n\n\na\r\n\r\n");

	assert_ln(buf, CRLF, "");
	assert_ln(buf, CRLF, "");
	assert_ln(buf, CRLF, "");
	assert_ln(buf, CRLF, "");
	assert_ln(buf, CRLF, "a");
	assert_ln(buf, CRLF, "");
	assert_no_ln(buf, CRLF);
	assert_left(buf, "");
}

TEST(readln_crlf_keeps_other_crs)
{
	struct evbuffer *buf = holding("a\rb\nc\r\r\n\r\r\n\n\rd\n\re\r");

	assert_ln(buf, CRLF, "a\rb");
	assert_ln(buf, CRLF, "c\r");
	assert_ln(buf, CRLF, "\r");
	assert_ln(buf, CRLF, "");
	assert_ln(buf, CRLF, "\rd");
	assert_no_ln(buf, CRLF);
	assert_left(buf, "\re\r");
}

TEST(readln_strict_ends_at_crlf_alone)
{
	struct evbuffer *buf = holding("a\nb\rc\n\rd\r\ne\r\nf\n");

	assert_ln(buf, STRICT, "a\nb\rc\n\rd");
	assert_ln(buf, STRICT, "e");
	assert_no_ln(buf, STRICT);
	assert_left(buf, "f\n");
}

TEST(readln_strict_gives_empty_lines)
{
	struct evbuffer *buf = holding("\r\n\r\na\r\n\r\n");

	assert_ln(buf, STRICT, "");
	assert_ln(buf, STRICT, "");
	assert_ln(buf, STRICT, "a");
	assert_ln(buf, STRICT, "");
	assert_no_ln(buf, STRICT);
	assert_left(buf, "");
}

TEST(readln_strict_keeps_a_cr_before_crlf)
{
	struct evbuffer *buf = holding("a\r\r\n\r\r\r\nb\r");

	assert_ln(buf, STRICT, "a\r");
	assert_ln(buf, STRICT, "\r\r");
	assert_no_ln(buf, STRICT);
	assert_left(buf, "b\r");
}

TEST(readln_lf_ends_at_lf_alone)
{
	struct evbuffer *buf = holding("one\r\ntwo\n\n\r\n\rrest\r");

	assert_ln(buf, LF, "one\r");
	assert_ln(buf, LF, "two");
	assert_ln(buf, LF, "");
	assert_ln(buf, LF, "\r");
	assert_no_ln(buf, LF);
	assert_left(buf, "\rrest\r");
}

/* Each of the four, with the end that all of them take. */
#define FOR_EACH_STYLE(style)                                                  \
	for (enum evbuffer_eol_style style = ANY; style <= LF; style++)

TEST(readln_returns_the_length_of_lines_with_nuls)
{
	FOR_EACH_STYLE (style) {
		struct evbuffer *buf = holding("a\0b\r\n\0\0\r\nc\0");

		if (style == LF) {
			assert_ln(buf, style, "a\0b\r");
			assert_ln(buf, style, "\0\0\r");
		} else {
			assert_ln(buf, style, "a\0b");
			assert_ln(buf, style, "\0\0");
		}
		assert_no_ln(buf, style);
		assert_left(buf, "c\0");
	}
}

TEST(readln_needs_no_place_for_the_length)
{
	FOR_EACH_STYLE (style) {
		struct evbuffer *buf = holding("one\r\nrest");
		char *line = evbuffer_readln(buf, NULL, style);

		assert_string_equal(line, style == LF ? "one\r" : "one");
		assert_null(evbuffer_readln(buf, NULL, style));
		free(line);
		assert_left(buf, "rest");
	}
}

TEST(readln_without_an_end_is_null)
{
	FOR_EACH_STYLE (style) {
		struct evbuffer *buf = holding("no end");

		assert_no_ln(buf, style);
		assert_no_ln(buf, style);
		assert_left(buf, "no end");
	}
}

TEST(readln_of_an_empty_buffer_is_null)
{
	FOR_EACH_STYLE (style) {
		struct evbuffer *buf = evbuffer_new();

		assert_no_ln(buf, style);
		evbuffer_add(buf, "a", 1);
		evbuffer_drain(buf, 1);
		assert_no_ln(buf, style);
		assert_left(buf, "");
	}
}

TEST(readln_does_not_see_what_was_drained)
{
	FOR_EACH_STYLE (style) {
		struct evbuffer *buf = holding("one\r\ntwo");

		evbuffer_drain(buf, 5);
		assert_no_ln(buf, style);
		evbuffer_add(buf, "\r\n", 2);
		evbuffer_drain(buf, 3);
		assert_ln(buf, style == LF ? CRLF : style, "");
		assert_left(buf, "");
	}
}

TEST(readln_styles_are_mixed_from_line_to_line)
{
	struct evbuffer *buf = holding("a\r\nb\r\n\nc\r\nd\r\n-\r\nrest");

	assert_ln(buf, LF, "a\r");
	assert_ln(buf, ANY, "b");
	assert_ln(buf, STRICT, "c");
	assert_line(buf, "d");
	assert_ln(buf, CRLF, "-");
	assert_no_ln(buf, CRLF);
	assert_left(buf, "rest");
}
