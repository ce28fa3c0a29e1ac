/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data without memory: a record must be written whole or not at all, as
 * its reader could not see that it is cut.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))
#define TAG 1000000
#define STRING_LENGTH 20000

/* 1.4 exports these functions and declares them in no header. */
int evtag_encode_tag(struct evbuffer *buf, ev_uint32_t tag);
int evtag_decode_tag(ev_uint32_t *tag, struct evbuffer *buf);
int evtag_decode_int(ev_uint32_t *number, struct evbuffer *buf);

static char string[STRING_LENGTH + 1];

static void
count_change_cb(struct evbuffer *buf, size_t old, size_t now, void *arg)
{
	(void)buf;
	*(long *)arg += (long)now - (long)old;
}

/* --- writing --- */

static void
put_int(struct evbuffer *buf)
{
	encode_int(buf, 4000000000);
}

static void
put_tag(struct evbuffer *buf)
{
	evtag_encode_tag(buf, TAG);
}

static void
marshal(struct evbuffer *buf)
{
	evtag_marshal(buf, TAG, string, STRING_LENGTH);
}

static void
marshal_own_bytes(struct evbuffer *buf)
{
	evtag_marshal(buf, TAG, EVBUFFER_DATA(buf),
	    (ev_uint32_t)EVBUFFER_LENGTH(buf));
}

static void
marshal_int(struct evbuffer *buf)
{
	evtag_marshal_int(buf, TAG, 4000000000);
}

static void
marshal_string(struct evbuffer *buf)
{
	evtag_marshal_string(buf, TAG, string);
}

static void
marshal_timeval(struct evbuffer *buf)
{
	struct timeval tv = {1000000000, 999999};

	evtag_marshal_timeval(buf, TAG, &tv);
}

static void (*const writers[])(struct evbuffer *) = {put_int, put_tag, marshal,
    marshal_own_bytes, marshal_int, marshal_string, marshal_timeval};

/* A buffer with text and with `room` bytes of free space at its end. */
static struct evbuffer *
new_with_room(size_t room)
{
	struct evbuffer *buf = new_text(100);

	assert_in_range(room, 0, buf->totallen - 100);
	add_text(buf, buf->totallen - 100 - room);
	return buf;
}

/*
 * Writes with all allocations from the nth on failing.  Returns whether any
 * failed.
 */
static bool
is_written_whole_or_not_at_all(void (*put)(struct evbuffer *), size_t room,
    long nth)
{
	struct evbuffer *buf = new_with_room(room),
			*whole = new_with_room(room);
	size_t before = EVBUFFER_LENGTH(buf);
	long change = 0;
	bool failed;

	put(whole);
	evbuffer_setcb(buf, count_change_cb, &change);
	fail_allocs_from(nth);
	put(buf);
	failed = alloc_failed();
	fail_alloc(0);
	if (EVBUFFER_LENGTH(buf) == before) {
		assert_true(failed);
		assert_int_equal(change, 0);
		put(buf);
	}
	assert_int_equal(EVBUFFER_LENGTH(buf), EVBUFFER_LENGTH(whole));
	assert_int_equal(change, EVBUFFER_LENGTH(buf) - before);
	assert_memory_equal(EVBUFFER_DATA(buf), EVBUFFER_DATA(whole),
	    EVBUFFER_LENGTH(buf));
	evbuffer_free(buf);
	evbuffer_free(whole);
	return failed;
}

/*
 * The buffer has room for nothing, for the tag, for the head, for half of the
 * record.
 */
TEST(record_that_gets_no_memory_is_not_written_in_part)
{
	static const size_t rooms[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 50};

	memset(string, 's', STRING_LENGTH);
	for (size_t i = 0; i < N(writers); i++)
		for (size_t j = 0; j < N(rooms); j++)
			for (long nth = 1;
			     is_written_whole_or_not_at_all(writers[i],
				 rooms[j], nth);
			     nth++)
				continue;
}

TEST(tag_that_gets_no_memory_is_an_error)
{
	struct evbuffer *buf = new_with_room(2);

	fail_allocs_from(1);
	errno = 0;
	assert_int_equal(evtag_encode_tag(buf, TAG), -1);
	assert_int_equal(errno, ENOMEM);
	fail_alloc(0);
	assert_int_equal(evtag_encode_tag(buf, TAG), 3);
	evbuffer_free(buf);
}

/* --- reading --- */

TEST(payload_that_gets_no_memory_stays_to_be_read)
{
	struct evbuffer *buf = evbuffer_new(), *to = new_with_room(10);
	size_t len, before = EVBUFFER_LENGTH(to);
	ev_uint32_t tag = 0;

	memset(string, 's', STRING_LENGTH);
	marshal_string(buf);
	len = EVBUFFER_LENGTH(buf);
	fail_allocs_from(1);
	errno = 0;
	assert_int_equal(evtag_unmarshal(buf, &tag, to), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(tag, 0);
	fail_alloc(0);
	assert_int_equal(EVBUFFER_LENGTH(buf), len);
	assert_int_equal(EVBUFFER_LENGTH(to), before);
	assert_int_equal(evtag_unmarshal(buf, &tag, to), STRING_LENGTH);
	assert_int_equal(tag, TAG);
	assert_memory_equal(EVBUFFER_DATA(to) + before, string, STRING_LENGTH);
	evbuffer_free(buf);
	evbuffer_free(to);
}

TEST(string_that_gets_no_memory_stays_to_be_read)
{
	struct evbuffer *buf = evbuffer_new();
	char *text = NULL;
	size_t len;

	memset(string, 's', STRING_LENGTH);
	marshal_string(buf);
	len = EVBUFFER_LENGTH(buf);
	fail_alloc(1);
	errno = 0;
	assert_int_equal(evtag_unmarshal_string(buf, TAG, &text), -1);
	assert_int_equal(errno, ENOMEM);
	assert_null(text);
	fail_alloc(0);
	assert_int_equal(EVBUFFER_LENGTH(buf), len);
	assert_int_equal(evtag_unmarshal_string(buf, TAG, &text), 0);
	assert_string_equal(text, string);
	free(text);
	evbuffer_free(buf);
}

TEST(reading_other_records_needs_no_memory)
{
	struct evbuffer *buf = evbuffer_new();
	ev_uint32_t number;
	struct timeval tv;
	char text[3];

	marshal_int(buf);
	marshal_timeval(buf);
	evtag_marshal(buf, TAG, "abc", 3);
	marshal_int(buf);
	put_int(buf);
	put_tag(buf);
	fail_allocs_from(1);
	assert_int_equal(evtag_peek(buf, &number), 3);
	assert_int_equal(evtag_peek_length(buf, &number), 0);
	assert_int_equal(evtag_payload_length(buf, &number), 0);
	assert_int_equal(evtag_unmarshal_int(buf, TAG, &number), 0);
	assert_int_equal(evtag_unmarshal_timeval(buf, TAG, &tv), 0);
	assert_int_equal(evtag_unmarshal_fixed(buf, TAG, text, 3), 0);
	assert_int_equal(evtag_consume(buf), 0);
	assert_int_equal(evtag_decode_int(&number, buf), 0);
	assert_int_equal(number, 4000000000);
	assert_int_equal(evtag_decode_tag(&number, buf), 3);
	assert_int_equal(number, TAG);
	fail_alloc(0);
	evbuffer_free(buf);
}
