/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that take too long.
 */
#include "rpc_client.h"

TEST(rpc_call_times_out)
{
	struct caller r;
	struct call a;
	double start;

	CALLER_OPEN(&r, serve_never);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	receipt_set(a.reply, 5, "old");
	start = now_ms();
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_elapsed(start, 1000);
	assert_log("a=1:none");
	wait_for(&r.c, r.c.origin.closed == 1);
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_next_call_after_a_timeout_has_a_new_connection)
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_never, serve_7);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	call_make(&r, &b);
	await_answers(&r.c, 2);
	assert_log("a=1:none b=0:200 code 7");
	assert_int_equal(r.c.origin.accepted, 2);
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

/* A byte now and then: the connection is not silent. */
TEST(rpc_time_counts_from_the_start_of_the_call)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), STALL,
	    SEND("x"), STALL, SEND("x"), STALL};
	struct caller r;
	struct call a;
	double start;

	CALLER_OPEN(&r, script);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	start = now_ms();
	call_make(&r, &a);
	idle_for(&r.c, 400);
	peer_resume(&r.c.origin.peer[0]);
	idle_for(&r.c, 400);
	peer_resume(&r.c.origin.peer[0]);
	await_answers(&r.c, 1);
	assert_elapsed(start, 1000);
	assert_log("a=1:none");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_timeout_does_not_count_the_time_in_the_queue)
{
	struct caller r;
	struct call a, b;
	double start;

	CALLER_OPEN(&r, serve_never);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	call_open(&b, "b");
	start = now_ms();
	call_make(&r, &a);
	call_make(&r, &b);
	await_answers(&r.c, 2);
	assert_elapsed(start, 2000);
	assert_log("a=1:none b=1:none");
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

TEST(rpc_call_that_ended_in_time_does_not_time_out,
    DIFFERS(V21, "the connection is closed"))
{
	struct caller r;
	struct call a, b;

	CALLER_OPEN(&r, serve_7);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	call_open(&b, "b");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	idle_for(&r.c, 1300);
	call_make(&r, &b);
	await_answers(&r.c, 2);
	assert_log("a=0:200 code 7 b=0:200 code 7");
	assert_int_equal(r.c.origin.accepted, 1);
	call_close(&a);
	call_close(&b);
	caller_close(&r);
}

TEST(rpc_timeout_that_is_set_after_a_call_ends_it)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_never);
	call_open(&a, "a");
	call_make(&r, &a);
	evrpc_pool_set_timeout(r.pool, 1);
	/* The connection has the timeout, though the call has none. */
	await_answers(&r.c, 1);
	assert_log("a=1:none");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_connection_added_later_gets_the_timeout)
{
	struct caller r;

	CALLER_OPEN(&r, serve_never);
	evrpc_pool_free(r.pool);
	r.pool = evrpc_pool_new(r.c.base);
	evrpc_pool_set_timeout(r.pool, 1);
	caller_connect(&r);
	one_call(&r, "", "a=1:none");
}

TEST(rpc_pool_without_a_timeout_leaves_that_of_its_connection)
{
	struct caller r;

	CALLER_OPEN(&r, serve_never);
	evrpc_pool_free(r.pool);
	r.pool = evrpc_pool_new(r.c.base);
	evhttp_connection_set_timeout(caller_connect(&r), 1);
	one_call(&r, "", "a=1:none");
}

/* A connection with a timeout of a second is added to a pool with another. */
static void
connection_times_out_first(int pool_timeout)
{
	struct evhttp_connection *evcon;
	struct caller r;
	struct call a;
	double start;

	caller_open_bare(&r, (const struct step *const[]){serve_never}, 1);
	origin_listen(&r.c.origin);
	evrpc_pool_set_timeout(r.pool, pool_timeout);
	evcon = evhttp_connection_new("127.0.0.1", r.c.origin.port);
	evhttp_connection_set_timeout(evcon, 1);
	evrpc_pool_add_connection(r.pool, evcon);
	call_open(&a, "a");
	start = now_ms();
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_elapsed(start, 1000);
	assert_log("a=1:none");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_timeout_of_a_connection_is_kept_in_a_pool_with_a_longer_one)
{
	connection_times_out_first(30);
}

TEST(rpc_timeout_of_a_connection_is_kept_in_a_pool_without_one,
    DIFFERS(OURS, "the pool's timeout replaces it"))
{
	connection_times_out_first(0);
}

/* An origin that accepts nobody, and has no room for another to wait. */
static void
crowd(struct origin *o, int fds[], int n)
{
	assert_int_equal(listen(o->listener, 0), 0);
	for (int i = 0; i < n; i++) {
		struct sockaddr_in sin = {.sin_family = AF_INET,
		    .sin_port = htons(o->port)};

		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fds[i], (struct sockaddr *)&sin, sizeof sin);
	}
	usleep(50000);
}

TEST(rpc_call_that_gets_no_connection_in_time_times_out)
{
	struct caller r;
	struct call a;
	int fds[4];

	caller_open_bare(&r, NULL, 0);
	crowd(&r.c.origin, fds, 4);
	caller_connect(&r);
	evrpc_pool_set_timeout(r.pool, 1);
	call_open(&a, "a");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_log("a=1:none");
	client_run_passes(&r.c);
	assert_log("");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	call_close(&a);
	caller_close(&r);
}
