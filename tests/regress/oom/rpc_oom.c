/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls without memory: each allocation for a call, of pool, server and HTTP,
 * fails once, alone and with all later ones.  The call has one callback, the
 * next call over the same pool is answered, and no memory leaks.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "rpc_server.h"
#include "http_sweep.h"
#include "wrap.h"

#define CONNECTIONS 6

struct run {
	struct rpc r;
	struct evrpc_pool *pool;
	struct parcel *parcel;
	struct receipt *receipt;
	int n_ended, error, code;
	bool hooks;
	bool answers_later;
};

static void
ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg)
{
	struct run *run = arg;

	(void)request;
	run->n_ended++;
	run->error = status->error;
	run->code = reply->has_code ? (int)reply->code : -1;
}

HOOK(pass_hook)
{
	return evhttp_add_header(req->output_headers, "X-Hook", "yes");
}

static struct evrpc_pool *
new_pool(struct run *run, int connections)
{
	unsigned short port =
	    ntohs(((struct sockaddr_in *)&run->r.http.at)->sin_port);
	struct evrpc_pool *pool = evrpc_pool_new(run->r.http.base);

	assert_non_null(pool);
	for (int i = 0; i < connections; i++)
		evrpc_pool_add_connection(pool,
		    evhttp_connection_new("127.0.0.1", port));
	return pool;
}

static void
make_call(struct run *run, struct evrpc_pool *pool)
{
	receipt_clear(run->receipt);
	EVRPC_MAKE_REQUEST(Store, pool, run->parcel, run->receipt, ended_cb,
	    run);
}

static void
answer_kept(struct run *run)
{
	EVRPC_STRUCT(Store) *kept = run->r.kept;

	run->r.kept = NULL;
	if (kept != NULL)
		answer(kept);
}

static void
await_ends(struct run *run, int n, long nth)
{
	double end = now_ms() + 10000;

	while (run->n_ended < n) {
		event_base_loop(run->r.http.base, EVLOOP_NONBLOCK);
		answer_kept(run);
		if (now_ms() > end)
			fail_msg("allocation %ld: no callback", nth);
	}
}

/*
 * Has libev allocate its first blocks before the test: without memory it would
 * end the process.
 */
static void
warm_up(struct run *run)
{
	struct evrpc_pool *pool = new_pool(run, CONNECTIONS);

	evrpc_pool_set_timeout(pool, 5);
	for (int i = 0; i < CONNECTIONS; i++)
		EVRPC_MAKE_REQUEST(Store, pool, run->parcel, run->receipt,
		    ended_cb, run);
	await_ends(run, CONNECTIONS, 0);
	evrpc_pool_free(pool);
	run->n_ended = 0;
	let_it_work(run->r.http.base);
}

static void
run_open(struct run *run)
{
	rpc_open(&run->r);
	client_close(&run->r.c);
	run->parcel = parcel_new();
	run->receipt = receipt_new();
	run->n_ended = 0;
	parcel_set(run->parcel, "hall 3", DE_AD);
	warm_up(run);
	run->r.keeps = run->answers_later;
	run->pool = new_pool(run, 1);
	evrpc_pool_set_timeout(run->pool, 5);
	if (!run->hooks)
		return;
	evrpc_add_hook(run->pool, EVRPC_OUTPUT, pass_hook, NULL);
	evrpc_add_hook(run->r.base, EVRPC_OUTPUT, pass_hook, NULL);
}

static void
run_close(struct run *run)
{
	evrpc_pool_free(run->pool);
	let_it_work(run->r.http.base);
	answer_kept(run);
	evrpc_free(run->r.base);
	server_close(&run->r.http);
	parcel_free(run->parcel);
	receipt_free(run->receipt);
	assert_int_equal(message_count(), 0);
	note_clear();
}

/* Returns whether any allocation failed; see each_fails(). */
static bool
fails_once(const void *arg, long nth, bool all)
{
	static struct run run;
	bool failed;

	run = *(const struct run *)arg;
	run_open(&run);
	(all ? fail_allocs_from : fail_alloc)(nth);
	make_call(&run, run.pool);
	for (int i = 0; i < 30 && run.n_ended == 0; i++) {
		event_base_loop(run.r.http.base, EVLOOP_NONBLOCK);
		answer_kept(&run);
	}
	failed = alloc_failed();
	fail_alloc(0);
	await_ends(&run, 1, nth);
	assert_true(failed || run.error == EVRPC_STATUS_ERR_NONE);
	assert_int_equal(run.code,
	    run.error == EVRPC_STATUS_ERR_NONE ? 200 : -1);
	make_call(&run, run.pool);
	await_ends(&run, 2, nth);
	assert_int_equal(run.error, EVRPC_STATUS_ERR_NONE);
	assert_int_equal(run.n_ended, 2);
	run_close(&run);
	return failed;
}

TEST(rpc_call_without_memory_has_one_callback)
{
	each_fails(fails_once, &(struct run){.hooks = false});
}

TEST(rpc_call_with_hooks_without_memory_has_one_callback)
{
	each_fails(fails_once, &(struct run){.hooks = true});
}

TEST(rpc_call_that_is_answered_later_without_memory_has_one_callback)
{
	each_fails(fails_once, &(struct run){.answers_later = true});
}

/* --- many calls --- */

static void
calls_by_chance(unsigned int seed)
{
	static struct run run;
	enum {
		CALLS = 8
	};

	memset(&run, 0, sizeof run);
	run_open(&run);
	for (int i = 0; i < CALLS; i++) {
		fail_allocs_often(seed * 11 + (unsigned int)i, 10);
		make_call(&run, run.pool);
		for (int j = 0; j < 3; j++)
			event_base_loop(run.r.http.base, EVLOOP_NONBLOCK);
		fail_alloc(0);
	}
	await_ends(&run, CALLS, (long)seed);
	receipt_clear(run.receipt);
	make_call(&run, run.pool);
	await_ends(&run, CALLS + 1, (long)seed);
	assert_int_equal(run.error, EVRPC_STATUS_ERR_NONE);
	assert_int_equal(run.n_ended, CALLS + 1);
	run_close(&run);
}

TEST(rpc_calls_with_failing_allocations_have_one_callback_each)
{
	event_set_log_callback(quiet_cb);
	for (unsigned int seed = 0; seed < 100; seed++)
		calls_by_chance(seed);
	event_set_log_callback(NULL);
}

/* --- names, hooks, pools --- */

static void
void_cb(struct evrpc_req_generic *call, void *arg)
{
	(void)call;
	(void)arg;
}

/*
 * Registering a name succeeds or fails; EVRPC_UNREGISTER() finds it or not, and
 * nothing leaks.
 */
static bool
register_fails_once(const void *arg, long nth, bool all)
{
	struct evrpc *rpc = calloc(1, sizeof *rpc);
	struct rpc r;
	bool failed;
	int result;

	(void)arg;
	rpc_open(&r);
	EVRPC_REGISTER_OBJECT(rpc, Half, parcel, receipt);
	(all ? fail_allocs_from : fail_alloc)(nth);
	result = evrpc_register_rpc(r.base, rpc, void_cb, NULL);
	failed = alloc_failed();
	fail_alloc(0);
	assert_true(failed || result == 0);
	assert_int_equal(EVRPC_UNREGISTER(r.base, Half), result);
	rpc_close(&r);
	return failed;
}

TEST(rpc_without_memory_is_registered_or_refused_and_does_not_leak)
{
	each_fails(register_fails_once, NULL);
}

TEST(rpc_constructors_without_memory_return_null)
{
	struct rpc r;

	rpc_open(&r);
	fail_alloc(1);
	assert_null(evrpc_init(r.http.http));
	fail_alloc(1);
	assert_null(evrpc_pool_new(r.http.base));
	fail_alloc(1);
	assert_null(evrpc_add_hook(r.base, EVRPC_INPUT, pass_hook, NULL));
	fail_alloc(0);
	rpc_close(&r);
}

TEST(rpc_connection_that_is_added_without_memory_stays_the_callers)
{
	struct evhttp_connection *evcon = evhttp_connection_new("127.0.0.1", 9);
	struct evrpc_pool *pool = evrpc_pool_new(NULL);

	event_set_log_callback(quiet_cb);
	fail_alloc(1);
	evrpc_pool_add_connection(pool, evcon);
	fail_alloc(0);
	evrpc_pool_free(pool);
	evhttp_connection_free(evcon);
	event_set_log_callback(NULL);
}
