/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a client's connection comes about: its host is dialled, and then again
 * after a while, as often as it is told.
 */
#ifndef EVI_HTTP_CONNECT_H
#define EVI_HTTP_CONNECT_H

#include "conn.h"
#include "dial.h"

struct connector {
	struct evhttp_connection *evcon;
	/* The connection is there; it does not come about.  Called from the
	 * loop, and may free the connection. */
	void (*connected_cb)(struct evhttp_connection *evcon);
	void (*failed_cb)(struct evhttp_connection *evcon);

	struct event timer; /* to try again, or to say so */
	struct dial dial;
	struct timeval first_retry;
	int family;
	bool is_unix;
	bool waits_to_retry; /* the timer is to try again */
	bool waits_to_fail;  /* the timer is to say so */
};

/* For evcon, as it is by default. */
void evi_connect_init(struct connector *c, struct evhttp_connection *evcon,
    void (*connected_cb)(struct evhttp_connection *),
    void (*failed_cb)(struct evhttp_connection *));

/* How long the first wait is; NULL is the default. */
void evi_connect_set_retry(struct connector *c, const struct timeval *tv);

/*
 * Begins.  evcon is CONNECTING from then on, and one of the two callbacks will
 * be called.  Returns 0; -1 where our own end cannot be as it was set, and
 * nothing has begun.
 */
int evi_connect_start(struct connector *c);

/* The same, but that is the end of it: it gives up. */
void evi_connect_retry(struct connector *c);

/* Whether it waits to try again, or to say that it gives up. */
static inline bool
evi_connect_is_waiting(const struct connector *c)
{
	return c->waits_to_retry || c->waits_to_fail;
}

/* The connection is there, or nobody wants it any more. */
void evi_connect_stop(struct connector *c);

#endif
