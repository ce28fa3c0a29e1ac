/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a pool sets on the connections that are added.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "http/conn.h"

#include "rpc_client.h"

static void
note_log_cb(int severity, const char *text)
{
	note("log %d %s", severity, text);
}

TEST(rpc_connection_that_has_a_base_is_added_without_a_warning)
{
	struct event_base *base = event_base_new();
	struct evrpc_pool *pool = evrpc_pool_new(base);
	struct evhttp_connection *evcon =
	    evhttp_connection_base_new(base, NULL, "127.0.0.1", 9);

	event_set_log_callback(note_log_cb);
	evrpc_pool_add_connection(pool, evcon);
	assert_log("");
	assert_ptr_equal(evhttp_connection_get_base(evcon), base);
	evrpc_pool_free(pool);
	event_base_free(base);
}

/*
 * The timeout that a connection has after it was added to a pool with
 * pool_timeout.
 */
static int
timeout_in_pool(int pool_timeout)
{
	struct evrpc_pool *pool = evrpc_pool_new(NULL);
	struct evhttp_connection *evcon = evhttp_connection_new("127.0.0.1", 9);
	int timeout;

	if (pool_timeout != -1)
		evrpc_pool_set_timeout(pool, pool_timeout);
	evrpc_pool_add_connection(pool, evcon);
	timeout = evcon->timeout;
	evrpc_pool_free(pool);
	return timeout;
}

TEST(rpc_timeout_longer_than_a_connections_default_is_set_on_it)
{
	assert_int_equal(timeout_in_pool(-1), -1);
	assert_int_equal(timeout_in_pool(45), -1);
	assert_int_equal(timeout_in_pool(46), 46);
	assert_int_equal(timeout_in_pool(600), 600);
	assert_int_equal(timeout_in_pool(0), 0);
}

TEST(rpc_timeout_of_a_pool_is_set_on_its_connections)
{
	struct evrpc_pool *pool = evrpc_pool_new(NULL);
	struct evhttp_connection *evcon = evhttp_connection_new("127.0.0.1", 9);

	evrpc_pool_add_connection(pool, evcon);
	evrpc_pool_set_timeout(pool, 7);
	assert_int_equal(evcon->timeout, 7);
	evrpc_pool_set_timeout(pool, -1);
	assert_int_equal(evcon->timeout, -1);
	evrpc_pool_free(pool);
}
