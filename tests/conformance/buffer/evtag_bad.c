/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data that is cut off, wrong or hostile, or not what was asked for: -1,
 * the buffer is as before, and nothing was given out.
 */
#include "test.h"
#include "symbol.h"
#include "evtag_golden.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The functions that read something; from CONSUME on, a whole record. */
enum reader {
	DECODE_INT,
	DECODE_TAG,
	PEEK,
	PEEK_LENGTH,
	PAYLOAD_LENGTH,
	CONSUME,
	UNMARSHAL,
	UNMARSHAL_INT,
	UNMARSHAL_FIXED,
	UNMARSHAL_STRING,
	UNMARSHAL_TIMEVAL,
	NREADERS
};

/* What they give out. */
static struct {
	ev_uint32_t value;
	struct timeval tv;
	char *string;
	char bytes[64];
} got, nothing;

static int
decode(const char *function, struct evbuffer *buf)
{
	int (*func)(ev_uint32_t *, struct evbuffer *) = symbol(function);

	return func(&got.value, buf);
}

static int
unmarshal(struct evbuffer *buf)
{
	struct evbuffer *dst = evbuffer_new();
	int r = evtag_unmarshal(buf, &got.value, dst);

	assert_int_equal(EVBUFFER_LENGTH(dst), r == -1 ? 0 : r);
	evbuffer_free(dst);
	return r;
}

static int
unmarshal_fixed(struct evbuffer *buf, ev_uint32_t tag)
{
	ev_uint32_t len = 3;

	evtag_payload_length(buf, &len);
	if (len > sizeof got.bytes)
		len = sizeof got.bytes;
	return evtag_unmarshal_fixed(buf, tag, got.bytes, len);
}

static int
unmarshal_string(struct evbuffer *buf, ev_uint32_t tag)
{
	int r = evtag_unmarshal_string(buf, tag, &got.string);

	if (r == 0)
		free(got.string);
	return r;
}

/* Calls a reader; those that look for a tag look for this one. */
static int
read_as(enum reader reader, struct evbuffer *buf, ev_uint32_t tag)
{
	memset(&nothing, 0xaa, sizeof nothing);
	got = nothing;
	switch (reader) {
	case DECODE_INT:
		return decode("evtag_decode_int", buf);
	case DECODE_TAG:
		return decode("evtag_decode_tag", buf);
	case PEEK:
		return evtag_peek(buf, &got.value);
	case PEEK_LENGTH:
		return evtag_peek_length(buf, &got.value);
	case PAYLOAD_LENGTH:
		return evtag_payload_length(buf, &got.value);
	case CONSUME:
		return evtag_consume(buf);
	case UNMARSHAL:
		return unmarshal(buf);
	case UNMARSHAL_INT:
		return evtag_unmarshal_int(buf, tag, &got.value);
	case UNMARSHAL_FIXED:
		return unmarshal_fixed(buf, tag);
	case UNMARSHAL_STRING:
		return unmarshal_string(buf, tag);
	case UNMARSHAL_TIMEVAL:
		return evtag_unmarshal_timeval(buf, tag, &got.tv);
	default:
		fail();
		return -1;
	}
}

/* The reader returns -1; with kept it has also changed nothing. */
static void
refuses(enum reader reader, bool kept, const void *bytes, size_t len,
    ev_uint32_t tag)
{
	struct evbuffer *buf = buffer_of(bytes, len);

	assert_int_equal(read_as(reader, buf, tag), -1);
	if (kept) {
		assert_holds(buf, bytes, len);
		assert_memory_equal(&got, &nothing, sizeof got);
	}
	evbuffer_free(buf);
}

/* The same of all readers from one on. */
static void
all_refuse(enum reader from, bool kept, const void *bytes, size_t len,
    ev_uint32_t tag)
{
	for (enum reader reader = from; reader < NREADERS; reader++)
		refuses(reader, kept, bytes, len, tag);
}

/* The i-th of all golden records; NULL after the last. */
static const struct bytes *
golden(size_t i)
{
	if (i < COUNT(golden_int_records))
		return &golden_int_records[i].bytes;
	i -= COUNT(golden_int_records);
	if (i < COUNT(golden_times))
		return &golden_times[i].bytes;
	i -= COUNT(golden_times);
	if (i < COUNT(golden_strings))
		return &golden_strings[i].bytes;
	i -= COUNT(golden_strings);
	return i == 0 ? &golden_message : NULL;
}

static ev_uint32_t
tag_of(const struct bytes *record)
{
	struct evbuffer *buf = buffer_of(record->at, record->len);
	ev_uint32_t tag;

	assert_true(evtag_peek(buf, &tag) > 0);
	evbuffer_free(buf);
	return tag;
}

/*
 * Cut off.
 */

TEST(empty_buffer_has_nothing)
{
	all_refuse(DECODE_INT, true, "", 0, 0);
}

TEST(number_that_is_cut_off_is_refused)
{
	for (size_t i = 0; i < COUNT(golden_numbers); i++) {
		const struct bytes *number = &golden_numbers[i].bytes;

		for (size_t len = 0; len < number->len; len++)
			refuses(DECODE_INT, true, number->at, len, 0);
	}
}

TEST(tag_that_is_cut_off_is_refused)
{
	for (size_t i = 0; i < COUNT(golden_tags); i++) {
		const struct bytes *tag = &golden_tags[i].bytes;

		for (size_t len = 0; len < tag->len; len++)
			all_refuse(DECODE_TAG, true, tag->at, len, 0);
	}
}

static void
cut_off_length(enum reader first, enum reader last, bool kept)
{
	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];

		for (size_t len = 0; len < g->head.len; len++)
			for (enum reader r = first; r <= last; r++)
				refuses(r, kept, g->head.at, len, g->tag);
	}
}

TEST(length_that_is_cut_off_is_not_returned)
{
	cut_off_length(PEEK_LENGTH, PAYLOAD_LENGTH, true);
}

TEST(record_whose_length_is_cut_off_is_refused)
{
	cut_off_length(CONSUME, UNMARSHAL_TIMEVAL, false);
}

TEST(record_whose_length_is_cut_off_stays, DIFFERS(V14, "the tag is gone"),
    DIFFERS(V21, "the tag is gone"))
{
	cut_off_length(CONSUME, UNMARSHAL_TIMEVAL, true);
}

static void
cut_off_record(enum reader from, bool kept)
{
	const struct bytes *record;

	for (size_t i = 0; (record = golden(i)) != NULL; i++)
		for (size_t len = 0; len < record->len; len++)
			all_refuse(from, kept, record->at, len, tag_of(record));
}

TEST(record_that_is_cut_off_is_refused)
{
	cut_off_record(UNMARSHAL, false);
}

TEST(record_that_is_cut_off_stays,
    DIFFERS(V14, "the tag and the length are gone"),
    DIFFERS(V21, "the tag and the length are gone"))
{
	cut_off_record(UNMARSHAL, true);
}

TEST(record_that_is_cut_off_is_not_dropped,
    DIFFERS(V14, "what is there is dropped, and 0 is returned"))
{
	refuses(CONSUME, false, "\5\3ab", 4, 5);
}

TEST(record_that_is_cut_off_stays_when_it_is_to_be_dropped,
    DIFFERS(V14, "what is there is dropped, and 0 is returned"),
    DIFFERS(V21, "the tag and the length are gone"))
{
	cut_off_record(CONSUME, true);
}

TEST(record_that_comes_byte_by_byte_is_read_when_it_is_whole,
    DIFFERS(V14, "trying takes away what has come"),
    DIFFERS(V21, "trying takes away what has come"))
{
	struct evbuffer *buf = buffer_of("", 0);
	const struct golden_string *g = &golden_strings[5];
	char *string;

	for (size_t i = 0; i < g->bytes.len; i++) {
		assert_int_equal(evtag_unmarshal_string(buf, g->tag, &string),
		    -1);
		evbuffer_add(buf, &g->bytes.at[i], 1);
	}
	assert_int_equal(evtag_unmarshal_string(buf, g->tag, &string), 0);
	assert_string_equal(string, g->string);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	free(string);
	evbuffer_free(buf);
}

/*
 * Too large.
 */

TEST(number_of_more_than_eight_nibbles_is_refused)
{
	unsigned char bytes[16] = {0};

	for (int nibbles = 9; nibbles <= 16; nibbles++) {
		bytes[0] = (unsigned char)((nibbles - 1) << 4);
		refuses(DECODE_INT, true, bytes, sizeof bytes, 0);
		bytes[0] |= 1;
		refuses(DECODE_INT, true, bytes, sizeof bytes, 0);
	}
}

TEST(tag_without_an_end_is_refused)
{
	unsigned char bytes[40];

	memset(bytes, 0xff, sizeof bytes);
	all_refuse(DECODE_TAG, true, bytes, sizeof bytes, 0xffffffff);
	memset(bytes, 0x80, sizeof bytes);
	all_refuse(DECODE_TAG, true, bytes, sizeof bytes, 0);
}

TEST(tag_of_more_than_32_bits_is_refused,
    DIFFERS(V14, "it is taken for another tag"))
{
	all_refuse(DECODE_TAG, true, "\xff\xff\xff\xff\x1f\1\1", 7, 0xffffffff);
	all_refuse(DECODE_TAG, true, "\x80\x80\x80\x80\x10\1\1", 7, 0);
	all_refuse(DECODE_TAG, true, "\x85\x80\x80\x80\x70\1\1", 7, 5);
	all_refuse(DECODE_TAG, true, "\x80\x80\x80\x80\x80\1\1\1", 8, 8);
}

TEST(tag_of_more_than_five_bytes_is_refused,
    DIFFERS(V14, "leading zeros may follow"))
{
	all_refuse(DECODE_TAG, true, "\x85\x80\x80\x80\x80\0\1\1", 8, 5);
}

TEST(length_of_more_than_eight_nibbles_is_not_returned)
{
	refuses(PEEK_LENGTH, true, "\5\x81\x10\0\0\0\0x", 8, 5);
	refuses(PAYLOAD_LENGTH, true, "\5\x81\x10\0\0\0\0x", 8, 5);
}

TEST(record_whose_length_has_more_than_eight_nibbles_is_refused)
{
	all_refuse(CONSUME, false, "\5\x81\x10\0\0\0\0x", 8, 5);
}

TEST(record_whose_length_has_more_than_eight_nibbles_stays,
    DIFFERS(V14, "the tag is gone"), DIFFERS(V21, "the tag is gone"))
{
	all_refuse(CONSUME, true, "\5\x81\x10\0\0\0\0x", 8, 5);
}

TEST(length_above_int_max_is_not_returned,
    DIFFERS(V14, "it is returned, and that of the record wraps around"),
    DIFFERS(V21, "it is returned, and that of the record wraps around"))
{
	refuses(PEEK_LENGTH, true, "\5\x70\0\0\0\x80xy", 8, 5);
	refuses(PAYLOAD_LENGTH, true, "\5\x70\0\0\0\x80xy", 8, 5);
	refuses(PEEK_LENGTH, true, "\5\x7f\xff\xff\xff\xf0xy", 8, 5);
	refuses(PAYLOAD_LENGTH, true, "\5\x7f\xff\xff\xff\xf0xy", 8, 5);
}

TEST(record_whose_length_is_above_int_max_is_refused)
{
	all_refuse(UNMARSHAL, false, "\5\x70\0\0\0\x80xy", 8, 5);
	all_refuse(UNMARSHAL, false, "\5\x7f\xff\xff\xff\xf0xy", 8, 5);
}

TEST(record_whose_length_is_above_int_max_stays,
    DIFFERS(V14, "the tag and the length are gone"),
    DIFFERS(V21, "the tag and the length are gone"))
{
	all_refuse(CONSUME, true, "\5\x70\0\0\0\x80xy", 8, 5);
	all_refuse(CONSUME, true, "\5\x7f\xff\xff\xff\xf0xy", 8, 5);
}

TEST(length_of_int_max_is_returned)
{
	struct evbuffer *buf = buffer_of("\5\x7f\xff\xff\xff\x70xy", 8);
	ev_uint32_t len;

	assert_int_equal(evtag_payload_length(buf, &len), 0);
	assert_int_equal(len, INT_MAX);
	assert_int_equal(evtag_peek_length(buf, &len), 0);
	assert_int_equal(len, (ev_uint32_t)INT_MAX + 6);
	evbuffer_free(buf);
	all_refuse(UNMARSHAL, false, "\5\x7f\xff\xff\xff\x70xy", 8, 5);
}

/*
 * Not what was asked for.
 */

static void
wrong_tag(bool kept)
{
	const struct bytes *record;

	for (size_t i = 0; (record = golden(i)) != NULL; i++) {
		ev_uint32_t tag = tag_of(record);

		all_refuse(UNMARSHAL_INT, kept, record->at, record->len,
		    tag + 1);
		all_refuse(UNMARSHAL_INT, kept, record->at, record->len,
		    tag ^ 0x80000000);
	}
}

TEST(record_with_another_tag_is_refused)
{
	wrong_tag(false);
}

TEST(record_with_another_tag_stays, DIFFERS(V14, "it is gone, or a part of it"),
    DIFFERS(V21, "a part of it is gone"))
{
	wrong_tag(true);
}

static void
wrong_length(bool kept)
{
	static const size_t lengths[] = {0, 1, 2, 4, 260, (size_t)-1};
	struct evbuffer *buf;
	char data[260];

	for (size_t i = 0; i < COUNT(lengths); i++) {
		buf = buffer_of("\5\3abc", 5);
		assert_int_equal(evtag_unmarshal_fixed(buf, 5, data,
				     lengths[i]),
		    -1);
		if (kept)
			assert_holds(buf, "\5\3abc", 5);
		evbuffer_free(buf);
	}
}

TEST(block_of_another_length_is_refused)
{
	wrong_length(false);
}

TEST(block_of_another_length_stays, DIFFERS(V14, "it is gone"),
    DIFFERS(V21, "a part of it is gone"))
{
	wrong_length(true);
}

static void
no_number(bool kept)
{
	refuses(UNMARSHAL_INT, kept, "\5\0", 2, 5);
	refuses(UNMARSHAL_INT, kept, "\5\1\x10", 3, 5);
	refuses(UNMARSHAL_INT, kept, "\5\3\x70\0\0", 5, 5);
	refuses(UNMARSHAL_INT, kept, "\5\6\x80\0\0\0\0\0", 8, 5);
}

TEST(payload_that_is_not_a_number_is_refused)
{
	no_number(false);
}

TEST(payload_that_is_not_a_number_stays, DIFFERS(V14, "the record is gone"),
    DIFFERS(V21, "the record is gone"))
{
	no_number(true);
}

TEST(number_ends_with_its_payload)
{
	refuses(UNMARSHAL_INT, false, "\5\1\x10\x10", 4, 5);
	refuses(UNMARSHAL_INT, false, "\5\0\1", 3, 5);
	refuses(UNMARSHAL_TIMEVAL, false, "\5\1\1\1", 4, 5);
	refuses(UNMARSHAL_TIMEVAL, false, "\5\2\1\x10\x10", 5, 5);
}

static void
no_time(bool kept)
{
	refuses(UNMARSHAL_TIMEVAL, kept, "\5\0", 2, 5);
	refuses(UNMARSHAL_TIMEVAL, kept, "\5\1\1", 3, 5);
	refuses(UNMARSHAL_TIMEVAL, kept, "\5\2\1\x10", 4, 5);
	refuses(UNMARSHAL_TIMEVAL, kept, "\5\2\x90\1", 4, 5);
	refuses(UNMARSHAL_TIMEVAL, kept, "\5\7\1\x80\0\0\0\0\0", 9, 5);
}

TEST(payload_that_is_not_a_time_is_refused)
{
	no_time(false);
}

TEST(payload_that_is_not_a_time_stays, DIFFERS(V14, "the record is gone"),
    DIFFERS(V21, "the record is gone"))
{
	no_time(true);
}

/*
 * Mutated: what is refused stays, and what is read was all of a record.
 */

static void
check_reader(enum reader reader, const void *bytes, size_t len)
{
	struct evbuffer *buf = buffer_of(bytes, len);
	ev_uint32_t tag = 0, record = 0;

	evtag_peek(buf, &tag);
	evtag_peek_length(buf, &record);
	if (read_as(reader, buf, tag) == -1) {
		assert_holds(buf, bytes, len);
		assert_memory_equal(&got, &nothing, sizeof got);
	} else if (reader >= CONSUME) {
		assert_true(record >= 2 && record <= len);
		assert_int_equal(EVBUFFER_LENGTH(buf), len - record);
	}
	evbuffer_free(buf);
}

TEST(mutated_record_is_read_or_stays, DIFFERS(V14, "what was read is gone"),
    DIFFERS(V21, "what was read is gone"))
{
	const struct bytes *record;
	struct bytes mutated;

	for (size_t i = 0; (record = golden(i)) != NULL; i++) {
		for (size_t bit = 0; bit < record->len * 8; bit++) {
			mutated = *record;
			mutated.at[bit / 8] ^= (unsigned char)(1 << bit % 8);
			for (enum reader r = DECODE_INT; r < NREADERS; r++)
				check_reader(r, mutated.at, mutated.len);
		}
	}
}
