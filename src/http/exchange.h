/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What goes over a client's connection.
 */
#ifndef EVI_HTTP_EXCHANGE_H
#define EVI_HTTP_EXCHANGE_H

#include "connect.h"
#include "conn.h"

/* What a connection has as a client. */
struct client {
	struct connector connect;
	struct requestq refused; /* make_request was -1 */
	struct http_request
	    *closing_request; /* while the close callback runs */
	bool in_flight;	      /* the first request is in flight */
	bool is_reused;	      /* the connection has had an answer */
	bool had_body;	      /* the request in flight, which is sent now */
	bool is_switched;     /* to another protocol, by a 101 */
	bool frees_itself;    /* when there is nothing left to do */
};

/* The request whose turn it is; there has to be one. */
static inline struct http_request *
evi_exchange_first(const struct evhttp_connection *evcon)
{
	return evi_request_of(TAILQ_FIRST(&evcon->requests));
}

/* On the list of the connection, as the last; off it. */
void
evi_exchange_queue(struct evhttp_connection *evcon, struct http_request *req);
void
evi_exchange_unqueue(struct evhttp_connection *evcon, struct http_request *req);

/* Begins the first request, or a connection for it, if that is due. */
void evi_exchange_start_next(struct evhttp_connection *evcon);

/* Whether the request is the one in flight. */
bool evi_exchange_is_in_flight(const struct evhttp_connection *evcon,
    const struct http_request *req);

/* The answer to the request in flight is expected, from its first line on. */
void evi_exchange_expect_answer(struct evhttp_connection *evcon,
    struct http_request *req);

/* Writes what is left of the request in flight, as much as the socket takes. */
void evi_exchange_flush(struct evhttp_connection *evcon);

/* More of the body of the request in flight is in the output; or there was no
 * memory for it, and the request fails, from the loop. */
void evi_exchange_continue_body(struct evhttp_connection *evcon);
void evi_exchange_report_no_memory(struct evhttp_connection *evcon);

/* Whether it is the parent's: a child does not talk over it. */
bool evi_exchange_is_inherited(const struct evhttp_connection *evcon);

/* There is a connection now. */
void evi_exchange_connected_cb(struct evhttp_connection *evcon);

/* Whether the server says something without having been asked. */
bool evi_exchange_has_unread(const struct evhttp_connection *evcon);

/* Closes, if there is a connection, and says so to the program. */
void evi_exchange_close(struct evhttp_connection *evcon);

/* The answer to the first request is complete. */
void evi_exchange_complete(struct evhttp_connection *evcon);

/* Sends the first request again over a new connection, where that may be done;
 * false if not. */
bool evi_exchange_resend(struct evhttp_connection *evcon);

/*
 * The first request fails: its callback gets NULL, or a request with code 0.
 * The others go on over a new connection.
 */
void evi_exchange_fail(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool with_request);

/* There is no connection to be had: all requests fail with code 0. */
void evi_exchange_fail_all(struct evhttp_connection *evcon);

/*
 * The program takes back a request whose turn has not come, or has.  It is off
 * the connection before anybody is called, who may free that.  Returns whether
 * it was in flight.
 */
bool
evi_exchange_cancel(struct evhttp_connection *evcon, struct http_request *req);

/* Frees a connection that has nothing left to do, if nobody else does. */
void evi_exchange_free_if_done(struct evhttp_connection *evcon);

/* evi_conn_unref() of a connection that may have nothing left to do. */
void evi_exchange_unref(struct evhttp_connection *evcon);

#endif
