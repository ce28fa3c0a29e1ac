/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evrpc's server.  The plan:
 *
 *  1. A registered name is a struct registration, and a callback of the HTTP
 *     server for the name's path.
 *  2. request_cb() makes a struct call of an HTTP request.  The call goes
 *     through the input hooks and is unmarshalled; then the program has it,
 *     until it calls done_cb().
 *  3. done_cb() checks and marshals the reply, which goes through the output
 *     hooks and is sent.  If any step fails, refuse_call() answers 503.
 *
 * A program may unregister a name, or free the base, at any time.  A
 * registration is therefore freed after its last call, and a base after its
 * last registration.  A call owns its HTTP request, so that the program can
 * read it even after the client has closed, or the HTTP server was freed.
 */
#include <stdlib.h>
#include <string.h>

#include "hooks.h"

struct registration {
	TAILQ_ENTRY(registration) next;
	struct evrpc_base *base;
	struct evrpc *rpc;
	char *path;
	size_t n_calls; /* that have not ended */
	bool is_registered;
};

struct evrpc_base {
	struct hooks hooks; /* the first member; see hooks.h */
	struct evhttp *http;
	TAILQ_HEAD(, registration) registrations;
	size_t n_registrations; /* also unregistered ones with calls */
	struct evbuffer *body;	/* kept for the next reply; or NULL */
	bool is_freed;
	bool had_output_hooks; /* when it was freed */
};

struct call {
	struct evrpc_req_generic pub; /* the first member: the program has it */
	struct registration *registration;
	bool frees_request; /* the program does not own it */
};

/* --- freeing --- */

static void
free_base_if_unused(struct evrpc_base *base)
{
	if (!base->is_freed || base->n_registrations > 0)
		return;
	evbuffer_free(base->body);
	free(base);
}

static void
free_rpc(struct evrpc *rpc)
{
	free((char *)rpc->uri);
	free(rpc);
}

static void
free_registration_if_unused(struct registration *reg)
{
	struct evrpc_base *base = reg->base;

	if (reg->is_registered || reg->n_calls > 0)
		return;
	free_rpc(reg->rpc);
	free(reg->path);
	free(reg);
	base->n_registrations--;
	free_base_if_unused(base);
}

/* --- calls --- */

/* The HTTP request is answered: frees the call. */
static void
end_call(struct call *call)
{
	struct registration *reg = call->registration;

	if (call->frees_request)
		evhttp_request_free(call->pub.http_req);
	if (call->pub.request != NULL)
		reg->rpc->request_free(call->pub.request);
	if (call->pub.reply != NULL)
		reg->rpc->reply_free(call->pub.reply);
	free(call);
	reg->n_calls--;
	free_registration_if_unused(reg);
}

static void
send_error(struct evhttp_request *req)
{
	evhttp_send_error(req, HTTP_SERVUNAVAIL, "Service Error");
}

/* Answers 503 and ends the call.  A hook may have answered before it failed. */
static void
refuse_call(struct call *call)
{
	if (!call->pub.http_req->userdone)
		send_error(call->pub.http_req);
	end_call(call);
}

/* Takes the buffer of the last reply, with its memory.  If another call uses
 * that, as a hook may run the loop, makes a new one. */
static struct evbuffer *
take_body(struct evrpc_base *base)
{
	struct evbuffer *body = base->body;

	base->body = NULL;
	return body != NULL ? body : evbuffer_new();
}

/* Keeps a buffer for the next reply; it may be NULL. */
static void
give_body(struct evrpc_base *base, struct evbuffer *body)
{
	evbuffer_free(base->body);
	base->body = body;
	if (body == NULL)
		return;
	evbuffer_setcb(body, NULL, NULL); /* a hook may have set one */
	evbuffer_drain(body, EVBUFFER_LENGTH(body));
}

/* Adds the Content-Type of a reply, unless the program did.  Returns 0, or -1
 * without memory. */
static int
set_content_type(struct evkeyvalq *headers)
{
	if (evhttp_find_header(headers, "Content-Type") != NULL)
		return 0;
	return evhttp_add_header(headers, "Content-Type",
	    "application/octet-stream");
}

/*
 * Makes the body of the answer.  Returns 0; -1 if the reply must not be sent.
 * That includes a base that was freed with output hooks: the program did not
 * mean the reply to be sent without them.
 */
static int
make_body(struct call *call, struct evbuffer *body)
{
	struct evrpc_base *base = call->registration->base;
	struct evrpc *rpc = call->registration->rpc;
	struct evhttp_request *req = call->pub.http_req;

	if (base->had_output_hooks ||
	    rpc->reply_complete(call->pub.reply) == -1)
		return -1;
	rpc->reply_marshal(body, call->pub.reply);
	if (evi_hooks_run(&base->hooks, EVRPC_OUTPUT, req, body) == -1 ||
	    base->had_output_hooks)
		return -1;
	return set_content_type(req->output_headers);
}

/* EVRPC_REQUEST_DONE() calls this. */
static void
done_cb(struct evrpc_req_generic *pub)
{
	struct call *call = (struct call *)pub;
	struct evrpc_base *base = call->registration->base;
	struct evbuffer *body = take_body(base);
	bool is_made = body != NULL && make_body(call, body) == 0;

	if (is_made)
		evhttp_send_reply(pub->http_req, HTTP_OK, "OK", body);
	give_body(base, body);
	if (is_made)
		end_call(call);
	else
		refuse_call(call);
}

static struct call *
new_call(struct registration *reg, struct evhttp_request *req)
{
	struct call *call = calloc(1, sizeof *call);

	if (call == NULL)
		return NULL;
	call->registration = reg;
	call->pub.rpc = reg->rpc;
	call->pub.http_req = req;
	call->pub.done = done_cb;
	call->frees_request = !evhttp_request_is_owned(req);
	evhttp_request_own(req);
	reg->n_calls++;
	return call;
}

/* Unmarshals a call from its HTTP request.  Returns 0, or -1. */
static int
read_call(struct call *call)
{
	struct registration *reg = call->registration;
	struct evhttp_request *req = call->pub.http_req;

	if (evi_hooks_run(&reg->base->hooks, EVRPC_INPUT, req,
		req->input_buffer) == -1 ||
	    !reg->is_registered)
		return -1;
	call->pub.request = reg->rpc->request_new();
	if (call->pub.request == NULL ||
	    reg->rpc->request_unmarshal(call->pub.request, req->input_buffer) ==
		-1)
		return -1;
	call->pub.reply = reg->rpc->reply_new();
	return call->pub.reply != NULL ? 0 : -1;
}

/* The HTTP server calls this for the path of a registered name. */
static void
request_cb(struct evhttp_request *req, void *arg)
{
	struct registration *reg = arg;
	struct call *call;

	if (req->type != EVHTTP_REQ_POST ||
	    EVBUFFER_LENGTH(req->input_buffer) == 0 ||
	    (call = new_call(reg, req)) == NULL) {
		send_error(req);
		return;
	}
	if (read_call(call) == -1)
		refuse_call(call);
	else
		reg->rpc->cb(&call->pub, reg->rpc->cb_arg);
}

void *
evrpc_get_request(struct evrpc_req_generic *req)
{
	return req->request;
}

void *
evrpc_get_reply(struct evrpc_req_generic *req)
{
	return req->reply;
}

/* --- names --- */

int
evrpc_register_rpc(struct evrpc_base *base, struct evrpc *rpc,
    void (*cb)(struct evrpc_req_generic *, void *), void *cb_arg)
{
	struct registration *reg = calloc(1, sizeof *reg);

	if (reg == NULL || (reg->path = evi_rpc_path(rpc->uri)) == NULL) {
		free(reg);
		free_rpc(rpc);
		return -1;
	}
	rpc->base = base;
	rpc->cb = cb;
	rpc->cb_arg = cb_arg;
	reg->base = base;
	reg->rpc = rpc;
	reg->is_registered = true;
	TAILQ_INSERT_TAIL(&base->registrations, reg, next);
	base->n_registrations++;
	evhttp_set_cb(base->http, reg->path, request_cb, reg);
	return 0;
}

static void
unregister(struct registration *reg)
{
	struct evrpc_base *base = reg->base;

	TAILQ_REMOVE(&base->registrations, reg, next);
	evcompat_http_del_cb(base->http, reg->path, request_cb, reg);
	reg->is_registered = false;
	free_registration_if_unused(reg);
}

int
evrpc_unregister_rpc(struct evrpc_base *base, const char *name)
{
	struct registration *reg;

	TAILQ_FOREACH (reg, &base->registrations, next)
		if (strcmp(reg->rpc->uri, name) == 0) {
			unregister(reg);
			return 0;
		}
	return -1;
}

/* --- the base --- */

struct evrpc_base *
evrpc_init(struct evhttp *server)
{
	struct evrpc_base *base = calloc(1, sizeof *base);

	if (base == NULL)
		return NULL;
	evtag_init();
	evi_hooks_init(&base->hooks);
	TAILQ_INIT(&base->registrations);
	base->http = server;
	return base;
}

void
evrpc_free(struct evrpc_base *base)
{
	if (base == NULL)
		return;
	while (!TAILQ_EMPTY(&base->registrations))
		unregister(TAILQ_FIRST(&base->registrations));
	base->had_output_hooks = evi_hooks_has_output(&base->hooks);
	evi_hooks_clear(&base->hooks);
	base->is_freed = true;
	free_base_if_unused(base);
}
