/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queries in c-ares; no other file uses it. c-ares has the queries that wait
 * for a reply, and finds the query of a reply by id, name, type and class.
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
 * A query, in the caller's memory, with room for its message.  ended_cb is
 * called once, perhaps before evi_channel_ask() returns.  reply is a message of
 * len bytes, valid until the return, or NULL: there is no memory, or the query
 * was given up.  It runs inside c-ares: it may note the reply, and calls
 * nothing here.
 */
struct query {
	TAILQ_ENTRY(query) link; /* of the channel, until it has ended */
	struct channel *channel; /* NULL once it has ended */
	void (*ended_cb)(struct query *query, const uint8_t *reply, size_t len);
	uint8_t *msg; /* len bytes; 0: c-ares has not taken it */
	size_t len;
	uint16_t id; /* reserved for it; some versions take another one */
};

/* Makes a channel, for the queries to one server. NULL without memory. */
struct channel *evi_channel_new(void);

/* Ends all its queries, without a reply.  Not to be called in ended_cb(). */
void evi_channel_free(struct channel *channel);

#define EVI_CHANNEL_MAX 32768

/*
 * Gives a query its id: q->msg is the message to send then, without an OPT
 * record, unless the query has ended. At most EVI_CHANNEL_MAX may be in flight,
 * for some versions search for free ids.
 */
void evi_channel_ask(struct channel *channel, struct query *query);

/*
 * Takes a message from the server, which may be any bytes. If it is the reply
 * to a query, that query ends.
 */
void
evi_channel_receive(struct channel *channel, const uint8_t *msg, size_t len);

/* Ends a query without a reply, at once or, for lack of memory, later. */
void evi_channel_give_up(struct query *query);

#endif
