/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a server does with its connections.
 */
#ifndef EVI_HTTP_SERVE_H
#define EVI_HTTP_SERVE_H

#include "http.h"

/* The role of a server's connections. */
extern const struct conn_role evi_serve_role
    __attribute__((visibility("hidden")));

/*
 * Takes a connected socket: a new connection that is read from.  over: there
 * are too many, it gets 503.
 */
void evi_serve_start(struct evhttp *http, int fd, const struct sockaddr *client,
    bool over);

/* Ends a connection: close callback, then its requests, those the program has
 * to answer included. */
void evi_serve_free(struct evhttp_connection *evcon);

/* Ends it if it waits for a request. */
void evi_serve_close_if_idle(struct evhttp_connection *evcon);

#endif
