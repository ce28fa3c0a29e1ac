/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_add_buffer(): all of one buffer moves to the end of another.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void
free_both(struct evbuffer *one, struct evbuffer *other)
{
	evbuffer_free(one);
	evbuffer_free(other);
}

/*
 * To the end of content
 */

TEST(move_appends_and_empties_the_source)
{
	struct evbuffer *dst = filled("head, "), *src = filled("tail");

	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_content(dst, "head, tail");
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	free_both(dst, src);
}

TEST(move_takes_only_what_was_not_drained)
{
	struct evbuffer *dst = filled("head, "), *src = filled("gone tail");

	evbuffer_drain(src, 5);
	evbuffer_drain(dst, 1);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_content(dst, "ead, tail");
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	free_both(dst, src);
}

TEST(move_of_an_empty_buffer_changes_nothing)
{
	struct evbuffer *dst = filled("head"), *src = evbuffer_new();
	unsigned char *data = EVBUFFER_DATA(dst);

	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	evbuffer_add(src, "gone", 4);
	evbuffer_drain(src, 4);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_content(dst, "head");
	assert_ptr_equal(EVBUFFER_DATA(dst), data);
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	free_both(dst, src);
}

TEST(move_of_an_empty_buffer_to_an_empty_one_changes_nothing)
{
	struct evbuffer *dst = evbuffer_new(), *src = evbuffer_new();

	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_int_equal(EVBUFFER_LENGTH(dst), 0);
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	evbuffer_add(src, "src", 3);
	evbuffer_add(dst, "dst", 3);
	assert_content(src, "src");
	assert_content(dst, "dst");
	free_both(dst, src);
}

TEST(move_takes_megabytes)
{
	struct evbuffer *dst = filled("<"), *src = evbuffer_new();
	size_t n = (size_t)4 << 20;
	char *text = malloc(n);

	memset(text, 'm', n);
	evbuffer_add(src, text, n);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_int_equal(EVBUFFER_LENGTH(dst), n + 1);
	assert_int_equal(EVBUFFER_DATA(dst)[0], '<');
	assert_memory_equal(EVBUFFER_DATA(dst) + 1, text, n);
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	free(text);
	free_both(dst, src);
}

TEST(moves_from_many_buffers_come_in_order)
{
	struct evbuffer *dst = evbuffer_new();

	for (int i = 1000; i < 2000; i++) {
		struct evbuffer *src = evbuffer_new();

		evbuffer_add_printf(src, "%d", i);
		assert_int_equal(evbuffer_add_buffer(dst, src), 0);
		evbuffer_free(src);
	}
	assert_int_equal(EVBUFFER_LENGTH(dst), 4000);
	for (int i = 1000; i < 2000; i++) {
		char text[5] = "";

		assert_int_equal(evbuffer_remove(dst, text, 4), 4);
		assert_int_equal(atoi(text), i);
	}
	evbuffer_free(dst);
}

/*
 * Into an empty buffer, where the memory changes hands
 */

TEST(move_into_an_empty_buffer_copies_nothing)
{
	struct evbuffer *dst = evbuffer_new(), *src = filled("content");
	unsigned char *data = EVBUFFER_DATA(src);

	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_ptr_equal(EVBUFFER_DATA(dst), data);
	assert_content(dst, "content");
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	assert_null(EVBUFFER_DATA(src));
	free_both(dst, src);
}

TEST(move_of_a_drained_buffer_copies_nothing)
{
	struct evbuffer *dst = evbuffer_new(), *src = filled("gone, content");
	unsigned char *data = EVBUFFER_DATA(src);

	evbuffer_drain(src, 6);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_ptr_equal(EVBUFFER_DATA(dst), data + 6);
	assert_content(dst, "content");
	free_both(dst, src);
}

TEST(move_into_an_empty_buffer_swaps_the_memory,
    DIFFERS(V21, "only the source's memory moves"))
{
	struct evbuffer *dst = filled("gone"), *src = filled("content");
	unsigned char *its = EVBUFFER_DATA(src), *mine = EVBUFFER_DATA(dst);

	evbuffer_drain(dst, 4);
	assert_int_equal(evbuffer_add_buffer(dst, src), 0);
	assert_ptr_equal(EVBUFFER_DATA(dst), its);
	assert_ptr_equal(EVBUFFER_DATA(src), mine);
	assert_int_equal(EVBUFFER_LENGTH(src), 0);
	evbuffer_add(src, "next", 4);
	assert_ptr_equal(EVBUFFER_DATA(src), mine);
	assert_content(src, "next");
	assert_content(dst, "content");
	free_both(dst, src);
}

TEST(moved_content_outlives_its_source)
{
	struct evbuffer *dst = evbuffer_new(), *src = filled("content");

	evbuffer_add_buffer(dst, src);
	evbuffer_free(src);
	evbuffer_add(dst, "!", 1);
	assert_content(dst, "content!");
	evbuffer_free(dst);
}

TEST(source_of_a_move_is_used_again)
{
	struct evbuffer *dst = evbuffer_new(), *src = filled("one");

	evbuffer_add_buffer(dst, src);
	evbuffer_add(src, "two", 3);
	assert_content(dst, "one");
	assert_content(src, "two");
	evbuffer_add_buffer(dst, src);
	assert_content(dst, "onetwo");
	evbuffer_add(src, "three", 5);
	evbuffer_drain(dst, 100);
	assert_content(src, "three");
	free_both(dst, src);
}

TEST(moves_back_and_forth_lose_nothing)
{
	struct evbuffer *one = filled("a"), *other = evbuffer_new();

	for (int i = 0; i < 500; i++) {
		assert_int_equal(evbuffer_add_buffer(other, one), 0);
		evbuffer_add(one, "b", 1);
		assert_int_equal(evbuffer_add_buffer(one, other), 0);
		evbuffer_drain(one, i % 2);
	}
	assert_int_equal(EVBUFFER_LENGTH(one), 1 + 500 - 250);
	assert_int_equal(EVBUFFER_LENGTH(other), 0);
	free_both(one, other);
}

/*
 * To itself
 */

TEST(move_of_a_buffer_to_itself_changes_nothing,
    DIFFERS(V14, "the content is lost"))
{
	struct evbuffer *buf = filled("content");
	unsigned char *data = EVBUFFER_DATA(buf);

	assert_int_equal(evbuffer_add_buffer(buf, buf), 0);
	assert_content(buf, "content");
	assert_ptr_equal(EVBUFFER_DATA(buf), data);
	evbuffer_free(buf);
}

TEST(move_of_a_large_buffer_to_itself_changes_nothing,
    DIFFERS(V14, "the content is lost"))
{
	struct evbuffer *buf = evbuffer_new();

	for (int i = 0; i < 25000; i++)
		evbuffer_add(buf, "abcd", 4);
	evbuffer_drain(buf, 1);
	assert_int_equal(evbuffer_add_buffer(buf, buf), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 99999);
	assert_memory_equal(EVBUFFER_DATA(buf) + 99992, "bcdabcd", 7);
	evbuffer_free(buf);
}

TEST(move_of_an_empty_buffer_to_itself_changes_nothing)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add_buffer(buf, buf), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_add(buf, "abc", 3);
	evbuffer_drain(buf, 3);
	assert_int_equal(evbuffer_add_buffer(buf, buf), 0);
	evbuffer_add(buf, "abc", 3);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}
