/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The byte after the content.  Programs write a NUL there to have a string.  In
 * 1.4 that byte nearly always is in the buffer's block, as blocks grow to
 * powers of two; here it always is.  Where it is not, malloc(3)'s checks, ASan
 * and valgrind see the write.
 */
#include "test.h"
#include "buffers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t sizes[] = {1, 7, 8, 24, 100, 255, 256, 257, 1000, 1024,
    4096, 16384, 65535, 65536, 100000, 262143, 262144, 262145, 1048576};

#define NSIZES (sizeof sizes / sizeof sizes[0])

static void
end_with_nul(struct evbuffer *buf)
{
	EVBUFFER_DATA(buf)[EVBUFFER_LENGTH(buf)] = '\0';
}

TEST(added_content_has_a_byte_after_it)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct evbuffer *buf = evbuffer_new();

		add_text(buf, sizes[i]);
		end_with_nul(buf);
		add_text(buf, sizes[i]);
		end_with_nul(buf);
		evbuffer_drain(buf, sizes[i] / 2);
		add_text(buf, sizes[i]);
		end_with_nul(buf);
		evbuffer_free(buf);
	}
}

TEST(expanded_buffer_has_a_byte_after_its_room)
{
	for (size_t i = 0; i < NSIZES; i++) {
		struct evbuffer *buf = evbuffer_new();

		assert_int_equal(evbuffer_expand(buf, sizes[i]), 0);
		memset(EVBUFFER_DATA(buf), 'x', sizes[i]);
		EVBUFFER_LENGTH(buf) = sizes[i];
		end_with_nul(buf);
		evbuffer_free(buf);
	}
}

/*
 * Reads as much as howmuch says, or as much as there is; into an empty buffer,
 * and after content.
 */
TEST(read_content_has_a_byte_after_it)
{
	for (size_t i = 0; i < NSIZES; i++) {
		for (int named = 0; named < 2; named++) {
			struct evbuffer *buf = evbuffer_new();
			int fd = text_file(0, 2 * sizes[i]);

			while (evbuffer_read(buf, fd,
				   named ? (int)sizes[i] : -1) > 0)
				end_with_nul(buf);
			assert_int_equal(EVBUFFER_LENGTH(buf), 2 * sizes[i]);
			close(fd);
			evbuffer_free(buf);
		}
	}
}

/* Much may be read, but little arrives: the block is cut to what did. */
TEST(cut_block_has_a_byte_after_it)
{
	struct evbuffer *buf = evbuffer_new();
	int fd = text_file(0, 100);

	assert_int_equal(evbuffer_read(buf, fd, 100 * (int)MB), 100);
	end_with_nul(buf);
	close(fd);
	evbuffer_free(buf);
}

/*
 * A block that the program has allocated need not have that byte, so the
 * library must not use it for another buffer.
 */
TEST(block_of_the_programs_own_is_not_given_to_another_buffer)
{
	const size_t size = 256 * KB; /* as a spare block has */
	struct evbuffer *own = evbuffer_new(), *buf = evbuffer_new();

	own->buffer = own->orig_buffer = malloc(size);
	assert_non_null(own->buffer);
	own->totallen = size;
	evbuffer_free(own);
	add_text(buf, size);
	end_with_nul(buf);
	evbuffer_free(buf);
}
