/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The nameservers: which there are, what is under way to each, and how they
 * are.
 */
#ifndef EVI_NAMESERVER_H
#define EVI_NAMESERVER_H

#include <sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "channel.h"
#include "wire.h"

struct evi_ask;
TAILQ_HEAD(evi_asks, evi_ask);

/* Who waits for questions to end: the start of a request. */
struct evi_waiter {
	struct evi_asks asks; /* those under way for it */
};

/* What the channels of a nameserver are made with. */
struct evi_settings {
	int timeout;	  /* seconds */
	int max_timeouts; /* in a row, that put a server aside */
	bool use_vc;
	bool edns0;
};

bool evi_settings_equal(
    const struct evi_settings *one, const struct evi_settings *other);

struct evi_nameserver {
	int refs;
	TAILQ_ENTRY(evi_nameserver) link; /* of all there are */
	struct evi_address address;
	struct evi_settings settings;
	struct evi_channel *udp, *tcp; /* made when first used */
	struct evi_asks asks; /* under way, in the order of sending */

	int64_t heard;	/* when it last replied, 0 if never */
	int silences;	/* time-outs since then */
	int probes;	/* how often it was tried while it was aside */
	int64_t retry;	/* when it may be tried again, 0 if it is not aside */
	bool gave_up;	/* has just been put aside */
};

/*
 * One question to one nameserver, and in the end what became of it.  It is in
 * two lists, its nameserver's and its waiter's, and when it has ended in that of
 * the ended ones and its waiter's.
 */
struct evi_ask {
	TAILQ_ENTRY(evi_ask) link; /* of the nameserver, or ended */
	TAILQ_ENTRY(evi_ask) of_waiter;
	struct evi_nameserver *ns;
	struct evi_waiter *waiter; /* NULL: nobody waits any more */
	int type;
	bool tcp;
	int64_t sent;
	enum evi_outcome outcome;
	int result; /* of evi_wire_answer(), where it was answered */
	bool cut;   /* the reply was, and TCP would bring all of it */
	struct evi_answer answer;
};

/* The nameservers that are asked together; counted references, never changed. */
struct evi_servers {
	int refs;
	int n;
	struct evi_nameserver *list[];
};

/*
 * Where channels are made from now on, and what they call when questions have
 * ended.  Those that exist are closed, and what is under way is dropped.
 */
void evi_nameservers_use(struct event_base *base, evi_channel_noted *noted);

/* Makes a nameserver, with one reference; NULL without memory. */
struct evi_nameserver *evi_nameserver_new(
    const struct evi_address *address, const struct evi_settings *settings);
void evi_nameserver_release(struct evi_nameserver *ns);

/*
 * A list for n nameservers, whose references it takes over as they are put in;
 * n may be made less.  NULL without memory.
 */
struct evi_servers *evi_servers_new(int n);
struct evi_servers *evi_servers_ref(struct evi_servers *servers);
void evi_servers_release(struct evi_servers *servers);

/*
 * Sends a question; how it ends is found in evi_next_ended() later.  With a
 * waiter that is NULL it only finds out how the nameserver is.  -1 without
 * memory, and then there is no question.
 */
int evi_ask(struct evi_nameserver *ns, struct evi_waiter *waiter,
    const char *name, int type, bool tcp);

/* The next question that ended and that somebody waits for, or NULL. */
struct evi_ask *evi_next_ended(void);
bool evi_has_ended(void);

/* Ends a question that was found so. */
void evi_ask_done(struct evi_ask *ask);

/* Nobody waits for its questions any more. */
void evi_waiter_leave(struct evi_waiter *waiter);

/*
 * Whether it has been silent, or unreachable, so that others are to be asked
 * first.
 */
bool evi_nameserver_is_aside(const struct evi_nameserver *ns);

/*
 * Whether it is aside, and the time has come to see if it is back: says so
 * once, and then not for 10 seconds, 60, 300, 900, and each 3600.
 */
bool evi_nameserver_wants_probe(struct evi_nameserver *ns);

/*
 * A nameserver that was put aside since this was last called, while questions
 * that others could answer are under way to it; NULL if there is none.
 */
struct evi_nameserver *evi_next_given_up(void);

#endif
