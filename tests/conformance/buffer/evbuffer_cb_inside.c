/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a callback of evbuffer_setcb() may do to its buffer: take from it, add
 * to it, and what the call around it then returns.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Drains four bytes of what was added. */
static void
drain_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	note("%s:%zu>%zu", (const char *)name, old, now);
	if (now > old)
		evbuffer_drain(buf, 4);
}

/* Adds "more" when the buffer has become empty. */
static void
refill_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	note("%s:%zu>%zu", (const char *)name, old, now);
	if (now == 0)
		assert_int_equal(evbuffer_add(buf, "more", 4), 0);
}

/* Takes all lines. */
static void
lines_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	char *line;

	(void)arg;
	if (now < old)
		return;
	while ((line = evbuffer_readline(buf)) != NULL) {
		note("%s", line);
		free(line);
	}
}

/* Moves everything to the buffer that it has as its argument. */
static void
forward_cb(struct evbuffer *buf, size_t old, size_t now, void *to)
{
	note("%zu>%zu", old, now);
	if (now > 0)
		assert_int_equal(evbuffer_add_buffer(to, buf), 0);
}

static struct evbuffer *
with_cb(void (*cb)(struct evbuffer *, size_t, size_t, void *), void *arg)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_setcb(buf, cb, arg);
	return buf;
}

/*
 * Taking
 */

TEST(callback_drains_what_was_added)
{
	struct evbuffer *buf = with_cb(drain_cb, "A");

	assert_int_equal(evbuffer_add(buf, "0123456789", 10), 0);
	assert_log("A:0>10 A:10>6");
	assert_content(buf, "456789");
	evbuffer_free(buf);
}

TEST(callback_drains_printed_text)
{
	struct evbuffer *buf = with_cb(drain_cb, "A");

	assert_int_equal(evbuffer_add_printf(buf, "%d", 123456), 6);
	assert_log("A:0>6 A:6>2");
	assert_content(buf, "56");
	evbuffer_free(buf);
}

TEST(callback_drains_what_was_read)
{
	struct evbuffer *buf = with_cb(drain_cb, "A");
	int fd[2];

	make_pair(fd);
	assert_int_equal(write(fd[1], "0123456789", 10), 10);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 10);
	assert_log("A:0>10 A:10>6");
	assert_content(buf, "456789");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(callback_drains_what_was_moved_to_it)
{
	struct evbuffer *dst = with_cb(drain_cb, "D");
	struct evbuffer *src = with_cb(drain_cb, "S");

	evbuffer_setcb(src, NULL, NULL);
	evbuffer_add(src, "012345", 6);
	evbuffer_setcb(src, drain_cb, "S");
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_log("S:6>0 D:0>6 D:6>2");
	assert_content(dst, "45");
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(callback_drains_all_that_was_moved_to_content)
{
	struct evbuffer *dst = evbuffer_new(), *src = evbuffer_new();

	evbuffer_add(dst, "ab", 2);
	evbuffer_add(src, "cd", 2);
	evbuffer_setcb(dst, drain_cb, "D");
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_log("D:2>4 D:4>0");
	assert_int_equal(EVBUFFER_LENGTH(dst), 0);
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(callback_takes_lines_as_they_come)
{
	struct evbuffer *buf = with_cb(lines_cb, NULL);

	evbuffer_add(buf, "one\ntw", 6);
	assert_log("one");
	evbuffer_add_printf(buf, "o\nthree\nfou");
	assert_log("two three");
	evbuffer_add(buf, "r\n", 2);
	assert_log("four");
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(callback_moves_what_was_added_to_another_buffer)
{
	struct evbuffer *to = evbuffer_new();
	struct evbuffer *buf = with_cb(forward_cb, to);

	assert_int_equal(evbuffer_add(buf, "one", 3), 0);
	assert_log("0>3 3>0");
	assert_int_equal(evbuffer_add_printf(buf, "-%s", "two"), 4);
	assert_log("0>4 4>0");
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_content(to, "one-two");
	evbuffer_free(buf);
	evbuffer_free(to);
}

TEST(callback_moves_what_was_read_to_another_buffer)
{
	struct evbuffer *to = evbuffer_new();
	struct evbuffer *buf = with_cb(forward_cb, to);
	int fd[2];

	make_pair(fd);
	assert_int_equal(write(fd[1], "bytes", 5), 5);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 5);
	assert_log("0>5 5>0");
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_content(to, "bytes");
	close_pair(fd);
	evbuffer_free(buf);
	evbuffer_free(to);
}

/*
 * Adding
 */

TEST(callback_refills_a_drained_buffer)
{
	struct evbuffer *buf = with_cb(refill_cb, "A");

	evbuffer_add(buf, "text", 4);
	evbuffer_drain(buf, 4);
	assert_log("A:0>4 A:4>0 A:0>4");
	assert_content(buf, "more");
	evbuffer_free(buf);
}

TEST(callback_refills_what_was_removed)
{
	struct evbuffer *buf = with_cb(refill_cb, "A");
	char to[8] = "--------";

	evbuffer_add(buf, "text", 4);
	note_clear();
	assert_int_equal(evbuffer_remove(buf, to, sizeof to), 4);
	assert_memory_equal(to, "text----", 8);
	assert_log("A:4>0 A:0>4");
	assert_content(buf, "more");
	evbuffer_free(buf);
}

TEST(callback_refills_what_was_written)
{
	struct evbuffer *buf = with_cb(refill_cb, "A");
	char sent[8];
	int fd[2];

	make_pair(fd);
	evbuffer_add(buf, "text", 4);
	note_clear();
	assert_int_equal(evbuffer_write(buf, fd[0]), 4);
	assert_log("A:4>0 A:0>4");
	assert_content(buf, "more");
	assert_int_equal(read(fd[1], sent, sizeof sent), 4);
	assert_memory_equal(sent, "text", 4);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(callback_refills_what_a_line_was_taken_from,
    DIFFERS(V21, "two calls for a line"))
{
	struct evbuffer *buf = with_cb(refill_cb, "A");
	char *line;

	evbuffer_add(buf, "text\n", 5);
	note_clear();
	line = evbuffer_readline(buf);
	assert_string_equal(line, "text");
	assert_log("A:5>0 A:0>4");
	assert_content(buf, "more");
	free(line);
	evbuffer_free(buf);
}

TEST(callback_refills_the_source_of_a_move)
{
	struct evbuffer *dst = evbuffer_new();
	struct evbuffer *src = with_cb(refill_cb, "S");

	evbuffer_add(src, "text", 4);
	note_clear();
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_log("S:4>0 S:0>4");
	assert_content(dst, "text");
	assert_content(src, "more");
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_log("S:4>0 S:0>4");
	assert_content(dst, "textmore");
	assert_content(src, "more");
	evbuffer_free(dst);
	evbuffer_free(src);
}

static void
add_to_other_cb(struct evbuffer *buf, size_t old, size_t now, void *other)
{
	(void)buf;
	if (now > old)
		assert_int_equal(evbuffer_add(other, "kept", 4), 0);
}

TEST(what_a_callback_adds_to_the_source_of_a_move_is_kept,
    DIFFERS(V14, "it is drained with the rest"))
{
	struct evbuffer *dst = evbuffer_new(), *src = evbuffer_new();

	evbuffer_add(dst, "ab", 2);
	evbuffer_add(src, "cd", 2);
	evbuffer_setcb(dst, add_to_other_cb, src);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_content(dst, "abcd");
	assert_content(src, "kept");
	evbuffer_free(dst);
	evbuffer_free(src);
}

static void
count_down_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	int *left = arg;

	assert_int_equal(now, old + 3);
	assert_int_equal(EVBUFFER_LENGTH(buf), now);
	if (--*left > 0)
		assert_int_equal(evbuffer_add(buf, "abc", 3), 0);
}

TEST(callback_adds_inside_an_addition)
{
	int left = 1000;
	struct evbuffer *buf = with_cb(count_down_cb, &left);

	assert_int_equal(evbuffer_add(buf, "abc", 3), 0);
	assert_int_equal(left, 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 3000);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(EVBUFFER_DATA(buf)[i], "abc"[i % 3]);
	evbuffer_free(buf);
}

/*
 * Freeing
 */

static void
free_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	(void)arg;
	note("%zu>%zu", old, now);
	evbuffer_free(buf);
}

/* A buffer with "text" and a line end in it that is freed when it changes. */
static struct evbuffer *
doomed(void)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_add(buf, "text\n", 5);
	evbuffer_setcb(buf, free_cb, NULL);
	return buf;
}

TEST(callback_frees_its_buffer, DIFFERS_BY_CHANCE(V21, "uses what was freed"))
{
	struct evbuffer *dst = evbuffer_new();
	char to[4];
	int fd[2];

	make_pair(fd);
	assert_int_equal(evbuffer_add(doomed(), "more", 4), 0);
	assert_int_equal(evbuffer_add_printf(doomed(), "%s", "more"), 4);
	evbuffer_drain(doomed(), 1);
	evbuffer_drain(doomed(), 5);
	assert_int_equal(evbuffer_remove(doomed(), to, 4), 4);
	assert_memory_equal(to, "text", 4);
	assert_log("5>9 5>9 5>4 5>0 5>1");
	assert_int_equal(evbuffer_write(doomed(), fd[1]), 5);
	assert_int_equal(evbuffer_read(doomed(), fd[0], -1), 5);
	assert_log("5>0 5>10");
	evbuffer_add(dst, "dst", 3);
	assert_int_equal(evbuffer_add_buffer(dst, doomed()), 0);
	assert_log("5>0");
	assert_content(dst, "dsttext\n");
	close_pair(fd);
	evbuffer_free(dst);
}

TEST(callback_frees_the_buffer_of_a_line,
    DIFFERS_BY_CHANCE(V21, "uses what was freed"))
{
	char *line = evbuffer_readline(doomed());

	assert_log("5>0");
	assert_string_equal(line, "text");
	free(line);
	line = evbuffer_readln(doomed(), NULL, EVBUFFER_EOL_LF);
	assert_log("5>0");
	assert_string_equal(line, "text");
	free(line);
}
