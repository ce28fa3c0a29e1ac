/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks of a pool.
 */
#include "rpc_client.h"
#include "rpc_hooks.h"

#define ADD(r, type, hook, arg)                                                \
	evrpc_add_hook((r)->pool, EVRPC_##type, hook, (void *)(arg))

TEST(rpc_pool_hooks_run_in_the_order_of_adding)
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	ADD(&r, INPUT, note_hook, "in1");
	ADD(&r, OUTPUT, note_hook, "out1");
	ADD(&r, OUTPUT, note_hook, "out2");
	ADD(&r, INPUT, note_hook, "in2");
	one_call(&r, "out1 out2", "in1 in2 a=0:200 code 7");
}

TEST(rpc_output_hook_that_fails_leaves_the_call_unstarted)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	ADD(&r, OUTPUT, refuse_hook, "out1");
	ADD(&r, OUTPUT, note_hook, "out2");
	call_open(&a, "a");
	receipt_set(a.reply, 5, NULL);
	call_make(&r, &a);
	assert_log("out1 a=3:none code 5");
	client_run_passes(&r.c);
	assert_log("");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_input_hook_that_fails_aborts_the_call)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	ADD(&r, INPUT, refuse_hook, "in1");
	ADD(&r, INPUT, note_hook, "in2");
	call_open(&a, "a");
	receipt_set(a.reply, 5, "old");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_log("in1 a=4:200");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_input_hooks_see_that_nobody_answered)
{
	struct caller r;

	caller_open_bare(&r, NULL, 0);
	caller_connect(&r);
	ADD(&r, INPUT, note_hook, "in");
	one_call(&r, "", "in a=2:0");
}

TEST(rpc_input_hooks_are_not_called_without_an_http_request)
{
	static const struct step script[] = {REQUEST, RESET};
	struct caller r;

	CALLER_OPEN(&r, script);
	ADD(&r, INPUT, note_hook, "in");
	one_call(&r, "", "a=1:none");
}

HOOK(look_hook)
{
	note("%s:%d:%s:%d:%s", req->uri != NULL ? req->uri : "NULL", req->kind,
	    req->evcon != NULL ? "evcon" : "NULL", req->response_code,
	    payload == req->input_buffer    ? "input"
	    : payload == req->output_buffer ? "output"
					    : "own");
	return 0;
}

TEST(rpc_pool_hooks_get_the_http_request)
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	ADD(&r, OUTPUT, look_hook, NULL);
	ADD(&r, INPUT, look_hook, NULL);
	one_call(&r, "NULL:1:NULL:0:output",
	    "/.rpc.Store:1:NULL:200:input a=0:200 code 7");
}

HOOK(one_hook)
{
	note("one");
	return 1;
}

TEST(rpc_pool_hook_that_returns_1_continues, DIFFERS(V21, "the call is paused"))
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	ADD(&r, OUTPUT, one_hook, NULL);
	ADD(&r, INPUT, one_hook, NULL);
	one_call(&r, "one", "one a=0:200 code 7");
}

HOOK(add_hook)
{
	evbuffer_add(payload, "\310\001\001\011", 4);
	return 0;
}

/* Drops the bytes before the reply. */
HOOK(drain_hook)
{
	evbuffer_drain(payload, 2);
	return 0;
}

TEST(rpc_pool_hooks_change_the_payload)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n??\001\001\007"),
	    END};
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, script);
	ADD(&r, OUTPUT, add_hook, NULL);
	ADD(&r, INPUT, drain_hook, NULL);
	call_open(&a, "a");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_log("a=0:200 code 7");
	assert_non_null(strstr(r.c.origin.peer[0].got,
	    "Content-Length: 16\r\n\r\n" GOLDEN_CRATE "\310\001\001\011"));
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_pool_hook_that_is_removed_is_not_called)
{
	struct caller r;
	void *hook;

	CALLER_OPEN(&r, serve_7);
	hook = ADD(&r, OUTPUT, refuse_hook, "out");
	assert_int_equal(evrpc_remove_hook(r.pool, EVRPC_INPUT, hook), 0);
	assert_int_equal(evrpc_remove_hook(r.pool, EVRPC_OUTPUT, hook), 1);
	assert_int_equal(evrpc_remove_hook(r.pool, EVRPC_OUTPUT, hook), 0);
	one_call(&r, "", "a=0:200 code 7");
}
