/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data: records, byte for byte, and that they are read back.
 */
#include "test.h"
#include "evtag_golden.h"

#include <stdlib.h>
#include <string.h>

TEST(int_records_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_int_records); i++) {
		const struct golden_int_record *g = &golden_int_records[i];

		evtag_marshal_int(buf, g->tag, g->number);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(recorded_int_records_are_read,
    DIFFERS(V21, "the length is returned, not 0"))
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t number;

	for (size_t i = 0; i < COUNT(golden_int_records); i++) {
		const struct golden_int_record *g = &golden_int_records[i];

		number = ~g->number;
		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, "rest", 4);
		assert_int_equal(evtag_unmarshal_int(buf, g->tag, &number), 0);
		assert_int_equal(number, g->number);
		assert_holds(buf, "rest", 4);
	}
	evbuffer_free(buf);
}

TEST(times_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);
	struct timeval tv;

	for (size_t i = 0; i < COUNT(golden_times); i++) {
		const struct golden_time *g = &golden_times[i];

		tv.tv_sec = g->sec;
		tv.tv_usec = g->usec;
		evtag_marshal_timeval(buf, g->tag, &tv);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(recorded_times_are_read)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_times); i++) {
		const struct golden_time *g = &golden_times[i];
		struct timeval tv = {-7, -7};

		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, "rest", 4);
		assert_int_equal(evtag_unmarshal_timeval(buf, g->tag, &tv), 0);
		assert_int_equal(tv.tv_sec, (time_t)g->sec);
		assert_int_equal(tv.tv_usec, g->usec);
		assert_holds(buf, "rest", 4);
	}
	evbuffer_free(buf);
}

TEST(time_is_cut_to_32_bits_without_a_sign)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_strange_times); i++) {
		const struct golden_strange_time *g = &golden_strange_times[i];
		struct timeval tv = {g->sec, g->usec};

		evtag_marshal_timeval(buf, 9, &tv);
		assert_holds(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		assert_int_equal(evtag_unmarshal_timeval(buf, 9, &tv), 0);
		assert_int_equal(tv.tv_sec, (time_t)g->sec_back);
		assert_int_equal(tv.tv_usec, (suseconds_t)g->usec_back);
	}
	evbuffer_free(buf);
}

TEST(strings_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_strings); i++) {
		const struct golden_string *g = &golden_strings[i];

		evtag_marshal_string(buf, g->tag, g->string);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(recorded_strings_are_read)
{
	struct evbuffer *buf = buffer_of("", 0);
	char *string;

	for (size_t i = 0; i < COUNT(golden_strings); i++) {
		const struct golden_string *g = &golden_strings[i];

		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, "rest", 4);
		assert_int_equal(evtag_unmarshal_string(buf, g->tag, &string),
		    0);
		assert_string_equal(string, g->string);
		assert_holds(buf, "rest", 4);
		free(string);
	}
	evbuffer_free(buf);
}

TEST(string_may_hold_a_nul)
{
	struct evbuffer *buf = buffer_of("\x05\x03p\0q", 5);
	char *string;

	assert_int_equal(evtag_unmarshal_string(buf, 5, &string), 0);
	assert_memory_equal(string, "p\0q", 4);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	free(string);
	evbuffer_free(buf);
}

/* Bytes without a pattern in them, as many as the longest golden block. */
static const unsigned char *
payload(void)
{
	static unsigned char bytes[1 << 20];
	unsigned int x = 1;

	for (size_t i = 0; bytes[0] == 0 && i < sizeof bytes; i++)
		bytes[sizeof bytes - 1 - i] = (x = x * 69069 + 1) >> 24 | 1;
	return bytes;
}

TEST(blocks_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];
		size_t len = g->head.len;

		evtag_marshal(buf, g->tag, payload(), g->len);
		assert_int_equal(EVBUFFER_LENGTH(buf), len + g->len);
		assert_memory_equal(EVBUFFER_DATA(buf), g->head.at, len);
		evbuffer_drain(buf, len);
		assert_holds(buf, payload(), g->len);
	}
	evbuffer_free(buf);
}

/* Appends a golden block, and more. */
static void
add_block(struct evbuffer *buf, const struct golden_block *g)
{
	evbuffer_add(buf, g->head.at, g->head.len);
	evbuffer_add(buf, payload(), g->len);
	evbuffer_add(buf, "rest", 4);
}

TEST(recorded_blocks_are_moved)
{
	struct evbuffer *buf = buffer_of("", 0), *dst = evbuffer_new();
	ev_uint32_t tag;

	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];

		tag = ~g->tag;
		add_block(buf, g);
		assert_int_equal(evtag_unmarshal(buf, &tag, dst), g->len);
		assert_int_equal(tag, g->tag);
		assert_holds(buf, "rest", 4);
		assert_holds(dst, payload(), g->len);
	}
	evbuffer_free(dst);
	evbuffer_free(buf);
}

TEST(recorded_blocks_are_copied)
{
	struct evbuffer *buf = buffer_of("", 0);
	unsigned char *copy = malloc((1 << 20) + 1);

	assert_non_null(copy);
	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];

		add_block(buf, g);
		copy[g->len] = 'x';
		assert_int_equal(evtag_unmarshal_fixed(buf, g->tag, copy,
				     g->len),
		    0);
		assert_memory_equal(copy, payload(), g->len);
		assert_int_equal(copy[g->len], 'x');
		assert_holds(buf, "rest", 4);
	}
	free(copy);
	evbuffer_free(buf);
}

TEST(recorded_blocks_are_measured_and_dropped)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t len;

	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];

		add_block(buf, g);
		assert_int_equal(evtag_payload_length(buf, &len), 0);
		assert_int_equal(len, g->len);
		assert_int_equal(evtag_peek_length(buf, &len), 0);
		assert_int_equal(len, g->head.len + g->len);
		assert_int_equal(EVBUFFER_LENGTH(buf), len + 4);
		assert_int_equal(evtag_consume(buf), 0);
		assert_holds(buf, "rest", 4);
	}
	evbuffer_free(buf);
}

TEST(lengths_are_known_before_the_payload_is_there)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t len;

	for (size_t i = 0; i < COUNT(golden_blocks); i++) {
		const struct golden_block *g = &golden_blocks[i];

		evbuffer_add(buf, g->head.at, g->head.len);
		assert_int_equal(evtag_payload_length(buf, &len), 0);
		assert_int_equal(len, g->len);
		assert_int_equal(evtag_peek_length(buf, &len), 0);
		assert_int_equal(len, g->head.len + g->len);
		assert_holds(buf, g->head.at, g->head.len);
	}
	evbuffer_free(buf);
}

TEST(record_without_payload_needs_no_data)
{
	struct evbuffer *buf = buffer_of("", 0);
	struct evbuffer *dst = evbuffer_new();
	ev_uint32_t tag;

	evtag_marshal(buf, 5, NULL, 0);
	evtag_marshal(buf, 6, NULL, 0);
	assert_int_equal(evtag_unmarshal_fixed(buf, 5, NULL, 0), 0);
	assert_int_equal(evtag_unmarshal(buf, &tag, dst), 0);
	assert_int_equal(tag, 6);
	assert_int_equal(EVBUFFER_LENGTH(dst), 0);
	evbuffer_free(dst);
	evbuffer_free(buf);
}

/*
 * What payloads may hold besides.
 */

TEST(rest_of_the_payload_after_a_number_is_dropped)
{
	struct evbuffer *buf = buffer_of("\x05\x05\x10\x10zzzrest", 11);
	ev_uint32_t number;

	assert_true(evtag_unmarshal_int(buf, 5, &number) >= 0);
	assert_int_equal(number, 16);
	assert_holds(buf, "rest", 4);
	evbuffer_free(buf);
}

TEST(rest_of_the_payload_after_a_time_is_dropped)
{
	struct evbuffer *buf = buffer_of("\x05\x05\x03\x04zzzrest", 11);
	struct timeval tv;

	assert_int_equal(evtag_unmarshal_timeval(buf, 5, &tv), 0);
	assert_int_equal(tv.tv_sec, 3);
	assert_int_equal(tv.tv_usec, 4);
	assert_holds(buf, "rest", 4);
	evbuffer_free(buf);
}

/*
 * Buffers.
 */

TEST(records_are_appended)
{
	struct evbuffer *buf = buffer_of("kept", 4);
	struct timeval tv = {1, 2};

	evtag_marshal(buf, 1, "abc", 3);
	evtag_marshal_int(buf, 2, 3);
	evtag_marshal_string(buf, 3, "de");
	evtag_marshal_timeval(buf, 4, &tv);
	encode_int(buf, 5);
	assert_holds(buf, "kept\1\3abc\2\1\3\3\2de\4\2\1\2\5",
	    4 + 5 + 3 + 4 + 4 + 1);
	evbuffer_free(buf);
}

TEST(payload_is_appended)
{
	struct evbuffer *buf = buffer_of("\x01\x02"
					 "bc",
	    4);
	struct evbuffer *dst = buffer_of("a", 1);

	assert_int_equal(evtag_unmarshal(buf, NULL, dst), 2);
	assert_holds(dst, "abc", 3);
	evbuffer_free(dst);
	evbuffer_free(buf);
}

TEST(payload_may_go_to_the_end_of_its_own_buffer)
{
	struct evbuffer *buf = buffer_of("\x01\x03"
					 "abcrest",
	    9);

	assert_int_equal(evtag_unmarshal(buf, NULL, buf), 3);
	assert_holds(buf, "restabc", 7);
	evbuffer_free(buf);
}

TEST(payload_may_go_to_the_end_of_its_own_buffer_when_that_has_to_grow,
    DIFFERS(V14, "reads from memory that it has given back"))
{
	struct evbuffer *buf = buffer_of("", 0);

	evtag_marshal(buf, 1, payload(), 70000);
	evbuffer_add(buf, "rest", 4);
	assert_int_equal(evtag_unmarshal(buf, NULL, buf), 70000);
	assert_memory_equal(EVBUFFER_DATA(buf), "rest", 4);
	evbuffer_drain(buf, 4);
	assert_holds(buf, payload(), 70000);
	evbuffer_free(buf);
}

TEST(record_may_be_made_of_the_bytes_of_its_own_buffer,
    DIFFERS(V14, "reads from memory that it has given back"))
{
	struct evbuffer *buf = buffer_of(payload(), 131000);

	evtag_marshal(buf, 1, EVBUFFER_DATA(buf), 131000);
	evbuffer_drain(buf, 131000);
	assert_int_equal(evtag_unmarshal(buf, NULL, buf), 131000);
	assert_holds(buf, payload(), 131000);
	evbuffer_free(buf);
}

TEST(message_of_records_is_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0), *outer = evbuffer_new(),
			*inner = evbuffer_new();
	struct timeval tv = {1700000000, 123456};

	evtag_marshal_int(inner, 1, 42);
	evtag_marshal_string(inner, 2, "inner");
	evtag_marshal_int(outer, 1, 0xdeaf);
	evtag_marshal_string(outer, 2, "outer");
	evtag_marshal_timeval(outer, 3, &tv);
	evtag_marshal(outer, 4, EVBUFFER_DATA(inner), EVBUFFER_LENGTH(inner));
	evtag_marshal(outer, 300, "\0\1\2", 3);
	evtag_marshal(outer, 5, NULL, 0);
	evtag_marshal(buf, 0xdeaf, EVBUFFER_DATA(outer),
	    EVBUFFER_LENGTH(outer));
	assert_holds(buf, golden_message.at, golden_message.len);
	evbuffer_free(inner);
	evbuffer_free(outer);
	evbuffer_free(buf);
}

/* Removes the first record, as its tag says, and notes it. */
static void
note_record(struct evbuffer *buf)
{
	struct evbuffer *inner = evbuffer_new();
	unsigned char bytes[3];
	ev_uint32_t tag, number;
	struct timeval tv;
	char *string;

	assert_true(evtag_peek(buf, &tag) > 0);
	switch (tag) {
	case 1:
		assert_true(evtag_unmarshal_int(buf, tag, &number) >= 0);
		note("%u", (unsigned int)number);
		break;
	case 2:
		assert_int_equal(evtag_unmarshal_string(buf, tag, &string), 0);
		note("%s", string);
		free(string);
		break;
	case 3:
		assert_int_equal(evtag_unmarshal_timeval(buf, tag, &tv), 0);
		note("%ld.%ld", (long)tv.tv_sec, (long)tv.tv_usec);
		break;
	case 300:
		assert_int_equal(evtag_unmarshal_fixed(buf, tag, bytes, 3), 0);
		note("%d,%d,%d", bytes[0], bytes[1], bytes[2]);
		break;
	case 5:
		assert_int_equal(evtag_consume(buf), 0);
		break;
	default:
		assert_true(evtag_unmarshal(buf, &number, inner) > 0);
		assert_int_equal(number, tag);
		note("(");
		while (EVBUFFER_LENGTH(inner) > 0)
			note_record(inner);
		note(")");
	}
	evbuffer_free(inner);
}

TEST(recorded_message_of_records_is_read)
{
	struct evbuffer *buf = buffer_of(golden_message.at, golden_message.len);

	note_record(buf);
	assert_log("( 57007 outer 1700000000.123456 ( 42 inner ) 0,1,2 )");
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(init_is_not_needed, DIFFERS(V14, "crashes"))
{
	struct evbuffer *buf = evbuffer_new();
	struct timeval tv = {3, 4};
	ev_uint32_t number;
	char *string;

	evtag_marshal_int(buf, 1, 42);
	evtag_marshal_string(buf, 2, "abc");
	evtag_marshal_timeval(buf, 3, &tv);
	assert_true(evtag_unmarshal_int(buf, 1, &number) >= 0);
	assert_int_equal(number, 42);
	assert_int_equal(evtag_unmarshal_string(buf, 2, &string), 0);
	assert_string_equal(string, "abc");
	assert_int_equal(evtag_unmarshal_timeval(buf, 3, &tv), 0);
	assert_int_equal(tv.tv_sec, 3);
	assert_int_equal(tv.tv_usec, 4);
	free(string);
	evbuffer_free(buf);
}
