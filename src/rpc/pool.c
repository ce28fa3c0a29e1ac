/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evrpc's client.  The plan:
 *
 *  1. A call waits on the pool's list until a connection is free.
 *     start_calls() starts calls from the head of the list whenever a call or a
 *     connection is added, and when a call ends.
 *  2. start_call() marshals the request and gives the call to a connection.  If
 *     that fails, the call ends at once.
 *  3. A call that was started ends in answer_cb() or timeout_cb(), whichever is
 *     called first.
 *  4. Both call end_call(), which reads the reply, and then call_back(), which
 *     frees the call before it calls the program's callback.
 *
 * The program may free the pool in its callback, in a hook, and in the close
 * callback of a connection.  Code that calls one of these takes a reference to
 * the pool, and checks is_freed afterwards: if that is set, the connections are
 * freed, too.
 */
#include <stdlib.h>
#include <string.h>

#include "hooks.h"
#include "support/log.h"

/*
 * The shortest of a connection's default timeouts, that for connecting, in
 * seconds.  1.4: a connection without a timeout gets that of its pool.
 * <evhttp.h> has no function that returns a connection's timeout, so
 * evrpc_pool_add_connection() replaces it if the pool's is longer than this;
 * otherwise the timer of the call expires first.
 */
#define DEFAULT_TIMEOUT 45

/* A connection of a pool, and the call that is on it. */
struct member {
	TAILQ_ENTRY(member) next;
	struct evrpc_pool *pool;
	struct evhttp_connection *evcon;
	struct evrpc_request_wrapper *call; /* NULL: it is free */
	struct evhttp_request *req;	    /* of the call */
	bool is_starting; /* start_call() has taken it, but not sent the call */
};

struct evrpc_pool {
	struct hooks hooks; /* the first member; see hooks.h */
	struct event_base *base;
	TAILQ_HEAD(, member) members; /* in the order of adding */
	TAILQ_HEAD(, evrpc_request_wrapper) waiting;
	int timeout; /* seconds; -1 and 0: none */
	int refs;
	bool is_freed;
};

static void
ref_pool(struct evrpc_pool *pool)
{
	pool->refs++;
}

static void
unref_pool(struct evrpc_pool *pool)
{
	if (--pool->refs == 0)
		free(pool);
}

static void
free_call(struct evrpc_request_wrapper *call)
{
	free(call->name);
	free(call);
}

/* --- the end of a call --- */

/* Frees the call, and calls its callback.  The call is on no list, and its
 * timer is not added. */
static void
call_back(struct evrpc_request_wrapper *call, int error,
    struct evhttp_request *req)
{
	void (*cb)(struct evrpc_status *, void *, void *, void *) = call->cb;
	void *request = call->request, *reply = call->reply;
	void *cb_arg = call->cb_arg;
	struct evrpc_status status = {.error = error, .http_req = req};

	if (error != EVRPC_STATUS_ERR_NONE &&
	    error != EVRPC_STATUS_ERR_UNSTARTED)
		call->reply_clear(reply);
	free_call(call);
	cb(&status, request, reply, cb_arg);
}

/* Takes the call off its connection. */
static struct evrpc_request_wrapper *
take_call(struct member *member)
{
	struct evrpc_request_wrapper *call = member->call;

	evtimer_del(&call->ev_timeout);
	member->call = NULL;
	member->req = NULL;
	return call;
}

/* Runs the hooks on a reply, and unmarshals it.  Returns the call's status. */
static int
read_reply(struct evrpc_pool *pool, struct evrpc_request_wrapper *call,
    struct evhttp_request *req)
{
	if (evi_hooks_run(&pool->hooks, EVRPC_INPUT, req, req->input_buffer) ==
	    -1)
		return EVRPC_STATUS_ERR_HOOKABORTED;
	if (pool->is_freed)
		return EVRPC_STATUS_ERR_NONE; /* end_call() drops the call */
	if (req->response_code == 0 ||
	    call->reply_unmarshal(call->reply, req->input_buffer) == -1)
		return EVRPC_STATUS_ERR_BADPAYLOAD;
	return EVRPC_STATUS_ERR_NONE;
}

static void start_calls(struct evrpc_pool *pool);

/* Ends a call that was started: with an answer, or if req is NULL, a timeout.
 */
static void
end_call(struct evrpc_pool *pool, struct evrpc_request_wrapper *call,
    struct evhttp_request *req)
{
	int error = req != NULL ? read_reply(pool, call, req)
				: EVRPC_STATUS_ERR_TIMEOUT;

	if (pool->is_freed) {
		free_call(call);
		return;
	}
	call_back(call, error, req);
	if (!pool->is_freed)
		start_calls(pool);
}

/*
 * The HTTP request has ended.  Code 0: no connection could be made, or the
 * server closed it before an answer began.  NULL: the request failed in another
 * way.
 */
static void
answer_cb(struct evhttp_request *req, void *arg)
{
	struct member *member = arg;
	struct evrpc_pool *pool = member->pool;

	ref_pool(pool);
	end_call(pool, take_call(member), req);
	unref_pool(pool);
}

/* The call's time is over.  A close callback may run, and free the pool. */
static void
timeout_cb(int fd, short what, void *arg)
{
	struct member *member = arg;
	struct evrpc_pool *pool = member->pool;
	struct evhttp_request *req = member->req;
	struct evrpc_request_wrapper *call = take_call(member);

	(void)fd;
	(void)what;
	ref_pool(pool);
	evhttp_cancel_request(req);
	end_call(pool, call, NULL);
	unref_pool(pool);
}

/* --- the start of a call --- */

static int
start_timer(struct member *member, struct evrpc_request_wrapper *call)
{
	struct timeval tv = {.tv_sec = member->pool->timeout};

	evtimer_set(&call->ev_timeout, timeout_cb, member);
	if (member->pool->base != NULL)
		event_base_set(member->pool->base, &call->ev_timeout);
	return tv.tv_sec > 0 ? evtimer_add(&call->ev_timeout, &tv) : 0;
}

/*
 * Gives the call's request to its connection.  Returns 0; -1 if it was not
 * sent, and the caller keeps it.  The call's timer is added before those of the
 * connection, so that it expires first.
 */
static int
send_call(struct member *member, struct evrpc_request_wrapper *call,
    struct evhttp_request *req)
{
	char *path = evi_rpc_path(call->name);
	int result;

	if (path == NULL || start_timer(member, call) == -1) {
		free(path);
		return -1;
	}
	call->evcon = member->evcon;
	member->call = call;
	member->req = req;
	result = evhttp_make_request(member->evcon, req, EVHTTP_REQ_POST, path);
	if (result == -1)
		take_call(member);
	free(path);
	return result;
}

/* Starts a call on a free connection.  The call may end inside. */
static void
start_call(struct member *member, struct evrpc_request_wrapper *call)
{
	struct evrpc_pool *pool = member->pool;
	struct evhttp_request *req = evhttp_request_new(answer_cb, member);
	bool is_sent = false;

	if (req != NULL) {
		member->is_starting = true;
		call->request_marshal(req->output_buffer, call->request);
		is_sent = evi_hooks_run(&pool->hooks, EVRPC_OUTPUT, req,
			      req->output_buffer) == 0;
	}
	if (pool->is_freed) {
		evhttp_request_free(req);
		free_call(call);
		return;
	}
	member->is_starting = false;
	if (is_sent && send_call(member, call, req) == 0)
		return;
	evhttp_request_free(req);
	call_back(call, EVRPC_STATUS_ERR_UNSTARTED, NULL);
}

static struct member *
find_idle_member(struct evrpc_pool *pool)
{
	struct member *member;

	TAILQ_FOREACH (member, &pool->members, next)
		if (member->call == NULL && !member->is_starting)
			return member;
	return NULL;
}

/* Starts waiting calls while a connection is free. */
static void
start_calls(struct evrpc_pool *pool)
{
	struct evrpc_request_wrapper *call;
	struct member *member;

	ref_pool(pool);
	while (!pool->is_freed &&
	       (call = TAILQ_FIRST(&pool->waiting)) != NULL &&
	       (member = find_idle_member(pool)) != NULL) {
		TAILQ_REMOVE(&pool->waiting, call, next);
		start_call(member, call);
	}
	unref_pool(pool);
}

int
evrpc_make_request(struct evrpc_request_wrapper *ctx)
{
	TAILQ_INSERT_TAIL(&ctx->pool->waiting, ctx, next);
	start_calls(ctx->pool);
	return 0;
}

struct evrpc_pool *
evrpc_request_get_pool(struct evrpc_request_wrapper *ctx)
{
	return ctx->pool;
}

/* A pool's request that was not sent yet has no evcon; its member has. */
struct evhttp_connection *
evrpc_hook_get_connection(void *ctx)
{
	struct evhttp_request *req = ctx;

	if ((req->flags & EVHTTP_REQ_OWN_CONNECTION) || req->cb != answer_cb)
		return req->evcon;
	return ((struct member *)req->cb_arg)->evcon;
}

/* --- the pool --- */

struct evrpc_pool *
evrpc_pool_new(struct event_base *base)
{
	struct evrpc_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	evi_hooks_init(&pool->hooks);
	TAILQ_INIT(&pool->members);
	TAILQ_INIT(&pool->waiting);
	pool->base = base;
	pool->timeout = -1;
	pool->refs = 1;
	return pool;
}

/* Frees a member and its connection.  The close callback runs inside. */
static void
free_member(struct member *member)
{
	struct evrpc_request_wrapper *call = NULL;

	TAILQ_REMOVE(&member->pool->members, member, next);
	if (member->call != NULL)
		call = take_call(member);
	evhttp_connection_free(member->evcon);
	if (call != NULL)
		free_call(call);
	free(member);
}

void
evrpc_pool_free(struct evrpc_pool *pool)
{
	struct evrpc_request_wrapper *call;

	if (pool == NULL || pool->is_freed)
		return;
	pool->is_freed = true;
	while (!TAILQ_EMPTY(&pool->members))
		free_member(TAILQ_FIRST(&pool->members));
	while ((call = TAILQ_FIRST(&pool->waiting)) != NULL) {
		TAILQ_REMOVE(&pool->waiting, call, next);
		free_call(call);
	}
	evi_hooks_clear(&pool->hooks);
	unref_pool(pool);
}

void
evrpc_pool_add_connection(struct evrpc_pool *pool,
    struct evhttp_connection *evcon)
{
	struct member *member = calloc(1, sizeof *member);

	if (member == NULL) {
		event_warnx("%s: no memory", __func__);
		return;
	}
	if (pool->base != NULL && evhttp_connection_get_base(evcon) == NULL)
		evhttp_connection_set_base(evcon, pool->base);
	if (pool->timeout == 0 || pool->timeout > DEFAULT_TIMEOUT)
		evhttp_connection_set_timeout(evcon, pool->timeout);
	member->pool = pool;
	member->evcon = evcon;
	TAILQ_INSERT_TAIL(&pool->members, member, next);
	start_calls(pool);
}

void
evrpc_pool_set_timeout(struct evrpc_pool *pool, int timeout_in_secs)
{
	struct member *member;

	pool->timeout = timeout_in_secs;
	TAILQ_FOREACH (member, &pool->members, next)
		evhttp_connection_set_timeout(member->evcon, timeout_in_secs);
}
