/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A struct evbuffer that the program made itself: cleared memory, which is an
 * empty buffer; a copy of another; one that stands for bytes which the library
 * has never seen.
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

static void
note_change_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	(void)buf;
	note("%s:%zu>%zu", (const char *)name, old, now);
}

/*
 * Cleared memory
 */

STRUCT_TEST(cleared_struct_is_an_empty_buffer)
{
	struct evbuffer buf;

	memset(&buf, 0, sizeof buf);
	assert_int_equal(LENGTH(&buf), 0);
	assert_int_equal(evbuffer_add(&buf, "one\ntwo\nrest", 12), 0);
	assert_line(&buf, "one");
	evbuffer_drain(&buf, 2);
	assert_content(&buf, "o\nrest");
	assert_line(&buf, "o");
	assert_null(evbuffer_readline(&buf));
	assert_int_equal(evbuffer_add_printf(&buf, "%d", 1), 1);
	assert_content(&buf, "rest1");
	free(buf.orig_buffer);
}

STRUCT_TEST(every_function_takes_a_cleared_struct)
{
	struct evbuffer buf, other;
	char to[1];
	int fd[2];

	memset(&buf, 0, sizeof buf);
	memset(&other, 0, sizeof other);
	make_pair(fd);
	evbuffer_drain(&buf, 1);
	assert_int_equal(evbuffer_remove(&buf, to, 1), 0);
	assert_int_equal(evbuffer_add(&buf, "", 0), 0);
	assert_int_equal(evbuffer_add_buffer(&buf, &other), 0);
	assert_null(evbuffer_readline(&buf));
	assert_null(evbuffer_readln(&buf, NULL, EVBUFFER_EOL_ANY));
	assert_null(evbuffer_find(&buf, (const unsigned char *)"x", 1));
	assert_int_equal(evbuffer_read(&buf, fd[0], -1), -1);
	assert_int_equal(evbuffer_write(&buf, fd[0]), 0);
	assert_int_equal(evbuffer_expand(&buf, 0), 0);
	assert_int_equal(LENGTH(&buf), 0);
	close_pair(fd);
	free(buf.orig_buffer);
	free(other.orig_buffer);
}

STRUCT_TEST(cleared_struct_is_read_into_and_written)
{
	struct evbuffer buf;
	char got[8];
	int fd[2];

	memset(&buf, 0, sizeof buf);
	make_pair(fd);
	assert_int_equal(write(fd[1], "hello", 5), 5);
	assert_int_equal(evbuffer_read(&buf, fd[0], -1), 5);
	assert_content(&buf, "hello");
	assert_int_equal(evbuffer_write(&buf, fd[0]), 5);
	assert_int_equal(read(fd[1], got, sizeof got), 5);
	assert_int_equal(LENGTH(&buf), 0);
	close_pair(fd);
	free(buf.orig_buffer);
}

STRUCT_TEST(cleared_struct_takes_and_gives_the_memory_of_another)
{
	struct evbuffer *heap = filled("content");
	struct evbuffer buf;

	memset(&buf, 0, sizeof buf);
	assert_int_equal(evbuffer_add_buffer(&buf, heap), 0);
	assert_content(&buf, "content");
	evbuffer_add(&buf, "!", 1);
	assert_int_equal(evbuffer_add_buffer(heap, &buf), 0);
	assert_content(heap, "content!");
	evbuffer_free(heap);
	assert_int_equal(LENGTH(&buf), 0);
	evbuffer_add(&buf, "again", 5);
	assert_content(&buf, "again");
	free(buf.orig_buffer);
}

STRUCT_TEST(struct_is_cleared_again)
{
	struct evbuffer buf;

	memset(&buf, 0, sizeof buf);
	for (int i = 0; i < 10; i++) {
		for (int n = 0; n < 10000; n++)
			evbuffer_add(&buf, "0123456789", 10);
		evbuffer_drain(&buf, 99990);
		assert_null(evbuffer_readline(&buf));
		assert_content(&buf, "0123456789");
		free(buf.orig_buffer);
		memset(&buf, 0, sizeof buf);
	}
}

struct connection {
	unsigned char before[32];
	struct evbuffer in;
	unsigned char between[32];
	struct evbuffer out;
	unsigned char after[32];
};

STRUCT_TEST(struct_is_embedded_in_another)
{
	static const unsigned char zero[32];
	struct connection *c = calloc(1, sizeof *c);

	evbuffer_setcb(&c->in, note_change_cb, "in");
	evbuffer_add(&c->in, "a line\nand", 10);
	assert_line(&c->in, "a line");
	assert_int_equal(evbuffer_add_buffer(&c->out, &c->in), 0);
	evbuffer_add_printf(&c->out, " %0*d", 1000, 0);
	assert_log("in:0>10 in:10>3 in:3>0");
	assert_int_equal(LENGTH(&c->out), 1004);
	assert_memory_equal(c->before, zero, sizeof zero);
	assert_memory_equal(c->between, zero, sizeof zero);
	assert_memory_equal(c->after, zero, sizeof zero);
	free(c->in.orig_buffer);
	free(c->out.orig_buffer);
	free(c);
}

/*
 * Copies
 */

STRUCT_TEST(copy_is_taken_from_and_the_original_stays)
{
	struct evbuffer *buf = filled("one\r\ntwo\nthree");
	struct evbuffer copy = *buf;
	char to[2];

	assert_line(&copy, "one");
	assert_line(&copy, "two");
	assert_null(evbuffer_readline(&copy));
	assert_int_equal(evbuffer_remove(&copy, to, 2), 2);
	assert_ptr_equal(evbuffer_find(&copy, (const unsigned char *)"ee", 2),
	    DATA(buf) + 12);
	evbuffer_drain(&copy, 1);
	assert_content(&copy, "ee");
	evbuffer_drain(&copy, 2);
	assert_int_equal(LENGTH(&copy), 0);
	assert_content(buf, "one\r\ntwo\nthree");
	assert_line(buf, "one");
	evbuffer_free(buf);
}

STRUCT_TEST(copy_of_a_line_that_is_not_complete_is_searched_by_itself)
{
	struct evbuffer *buf = filled("one two");
	struct evbuffer copy;

	assert_null(evbuffer_readline(buf));
	copy = *buf;
	evbuffer_drain(&copy, 4);
	assert_null(evbuffer_readline(&copy));
	evbuffer_add(buf, "\n", 1);
	assert_line(buf, "one two");
	assert_content(&copy, "two");
	evbuffer_free(buf);
}

STRUCT_TEST(copy_has_the_callback)
{
	struct evbuffer *buf = filled("abc");
	struct evbuffer copy;

	evbuffer_setcb(buf, note_change_cb, "A");
	copy = *buf;
	evbuffer_drain(&copy, 1);
	assert_log("A:3>2");
	evbuffer_free(buf);
}

STRUCT_TEST(content_is_handed_over_by_copying_the_struct)
{
	struct evbuffer from, to;

	memset(&from, 0, sizeof from);
	evbuffer_add(&from, "gone, a line", 12);
	evbuffer_drain(&from, 6);
	assert_null(evbuffer_readline(&from));
	to = from;
	memset(&from, 0, sizeof from);
	evbuffer_add_printf(&to, "%0*d\n", 5000, 0);
	evbuffer_add(&from, "new", 3);
	assert_content(&from, "new");
	assert_memory_equal(DATA(&to), "a line000", 9);
	assert_int_equal(LENGTH(&to), 5007);
	free(to.orig_buffer);
	free(from.orig_buffer);
}

/*
 * Bytes from elsewhere, which are not even to be written to
 */

static const char text[] = "a text\nwith two\r\nlines and a rest";

static void
stand_for_text(struct evbuffer *buf)
{
	memset(buf, 0, sizeof *buf);
	DATA(buf) = (unsigned char *)(uintptr_t)text;
	LENGTH(buf) = sizeof text - 1;
}

STRUCT_TEST(struct_for_other_bytes_is_searched)
{
	struct evbuffer buf;
	unsigned char *at;

	stand_for_text(&buf);
	at = evbuffer_find(&buf, (const unsigned char *)"two", 3);
	assert_ptr_equal(at, text + 12);
	at = evbuffer_find(&buf, (const unsigned char *)"rest", 5);
	assert_null(at);
}

STRUCT_TEST(struct_for_other_bytes_is_taken_from)
{
	struct evbuffer buf;
	char to[4];

	stand_for_text(&buf);
	assert_int_equal(evbuffer_remove(&buf, to, 2), 2);
	assert_line(&buf, "text");
	evbuffer_drain(&buf, 5);
	assert_line(&buf, "two");
	assert_null(evbuffer_readline(&buf));
	assert_null(evbuffer_readln(&buf, NULL, EVBUFFER_EOL_LF));
	assert_content(&buf, "lines and a rest");
	evbuffer_drain(&buf, 6);
	assert_null(evbuffer_readln(&buf, NULL, EVBUFFER_EOL_CRLF));
	assert_content(&buf, "and a rest");
	evbuffer_drain(&buf, 100);
	assert_int_equal(LENGTH(&buf), 0);
}

STRUCT_TEST(struct_for_other_bytes_is_written)
{
	struct evbuffer buf;
	char got[sizeof text];
	int fd[2];

	stand_for_text(&buf);
	make_pair(fd);
	assert_int_equal(evbuffer_write(&buf, fd[0]), sizeof text - 1);
	assert_int_equal(read(fd[1], got, sizeof got), sizeof text - 1);
	assert_memory_equal(got, text, sizeof text - 1);
	assert_int_equal(LENGTH(&buf), 0);
	close_pair(fd);
}

STRUCT_TEST(struct_for_other_bytes_is_moved_to_content)
{
	struct evbuffer *dst = filled("head, ");
	struct evbuffer buf;

	stand_for_text(&buf);
	assert_int_equal(evbuffer_add_buffer(dst, &buf), 0);
	assert_int_equal(LENGTH(dst), 6 + sizeof text - 1);
	assert_memory_equal(DATA(dst) + 6, text, sizeof text - 1);
	assert_int_equal(LENGTH(&buf), 0);
	evbuffer_free(dst);
}

STRUCT_TEST(struct_for_other_bytes_is_an_empty_buffer_when_they_are_taken)
{
	struct evbuffer buf;

	stand_for_text(&buf);
	evbuffer_drain(&buf, sizeof text - 1);
	assert_int_equal(evbuffer_add(&buf, "abc", 3), 0);
	assert_content(&buf, "abc");
	assert_string_equal(text, "a text\nwith two\r\nlines and a rest");
	free(buf.orig_buffer);
}

STRUCT_TEST(struct_that_stands_for_too_much_is_not_moved)
{
	struct evbuffer *dst = filled("kept");
	struct evbuffer buf;

	stand_for_text(&buf);
	LENGTH(&buf) = SIZE_MAX - 2;
	assert_int_equal(evbuffer_add_buffer(dst, &buf), -1);
	LENGTH(&buf) = SIZE_MAX - 4;
	assert_int_equal(evbuffer_add_buffer(dst, &buf), -1);
	assert_content(dst, "kept");
	assert_int_equal(LENGTH(&buf), SIZE_MAX - 4);
	assert_ptr_equal(DATA(&buf), text);
	evbuffer_free(dst);
}

/* A block from malloc(), filled and handed over. */
STRUCT_TEST(block_of_the_programs_own_is_used_and_grows)
{
	struct evbuffer buf;
	unsigned char *block = malloc(64);

	memset(&buf, 0, sizeof buf);
	memcpy(block, "mine", 4);
	buf.buffer = buf.orig_buffer = block;
	buf.totallen = 64;
	buf.off = 4;
	evbuffer_add(&buf, " and more", 9);
	assert_content(&buf, "mine and more");
	assert_ptr_equal(DATA(&buf), block);
	assert_int_equal(evbuffer_expand(&buf, 100000), 0);
	assert_content(&buf, "mine and more");
	evbuffer_drain(&buf, 9);
	evbuffer_add(&buf, "!", 1);
	assert_content(&buf, "more!");
	free(buf.orig_buffer);
}

/* A block that is not from malloc() lasts while nothing outgrows it. */
STRUCT_TEST(fixed_block_is_used_while_it_is_large_enough)
{
	static unsigned char block[1000];
	struct evbuffer buf;

	memset(&buf, 0, sizeof buf);
	buf.buffer = buf.orig_buffer = block;
	buf.totallen = sizeof block;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(evbuffer_add(&buf, "a line\nand", 10), 0);
		assert_line(&buf, "a line");
		assert_null(evbuffer_readline(&buf));
		evbuffer_drain(&buf, 3);
		assert_int_equal(LENGTH(&buf), 0);
	}
	assert_memory_equal(block, "a line\nand", 10);
	assert_int_equal(block[10], 0);
}
