/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks of a server.
 */
#include "rpc_server.h"
#include "rpc_hooks.h"

#define ADD(r, type, hook, arg)                                                \
	evrpc_add_hook((r)->base, EVRPC_##type, hook, (void *)(arg))

TEST(rpc_hooks_run_in_the_order_of_adding)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, OUTPUT, note_hook, "out1");
	ADD(&r, INPUT, note_hook, "in1");
	ADD(&r, INPUT, note_hook, "in2");
	ADD(&r, OUTPUT, note_hook, "out2");
	exchange(&r, STORE, ACK);
	assert_log("in1 in2 hall 3 out1 out2");
	rpc_close(&r);
}

TEST(rpc_input_hook_that_fails_ends_the_call)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, note_hook, "in1");
	ADD(&r, INPUT, refuse_hook, "in2");
	ADD(&r, INPUT, note_hook, "in3");
	ADD(&r, OUTPUT, note_hook, "out");
	say(&r.c, STORE);
	expect_end(&r.c, "503");
	assert_log("in1 in2");
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

TEST(rpc_output_hook_that_fails_ends_the_call)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, OUTPUT, refuse_hook, "out1");
	ADD(&r, OUTPUT, note_hook, "out2");
	say(&r.c, STORE);
	expect_end(&r.c, "503");
	assert_log("hall 3 out1");
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

/* Requests that are not calls do not reach the hooks. */
static void
comes_to_no_hook(const char *request)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, note_hook, "in");
	ADD(&r, OUTPUT, note_hook, "out");
	say(&r.c, request);
	assert_true(wait_end(&r.c));
	assert_log("");
	rpc_close(&r);
}

TEST(rpc_hooks_are_not_called_for_get)
{
	comes_to_no_hook("GET /.rpc.Store HTTP/1.1\r\n\r\n");
}

TEST(rpc_hooks_are_not_called_without_a_body)
{
	comes_to_no_hook(POST_STORE("0"));
}

TEST(rpc_hooks_are_called_for_what_cannot_be_unmarshalled)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, note_hook, "in");
	ADD(&r, OUTPUT, note_hook, "out");
	say(&r.c, POST_STORE("1") "x");
	expect_end(&r.c, "503");
	assert_log("in");
	rpc_close(&r);
}

HOOK(one_hook)
{
	note("one");
	return 1;
}

TEST(rpc_hook_that_returns_1_continues, DIFFERS(V21, "the call is paused"))
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, one_hook, NULL);
	ADD(&r, OUTPUT, one_hook, NULL);
	ADD(&r, OUTPUT, note_hook, "out");
	exchange(&r, STORE, ACK);
	assert_log("one hall 3 one out");
	rpc_close(&r);
}

HOOK(minus_2_hook)
{
	return -2;
}

TEST(rpc_hook_that_returns_another_negative_number_continues,
    DIFFERS(V21, "the request is never answered"))
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, minus_2_hook, NULL);
	exchange(&r, STORE, ACK);
	rpc_close(&r);
}

/* Removes the first three bytes. */
HOOK(drain_hook)
{
	evbuffer_drain(payload, 3);
	return 0;
}

HOOK(prepend_hook)
{
	struct evbuffer *all = evbuffer_new();

	evbuffer_add(all, "???", 3);
	evbuffer_add_buffer(all, payload);
	evbuffer_add_buffer(payload, all);
	evbuffer_free(all);
	return 0;
}

TEST(rpc_hooks_change_the_payload)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, drain_hook, NULL);
	ADD(&r, OUTPUT, prepend_hook, NULL);
	exchange(&r, POST_STORE("15") "???" GOLDEN_CRATE, "200:???" GOLDEN_ACK);
	rpc_close(&r);
}

HOOK(look_hook)
{
	note("%s:%s:%d:%s", req->uri,
	    evhttp_find_header(req->input_headers, "Content-Length"),
	    req->response_code, payload == req->input_buffer ? "input" : "own");
	return 0;
}

TEST(rpc_input_hook_gets_the_request)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, look_hook, NULL);
	exchange(&r, STORE, ACK);
	assert_log("/.rpc.Store:12:0:input hall 3");
	rpc_close(&r);
}

TEST(rpc_output_hook_gets_the_request)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, OUTPUT, look_hook, NULL);
	exchange(&r, STORE, ACK);
	assert_log("hall 3 /.rpc.Store:12:0:own");
	rpc_close(&r);
}

TEST(rpc_hook_that_is_removed_is_not_called)
{
	struct rpc r;
	void *first, *second;

	rpc_open(&r);
	first = ADD(&r, INPUT, note_hook, "in1");
	second = ADD(&r, INPUT, note_hook, "in2");
	assert_non_null(first);
	assert_non_null(second);
	assert_int_equal(evrpc_remove_hook(r.base, EVRPC_INPUT, first), 1);
	exchange(&r, STORE, ACK);
	assert_log("in2 hall 3");
	rpc_close(&r);
}

TEST(rpc_hook_is_removed_once_from_the_list_it_is_in)
{
	struct rpc r;
	void *hook;

	rpc_open(&r);
	hook = ADD(&r, OUTPUT, note_hook, "out");
	assert_int_equal(evrpc_remove_hook(r.base, EVRPC_INPUT, hook), 0);
	assert_int_equal(evrpc_remove_hook(r.base, EVRPC_OUTPUT, &r), 0);
	assert_int_equal(evrpc_remove_hook(r.base, EVRPC_OUTPUT, hook), 1);
	assert_int_equal(evrpc_remove_hook(r.base, EVRPC_OUTPUT, hook), 0);
	rpc_close(&r);
}

TEST(rpc_hook_of_another_type_is_refused, DIFFERS(V14, "it aborts"),
    DIFFERS(V21, "it aborts"))
{
	struct rpc r;

	rpc_open(&r);
	assert_null(
	    evrpc_add_hook(r.base, (enum EVRPC_HOOK_TYPE)7, note_hook, NULL));
	assert_int_equal(evrpc_remove_hook(r.base, (enum EVRPC_HOOK_TYPE)7, &r),
	    0);
	rpc_close(&r);
}

/* Adds a hook while hooks run. */
HOOK(add_hook)
{
	struct rpc *r = arg;

	note("add");
	ADD(r, INPUT, note_hook, "added");
	return 0;
}

TEST(rpc_hook_that_is_added_in_a_hook_runs)
{
	struct rpc r;

	rpc_open(&r);
	ADD(&r, INPUT, add_hook, &r);
	exchange(&r, STORE, ACK);
	assert_log("add added hall 3");
	rpc_close(&r);
}
