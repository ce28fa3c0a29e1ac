/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_request with the members that only the library sees.  The
 * public struct is the first member, so that a pointer to one is a pointer to
 * the other.
 */
#ifndef EVI_HTTP_REQUEST_H
#define EVI_HTTP_REQUEST_H

#include "headers.h"
#include "support/queue.h"

#include <stdbool.h>
#include <stdint.h>

TAILQ_HEAD(requestq, evhttp_request);

struct upload;

struct http_request {
	struct evhttp_request pub;

	/* What pub points to. */
	struct evkeyvalq input_headers, output_headers;
	struct evbuffer input, output;

	int (*header_cb)(struct evhttp_request *, void *);
	void (*error_cb)(enum evhttp_request_error, void *);
	void (*complete_cb)(struct evhttp_request *, void *);
	void *complete_arg;

	/* A client's body that the program gives in pieces; or NULL. */
	struct upload *upload;

	char reason[24]; /* response_code_line, where it fits */
	char *host; /* the result of evhttp_request_get_host(), when called */

	/*
	 * Once its connection has written this many bytes, the answer is
	 * written.
	 */
	uint64_t answer_end;

	bool is_owned;	       /* the program frees it */
	bool owns_remote_host; /* remote_host is the request's own copy */
	bool is_started;       /* the head of the answer is in the output */
	bool is_bodiless;      /* the answer has no body */
	bool must_close;       /* the connection closes after the answer */
	bool is_dispatched;  /* its callback was called, or its body dropped */
	bool has_short_head; /* input_headers took EVI_SHORT_HEAD bytes */
	bool is_queued;	     /* on a list of its connection */
	bool is_refused;     /* on its client's list of refused requests */
	bool is_retried;     /* it was sent again over another connection */
	bool in_last_callback; /* evi_request_release() follows */
};

static inline struct http_request *
evi_request_of(struct evhttp_request *req)
{
	return (struct http_request *)req;
}

/* Frees a request that is on no list, even if the program owns it; NULL is
 * ignored. */
void evi_request_free(struct http_request *req);

/*
 * Frees a request that is on no list; or detaches it, if the program owns it.
 */
void evi_request_release(struct http_request *req);

/*
 * Detaches a request from its connection: evcon is NULL, and remote_host, which
 * was the connection's, becomes a copy, or NULL without memory.
 */
void evi_request_detach(struct http_request *req);

/*
 * Begins the last callbacks of a request: evhttp_request_free() inside them
 * leaves it to the evi_request_release() that follows.
 */
static inline void
evi_request_begin_last_callback(struct http_request *req)
{
	req->in_last_callback = true;
}

/* Takes the request from the program that owns it. */
static inline void
evi_request_disown(struct http_request *req)
{
	req->is_owned = false;
}

/* Puts a request at the end of a list of its connection. */
static inline void
evi_request_queue(struct http_request *req, struct requestq *list,
    struct evhttp_connection *evcon)
{
	TAILQ_INSERT_TAIL(list, &req->pub, next);
	req->is_queued = true;
	req->pub.evcon = evcon;
}

/* Takes a request off a list of its connection; its evcon stays set. */
static inline void
evi_request_unqueue(struct http_request *req, struct requestq *list)
{
	TAILQ_REMOVE(list, &req->pub, next);
	req->is_queued = req->is_refused = false;
}

/* Puts a request on the list of those that evhttp_make_request() refused. */
void evi_request_queue_refused(struct http_request *req, struct requestq *list,
    struct evhttp_connection *evcon);

/*
 * Sets response_code_line to a copy of reason, which may be the old one.
 * Returns 0; -1 without memory, and response_code_line is NULL.
 */
int evi_request_set_reason(struct http_request *req, const char *reason,
    size_t len);

/* Sets the result of evhttp_request_get_host(), which must be NULL before:
 * takes host, from malloc(3), or NULL. */
void evi_request_set_host(struct http_request *req, char *host);

/* Takes the state of a body in pieces, from malloc(3), and frees the one
 * before; both may be NULL. */
void evi_request_set_upload(struct http_request *req, struct upload *upload);

/* Calls the error callback, if there is one. */
void evi_request_call_error_cb(struct http_request *req,
    enum evhttp_request_error error);

/* Drops everything that was received for the request. */
void evi_request_clear_input(struct http_request *req);

/* Empties an evbuffer that is a member of another struct, and frees its
 * memory. */
void evi_request_reset_buffer(struct evbuffer *buf);

/* The name of a method, as sent; NULL for a number without one. */
const char *evi_request_method(int type);

/* --- what other files set --- */

/* Notes whether the received headers took EVI_SHORT_HEAD bytes at most. */
static inline void
evi_request_set_short_head(struct http_request *req, bool is_short)
{
	req->has_short_head = is_short;
}

/* Notes that the request's callback was called, or its body dropped. */
static inline void
evi_request_set_dispatched(struct http_request *req)
{
	req->is_dispatched = true;
}

/* Notes that the request was sent again. */
static inline void
evi_request_set_retried(struct http_request *req)
{
	req->is_retried = true;
}

/* Notes that the answer was begun. */
static inline void
evi_request_set_started(struct http_request *req)
{
	req->is_started = true;
}

/* Sets how many bytes the connection will have written after the answer. */
static inline void
evi_request_set_answer_end(struct http_request *req, uint64_t end)
{
	req->answer_end = end;
}

static inline void
evi_request_set_must_close(struct http_request *req, bool must_close)
{
	req->must_close = must_close;
}

static inline void
evi_request_set_bodiless(struct http_request *req, bool is_bodiless)
{
	req->is_bodiless = is_bodiless;
}

#endif
