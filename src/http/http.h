/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp: what a server is made of.
 */
#ifndef EVI_HTTP_HTTP_H
#define EVI_HTTP_HTTP_H

#include "conn.h"

/* A callback for a path.  1.4's members come first; programs walk them. */
struct evhttp_cb {
	TAILQ_ENTRY(evhttp_cb) next;
	char *what;
	void (*cb)(struct evhttp_request *, void *);
	void *cbarg;
	size_t len;
};

/* A socket that is accepted from. */
struct evhttp_bound_socket {
	TAILQ_ENTRY(evhttp_bound_socket) next;
	struct event bind_ev; /* 1.4's last member */
	struct event retry;   /* while there is no descriptor to accept to */
	struct evhttp *http;
	bool is_warned;
};

/* Another name, and another server behind a pattern of names. */
struct alias {
	TAILQ_ENTRY(alias) next;
	char *name;
};

TAILQ_HEAD(boundq, evhttp_bound_socket);
TAILQ_HEAD(httpcbq, evhttp_cb);
TAILQ_HEAD(connq, evhttp_connection);
TAILQ_HEAD(aliasq, alias);
TAILQ_HEAD(vhostq, evhttp);

struct evhttp {
	/* 1.4's, in 1.4's places. */
	struct boundq sockets;
	struct httpcbq callbacks;
	struct connq connections;
	int timeout;
	void (*gencb)(struct evhttp_request *, void *);
	void *gencbarg;
	struct event_base *base;

	/* Ours. */
	struct connq lingering; /* closed for the program */
	struct reply_policy policy;
	struct size_limits limits;
	struct timeval time_limit;
	bool is_exact; /* time_limit counts, not timeout */
	bool knows_methods;
	uint16_t methods;
	int max_connections; /* 0: any number */
	int n_connections;
	int n_lingering;
	int (*newreq_cb)(struct evhttp_request *, void *);
	void *newreq_arg;

	struct aliasq aliases;
	struct vhostq vhosts;
	TAILQ_ENTRY(evhttp) next_vhost;
	struct evhttp *parent;
	char *pattern;
};

#endif
