/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's requests and their answers, one after the other.
 */
#ifndef EVI_HTTP_EXCHANGE_H
#define EVI_HTTP_EXCHANGE_H

#include "conn.h"
#include "connect.h"

/* What a connection has as a client. */
struct client {
	struct connector connect;
	struct requestq refused; /* evhttp_make_request() returned -1 */
	/* While closecb runs: the request that the close ends; NULL as soon as
	 * that is off the list. */
	struct http_request *closing_request;
	bool in_flight;	   /* the first request was sent, and has no answer */
	bool is_reused;	   /* there was an answer over the connection */
	bool had_body;	   /* the request in flight was sent with a body */
	bool is_switched;  /* a 101 has switched to another protocol */
	bool frees_itself; /* when it has no more requests */
};

/* Makes the connection a client's.  Returns 0, or -1 without memory. */
int evi_exchange_init(struct evhttp_connection *evcon);

/* Has the connection freed once it has no more requests. */
void evi_exchange_set_frees_itself(struct evhttp_connection *evcon);

/* The first request, of which there must be one. */
static inline struct http_request *
evi_exchange_first(const struct evhttp_connection *evcon)
{
	return evi_request_of(TAILQ_FIRST(&evcon->requests));
}

/* Puts a request at the end of the connection's list. */
void
evi_exchange_queue(struct evhttp_connection *evcon, struct http_request *req);

/* Takes a request off the connection's list. */
void
evi_exchange_unqueue(struct evhttp_connection *evcon, struct http_request *req);

/*
 * Starts the first request, or makes a connection for it, unless that has been
 * done, or there is none.  The close callback may run, and free the connection.
 */
void evi_exchange_start_next(struct evhttp_connection *evcon);

/* Whether the request is the one in flight. */
bool evi_exchange_is_in_flight(const struct evhttp_connection *evcon,
    const struct http_request *req);

/* Makes the reader expect the answer to the request, from its first line. */
void evi_exchange_expect_answer(struct evhttp_connection *evcon,
    struct http_request *req);

/* Writes as much of the request in flight as the socket takes. */
void evi_exchange_flush(struct evhttp_connection *evcon);

/* Has the output written, after a piece or the end of the body in flight was
 * added to it. */
void evi_exchange_continue_body(struct evhttp_connection *evcon);

/* Memory ran out for the request in flight: it fails, from the loop. */
void evi_exchange_report_no_memory(struct evhttp_connection *evcon);

/* Whether the socket is the parent process's: a child must not use it. */
bool evi_exchange_is_inherited(const struct evhttp_connection *evcon);

/* Whether bytes from the server are waiting in the socket. */
bool evi_exchange_has_unread(const struct evhttp_connection *evcon);

/* Closes the socket, if there is one, and calls the close callback. */
void evi_exchange_close(struct evhttp_connection *evcon);

/* Ends the first request, whose answer is complete: calls its callback. */
void evi_exchange_complete(struct evhttp_connection *evcon);

/* Sends the first request again over a new connection.  Returns false if it
 * must not be sent again. */
bool evi_exchange_resend(struct evhttp_connection *evcon);

/*
 * Fails the first request: its callback gets NULL, or if with_request is set,
 * the request with code 0.  The other requests continue over a new connection.
 */
void evi_exchange_fail(struct evhttp_connection *evcon,
    enum evhttp_request_error error, bool with_request);

/*
 * Cancels a request, whether it is in flight or not.  The request is off the
 * list before the close callback runs, which may free the connection.  Returns
 * whether the request was in flight.
 */
bool
evi_exchange_cancel(struct evhttp_connection *evcon, struct http_request *req);

/* Frees a connection that frees itself, and has no more requests. */
void evi_exchange_free_if_done(struct evhttp_connection *evcon);

/* Drops a reference; the last one does evi_exchange_free_if_done() first. */
void evi_exchange_unref(struct evhttp_connection *evcon);

#endif
