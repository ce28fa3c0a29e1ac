/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of evrpc's client share: a pool whose connections go to an
 * origin in the test's hands, and calls whose ends are noted.
 */
#ifndef HELPERS_RPC_CLIENT_H
#define HELPERS_RPC_CLIENT_H

#include "test.h"
#include "http_client.h"
#include "rpc.h"
#include "rpc_golden.h"

struct caller {
	struct client c; /* its origin; its own connection is not used */
	struct evrpc_pool *pool;
	struct parcel *request;
	int n_connections;
};

struct call {
	struct receipt *reply;
	char *name;
	void (*then)(struct call *); /* NULL: nothing */
	void *arg;		     /* for then() to use */
};

#define CODE_1(reply) "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" reply
/* An answer with the reply of code 7. */
#define OK_ACK_7 CODE_1("\001\001\007")
#define OK_ACK "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" GOLDEN_ACK

extern const struct step serve_7[];
extern const struct step serve_never[];

/*
 * Notes "NAME=ERROR", and after a colon the HTTP code, "none" without an HTTP
 * request; then what is in the reply: "code 200 stored".
 */
void ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg);

struct evhttp_connection *caller_connect(struct caller *r);

/* A pool without a connection; the origin does not listen. */
void
caller_open_bare(struct caller *r, const struct step *const *scripts, int n);

/* A pool with one connection to an origin with these scripts. */
#define CALLER_OPEN(r, ...)                                                    \
	do {                                                                   \
		caller_open_bare(r, (const struct step *const[]){__VA_ARGS__}, \
		    sizeof((const struct step *const[]){__VA_ARGS__}) /        \
			sizeof(struct step *));                                \
		origin_listen(&(r)->c.origin);                                 \
		caller_connect(r);                                             \
	} while (0)

/* pool is NULL where the test has freed it. */
void caller_close(struct caller *r);

void call_open(struct call *call, const char *name);

void call_make(struct caller *r, struct call *call);

void call_close(struct call *call);

/* The caller's only call, a: what is noted while it is made, and after that to
 * its end.  Closes the caller. */
void one_call(struct caller *r, const char *inside, const char *end);

/* A call that an origin with one script ends, and how. */
void check_ending(const struct step *script, const char *end);

#define ENDS(end, ...)                                                         \
	do {                                                                   \
		static const struct step script[] = {__VA_ARGS__};             \
		check_ending(script, end);                                     \
	} while (0)

#endif
