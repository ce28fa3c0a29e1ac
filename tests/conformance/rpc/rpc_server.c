/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that a server gets: what is one, and when it is answered.
 */
#include "rpc_server.h"

TEST(rpc_call_is_unmarshalled_and_answered)
{
	struct rpc r;

	rpc_open(&r);
	exchange(&r, STORE, ACK);
	assert_log("hall 3");
	assert_string_equal(first_field(&r.c, "Content-Type"),
	    "application/octet-stream");
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

TEST(rpc_connection_may_carry_several_calls)
{
	struct rpc r;

	rpc_open(&r);
	for (int i = 0; i < 3; i++) {
		say(&r.c, STORE);
		assert_true(wait_answers(&r.c, i + 1));
	}
	assert_string_equal(answers(&r.c), ACK " " ACK " " ACK);
	assert_log("hall 3 hall 3 hall 3");
	rpc_close(&r);
}

/* Refused, and the connection is closed. */
static void
refuses_call(const char *request)
{
	struct rpc r;

	rpc_open(&r);
	say(&r.c, request);
	assert_true(wait_end(&r.c));
	assert_memory_equal(r.c.got, "HTTP/1.1 503 ", 13);
	assert_log("");
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

TEST(rpc_head_is_refused)
{
	refuses_call("HEAD /.rpc.Store HTTP/1.1\r\n\r\n");
}

TEST(rpc_get_with_a_body_is_refused)
{
	refuses_call("GET /.rpc.Store HTTP/1.1\r\nContent-Length: "
		     "12\r\n\r\n" GOLDEN_CRATE);
}

TEST(rpc_request_without_a_required_member_is_refused)
{
	refuses_call(POST_STORE("8") "\001\006hall 3");
}

TEST(rpc_request_with_a_member_twice_is_refused)
{
	refuses_call(POST_STORE("20") GOLDEN_CRATE "\001\006hall 3");
}

TEST(rpc_name_is_compared_byte_for_byte)
{
	struct rpc r;

	rpc_open(&r);
	exchange(&r, POST_TO("Stor", "12") GOLDEN_CRATE, "404");
	client_close(&r.c);
	client_open(&r.c, &r.http);
	exchange(&r, POST_TO("store", "12") GOLDEN_CRATE, "404");
	client_close(&r.c);
	client_open(&r.c, &r.http);
	exchange(&r, POST_TO("Store/", "12") GOLDEN_CRATE, "404");
	rpc_close(&r);
}

TEST(rpc_unknown_name_goes_to_the_generic_callback)
{
	struct rpc r;

	rpc_open(&r);
	evhttp_set_gencb(r.http.http, note_request_cb, &r.http);
	exchange(&r, POST_TO("Other", "1") "x", "200:/.rpc.Other");
	assert_log("POST:/.rpc.Other:x");
	rpc_close(&r);
}

TEST(rpc_may_be_answered_later)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	let_it_work(r.http.base);
	assert_string_equal(r.c.got, "");
	answer(r.kept);
	expect_answers(&r.c, ACK);
	rpc_close(&r);
	assert_int_equal(message_count(), 0);
}

TEST(rpc_request_lives_until_done)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	let_it_work(r.http.base);
	assert_string_equal(r.kept->request->dest, "hall 3");
	assert_string_equal(EVRPC_REQUEST_HTTP(r.kept)->uri, "/.rpc.Store");
	answer(r.kept);
	expect_answers(&r.c, ACK);
	rpc_close(&r);
}

static void
outlives_its_client(void (*leave)(struct client *))
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	leave(&r.c);
	let_it_work(r.http.base);
	answer(r.kept);
	let_it_work(r.http.base);
	assert_int_equal(message_count(), 0);
	client_open(&r.c, &r.http);
	exchange(&r, STORE, ACK);
	rpc_close(&r);
}

TEST(rpc_call_may_be_answered_after_its_client_has_closed)
{
	outlives_its_client(client_close);
}

TEST(rpc_call_may_be_answered_after_its_client_has_reset)
{
	outlives_its_client(client_reset);
}

/* A handler that looks at headers and adds some. */
static void
headers_cb(EVRPC_STRUCT(Half) * call, void *arg)
{
	struct evhttp_request *req = EVRPC_REQUEST_HTTP(call);

	(void)arg;
	note("%s", evhttp_find_header(req->input_headers, "Token"));
	evhttp_add_header(req->output_headers, "Content-Type", "a/b");
	evhttp_add_header(req->output_headers, "Seen", "yes");
	receipt_set(call->reply, 1, NULL);
	EVRPC_REQUEST_DONE(call);
}

TEST(rpc_handler_reads_and_adds_headers)
{
	struct rpc r;

	rpc_open(&r);
	EVRPC_REGISTER(r.base, Half, parcel, receipt, headers_cb, NULL);
	exchange(&r,
	    "POST /.rpc.Half HTTP/1.1\r\nToken: 77\r\n"
	    "Content-Length: 12\r\n\r\n" GOLDEN_CRATE,
	    "200:\001\001\001");
	assert_log("77");
	assert_string_equal(first_field(&r.c, "Content-Type"), "a/b");
	assert_string_equal(first_field(&r.c, "Seen"), "yes");
	EVRPC_UNREGISTER(r.base, Half);
	rpc_close(&r);
}

TEST(rpc_call_points_to_its_rpc)
{
	struct rpc r;

	rpc_open(&r);
	rpc_keep(&r);
	assert_non_null(r.kept->rpc);
	assert_non_null(r.kept->reply);
	answer(r.kept);
	expect_answers(&r.c, ACK);
	rpc_close(&r);
}

static void
other_cb(EVRPC_STRUCT(Store) * call, void *arg)
{
	note("%s", (char *)arg);
	answer(call);
}

TEST(rpc_server_may_have_two_bases)
{
	struct rpc r;
	struct evrpc_base *second;

	rpc_open(&r);
	second = evrpc_init(r.http.http);
	EVRPC_REGISTER(second, Half, parcel, receipt, other_cb,
	    (void *)"second");
	exchange(&r, STORE, ACK);
	say(&r.c, POST_TO("Half", "12") GOLDEN_CRATE);
	assert_true(wait_answers(&r.c, 2));
	assert_log("hall 3 second");
	assert_int_equal(EVRPC_UNREGISTER(second, Store), -1);
	assert_int_equal(EVRPC_UNREGISTER(second, Half), 0);
	evrpc_free(second);
	rpc_close(&r);
}
