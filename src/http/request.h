/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_request with what the library keeps beside it.  The public part
 * comes first, so that a pointer to one is a pointer to the other.
 */
#ifndef EVI_HTTP_REQUEST_H
#define EVI_HTTP_REQUEST_H

#include "headers.h"

#include "support/queue.h"

#include <stdbool.h>
#include <stdint.h>

/* The body of a client's request that comes in pieces. */
struct upload {
	int64_t
	    remaining;	/* bytes that have to come; less than 0: nobody knows */
	bool has_ended; /* all of it was given */
	bool is_cb_pending; /* cb is to be called when all is written */
	void (*cb)(struct evhttp_request *, void *);
	void *arg;
};

struct http_request {
	struct evhttp_request pub;

	/* What pub points to. */
	struct evkeyvalq input_headers, output_headers;
	struct evbuffer input, output;

	int (*header_cb)(struct evhttp_request *, void *);
	void (*error_cb)(enum evhttp_request_error, void *);
	void (*complete_cb)(struct evhttp_request *, void *);
	void *complete_arg;

	struct upload *upload; /* a body that comes in pieces, or NULL */

	char reason[24]; /* response_code_line, where it fits */
	char *host; /* for evhttp_request_get_host(), made when asked for */

	/* Where its answer ends in all that its connection has to write. */
	uint64_t answer_end;

	bool is_owned; /* the program frees it */
	bool has_host; /* remote_host is the request's, not its connection's */
	bool is_started;       /* the head of the answer has been made */
	bool is_bodiless;      /* the answer is a head alone */
	bool must_close;       /* the connection ends with the answer */
	bool is_dispatched;    /* the program has it, to answer it */
	bool has_short_head;   /* input_headers came in EVI_SHORT_HEAD bytes */
	bool is_queued;	       /* on the list of a connection */
	bool is_refused;       /* make_request was -1 */
	bool is_retried;       /* sent once more already */
	bool in_last_callback; /* its last callbacks run: it is freed after them
				*/
};

static inline struct http_request *
evi_request_of(struct evhttp_request *req)
{
	return (struct http_request *)req;
}

/*
 * Ends a request, whoever owns it; NULL is ignored.  It is on no list.
 */
void evi_request_free(struct http_request *req);

/*
 * Ends a request unless the program owns it: then it loses its connection, and
 * keeps what it had from it.
 */
void evi_request_release(struct http_request *req);

/*
 * The request has no connection any more: evcon is NULL, and remote_host, which
 * was the connection's, becomes a copy, or NULL without memory.
 */
void evi_request_detach(struct http_request *req);

/* Sets response_code_line to a copy.  Returns 0, or -1 without memory. */
int evi_request_set_reason(struct http_request *req, const char *reason,
    size_t len);

/* Calls the error callback, if there is one. */
void evi_request_call_error_cb(struct http_request *req,
    enum evhttp_request_error error);

/* Forgets what came from the other side. */
void evi_request_clear_input(struct http_request *req);

/* The name of a method, as sent; NULL for a number that is none. */
const char *evi_request_method(int type);

#endif
