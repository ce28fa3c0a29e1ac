/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exchanges of a client with a server that together call each kind of
 * callback.  In the kind that a test chooses, a function of the test runs.
 */
#ifndef REGRESS_HTTP_FLOW_H
#define REGRESS_HTTP_FLOW_H

#include "http_ours.h"

enum kind {
	IN_NEW,
	IN_HEAD,
	IN_PIECE,
	IN_HANDLER,
	IN_DRAINED,
	IN_COMPLETE,
	IN_ERROR,
	IN_CLOSE,
	KINDS
};

struct flow {
	struct server s;
	struct client c;
	/* The last request, while it is valid. */
	struct evhttp_request *req;
	struct evhttp_connection *evcon;
	int closes;	    /* calls of the close callback */
	int calls;	    /* of any callback */
	bool answers_early; /* in the header callback */
	/* In callbacks of this kind the test's function runs, once. */
	enum kind kind;
	void (*inside)(struct flow *);
	bool was_inside;
};

/* The flow that runs: callbacks that get no argument use it. */
extern struct flow *the_flow;

/* What a test's function may do inside of a callback. */

void flow_free_request(struct flow *f);

void flow_free_connection(struct flow *f);

void flow_free_server(struct flow *f);

void flow_answer(struct flow *f);

struct way {
	const char *first, *second; /* what the client sends */
	bool half_closes;	    /* after that */
	bool answers_early;
};

#define WAYS_OF_FLOW 7

extern const struct way ways[WAYS_OF_FLOW];

void flow_open(struct flow *f, const struct way *way, enum kind kind,
    void (*inside)(struct flow *));

void flow_talk(struct flow *f, const struct way *way);

void flow_close(struct flow *f);

#endif
