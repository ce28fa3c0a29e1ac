/* SPDX-License-Identifier: BSD-3-Clause */
/* A pool of connections, and calls; see the header. */
#include "rpc_client.h"

const struct step serve_7[] = {REQUEST, SEND(OK_ACK_7), AGAIN};

const struct step serve_never[] = {REQUEST, END};

void
ended_cb(struct evrpc_status *status, struct parcel *request,
    struct receipt *reply, void *arg)
{
	struct call *call = arg;

	(void)request;
	n_answers++;
	assert_ptr_equal(reply, call->reply);
	if (status->http_req == NULL)
		note("%s=%d:none", call->name, status->error);
	else
		note("%s=%d:%d", call->name, status->error,
		    status->http_req->response_code);
	if (reply->has_code)
		note("code %d", (int)reply->code);
	if (reply->text != NULL)
		note("%s", reply->text);
	if (call->then != NULL)
		call->then(call);
}

struct evhttp_connection *
caller_connect(struct caller *r)
{
	struct evhttp_connection *evcon =
	    evhttp_connection_new("127.0.0.1", r->c.origin.port);

	assert_non_null(evcon);
	evrpc_pool_add_connection(r->pool, evcon);
	r->n_connections++;
	return evcon;
}

void
caller_open_bare(struct caller *r, const struct step *const *scripts, int n)
{
	memset(r, 0, sizeof *r);
	evtag_init();
	client_set_up_refused(&r->c, scripts, n);
	client_free_connection(&r->c);
	r->pool = evrpc_pool_new(r->c.base);
	assert_non_null(r->pool);
	r->request = parcel_new();
	parcel_set(r->request, "hall 3", "\336\255");
}

void
caller_close(struct caller *r)
{
	if (r->pool != NULL)
		evrpc_pool_free(r->pool);
	parcel_free(r->request);
	client_tear_down(&r->c);
}

void
call_open(struct call *call, const char *name)
{
	memset(call, 0, sizeof *call);
	call->reply = receipt_new();
	call->name = (char *)name;
}

void
call_make(struct caller *r, struct call *call)
{
	assert_int_equal(EVRPC_MAKE_REQUEST(Store, r->pool, r->request,
			     call->reply, ended_cb, call),
	    0);
}

void
call_close(struct call *call)
{
	receipt_free(call->reply);
}

void
one_call(struct caller *r, const char *inside, const char *end)
{
	struct call a;

	call_open(&a, "a");
	call_make(r, &a);
	assert_log(inside);
	await_answers(&r->c, 1);
	client_run_passes(&r->c);
	assert_log(end);
	call_close(&a);
	caller_close(r);
	assert_int_equal(message_count(), 0);
}

void
check_ending(const struct step *script, const char *end)
{
	struct caller r;

	CALLER_OPEN(&r, script);
	one_call(&r, "", end);
}
