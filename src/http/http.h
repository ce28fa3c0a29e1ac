/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp, a server: its sockets, callbacks, connections and settings.
 */
#ifndef EVI_HTTP_HTTP_H
#define EVI_HTTP_HTTP_H

#include "conn.h"

/* A callback for a path.  1.4's members come first; programs read the list. */
struct evhttp_cb {
	TAILQ_ENTRY(evhttp_cb) next;
	char *what;
	void (*cb)(struct evhttp_request *, void *);
	void *cbarg;
	size_t len;
};

/* A listening socket. */
struct evhttp_bound_socket {
	TAILQ_ENTRY(evhttp_bound_socket) next;
	struct event bind_ev; /* 1.4's last member */
	struct event retry;   /* ends a pause of accepting; see listen.c */
	struct evhttp *http;
	bool has_warned; /* a warning about this pause was logged */
};

/* Another name of a server. */
struct alias {
	TAILQ_ENTRY(alias) next;
	char *name;
};

TAILQ_HEAD(boundq, evhttp_bound_socket);
TAILQ_HEAD(httpcbq, evhttp_cb);
TAILQ_HEAD(connq, evhttp_connection);
TAILQ_HEAD(aliasq, alias);
TAILQ_HEAD(vhostq, evhttp);

/*
 * What a server keeps of its connections besides 1.4's member connections;
 * ending.c writes to it.
 */
struct server_conns {
	struct connq lingering; /* see is_lingering in conn.h */
	int n_connections;	/* on the list connections */
	int n_lingering;	/* on the list lingering */
};

/* Which hosts a server is for, and its virtual hosts; vhost.c writes to it. */
struct virtual_hosts {
	struct aliasq aliases;
	struct vhostq vhosts;	  /* its virtual hosts */
	TAILQ_ENTRY(evhttp) next; /* on its parent's vhosts */
	struct evhttp *parent;	  /* NULL: it is not a virtual host */
	char *pattern;		  /* the hosts that it is for */
};

struct evhttp {
	/* 1.4's members in 1.4's places. */
	struct boundq sockets;
	struct httpcbq callbacks;
	struct connq connections;
	int timeout;
	void (*gencb)(struct evhttp_request *, void *);
	void *gencbarg;
	struct event_base *base;

	/* Ours. */
	struct server_conns conns;
	struct reply_policy policy;
	struct size_limits limits;
	struct timeval time_limit;
	bool uses_time_limit; /* time_limit replaces timeout */
	bool has_method_mask; /* evhttp_set_allowed_methods() was called */
	uint16_t methods;     /* its mask */
	int max_connections;  /* 0: any number */
	int (*newreq_cb)(struct evhttp_request *, void *);
	void *newreq_arg;

	struct virtual_hosts hosts;
};

#endif
