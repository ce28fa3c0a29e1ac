/* SPDX-License-Identifier: BSD-3-Clause */
/* The functions of evrpc that have names of libevent 2.x. */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "rpc_server.h"

TEST(rpc_generic_call_has_its_request_and_reply)
{
	struct rpc r;
	struct evrpc_req_generic *generic;

	rpc_open(&r);
	rpc_keep(&r);
	generic = (struct evrpc_req_generic *)r.kept;
	assert_ptr_equal(evrpc_get_request(generic), r.kept->request);
	assert_ptr_equal(evrpc_get_reply(generic), r.kept->reply);
	answer(r.kept);
	expect_answers(&r.c, ACK);
	rpc_close(&r);
}

TEST(rpc_call_has_its_pool)
{
	struct evrpc_request_wrapper call;
	struct evrpc_pool *pool = evrpc_pool_new(NULL);

	call.pool = pool;
	assert_ptr_equal(evrpc_request_get_pool(&call), pool);
	evrpc_pool_free(pool);
}

HOOK(connection_hook)
{
	struct evhttp_connection **evcon = arg;

	*evcon = evrpc_hook_get_connection(req);
	return 0;
}

static void
count_ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg)
{
	(void)status;
	(void)request;
	(void)reply;
	*(int *)arg = 1;
}

static bool
is_ended(void *arg)
{
	return *(int *)arg != 0;
}

/* Our pool calls our server on the same base. */
TEST(rpc_hook_has_the_connection_of_its_call)
{
	struct evhttp_connection *evcon, *seen[4] = {NULL};
	struct parcel *parcel = parcel_new();
	struct receipt *receipt = receipt_new();
	struct evrpc_pool *pool;
	struct rpc r;
	int ended = 0;

	rpc_open(&r);
	pool = evrpc_pool_new(r.http.base);
	evcon = evhttp_connection_new("127.0.0.1",
	    ntohs(((struct sockaddr_in *)&r.http.at)->sin_port));
	evrpc_pool_add_connection(pool, evcon);
	evrpc_add_hook(pool, EVRPC_OUTPUT, connection_hook, &seen[0]);
	evrpc_add_hook(r.base, EVRPC_INPUT, connection_hook, &seen[1]);
	evrpc_add_hook(r.base, EVRPC_OUTPUT, connection_hook, &seen[2]);
	evrpc_add_hook(pool, EVRPC_INPUT, connection_hook, &seen[3]);
	parcel_set(parcel, "hall 3", DE_AD);
	EVRPC_MAKE_REQUEST(Store, pool, parcel, receipt, count_ended_cb,
	    &ended);
	assert_true(wait_until(r.http.base, is_ended, &ended));
	assert_int_equal(receipt->code, 200);
	assert_ptr_equal(seen[0], evcon);
	assert_ptr_equal(seen[3], evcon);
	assert_non_null(seen[1]);
	assert_ptr_not_equal(seen[1], evcon);
	assert_ptr_equal(seen[2], seen[1]);
	evrpc_pool_free(pool);
	parcel_free(parcel);
	receipt_free(receipt);
	rpc_close(&r);
}
