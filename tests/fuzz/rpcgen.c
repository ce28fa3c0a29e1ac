/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes code that event_rpcgen.py made, of every kind of member, nested and in
 * arrays.  The input is one of two things.
 *
 * 1. Bytes from a peer, for one of the structs: read_bytes() reads a message.
 *    If it is refused, the bytes from the wrong record on stay in the buffer.
 * 2. A sequence of calls on a message: call() selects them, change() and
 *    change_*() do one each.
 * 3. In both, check_round_trip() writes the message in the shortest form, and
 *    wants it to be the same when it is read again.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <event.h>

#include "kinds.gen.c"

/* The functions of one generated struct, without its type. */
struct type {
	void *(*empty)(void);
	void (*free)(void *msg);
	int (*complete)(void *msg);
	int (*unmarshal)(void *msg, struct evbuffer *buf);
	void (*marshal)(struct evbuffer *buf, const void *msg);
	int (*unmarshal_tagged)(struct evbuffer *buf, ev_uint32_t tag,
	    void *msg);
	void (*marshal_tagged)(struct evbuffer *buf, ev_uint32_t tag,
	    const void *msg);
};

#define TYPE(name)                                                             \
	static void *name##_empty(void)                                        \
	{                                                                      \
		return name##_new();                                           \
	}                                                                      \
	static void name##_drop(void *msg)                                     \
	{                                                                      \
		name##_free(msg);                                              \
	}                                                                      \
	static int name##_whole(void *msg)                                     \
	{                                                                      \
		return name##_complete(msg);                                   \
	}                                                                      \
	static int name##_in(void *msg, struct evbuffer *buf)                  \
	{                                                                      \
		return name##_unmarshal(msg, buf);                             \
	}                                                                      \
	static void name##_out(struct evbuffer *buf, const void *msg)          \
	{                                                                      \
		name##_marshal(buf, msg);                                      \
	}                                                                      \
	static int name##_in_tagged(struct evbuffer *buf, ev_uint32_t tag,     \
	    void *msg)                                                         \
	{                                                                      \
		return evtag_unmarshal_##name(buf, tag, msg);                  \
	}                                                                      \
	static void name##_out_tagged(struct evbuffer *buf, ev_uint32_t tag,   \
	    const void *msg)                                                   \
	{                                                                      \
		evtag_marshal_##name(buf, tag, msg);                           \
	}
#define ROW(name)                                                              \
	{                                                                      \
		name##_empty, name##_drop, name##_whole, name##_in,            \
		    name##_out, name##_in_tagged, name##_out_tagged            \
	}

TYPE(leaf)
TYPE(kinds)
TYPE(node)
TYPE(empty)

static const struct type types[] = {ROW(leaf), ROW(kinds), ROW(node),
    ROW(empty)};
enum {
	NTYPES = sizeof(types) / sizeof(types[0])
};

/* --- bytes from a peer --- */

/*
 * The bytes in a buffer whose block ends with them, so that ASan notices if one
 * byte more is read.
 */
static struct evbuffer *
buffer_of(const uint8_t *data, size_t size)
{
	struct evbuffer *buf = evbuffer_new();

	CHECK(buf != NULL);
	CHECK(evbuffer_add(buf, data, size) == 0);
	return buf;
}

static void
check_equal(struct evbuffer *a, struct evbuffer *b)
{
	size_t len = EVBUFFER_LENGTH(a);

	CHECK(len == EVBUFFER_LENGTH(b));
	CHECK(len == 0 || memcmp(EVBUFFER_DATA(a), EVBUFFER_DATA(b), len) == 0);
}

/*
 * Checks that a complete message is the same after it was written and read,
 * with and without a tag.
 */
static void
check_round_trip(const struct type *type, void *msg)
{
	struct evbuffer *first = evbuffer_new(), *buf = evbuffer_new();
	void *back = type->empty();
	void *tagged = type->empty();

	CHECK(type->complete(msg) == 0);
	type->marshal(first, msg);
	type->marshal(buf, msg);
	CHECK(type->unmarshal(back, buf) == 0);
	CHECK(EVBUFFER_LENGTH(buf) == 0);
	CHECK(type->complete(back) == 0);
	type->marshal(buf, back);
	check_equal(first, buf);
	evbuffer_drain(buf, EVBUFFER_LENGTH(buf));
	type->marshal_tagged(buf, 1000, msg);
	CHECK(type->unmarshal_tagged(buf, 999, tagged) == -1);
	CHECK(type->unmarshal_tagged(buf, 1000, tagged) == 0);
	CHECK(EVBUFFER_LENGTH(buf) == 0);
	type->marshal(buf, tagged);
	check_equal(first, buf);
	type->free(back);
	type->free(tagged);
	evbuffer_free(first);
	evbuffer_free(buf);
}

static void
read_bytes(const struct type *type, const uint8_t *data, size_t size)
{
	struct evbuffer *buf = buffer_of(data, size), *again = evbuffer_new();
	void *msg = type->empty();
	size_t left;
	int result;

	begin("reads %zu bytes", size);
	result = type->unmarshal(msg, buf);
	left = EVBUFFER_LENGTH(buf);
	CHECK(left <= size);
	if (left > 0)
		CHECK(
		    memcmp(EVBUFFER_DATA(buf), data + size - left, left) == 0);
	if (result == 0) {
		CHECK(left == 0);
		type->marshal(again, msg);
		CHECK(EVBUFFER_LENGTH(again) <= size);
		check_round_trip(type, msg);
	} else {
		/*
		 * A message that is not complete can be written without a
		 * crash.
		 */
		type->marshal(again, msg);
		CHECK(left > 0 || type->complete(msg) == -1);
	}
	type->free(msg);
	msg = type->empty();
	CHECK(type->unmarshal_tagged(buf, 1, msg) == -1 ||
	      EVBUFFER_LENGTH(buf) < left);
	type->free(msg);
	evbuffer_free(buf);
	evbuffer_free(again);
}

/* --- calls --- */

static const char *
take_text(char room[16])
{
	size_t len = take(16);

	for (size_t i = 0; i < len; i++)
		room[i] = (char)(1 + take(255));
	room[len] = '\0';
	return room;
}

static void
change_leaf(struct leaf *leaf)
{
	char room[16];

	switch (take(4)) {
	case 0:
		CHECK(EVTAG_ASSIGN(leaf, number, (ev_uint32_t)take_16()) == 0);
		break;
	case 1:
		CHECK(EVTAG_ASSIGN(leaf, text, take_text(room)) == 0);
		break;
	case 2:
		leaf_clear(leaf);
		break;
	default:
		CHECK(EVTAG_GET(leaf, text, &(char *){NULL}) ==
		      (EVTAG_HAS(leaf, text) ? 0 : -1));
	}
}

/* How many times in a run a tree may get a copy of itself, which doubles it. */
#define MAX_COPIES 5
static int copies;

/*
 * Walks down a tree as the input decides, and changes the node that it reaches.
 */
static void
change_tree(struct node *node)
{
	struct node *next = NULL;
	char room[16];

	for (unsigned steps = take(8); steps > 0; steps--) {
		int n = EVTAG_LEN(node, kids), at = n > 0 ? (int)take(n) : 0;

		switch (take(5)) {
		case 0:
			CHECK(EVTAG_ASSIGN(node, name, take_text(room)) == 0);
			continue;
		case 1:
			CHECK(EVTAG_GET(node, next, &next) == 0);
			break;
		case 2:
			next = EVTAG_ADD(node, kids);
			CHECK(next != NULL);
			break;
		case 3:
			if (EVTAG_GET(node, kids, at, &next) == -1)
				continue;
			break;
		default:
			if (n > 0 && copies++ < MAX_COPIES)
				EVTAG_ASSIGN(node, kids, at, node);
			if (EVTAG_HAS(node, next))
				EVTAG_ASSIGN(node, next, node->next_data);
			continue;
		}
		node = next;
	}
}

static void
change_array(struct kinds *msg)
{
	int n = EVTAG_LEN(msg, leaves), at = (int)take(n + 2) - 1;
	struct leaf *leaf = NULL;

	CHECK(
	    EVTAG_GET(msg, leaves, at, &leaf) == (at >= 0 && at < n ? 0 : -1));
	if (leaf != NULL)
		change_leaf(leaf);
	if (take(2)) {
		CHECK((leaf = EVTAG_ADD(msg, leaves)) != NULL);
		CHECK(EVTAG_LEN(msg, leaves) == n + 1);
		change_leaf(leaf);
	}
	if (EVTAG_HAS(msg, first) && n > 0)
		CHECK(EVTAG_ASSIGN(msg, leaves, n - 1, msg->first_data) == 0);
}

static void
change_structs(struct kinds *msg)
{
	struct node *tree = NULL;
	struct leaf *leaf = NULL;

	switch (take(5)) {
	case 0:
		CHECK(EVTAG_GET(msg, first, &leaf) == 0);
		change_leaf(leaf);
		break;
	case 1:
		CHECK(EVTAG_GET(msg, second, &leaf) == 0);
		change_leaf(leaf);
		break;
	case 2:
		CHECK(EVTAG_GET(msg, tree, &tree) == 0);
		change_tree(tree);
		break;
	case 3:
		if (EVTAG_HAS(msg, second))
			CHECK(EVTAG_ASSIGN(msg, first, msg->second_data) == 0);
		break;
	default:
		change_array(msg);
	}
}

static void
change(struct kinds *msg)
{
	const ev_uint8_t *bytes = (const ev_uint8_t *)"0123456789abcdef";
	char room[16];

	switch (take(10)) {
	case 0:
		CHECK(EVTAG_ASSIGN(msg, count, take(256)) == 0);
		break;
	case 1:
		CHECK(EVTAG_ASSIGN(msg, more, (ev_uint32_t)take_16()) == 0);
		break;
	case 2:
		CHECK(EVTAG_ASSIGN(msg, name, take_text(room)) == 0);
		break;
	case 3:
		CHECK(EVTAG_ASSIGN(msg, note, take_text(room)) == 0);
		break;
	case 4:
		CHECK(EVTAG_ASSIGN(msg, body, bytes, take(17)) == 0);
		break;
	case 5:
		CHECK(EVTAG_ASSIGN(msg, extra, bytes, take(17)) == 0);
		break;
	case 6:
		CHECK(EVTAG_ASSIGN(msg, key, bytes) == 0);
		break;
	case 7:
		CHECK(EVTAG_ASSIGN(msg, mark, bytes) == 0);
		break;
	case 8:
		if (take(8) == 0)
			kinds_clear(msg);
		break;
	default:
		change_structs(msg);
	}
}

static void
call(void)
{
	struct kinds *msg = kinds_new();
	struct evbuffer *buf = evbuffer_new();

	copies = 0;
	while (fuzz_has_more(200)) {
		begin("changes a message");
		change(msg);
	}
	begin("writes the message");
	if (kinds_complete(msg) == 0)
		check_round_trip(&types[1], msg);
	kinds_marshal(buf, msg);
	kinds_free(msg);
	evbuffer_free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	evtag_init();
	fuzz_start(data + 1, size - 1);
	if (data[0] % (NTYPES + 1) == NTYPES)
		call();
	else
		read_bytes(&types[data[0] % (NTYPES + 1)], data + 1, size - 1);
	return 0;
}
