/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connects a client to its host, and retries after a while, as many times as
 * the program allows.
 */
#ifndef EVI_HTTP_CONNECT_H
#define EVI_HTTP_CONNECT_H

#include "conn.h"
#include "dial.h"

struct connector {
	struct evhttp_connection *evcon;
	/* The loop calls one of these; it may free the connection. */
	void (*connected_cb)(struct evhttp_connection *evcon);
	void (*failed_cb)(struct evhttp_connection *evcon); /* no retry left */

	struct event timer; /* until the next retry, or to call failed_cb */
	struct dial dial;
	struct timeval first_retry; /* how long the first wait is */
	int family;		    /* AF_UNSPEC, AF_INET or AF_INET6 */
	bool is_unix;		    /* the host is the path of a Unix socket */
	bool waits_to_retry;	    /* the timer is added for a retry */
	bool waits_to_fail;	    /* the timer is added to call failed_cb */
};

/* Initializes the connector of a connection. */
void evi_connect_init(struct connector *c, struct evhttp_connection *evcon,
    void (*connected_cb)(struct evhttp_connection *),
    void (*failed_cb)(struct evhttp_connection *));

/* Sets how long the first wait is; NULL: 2 seconds. */
void evi_connect_set_retry(struct connector *c, const struct timeval *tv);

/* Sets that the host is the path of a Unix socket. */
static inline void
evi_connect_set_unix(struct connector *c)
{
	c->is_unix = true;
}

/* Sets the address family of the host: AF_UNSPEC, AF_INET or AF_INET6. */
static inline void
evi_connect_set_family(struct connector *c, int family)
{
	c->family = family;
}

/*
 * Starts to connect: evcon's state is CONNECTING, and one of the two callbacks
 * will be called.  Returns 0; -1 where the local address cannot be bound to,
 * and nothing was started.
 */
int evi_connect_start(struct connector *c);

/*
 * Starts to connect; where evi_connect_start() would return -1, has failed_cb
 * called.
 */
void evi_connect_retry(struct connector *c);

/* Whether the timer is added, for a retry or to call failed_cb. */
static inline bool
evi_connect_is_waiting(const struct connector *c)
{
	return c->waits_to_retry || c->waits_to_fail;
}

/* Stops connecting; no callback will be called. */
void evi_connect_stop(struct connector *c);

#endif
