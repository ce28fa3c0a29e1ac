/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The public struct evbuffer: what its members say, and what programs do to
 * them themselves.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef LIBEVENT_VERSION_NUMBER
/* libevent 2.1 hides the struct.  This one has 1.4's members, so that the
 * tests compile; they fail before they use it. */
struct evbuffer {
	unsigned char *buffer, *orig_buffer;
	size_t misalign, totallen, off;
	void (*cb)(struct evbuffer *, size_t, size_t, void *);
	void *cbarg;
};
#define LENGTH(buf) ((buf)->off)
#define DATA(buf) ((buf)->buffer)
#define need_struct() fail_msg("the struct is private")
#else
#define LENGTH(buf) EVBUFFER_LENGTH(buf)
#define DATA(buf) EVBUFFER_DATA(buf)
#define need_struct() (void)0
#endif

/* A test that uses the members of the struct. */
#define STRUCT_TEST(name)                                                      \
	static void inside_##name(void);                                       \
	TEST(name, DIFFERS(V21, "the struct is private"))                      \
	{                                                                      \
		need_struct();                                                 \
		inside_##name();                                               \
	}                                                                      \
	static void inside_##name(void)

static void
assert_line(struct evbuffer *buf, const char *expected)
{
	char *line = evbuffer_readline(buf);

	assert_non_null(line);
	assert_string_equal(line, expected);
	free(line);
}

/*
 * The members
 */

STRUCT_TEST(members_of_a_new_buffer_are_zero)
{
	static const struct evbuffer zero;
	struct evbuffer *buf = evbuffer_new();

	assert_memory_equal(buf, &zero, sizeof zero);
	evbuffer_free(buf);
}

static void
check_members(const struct evbuffer *buf)
{
	if (buf->orig_buffer != NULL)
		assert_ptr_equal(buf->buffer, buf->orig_buffer + buf->misalign);
	assert_true(buf->misalign + buf->off <= buf->totallen);
	assert_int_equal(buf->orig_buffer == NULL, buf->totallen == 0);
}

STRUCT_TEST(content_lies_in_its_block)
{
	struct evbuffer *buf = evbuffer_new(), *other = evbuffer_new();
	unsigned seed = 3;

	for (int i = 0; i < 5000; i++) {
		seed = seed * 1103515245 + 12345;
		switch (seed >> 16 & 7) {
		case 0:
			evbuffer_add_printf(buf, "%*d", (int)(seed >> 20), 1);
			break;
		case 1:
		case 2:
			evbuffer_drain(buf, seed >> 20);
			break;
		case 3:
			evbuffer_add_buffer(other, buf);
			break;
		case 4:
			evbuffer_add_buffer(buf, other);
			break;
		case 5:
			evbuffer_expand(buf, seed >> 19);
			break;
		default:
			evbuffer_add(buf, "some text", seed >> 20 & 7);
		}
		check_members(buf);
		check_members(other);
	}
	evbuffer_free(buf);
	evbuffer_free(other);
}

static void
some_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	(void)buf;
	note("%s:%zu>%zu", (const char *)arg, old, now);
}

STRUCT_TEST(callback_is_in_its_members)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_setcb(buf, some_cb, "A");
	assert_true(buf->cb == some_cb);
	assert_string_equal(buf->cbarg, "A");
	buf->cbarg = "B";
	evbuffer_add(buf, "abc", 3);
	assert_log("B:0>3");
	buf->cb = NULL;
	evbuffer_add(buf, "abc", 3);
	assert_log("");
	buf->cb = some_cb;
	evbuffer_drain(buf, 2);
	assert_log("B:6>4");
	evbuffer_free(buf);
}

STRUCT_TEST(move_keeps_each_buffers_callback)
{
	struct evbuffer *dst = evbuffer_new(), *src = filled("abc");

	src->cbarg = src;
	dst->cbarg = dst;
	dst->cb = some_cb;
	dst->cbarg = "D";
	evbuffer_add_buffer(dst, src);
	assert_log("D:0>3");
	assert_null(src->cb);
	assert_ptr_equal(src->cbarg, src);
	evbuffer_free(dst);
	evbuffer_free(src);
}

/*
 * A length that the program sets
 */

STRUCT_TEST(content_may_be_cut_directly)
{
	struct evbuffer *buf = filled("abcdef");

	LENGTH(buf) = 3;
	assert_content(buf, "abc");
	evbuffer_add(buf, "123", 3);
	assert_content(buf, "abc123");
	LENGTH(buf) -= 1;
	evbuffer_drain(buf, 1);
	assert_content(buf, "bc12");
	LENGTH(buf) = 0;
	evbuffer_add_printf(buf, "%d", 7);
	assert_content(buf, "7");
	evbuffer_free(buf);
}

STRUCT_TEST(content_that_was_cut_to_nothing_is_drained_and_moved)
{
	struct evbuffer *buf = filled("abcdef"), *other = filled("x");

	LENGTH(buf) = 0;
	evbuffer_drain(buf, 3);
	assert_int_equal(evbuffer_add_buffer(other, buf), 0);
	assert_content(other, "x");
	LENGTH(other) = 0;
	evbuffer_add(buf, "new", 3);
	assert_int_equal(evbuffer_add_buffer(other, buf), 0);
	assert_content(other, "new");
	evbuffer_free(buf);
	evbuffer_free(other);
}

STRUCT_TEST(find_does_not_see_what_was_cut)
{
	struct evbuffer *buf = filled("one two");

	LENGTH(buf) = 5;
	assert_null(evbuffer_find(buf, (const unsigned char *)"two", 3));
	assert_null(evbuffer_find(buf, (const unsigned char *)"w", 1));
	evbuffer_free(buf);
}

STRUCT_TEST(line_end_that_was_cut_does_not_end_a_line)
{
	struct evbuffer *buf = filled("one\r\ntwo\r\n");

	LENGTH(buf) = 8;
	assert_line(buf, "one");
	assert_null(evbuffer_readline(buf));
	evbuffer_add(buf, "!\n", 2);
	assert_line(buf, "two!");
	evbuffer_free(buf);
}

/* One way to read a line; -1 is evbuffer_readline(). */
static char *
read_line(struct evbuffer *buf, int style)
{
	if (style < 0)
		return evbuffer_readline(buf);
	return evbuffer_readln(buf, NULL, (enum evbuffer_eol_style)style);
}

/* In each way, for each length at which the start of a line can be cut. */
STRUCT_TEST(line_that_was_cut_continues)
{
	for (int style = -1; style <= EVBUFFER_EOL_LF; style++) {
		for (size_t cut = 0; cut <= 10; cut++) {
			struct evbuffer *buf = filled("0123456789");
			char expected[16] = "0123456789";
			char *line;

			assert_null(read_line(buf, style));
			LENGTH(buf) = cut;
			strcpy(expected + cut,
			    style == EVBUFFER_EOL_LF ? "ab\r" : "ab");
			evbuffer_add(buf, "ab\r\n.........", 13);
			line = read_line(buf, style);
			assert_string_equal(line, expected);
			assert_content(buf, ".........");
			free(line);
			evbuffer_free(buf);
		}
	}
}

/* The ways to add, after a line that is not complete was cut. */
static void
add_in_some_way(struct evbuffer *buf, int way, const char *text)
{
	struct evbuffer *src;
	int fd[2];

	switch (way) {
	case 0:
		evbuffer_add(buf, text, strlen(text));
		break;
	case 1:
		evbuffer_add_printf(buf, "%s", text);
		break;
	case 2:
		src = filled(text);
		evbuffer_add_buffer(buf, src);
		evbuffer_free(src);
		break;
	case 3:
		make_pair(fd);
		assert_int_equal(write(fd[1], text, strlen(text)),
		    strlen(text));
		evbuffer_read(buf, fd[0], -1);
		close_pair(fd);
		break;
	case 4:
		evbuffer_expand(buf, strlen(text));
		memcpy(DATA(buf) + LENGTH(buf), text, strlen(text));
		LENGTH(buf) += strlen(text);
	}
}

STRUCT_TEST(line_that_was_cut_continues_in_any_way)
{
	for (int way = 0; way < 5; way++) {
		for (size_t cut = 0; cut <= 4; cut += 4) {
			struct evbuffer *buf = filled("gone, 0123456789");

			evbuffer_drain(buf, 6);
			assert_null(evbuffer_readline(buf));
			LENGTH(buf) = cut;
			add_in_some_way(buf, way, "!\nand much more");
			assert_line(buf, cut ? "0123!" : "!");
			assert_content(buf, "and much more");
			assert_null(evbuffer_readline(buf));
			LENGTH(buf) = cut;
			add_in_some_way(buf, way, "\r\nrest\r\n");
			assert_line(buf, cut ? "and " : "");
			assert_line(buf, "rest");
			assert_content(buf, "");
			evbuffer_free(buf);
		}
	}
}

STRUCT_TEST(line_that_was_cut_and_drained_continues)
{
	struct evbuffer *buf = filled("0123456789");

	assert_null(evbuffer_readline(buf));
	LENGTH(buf) = 6;
	evbuffer_drain(buf, 2);
	evbuffer_add(buf, "\n.......", 8);
	assert_line(buf, "2345");
	assert_content(buf, ".......");
	evbuffer_free(buf);
}

STRUCT_TEST(line_that_was_cut_and_moved_continues)
{
	struct evbuffer *buf = filled("0123456789"), *dst = evbuffer_new();

	assert_null(evbuffer_readline(buf));
	LENGTH(buf) = 3;
	evbuffer_add_buffer(dst, buf);
	evbuffer_add(dst, "\n........", 9);
	assert_line(dst, "012");
	assert_content(dst, "........");
	evbuffer_free(buf);
	evbuffer_free(dst);
}

/*
 * Room that the program fills
 */

STRUCT_TEST(room_may_be_filled_directly)
{
	struct evbuffer *buf = filled("gone, abc");

	evbuffer_drain(buf, 6);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(evbuffer_expand(buf, 100), 0);
		assert_true(buf->totallen - buf->misalign - buf->off >= 100);
		memset(DATA(buf) + LENGTH(buf), 'x', 100);
		LENGTH(buf) += 100;
	}
	assert_int_equal(LENGTH(buf), 10003);
	assert_memory_equal(DATA(buf), "abcxxx", 6);
	evbuffer_add(buf, "!", 1);
	assert_memory_equal(DATA(buf) + 10002, "x!", 2);
	evbuffer_free(buf);
}

STRUCT_TEST(line_in_room_that_was_filled_directly_is_found)
{
	struct evbuffer *buf = filled("one ");

	for (int i = 0; i < 10; i++) {
		assert_null(evbuffer_readline(buf));
		assert_int_equal(evbuffer_expand(buf, 10), 0);
		memcpy(DATA(buf) + LENGTH(buf), "line\none ", 9);
		LENGTH(buf) += 9;
		assert_line(buf, "one line");
		assert_content(buf, "one ");
	}
	evbuffer_free(buf);
}

/*
 * A start that the program moves, after a search for a line found none
 */

static struct evbuffer *
searched_without_a_match(int style)
{
	struct evbuffer *buf = filled("HEADERxxxx");

	if (style == -1)
		assert_null(evbuffer_readline(buf));
	else
		assert_null(
		    evbuffer_readln(buf, NULL, (enum evbuffer_eol_style)style));
	evbuffer_add(buf, "abc\r\ndef", 8);
	return buf;
}

STRUCT_TEST(line_is_found_in_a_copy_that_begins_later)
{
	for (int style = -1; style <= EVBUFFER_EOL_LF; style++) {
		struct evbuffer *buf = searched_without_a_match(style),
				copy = *buf;

		DATA(&copy) += 6;
		LENGTH(&copy) -= 6;
		assert_line(&copy, "xxxxabc");
		evbuffer_free(buf);
	}
}

STRUCT_TEST(line_is_found_after_the_start_was_moved_directly)
{
	for (int style = -1; style <= EVBUFFER_EOL_LF; style++) {
		for (size_t n = 1; n <= 12; n++) {
			struct evbuffer *buf = searched_without_a_match(style);

			DATA(buf) += n;
			buf->misalign += n;
			LENGTH(buf) -= n;
			assert_line(buf, &"HEADERxxxxabc"[n]);
			evbuffer_free(buf);
		}
	}
}
