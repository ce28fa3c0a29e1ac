/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Structs of one description that are members of structs of another, whose
 * code is a file of its own.
 */
#include "messages.h"
#include "letter.gen.h"

static struct letter *
new_letter(struct widget *enclosed)
{
	struct letter *msg = letter_new(), *answer;
	struct stamp *sent = new_stamp(5);

	evtag_init();
	assert_non_null(msg);
	assert_int_equal(EVTAG_ASSIGN(msg, sent, sent), 0);
	assert_non_null(EVTAG_ADD(msg, enclosed));
	assert_int_equal(EVTAG_ASSIGN(msg, enclosed, 0, enclosed), 0);
	assert_int_equal(EVTAG_GET(msg, answer, &answer), 0);
	assert_int_equal(EVTAG_ASSIGN(answer, sent, sent), 0);
	stamp_free(sent);
	return msg;
}

/* Tags 1, 2, 3 with the payloads of other golden messages. */
TEST(struct_of_another_description_is_written_and_read)
{
	struct widget *widget = new_widget_required();
	struct letter *msg = new_letter(widget), *back = letter_new();
	struct evbuffer *buf = buffer_of("", 0), *expected = buffer_of("", 0);

	evbuffer_add(expected, (char[]){1, 3, 1, 1, 5, 2, 0x1a, 0x10}, 8);
	evbuffer_add(expected, widget_required.at, widget_required.len);
	evbuffer_add(expected, (char[]){3, 5, 1, 3, 1, 1, 5}, 7);
	letter_marshal(buf, msg);
	assert_int_equal(letter_unmarshal(back, buf), 0);
	assert_int_equal(EVTAG_LEN(back, enclosed), 1);
	assert_string_equal(back->enclosed_data[0]->label_data, "bolt");
	assert_int_equal(back->answer_data->sent_data->sec_data, 5);
	letter_marshal(buf, back);
	assert_holds(buf, EVBUFFER_DATA(expected), EVBUFFER_LENGTH(expected));
	evbuffer_free(expected);
	widget_free(widget);
	letter_free(msg);
	letter_free(back);
}

TEST(struct_of_another_description_has_to_be_complete,
    DIFFERS(V14, "reads through NULL"))
{
	struct letter *msg = letter_new();
	struct crate *follows;

	assert_int_equal(letter_complete(msg), -1);
	assert_int_equal(EVTAG_ASSIGN(msg, sent, msg->sent_data), -1);
	assert_int_equal(EVTAG_GET(msg, sent, &msg->sent_data), 0);
	assert_int_equal(EVTAG_ASSIGN(msg->sent_data, sec, 1), 0);
	assert_int_equal(letter_complete(msg), 0);
	assert_int_equal(EVTAG_GET(msg, follows, &follows), 0);
	assert_int_equal(letter_complete(msg), -1);
	letter_free(msg);
}
