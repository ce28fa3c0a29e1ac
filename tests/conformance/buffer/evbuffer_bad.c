/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What callers of evbuffer get wrong: impossible lengths, nothing at all,
 * styles that do not exist.  An error, and the buffer is as it was.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void
fail_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	(void)buf;
	(void)arg;
	fail_msg("called with %zu, %zu", old, now);
}

/*
 * Lengths near SIZE_MAX: some that are too long by themselves, and some where
 * the sum with what is there begins at 0 again.
 */
static const size_t lengths[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 2,
    SIZE_MAX - 3, SIZE_MAX - 4, SIZE_MAX - 5, SIZE_MAX - 9, SIZE_MAX - 10,
    SIZE_MAX - 11, SIZE_MAX - 63, SIZE_MAX - 64, SIZE_MAX - 255, SIZE_MAX - 256,
    SIZE_MAX - 4096, SIZE_MAX / 2 + 5, SIZE_MAX / 2 + 1};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

TEST(add_of_impossible_lengths_to_an_empty_buffer_fails)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_setcb(buf, fail_cb, NULL);
	for (size_t i = 0; i < LENGTHS; i++)
		assert_int_equal(evbuffer_add(buf, "x", lengths[i]), -1);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_setcb(buf, NULL, NULL);
	evbuffer_add(buf, "abc", 3);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(add_of_impossible_lengths_to_content_fails)
{
	struct evbuffer *buf = filled("kept");

	evbuffer_setcb(buf, fail_cb, NULL);
	for (size_t i = 0; i < LENGTHS; i++)
		assert_int_equal(evbuffer_add(buf, "x", lengths[i]), -1);
	assert_content(buf, "kept");
	evbuffer_setcb(buf, NULL, NULL);
	evbuffer_add(buf, "!", 1);
	assert_content(buf, "kept!");
	evbuffer_free(buf);
}

TEST(add_of_impossible_lengths_after_a_drain_fails)
{
	struct evbuffer *buf = filled("gone, kept");

	evbuffer_drain(buf, 6);
	for (size_t i = 0; i < LENGTHS; i++)
		assert_int_equal(evbuffer_add(buf, "x", lengths[i]), -1);
	assert_content(buf, "kept");
	evbuffer_drain(buf, 1);
	evbuffer_add(buf, "!", 1);
	assert_content(buf, "ept!");
	evbuffer_free(buf);
}

TEST(expand_by_impossible_lengths_fails)
{
	struct evbuffer *empty = evbuffer_new(), *buf = filled("gone, kept");

	evbuffer_drain(buf, 6);
	for (size_t i = 0; i < LENGTHS; i++) {
		assert_int_equal(evbuffer_expand(empty, lengths[i]), -1);
		assert_int_equal(evbuffer_expand(buf, lengths[i]), -1);
	}
	assert_int_equal(EVBUFFER_LENGTH(empty), 0);
	assert_content(buf, "kept");
	assert_int_equal(evbuffer_expand(empty, 100), 0);
	assert_int_equal(evbuffer_expand(buf, 100), 0);
	assert_content(buf, "kept");
	evbuffer_free(empty);
	evbuffer_free(buf);
}

TEST(failed_addition_between_failed_lines_loses_no_line)
{
	struct evbuffer *buf = filled("gone, a line");
	char *line;

	evbuffer_drain(buf, 6);
	for (size_t i = 0; i < LENGTHS; i++) {
		assert_null(evbuffer_readline(buf));
		assert_int_equal(evbuffer_add(buf, "x", lengths[i]), -1);
	}
	assert_null(evbuffer_readln(buf, NULL, EVBUFFER_EOL_CRLF_STRICT));
	assert_int_equal(evbuffer_add(buf, "x", SIZE_MAX), -1);
	evbuffer_add(buf, "\r\n", 2);
	line = evbuffer_readln(buf, NULL, EVBUFFER_EOL_CRLF_STRICT);
	assert_string_equal(line, "a line");
	free(line);
	evbuffer_free(buf);
}

TEST(drain_of_impossible_lengths_empties_the_buffer)
{
	for (size_t i = 0; i < LENGTHS; i++) {
		struct evbuffer *buf = filled("0123456789");

		evbuffer_drain(buf, 3);
		evbuffer_drain(buf, lengths[i]);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		evbuffer_drain(buf, lengths[i]);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		evbuffer_add(buf, "abc", 3);
		assert_content(buf, "abc");
		evbuffer_free(buf);
	}
}

TEST(remove_of_impossible_lengths_takes_what_there_is)
{
	for (size_t i = 0; i < LENGTHS; i++) {
		struct evbuffer *buf = filled("gone, kept");
		char to[8] = "--------";

		evbuffer_drain(buf, 6);
		assert_int_equal(evbuffer_remove(buf, to, lengths[i]), 4);
		assert_memory_equal(to, "kept----", 8);
		assert_int_equal(evbuffer_remove(buf, to, lengths[i]), 0);
		evbuffer_free(buf);
	}
}

TEST(find_of_impossible_lengths_finds_nothing, DIFFERS(V21, "finds something"))
{
	struct evbuffer *buf = filled("abcabc");

	for (size_t i = 0; i < LENGTHS; i++) {
		const unsigned char *what = (const unsigned char *)"abc";

		assert_null(evbuffer_find(buf, what, lengths[i]));
	}
	assert_content(buf, "abcabc");
	evbuffer_free(buf);
}

/*
 * Nothing
 */

/* Searching for no bytes may return NULL or the start of the content. */
static void
check_find_of_nothing(struct evbuffer *buf, const char *what)
{
	unsigned char *data = EVBUFFER_DATA(buf);
	unsigned char *at = evbuffer_find(buf, (const unsigned char *)what, 0);

	if (at != NULL)
		assert_ptr_equal(at, data);
}

TEST(find_of_nothing_is_safe)
{
	struct evbuffer *buf = evbuffer_new();

	check_find_of_nothing(buf, "abc");
	check_find_of_nothing(buf, "");
	evbuffer_add(buf, "abc", 3);
	check_find_of_nothing(buf, "abc");
	check_find_of_nothing(buf, "");
	evbuffer_drain(buf, 3);
	check_find_of_nothing(buf, "abc");
	evbuffer_free(buf);
}

TEST(find_of_nothing_at_null_is_safe, DIFFERS(V14, "crashes"))
{
	struct evbuffer *buf = filled("abc");

	check_find_of_nothing(buf, NULL);
	evbuffer_drain(buf, 3);
	check_find_of_nothing(buf, NULL);
	evbuffer_free(buf);
}

TEST(add_and_remove_of_nothing_take_null)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add(buf, NULL, 0), 0);
	assert_int_equal(evbuffer_remove(buf, NULL, 0), 0);
	assert_int_equal(evbuffer_remove(buf, NULL, 10), 0);
	evbuffer_add(buf, "abc", 3);
	assert_int_equal(evbuffer_add(buf, NULL, 0), 0);
	assert_int_equal(evbuffer_remove(buf, NULL, 0), 0);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(every_function_takes_a_buffer_that_never_had_content,
    DIFFERS(V21, "the write is -1"))
{
	struct evbuffer *buf = evbuffer_new(), *other = evbuffer_new();
	int fd[2];
	char to[1];

	make_pair(fd);
	evbuffer_drain(buf, 1);
	assert_int_equal(evbuffer_remove(buf, to, 1), 0);
	assert_int_equal(evbuffer_add(buf, "", 0), 0);
	assert_int_equal(evbuffer_expand(buf, 0), 0);
	assert_int_equal(evbuffer_add_buffer(buf, other), 0);
	assert_null(evbuffer_readline(buf));
	assert_null(evbuffer_readln(buf, NULL, EVBUFFER_EOL_ANY));
	assert_null(evbuffer_find(buf, (const unsigned char *)"x", 1));
	assert_int_equal(evbuffer_read(buf, fd[0], 0), 0);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), -1);
	assert_int_equal(evbuffer_write(buf, fd[0]), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	close_pair(fd);
	evbuffer_free(buf);
	evbuffer_free(other);
}

TEST(setcb_of_null_with_an_argument_calls_nothing)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_setcb(buf, NULL, buf);
	evbuffer_add(buf, "abc", 3);
	evbuffer_drain(buf, 1);
	assert_content(buf, "bc");
	evbuffer_free(buf);
}

/*
 * Styles that do not exist
 */

TEST(readln_in_an_unknown_style_is_null)
{
	static const int styles[] = {-1, 4, 5, 77, INT32_MAX, INT32_MIN};

	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		enum evbuffer_eol_style style =
		    (enum evbuffer_eol_style)styles[i];
		struct evbuffer *buf = filled("a\r\nb\n");
		size_t len = 77;

		assert_null(evbuffer_readln(buf, &len, style));
		assert_int_equal(len, 0);
		assert_null(evbuffer_readln(buf, NULL, style));
		assert_content(buf, "a\r\nb\n");
		evbuffer_free(buf);
	}
}
