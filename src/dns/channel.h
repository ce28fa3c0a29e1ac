/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queries in c-ares, which no other file uses.  c-ares has the queries that
 * wait for a reply, and finds the query of a reply by id, name, type and class.
 * Other files decide when and where a query is sent, how long it waits, and
 * what a reply means.
 */
#ifndef EVI_CHANNEL_H
#define EVI_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/queue.h"

struct channel;

/*
 * A query, in the caller's memory.  ended_cb() is called once, perhaps before
 * evi_channel_ask() returns.  reply is a message of len bytes, valid until the
 * return; or NULL, if there is no memory, c-ares rejects the message of the
 * query, or the query was given up.
 * ended_cb() runs inside c-ares, and may not call functions of this file.
 */
struct query {
	TAILQ_ENTRY(query) link; /* of the channel, until the query has ended */
	struct channel *channel; /* NULL: not in flight */
	void (*ended_cb)(struct query *query, const uint8_t *reply, size_t len);
	uint8_t *msg;
	size_t len; /* bytes of msg; 0: c-ares wrote none, for lack of memory */
	uint16_t id; /* given to c-ares; some versions write another one */
};

/* Makes a channel, for the queries to one server.  NULL without memory. */
struct channel *evi_channel_new(void);

/*
 * Frees a channel, and ends all its queries without a reply.  NULL is ignored.
 * Not to be called in ended_cb().
 */
void evi_channel_free(struct channel *channel);

/*
 * The most queries that the caller may have in flight: half of all ids.  We and
 * some versions of c-ares draw ids until one is free.
 */
#define EVI_CHANNEL_MAX 32768

/*
 * Starts a query, of which the caller has set ended_cb, msg and len: a message
 * without an OPT record.  Writes the id to msg; the caller sends that, unless
 * the query has ended or its len is 0.
 */
void evi_channel_ask(struct channel *channel, struct query *query);

/*
 * Takes a message from the server, which may be any bytes.  The query that it
 * replies to ends.
 */
void
evi_channel_receive(struct channel *channel, const uint8_t *msg, size_t len);

/* Ends a query without a reply, at once or, for lack of memory, later. */
void evi_channel_give_up(struct query *query);

#endif
