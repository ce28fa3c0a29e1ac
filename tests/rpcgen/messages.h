/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of generated code share: the golden messages of store.rpc, and
 * buffers of bytes.
 */
#ifndef RPCGEN_MESSAGES_H
#define RPCGEN_MESSAGES_H

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <event.h>

#include "golden.h"
#include "kinds.gen.h"
#include "store.gen.h"

#define SERIAL ((const ev_uint8_t *)"\x01\x02\x03\xfd\xfe\xff")

/* A buffer with these bytes in it. */
struct evbuffer *buffer_of(const void *data, size_t len);

/* Fails the test if the buffer holds anything else; frees it. */
void assert_holds(struct evbuffer *buf, const void *data, size_t len);

/* The messages of golden.h. */
struct stamp *new_stamp(ev_uint32_t sec);
struct widget *new_widget_required(void);
struct widget *new_widget_all(void);
struct crate *new_crate_no_items(void);
struct crate *new_crate_five_items(void);
struct ack *new_ack_both(void);

/*
 * The functions of one struct of store.rpc, without its type, and a golden
 * message of it.
 */
struct kind_of_message {
	const struct golden *golden;
	void *(*build)(void); /* NULL: of another message */
	void *(*empty)(void);
	int (*unmarshal)(void *msg, struct evbuffer *buf);
	void (*marshal)(struct evbuffer *buf, const void *msg);
	int (*complete)(void *msg);
	void (*free)(void *msg);
};

extern const struct kind_of_message messages[];
extern const size_t n_messages;

/*
 * A struct kinds whose members are pseudo-random numbers of the seed; those
 * that are required are set.
 */
struct kinds *new_random_kinds(unsigned int seed);

#endif
