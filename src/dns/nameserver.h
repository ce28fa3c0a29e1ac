/* SPDX-License-Identifier: BSD-3-Clause */
/* The nameservers: which there are, and how they are. */
#ifndef EVI_NAMESERVER_H
#define EVI_NAMESERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/address.h"
#include "channel.h"
#include "public.h"
#include "support/queue.h"

struct evi_ask;
TAILQ_HEAD(evi_asks, evi_ask);

/* What the channels of a nameserver are made with. */
struct evi_settings {
	int timeout;	  /* seconds */
	int max_timeouts; /* in a row, that put a server aside */
	bool use_vc;
	bool edns0;
};

bool evi_settings_equal(const struct evi_settings *one,
    const struct evi_settings *other);

struct evi_nameserver {
	int refs;
	TAILQ_ENTRY(evi_nameserver) link; /* of all there are */
	struct evi_address address;
	struct evi_settings settings;
	struct evi_channel *udp, *tcp; /* made when first used */
	struct evi_channel *old;       /* UDP, for what is still under way */
	int uses;		       /* of the UDP channel */
	int64_t used;		       /* when that was last */
	bool no_edns;		       /* it has said so */

	/* Questions to it; see ask.h. */
	struct evi_asks asks;	  /* under way, in the order of sending */
	struct evi_asks repeated; /* under way, and sent once more already */
	struct evi_asks unsent;
	uint64_t nsent;	 /* by UDP, since ever */
	uint64_t nread;	 /* of these the server has read, or they are lost */
	uint64_t newest; /* of these was answered */
	int64_t rtt;	 /* microseconds it takes to reply, smoothed */
	struct event pace;
	bool paced;  /* that event is set */
	int64_t due; /* when it fires */

	int64_t heard; /* when it last replied, 0 if never */
	int silences;  /* time-outs since then */
	int probes;    /* how often it was tried while it was aside */
	int64_t retry; /* when it may be tried again, 0 if it is not aside */
	bool gave_up;  /* has just been put aside */
};

/* The nameservers that are asked together; counted references, never changed.
 */
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

struct event_base *evi_nameservers_base(void);

/* Makes a nameserver, with one reference; NULL without memory. */
struct evi_nameserver *evi_nameserver_new(const struct evi_address *address,
    const struct evi_settings *settings);
void evi_nameserver_release(struct evi_nameserver *ns);

/*
 * A list for n nameservers, whose references it takes over as they are put in;
 * n may be made less.  NULL without memory.
 */
struct evi_servers *evi_servers_new(int n);
struct evi_servers *evi_servers_ref(struct evi_servers *servers);
void evi_servers_release(struct evi_servers *servers);

/* Its channel for TCP or UDP, made if need be; NULL without memory. */
struct evi_channel *evi_nameserver_channel(struct evi_nameserver *ns, bool tcp);

/* The next one of all there are; the first one behind NULL. */
struct evi_nameserver *evi_nameserver_after(struct evi_nameserver *ns);

/* Judges it by how a question to it ended. */
void evi_nameserver_learn(struct evi_nameserver *ns, const struct evi_ask *ask);

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
