/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a server's connection ends.
 */
#ifndef EVI_HTTP_ENDING_H
#define EVI_HTTP_ENDING_H

#include "conn.h"

/* Takes a request off its connection. */
void
evi_ending_unqueue(struct evhttp_connection *evcon, struct http_request *req);

/* Calls the error callback of the request that is read, if there is one. */
void evi_ending_call_error_cb(struct evhttp_connection *evcon,
    enum evhttp_request_error error);

/*
 * Ends a connection: error callback, close callback, then its requests.  Those
 * that the program has and has not answered are its own from now on, unless all
 * is set: then they go as well.
 */
void evi_ending_close(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool all);

/* The same once all is written; it lingers where the client may be sending. */
void evi_ending_close_gracefully(struct evhttp_connection *evcon);

/*
 * The request that is read will not be complete.  What has been answered before
 * is still written, and the connection ends with it.
 */
void evi_ending_stop_reading(struct evhttp_connection *evcon,
    enum evhttp_request_error error);

/* A connection that lingers can be read from; false: it is to end now. */
bool evi_ending_discard_input(struct evhttp_connection *evcon);

#endif
