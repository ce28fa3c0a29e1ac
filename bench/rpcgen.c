/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rpcgen CASE marshal|unmarshal N: converts the message of a case to bytes, or
 * back, N times.  Prints how many bytes it has.  rpcgen.py counts instructions:
 * the difference between two runs drops the start.
 */
#include <sys/types.h>
#include <sys/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>

#include "rpcgen.gen.h"

#define BYTES(text) ((const ev_uint8_t *)(text))

static char text[65536];

static void *
new_tiny(void)
{
	struct tiny *msg = tiny_new();

	EVTAG_ASSIGN(msg, a, 7);
	EVTAG_ASSIGN(msg, b, 1000000);
	return msg;
}

static void
fill_item(struct item *msg)
{
	struct tiny *made = new_tiny();

	EVTAG_ASSIGN(msg, name, "a name of some length");
	EVTAG_ASSIGN(msg, weight, 12345);
	EVTAG_ASSIGN(msg, serial, BYTES("123456"));
	EVTAG_ASSIGN(msg, made, made);
	EVTAG_ASSIGN(msg, note, "sold");
	tiny_free(made);
}

static void *
new_item(void)
{
	struct item *msg = item_new();

	fill_item(msg);
	return msg;
}

static void *
new_list(void)
{
	struct list *msg = list_new();
	struct item *item;
	int i;

	EVTAG_ASSIGN(msg, name, "a hundred items");
	EVTAG_ASSIGN(msg, seal, BYTES("seal"), 4);
	for (i = 0; i < 100; i++) {
		item = EVTAG_ADD(msg, items);
		fill_item(item);
	}
	return msg;
}

static void *
new_blob(void)
{
	struct blob *msg = blob_new();

	EVTAG_ASSIGN(msg, kind, 1);
	EVTAG_ASSIGN(msg, data, BYTES(text), sizeof(text));
	return msg;
}

static void *
new_chain(void)
{
	struct chain *msg = chain_new(), *last = msg;
	int i;

	for (i = 0; i < 200; i++) {
		EVTAG_ASSIGN(last, name, "a link");
		EVTAG_GET(last, next, &last);
	}
	EVTAG_ASSIGN(last, name, "the last");
	return msg;
}

/* The functions of a struct, for any message. */
#define FUNCTIONS(type)                                                        \
	static void marshal_##type(struct evbuffer *buf, void *msg)            \
	{                                                                      \
		type##_marshal(buf, msg);                                      \
	}                                                                      \
	static int unmarshal_##type(struct evbuffer *buf)                      \
	{                                                                      \
		struct type *msg = type##_new();                               \
		int result = type##_unmarshal(msg, buf);                       \
                                                                               \
		type##_free(msg);                                              \
		return result;                                                 \
	}
#define ROW(type)                                                              \
	{                                                                      \
#type, new_##type, marshal_##type, unmarshal_##type            \
	}

FUNCTIONS(tiny)
FUNCTIONS(item)
FUNCTIONS(list)
FUNCTIONS(blob)
FUNCTIONS(chain)

static const struct row {
	const char *name;
	void *(*build)(void);
	void (*marshal)(struct evbuffer *, void *);
	int (*unmarshal)(struct evbuffer *);
} rows[] = {ROW(tiny), ROW(item), ROW(list), ROW(blob), ROW(chain)};

/* Refills the buffer each time: a message is read from one that holds it. */
static void
run(const struct row *row, int is_marshal, long n)
{
	struct evbuffer *buf = evbuffer_new(), *all = evbuffer_new();
	void *msg = row->build();
	size_t len;

	row->marshal(all, msg);
	len = EVBUFFER_LENGTH(all);
	for (; n > 0; n--) {
		if (is_marshal)
			row->marshal(buf, msg);
		else
			evbuffer_add(buf, EVBUFFER_DATA(all), len);
		if (EVBUFFER_LENGTH(buf) != len)
			abort();
		if (is_marshal)
			evbuffer_drain(buf, len);
		else if (row->unmarshal(buf) == -1)
			abort();
	}
	printf("%lu\n", (unsigned long)len);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc != 4)
		return 2;
	memset(text, 'x', sizeof(text));
	evtag_init();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, argv[1]) == 0)
			run(&rows[i], strcmp(argv[2], "marshal") == 0,
			    atol(argv[3]));
	return 0;
}
