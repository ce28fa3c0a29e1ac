/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two messages for evrpc, with the functions that its macros want, written by
 * hand:
 *
 *	struct crate { string dest = 1; bytes seal = 3; optional int flags =
 *200; } struct ack { int code = 1; optional string text = 2; }
 *
 * On the wire they are what a generator makes of that.
 */
#ifndef HARNESS_STORE_H
#define HARNESS_STORE_H

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evrpc.h>
#include <stdbool.h>

struct crate {
	char *dest; /* NULL: not set */
	unsigned char *seal;
	ev_uint32_t seal_len, flags;
	bool has_flags;
};

struct ack {
	ev_uint32_t code;
	bool has_code;
	char *text; /* NULL: not set */
};

/* NULL without memory. */
struct crate *crate_new(void);
struct ack *ack_new(void);

/* The same, as libevent 2.x's macros call them; arg is ignored. */
struct crate *crate_new_with_arg(void *arg);
struct ack *ack_new_with_arg(void *arg);

void crate_free(struct crate *crate);
void ack_free(struct ack *ack);

/* Nothing is set any more. */
void crate_clear(struct crate *crate);
void ack_clear(struct ack *ack);

/* 0 if all that has to be set is; else -1. */
int crate_complete(struct crate *crate);
int ack_complete(struct ack *ack);

/* Write what is set. */
void crate_marshal(struct evbuffer *buf, struct crate *crate);
void ack_marshal(struct evbuffer *buf, struct ack *ack);

/*
 * Read all of buf.  Return 0; -1 where it is malformed, has a member twice, or
 * one that is set already, or is not complete.
 */
int crate_unmarshal(struct crate *crate, struct evbuffer *buf);
int ack_unmarshal(struct ack *ack, struct evbuffer *buf);

/* Set members, copying; texts NULL: not set. */
void crate_set(struct crate *crate, const char *dest, const char *seal);
void ack_set(struct ack *ack, ev_uint32_t code, const char *text);

/* Two calls. */
EVRPC_HEADER(Store, crate, ack)
EVRPC_HEADER(Half, crate, ack)

/* How many of both there are. */
int store_count(void);

/* From now on *_new() is NULL, or not. */
void store_fail(bool fails);

#endif
