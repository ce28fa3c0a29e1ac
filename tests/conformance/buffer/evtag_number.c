/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data: bare numbers and tags, byte for byte, and that they are read
 * back.
 */
#include "test.h"
#include "symbol.h"
#include "evtag_golden.h"

static int
encode_tag(struct evbuffer *buf, ev_uint32_t tag)
{
	int (*func)(struct evbuffer *, ev_uint32_t) =
	    symbol("evtag_encode_tag");

	return func(buf, tag);
}

static int
decode_tag(ev_uint32_t *tag, struct evbuffer *buf)
{
	int (*func)(ev_uint32_t *, struct evbuffer *) =
	    symbol("evtag_decode_tag");

	return func(tag, buf);
}

static int
decode_int(ev_uint32_t *number, struct evbuffer *buf)
{
	int (*func)(ev_uint32_t *, struct evbuffer *) =
	    symbol("evtag_decode_int");

	return func(number, buf);
}

TEST(numbers_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_numbers); i++) {
		const struct golden_number *g = &golden_numbers[i];

		encode_int(buf, g->number);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(recorded_numbers_are_read)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t number;

	for (size_t i = 0; i < COUNT(golden_numbers); i++) {
		const struct golden_number *g = &golden_numbers[i];

		number = ~g->number;
		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, "rest", 4);
		assert_int_equal(decode_int(&number, buf), 0);
		assert_int_equal(number, g->number);
		assert_holds(buf, "rest", 4);
	}
	evbuffer_free(buf);
}

TEST(tags_are_written_as_recorded)
{
	struct evbuffer *buf = buffer_of("", 0);

	for (size_t i = 0; i < COUNT(golden_tags); i++) {
		const struct golden_number *g = &golden_tags[i];

		assert_int_equal(encode_tag(buf, g->number), g->bytes.len);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(recorded_tags_are_read)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t tag;

	for (size_t i = 0; i < COUNT(golden_tags); i++) {
		const struct golden_number *g = &golden_tags[i];

		tag = ~g->number;
		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		evbuffer_add(buf, "rest", 4);
		assert_int_equal(decode_tag(&tag, buf), g->bytes.len);
		assert_int_equal(tag, g->number);
		assert_holds(buf, "rest", 4);
	}
	evbuffer_free(buf);
}

TEST(peek_returns_the_tag_and_leaves_it)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t tag;

	for (size_t i = 0; i < COUNT(golden_tags); i++) {
		const struct golden_number *g = &golden_tags[i];

		tag = ~g->number;
		evbuffer_add(buf, g->bytes.at, g->bytes.len);
		assert_int_equal(evtag_peek(buf, &tag), g->bytes.len);
		assert_int_equal(tag, g->number);
		assert_holds(buf, g->bytes.at, g->bytes.len);
	}
	evbuffer_free(buf);
}

TEST(numbers_and_tags_of_every_size_come_back)
{
	struct evbuffer *buf = buffer_of("", 0);
	ev_uint32_t number, back;

	for (int i = 0; i < 32 * 5; i++) {
		number = ((ev_uint32_t)1 << i / 5) + i % 5 - 2;
		encode_int(buf, number);
		encode_tag(buf, number);
		assert_int_equal(decode_int(&back, buf), 0);
		assert_int_equal(back, number);
		assert_true(decode_tag(&back, buf) > 0);
		assert_int_equal(back, number);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	}
	evbuffer_free(buf);
}

TEST(number_with_leading_zeros_is_read)
{
	static const unsigned char zeros[] = {0x76, 0, 0, 0, 0, 0x13, 0xf0};
	struct evbuffer *buf = buffer_of(zeros, sizeof zeros);
	ev_uint32_t number = 1;

	assert_int_equal(decode_int(&number, buf), 0);
	assert_int_equal(number, 6);
	assert_int_equal(decode_int(&number, buf), 0);
	assert_int_equal(number, 0xf3);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(buf);
}

TEST(half_byte_after_a_number_does_not_matter)
{
	struct evbuffer *buf = buffer_of("\x11\x1f", 2);
	ev_uint32_t number;

	assert_int_equal(decode_int(&number, buf), 0);
	assert_int_equal(number, 0x11);
	evbuffer_free(buf);
}

TEST(tag_with_leading_zeros_is_read)
{
	struct evbuffer *buf = buffer_of("\x85\x80\x80\x00\x01\x07", 6);
	ev_uint32_t tag, number;

	assert_int_equal(evtag_peek(buf, &tag), 4);
	assert_int_equal(tag, 5);
	assert_true(evtag_unmarshal_int(buf, 5, &number) >= 0);
	assert_int_equal(number, 7);
	evbuffer_free(buf);
}

TEST(tag_need_not_be_asked_for)
{
	struct evbuffer *buf = buffer_of("\x80\x01\x03\x02zz", 6);
	struct evbuffer *dst = evbuffer_new();

	assert_int_equal(evtag_peek(buf, NULL), 2);
	assert_int_equal(decode_tag(NULL, buf), 2);
	assert_int_equal(evtag_unmarshal(buf, NULL, dst), 2);
	assert_holds(dst, "zz", 2);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_free(dst);
	evbuffer_free(buf);
}

TEST(numbers_and_tags_are_appended)
{
	struct evbuffer *buf = buffer_of("kept", 4);

	encode_int(buf, 16);
	encode_tag(buf, 16);
	assert_holds(buf, "kept\x10\x10\x10", 7);
	evbuffer_free(buf);
}
