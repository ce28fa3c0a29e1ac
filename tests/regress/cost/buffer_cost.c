/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an evbuffer costs: bytes that it keeps allocated, and bytes that it
 * copies.  Memory of the tests themselves does not count.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define BLOCK (256 * KB)
/*
 * What an empty buffer may keep, in bytes, its struct and malloc's rounding
 * included.
 */
#define KEPT (long)(16 * KB + 256)

/* --- ways to fill a buffer, and to empty it --- */

static void
add_at_once(struct evbuffer *buf, size_t len)
{
	add_text(buf, len);
}

static void
add_in_pieces(struct evbuffer *buf, size_t len)
{
	for (size_t piece = 1000; len > 0; len -= piece) {
		if (piece > len)
			piece = len;
		add_text(buf, piece);
	}
}

static void
read_all(struct evbuffer *buf, size_t len)
{
	int fd = text_file(0, len);

	while (evbuffer_read(buf, fd, -1) > 0)
		continue;
	close(fd);
}

static void
print(struct evbuffer *buf, size_t len)
{
	assert_int_equal(evbuffer_add_printf(buf, "%*d", (int)len, 1), len);
}

static void (*const fills[])(struct evbuffer *, size_t) = {add_at_once,
    add_in_pieces, read_all, print};

static void
drain_in_pieces(struct evbuffer *buf)
{
	while (EVBUFFER_LENGTH(buf) > 0)
		evbuffer_drain(buf, 1000);
}

static void
drain_at_once(struct evbuffer *buf)
{
	evbuffer_drain(buf, SIZE_MAX);
}

static void
take_out(struct evbuffer *buf)
{
	char piece[1000];

	while (evbuffer_remove(buf, piece, sizeof(piece)) > 0)
		continue;
}

static void
write_out(struct evbuffer *buf)
{
	int fd = open("/dev/null", O_WRONLY);

	while (evbuffer_write(buf, fd) > 0)
		continue;
	close(fd);
}

static void
read_line(struct evbuffer *buf)
{
	assert_int_equal(evbuffer_add(buf, "\n", 1), 0);
	free(evbuffer_readline(buf));
}

static void
move_to_another(struct evbuffer *buf)
{
	struct evbuffer *other = new_text(10);

	assert_int_equal(evbuffer_add_buffer(other, buf), 0);
	evbuffer_free(other);
}

static void
move_to_an_empty_one(struct evbuffer *buf)
{
	struct evbuffer *other = evbuffer_new();

	assert_int_equal(evbuffer_add_buffer(other, buf), 0);
	evbuffer_free(other);
}

/* It gets the block of the other, which was large once. */
static void
move_to_one_that_is_empty_again(struct evbuffer *buf)
{
	struct evbuffer *other = new_text(100 * KB);

	evbuffer_drain(other, 100 * KB);
	assert_int_equal(evbuffer_add_buffer(other, buf), 0);
	evbuffer_free(other);
}

static void (*const empties[])(struct evbuffer *) = {drain_in_pieces,
    drain_at_once, take_out, write_out, read_line, move_to_another,
    move_to_an_empty_one, move_to_one_that_is_empty_again};

#define N(array) (sizeof(array) / sizeof(*(array)))

/*
 * The bytes that a buffer keeps after it had len bytes and was emptied; the
 * thread's spare blocks do not count.
 */
static long
bytes_kept(size_t len, size_t fill, size_t empty)
{
	struct evbuffer *buf;
	long bytes;

	drop_spares();
	bytes = counts.bytes;
	buf = evbuffer_new();
	fills[fill](buf, len);
	assert_int_equal(EVBUFFER_LENGTH(buf), len);
	empties[empty](buf);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	drop_spares();
	bytes = counts.bytes - bytes;
	evbuffer_free(buf);
	return bytes;
}

TEST(large_buffer_that_is_empty_gives_its_memory_back)
{
	static const size_t sizes[] = {100, 10 * KB, 20 * KB, 50 * KB, 200 * KB,
	    MB, 3 * MB};

	for (size_t fill = 0; fill < N(fills); fill++)
		for (size_t empty = 0; empty < N(empties); empty++)
			for (size_t i = 0; i < N(sizes); i++)
				assert_in_range(bytes_kept(sizes[i], fill,
						    empty),
				    0, KEPT);
}

TEST(freed_buffer_leaves_nothing)
{
	long bytes;

	drop_spares();
	bytes = counts.bytes;
	for (size_t len = 0; len < 4 * MB; len = 3 * len + 1)
		evbuffer_free(new_text(len));
	drop_spares();
	assert_int_equal(counts.bytes, bytes);
}

TEST(thread_keeps_at_most_four_spare_blocks)
{
	struct evbuffer *buf[10];
	long bytes, held;

	drop_spares();
	bytes = counts.bytes;
	for (int i = 0; i < 10; i++)
		buf[i] = new_text(BLOCK - KB);
	for (int i = 0; i < 10; i++)
		evbuffer_drain(buf[i], BLOCK);
	held = counts.bytes - bytes;
	assert_in_range(held, 0, 4 * (long)(BLOCK + KB) + 10 * KEPT);
	for (int i = 0; i < 10; i++)
		evbuffer_free(buf[i]);
	drop_spares();
	assert_int_equal(counts.bytes, bytes);
}

/* --- reading allocates no room for bytes that do not arrive --- */

/*
 * The bytes that a buffer keeps after one evbuffer_read() where `there` bytes
 * can be read.
 */
static long
bytes_after_read(struct evbuffer *buf, size_t there, int howmuch)
{
	unsigned char text[BLOCK];
	long bytes;
	int fd[2];

	make_pair(fd);
	fill_text(text, there, EVBUFFER_LENGTH(buf));
	if (there > 0)
		assert_int_equal(write(fd[1], text, there), there);
	drop_spares();
	bytes = counts.bytes;
	assert_int_equal(evbuffer_read(buf, fd[0], howmuch),
	    there > 0 ? (int)there : -1);
	drop_spares();
	bytes = counts.bytes - bytes;
	assert_true(is_text(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), 0));
	close_pair(fd);
	return bytes;
}

TEST(ten_bytes_read_take_less_than_a_kilobyte)
{
	static const int howmuch[] = {-1, 10, 4096, 100000, BLOCK};

	for (size_t i = 0; i < N(howmuch); i++) {
		struct evbuffer *buf = evbuffer_new();

		assert_in_range(bytes_after_read(buf, 10, howmuch[i]), 0, KB);
		assert_in_range(buf->totallen, 10, KB);
		assert_in_range(bytes_after_read(buf, 10, howmuch[i]), 0, KB);
		assert_in_range(buf->totallen, 20, KB);
		evbuffer_free(buf);
	}
}

/* What malloc(3) maps from the system cannot be less than a page. */
TEST(ten_bytes_read_of_a_hundred_megabytes_take_a_page)
{
	struct evbuffer *buf = evbuffer_new();

	assert_in_range(bytes_after_read(buf, 10, 100 * MB), 0, 4 * KB);
	assert_in_range(buf->totallen, 10, KB);
	evbuffer_free(buf);
}

TEST(nothing_read_takes_no_memory)
{
	static const int howmuch[] = {-1, 1, 4096, 100000, 100 * MB};

	for (size_t i = 0; i < N(howmuch); i++) {
		struct evbuffer *buf = evbuffer_new();

		assert_int_equal(bytes_after_read(buf, 0, howmuch[i]), 0);
		assert_int_equal(buf->totallen, 0);
		evbuffer_free(buf);
	}
}

/* Whatever the buffer had before, its block has at most doubled twice. */
TEST(read_with_a_high_limit_leaves_no_room_for_it)
{
	static const int howmuch[] = {-1, MB, 100 * MB};
	static const size_t content[] = {1, 100, 10 * KB, 100 * KB, BLOCK,
	    300 * KB, MB};

	for (size_t i = 0; i < N(content); i++)
		for (size_t j = 0; j < N(howmuch); j++) {
			struct evbuffer *buf = new_text(content[i]);

			bytes_after_read(buf, 10, howmuch[j]);
			assert_in_range(buf->totallen, content[i] + 10,
			    4 * content[i] + BLOCK);
			bytes_after_read(buf, 0, howmuch[j]);
			assert_in_range(buf->totallen, content[i] + 10,
			    4 * content[i] + BLOCK);
			evbuffer_free(buf);
		}
}

/* --- copying --- */

TEST(content_that_grows_is_copied_less_than_three_times)
{
	static const size_t pieces[] = {1, 10, 100, 1000, 10000, 100000};
	unsigned char text[100000] = "";

	for (size_t i = 0; i < N(pieces); i++) {
		struct evbuffer *buf = evbuffer_new();
		struct counts c = counts;

		while (EVBUFFER_LENGTH(buf) < 2 * MB)
			evbuffer_add(buf, text, pieces[i]);
		c = counts_since(&c);
		assert_in_range(c.copied, 0, 4 * EVBUFFER_LENGTH(buf));
		evbuffer_free(buf);
	}
}

/*
 * A queue: as much is added as is removed.  At first the buffer's block is
 * nearly full.
 */
static void
queue(size_t content, size_t piece)
{
	struct evbuffer *buf = new_text(content + content / 50);
	unsigned char *text = calloc(1, piece);
	size_t total = 10 * content;
	struct counts c;

	evbuffer_drain(buf, content / 50);
	c = counts;
	for (size_t n = 0; n < total; n += piece) {
		evbuffer_add(buf, text, piece);
		evbuffer_drain(buf, piece);
	}
	c = counts_since(&c);
	assert_in_range(c.copied, 0, 3 * (total + content));
	assert_in_range(c.allocs, 0, 4);
	assert_in_range(buf->totallen, content, 4 * content + BLOCK);
	assert_int_equal(EVBUFFER_LENGTH(buf), content);
	free(text);
	evbuffer_free(buf);
}

TEST(queue_copies_each_byte_at_most_twice_more)
{
	static const size_t contents[] = {100, KB, 10 * KB, 60 * KB, 100 * KB,
	    BLOCK, 300 * KB, MB};

	for (size_t i = 0; i < N(contents); i++) {
		queue(contents[i], contents[i] / 100);
		queue(contents[i], contents[i] / 3);
		queue(contents[i], contents[i] / 2 + 1);
		queue(contents[i], contents[i]);
	}
}

TEST(drain_copies_nothing)
{
	struct evbuffer *buf = new_text(MB);
	struct counts c = counts;

	drain_in_pieces(buf);
	c = counts_since(&c);
	assert_int_equal(c.copied, 0);
	assert_int_equal(c.allocs, 0);
	evbuffer_free(buf);
}

TEST(moving_into_an_empty_buffer_copies_nothing)
{
	for (size_t len = 1; len < 2 * MB; len = 3 * len) {
		struct evbuffer *from = new_text(len), *to = evbuffer_new();
		unsigned char *content = EVBUFFER_DATA(from);
		struct counts c = counts;

		assert_int_equal(evbuffer_add_buffer(to, from), 0);
		c = counts_since(&c);
		assert_int_equal(c.copied, 0);
		assert_int_equal(c.allocs, 0);
		assert_ptr_equal(EVBUFFER_DATA(to), content);
		evbuffer_free(from);
		evbuffer_free(to);
	}
}

/* Each read may have to move what was there before to a larger block. */
TEST(content_that_is_read_is_copied_less_than_three_times)
{
	static const size_t sizes[] = {10, KB, 10 * KB, 100 * KB, BLOCK,
	    300 * KB, MB, 3 * MB};

	for (size_t i = 0; i < N(sizes); i++) {
		struct evbuffer *buf = evbuffer_new();
		int fd = text_file(0, sizes[i]);
		struct counts c = counts;

		while (evbuffer_read(buf, fd, -1) > 0)
			continue;
		c = counts_since(&c);
		assert_int_equal(EVBUFFER_LENGTH(buf), sizes[i]);
		assert_in_range(c.copied, 0, 3 * sizes[i]);
		close(fd);
		evbuffer_free(buf);
	}
}
