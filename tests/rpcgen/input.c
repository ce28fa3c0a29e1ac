/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a peer may send: in any order, cut, altered, hostile.
 */
#include "messages.h"

#include <stdint.h>

/* Bytes of a literal, which may have NULs in it. */
#define BUFFER(literal) buffer_of(literal, sizeof(literal) - 1)
#define ASSERT_LEFT(buf, literal)                                              \
	assert_holds(buf, literal, sizeof(literal) - 1)

TEST(records_come_in_any_order)
{
	struct evbuffer *buf = BUFFER("\x02\x01\x09\x01\x01\x05");
	struct stamp *msg = stamp_new();

	assert_int_equal(stamp_unmarshal(msg, buf), 0);
	assert_int_equal(msg->sec_data, 5);
	assert_int_equal(msg->usec_data, 9);
	stamp_free(msg);
	ASSERT_LEFT(buf, "");
}

TEST(unknown_tag_stays_in_the_buffer)
{
	struct evbuffer *buf = BUFFER("\x01\x01\x05\x09\x01\x06\x02\x01\x01");
	struct stamp *msg = stamp_new();

	assert_int_equal(stamp_unmarshal(msg, buf), -1);
	assert_true(EVTAG_HAS(msg, sec));
	assert_false(EVTAG_HAS(msg, usec));
	stamp_free(msg);
	ASSERT_LEFT(buf, "\x09\x01\x06\x02\x01\x01");
}

TEST(member_that_comes_twice_is_an_error)
{
	struct evbuffer *buf = BUFFER("\x01\x01\x05\x01\x01\x06");
	struct stamp *msg = stamp_new();

	assert_int_equal(stamp_unmarshal(msg, buf), -1);
	assert_int_equal(msg->sec_data, 5);
	stamp_free(msg);
	ASSERT_LEFT(buf, "\x01\x01\x06");
}

TEST(member_that_is_set_is_an_error)
{
	struct evbuffer *buf = buffer_of(widget_all.at, widget_all.len);
	struct widget *msg = widget_new();

	EVTAG_ASSIGN(msg, note, "mine");
	assert_int_equal(widget_unmarshal(msg, buf), -1);
	assert_string_equal(msg->note_data, "mine");
	assert_string_equal(msg->label_data, "bolt");
	widget_free(msg);
	assert_holds(buf, widget_all.at + 22, widget_all.len - 22);
}

TEST(members_that_were_set_before_count_as_required_ones)
{
	struct evbuffer *buf = BUFFER("\x02\x01\x09");
	struct stamp *msg = new_stamp(1);

	assert_int_equal(stamp_unmarshal(msg, buf), 0);
	stamp_free(msg);
	ASSERT_LEFT(buf, "");
}

TEST(empty_input_is_not_complete)
{
	struct evbuffer *buf = BUFFER("");
	struct stamp *msg = stamp_new();

	assert_int_equal(stamp_unmarshal(msg, buf), -1);
	stamp_free(msg);
	ASSERT_LEFT(buf, "");
}

/* Bytes of that length only, tag 4; then 5, a length that lies. */
TEST(fixed_bytes_of_another_length_are_an_error)
{
	static const char *const payloads[] = {"\x04\x05zzzzz",
	    "\x04\x07zzzzzzz", "\x04\x06zzzzz", "\x06\x04zzzz", "\x06\x02zz"};

	for (size_t i = 0; i < COUNT(payloads); i++) {
		size_t len = strlen(payloads[i]);
		struct evbuffer *buf = buffer_of(payloads[i], len);
		struct widget *msg = widget_new();

		/* 1.4 crashes where a required struct is missing. */
		EVTAG_GET(msg, made, &(struct stamp *){NULL});
		assert_int_equal(widget_unmarshal(msg, buf), -1);
		assert_false(EVTAG_HAS(msg, serial));
		assert_false(EVTAG_HAS(msg, mark));
		widget_free(msg);
		evbuffer_free(buf);
	}
}

/*
 * evtag_unmarshal_int() accepts leading zeros, and superfluous bytes and half
 * bytes.
 */
TEST(numbers_may_be_written_in_other_ways)
{
	static const struct {
		const char *bytes;
		size_t len;
		int result;
		ev_uint32_t sec;
	} table[] = {
	    {"\x01\x02\x05\x00", 4, 0, 5},
	    {"\x01\x02\x15\x00", 4, 0, 5},
	    {"\x01\x02\x10\x1f", 4, 0, 16},
	    {"\x81\x00\x01\x05", 4, 0, 5},
	    {"\x01\x11\x00\x05", 4, 0, 5},
	    {"\x01\x05\x81\x11\x11\x11\x11", 7, -1, 0},
	    {"\x01\x01\x10", 3, -1, 0},
	    {"\x01\x00", 2, -1, 0},
	    {"\x81\x80\x80\x80\x00\x01\x05", 7, 0, 5},
	    {"\x01\x7f\xff\xff\xff\xf0", 6, -1, 0},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct evbuffer *buf = buffer_of(table[i].bytes, table[i].len);
		struct stamp *msg = stamp_new();

		assert_int_equal(stamp_unmarshal(msg, buf), table[i].result);
		assert_int_equal(EVTAG_HAS(msg, sec), table[i].result == 0);
		assert_int_equal(msg->sec_data, table[i].sec);
		stamp_free(msg);
		evbuffer_free(buf);
	}
}

TEST(tag_of_more_than_32_bits_is_an_error, DIFFERS(V14, "drops the upper bits"))
{
	struct evbuffer *buf = BUFFER("\x81\x80\x80\x80\x10\x01\x05");
	struct stamp *msg = stamp_new();

	assert_int_equal(stamp_unmarshal(msg, buf), -1);
	assert_false(EVTAG_HAS(msg, sec));
	stamp_free(msg);
	evbuffer_free(buf);
}

TEST(string_ends_at_its_nul)
{
	struct evbuffer *buf = BUFFER("\x01\x01\x01\x02\x03x\0y");
	struct ack *msg = ack_new();

	assert_int_equal(ack_unmarshal(msg, buf), 0);
	assert_string_equal(msg->text_data, "x");
	ack_free(msg);
	evbuffer_free(buf);
}

/* A remote peer can crash 1.4 with a dozen bytes. */
TEST(record_without_its_struct_is_an_error, DIFFERS(V14, "reads through NULL"))
{
	struct evbuffer *buf =
	    BUFFER("\x01\x01x\x10\x01\x07\x04\x06\x01\x02\x03\x04\x05\x06");
	struct widget *msg = widget_new();

	assert_int_equal(widget_unmarshal(msg, buf), -1);
	assert_true(EVTAG_HAS(msg, serial));
	widget_free(msg);
	ASSERT_LEFT(buf, "");
}

TEST(bad_struct_leaves_no_memory,
    DIFFERS(V14, "takes the record, and keeps a half-made struct"))
{
	struct evbuffer *buf = BUFFER("\x07\x03\x01\x01\x10");
	struct widget *msg = widget_new();

	assert_int_equal(widget_unmarshal(msg, buf), -1);
	assert_null(msg->made_data);
	assert_false(EVTAG_HAS(msg, made));
	widget_free(msg);
	ASSERT_LEFT(buf, "\x07\x03\x01\x01\x10");
}

TEST(bad_element_leaves_no_memory,
    DIFFERS(V14, "takes the record, and keeps a half-made element"))
{
	struct evbuffer *buf = BUFFER("\x02\x03\x01\x01x");
	struct crate *msg = crate_new();

	assert_int_equal(crate_unmarshal(msg, buf), -1);
	assert_int_equal(EVTAG_LEN(msg, items), 0);
	crate_free(msg);
	ASSERT_LEFT(buf, "\x02\x03\x01\x01x");
}

TEST(record_with_another_tag_or_none_stays, DIFFERS(V14, "takes the record"))
{
	struct stamp *msg = stamp_new();
	struct evbuffer *buf;

	buf = buffer_of(stamp_as_tag_99.at, stamp_as_tag_99.len);
	assert_int_equal(evtag_unmarshal_stamp(buf, 98, msg), -1);
	assert_holds(buf, stamp_as_tag_99.at, stamp_as_tag_99.len);
	buf = BUFFER("\x63\x03\x09\x01\x01");
	assert_int_equal(evtag_unmarshal_stamp(buf, 99, msg), -1);
	ASSERT_LEFT(buf, "\x63\x03\x09\x01\x01");
	buf = BUFFER("");
	assert_int_equal(evtag_unmarshal_stamp(buf, 99, msg), -1);
	evbuffer_free(buf);
	stamp_free(msg);
}

TEST(record_with_a_tag_is_read_alone)
{
	struct evbuffer *buf =
	    BUFFER("\x63\x03\x01\x01\x02\x63\x03\x01\x01\x03");
	struct stamp *msg = stamp_new();

	assert_int_equal(evtag_unmarshal_stamp(buf, 99, msg), 0);
	assert_int_equal(msg->sec_data, 2);
	stamp_free(msg);
	ASSERT_LEFT(buf, "\x63\x03\x01\x01\x03");
}

/* --- cut and altered --- */

/* What is left after a failure begins with a record, and is what was there. */
static void
assert_is_rest(struct evbuffer *buf, const unsigned char *all, size_t len)
{
	size_t left = EVBUFFER_LENGTH(buf);

	assert_true(left <= len);
	if (left > 0)
		assert_memory_equal(EVBUFFER_DATA(buf), all + len - left, left);
}

/*
 * Reads the bytes, in a block that ends with them.  A message that is accepted
 * must be complete, and written again must not be longer; after an error the
 * rest of the bytes must be unchanged.
 */
static int
check_bytes(const struct kind_of_message *m, const unsigned char *bytes,
    size_t len)
{
	struct evbuffer *buf = buffer_of(bytes, len);
	void *msg = m->empty();
	int result = m->unmarshal(msg, buf);

	if (result == 0) {
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		assert_int_equal(m->complete(msg), 0);
		m->marshal(buf, msg);
		assert_true(EVBUFFER_LENGTH(buf) <= len);
	} else {
		assert_is_rest(buf, bytes, len);
	}
	m->free(msg);
	evbuffer_free(buf);
	return result;
}

TEST(messages_cut_at_each_byte_are_refused_or_complete,
    DIFFERS(V14, "reads through NULL"))
{
	for (size_t i = 0; i < n_messages; i++)
		for (size_t len = 0; len < messages[i].golden->len; len++)
			check_bytes(&messages[i], messages[i].golden->at, len);
	assert_int_equal(check_bytes(&messages[1], widget_all.at, 50), -1);
	assert_int_equal(check_bytes(&messages[1], widget_required.at, 25), -1);
}

TEST(messages_with_each_byte_altered_are_refused_or_complete,
    DIFFERS(V14, "reads through NULL"))
{
	for (size_t i = 0; i < n_messages; i++) {
		const struct golden *golden = messages[i].golden;
		unsigned char bytes[sizeof(golden->at)];

		memcpy(bytes, golden->at, golden->len);
		for (size_t at = 0; at < golden->len; at++) {
			for (int value = 0; value < 256; value++) {
				bytes[at] = (unsigned char)value;
				check_bytes(&messages[i], bytes, golden->len);
			}
			bytes[at] = golden->at[at];
		}
	}
}

TEST(random_messages_cut_at_each_byte_are_refused_or_complete,
    DIFFERS(V14, "reads through NULL"))
{
	for (unsigned int seed = 0; seed < 40; seed++) {
		struct kinds *from = new_random_kinds(seed);
		struct evbuffer *all = BUFFER("");

		kinds_marshal(all, from);
		for (size_t len = 0; len < EVBUFFER_LENGTH(all); len++) {
			struct kinds *msg = kinds_new();
			struct evbuffer *buf =
			    buffer_of(EVBUFFER_DATA(all), len);

			if (kinds_unmarshal(msg, buf) == -1)
				assert_is_rest(buf, EVBUFFER_DATA(all), len);
			kinds_free(msg);
			evbuffer_free(buf);
		}
		kinds_free(from);
		evbuffer_free(all);
	}
}

/* --- nested --- */

static size_t
put_number_before(unsigned char *end, size_t number)
{
	unsigned char bytes[8] = {0};
	size_t more = 0, len;

	while (number >> 4 * more > 15)
		more++;
	len = 1 + (more + 1) / 2;
	bytes[0] = (unsigned char)(more << 4);
	for (size_t i = 0; i <= more; i++)
		bytes[(i + 1) / 2] |=
		    (unsigned char)((number >> 4 * i & 15) << (i % 2 ? 4 : 0));
	memcpy(end - len, bytes, len);
	return len;
}

/* A list of `depth` nodes after the first, each nested in the one before. */
static struct evbuffer *
nested(size_t depth)
{
	size_t size = 16 * (depth + 1), at = size;
	unsigned char *bytes = malloc(size);
	struct evbuffer *buf;

	assert_non_null(bytes);
	memcpy(bytes + size - 3, "\1\1n", 3);
	at -= 3;
	for (size_t i = 0; i < depth; i++) {
		at -= put_number_before(bytes + at, size - at);
		bytes[--at] = 2;
		at -= 3;
		memcpy(bytes + at, "\1\1n", 3);
	}
	buf = buffer_of(bytes + at, size - at);
	free(bytes);
	return buf;
}

static int
read_nested(size_t depth)
{
	struct evbuffer *buf = nested(depth);
	struct node *msg = node_new();
	int result = node_unmarshal(msg, buf);

	if (result == -1)
		assert_true(EVBUFFER_LENGTH(buf) > 0);
	node_free(msg);
	evbuffer_free(buf);
	return result;
}

TEST(nested_structs_are_read)
{
	assert_int_equal(read_nested(0), 0);
	assert_int_equal(read_nested(1), 0);
	assert_int_equal(read_nested(256), 0);
}

TEST(too_deeply_nested_structs_are_an_error,
    DIFFERS(V14, "recurses until the stack is used up"))
{
	assert_int_equal(read_nested(257), -1);
	assert_int_equal(read_nested(300000), -1);
}
