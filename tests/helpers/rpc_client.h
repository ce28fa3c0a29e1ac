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
	void *arg;		     /* for it */
};

#define CODE_1(reply) "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" reply
/* An answer with the reply of code 7. */
#define OK_ACK_7 CODE_1("\001\001\007")
#define OK_ACK "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" GOLDEN_ACK

static const struct step serve_7[] = {REQUEST, SEND(OK_ACK_7), AGAIN};
static const struct step serve_never[] = {REQUEST, END};

/*
 * Notes "NAME=ERROR", and after a colon the HTTP code, "none" without an HTTP
 * request; then what is in the reply: "code 200 stored".
 */
static inline void
ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg)
{
	struct call *call = arg;

	(void)request;
	answers++;
	assert_ptr_equal(reply, call->reply);
	if (status->http_req == NULL)
		note("%s=%d:none", call->name, status->error);
	else
		note("%s=%d:%d", call->name, status->error,
		    status->http_req->response_code);
	if (reply->has_code)
		note("code %d", (int)reply->code);
	if (reply->text != NULL)
		note("%s", reply->text);
	if (call->then != NULL)
		call->then(call);
}

static inline struct evhttp_connection *
caller_connect(struct caller *r)
{
	struct evhttp_connection *evcon =
	    evhttp_connection_new("127.0.0.1", r->c.origin.port);

	assert_non_null(evcon);
	evrpc_pool_add_connection(r->pool, evcon);
	r->n_connections++;
	return evcon;
}

/* A pool without a connection; the origin does not listen. */
static inline void
caller_open_bare(struct caller *r, const struct step *const *scripts, int n)
{
	memset(r, 0, sizeof *r);
	evtag_init();
	set_up_refused(&r->c, scripts, n);
	free_connection(&r->c);
	r->pool = evrpc_pool_new(r->c.base);
	assert_non_null(r->pool);
	r->request = parcel_new();
	parcel_set(r->request, "hall 3", "\336\255");
}

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
static inline void
caller_close(struct caller *r)
{
	if (r->pool != NULL)
		evrpc_pool_free(r->pool);
	parcel_free(r->request);
	tear_down(&r->c);
}

static inline void
call_open(struct call *call, const char *name)
{
	memset(call, 0, sizeof *call);
	call->reply = receipt_new();
	call->name = (char *)name;
}

static inline void
call_make(struct caller *r, struct call *call)
{
	assert_int_equal(EVRPC_MAKE_REQUEST(Store, r->pool, r->request,
			     call->reply, ended_cb, call),
	    0);
}

static inline void
call_close(struct call *call)
{
	receipt_free(call->reply);
}

/* The caller's only call, a: what is noted while it is made, and after that to
 * its end.  Closes the caller. */
static inline void
one_call(struct caller *r, const char *inside, const char *end)
{
	struct call a;

	call_open(&a, "a");
	call_make(r, &a);
	assert_log(inside);
	await_answers(&r->c, 1);
	settle(&r->c);
	assert_log(end);
	call_close(&a);
	caller_close(r);
	assert_int_equal(message_count(), 0);
}

/* A call that an origin with one script ends, and how. */
static inline void
ends_so(const struct step *script, const char *end)
{
	struct caller r;

	CALLER_OPEN(&r, script);
	one_call(&r, "", end);
}

#define ENDS(end, ...)                                                         \
	do {                                                                   \
		static const struct step script[] = {__VA_ARGS__};             \
		ends_so(script, end);                                          \
	} while (0)

#endif
