/* SPDX-License-Identifier: BSD-3-Clause */
#include "messages.h"

#include <stdint.h>
#include <stdio.h>

struct evbuffer *
buffer_of(const void *data, size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	assert_non_null(buf);
	evtag_init();
	assert_int_equal(evbuffer_add(buf, (void *)(uintptr_t)data, len), 0);
	return buf;
}

void
assert_holds(struct evbuffer *buf, const void *data, size_t len)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), len);
	if (len > 0)
		assert_memory_equal(EVBUFFER_DATA(buf), data, len);
	evbuffer_free(buf);
}

/* --- the golden messages --- */

struct stamp *
new_stamp(ev_uint32_t sec)
{
	struct stamp *msg = stamp_new();

	assert_non_null(msg);
	assert_int_equal(EVTAG_ASSIGN(msg, sec, sec), 0);
	return msg;
}

static struct stamp *
new_stamp_both(void)
{
	struct stamp *msg = new_stamp(4294967295u);

	assert_int_equal(EVTAG_ASSIGN(msg, usec, 999999), 0);
	return msg;
}

struct widget *
new_widget_required(void)
{
	struct stamp *made = new_stamp(1000000000);
	struct widget *msg = widget_new();

	evtag_init();
	assert_non_null(msg);
	assert_int_equal(EVTAG_ASSIGN(msg, label, "bolt"), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, weight, 7), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, serial, SERIAL), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, made, made), 0);
	stamp_free(made);
	return msg;
}

struct widget *
new_widget_all(void)
{
	struct widget *msg = new_widget_required();
	struct stamp *sold = new_stamp(0);

	assert_int_equal(EVTAG_ASSIGN(sold, usec, 4294967295u), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, blob, (const ev_uint8_t *)"a\0b", 3),
	    0);
	assert_int_equal(EVTAG_ASSIGN(msg, note, ""), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, mark, (const ev_uint8_t *)"XYZ"), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, sold, sold), 0);
	stamp_free(sold);
	return msg;
}

struct crate *
new_crate_no_items(void)
{
	struct crate *msg = crate_new();

	assert_non_null(msg);
	assert_int_equal(EVTAG_ASSIGN(msg, dest, "hall 3"), 0);
	assert_int_equal(EVTAG_ASSIGN(msg, seal, (const ev_uint8_t *)"\xde\xad",
			     2),
	    0);
	return msg;
}

struct crate *
new_crate_five_items(void)
{
	struct widget *widget = new_widget_required();
	struct crate *msg = new_crate_no_items();

	for (int i = 0; i < 5; i++) {
		assert_int_equal(EVTAG_ASSIGN(widget, weight, i), 0);
		assert_non_null(EVTAG_ADD(msg, items));
		assert_int_equal(EVTAG_ASSIGN(msg, items, i, widget), 0);
	}
	assert_int_equal(EVTAG_ASSIGN(msg, flags, 3), 0);
	widget_free(widget);
	return msg;
}

static struct ack *
new_ack_code(void)
{
	struct ack *msg = ack_new();

	assert_non_null(msg);
	assert_int_equal(EVTAG_ASSIGN(msg, code, 200), 0);
	return msg;
}

struct ack *
new_ack_both(void)
{
	struct ack *msg = new_ack_code();

	assert_int_equal(EVTAG_ASSIGN(msg, text, "h\xc3\xa9llo"), 0);
	return msg;
}

/* The functions of one struct, for any message. */
#define FUNCTIONS(type)                                                        \
	static void *empty_##type(void)                                        \
	{                                                                      \
		evtag_init();                                                  \
		return type##_new();                                           \
	}                                                                      \
	static int unmarshal_##type(void *msg, struct evbuffer *buf)           \
	{                                                                      \
		return type##_unmarshal(msg, buf);                             \
	}                                                                      \
	static void marshal_##type(struct evbuffer *buf, const void *msg)      \
	{                                                                      \
		type##_marshal(buf, msg);                                      \
	}                                                                      \
	static int complete_##type(void *msg)                                  \
	{                                                                      \
		return type##_complete(msg);                                   \
	}                                                                      \
	static void free_##type(void *msg)                                     \
	{                                                                      \
		type##_free(msg);                                              \
	}
#define BUILDER(name, type)                                                    \
	static void *build_##name(void)                                        \
	{                                                                      \
		struct type *msg = new_##name();                               \
		return msg;                                                    \
	}
#define ROW(name, type)                                                        \
	{                                                                      \
		&name, build_##name, empty_##type, unmarshal_##type,           \
		    marshal_##type, complete_##type, free_##type               \
	}

FUNCTIONS(stamp)
FUNCTIONS(widget)
FUNCTIONS(crate)
FUNCTIONS(ack)
BUILDER(stamp_both, stamp)
BUILDER(widget_required, widget)
BUILDER(widget_all, widget)
BUILDER(crate_no_items, crate)
BUILDER(crate_five_items, crate)
BUILDER(ack_code, ack)
BUILDER(ack_both, ack)

const struct kind_of_message messages[] = {ROW(stamp_both, stamp),
    ROW(widget_required, widget), ROW(widget_all, widget),
    ROW(crate_no_items, crate), ROW(crate_five_items, crate),
    ROW(ack_code, ack), ROW(ack_both, ack)};
const size_t n_messages = COUNT(messages);

/* --- random messages --- */

/*
 * The next pseudo-random number below bound; the sequence for a seed is the
 * same on every machine.
 */
static ev_uint32_t
below(uint64_t *state, ev_uint32_t bound)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (ev_uint32_t)(*state >> 33) % bound;
}

/* Numbers of every length. */
static ev_uint32_t
number(uint64_t *state)
{
	ev_uint32_t value = below(state, 0x7fffffff);

	return value >> below(state, 31);
}

static const char *
text(uint64_t *state, char room[40])
{
	size_t len = below(state, 39);

	for (size_t i = 0; i < len; i++)
		room[i] = (char)(1 + below(state, 255));
	room[len] = '\0';
	return room;
}

static void
fill_leaf(struct leaf *leaf, uint64_t *state)
{
	char room[40];

	assert_non_null(leaf);
	EVTAG_ASSIGN(leaf, number, number(state));
	if (below(state, 2))
		EVTAG_ASSIGN(leaf, text, text(state, room));
}

static void
fill_node(struct node *node, uint64_t *state, unsigned int depth)
{
	struct node *next;
	char room[40];

	assert_non_null(node);
	EVTAG_ASSIGN(node, name, text(state, room));
	if (depth == 0)
		return;
	if (below(state, 2)) {
		assert_int_equal(EVTAG_GET(node, next, &next), 0);
		fill_node(next, state, depth - 1);
	}
	for (ev_uint32_t n = below(state, 3); n > 0; n--)
		fill_node(EVTAG_ADD(node, kids), state, depth - 1);
}

static void
fill_optional(struct kinds *msg, uint64_t *state)
{
	struct leaf *second;
	struct node *tree;
	char room[40] = "";

	if (below(state, 2))
		EVTAG_ASSIGN(msg, more, number(state));
	if (below(state, 2))
		EVTAG_ASSIGN(msg, note, text(state, room));
	if (below(state, 2))
		EVTAG_ASSIGN(msg, extra, (const ev_uint8_t *)room,
		    below(state, 30));
	if (below(state, 2))
		EVTAG_ASSIGN(msg, mark, (const ev_uint8_t *)"abc");
	if (below(state, 2)) {
		assert_int_equal(EVTAG_GET(msg, second, &second), 0);
		fill_leaf(second, state);
	}
	if (below(state, 2)) {
		assert_int_equal(EVTAG_GET(msg, tree, &tree), 0);
		fill_node(tree, state, 4);
	}
}

struct kinds *
new_random_kinds(unsigned int seed)
{
	struct kinds *msg = kinds_new();
	uint64_t state = seed;
	struct leaf *first;
	char room[40] = "";

	evtag_init();
	assert_non_null(msg);
	EVTAG_ASSIGN(msg, count, number(&state));
	EVTAG_ASSIGN(msg, name, text(&state, room));
	EVTAG_ASSIGN(msg, body, (const ev_uint8_t *)room, below(&state, 40));
	EVTAG_ASSIGN(msg, key, (const ev_uint8_t *)"\0\xff\x80\x01");
	assert_int_equal(EVTAG_GET(msg, first, &first), 0);
	fill_leaf(first, &state);
	fill_optional(msg, &state);
	for (ev_uint32_t n = below(&state, 6); n > 0; n--)
		fill_leaf(EVTAG_ADD(msg, leaves), &state);
	return msg;
}
