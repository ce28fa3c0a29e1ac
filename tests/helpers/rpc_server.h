/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of evrpc's server share: a server with the call Store, whose
 * handler notes the parcel's dest and answers at once, or keeps the call.
 */
#ifndef HELPERS_RPC_SERVER_H
#define HELPERS_RPC_SERVER_H

#include "http_server.h"
#include "rpc.h"
#include "rpc_golden.h"

struct rpc {
	struct server http;
	struct evrpc_base *base;
	struct client c;
	EVRPC_STRUCT(Store) * kept;
	bool keeps; /* the next call */
};

#define POST_STORE(length) POST_TO("Store", length)
#define POST_TO(name, length)                                                  \
	"POST /.rpc." name " HTTP/1.1\r\nContent-Length: " length "\r\n\r\n"
#define STORE POST_STORE("12") GOLDEN_CRATE

static inline void
answer(EVRPC_STRUCT(Store) * call)
{
	receipt_set(call->reply, 200, "stored");
	EVRPC_REQUEST_DONE(call);
}

static inline void
store_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	struct rpc *r = arg;

	note("%s", call->request->dest);
	if (r->keeps)
		r->kept = call;
	else
		answer(call);
}

static inline void
rpc_open(struct rpc *r)
{
	memset(r, 0, sizeof *r);
	server_open_bare(&r->http, AF_INET);
	r->base = evrpc_init(r->http.http);
	assert_non_null(r->base);
	EVRPC_REGISTER(r->base, Store, parcel, receipt, store_cb, r);
	client_open(&r->c, &r->http);
}

/* base is NULL where the test has freed it. */
static inline void
rpc_close(struct rpc *r)
{
	client_close(&r->c);
	if (r->base != NULL) {
		while (EVRPC_UNREGISTER(r->base, Store) == 0)
			;
		evrpc_free(r->base);
	}
	server_close(&r->http);
}

/* Says that, and answers come, without their bodies: see answers(). */
static inline void
exchange(struct rpc *r, const char *text, const char *codes)
{
	say(&r->c, text);
	expect_answers(&r->c, codes);
}

#define ACK "200:" GOLDEN_ACK

static inline bool
is_kept(void *arg)
{
	return ((struct rpc *)arg)->kept != NULL;
}

/* A call that the handler keeps. */
static inline void
rpc_keep(struct rpc *r)
{
	r->keeps = true;
	say(&r->c, STORE);
	assert_true(wait_until(r->http.base, is_kept, r));
	assert_log("hall 3");
	r->keeps = false;
}

#endif
