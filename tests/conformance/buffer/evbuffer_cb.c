/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_setcb(): which function calls the callback how often and with which
 * lengths, and what may be done inside.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Notes "NAME:OLD>NEW". */
static void
change_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), now);
	note("%s:%zu>%zu", (const char *)name, old, now);
}

/* A buffer with text in it that notes its changes from now on. */
static struct evbuffer *
noting(const char *text, char *name)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add(buf, text, strlen(text)), 0);
	evbuffer_setcb(buf, change_cb, name);
	return buf;
}

/*
 * Each function
 */

TEST(callback_is_notified_of_an_addition)
{
	struct evbuffer *buf = noting("", "A");

	evbuffer_add(buf, "abc", 3);
	assert_log("A:0>3");
	evbuffer_add(buf, "de", 2);
	assert_log("A:3>5");
	evbuffer_add(buf, "", 0);
	assert_log("");
	evbuffer_free(buf);
	assert_log("");
}

TEST(callback_is_called_once_for_a_large_addition)
{
	struct evbuffer *buf = noting("abc", "A");
	char *text = calloc(1, 1000000);

	evbuffer_add(buf, text, 1000000);
	assert_log("A:3>1000003");
	free(text);
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_a_drain)
{
	struct evbuffer *buf = noting("0123456789", "A");

	evbuffer_drain(buf, 3);
	assert_log("A:10>7");
	evbuffer_drain(buf, 7);
	assert_log("A:7>0");
	evbuffer_free(buf);
}

TEST(callback_gets_what_a_drain_beyond_the_end_took)
{
	struct evbuffer *buf = noting("0123456789", "A");

	evbuffer_drain(buf, 1000);
	assert_log("A:10>0");
	evbuffer_free(buf);
}

TEST(callback_is_not_called_where_nothing_is_drained)
{
	struct evbuffer *buf = noting("abc", "A");

	evbuffer_drain(buf, 0);
	assert_log("");
	evbuffer_drain(buf, 3);
	assert_log("A:3>0");
	evbuffer_drain(buf, 3);
	evbuffer_drain(buf, 0);
	assert_log("");
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_a_removal)
{
	struct evbuffer *buf = noting("0123456789", "A");
	char to[16];

	evbuffer_remove(buf, to, 4);
	assert_log("A:10>6");
	evbuffer_remove(buf, to, 0);
	assert_log("");
	evbuffer_remove(buf, to, sizeof to);
	assert_log("A:6>0");
	evbuffer_remove(buf, to, sizeof to);
	assert_log("");
	evbuffer_free(buf);
}

TEST(callback_is_not_called_where_the_length_stays)
{
	struct evbuffer *buf = noting("abc", "A");

	evbuffer_expand(buf, 100000);
	evbuffer_find(buf, (const unsigned char *)"b", 1);
	assert_null(evbuffer_readline(buf));
	assert_null(evbuffer_readln(buf, NULL, EVBUFFER_EOL_ANY));
	assert_null(evbuffer_readln(buf, NULL, EVBUFFER_EOL_CRLF_STRICT));
	assert_log("");
	evbuffer_free(buf);
}

/* Reads all lines of a text, and checks which calls that made. */
static void
check_lines(enum evbuffer_eol_style style, const char *calls)
{
	struct evbuffer *buf = noting("line\r\n\r\ntwo\n", "A");
	char *line;

	while ((line = evbuffer_readln(buf, NULL, style)) != NULL)
		free(line);
	assert_log(calls);
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_lines, DIFFERS(V21, "two calls for a line"))
{
	struct evbuffer *buf = noting("one\r\n\rtwo\nthree", "A");
	char *line;

	while ((line = evbuffer_readline(buf)) != NULL)
		free(line);
	assert_log("A:15>10 A:10>9 A:9>5");
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_lines_and_runs,
    DIFFERS(V21, "two calls for a line"))
{
	check_lines(EVBUFFER_EOL_ANY, "A:12>4 A:4>0");
}

TEST(callback_is_notified_of_lines_by_lf_or_crlf,
    DIFFERS(V21, "two calls for a line"))
{
	check_lines(EVBUFFER_EOL_CRLF, "A:12>6 A:6>4 A:4>0");
}

TEST(callback_is_notified_of_lines_by_crlf,
    DIFFERS(V21, "two calls for a line"))
{
	check_lines(EVBUFFER_EOL_CRLF_STRICT, "A:12>6 A:6>4");
}

TEST(callback_is_notified_of_lines_by_lf, DIFFERS(V21, "two calls for a line"))
{
	check_lines(EVBUFFER_EOL_LF, "A:12>6 A:6>4 A:4>0");
}

TEST(callback_is_notified_of_text)
{
	struct evbuffer *buf = noting("abc", "A");

	assert_int_equal(evbuffer_add_printf(buf, "%d", 42), 2);
	assert_log("A:3>5");
	assert_int_equal(evbuffer_add_printf(buf, "%*d", 100000, 42), 100000);
	assert_log("A:5>100005");
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_empty_text, DIFFERS(V21, "not of empty text"))
{
	struct evbuffer *buf = noting("abc", "A");

	assert_int_equal(evbuffer_add_printf(buf, "%s", ""), 0);
	assert_log("A:3>3");
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_a_read)
{
	struct evbuffer *buf = noting("abc", "A");
	int fd[2];

	make_pair(fd);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), -1);
	assert_log("");
	assert_int_equal(write(fd[1], "0123456789", 10), 10);
	assert_int_equal(evbuffer_read(buf, fd[0], 4), 4);
	assert_log("A:3>7");
	assert_int_equal(evbuffer_read(buf, fd[0], 0), 0);
	assert_log("");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 6);
	assert_log("A:7>13");
	close(fd[1]);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 0);
	assert_log("");
	close(fd[0]);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), -1);
	assert_log("");
	evbuffer_free(buf);
}

TEST(callback_is_notified_of_a_write)
{
	struct evbuffer *buf = noting("abc", "A");
	char *text = calloc(1, 4000000);
	char expected[64];
	int fd[2], n;

	make_pair(fd);
	assert_int_equal(evbuffer_write(buf, fd[0]), 3);
	assert_log("A:3>0");
	evbuffer_write(buf, fd[0]);
	assert_log("");
	evbuffer_add(buf, text, 4000000);
	note_clear();
	n = evbuffer_write(buf, fd[0]);
	assert_true(n > 0 && n < 4000000);
	snprintf(expected, sizeof expected, "A:4000000>%d", 4000000 - n);
	assert_log(expected);
	while (evbuffer_write(buf, fd[0]) > 0)
		;
	note_clear();
	assert_int_equal(evbuffer_write(buf, fd[0]), -1);
	assert_log("");
	free(text);
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * evbuffer_add_buffer()
 */

TEST(move_to_content_calls_the_destination_first,
    DIFFERS(V21, "the source is first"))
{
	struct evbuffer *dst = noting("head", "D"), *src = noting("tail!", "S");

	evbuffer_add_buffer(dst, src);
	assert_log("D:4>9 S:5>0");
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(move_into_an_empty_buffer_calls_the_source_first)
{
	struct evbuffer *dst = noting("", "D"), *src = noting("tail!", "S");

	evbuffer_add_buffer(dst, src);
	assert_log("S:5>0 D:0>5");
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(move_calls_the_one_callback_there_is)
{
	struct evbuffer *dst = noting("", "D"), *src = noting("tail!", "S");

	evbuffer_setcb(dst, NULL, NULL);
	evbuffer_add_buffer(dst, src);
	assert_log("S:5>0");
	evbuffer_add(src, "more", 4);
	note_clear();
	evbuffer_add_buffer(dst, src);
	assert_log("S:4>0");
	evbuffer_setcb(src, NULL, NULL);
	evbuffer_setcb(dst, change_cb, "D");
	evbuffer_add(src, "more", 4);
	evbuffer_add_buffer(dst, src);
	assert_log("D:9>13");
	evbuffer_drain(dst, 13);
	evbuffer_add(src, "more", 4);
	note_clear();
	evbuffer_add_buffer(dst, src);
	assert_log("D:0>4");
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(move_of_an_empty_buffer_calls_nobody)
{
	struct evbuffer *dst = noting("", "D"), *src = noting("", "S");

	evbuffer_add_buffer(dst, src);
	assert_log("");
	evbuffer_add(dst, "abc", 3);
	note_clear();
	evbuffer_add_buffer(dst, src);
	assert_log("");
	evbuffer_free(dst);
	evbuffer_free(src);
}

TEST(move_of_a_buffer_to_itself_calls_nobody,
    DIFFERS(V14, "the content is doubled, then lost"))
{
	struct evbuffer *buf = noting("abc", "A");

	evbuffer_add_buffer(buf, buf);
	assert_log("");
	evbuffer_free(buf);
}

/*
 * Setting it
 */

TEST(setcb_does_not_call)
{
	struct evbuffer *buf = noting("abc", "A");

	assert_log("");
	evbuffer_setcb(buf, change_cb, "B");
	assert_log("");
	evbuffer_free(buf);
}

TEST(setcb_replaces_the_callback_and_its_argument)
{
	struct evbuffer *buf = noting("", "A");

	evbuffer_setcb(buf, change_cb, "B");
	evbuffer_add(buf, "abc", 3);
	assert_log("B:0>3");
	evbuffer_free(buf);
}

TEST(setcb_of_null_ends_the_calls)
{
	struct evbuffer *buf = noting("", "A");

	evbuffer_setcb(buf, NULL, NULL);
	evbuffer_add(buf, "abc", 3);
	evbuffer_drain(buf, 3);
	assert_log("");
	evbuffer_setcb(buf, change_cb, "A");
	evbuffer_add(buf, "abc", 3);
	assert_log("A:0>3");
	evbuffer_free(buf);
}

static void
replace_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	change_cb(buf, old, now, name);
	evbuffer_setcb(buf, change_cb, "B");
}

TEST(callback_may_be_replaced_inside_it)
{
	struct evbuffer *buf = noting("", "A");

	evbuffer_setcb(buf, replace_cb, "A");
	evbuffer_add(buf, "abc", 3);
	assert_log("A:0>3");
	evbuffer_drain(buf, 1);
	assert_log("B:3>2");
	evbuffer_free(buf);
}

static void
end_cb(struct evbuffer *buf, size_t old, size_t now, void *name)
{
	change_cb(buf, old, now, name);
	evbuffer_setcb(buf, NULL, NULL);
}

TEST(callback_may_be_removed_inside_it)
{
	struct evbuffer *buf = noting("", "A");

	evbuffer_setcb(buf, end_cb, "A");
	evbuffer_add(buf, "abc", 3);
	evbuffer_drain(buf, 1);
	evbuffer_add(buf, "abc", 3);
	assert_log("A:0>3");
	evbuffer_free(buf);
}
