/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generated code and 1.4's write the same bytes, and read each other's.
 */
#include "messages.h"

#include <stdint.h>

TEST(golden_messages_are_written)
{
	for (size_t i = 0; i < n_messages; i++) {
		const struct kind_of_message *m = &messages[i];
		struct evbuffer *buf = buffer_of("", 0);
		void *msg = m->build();

		assert_int_equal(m->complete(msg), 0);
		m->marshal(buf, msg);
		assert_holds(buf, m->golden->at, m->golden->len);
		m->free(msg);
	}
}

TEST(golden_messages_are_read)
{
	for (size_t i = 0; i < n_messages; i++) {
		const struct kind_of_message *m = &messages[i];
		struct evbuffer *buf = buffer_of(m->golden->at, m->golden->len);
		void *msg = m->empty();

		assert_int_equal(m->unmarshal(msg, buf), 0);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		assert_int_equal(m->complete(msg), 0);
		m->marshal(buf, msg);
		assert_holds(buf, m->golden->at, m->golden->len);
		m->free(msg);
	}
}

TEST(golden_messages_hold_what_was_assigned)
{
	struct evbuffer *buf = buffer_of(widget_all.at, widget_all.len);
	struct widget *msg = widget_new();
	struct stamp *made, *sold;
	ev_uint8_t *bytes;
	ev_uint32_t number;
	char *text;

	assert_int_equal(widget_unmarshal(msg, buf), 0);
	assert_int_equal(EVTAG_GET(msg, label, &text), 0);
	assert_string_equal(text, "bolt");
	assert_int_equal(EVTAG_GET(msg, weight, &number), 0);
	assert_int_equal(number, 7);
	assert_int_equal(EVTAG_GET(msg, blob, &bytes, &number), 0);
	assert_int_equal(number, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal(EVTAG_GET(msg, serial, &bytes), 0);
	assert_memory_equal(bytes, SERIAL, 6);
	assert_int_equal(EVTAG_GET(msg, note, &text), 0);
	assert_string_equal(text, "");
	assert_int_equal(EVTAG_GET(msg, mark, &bytes), 0);
	assert_memory_equal(bytes, "XYZ", 3);
	assert_int_equal(EVTAG_GET(msg, made, &made), 0);
	assert_int_equal(EVTAG_GET(made, sec, &number), 0);
	assert_int_equal(number, 1000000000);
	assert_int_equal(EVTAG_GET(msg, sold, &sold), 0);
	assert_int_equal(EVTAG_GET(sold, usec, &number), 0);
	assert_int_equal(number, 4294967295u);
	widget_free(msg);
	evbuffer_free(buf);
}

TEST(numbers_of_every_length_are_those_of_1_4)
{
	for (size_t i = 0; i < COUNT(golden_stamps); i++) {
		const struct golden_stamp *golden = &golden_stamps[i];
		struct evbuffer *buf = buffer_of("", 0);
		struct stamp *msg = new_stamp(golden->sec);
		ev_uint32_t sec = 0;

		stamp_marshal(buf, msg);
		assert_int_equal(EVBUFFER_LENGTH(buf), golden->len);
		assert_memory_equal(EVBUFFER_DATA(buf), golden->at,
		    golden->len);
		stamp_clear(msg);
		assert_int_equal(stamp_unmarshal(msg, buf), 0);
		assert_int_equal(EVTAG_GET(msg, sec, &sec), 0);
		assert_int_equal(sec, golden->sec);
		stamp_free(msg);
		evbuffer_free(buf);
	}
}

TEST(struct_may_be_a_record_with_a_tag)
{
	struct evbuffer *buf = buffer_of("", 0);
	struct stamp *msg = new_stamp(258);
	ev_uint32_t sec = 0;

	evtag_marshal_stamp(buf, 99, msg);
	assert_int_equal(EVBUFFER_LENGTH(buf), stamp_as_tag_99.len);
	assert_memory_equal(EVBUFFER_DATA(buf), stamp_as_tag_99.at,
	    stamp_as_tag_99.len);
	stamp_clear(msg);
	assert_int_equal(evtag_unmarshal_stamp(buf, 99, msg), 0);
	assert_int_equal(EVTAG_GET(msg, sec, &sec), 0);
	assert_int_equal(sec, 258);
	assert_holds(buf, "", 0);
	stamp_free(msg);
}

/*
 * Members that are not optional are written even if they are unset, with what
 * *_data has.
 */
TEST(required_numbers_and_bytes_are_written_unset)
{
	struct evbuffer *buf = buffer_of("", 0);
	struct stamp *stamp = new_stamp(4294967295u);
	struct crate *crate = new_crate_no_items();

	stamp_clear(stamp);
	stamp_marshal(buf, stamp);
	assert_holds(buf, "\x01\x05\x7f\xff\xff\xff\xf0", 7);
	stamp_free(stamp);
	buf = buffer_of("", 0);
	crate_clear(crate);
	assert_int_equal(EVTAG_ASSIGN(crate, dest, ""), 0);
	crate_marshal(buf, crate);
	assert_holds(buf, "\x01\x00\x03\x00", 4);
	crate_free(crate);
}

/*
 * A long message is appended to what the buffer has: 600 bytes are more than
 * the generated code keeps on the stack.
 */
TEST(long_messages_are_appended)
{
	struct evbuffer *buf = buffer_of("before", 6);
	struct ack *msg = ack_new();
	char text[601];

	memset(text, 'x', 600);
	text[600] = '\0';
	EVTAG_ASSIGN(msg, code, 1);
	EVTAG_ASSIGN(msg, text, text);
	ack_marshal(buf, msg);
	assert_int_equal(EVBUFFER_LENGTH(buf), 6 + 3 + 3 + 600);
	assert_memory_equal(EVBUFFER_DATA(buf), "before\1\1\1\2\x28\x52x", 13);
	evbuffer_drain(buf, 6);
	evtag_marshal_ack(buf, 5, msg);
	ack_clear(msg);
	assert_int_equal(ack_unmarshal(msg, buf), -1);
	assert_string_equal(msg->text_data, text);
	ack_clear(msg);
	assert_int_equal(evtag_unmarshal_ack(buf, 5, msg), 0);
	assert_string_equal(msg->text_data, text);
	assert_holds(buf, "", 0);
	ack_free(msg);
}

static void
count_change_cb(struct evbuffer *buf, size_t old, size_t now, void *change)
{
	(void)buf;
	*(long *)change += (long)now - (long)old;
}

TEST(buffer_s_callback_sees_every_byte)
{
	struct evbuffer *buf = buffer_of("before", 6);
	struct crate *msg = new_crate_five_items();
	long change = 0;

	evbuffer_setcb(buf, count_change_cb, &change);
	crate_marshal(buf, msg);
	assert_int_equal(change, crate_five_items.len);
	evtag_marshal_crate(buf, 1, msg);
	assert_int_equal(6 + change, EVBUFFER_LENGTH(buf));
	evbuffer_drain(buf, 6);
	change = 0;
	crate_clear(msg);
	assert_int_equal(crate_unmarshal(msg, buf), -1);
	assert_int_equal(change, -(long)crate_five_items.len);
	crate_free(msg);
	evbuffer_free(buf);
}

/*
 * The library resumes a search for a line end where it stopped, so it has to
 * notice bytes of a message.
 */
TEST(line_end_in_a_message_is_found)
{
	struct evbuffer *buf = buffer_of("half a line", 11);
	struct ack *msg = new_ack_both();
	char *line;

	evbuffer_expand(buf, 1000);
	assert_null(evbuffer_readline(buf));
	EVTAG_ASSIGN(msg, text, "x\nrest of it");
	ack_marshal(buf, msg);
	assert_null(evbuffer_find(buf, (const unsigned char *)"\r", 1));
	line = evbuffer_readline(buf);
	assert_non_null(line);
	assert_string_equal(line, "half a line\1\2\x18\xc0\2\xcx");
	free(line);
	assert_int_equal(EVBUFFER_LENGTH(buf), 10);
	ack_free(msg);
	evbuffer_free(buf);
}

/* --- random messages --- */

#define N_SEEDS 400

/* FNV-1a of the bytes that 1.4.15 wrote for the seeds 0 to N_SEEDS - 1. */
#define RECORDED UINT64_C(0x90d20319f242e3d5)

TEST(random_messages_are_those_of_1_4)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (unsigned int seed = 0; seed < N_SEEDS; seed++) {
		struct kinds *msg = new_random_kinds(seed);
		struct evbuffer *buf = buffer_of("", 0);

		kinds_marshal(buf, msg);
		for (size_t i = 0; i < EVBUFFER_LENGTH(buf); i++)
			hash = (hash ^ EVBUFFER_DATA(buf)[i]) *
			       UINT64_C(1099511628211);
		kinds_free(msg);
		evbuffer_free(buf);
	}
	if (hash != RECORDED)
		fail_msg("the hash is 0x%016llx", (unsigned long long)hash);
}

TEST(random_messages_are_read_as_they_were_written)
{
	for (unsigned int seed = 0; seed < N_SEEDS; seed++) {
		struct kinds *msg = new_random_kinds(seed);
		struct kinds *back = kinds_new();
		struct evbuffer *buf = buffer_of("", 0);
		struct evbuffer *again = buffer_of("", 0);

		kinds_marshal(buf, msg);
		kinds_marshal(again, msg);
		assert_int_equal(kinds_unmarshal(back, buf), 0);
		assert_int_equal(EVBUFFER_LENGTH(buf), 0);
		kinds_marshal(buf, back);
		assert_holds(buf, EVBUFFER_DATA(again), EVBUFFER_LENGTH(again));
		evbuffer_free(again);
		kinds_free(msg);
		kinds_free(back);
	}
}
