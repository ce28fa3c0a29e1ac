/* SPDX-License-Identifier: BSD-3-Clause */
/* A server of calls; see the header. */
#include "rpc_server.h"
#include "test.h"

void
answer(EVRPC_STRUCT(Store) * call)
{
	receipt_set(call->reply, 200, "stored");
	EVRPC_REQUEST_DONE(call);
}

void
store_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	struct rpc *r = arg;

	note("%s", call->request->dest);
	if (r->keeps)
		r->kept = call;
	else
		answer(call);
}

void
rpc_open(struct rpc *r)
{
	memset(r, 0, sizeof *r);
	server_open_bare(&r->http, AF_INET);
	r->base = evrpc_init(r->http.http);
	assert_non_null(r->base);
	EVRPC_REGISTER(r->base, Store, parcel, receipt, store_cb, r);
	client_open(&r->c, &r->http);
}

void
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

void
exchange(struct rpc *r, const char *text, const char *codes)
{
	say(&r->c, text);
	expect_answers(&r->c, codes);
}

static bool
is_kept(void *arg)
{
	return ((struct rpc *)arg)->kept != NULL;
}

void
rpc_keep(struct rpc *r)
{
	r->keeps = true;
	say(&r->c, STORE);
	assert_true(wait_until(r->http.base, is_kept, r));
	assert_log("hall 3");
	r->keeps = false;
}
