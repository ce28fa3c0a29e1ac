/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way to one nameserver: questions go out, replies come in, matched by id,
 * name, type and source.  c-ares does that; nobody else sees it.  Which server
 * is asked, how often, and what a reply means is decided elsewhere.
 */
#ifndef EVI_CHANNEL_H
#define EVI_CHANNEL_H

#include "conf/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct evi_channel;

/* How a question ended. */
enum evi_outcome {
	EVI_REPLIED,
	EVI_GARBLED, /* there was a reply, to this or to another question */
	EVI_TIMED_OUT,
	EVI_UNREACHABLE, /* the network, or the server's host, said no */
	EVI_NO_MEMORY,
	EVI_NO_SUCH_NAME, /* known without asking, and so never asked */
	EVI_DROPPED	  /* the channel was freed */
};

/*
 * A question, in the asker's memory.  ended is called once, perhaps before
 * evi_channel_ask() returns; msg is len bytes of a reply, or NULL, and gone
 * after the return.  It runs inside c-ares: it may note what it was told, and
 * no more than that.
 */
struct evi_query {
	struct evi_channel *channel; /* that it was asked through */
	void (*ended)(struct evi_query *query, enum evi_outcome outcome,
	    const uint8_t *msg, size_t len);
};

/*
 * Runs outside c-ares after replies were noted, or in a child of fork() where
 * the channel is of no use; may free the channel.
 */
typedef void evi_channel_noted(void);

/*
 * A channel whose sockets and deadline are events on base, and whose questions
 * wait for timeout milliseconds.  By UDP a reply may be cut (TC), and the
 * socket stays open as long as the channel lives.  NULL without memory.
 */
struct evi_channel *
evi_channel_new(struct event_base *base, const struct evi_address *server,
    int timeout, bool tcp, evi_channel_noted *noted);

/*
 * Ends it; what is not answered yet is EVI_DROPPED.  A descriptor that is not
 * the channel's any more, because the program closed all it could find, is left
 * alone.  Not to be called inside a reply.
 */
void evi_channel_free(struct evi_channel *channel);

/*
 * Asks for the records of name that have this type (RFC 1035).  The name is
 * taken as it is, a backslash being a byte like others.  With edns the server
 * is told that it may send larger replies (RFC 6891).
 */
void evi_channel_ask(struct evi_channel *channel, const char *name, int type,
    bool edns, struct evi_query *query);

/* Whether all that was asked has ended; whether no more may be asked now. */
bool evi_channel_is_idle(const struct evi_channel *channel);
bool evi_channel_is_full(const struct evi_channel *channel);

/*
 * Sends the questions that were asked: to be called when there are no more for
 * now, outside of c-ares.  Errors end questions.
 */
void evi_channels_flush(void);

#endif
