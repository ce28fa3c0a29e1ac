/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Closes a server's connections.
 */
#ifndef EVI_HTTP_ENDING_H
#define EVI_HTTP_ENDING_H

#include "http.h"

/* Initializes the lists and counts of a server without connections. */
void evi_ending_init(struct server_conns *conns);

/* Adds a connection to the list of its server's connections. */
void evi_ending_add_to_server(struct evhttp_connection *evcon);

/* Takes a request off its connection. */
void
evi_ending_unqueue(struct evhttp_connection *evcon, struct http_request *req);

/* Calls the error callback of the request that is being read, if there is one.
 */
void evi_ending_call_error_cb(struct evhttp_connection *evcon,
    enum evhttp_request_error error);

/*
 * Closes a connection: calls the error callback and the close callback, then
 * releases its requests.  Those that the program has not answered yet are freed
 * if frees_unanswered is set; otherwise they are detached, for the program to
 * free.
 */
void evi_ending_close(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool frees_unanswered);

/*
 * Closes a connection that has written everything; it lingers if the client may
 * still be sending.
 */
void evi_ending_close_gracefully(struct evhttp_connection *evcon);

/*
 * The request that is being read will not be complete.  Answers to the ones
 * before it are still written; then the connection closes.
 */
void evi_ending_stop_reading(struct evhttp_connection *evcon,
    enum evhttp_request_error error);

/* A lingering connection is readable: reads and discards bytes.  Returns false
 * if it has to close now. */
bool evi_ending_discard_input(struct evhttp_connection *evcon);

#endif
