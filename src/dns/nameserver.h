/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The nameservers: which there are, how to reach them, and how they are.
 */
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

/* What the questions to one nameserver are about; see question.c. */
struct pace {
	struct questions unsent;
	struct questions sent; /* by their time-outs */
	struct questions late; /* it has passed, and a reply is welcome */
	int nqueries;	       /* that c-ares has */
	uint64_t nsent;	       /* datagrams so far */
	uint64_t nread; /* of these the server has read, or they are lost */
	uint64_t newest_answered;
	int64_t last_sent_at; /* over UDP */
	int64_t rtt;	      /* microseconds it takes to reply, smoothed */
	int64_t looked_at;    /* when due questions were looked for last */
	uint64_t newest_looked_at; /* newest_answered of that time */
};

/* What became of a question. */
enum outcome {
	EVI_REPLIED,
	EVI_TIMED_OUT,
	EVI_UNREACHABLE, /* the network, or the server's host, said no */
	EVI_FAILED	 /* for lack of memory */
};

/* What all nameservers of a resolver share. */
struct net {
	const struct dns_options *options; /* as they are now */
	struct event_base *base;	   /* NULL: closed */
	unsigned int
	    generation; /* of evi_fork_generation, when it was opened */
	struct datagrams datagrams;
	TAILQ_HEAD(, nameserver) all;
	struct questions noted; /* see question.c */
	int64_t due;		/* when to look at the time, INT64_MAX: never */
	bool has_failed;	/* a nameserver has a note of that */
	bool has_down;		/* or was marked down */
	bool logs;	 /* it is the program's, with its log function, */
	bool has_logged; /* and that is to be called */
	void (*notify_cb)(void *arg);
	void *arg;
};

struct nameserver {
	int refs;
	TAILQ_ENTRY(nameserver) link; /* of all there are */
	struct net *net;
	struct address address;
	struct channel *channel; /* made when first used */
	TAILQ_HEAD(udp_sockets, udp_socket)
	sockets;	   /* the one that is used comes first */
	uint64_t nsockets; /* opened so far */
	int uses;	   /* queries through the first one */
	struct stream *stream;
	uint64_t nstreams;	    /* opened so far */
	uint64_t last_ended_stream; /* and all before have ended */
	int64_t stream_heard_at;    /* when the last reply came over TCP */
	bool no_edns;		    /* it rejects queries with an OPT record */
	struct pace pace;

	/* Notes, for whom it may concern to clear. */
	bool udp_failed; /* its host refuses datagrams, or there is no route */
	bool tcp_failed; /* the connection has ended */
	bool went_down;	 /* it was marked down */
	bool port_changed; /* what a socket has sent is lost */

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
		const void
		    *source; /* who named it, for whoever made the list */
	} list[];
};

/*
 * net is all zero but for its options.  notify_cb(arg) is called from the loop
 * when there may be something to do, also in a child of fork() where what was
 * opened is of no use.
 */
void evi_nameserver_net_init(struct net *net, void (*notify_cb)(void *arg),
    void *arg);

/* Closes all sockets: what was asked is dropped.  Opens it on a base. */
void evi_nameserver_net_open(struct net *net, struct event_base *base);
void evi_nameserver_net_close(struct net *net);

/* Reads what lies in the sockets, up to some thousand datagrams. */
void evi_nameserver_net_drain(struct net *net);

/* Sends what is kept, and notes what failed. */
void evi_nameserver_net_flush(struct net *net);

/* Makes a nameserver, for a list, without a reference; NULL without memory. */
struct nameserver *
evi_nameserver_new(struct net *net, const struct address *address);
void evi_nameserver_release(struct nameserver *ns);

/* An empty list with room for n nameservers; NULL without memory. */
struct server_list *evi_nameserver_list_new(int n);

/* Appends a nameserver, and has a reference to it. */
void evi_nameserver_list_add(struct server_list *servers, struct nameserver *ns,
    const void *source);
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
 * Sends a question of len bytes, which may leave with an OPT record (RFC 6891)
 * that it does not have.  Over UDP it leaves by a socket with a greater number
 * than after, and that number is returned; over TCP it is that
 * of the connection.  Where it cannot be sent -1, and then that is noted,
 * except for lack of memory (ENOMEM).  now is evi_dns_now().
 */
int64_t evi_nameserver_send(struct nameserver *ns, const uint8_t *msg,
    size_t len, bool tcp, uint64_t after, int64_t now);

/* Whether a question that is sent now leaves with an OPT record. */
static inline bool
evi_nameserver_takes_edns(const struct nameserver *ns)
{
	return ns->net->options->edns0 && !ns->no_edns;
}

/*
 * Whether there are sockets that were replaced; and closes those, if that was
 * before the oldest question was sent that still waits.
 */
static inline bool
evi_nameserver_has_old_sockets(const struct nameserver *ns)
{
	const struct udp_socket *s = TAILQ_FIRST(&ns->sockets);

	return s != NULL && (s->retired != 0 || TAILQ_NEXT(s, link) != NULL);
}
void evi_nameserver_close_retired(struct nameserver *ns, int64_t oldest);

/* Closes the connection. */
void evi_nameserver_close_stream(struct nameserver *ns);

/* Judges it by what has become now of a question that was sent at that time. */
void evi_nameserver_judge(struct nameserver *ns, enum outcome outcome,
    int64_t sent, int64_t now);

/*
 * Whether it has been silent, or unreachable, so that others are to be asked
 * first.
 */
static inline bool
evi_nameserver_is_down(const struct nameserver *ns)
{
	return ns->retry_at != 0;
}

/* A nameserver that was marked down since this was last called, or NULL. */
struct nameserver *evi_nameserver_next_down(struct net *net);

/*
 * Whether it is down, and the time has come to see if it is back: says so
 * once, and then not for 10 seconds, 60, 300, 900, and each 3600.
 */
bool evi_nameserver_take_probe(struct nameserver *ns);

#endif
