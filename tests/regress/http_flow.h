/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ways in which a server's connection goes that between them call every
 * callback there is, each of which calls a function of the test's.
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
	int calls;	    /* of all */
	bool answers_early; /* in the header callback */
	/* The test's, and whether it was called. */
	enum kind kind;
	void (*inside)(struct flow *);
	bool was_inside;
};

/* The one there is. */
extern struct flow *the_flow;

/*
 * What may be done inside.
 */

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
