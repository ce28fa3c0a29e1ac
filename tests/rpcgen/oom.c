/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generated code without memory: each allocation fails once.  The call returns
 * an error, changes nothing, leaks nothing, and succeeds the next time.
 */
#include "messages.h"
#include "../regress/wrap.h"

/*
 * Calls succeeds() with the first, second, ... allocation failing, until none
 * fails.  Returns how many calls returned false; some succeed nevertheless, as
 * buffers need not grow.
 */
static int
count_failures(bool (*succeeds)(void *), void *arg)
{
	for (long nth = 1;; nth++) {
		struct counts before = counts, since;
		bool success, failed;

		fail_alloc(nth);
		success = succeeds(arg);
		failed = alloc_failed();
		fail_alloc(0);
		since = counts_since(&before);
		assert_int_equal(since.bytes, 0);
		assert_true(success || failed);
		if (!failed)
			return (int)nth - 1;
	}
}

static bool
may_build(void *arg)
{
	struct widget *msg = widget_new();
	bool success = msg != NULL && EVTAG_ASSIGN(msg, label, "bolt") == 0 &&
		       EVTAG_ASSIGN(msg, blob, SERIAL, 6) == 0 &&
		       EVTAG_ASSIGN(msg, serial, SERIAL) == 0 &&
		       EVTAG_ASSIGN(msg, made, arg) == 0 &&
		       EVTAG_GET(msg, sold, &(struct stamp *){NULL}) == 0;

	if (!success && msg != NULL) {
		assert_int_equal(EVTAG_HAS(msg, label),
		    msg->label_data != NULL);
		assert_int_equal(EVTAG_HAS(msg, blob), msg->blob_data != NULL);
		assert_int_equal(EVTAG_HAS(msg, made), msg->made_data != NULL);
		assert_false(EVTAG_HAS(msg, sold));
	}
	widget_free(msg);
	return success;
}

TEST(message_that_gets_no_memory_is_not_built)
{
	struct stamp *made = new_stamp(5);

	assert_true(count_failures(may_build, made) >= 5);
	stamp_free(made);
}

/* What was set is still set. */
static bool
may_replace(void *arg)
{
	struct widget *msg = arg;
	struct stamp *made = stamp_new();
	bool success;

	if (made == NULL)
		return false;
	EVTAG_ASSIGN(made, sec, 1000000000);
	success = EVTAG_ASSIGN(msg, label, "bolt") == 0 &&
		  EVTAG_ASSIGN(msg, blob, (const ev_uint8_t *)"a\0b", 3) == 0 &&
		  EVTAG_ASSIGN(msg, made, made) == 0;
	stamp_free(made);
	assert_string_equal(msg->label_data, "bolt");
	assert_memory_equal(msg->blob_data, "a\0b", 3);
	assert_int_equal(msg->made_data->sec_data, 1000000000);
	return success;
}

TEST(value_that_gets_no_memory_stays_what_it_was)
{
	struct widget *msg = new_widget_all();

	may_replace(msg);
	assert_true(count_failures(may_replace, msg) >= 4);
	widget_free(msg);
}

static bool
may_add(void *arg)
{
	struct crate *msg = crate_new();
	bool success = msg != NULL;

	for (int i = 0; success && i < 5; i++) {
		success = EVTAG_ADD(msg, items) != NULL &&
			  EVTAG_ASSIGN(msg, items, i, arg) == 0;
		assert_true(EVTAG_LEN(msg, items) >= i);
		assert_true(EVTAG_LEN(msg, items) <= i + 1);
	}
	crate_free(msg);
	return success;
}

TEST(element_that_gets_no_memory_is_not_added)
{
	struct widget *widget = new_widget_all();

	assert_true(count_failures(may_add, widget) >= 10);
	widget_free(widget);
}

#define ACK_SIZE (3 + 3 + 600)

/* A message of more bytes than the stack has room for, into an empty buffer. */
static bool
may_write(void *arg)
{
	struct evbuffer *buf = evbuffer_new();
	size_t len;

	if (buf == NULL)
		return false;
	ack_marshal(buf, arg);
	len = EVBUFFER_LENGTH(buf);
	assert_true(len == 0 || len == ACK_SIZE);
	evtag_marshal_ack(buf, 7, arg);
	assert_true(EVBUFFER_LENGTH(buf) == len ||
		    EVBUFFER_LENGTH(buf) == len + 3 + ACK_SIZE);
	len = EVBUFFER_LENGTH(buf) == 2 * ACK_SIZE + 3;
	evbuffer_free(buf);
	return len;
}

TEST(message_that_gets_no_memory_is_not_written_in_part)
{
	struct ack *msg = ack_new();
	char text[601];

	memset(text, 'x', 600);
	text[600] = '\0';
	EVTAG_ASSIGN(msg, code, 1);
	EVTAG_ASSIGN(msg, text, text);
	assert_true(count_failures(may_write, msg) >= 3);
	ack_free(msg);
}

/* The record that got no memory stays in the buffer, so that a retry succeeds.
 */
static bool
may_read(void *arg)
{
	const struct evbuffer *all = arg;
	struct evbuffer *buf = evbuffer_new();
	struct kinds *msg = kinds_new();
	bool success = false;

	if (buf != NULL && msg != NULL &&
	    evbuffer_add(buf, EVBUFFER_DATA(all), EVBUFFER_LENGTH(all)) == 0) {
		success = kinds_unmarshal(msg, buf) == 0;
		if (!success)
			assert_int_equal(kinds_unmarshal(msg, buf), 0);
	}
	kinds_free(msg);
	if (buf != NULL)
		evbuffer_free(buf);
	return success;
}

TEST(message_that_gets_no_memory_is_read_later)
{
	for (unsigned int seed = 0; seed < 20; seed++) {
		struct kinds *from = new_random_kinds(seed);
		struct evbuffer *all = buffer_of("", 0);

		kinds_marshal(all, from);
		kinds_free(from);
		assert_true(count_failures(may_read, all) >= 5);
		evbuffer_free(all);
	}
}

static bool
may_read_record(void *arg)
{
	struct evbuffer *buf = evbuffer_new();
	struct widget *msg = widget_new();
	bool success = false;

	if (buf != NULL && msg != NULL) {
		evtag_marshal_widget(buf, 3, arg);
		if (EVBUFFER_LENGTH(buf) > 0) {
			size_t len = EVBUFFER_LENGTH(buf);

			success = evtag_unmarshal_widget(buf, 3, msg) == 0;
			assert_int_equal(EVBUFFER_LENGTH(buf),
			    success ? 0 : len);
		}
	}
	widget_free(msg);
	if (buf != NULL)
		evbuffer_free(buf);
	return success;
}

TEST(record_that_gets_no_memory_stays)
{
	struct widget *msg = new_widget_all();

	assert_true(count_failures(may_read_record, msg) >= 5);
	widget_free(msg);
}

/*
 * Some programs clear the *_set members themselves instead of calling the clear
 * function.
 */
TEST(values_that_a_program_unset_are_not_lost)
{
	struct evbuffer *buf = buffer_of(widget_all.at, widget_all.len);
	struct counts before = counts, since;
	struct widget *msg = new_widget_all();

	msg->label_set = msg->weight_set = msg->blob_set = msg->serial_set = 0;
	msg->note_set = msg->mark_set = msg->made_set = msg->sold_set = 0;
	assert_int_equal(widget_unmarshal(msg, buf), 0);
	assert_string_equal(msg->label_data, "bolt");
	widget_free(msg);
	evbuffer_drain(buf, EVBUFFER_LENGTH(buf));
	since = counts_since(&before);
	assert_int_equal(since.bytes, 0);
	evbuffer_free(buf);
}
