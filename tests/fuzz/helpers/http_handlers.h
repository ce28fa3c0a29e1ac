/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server of http_server.c and its handlers, which do what the settings say:
 * they answer now, later, in part or never, and free requests, connections or
 * the server.  What they got and gave is in the exchanges of http_answers.h.
 */
#ifndef FUZZ_HTTP_HANDLERS_H
#define FUZZ_HTTP_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct exchange;
struct unix_server;

/* What a handler does. */
enum act {
	NOW,
	LATER,
	CHUNKS,
	CHUNKS_LATER,
	CHUNKS_AS_DRAINED,
	LARGE,
	HUGE_BODY,
	OWN_OUTPUT,
	NO_CONTENT,
	NOT_MODIFIED,
	ERROR,
	CLOSE,
	TWICE,
	OWN,
	OWN_AND_LATER,
	NEVER,
	FREE_REQUEST,
	FREE_REQUEST_LATER,
	FREE_CONNECTION,
	FREE_CONNECTION_LATER,
	REPLY_AND_FREE,
	FREE_SERVER,
	STOP_ACCEPTING,
	ASK_TO_CLOSE,
	END_BEFORE_DRAINED,
	NACTS
};

/* What the header callback and the chunk callback do besides. */
enum piece_act {
	CONTINUE,
	DRAIN,
	DRAIN_LATER,
	ANSWER,
	BEGIN_ANSWER,
	OWN_AND_ANSWER,
	REFUSE,
	REFUSE_NEXT, /* once a handler has been called */
	FREE_ALL,
	FREE_IT,
	NPIECE_ACTS
};

enum client_end {
	STAYS,
	HALF_CLOSES,
	CLOSES,
	CLOSES_UNREAD,
	NENDS
};

/* What the input says about the server, its handlers and its client. */
extern struct settings {
	bool streams, is_lenient, has_short_heads, has_short_bodies;
	bool has_little_room, is_full, is_listening_only;
	enum client_end end;
	enum piece_act on_new, on_header, on_chunk;
	unsigned on_close, on_complete;
	enum act acts[4];
	unsigned pieces[4];
	unsigned delay, reads;
} is;

/* The state of the server in this run. */
extern struct handlers {
	struct evhttp *http;		   /* NULL: freed */
	struct evhttp_bound_socket *bound; /* NULL: it stopped accepting */
	unsigned pass;			   /* number of the loop's pass */
	unsigned to_close;    /* requests since the close callback was set */
	unsigned n_closed;    /* calls of the close callback */
	bool depends_on_time; /* the result may be another when it is split */
	bool is_drained_later;
	struct evhttp_request *streamed; /* its body is arriving, or NULL */
} handlers;

/* Begins a run: starts the server on a Unix socket, which *server gets. */
void handlers_start(struct event_base *base, struct unix_server *server);

/* Answers the exchanges that are due; returns whether there was one. */
bool handlers_do_due(void);

/* Frees the request of an exchange. */
void handlers_free_request(struct exchange *e);

/* Frees the server, if it was not. */
void handlers_free_server(void);

#endif
