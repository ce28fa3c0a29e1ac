/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which connection gets which call, and when.
 */
#include "rpc_client.h"

static const struct step serve_stalled[] = {REQUEST, STALL, SEND(OK_ACK_7),
    AGAIN};

static int
requests_of(struct caller *r, int connection)
{
	return r->c.origin.peer[connection].requests;
}

TEST(rpc_calls_are_spread_over_free_connections)
{
	struct caller r;
	struct call a, b, c;

	CALLER_OPEN(&r, serve_stalled, serve_stalled);
	caller_connect(&r);
	call_open(&a, "a");
	call_open(&b, "b");
	call_open(&c, "c");
	call_make(&r, &a);
	call_make(&r, &b);
	call_make(&r, &c);
	wait_for(&r.c, requests_of(&r, 0) == 1 && requests_of(&r, 1) == 1);
	client_run_passes(&r.c);
	peer_resume(&r.c.origin.peer[1]);
	await_answers(&r.c, 1);
	wait_for(&r.c, requests_of(&r, 1) == 2);
	peer_resume(&r.c.origin.peer[0]);
	await_answers(&r.c, 2);
	peer_resume(&r.c.origin.peer[1]);
	await_answers(&r.c, 3);
	assert_int_equal(requests_of(&r, 0), 1);
	call_close(&a);
	call_close(&b);
	call_close(&c);
	caller_close(&r);
}

TEST(rpc_first_free_connection_is_used)
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_7, serve_7);
	caller_connect(&r);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	call_make(&r, &b);
	await_answers(&r.c, 2);
	assert_int_equal(r.c.origin.accepted, 1);
	assert_log("a=0:200 code 7 b=0:200 code 7");
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

/* The program uses a connection of the pool itself. */
TEST(rpc_connection_with_a_request_of_the_programs_is_not_free,
    DIFFERS(OURS, "the call waits until that is answered"))
{
	struct evhttp_connection *evcon;
	struct caller r;
	struct call a;

	caller_open_bare(&r, (const struct step *const[]){serve_never, serve_7},
	    2);
	origin_listen(&r.c.origin);
	evcon = caller_connect(&r);
	caller_connect(&r);
	assert_int_equal(evhttp_make_request(evcon, new_request("own"),
			     EVHTTP_REQ_GET, "/"),
	    0);
	wait_for(&r.c, requests_of(&r, 0) == 1);
	call_open(&a, "a");
	call_make(&r, &a);
	client_run_passes(&r.c);
	assert_log("a=0:200 code 7");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_calls_wait_in_order)
{
	struct caller r;
	struct call calls[4];
	static const char *const names[] = {"a", "b", "c", "d"};

	CALLER_OPEN(&r, serve_7);
	for (int i = 0; i < 4; i++) {
		call_open(&calls[i], names[i]);
		call_make(&r, &calls[i]);
	}
	await_answers(&r.c, 4);
	assert_log("a=0:200 code 7 b=0:200 code 7 c=0:200 code 7 "
		   "d=0:200 code 7");
	for (int i = 0; i < 4; i++)
		call_close(&calls[i]);
	caller_close(&r);
}

TEST(rpc_request_is_marshalled_when_it_starts)
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	parcel_set(r.request, "hall 4", DE_AD);
	call_make(&r, &b);
	parcel_set(r.request, "hall 5", DE_AD);
	await_answers(&r.c, 2);
	assert_non_null(strstr(r.c.origin.peer[0].got, "hall 3"));
	assert_null(strstr(r.c.origin.peer[0].got, "hall 4"));
	assert_non_null(strstr(r.c.origin.peer[0].got, "hall 5"));
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

struct chain {
	struct caller r;
	struct call a, b, c;
};

static void
make_c(struct call *call)
{
	struct chain *chain = call->arg;

	call_make(&chain->r, &chain->c);
}

static void
chain_open(struct chain *chain, const struct step *script)
{
	CALLER_OPEN(&chain->r, script);
	call_open(&chain->a, "a");
	call_open(&chain->b, "b");
	call_open(&chain->c, "c");
	chain->a.then = make_c;
	chain->a.arg = chain;
}

static void
chain_close(struct chain *chain)
{
	call_close(&chain->a);
	call_close(&chain->b);
	call_close(&chain->c);
	caller_close(&chain->r);
}

TEST(rpc_next_call_may_be_made_in_the_callback)
{
	struct chain chain;

	chain_open(&chain, serve_7);
	call_make(&chain.r, &chain.a);
	await_answers(&chain.r.c, 2);
	assert_log("a=0:200 code 7 c=0:200 code 7");
	chain_close(&chain);
}

TEST(rpc_call_of_a_callback_comes_after_those_that_wait)
{
	struct chain chain;

	chain_open(&chain, serve_7);
	call_make(&chain.r, &chain.a);
	call_make(&chain.r, &chain.b);
	await_answers(&chain.r.c, 3);
	assert_log("a=0:200 code 7 b=0:200 code 7 c=0:200 code 7");
	chain_close(&chain);
}

TEST(rpc_call_may_be_made_in_the_callback_of_one_that_failed,
    DIFFERS(V14, "it is sent over the connection that is closed"),
    DIFFERS(V21, "a server that closes is a timeout"))
{
	static const struct step script[] = {REQUEST, CLOSE};
	struct chain chain;

	CALLER_OPEN(&chain.r, script, serve_7);
	call_open(&chain.a, "a");
	call_open(&chain.b, "b");
	call_open(&chain.c, "c");
	chain.a.then = make_c;
	chain.a.arg = &chain;
	call_make(&chain.r, &chain.a);
	await_answers(&chain.r.c, 2);
	assert_log("a=2:0 c=0:200 code 7");
	chain_close(&chain);
}

TEST(rpc_call_without_a_connection_waits_for_one, DIFFERS(V14, "it aborts"),
    DIFFERS(V21, "it aborts"))
{
	struct caller r;
	struct call a, b;

	caller_open_bare(&r, (const struct step *const[]){serve_7}, 1);
	origin_listen(&r.c.origin);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	call_make(&r, &b);
	client_run_passes(&r.c);
	caller_connect(&r);
	await_answers(&r.c, 2);
	assert_log("a=0:200 code 7 b=0:200 code 7");
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

HOOK(refuse_two_hook)
{
	int n = ++*(int *)arg;

	return n == 2 || n == 3 ? -1 : 0;
}

TEST(rpc_call_that_cannot_start_lets_the_next_one_start,
    DIFFERS(V14, "those that wait never end"), DIFFERS(V21, "as 1.4"))
{
	struct caller r;
	struct call calls[4];
	static const char *const names[] = {"a", "b", "c", "d"};
	int n = 0;

	CALLER_OPEN(&r, serve_7);
	evrpc_add_hook(r.pool, EVRPC_OUTPUT, refuse_two_hook, &n);
	for (int i = 0; i < 4; i++) {
		call_open(&calls[i], names[i]);
		call_make(&r, &calls[i]);
	}
	await_answers(&r.c, 4);
	assert_log("a=0:200 code 7 b=3:none c=3:none d=0:200 code 7");
	for (int i = 0; i < 4; i++)
		call_close(&calls[i]);
	caller_close(&r);
}

TEST(rpc_connection_that_is_known_to_be_closed_is_not_used)
{
	static const struct step script[] = {REQUEST, SEND(OK_ACK_7), CLOSE};
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, script, serve_7);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	client_run_passes(&r.c);
	call_make(&r, &b);
	await_answers(&r.c, 2);
	assert_log("a=0:200 code 7 b=0:200 code 7");
	assert_int_equal(r.c.origin.accepted, 2);
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

TEST(rpc_300_calls_are_answered_over_3_connections)
{
	struct caller r;
	static struct call calls[300];

	CALLER_OPEN(&r, serve_7);
	caller_connect(&r);
	caller_connect(&r);
	for (int i = 0; i < 300; i++) {
		call_open(&calls[i], "a");
		call_make(&r, &calls[i]);
	}
	await_answers(&r.c, 300);
	assert_int_equal(r.c.origin.accepted, 3);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(calls[i].reply->code, 7);
		call_close(&calls[i]);
	}
	caller_close(&r);
}

/*
 * Freeing a pool
 */

TEST(rpc_pool_may_be_freed_without_calls)
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	evrpc_add_hook(r.pool, EVRPC_OUTPUT, refuse_two_hook, NULL);
	evrpc_pool_free(r.pool);
	r.pool = evrpc_pool_new(r.c.base);
	caller_connect(&r);
	one_call(&r, "", "a=0:200 code 7");
}

TEST(rpc_pool_may_be_freed_with_calls_in_flight,
    DIFFERS_BY_CHANCE(V14, "a timer fires into freed memory"),
    DIFFERS_BY_CHANCE(V21, "as 1.4"))
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_never);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	call_make(&r, &b);
	wait_for(&r.c, requests_of(&r, 0) == 1);
	evrpc_pool_free(r.pool);
	r.pool = NULL;
	idle_for(&r.c, 1300);
	assert_log("");
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

static void
free_pool(struct call *call)
{
	struct caller *r = call->arg;

	evrpc_pool_free(r->pool);
	r->pool = NULL;
}

TEST(rpc_pool_may_be_freed_in_a_callback,
    DIFFERS_BY_CHANCE(V14, "it uses freed memory"),
    DIFFERS_BY_CHANCE(V21, "as 1.4"))
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	call_open(&b, "b");
	a.then = free_pool;
	a.arg = &r;
	call_make(&r, &a);
	call_make(&r, &b);
	await_answers(&r.c, 1);
	client_run_passes(&r.c);
	assert_log("a=0:200 code 7");
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

TEST(rpc_pool_closes_its_connections)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	evrpc_pool_free(r.pool);
	r.pool = NULL;
	wait_for(&r.c, r.c.origin.closed == 1);
	assert_true(r.c.origin.peer[0].client_closed);
	call_close(&a);
	caller_close(&r);
}
