/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two messages for evrpc, with the functions that its macros call, not
 * generated:
 *
 *	struct parcel { string dest = 1; bytes seal = 3;
 *		optional int flags = 200; }
 *	struct receipt { int code = 1; optional string text = 2; }
 *
 * On the wire they are what a generator makes of that.
 */
#ifndef HELPERS_PARCEL_H
#define HELPERS_PARCEL_H

#include <sys/types.h>
#include "support/queue.h"
#include <sys/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evrpc.h>
#include <stdbool.h>

struct parcel {
	char *dest; /* NULL: not set */
	unsigned char *seal;
	ev_uint32_t seal_len, flags;
	bool has_flags;
};

struct receipt {
	ev_uint32_t code;
	bool has_code;
	char *text; /* NULL: not set */
};

/* NULL without memory. */
struct parcel *parcel_new(void);
struct receipt *receipt_new(void);

/* The same, as libevent 2.x's macros call them; arg is ignored. */
struct parcel *parcel_new_with_arg(void *arg);
struct receipt *receipt_new_with_arg(void *arg);

void parcel_free(struct parcel *parcel);
void receipt_free(struct receipt *receipt);

/* Free the members; none is set any more. */
void parcel_clear(struct parcel *parcel);
void receipt_clear(struct receipt *receipt);

/* Return 0 if every member that is not optional is set, else -1. */
int parcel_complete(struct parcel *parcel);
int receipt_complete(struct receipt *receipt);

/* Append the members that are set to buf. */
void parcel_marshal(struct evbuffer *buf, struct parcel *parcel);
void receipt_marshal(struct evbuffer *buf, struct receipt *receipt);

/*
 * Read all of buf.  Return 0; -1 where it is malformed, has a member twice, or
 * one that is set already, or is not complete.
 */
int parcel_unmarshal(struct parcel *parcel, struct evbuffer *buf);
int receipt_unmarshal(struct receipt *receipt, struct evbuffer *buf);

/* Set members, copying; texts NULL: not set. */
void parcel_set(struct parcel *parcel, const char *dest, const char *seal);
void receipt_set(struct receipt *receipt, ev_uint32_t code, const char *text);

/* The calls Store and Half take a parcel and return a receipt. */
EVRPC_HEADER(Store, parcel, receipt)
EVRPC_HEADER(Half, parcel, receipt)

/* How many messages of both kinds are allocated. */
int message_count(void);

/* If fails, *_new() returns NULL from now on; else it works again. */
void message_fail(bool fails);

#endif
