/* SPDX-License-Identifier: BSD-3-Clause */
/* The nameservers: their lists, their sockets, which of them are down. */
#ifndef EVI_NAMESERVER_H
#define EVI_NAMESERVER_H

#include <event.h>
#include <stdbool.h>
#include <stdint.h>

#include "channel.h"
#include "conf/address.h"
#include "conf/options.h"
#include "datagram.h"
#include "support/queue.h"

struct stream;
struct dns_question;
TAILQ_HEAD(questions, dns_question);

/*
 * The part of a nameserver that question.c writes: the questions to it, and how
 * fast they may be sent.  Datagrams have numbers, from 1; times are in
 * microseconds, as those of evi_dns_now().
 */
struct pace {
	struct questions unsent;
	struct questions sent; /* in the order of their time-outs */
	struct questions late; /* their time-outs have passed */
	int cares_queries;     /* that c-ares has */
	uint64_t nsent;	       /* datagrams so far */
	uint64_t nread; /* the last one that the server has read, or was lost */
	uint64_t newest_answered; /* the last one that it has answered */
	int64_t last_sent_at;	  /* over UDP */
	int64_t rtt;		  /* smoothed round trip */
	int64_t searched_at;	  /* when lost questions were searched for */
	uint64_t newest_searched; /* newest_answered of that time */
};

/* How a question ended, or that it is late. */
enum outcome {
	EVI_REPLIED,
	EVI_TIMED_OUT,
	EVI_UNREACHABLE, /* an error of the network, or the host refused */
	EVI_FAILED	 /* for lack of memory */
};

/* The part of a net that question.c writes. */
struct question_state {
	struct questions noted; /* for evi_question_next_noted() */
	int64_t due; /* time to call evi_question_work(), INT64_MAX: never */
};

/* What all nameservers of a resolver share. */
struct net {
	const struct dns_options *options; /* as they are now */
	struct event_base *base;	   /* NULL: closed */
	unsigned int generation; /* evi_fork_generation, when it was opened */
	struct datagrams datagrams;
	TAILQ_HEAD(, nameserver) all;
	struct question_state questions;
	bool has_failures; /* one of the nameservers has some */
	bool has_down;	   /* went_down of one of the nameservers is true */
	bool logs;	   /* messages are for the program's log function */
	void (*notify_cb)(void *arg);
	void *arg;
};

/* What has happened to sockets since question.c last asked. */
struct failures {
	bool udp; /* the host refuses datagrams, or there is no route */
	bool tcp; /* the connection has ended */
	bool port_changed; /* queries of a socket that failed are lost */
};

/* Times are in microseconds, as those of evi_dns_now(). */
struct nameserver {
	int refs;
	TAILQ_ENTRY(nameserver) link; /* of net->all */
	struct net *net;
	struct address address;
	struct channel *channel;    /* made when first used */
	struct udp_sockets sockets; /* the first one sends */
	uint64_t nsockets;	    /* opened so far */
	int port_queries;	    /* sent through the first socket */
	struct stream *stream;
	uint64_t nstreams;	    /* opened so far */
	uint64_t last_ended_stream; /* it and all before it have ended */
	int64_t stream_heard_at;    /* when the last reply came over TCP */
	bool no_edns;		    /* it rejects queries with an OPT record */
	struct pace pace;
	struct failures failures;

	bool went_down;	  /* and evi_nameserver_next_down() is to return it */
	int64_t heard_at; /* when it replied last, 0 if never */
	int silences;	  /* time-outs since then */
	int probes;	  /* how often it was tried while it was down */
	int64_t retry_at; /* when to probe it, 0 if it is not down */
};

/*
 * The nameservers that are asked together, in order.  It has counted
 * references and does not change while lookups have one.
 */
struct server_list {
	int refs;
	int n;
	struct listed_server {
		struct nameserver *ns;
		const void *source; /* setup.c's: whose it is */
	} list[];
};

/*
 * Initializes a net that is all zero.  It reads the options whenever it needs
 * them.  notify_cb(arg) is called from the loop when there may be something to
 * do; in a child of fork(), too, which may not use the parent's sockets.
 */
void evi_nameserver_net_init(struct net *net, const struct dns_options *options,
    bool logs, void (*notify_cb)(void *arg), void *arg);

/* Has the nameservers open their sockets on a base. */
void evi_nameserver_net_open(struct net *net, struct event_base *base);

/* Closes all sockets, and drops all queries. */
void evi_nameserver_net_close(struct net *net);

/* Reads all sockets until they are empty, or 4,096 datagrams were read. */
void evi_nameserver_net_drain(struct net *net);

/* Sends the datagrams that are kept.  Notes failures. */
void evi_nameserver_net_flush(struct net *net);

/*
 * Makes a nameserver that has no reference yet: evi_nameserver_list_add() adds
 * the first.  NULL without memory.
 */
struct nameserver *
evi_nameserver_new(struct net *net, const struct address *address);

/* Adds a reference to a nameserver. */
static inline void
evi_nameserver_ref(struct nameserver *ns)
{
	ns->refs++;
}

/* Drops a reference, and with the last one the nameserver. */
void evi_nameserver_release(struct nameserver *ns);

/* An empty list with room for n nameservers; NULL without memory. */
struct server_list *evi_nameserver_list_new(int n);

/* Appends a nameserver, and adds a reference to it. */
void evi_nameserver_list_add(struct server_list *servers, struct nameserver *ns,
    const void *source);

/* Adds a reference to a list, and returns the list. */
static inline struct server_list *
evi_nameserver_list_ref(struct server_list *servers)
{
	servers->refs++;
	return servers;
}

/* Drops a reference, and with the last one the list.  NULL is ignored. */
void evi_nameserver_list_release(struct server_list *servers);

/* Its channel, made if need be; NULL without memory. */
static inline struct channel *
evi_nameserver_channel(struct nameserver *ns)
{
	if (ns->channel == NULL)
		ns->channel = evi_channel_new();
	return ns->channel;
}

/*
 * Sends a query of len bytes, at most 501, with an OPT record (RFC 6891) of 11
 * bytes if evi_nameserver_takes_edns(): over TCP, or over UDP from a socket
 * whose number is greater than after.  now is evi_dns_now().  Returns the
 * number of the socket or of the connection; -1 without memory.  Any other
 * failure is noted: then it returns -1 over UDP, and over TCP the number of the
 * connection that has failed.
 */
int64_t evi_nameserver_send(struct nameserver *ns, const uint8_t *msg,
    size_t len, bool tcp, uint64_t after, int64_t now);

/* Whether a query that is sent now gets an OPT record. */
static inline bool
evi_nameserver_takes_edns(const struct nameserver *ns)
{
	return ns->net->options->edns0 && !ns->no_edns;
}

/* Has no further query get an OPT record. */
static inline void
evi_nameserver_disable_edns(struct nameserver *ns)
{
	ns->no_edns = true;
}

/* Whether there are sockets that were replaced. */
static inline bool
evi_nameserver_has_old_sockets(const struct nameserver *ns)
{
	const struct udp_socket *s = TAILQ_FIRST(&ns->sockets);

	return s != NULL && (s->retired_at != 0 || TAILQ_NEXT(s, link) != NULL);
}

/*
 * Closes the sockets that were replaced no later than oldest, when the oldest
 * query that still waits was sent.
 */
void evi_nameserver_close_retired(struct nameserver *ns, int64_t oldest);

/* Whether nameservers have had failures since the last call. */
static inline bool
evi_nameserver_take_has_failures(struct net *net)
{
	bool has_failures = net->has_failures;

	net->has_failures = false;
	return has_failures;
}

/* The failures of a nameserver since the last call. */
static inline struct failures
evi_nameserver_take_failures(struct nameserver *ns)
{
	struct failures failures = ns->failures;

	ns->failures = (struct failures){0};
	return failures;
}

/* Closes the connection. */
void evi_nameserver_close_stream(struct nameserver *ns);

/*
 * Marks a nameserver up or down by the outcome, at the time now, of a question
 * that was sent at the time sent.
 */
void evi_nameserver_judge(struct nameserver *ns, enum outcome outcome,
    int64_t sent, int64_t now);

/* Whether a nameserver was marked down: others are asked first. */
static inline bool
evi_nameserver_is_down(const struct nameserver *ns)
{
	return ns->retry_at != 0;
}

/* A nameserver that was marked down since this was last called, or NULL. */
struct nameserver *evi_nameserver_next_down(struct net *net);

/*
 * Whether a nameserver is down, and the caller is to send a probe now: after 10
 * seconds, then 60, 300, 900, and each 3600.
 */
bool evi_nameserver_take_probe(struct nameserver *ns);

#endif
