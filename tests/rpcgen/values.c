/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A message in memory: what is set, what a program gets, who owns it.
 */
#include "messages.h"

/*
 * Checks that no member is set and no memory is owned.  An unset weight has
 * this value.
 */
static void
assert_is_empty(const struct widget *msg, ev_uint32_t weight)
{
	static const unsigned char zero[6];

	assert_null(msg->label_data);
	assert_int_equal(msg->weight_data, weight);
	assert_null(msg->blob_data);
	assert_int_equal(msg->blob_length, 0);
	assert_memory_equal(msg->serial_data, zero, 6);
	assert_null(msg->note_data);
	assert_memory_equal(msg->mark_data, zero, 3);
	assert_null(msg->made_data);
	assert_null(msg->sold_data);
	assert_false(EVTAG_HAS(msg, label) || EVTAG_HAS(msg, weight) ||
		     EVTAG_HAS(msg, blob) || EVTAG_HAS(msg, serial) ||
		     EVTAG_HAS(msg, note) || EVTAG_HAS(msg, mark) ||
		     EVTAG_HAS(msg, made) || EVTAG_HAS(msg, sold));
}

TEST(new_message_has_nothing_set)
{
	struct widget *msg = widget_new();
	struct crate *crate = crate_new();

	assert_is_empty(msg, 0);
	assert_false(EVTAG_HAS(crate, items));
	assert_null(crate->items_data);
	assert_int_equal(EVTAG_LEN(crate, items), 0);
	widget_free(msg);
	crate_free(crate);
}

TEST(get_of_what_is_unset_touches_nothing)
{
	struct widget *msg = widget_new(), *item = (struct widget *)1;
	struct crate *crate = crate_new();
	ev_uint8_t *bytes = (ev_uint8_t *)1;
	ev_uint32_t number = 9;
	char *text = (char *)1;

	assert_int_equal(EVTAG_GET(msg, label, &text), -1);
	assert_int_equal(EVTAG_GET(msg, weight, &number), -1);
	assert_int_equal(EVTAG_GET(msg, blob, &bytes, &number), -1);
	assert_int_equal(EVTAG_GET(msg, serial, &bytes), -1);
	assert_int_equal(EVTAG_GET(crate, items, 0, &item), -1);
	assert_ptr_equal(text, 1);
	assert_ptr_equal(bytes, 1);
	assert_ptr_equal(item, 1);
	assert_int_equal(number, 9);
	widget_free(msg);
	crate_free(crate);
}

TEST(get_of_a_struct_makes_it)
{
	struct widget *msg = widget_new();
	struct stamp *made = NULL, *again = NULL;

	assert_int_equal(EVTAG_GET(msg, made, &made), 0);
	assert_non_null(made);
	assert_true(EVTAG_HAS(msg, made));
	assert_false(EVTAG_HAS(made, sec));
	assert_int_equal(EVTAG_GET(msg, made, &again), 0);
	assert_ptr_equal(made, again);
	widget_free(msg);
}

TEST(get_has_the_value_itself)
{
	struct widget *msg = new_widget_required();
	ev_uint8_t *serial;
	char *label;

	assert_int_equal(EVTAG_GET(msg, label, &label), 0);
	assert_ptr_equal(label, msg->label_data);
	assert_int_equal(EVTAG_GET(msg, serial, &serial), 0);
	assert_ptr_equal(serial, msg->serial_data);
	label[0] = 'B';
	assert_string_equal(msg->label_data, "Bolt");
	widget_free(msg);
}

TEST(assign_replaces_a_copy)
{
	char label[] = "first";
	struct widget *msg = widget_new();
	ev_uint8_t blob[] = {1, 2, 3};

	assert_int_equal(EVTAG_ASSIGN(msg, label, label), 0);
	label[0] = 'F';
	assert_string_equal(msg->label_data, "first");
	assert_int_equal(EVTAG_ASSIGN(msg, label, "second"), 0);
	assert_string_equal(msg->label_data, "second");
	assert_int_equal(EVTAG_ASSIGN(msg, weight, 1), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, weight, 2), 0);
	assert_int_equal(msg->weight_data, 2);
	assert_int_equal(EVTAG_ASSIGN(msg, blob, blob, 3), 0);
	blob[0] = 9;
	assert_memory_equal(msg->blob_data, "\1\2\3", 3);
	assert_int_equal(EVTAG_ASSIGN(msg, blob, blob, 1), 0);
	assert_int_equal(EVTAG_LEN(msg, blob), 1);
	assert_memory_equal(msg->blob_data, "\x9", 1);
	widget_free(msg);
}

TEST(no_bytes_are_set_with_length_0)
{
	struct widget *msg = widget_new();
	ev_uint8_t *blob = NULL;
	ev_uint32_t len = 9;

	assert_int_equal(EVTAG_ASSIGN(msg, blob, (const ev_uint8_t *)"", 0), 0);
	assert_true(EVTAG_HAS(msg, blob));
	assert_int_equal(EVTAG_GET(msg, blob, &blob, &len), 0);
	assert_int_equal(len, 0);
	assert_non_null(blob);
	widget_free(msg);
}

TEST(assign_of_null_is_an_error, DIFFERS(V14, "reads through NULL"))
{
	struct widget *msg = new_widget_required();

	assert_int_equal(EVTAG_ASSIGN(msg, label, NULL), -1);
	assert_string_equal(msg->label_data, "bolt");
	assert_int_equal(EVTAG_ASSIGN(msg, blob, NULL, 1), -1);
	assert_false(EVTAG_HAS(msg, blob));
	assert_int_equal(EVTAG_ASSIGN(msg, serial, NULL), -1);
	assert_memory_equal(msg->serial_data, SERIAL, 6);
	assert_int_equal(EVTAG_ASSIGN(msg, made, NULL), -1);
	assert_int_equal(msg->made_data->sec_data, 1000000000);
	widget_free(msg);
}

TEST(assign_of_a_message_s_own_values,
    DIFFERS_BY_CHANCE(V14, "reads what it has freed"))
{
	struct widget *msg = new_widget_all();

	assert_int_equal(EVTAG_ASSIGN(msg, label, msg->label_data + 1), 0);
	assert_string_equal(msg->label_data, "olt");
	assert_int_equal(EVTAG_ASSIGN(msg, blob, msg->blob_data + 1, 2), 0);
	assert_memory_equal(msg->blob_data, "\0b", 2);
	assert_int_equal(EVTAG_ASSIGN(msg, serial, msg->serial_data), 0);
	assert_memory_equal(msg->serial_data, SERIAL, 6);
	assert_int_equal(EVTAG_ASSIGN(msg, made, msg->made_data), 0);
	assert_int_equal(msg->made_data->sec_data, 1000000000);
	widget_free(msg);
}

/* --- structs --- */

TEST(assigned_struct_is_a_copy_that_stays_where_it_is)
{
	struct widget *msg = new_widget_required();
	struct stamp *made = msg->made_data, *other = new_stamp(5);

	assert_int_equal(EVTAG_ASSIGN(msg, made, other), 0);
	assert_ptr_equal(msg->made_data, made);
	assert_ptr_not_equal(msg->made_data, other);
	assert_int_equal(made->sec_data, 5);
	stamp_free(other);
	widget_free(msg);
}

/* 1.4: the copy of an unset number counts as set. */
TEST(unset_numbers_are_set_in_a_copy)
{
	struct widget *msg = widget_new();
	struct stamp *empty = stamp_new();

	evtag_init();
	assert_int_equal(EVTAG_ASSIGN(msg, made, empty), 0);
	assert_true(EVTAG_HAS(msg, made));
	assert_true(EVTAG_HAS(msg->made_data, sec));
	assert_int_equal(msg->made_data->sec_data, 0);
	stamp_free(empty);
	widget_free(msg);
}

TEST(assign_of_a_struct_without_its_string_is_an_error,
    DIFFERS(V14, "reads through NULL"))
{
	struct kinds *msg = new_random_kinds(1);
	struct node *unnamed = node_new(), *tree;
	struct crate *crate = new_crate_five_items();
	struct widget *empty = widget_new();

	assert_int_equal(EVTAG_GET(msg, tree, &tree), 0);
	assert_int_equal(EVTAG_ASSIGN(tree, name, "root"), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, tree, unnamed), -1);
	assert_string_equal(msg->tree_data->name_data, "root");
	assert_int_equal(EVTAG_ASSIGN(crate, items, 2, empty), -1);
	assert_int_equal(crate->items_data[2]->weight_data, 2);
	node_free(unnamed);
	widget_free(empty);
	kinds_free(msg);
	crate_free(crate);
}

TEST(struct_is_copied_with_all_that_is_in_it)
{
	struct node *from = node_new(), *to = node_new(), *next, *kid;

	evtag_init();
	assert_int_equal(EVTAG_ASSIGN(to, name, "to"), 0);
	assert_int_equal(EVTAG_ASSIGN(from, name, "a"), 0);
	assert_int_equal(EVTAG_GET(from, next, &next), 0);
	assert_int_equal(EVTAG_ASSIGN(next, name, "b"), 0);
	kid = EVTAG_ADD(next, kids);
	assert_int_equal(EVTAG_ASSIGN(kid, name, "c"), 0);
	assert_int_equal(EVTAG_ASSIGN(to, next, from), 0);
	node_free(from);
	assert_string_equal(to->next_data->name_data, "a");
	next = to->next_data->next_data;
	assert_string_equal(next->name_data, "b");
	assert_int_equal(EVTAG_LEN(next, kids), 1);
	assert_string_equal(next->kids_data[0]->name_data, "c");
	node_free(to);
}

/* --- arrays --- */

TEST(array_grows_by_add)
{
	struct crate *msg = crate_new();
	struct widget *item, *added[9];

	assert_false(EVTAG_HAS(msg, items));
	for (int i = 0; i < 9; i++) {
		added[i] = EVTAG_ADD(msg, items);
		assert_non_null(added[i]);
		assert_true(EVTAG_HAS(msg, items));
		assert_int_equal(EVTAG_LEN(msg, items), i + 1);
		assert_true(msg->items_num_allocated > i);
	}
	for (int i = 0; i < 9; i++) {
		assert_int_equal(EVTAG_GET(msg, items, i, &item), 0);
		assert_ptr_equal(item, added[i]);
		assert_ptr_equal(item, msg->items_data[i]);
	}
	crate_free(msg);
}

TEST(index_outside_an_array_is_an_error)
{
	struct widget *widget = new_widget_required(), *item = NULL;
	struct crate *msg = new_crate_five_items();

	assert_int_equal(EVTAG_GET(msg, items, 5, &item), -1);
	assert_int_equal(EVTAG_GET(msg, items, -1, &item), -1);
	assert_null(item);
	assert_int_equal(EVTAG_ASSIGN(msg, items, 5, widget), -1);
	assert_int_equal(EVTAG_ASSIGN(msg, items, -1, widget), -1);
	assert_int_equal(EVTAG_LEN(msg, items), 5);
	widget_free(widget);
	crate_free(msg);
}

TEST(assigned_element_stays_where_it_is)
{
	struct widget *widget = new_widget_required();
	struct crate *msg = new_crate_five_items();
	struct widget *third = msg->items_data[2];

	EVTAG_ASSIGN(widget, weight, 300);
	assert_int_equal(EVTAG_ASSIGN(msg, items, 2, widget), 0);
	assert_ptr_equal(msg->items_data[2], third);
	assert_int_equal(third->weight_data, 300);
	assert_int_equal(msg->items_data[1]->weight_data, 1);
	widget_free(widget);
	crate_free(msg);
}

/* --- clear, free, complete --- */

TEST(cleared_message_has_nothing_set_but_keeps_its_numbers)
{
	struct widget *msg = new_widget_all();
	struct crate *crate = new_crate_five_items();

	widget_clear(msg);
	assert_is_empty(msg, 7);
	crate_clear(crate);
	assert_int_equal(EVTAG_LEN(crate, items), 0);
	assert_null(crate->items_data);
	assert_null(crate->dest_data);
	assert_false(EVTAG_HAS(crate, items));
	assert_int_equal(EVTAG_LEN(crate, seal), 0);
	assert_non_null(EVTAG_ADD(crate, items));
	widget_free(msg);
	crate_free(crate);
}

TEST(free_of_null_is_nothing, DIFFERS(V14, "reads through NULL"))
{
	widget_free(NULL);
	crate_free(NULL);
}

TEST(message_is_complete_with_all_that_is_required)
{
	struct widget *msg = widget_new();
	struct stamp *made;

	assert_int_equal(EVTAG_GET(msg, made, &made), 0);
	assert_int_equal(widget_complete(msg), -1);
	assert_int_equal(EVTAG_ASSIGN(msg, label, "nut"), 0);
	assert_int_equal(widget_complete(msg), -1);
	assert_int_equal(EVTAG_ASSIGN(msg, weight, 7), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, serial, SERIAL), 0);
	assert_int_equal(widget_complete(msg), -1);
	assert_int_equal(EVTAG_ASSIGN(made, sec, 0), 0);
	assert_int_equal(widget_complete(msg), 0);
	assert_int_equal(EVTAG_GET(msg, sold, &made), 0);
	assert_int_equal(widget_complete(msg), -1);
	assert_int_equal(EVTAG_ASSIGN(made, sec, 0), 0);
	assert_int_equal(widget_complete(msg), 0);
	widget_free(msg);
}

TEST(message_without_its_struct_is_not_complete,
    DIFFERS(V14, "reads through NULL"))
{
	struct widget *msg = widget_new();

	EVTAG_ASSIGN(msg, label, "nut");
	EVTAG_ASSIGN(msg, weight, 7);
	EVTAG_ASSIGN(msg, serial, SERIAL);
	assert_int_equal(widget_complete(msg), -1);
	widget_free(msg);
}

TEST(elements_have_to_be_complete)
{
	struct crate *msg = new_crate_no_items();
	struct widget *item;
	struct stamp *made;

	assert_int_equal(crate_complete(msg), 0);
	item = EVTAG_ADD(msg, items);
	assert_int_equal(EVTAG_GET(item, made, &made), 0);
	assert_int_equal(crate_complete(msg), -1);
	EVTAG_ASSIGN(made, sec, 1);
	EVTAG_ASSIGN(item, label, "");
	EVTAG_ASSIGN(item, weight, 0);
	EVTAG_ASSIGN(item, serial, SERIAL);
	assert_int_equal(crate_complete(msg), 0);
	crate_free(msg);
}

TEST(struct_without_members_is_complete_and_writes_nothing)
{
	struct evbuffer *buf = buffer_of("", 0);
	struct empty *msg = empty_new();

	assert_int_equal(empty_complete(msg), 0);
	empty_marshal(buf, msg);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_int_equal(empty_unmarshal(msg, buf), 0);
	evbuffer_add(buf, (char[]){1, 1, 0}, 3);
	assert_int_equal(empty_unmarshal(msg, buf), -1);
	empty_clear(msg);
	empty_free(msg);
	evbuffer_free(buf);
}

/* --- writing what is not set --- */

TEST(unset_string_and_struct_are_left_out, DIFFERS(V14, "reads through NULL"))
{
	struct evbuffer *buf = buffer_of("", 0);
	struct widget *msg = widget_new();

	EVTAG_ASSIGN(msg, weight, 7);
	widget_marshal(buf, msg);
	assert_holds(buf, "\x10\x01\x07\x04\x06\0\0\0\0\0\0", 11);
	widget_free(msg);
}
