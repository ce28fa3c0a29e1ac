/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program does to a server of calls inside its handlers and hooks, and
 * while it owes replies.
 */
#define EVCOMPAT_HTTP
#define EVCOMPAT_RPC

#include "rpc_server.h"

enum place {
	IN_HANDLER,
	IN_INPUT_HOOK,
	IN_OUTPUT_HOOK,
	PLACES
};

struct flow {
	struct rpc r;
	enum place place;
	void (*action)(struct flow *);
	struct evhttp_request *req; /* of the call */
	int n_actions;
};

static void
be_at(struct flow *f, enum place place, struct evhttp_request *req)
{
	f->req = req;
	if (f->place == place && f->n_actions++ == 0)
		f->action(f);
}

static void
flow_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	struct flow *f = arg;

	note("called");
	be_at(f, IN_HANDLER, EVRPC_REQUEST_HTTP(call));
	answer(call);
}

HOOK(input_hook)
{
	be_at(arg, IN_INPUT_HOOK, req);
	return 0;
}

HOOK(output_hook)
{
	be_at(arg, IN_OUTPUT_HOOK, req);
	return 0;
}

static bool
is_done(void *arg)
{
	return ((struct flow *)arg)->n_actions > 0;
}

/* Has a client make a call; the action is done in that place. */
static void
flow_open(struct flow *f, enum place place, void (*action)(struct flow *))
{
	memset(f, 0, sizeof *f);
	rpc_open(&f->r);
	EVRPC_UNREGISTER(f->r.base, Store);
	EVRPC_REGISTER(f->r.base, Store, parcel, receipt, flow_cb, f);
	f->place = place;
	f->action = action;
	if (place == IN_INPUT_HOOK)
		evrpc_add_hook(f->r.base, EVRPC_INPUT, input_hook, f);
	if (place == IN_OUTPUT_HOOK)
		evrpc_add_hook(f->r.base, EVRPC_OUTPUT, output_hook, f);
	say(&f->r.c, STORE);
	assert_true(wait_until(f->r.http.base, is_done, f));
	let_it_work(f->r.http.base);
}

static void
flow_close(struct flow *f)
{
	rpc_close(&f->r);
	assert_int_equal(message_count(), 0);
	note_clear();
}

/*
 * The client gets that answer; if it is NULL, the connection is closed without
 * one.
 */
static void
client_gets(enum place place, void (*action)(struct flow *), const char *answer)
{
	struct flow f;

	flow_open(&f, place, action);
	if (*answer == '\0')
		expect_end(&f.r.c, "");
	else
		expect_answers(&f.r.c, answer);
	flow_close(&f);
}

static void
unregister(struct flow *f)
{
	assert_int_equal(EVRPC_UNREGISTER(f->r.base, Store), 0);
}

TEST(rpc_name_may_be_unregistered_in_its_handler)
{
	client_gets(IN_HANDLER, unregister, ACK);
}

TEST(rpc_name_may_be_unregistered_in_an_output_hook)
{
	client_gets(IN_OUTPUT_HOOK, unregister, ACK);
}

/* After that the handler is not called. */
TEST(rpc_name_unregistered_in_an_input_hook_is_not_called)
{
	struct flow f;

	flow_open(&f, IN_INPUT_HOOK, unregister);
	expect_end(&f.r.c, "503");
	assert_log("");
	flow_close(&f);
}

static void
free_base(struct flow *f)
{
	evrpc_free(f->r.base);
	f->r.base = NULL;
}

TEST(rpc_base_may_be_freed_in_a_handler)
{
	client_gets(IN_HANDLER, free_base, ACK);
}

TEST(rpc_base_may_be_freed_in_an_input_hook)
{
	client_gets(IN_INPUT_HOOK, free_base, "503");
}

/* The library must not look for further hooks of the base that was freed. */
TEST(rpc_base_may_be_freed_in_an_output_hook)
{
	client_gets(IN_OUTPUT_HOOK, free_base, "503");
}

static void
free_server(struct flow *f)
{
	free_base(f);
	evhttp_free(f->r.http.http);
	f->r.http.http = NULL;
}

TEST(rpc_server_may_be_freed_in_a_handler)
{
	client_gets(IN_HANDLER, free_server, "");
}

TEST(rpc_server_may_be_freed_in_an_input_hook)
{
	client_gets(IN_INPUT_HOOK, free_server, "");
}

TEST(rpc_server_may_be_freed_in_an_output_hook)
{
	client_gets(IN_OUTPUT_HOOK, free_server, "");
}

static void
free_connection(struct flow *f)
{
	evhttp_connection_free(f->req->evcon);
	assert_null(f->req->evcon);
	assert_string_equal(f->req->uri, "/.rpc.Store");
}

TEST(rpc_connection_may_be_freed_in_a_handler)
{
	client_gets(IN_HANDLER, free_connection, "");
}

TEST(rpc_connection_may_be_freed_in_an_input_hook)
{
	client_gets(IN_INPUT_HOOK, free_connection, "");
}

TEST(rpc_connection_may_be_freed_in_an_output_hook)
{
	client_gets(IN_OUTPUT_HOOK, free_connection, "");
}

/* --- hooks --- */

HOOK(answer_hook)
{
	evhttp_send_error(req, 401, "No token");
	return -1;
}

static void
note_log_cb(int severity, const char *text)
{
	note("log %d %s", severity, text);
}

TEST(rpc_hook_may_answer_the_request_and_refuse_it)
{
	struct rpc r;

	event_set_log_callback(note_log_cb);
	rpc_open(&r);
	evrpc_add_hook(r.base, EVRPC_INPUT, answer_hook, NULL);
	say(&r.c, STORE);
	expect_end(&r.c, "401");
	assert_log("");
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

static void
payload_cb(struct evbuffer *payload, size_t old, size_t now, void *arg)
{
	(void)payload;
	(void)old;
	(void)now;
	note("%s", (char *)arg);
}

HOOK(watch_hook)
{
	if (*(int *)arg > 0)
		evbuffer_setcb(payload, payload_cb, "changed");
	return 0;
}

TEST(rpc_callback_that_a_hook_sets_on_a_payload_stays_on_that_payload)
{
	struct rpc r;
	int watches = 1;

	rpc_open(&r);
	evrpc_add_hook(r.base, EVRPC_OUTPUT, watch_hook, &watches);
	exchange(&r, STORE, ACK);
	assert_log("hall 3 changed");
	watches = 0;
	say(&r.c, STORE);
	assert_true(wait_answers(&r.c, 2));
	assert_log("hall 3");
	rpc_close(&r);
}

static void *hooks[3];
static struct evrpc_base *hooks_base;

/* Removes the hook before it, itself and the one after it. */
HOOK(remove_hook)
{
	note("remove");
	for (int i = 0; i < 3; i++)
		assert_int_equal(evrpc_remove_hook(hooks_base, EVRPC_INPUT,
				     hooks[i]),
		    1);
	return 0;
}

HOOK(note_hook)
{
	note("%s", (char *)arg);
	return 0;
}

TEST(rpc_hook_may_remove_all_hooks)
{
	struct rpc r;

	rpc_open(&r);
	hooks_base = r.base;
	hooks[0] = evrpc_add_hook(r.base, EVRPC_INPUT, note_hook, "first");
	hooks[1] = evrpc_add_hook(r.base, EVRPC_INPUT, remove_hook, NULL);
	hooks[2] = evrpc_add_hook(r.base, EVRPC_INPUT, note_hook, "third");
	exchange(&r, STORE, ACK);
	assert_log("first remove hall 3");
	rpc_close(&r);
}

/* --- calls that the program keeps --- */

TEST(rpc_base_may_be_freed_while_a_reply_is_owed)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	evrpc_free(r.base);
	r.base = NULL;
	answer(r.kept);
	expect_answers(&r.c, ACK);
	assert_int_equal(message_count(), 0);
	rpc_close(&r);
}

TEST(rpc_reply_does_not_go_out_without_the_hooks_of_a_freed_base)
{
	struct rpc r;

	rpc_open(&r);
	evrpc_add_hook(r.base, EVRPC_OUTPUT, note_hook, "out");
	rpc_keep(&r);
	evrpc_free(r.base);
	r.base = NULL;
	answer(r.kept);
	expect_end(&r.c, "503");
	assert_log("");
	assert_int_equal(message_count(), 0);
	rpc_close(&r);
}

TEST(rpc_server_may_be_freed_while_a_reply_is_owed)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	evrpc_free(r.base);
	r.base = NULL;
	evhttp_free(r.http.http);
	r.http.http = NULL;
	expect_end(&r.c, "");
	assert_string_equal(EVRPC_REQUEST_HTTP(r.kept)->uri, "/.rpc.Store");
	answer(r.kept);
	assert_int_equal(message_count(), 0);
	rpc_close(&r);
}

TEST(rpc_base_with_a_name_registered_again_may_be_freed_while_a_reply_is_owed)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	EVRPC_UNREGISTER(r.base, Store);
	EVRPC_REGISTER(r.base, Store, parcel, receipt, store_cb, &r);
	evrpc_free(r.base);
	r.base = NULL;
	answer(r.kept);
	expect_answers(&r.c, ACK);
	rpc_close(&r);
}

static void
answer_closed_cb(struct evhttp_connection *evcon, void *arg)
{
	struct rpc *r = arg;

	(void)evcon;
	note("closed");
	answer(r->kept);
	r->kept = NULL;
}

/*
 * The close callback reports that the client has closed, and the program
 * answers so that the call is freed.
 */
TEST(rpc_reply_may_be_given_in_the_close_callback)
{
	struct rpc r;
	struct evhttp_request *req;

	rpc_open(&r);
	rpc_keep(&r);
	req = EVRPC_REQUEST_HTTP(r.kept);
	evhttp_connection_set_closecb(req->evcon, answer_closed_cb, &r);
	evhttp_connection_free(req->evcon);
	assert_log("closed");
	assert_int_equal(message_count(), 0);
	rpc_close(&r);
}

TEST(rpc_message_without_memory_is_refused)
{
	struct rpc r;

	rpc_open(&r);
	message_fail(true);
	say(&r.c, STORE);
	expect_end(&r.c, "503");
	message_fail(false);
	client_close(&r.c);
	client_open(&r.c, &r.http);
	exchange(&r, STORE, ACK);
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}
