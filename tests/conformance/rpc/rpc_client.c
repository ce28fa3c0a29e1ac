/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How calls are sent, and how they end.
 */
#include "rpc_client.h"

HOOK(header_hook)
{
	evhttp_add_header(req->output_headers, "X-Hook", "ohdr");
	return 0;
}

TEST(rpc_call_is_sent_as_recorded)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_string_equal(r.c.origin.peer[0].got, GOLDEN_CALL);
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_headers_of_a_hook_are_sent_as_recorded)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	evrpc_add_hook(r.pool, EVRPC_OUTPUT, header_hook, NULL);
	call_open(&a, "a");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_string_equal(r.c.origin.peer[0].got, GOLDEN_CALL_HOOK);
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_reply_is_unmarshalled)
{
	ENDS("a=0:200 code 200 stored", REQUEST, SEND(OK_ACK), END);
}

TEST(rpc_reply_in_chunks_is_unmarshalled)
{
	ENDS("a=0:200 code 200 stored", REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "4\r\n\001\002\030\300\r\n8\r\n\002\006stored\r\n0\r\n\r\n"),
	    END);
}

TEST(rpc_reply_until_the_end_of_the_connection_is_unmarshalled)
{
	ENDS("a=0:200 code 200 stored", REQUEST,
	    SEND("HTTP/1.0 200 OK\r\n\r\n" GOLDEN_ACK), CLOSE);
}

TEST(rpc_code_of_http_does_not_matter)
{
	ENDS("a=0:500 code 7", REQUEST,
	    SEND("HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\n\001\001\007"),
	    END);
}

TEST(rpc_error_page_is_not_a_reply)
{
	ENDS("a=2:503", REQUEST,
	    SEND("HTTP/1.1 503 No\r\nContent-Length: 6\r\n\r\n<HTML>"), END);
}

TEST(rpc_empty_body_is_not_a_reply)
{
	ENDS("a=2:200", REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), END);
}

TEST(rpc_204_is_not_a_reply)
{
	ENDS("a=2:204", REQUEST, SEND("HTTP/1.1 204 No\r\n\r\n"), CLOSE);
}

TEST(rpc_record_that_is_cut_is_not_a_reply)
{
	ENDS("a=2:200", REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
		 "\001\002\030\300\002"),
	    END);
}

TEST(rpc_record_without_its_code_is_not_a_reply)
{
	ENDS("a=2:200", REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\002\006stored"),
	    END);
}

TEST(rpc_server_that_closes_before_it_answers_is_bad_payload,
    DIFFERS(V21, "a timeout"))
{
	ENDS("a=2:0", REQUEST, CLOSE);
}

TEST(rpc_server_that_resets_is_a_timeout)
{
	ENDS("a=1:none", REQUEST, RESET);
}

TEST(rpc_server_that_does_not_speak_http_is_a_timeout)
{
	ENDS("a=1:none", REQUEST, SEND("what?\r\n\r\n"), END);
}

TEST(rpc_server_that_refuses_connections_ends_the_call)
{
	struct caller r;

	caller_open_bare(&r, NULL, 0);
	caller_connect(&r);
	one_call(&r, "", "a=2:0");
}

/* A message of which nothing is required. */
struct nothing {
	int count;
};

static void
nothing_clear(struct nothing *nothing)
{
	nothing->count++;
}

static int
nothing_unmarshal(struct nothing *nothing, struct evbuffer *buf)
{
	(void)nothing;
	return EVBUFFER_LENGTH(buf) > 0 ? -1 : 0;
}

EVRPC_HEADER(Forget, parcel, nothing)
EVRPC_GENERATE(Forget, parcel, nothing)

static void
forgotten_cb(struct evrpc_status *status, struct parcel *request,
    struct nothing *reply, void *arg)
{
	(void)request;
	(void)arg;
	n_answers++;
	note("%d cleared %d", status->error, reply->count);
}

TEST(rpc_reply_may_be_empty_if_nothing_is_required)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), END};
	struct caller r;
	struct nothing reply = {0};

	CALLER_OPEN(&r, script);
	EVRPC_MAKE_REQUEST(Forget, r.pool, r.request, &reply, forgotten_cb,
	    NULL);
	await_answers(&r.c, 1);
	assert_log("0 cleared 0");
	caller_close(&r);
}

TEST(rpc_missing_answer_is_not_a_reply_even_if_nothing_is_required,
    DIFFERS(V14, "a server that is not there has answered well"),
    DIFFERS(V21, "as 1.4"))
{
	struct caller r;
	struct nothing reply = {0};

	caller_open_bare(&r, NULL, 0);
	caller_connect(&r);
	EVRPC_MAKE_REQUEST(Forget, r.pool, r.request, &reply, forgotten_cb,
	    NULL);
	await_answers(&r.c, 1);
	assert_log("2 cleared 1");
	caller_close(&r);
}

TEST(rpc_name_is_in_the_path)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	EVRPC_MAKE_REQUEST(Half, r.pool, r.request, a.reply, ended_cb, &a);
	await_answers(&r.c, 1);
	assert_memory_equal(r.c.origin.peer[0].got, "POST /.rpc.Half ", 16);
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_reply_that_is_not_new_is_an_error)
{
	struct caller r;
	struct call a;

	CALLER_OPEN(&r, serve_7);
	call_open(&a, "a");
	receipt_set(a.reply, 5, "old");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_log("a=2:200");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_reply_that_is_not_new_is_cleared_without_an_answer,
    DIFFERS(V14, "it counts as the answer"), DIFFERS(V21, "as 1.4"))
{
	struct caller r;
	struct call a;

	caller_open_bare(&r, NULL, 0);
	caller_connect(&r);
	call_open(&a, "a");
	receipt_set(a.reply, 5, "old");
	call_make(&r, &a);
	await_answers(&r.c, 1);
	assert_log("a=2:0");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_local_address_that_the_machine_lacks_ends_the_call)
{
	struct caller r;
	struct evhttp_connection *evcon;
	struct call a;

	caller_open_bare(&r, NULL, 0);
	evcon = caller_connect(&r);
	evhttp_connection_set_local_address(evcon, "192.0.2.1");
	call_open(&a, "a");
	receipt_set(a.reply, 5, NULL);
	call_make(&r, &a);
	assert_log("a=3:none code 5");
	client_run_passes(&r.c);
	assert_log("");
	call_close(&a);
	caller_close(&r);
}

TEST(rpc_pool_without_a_base_uses_the_current_one)
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	evrpc_pool_free(r.pool);
	r.pool = evrpc_pool_new(NULL);
	caller_connect(&r);
	one_call(&r, "", "a=0:200 code 7");
}

TEST(rpc_connection_may_have_a_base, DIFFERS(V14, "it aborts"),
    DIFFERS(V21, "it aborts"))
{
	struct caller r;

	CALLER_OPEN(&r, serve_7);
	evrpc_pool_free(r.pool);
	r.pool = evrpc_pool_new(r.c.base);
	evrpc_pool_add_connection(r.pool,
	    new_connection(&r.c, "127.0.0.1", r.c.origin.port));
	one_call(&r, "", "a=0:200 code 7");
}
