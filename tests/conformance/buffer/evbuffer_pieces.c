/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines that come in pieces: whatever was tried while a line was not complete,
 * and whatever happened to the buffer in between, the next call gives what it
 * would give on a fresh buffer with the same content.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANY EVBUFFER_EOL_ANY
#define CRLF EVBUFFER_EOL_CRLF
#define STRICT EVBUFFER_EOL_CRLF_STRICT
#define LF EVBUFFER_EOL_LF

/* The ways to read a line: evbuffer_readln()'s styles, and one more. */
#define READLINE (LF + 1)
#define WAYS (READLINE + 1)

static char *
read_line(struct evbuffer *buf, size_t *len, int way)
{
	char *line;

	if (way != READLINE)
		return evbuffer_readln(buf, len, (enum evbuffer_eol_style)way);
	line = evbuffer_readline(buf);
	*len = line != NULL ? strlen(line) : 0;
	return line;
}

static void
assert_line(struct evbuffer *buf, int way, const char *expected)
{
	size_t len;
	char *line = read_line(buf, &len, way);

	assert_non_null(line);
	assert_string_equal(line, expected);
	assert_int_equal(len, strlen(expected));
	free(line);
}

static void
assert_no_line(struct evbuffer *buf, int way)
{
	size_t len = 77;

	assert_null(read_line(buf, &len, way));
	assert_int_equal(len, 0);
}

static void
add(struct evbuffer *buf, const char *text)
{
	assert_int_equal(evbuffer_add(buf, text, strlen(text)), 0);
}

/* What is left is this; the buffer is freed. */
static void
assert_left(struct evbuffer *buf, const char *text)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), strlen(text));
	assert_memory_equal(EVBUFFER_DATA(buf), text, strlen(text));
	evbuffer_free(buf);
}

/*
 * Growing
 */

TEST(line_may_come_in_a_thousand_pieces)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		char text[1001] = "";

		for (int i = 0; i < 1000; i++) {
			text[i] = (char)('a' + i % 26);
			add(buf, (char[]){text[i], '\0'});
			assert_no_line(buf, way);
		}
		add(buf, way == LF ? "\n" : "\r\n");
		assert_line(buf, way, text);
		assert_left(buf, "");
	}
}

TEST(lines_may_come_in_pieces_one_after_the_other)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();

		for (int i = 0; i < 100; i++) {
			add(buf, "one");
			assert_no_line(buf, way);
			add(buf, " line");
			assert_no_line(buf, way);
			add(buf, way == LF ? "\nand" : "\r\nand");
			assert_line(buf, way, i ? "andone line" : "one line");
			assert_no_line(buf, way);
		}
		assert_left(buf, "and");
	}
}

TEST(cr_whose_lf_comes_later_ends_a_line_by_itself)
{
	struct evbuffer *buf = evbuffer_new();

	add(buf, "a\r");
	assert_line(buf, READLINE, "a");
	add(buf, "\nb\r");
	assert_line(buf, READLINE, "");
	assert_line(buf, READLINE, "b");
	assert_no_line(buf, READLINE);
	assert_left(buf, "");
}

TEST(run_whose_rest_comes_later_ends_two_lines)
{
	struct evbuffer *buf = evbuffer_new();

	add(buf, "a\r");
	assert_line(buf, ANY, "a");
	add(buf, "\n\n\rb\n");
	assert_line(buf, ANY, "");
	assert_line(buf, ANY, "b");
	assert_left(buf, "");
}

TEST(cr_waits_for_its_lf_in_the_crlf_styles)
{
	for (int way = CRLF; way <= STRICT; way++) {
		struct evbuffer *buf = evbuffer_new();

		add(buf, "a\r");
		assert_no_line(buf, way);
		add(buf, "\nb\r");
		assert_line(buf, way, "a");
		assert_no_line(buf, way);
		add(buf, "\r");
		assert_no_line(buf, way);
		add(buf, "\n");
		assert_line(buf, way, "b\r");
		assert_left(buf, "");
	}
}

TEST(cr_without_lf_is_part_of_the_line_in_the_crlf_styles)
{
	for (int way = CRLF; way <= STRICT; way++) {
		struct evbuffer *buf = evbuffer_new();

		add(buf, "a\r");
		assert_no_line(buf, way);
		add(buf, "b");
		assert_no_line(buf, way);
		add(buf, "\r\n");
		assert_line(buf, way, "a\rb");
		assert_left(buf, "");
	}
}

TEST(lf_after_a_drained_cr_is_not_cr_lf)
{
	struct evbuffer *buf = evbuffer_new();

	add(buf, "a\r");
	assert_no_line(buf, STRICT);
	evbuffer_drain(buf, 2);
	add(buf, "\n");
	assert_no_line(buf, STRICT);
	assert_line(buf, CRLF, "");
	add(buf, "ab\r");
	assert_no_line(buf, STRICT);
	evbuffer_drain(buf, 1);
	add(buf, "\n\n");
	assert_line(buf, STRICT, "b");
	assert_no_line(buf, STRICT);
	assert_left(buf, "\n");
}

/*
 * One way after the other
 */

/* What every way has to agree on after any other has failed. */
static const char *const texts[] = {"", "a", "\r", "\n", "a\r", "a\n", "\na",
    "\ra", "a\rb", "a\nb", "\r\r", "a\r\r", "a\rb\n", "a\nb\r", "a\n\rb",
    "a\rb\rc", "a\nb\nc", "a\n\nb"};
#define TEXTS (sizeof texts / sizeof texts[0])

/* The next line, and what it leaves, are those of a fresh buffer. */
static void
compare_with_fresh(struct evbuffer *buf, int way)
{
	struct evbuffer *fresh = evbuffer_new();
	size_t len, fresh_len;
	char *line, *fresh_line;

	evbuffer_add(fresh, EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf));
	line = read_line(buf, &len, way);
	fresh_line = read_line(fresh, &fresh_len, way);
	assert_int_equal(len, fresh_len);
	assert_int_equal(line == NULL, fresh_line == NULL);
	if (line != NULL)
		assert_memory_equal(line, fresh_line, len + 1);
	assert_int_equal(EVBUFFER_LENGTH(buf), EVBUFFER_LENGTH(fresh));
	assert_memory_equal(EVBUFFER_DATA(buf), EVBUFFER_DATA(fresh),
	    EVBUFFER_LENGTH(buf));
	free(line);
	free(fresh_line);
	evbuffer_free(fresh);
}

TEST(line_styles_may_be_tried_one_after_another)
{
	for (int first = 0; first < WAYS; first++) {
		for (size_t i = 0; i < TEXTS * WAYS * TEXTS; i++) {
			struct evbuffer *buf = evbuffer_new();
			int second = (int)(i % WAYS);

			add(buf, texts[i / WAYS % TEXTS]);
			compare_with_fresh(buf, first);
			add(buf, texts[i / WAYS / TEXTS]);
			compare_with_fresh(buf, second);
			compare_with_fresh(buf, first);
			compare_with_fresh(buf, READLINE);
			evbuffer_free(buf);
		}
	}
}

TEST(line_by_lf_is_found_after_strict_has_failed)
{
	struct evbuffer *buf = evbuffer_new();

	add(buf, "a\nb");
	assert_no_line(buf, STRICT);
	assert_line(buf, LF, "a");
	assert_no_line(buf, LF);
	assert_left(buf, "b");
}

TEST(line_by_cr_is_found_after_lf_has_failed)
{
	struct evbuffer *buf = evbuffer_new();

	add(buf, "a\rb");
	assert_no_line(buf, LF);
	assert_no_line(buf, CRLF);
	assert_line(buf, READLINE, "a");
	assert_no_line(buf, READLINE);
	assert_left(buf, "b");
}

/*
 * What may happen between two calls
 */

TEST(bytes_are_drained_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();

		add(buf, "0123456789");
		assert_no_line(buf, way);
		evbuffer_drain(buf, 3);
		assert_no_line(buf, way);
		evbuffer_drain(buf, 6);
		add(buf, way == LF ? "\n" : "\r\n");
		assert_line(buf, way, "9");
		add(buf, "0123456789");
		assert_no_line(buf, way);
		evbuffer_drain(buf, 100);
		add(buf, way == LF ? "\nab" : "\r\nab");
		assert_line(buf, way, "");
		assert_left(buf, "ab");
	}
}

TEST(bytes_are_removed_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		char to[16];

		add(buf, "0123456789");
		assert_no_line(buf, way);
		assert_int_equal(evbuffer_remove(buf, to, 8), 8);
		add(buf, way == LF ? "\nrest" : "\r\nrest");
		assert_line(buf, way, "89");
		assert_no_line(buf, way);
		assert_int_equal(evbuffer_remove(buf, to, 16), 4);
		add(buf, way == LF ? "\n" : "\r\n");
		assert_line(buf, way, "");
		assert_left(buf, "");
	}
}

TEST(buffer_is_expanded_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();

		add(buf, "gone, one");
		evbuffer_drain(buf, 6);
		assert_no_line(buf, way);
		evbuffer_expand(buf, 0);
		assert_no_line(buf, way);
		evbuffer_expand(buf, 10000);
		assert_no_line(buf, way);
		add(buf, way == LF ? "\n" : "\r\n");
		assert_line(buf, way, "one");
		assert_left(buf, "");
	}
}

TEST(text_is_printed_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();

		for (int i = 100; i < 300; i++) {
			evbuffer_add_printf(buf, "%d", i);
			assert_no_line(buf, way);
		}
		evbuffer_drain(buf, 199 * 3);
		evbuffer_add_printf(buf, "%s", way == LF ? "\n" : "\r\n");
		assert_line(buf, way, "299");
		assert_left(buf, "");
	}
}

TEST(bytes_are_read_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		int fd[2];

		make_pair(fd);
		for (int i = 0; i < 50; i++) {
			write_byte(fd[1]);
			assert_int_equal(evbuffer_read(buf, fd[0], -1), 1);
			assert_no_line(buf, way);
		}
		evbuffer_drain(buf, 48);
		assert_int_equal(write(fd[1], "\r\ny", 3), 3);
		assert_int_equal(evbuffer_read(buf, fd[0], -1), 3);
		assert_line(buf, way, way == LF ? "xx\r" : "xx");
		assert_no_line(buf, way);
		assert_left(buf, "y");
		close_pair(fd);
	}
}

TEST(bytes_are_written_between_failed_calls)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		int fd[2];

		make_pair(fd);
		add(buf, "0123456789");
		assert_no_line(buf, way);
		assert_int_equal(evbuffer_write(buf, fd[0]), 10);
		assert_no_line(buf, way);
		add(buf, way == LF ? "\na" : "\r\na");
		assert_line(buf, way, "");
		assert_no_line(buf, way);
		assert_left(buf, "a");
		close_pair(fd);
	}
}

TEST(rest_of_a_line_is_moved_to_its_start)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		struct evbuffer *rest = evbuffer_new();

		add(buf, "gone, one ");
		assert_no_line(buf, way);
		evbuffer_drain(buf, 6);
		add(rest, "line");
		assert_no_line(rest, way);
		evbuffer_add_buffer(buf, rest);
		assert_no_line(buf, way);
		assert_no_line(rest, way);
		add(rest, way == LF ? "\nab\nc" : "\r\nab\r\nc");
		evbuffer_add_buffer(buf, rest);
		assert_line(buf, way, "one line");
		assert_line(buf, way, "ab");
		assert_no_line(buf, way);
		assert_left(buf, "c");
		assert_left(rest, "");
	}
}

TEST(start_of_a_line_is_moved_to_an_empty_buffer)
{
	for (int way = 0; way < WAYS; way++) {
		struct evbuffer *buf = evbuffer_new();
		struct evbuffer *src = evbuffer_new();

		add(buf, "a long line that was searched and is gone");
		assert_no_line(buf, way);
		evbuffer_drain(buf, 100);
		add(src, "gone, a line");
		assert_no_line(src, way);
		evbuffer_drain(src, 6);
		evbuffer_add_buffer(buf, src);
		assert_no_line(buf, way);
		add(src, way == LF ? "\n" : "\r\n");
		assert_line(src, way, "");
		add(buf, way == LF ? "\n" : "\r\n");
		assert_line(buf, way, "a line");
		assert_left(buf, "");
		assert_left(src, "");
	}
}

/*
 * All of the above, at random
 */

static unsigned seed = 42;

static unsigned
chance(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Up to n bytes of those that matter. */
static void
add_any(struct evbuffer *buf, unsigned n)
{
	for (n = chance(n + 1); n > 0; n--)
		evbuffer_add(buf, &"abc\0\r\n"[chance(6)], 1);
}

static void
do_anything(struct evbuffer *buf, struct evbuffer *other)
{
	char to[8];

	switch (chance(8)) {
	case 0:
		evbuffer_drain(buf, chance(10));
		break;
	case 1:
		evbuffer_remove(buf, to, chance(sizeof to));
		break;
	case 2:
		evbuffer_expand(buf, chance(600));
		break;
	case 3:
		add_any(other, 4);
		compare_with_fresh(other, (int)chance(WAYS));
		evbuffer_add_buffer(buf, other);
		break;
	case 4:
		evbuffer_add_buffer(other, buf);
		break;
	case 5:
		evbuffer_add_printf(buf, "%.*s", (int)chance(3), "\r\n");
		break;
	default:
		add_any(buf, 6);
	}
}

TEST(lines_do_not_depend_on_what_was_done_before)
{
	struct evbuffer *buf = evbuffer_new(), *other = evbuffer_new();

	for (int i = 0; i < 30000; i++) {
		do_anything(buf, other);
		if (chance(2))
			compare_with_fresh(buf, (int)chance(WAYS));
	}
	evbuffer_free(buf);
	evbuffer_free(other);
}
