/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer: bytes that are added at the end and taken from the start, and where
 * they lie.
 */
#include "buffer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* What the byte at that place of a long text is. */
static unsigned char
byte_at(size_t i)
{
	return (unsigned char)(i * 7 + i / 251);
}

/* Adds n bytes of the long text, from the given place on, one at a time. */
static void
add_bytes(struct evbuffer *buf, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		unsigned char c = byte_at(i);

		assert_int_equal(evbuffer_add(buf, &c, 1), 0);
	}
}

/* The content is the long text between two places. */
static void
check_bytes(struct evbuffer *buf, size_t from, size_t to)
{
	const unsigned char *data = EVBUFFER_DATA(buf);

	assert_int_equal(EVBUFFER_LENGTH(buf), to - from);
	for (size_t i = from; i < to; i++)
		if (data[i - from] != byte_at(i))
			fail_msg("byte %zu is wrong", i);
}

TEST(new_buffer_is_empty)
{
	struct evbuffer *buf = evbuffer_new();

	assert_non_null(buf);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_null(EVBUFFER_DATA(buf));
	evbuffer_free(buf);
}

TEST(buffer_is_freed_with_its_content)
{
	struct evbuffer *buf = filled("some");

	add_bytes(buf, 0, 5000);
	evbuffer_drain(buf, 10);
	evbuffer_free(buf);
}

/*
 * evbuffer_add()
 */

TEST(add_appends)
{
	struct evbuffer *buf = filled("one");

	assert_int_equal(evbuffer_add(buf, ", two", 5), 0);
	assert_content(buf, "one, two");
	evbuffer_free(buf);
}

TEST(add_copies)
{
	struct evbuffer *buf = evbuffer_new();
	char text[] = "mine";

	evbuffer_add(buf, text, 4);
	memset(text, '-', 4);
	assert_content(buf, "mine");
	evbuffer_free(buf);
}

TEST(add_takes_any_bytes)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	assert_int_equal(evbuffer_add(buf, all, sizeof all), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 256);
	assert_memory_equal(EVBUFFER_DATA(buf), all, 256);
	evbuffer_free(buf);
}

TEST(add_of_nothing_changes_nothing)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_add(buf, "x", 0), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_add(buf, "abc", 3);
	assert_int_equal(evbuffer_add(buf, "x", 0), 0);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(bytes_added_one_at_a_time_keep_their_order)
{
	struct evbuffer *buf = evbuffer_new();

	add_bytes(buf, 0, 200000);
	check_bytes(buf, 0, 200000);
	evbuffer_free(buf);
}

TEST(add_takes_megabytes)
{
	struct evbuffer *buf = filled("<");
	size_t n = (size_t)8 << 20;
	char *text = malloc(n);

	memset(text, 'm', n);
	assert_int_equal(evbuffer_add(buf, text, n), 0);
	assert_int_equal(evbuffer_add(buf, ">", 1), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), n + 2);
	assert_int_equal(EVBUFFER_DATA(buf)[0], '<');
	assert_memory_equal(EVBUFFER_DATA(buf) + 1, text, n);
	assert_int_equal(EVBUFFER_DATA(buf)[n + 1], '>');
	free(text);
	evbuffer_free(buf);
}

TEST(content_is_aligned_as_memory_from_malloc_is)
{
	struct evbuffer *buf = filled("a record");

	assert_int_equal((uintptr_t)EVBUFFER_DATA(buf) % _Alignof(max_align_t),
	    0);
	evbuffer_free(buf);
}

/*
 * evbuffer_drain()
 */

TEST(drain_drops_the_front)
{
	struct evbuffer *buf = filled("abcdef");

	evbuffer_drain(buf, 2);
	assert_content(buf, "cdef");
	evbuffer_drain(buf, 1);
	assert_content(buf, "def");
	evbuffer_free(buf);
}

TEST(drain_does_not_move_the_rest)
{
	struct evbuffer *buf = filled("abcdef");
	unsigned char *data = EVBUFFER_DATA(buf);

	evbuffer_drain(buf, 2);
	assert_ptr_equal(EVBUFFER_DATA(buf), data + 2);
	evbuffer_drain(buf, 3);
	assert_ptr_equal(EVBUFFER_DATA(buf), data + 5);
	evbuffer_free(buf);
}

TEST(drain_of_nothing_changes_nothing)
{
	struct evbuffer *buf = filled("abc");

	evbuffer_drain(buf, 0);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(drain_of_everything_empties_the_buffer)
{
	struct evbuffer *buf = filled("abc");

	evbuffer_drain(buf, 3);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(drain_beyond_the_end_empties_the_buffer)
{
	struct evbuffer *buf = filled("abc");

	evbuffer_drain(buf, 4);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_add(buf, "defg", 4);
	evbuffer_drain(buf, 1000);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(drain_of_an_empty_buffer_does_nothing)
{
	struct evbuffer *buf = evbuffer_new();

	evbuffer_drain(buf, 0);
	evbuffer_drain(buf, 7);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_add(buf, "abc", 3);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(drained_buffer_is_filled_again)
{
	struct evbuffer *buf = filled("first");

	evbuffer_drain(buf, 5);
	evbuffer_add(buf, "second", 6);
	assert_content(buf, "second");
	evbuffer_drain(buf, 3);
	evbuffer_add(buf, "!", 1);
	assert_content(buf, "ond!");
	evbuffer_free(buf);
}

TEST(buffer_that_was_large_is_filled_again)
{
	struct evbuffer *buf = evbuffer_new();

	add_bytes(buf, 0, 300000);
	evbuffer_drain(buf, 300000);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	add_bytes(buf, 5, 100000);
	check_bytes(buf, 5, 100005);
	evbuffer_drain(buf, 99999);
	add_bytes(buf, 100005, 10);
	check_bytes(buf, 100004, 100015);
	evbuffer_free(buf);
}

/*
 * evbuffer_remove()
 */

TEST(remove_takes_the_front)
{
	struct evbuffer *buf = filled("abcdef");
	char to[4] = "----";

	assert_int_equal(evbuffer_remove(buf, to, 2), 2);
	assert_memory_equal(to, "ab--", 4);
	assert_content(buf, "cdef");
	evbuffer_free(buf);
}

TEST(remove_of_everything_empties_the_buffer)
{
	struct evbuffer *buf = filled("abc");
	char to[3];

	assert_int_equal(evbuffer_remove(buf, to, 3), 3);
	assert_memory_equal(to, "abc", 3);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(remove_of_more_takes_what_there_is)
{
	struct evbuffer *buf = filled("abc");
	char to[8] = "--------";

	assert_int_equal(evbuffer_remove(buf, to, sizeof to), 3);
	assert_memory_equal(to, "abc-----", 8);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(remove_of_nothing_takes_nothing)
{
	struct evbuffer *buf = filled("abc");
	char to[1] = "-";

	assert_int_equal(evbuffer_remove(buf, to, 0), 0);
	assert_int_equal(to[0], '-');
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(remove_from_an_empty_buffer_takes_nothing)
{
	struct evbuffer *buf = evbuffer_new();
	char to[1] = "-";

	assert_int_equal(evbuffer_remove(buf, to, 1), 0);
	assert_int_equal(to[0], '-');
	evbuffer_free(buf);
}

TEST(remove_takes_nul_bytes)
{
	struct evbuffer *buf = evbuffer_new();
	char to[4];

	evbuffer_add(buf, "a\0\0b\0", 5);
	assert_int_equal(evbuffer_remove(buf, to, 4), 4);
	assert_memory_equal(to, "a\0\0b", 4);
	assert_content(buf, "\0");
	evbuffer_free(buf);
}

TEST(remove_in_pieces_gets_everything_in_order)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned char to[1000];
	size_t at = 0;
	int n;

	add_bytes(buf, 0, 100000);
	while ((n = evbuffer_remove(buf, to, at % 999 + 1)) > 0)
		for (int i = 0; i < n; i++)
			assert_int_equal(to[i], byte_at(at++));
	assert_int_equal(at, 100000);
	evbuffer_free(buf);
}

/*
 * The block
 */

TEST(content_is_one_block_whatever_was_called)
{
	struct evbuffer *buf = evbuffer_new();
	size_t from = 0, to = 0;
	unsigned seed = 1;

	for (int i = 0; i < 3000; i++) {
		size_t n;

		seed = seed * 1103515245 + 12345;
		n = seed >> 16 & 511;
		if (seed >> 28 & 1) {
			add_bytes(buf, to, n);
			to += n;
		} else {
			evbuffer_drain(buf, n);
			from = n < to - from ? from + n : to;
		}
		check_bytes(buf, from, to);
	}
	evbuffer_free(buf);
}

TEST(queue_that_never_gets_empty_keeps_its_content)
{
	struct evbuffer *buf = evbuffer_new();

	add_bytes(buf, 0, 100);
	for (size_t i = 0; i < 3000; i++) {
		add_bytes(buf, 100 + i * 37, 37);
		evbuffer_drain(buf, 37);
	}
	check_bytes(buf, 3000 * 37, 3000 * 37 + 100);
	evbuffer_free(buf);
}

TEST(looking_does_not_move_the_content)
{
	struct evbuffer *buf = filled("some text");
	unsigned char *data = EVBUFFER_DATA(buf);

	evbuffer_find(buf, (const unsigned char *)"text", 4);
	assert_null(evbuffer_readline(buf));
	assert_null(evbuffer_readln(buf, NULL, EVBUFFER_EOL_LF));
	evbuffer_drain(buf, 0);
	evbuffer_add(buf, "", 0);
	assert_ptr_equal(EVBUFFER_DATA(buf), data);
	assert_content(buf, "some text");
	evbuffer_free(buf);
}

/*
 * evbuffer_expand()
 */

/* Room for n more bytes, and then these: the content must not move. */
static void
check_room(struct evbuffer *buf, size_t n)
{
	size_t before = EVBUFFER_LENGTH(buf);
	unsigned char *data;

	assert_int_equal(evbuffer_expand(buf, n), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), before);
	data = EVBUFFER_DATA(buf);
	for (size_t i = 0; i < n; i++)
		evbuffer_add(buf, "r", 1);
	assert_int_equal(EVBUFFER_LENGTH(buf), before + n);
	if (before > 0)
		assert_ptr_equal(EVBUFFER_DATA(buf), data);
	for (size_t i = before; i < before + n; i++)
		assert_int_equal(EVBUFFER_DATA(buf)[i], 'r');
}

TEST(expand_makes_room_in_an_empty_buffer)
{
	struct evbuffer *buf = evbuffer_new();

	check_room(buf, 100000);
	evbuffer_free(buf);
}

TEST(expand_makes_room_after_the_content)
{
	static const size_t rooms[] = {1, 200, 256, 257, 1000, 4096, 100000};

	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		struct evbuffer *buf = filled("content");

		check_room(buf, rooms[i]);
		assert_memory_equal(EVBUFFER_DATA(buf), "content", 7);
		evbuffer_free(buf);
	}
}

TEST(expand_makes_room_after_a_drain, DIFFERS(V21, "the content moves"))
{
	struct evbuffer *buf = evbuffer_new();

	for (size_t drained = 1; drained < 1000; drained += 83) {
		evbuffer_drain(buf, EVBUFFER_LENGTH(buf));
		add_bytes(buf, 0, 1000);
		evbuffer_drain(buf, drained);
		check_room(buf, 1500);
		evbuffer_drain(buf, 999 - drained);
		assert_int_equal(EVBUFFER_DATA(buf)[0], byte_at(999));
	}
	evbuffer_free(buf);
}

TEST(expand_leaves_the_content)
{
	struct evbuffer *buf = filled("abcdef");

	evbuffer_drain(buf, 1);
	assert_int_equal(evbuffer_expand(buf, 0), 0);
	assert_content(buf, "bcdef");
	assert_int_equal(evbuffer_expand(buf, 100000), 0);
	assert_content(buf, "bcdef");
	assert_int_equal(evbuffer_expand(buf, 1), 0);
	assert_content(buf, "bcdef");
	evbuffer_free(buf);
}

TEST(expand_to_less_than_before_keeps_the_room)
{
	struct evbuffer *buf = filled("abc");
	unsigned char *data;

	evbuffer_expand(buf, 5000);
	data = EVBUFFER_DATA(buf);
	evbuffer_expand(buf, 10);
	for (int i = 0; i < 5000; i++)
		evbuffer_add(buf, "x", 1);
	assert_ptr_equal(EVBUFFER_DATA(buf), data);
	evbuffer_free(buf);
}

TEST(own_content_is_added_where_there_is_room)
{
	struct evbuffer *buf = filled("ab-");

	evbuffer_expand(buf, 100);
	assert_int_equal(evbuffer_add(buf, EVBUFFER_DATA(buf), 3), 0);
	assert_content(buf, "ab-ab-");
	assert_int_equal(evbuffer_add(buf, EVBUFFER_DATA(buf) + 1, 5), 0);
	assert_content(buf, "ab-ab-b-ab-");
	evbuffer_free(buf);
}
