/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * c-ares, which nobody else sees: it has the questions that wait for a reply,
 * and finds the one that a reply is for, by id, name, type and class.  When and
 * where they are sent, how long they wait, and what a reply means is decided
 * elsewhere.
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

/* For the questions to one server.  NULL without memory. */
struct channel *evi_channel_new(void);

/* Ends all its queries, without a reply.  Not to be called in ended_cb(). */
void evi_channel_free(struct channel *channel);

#define EVI_CHANNEL_MAX 32768

/*
 * Gives a question an id, and so its message, which has no records and is to be
 * sent after that, unless it has ended.  Some versions search free ids: not
 * more than EVI_CHANNEL_MAX are to be in flight.
 */
void evi_channel_ask(struct channel *channel, struct query *query);

/*
 * Takes a message from the server, of any bytes.  It is the reply of one
 * question, which has ended then, or of none.
 */
void
evi_channel_receive(struct channel *channel, const uint8_t *msg, size_t len);

/* Ends a query without a reply, at once or, for lack of memory, later. */
void evi_channel_give_up(struct query *query);

#endif
