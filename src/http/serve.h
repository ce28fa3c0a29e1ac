/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's connections.
 */
#ifndef EVI_HTTP_SERVE_H
#define EVI_HTTP_SERVE_H

#include "http.h"

/*
 * Takes a connected socket, and makes a connection that reads requests.
 * is_over_limit: the server has the maximum number of connections, so this one
 * is answered with 503 and closed.
 */
void evi_serve_start(struct evhttp *http, int fd, const struct sockaddr *client,
    bool is_over_limit);

/* Closes a connection, and frees all its requests, also those that the program
 * has to answer. */
void evi_serve_free(struct evhttp_connection *evcon);

/* Closes a connection that is waiting for a request. */
void evi_serve_close_if_idle(struct evhttp_connection *evcon);

#endif
