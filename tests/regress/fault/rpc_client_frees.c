/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program does to a pool inside its callbacks, its hooks and the close
 * callbacks of connections.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "rpc_client.h"

enum place {
	IN_CALLBACK,
	IN_INPUT_HOOK,
	IN_OUTPUT_HOOK,
	IN_CLOSE_CALLBACK,
	PLACES
};

struct flow {
	struct caller r;
	struct call a, b, c;
	enum place place;
	void (*action)(struct flow *);
	void *input, *output; /* hooks */
	int n_actions;
};

static void
be_at(struct flow *f, enum place place)
{
	if (f->place == place && f->n_actions++ == 0)
		f->action(f);
}

static void
flow_cb(struct call *call)
{
	be_at(call->arg, IN_CALLBACK);
}

HOOK(input_hook)
{
	be_at(arg, IN_INPUT_HOOK);
	return 0;
}

HOOK(output_hook)
{
	be_at(arg, IN_OUTPUT_HOOK);
	return 0;
}

static void
flow_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	be_at(arg, IN_CLOSE_CALLBACK);
}

/*
 * Makes the calls a and b over one connection, whose origin follows the script;
 * the action is done once, in that place.
 */
static void
flow_open(struct flow *f, const struct step *script, enum place place,
    void (*action)(struct flow *))
{
	memset(f, 0, sizeof *f);
	f->place = place;
	f->action = action;
	caller_open_bare(&f->r, (const struct step *const[]){script, serve_7},
	    2);
	origin_listen(&f->r.c.origin);
	evhttp_connection_set_closecb(caller_connect(&f->r), flow_close_cb, f);
	f->input = evrpc_add_hook(f->r.pool, EVRPC_INPUT, input_hook, f);
	f->output = evrpc_add_hook(f->r.pool, EVRPC_OUTPUT, output_hook, f);
	call_open(&f->a, "a");
	call_open(&f->b, "b");
	call_open(&f->c, "c");
	f->a.then = flow_cb;
	f->a.arg = f;
	call_make(&f->r, &f->a);
	if (f->r.pool != NULL)
		call_make(&f->r, &f->b);
}

static void
flow_close(struct flow *f)
{
	f->place = PLACES;
	call_close(&f->a);
	call_close(&f->b);
	call_close(&f->c);
	caller_close(&f->r);
	assert_int_equal(message_count(), 0);
}

static void
free_pool(struct flow *f)
{
	evrpc_pool_free(f->r.pool);
	f->r.pool = NULL;
}

/* No callback is called after the pool was freed. */
static void
ends_with_pool(const struct step *script, enum place place, const char *log)
{
	struct flow f;

	flow_open(&f, script, place, free_pool);
	wait_for(&f.r.c, f.n_actions > 0);
	client_run_passes(&f.r.c);
	assert_log(log);
	flow_close(&f);
}

static const struct step close_early[] = {REQUEST, CLOSE};

TEST(rpc_pool_may_be_freed_in_the_callback_of_a_call)
{
	ends_with_pool(serve_7, IN_CALLBACK, "a=0:200 code 7");
	ends_with_pool(close_early, IN_CALLBACK, "a=2:0");
}

TEST(rpc_pool_may_be_freed_in_an_input_hook)
{
	ends_with_pool(serve_7, IN_INPUT_HOOK, "");
	ends_with_pool(close_early, IN_INPUT_HOOK, "");
}

TEST(rpc_pool_may_be_freed_in_an_output_hook)
{
	ends_with_pool(serve_7, IN_OUTPUT_HOOK, "");
}

TEST(rpc_pool_may_be_freed_in_a_close_callback)
{
	ends_with_pool(close_early, IN_CLOSE_CALLBACK, "");
}

/* The connection is closed because the call has timed out. */
TEST(rpc_pool_may_be_freed_in_the_close_callback_of_a_timeout)
{
	struct flow f;

	flow_open(&f, serve_never, IN_CLOSE_CALLBACK, free_pool);
	evrpc_pool_set_timeout(f.r.pool, 1);
	wait_for(&f.r.c, f.r.c.origin.peer[0].requests == 1);
	free_pool(&f);
	client_run_passes(&f.r.c);
	assert_int_equal(f.n_actions, 1);
	assert_log("");
	flow_close(&f);
}

TEST(rpc_pool_may_be_freed_in_the_close_callback_when_a_call_times_out)
{
	struct flow f;

	memset(&f, 0, sizeof f);
	f.place = IN_CLOSE_CALLBACK;
	f.action = free_pool;
	CALLER_OPEN(&f.r, serve_never);
	evrpc_pool_free(f.r.pool);
	f.r.pool = evrpc_pool_new(f.r.c.base);
	evrpc_pool_set_timeout(f.r.pool, 1);
	evhttp_connection_set_closecb(caller_connect(&f.r), flow_close_cb, &f);
	call_open(&f.a, "a");
	call_open(&f.b, "b");
	call_open(&f.c, "c");
	call_make(&f.r, &f.a);
	call_make(&f.r, &f.b);
	wait_for(&f.r.c, f.n_actions > 0);
	client_run_passes(&f.r.c);
	assert_log("");
	flow_close(&f);
}

static void
make_c(struct flow *f)
{
	call_make(&f->r, &f->c);
}

/* All calls end, in the order that log has; if log is NULL, in any order. */
static void
ends_all(const struct step *script, enum place place,
    void (*action)(struct flow *), const char *log)
{
	struct flow f;

	n_answers = 0;
	flow_open(&f, script, place, action);
	await_answers(&f.r.c, action == make_c ? 3 : 2);
	client_run_passes(&f.r.c);
	assert_true(f.n_actions > 0);
	if (log != NULL)
		assert_string_equal(noted(), log);
	note_clear();
	flow_close(&f);
}

TEST(rpc_call_may_be_made_in_an_input_hook)
{
	ends_all(serve_7, IN_INPUT_HOOK, make_c,
	    "a=0:200 code 7 b=0:200 code 7 c=0:200 code 7");
}

/*
 * A call that is made while another one starts is queued before those that are
 * made later.
 */
TEST(rpc_call_may_be_made_in_an_output_hook)
{
	ends_all(serve_7, IN_OUTPUT_HOOK, make_c,
	    "a=0:200 code 7 c=0:200 code 7 b=0:200 code 7");
}

TEST(rpc_call_may_be_made_in_a_close_callback)
{
	ends_all(close_early, IN_CLOSE_CALLBACK, make_c,
	    "a=2:0 b=0:200 code 7 c=0:200 code 7");
}

static void
remove_hooks(struct flow *f)
{
	assert_int_equal(evrpc_remove_hook(f->r.pool, EVRPC_INPUT, f->input),
	    1);
	assert_int_equal(evrpc_remove_hook(f->r.pool, EVRPC_OUTPUT, f->output),
	    1);
}

TEST(rpc_hook_may_remove_itself)
{
	ends_all(serve_7, IN_INPUT_HOOK, remove_hooks,
	    "a=0:200 code 7 b=0:200 code 7");
	ends_all(serve_7, IN_OUTPUT_HOOK, remove_hooks,
	    "a=0:200 code 7 b=0:200 code 7");
}

static void
add_connection(struct flow *f)
{
	caller_connect(&f->r);
}

TEST(rpc_connection_may_be_added_in_any_callback)
{
	ends_all(serve_7, IN_CALLBACK, add_connection,
	    "a=0:200 code 7 b=0:200 code 7");
	ends_all(serve_7, IN_INPUT_HOOK, add_connection,
	    "a=0:200 code 7 b=0:200 code 7");
	ends_all(serve_7, IN_OUTPUT_HOOK, add_connection, NULL);
}

/* Runs the loop inside of the callback. */
static void
loop_inside(struct flow *f)
{
	for (int i = 0; i < 50; i++)
		event_base_loop(f->r.c.base, EVLOOP_NONBLOCK);
}

TEST(rpc_loop_may_run_inside_the_callback)
{
	ends_all(serve_7, IN_CALLBACK, loop_inside,
	    "a=0:200 code 7 b=0:200 code 7");
}

static void
make_c_and_loop(struct flow *f)
{
	make_c(f);
	loop_inside(f);
	free_pool(f);
}

TEST(rpc_callback_that_ran_a_nested_loop_may_free_the_pool)
{
	struct flow f;

	flow_open(&f, serve_7, IN_CALLBACK, make_c_and_loop);
	wait_for(&f.r.c, f.r.pool == NULL);
	client_run_passes(&f.r.c);
	assert_log("a=0:200 code 7 b=0:200 code 7 c=0:200 code 7");
	flow_close(&f);
}
