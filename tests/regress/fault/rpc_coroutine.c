/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Callbacks, handlers and hooks of evrpc that switch to another stack in the
 * middle; the stack that the loop runs on cannot be touched until they switch
 * back.  Meanwhile other coroutines make calls over the same pool, and free the
 * objects of the callback.  See helpers/coroutine.h.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "rpc_server.h"

/* musl declares the functions to change stacks, but does not have them. */
#ifdef __GLIBC__

#include "coroutine.h"

enum place {
	IN_POOL_OUTPUT,
	IN_SERVER_INPUT,
	IN_HANDLER,
	IN_SERVER_OUTPUT,
	IN_POOL_INPUT,
	IN_CALLBACK,
	PLACES
};

static struct flow {
	struct rpc r;
	struct evrpc_pool *pool;
	struct parcel *request;
	struct receipt *replies[3];
	int n_calls, n_ended;
	int leaves_at; /* a place; PLACES: no switch */
	bool is_freed;
} flow;

static void
be_at(enum place place)
{
	if (flow.leaves_at == (int)place) {
		flow.leaves_at = PLACES;
		leave_stack();
	}
}

static void
leave_handler_cb(EVRPC_STRUCT(Store) * call, void *unused)
{
	(void)unused;
	be_at(IN_HANDLER);
	answer(call);
}

static void
leave_ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *unused)
{
	int error = status->error;

	(void)request;
	(void)unused;
	flow.n_ended++;
	be_at(IN_CALLBACK);
	assert_int_equal(status->error, error);
	if (error == EVRPC_STATUS_ERR_NONE)
		assert_int_equal(reply->code, 200);
}

HOOK(leave_hook)
{
	be_at((enum place)(intptr_t)arg);
	return 0;
}

static void
make_call(void)
{
	EVRPC_MAKE_REQUEST(Store, flow.pool, flow.request,
	    flow.replies[flow.n_calls], leave_ended_cb, NULL);
	flow.n_calls++;
}

/* What runs on the main stack. */
static void
run_calls(void)
{
	make_call();
	for (int i = 0;
	     i < 100 && !flow.is_freed && flow.n_ended < flow.n_calls; i++)
		event_base_loop(flow.r.http.base, EVLOOP_ONCE);
	for (int i = 0; i < 10; i++)
		event_base_loop(flow.r.http.base, EVLOOP_NONBLOCK);
}

static void
flow_open(int place)
{
	struct rpc *r = &flow.r;

	memset(&flow, 0, sizeof flow);
	rpc_open(r);
	EVRPC_UNREGISTER(r->base, Store);
	EVRPC_REGISTER(r->base, Store, parcel, receipt, leave_handler_cb, NULL);
	flow.pool = evrpc_pool_new(r->http.base);
	evrpc_pool_add_connection(flow.pool,
	    evhttp_connection_new("127.0.0.1",
		ntohs(((struct sockaddr_in *)&r->http.at)->sin_port)));
	evrpc_add_hook(r->base, EVRPC_INPUT, leave_hook,
	    (void *)IN_SERVER_INPUT);
	evrpc_add_hook(r->base, EVRPC_OUTPUT, leave_hook,
	    (void *)IN_SERVER_OUTPUT);
	evrpc_add_hook(flow.pool, EVRPC_INPUT, leave_hook,
	    (void *)IN_POOL_INPUT);
	evrpc_add_hook(flow.pool, EVRPC_OUTPUT, leave_hook,
	    (void *)IN_POOL_OUTPUT);
	flow.request = parcel_new();
	parcel_set(flow.request, "hall 3", DE_AD);
	for (int i = 0; i < 3; i++)
		flow.replies[i] = receipt_new();
	flow.leaves_at = place;
}

static void
flow_close(void)
{
	evrpc_pool_free(flow.pool);
	let_it_work(flow.r.http.base);
	rpc_close(&flow.r);
	parcel_free(flow.request);
	for (int i = 0; i < 3; i++)
		receipt_free(flow.replies[i]);
	assert_int_equal(message_count(), 0);
}

/*
 * In that place a coroutine switches stacks, once, and the other one does the
 * action.
 */
static void
leaves(int place, void (*action)(void))
{
	flow_open(place);
	n_leaves = 0;
	hub_open(run_calls);
	while (resume_stack()) {
		use_events();
		use_buffers();
		action();
	}
	hub_close();
	assert_int_equal(n_leaves - 1, 1); /* the hub's end is a switch, too */
}

TEST(rpc_each_callback_may_leave_the_stack)
{
	struct event_base *others = event_init();

	for (int place = 0; place < PLACES; place++) {
		leaves(place, make_call);
		assert_int_equal(flow.n_ended, 2);
		flow_close();
	}
	event_base_free(others);
}

static void
free_pool(void)
{
	evrpc_pool_free(flow.pool);
	flow.pool = NULL;
	flow.is_freed = true;
}

TEST(rpc_pool_may_be_freed_while_a_callback_has_switched_stacks)
{
	struct event_base *others = event_init();

	for (int place = 0; place < PLACES; place++) {
		leaves(place, free_pool);
		assert_int_equal(flow.n_ended, place == IN_CALLBACK);
		flow_close();
	}
	event_base_free(others);
}

static void
free_base(void)
{
	evrpc_free(flow.r.base);
	flow.r.base = NULL;
}

TEST(rpc_base_may_be_freed_while_a_callback_has_switched_stacks)
{
	struct event_base *others = event_init();

	for (int place = 0; place < PLACES; place++) {
		leaves(place, free_base);
		assert_int_equal(flow.n_ended, 1);
		flow_close();
	}
	event_base_free(others);
}

#endif
