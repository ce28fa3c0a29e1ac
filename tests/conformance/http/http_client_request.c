/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: the fields of struct evhttp_request, before, in the callback,
 * and in the callback of a chunk.
 */
#include "test.h"
#include "http_client.h"

TEST(new_request_is_empty, DIFFERS(V21, "has other values of its own"))
{
	struct evhttp_request *req = evhttp_request_new(note_answer_cb, "a");

	assert_null(req->evcon);
	assert_int_equal(req->flags, 0);
	assert_non_null(req->input_headers);
	assert_null(evhttp_find_header(req->input_headers, "Host"));
	assert_non_null(req->output_headers);
	assert_null(req->remote_host);
	assert_int_equal(req->remote_port, 0);
	assert_int_equal(req->kind, EVHTTP_RESPONSE);
	assert_int_equal(req->type, EVHTTP_REQ_GET);
	assert_null(req->uri);
	assert_int_equal(req->major, 0);
	assert_int_equal(req->minor, 0);
	assert_int_equal(req->response_code, 0);
	assert_null(req->response_code_line);
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 0);
	assert_int_equal(req->ntoread, 0);
	assert_int_equal(req->chunked, 0);
	assert_int_equal(req->userdone, 0);
	assert_int_equal(EVBUFFER_LENGTH(req->output_buffer), 0);
	assert_ptr_equal(req->cb, note_answer_cb);
	assert_string_equal(req->cb_arg, "a");
	assert_null(req->chunk_cb);
	assert_null(evhttp_request_get_connection(req));
	assert_null(evhttp_request_uri(req));
	evhttp_request_free(req);
}

/*
 * In the callback.  The argument is the request that was given.
 */

static struct evhttp_request *given;
static struct evhttp_connection *connection;

static void
note_fields(const struct evhttp_request *req)
{
	note("kind=%d type=%s uri=%s version=%d.%d code=%d line=%s", req->kind,
	    req->type == EVHTTP_REQ_POST ? "POST" : "other", req->uri,
	    req->major, req->minor, req->response_code,
	    req->response_code_line == NULL ? "NULL" : req->response_code_line);
	note("ntoread=%d remote=%s:%d flags=%d", (int)req->ntoread,
	    req->remote_host == NULL ? "NULL" : req->remote_host,
	    req->remote_port, req->flags);
	note("out=%zu", EVBUFFER_LENGTH(req->output_buffer));
}

static void
fields_cb(struct evhttp_request *req, void *arg)
{
	n_answers++;
	assert_ptr_equal(req, given);
	assert_string_equal(arg, "a");
	assert_null(req->evcon);
	note_fields(req);
}

static void
check_fields(struct client *c, const char *expected)
{
	given = evhttp_request_new(fields_cb, "a");
	evbuffer_add(given->output_buffer, "hello", 5);
	evhttp_add_header(given->output_headers, "A", "b");
	send_request(c, given, EVHTTP_REQ_POST);
	assert_ptr_equal(given->evcon, c->evcon);
	assert_ptr_equal(evhttp_request_get_connection(given), c->evcon);
	await_answers(c, 1);
	assert_log(expected);
	evhttp_connection_set_closecb(c->evcon, NULL, NULL);
	client_tear_down(c);
}

TEST(request_in_the_callback_is_the_one_given_and_has_the_answer)
{
	struct client c;

	SET_UP(&c, serve_x);
	check_fields(&c, "kind=1 type=POST uri=/a version=1.1 code=200 line=OK "
			 "ntoread=0 remote=NULL:0 flags=0 out=0");
}

TEST(version_in_the_callback_is_that_of_the_answer)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.0 404\r\n\r\nx"), CLOSE, END};
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	check_fields(&c, "kind=1 type=POST uri=/a version=1.0 code=404 line= "
			 "ntoread=-1 remote=NULL:0 flags=0 out=0");
}

TEST(request_that_was_refused_is_as_it_was_given)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	check_fields(&c, "kind=0 type=POST uri=/a version=1.1 code=0 line=NULL "
			 "ntoread=0 remote=NULL:0 flags=0 out=5");
}

TEST(request_whose_connection_closes_has_no_answer, DIFFERS(V21, "NULL"))
{
	static const struct step script[] = {REQUEST, CLOSE, END};
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	check_fields(&c, "kind=1 type=POST uri=/a version=1.1 code=0 line=NULL "
			 "ntoread=0 remote=NULL:0 flags=0 out=0");
}

static void
output_headers_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	note("%s", evhttp_find_header(req->output_headers, "A"));
	note("%s", evhttp_find_header(req->input_headers, "content-LENGTH"));
}

TEST(request_in_the_callback_has_the_headers_of_both_sides)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = evhttp_request_new(output_headers_cb, "a");
	evhttp_add_header(req->output_headers, "A", "b");
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x> b 1");
	client_tear_down(&c);
}

TEST(callback_argument_may_be_changed_while_the_request_waits)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	send_request(&c, req, EVHTTP_REQ_GET);
	req->cb_arg = (char[]){"b"};
	await_answers(&c, 1);
	assert_log("b:200 <x>");
	client_tear_down(&c);
}

/* The program may take the body, and clear the headers. */
static void
taking_cb(struct evhttp_request *req, void *body)
{
	n_answers++;
	evbuffer_add_buffer(body, req->input_buffer);
	evhttp_clear_headers(req->input_headers);
	evhttp_clear_headers(req->output_headers);
	evhttp_add_header(req->input_headers, "A", "b");
	evbuffer_add(req->output_buffer, "x", 1);
}

TEST(callback_may_take_the_body_and_change_all_there_is)
{
	struct evbuffer *body = evbuffer_new();
	struct client c;

	SET_UP(&c, serve_x);
	assert_int_equal(evhttp_make_request(c.evcon,
			     evhttp_request_new(taking_cb, body),
			     EVHTTP_REQ_GET, "/"),
	    0);
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("b:200 <x>");
	assert_int_equal(EVBUFFER_LENGTH(body), 1);
	evbuffer_free(body);
	client_tear_down(&c);
}

TEST(request_without_a_callback_is_sent, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct client c;

	SET_UP(&c, serve_x);
	assert_int_equal(evhttp_make_request(c.evcon,
			     evhttp_request_new(NULL, NULL), EVHTTP_REQ_GET,
			     "/"),
	    0);
	get(&c, "b");
	await_answers(&c, 1);
	assert_log("b:200 <x>");
	assert_int_equal(c.origin.peer[0].requests, 2);
	client_tear_down(&c);
}

/*
 * Chunks, where the program wants each.
 */

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void
check_chunks(const struct step *script, const char *expected)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, chunk_cb);
	assert_ptr_equal(req->chunk_cb, chunk_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(expected);
	client_tear_down(&c);
}

TEST(chunk_callback_gets_each_chunk_alone)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\n5\r\nhello\r\n0\r\n\r\n"), END};

	check_chunks(script, "a:chunk <x> a:chunk <hello> a:200");
}

TEST(chunk_callback_gets_a_chunk_as_soon_as_it_is_complete)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\n"), STALL, SEND("0\r\n\r\n"), END};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, chunk_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, noted()[0] != '\0');
	client_run_passes(&c);
	assert_log("a:chunk <x>");
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 1);
	assert_log("a:200");
	client_tear_down(&c);
}

TEST(chunk_callback_waits_for_the_whole_chunk,
    DIFFERS(V14, "LF after CR in another piece is an empty line"))
{
	static const struct step script[] = {REQUEST,
	    TRICKLE(CHUNKED "1\r\nx\r\n5\r\nhello\r\n0\r\n\r\n"), END};

	check_chunks(script, "a:chunk <x> a:chunk <hello> a:200");
}

TEST(chunk_callback_waits_for_a_chunk_that_comes_in_two_pieces)
{
	static const struct step script[] = {REQUEST, SEND(CHUNKED "5\r\nhe"),
	    STALL, SEND("llo\r\n0\r\n\r\n"), END};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, chunk_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(&c);
	assert_log("");
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 1);
	assert_log("a:chunk <hello> a:200");
	client_tear_down(&c);
}

TEST(chunk_callback_is_not_called_for_a_body_with_a_length, DIFFERS(V21, "is"))
{
	static const struct step script[] = {REQUEST, SEND(OK_X), END};

	check_chunks(script, "a:200 <x>");
}

TEST(chunk_callback_is_not_called_for_a_body_up_to_the_end, DIFFERS(V21, "is"))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\n\r\nx"), CLOSE, END};

	check_chunks(script, "a:200 <x>");
}

TEST(chunk_callback_is_not_called_for_an_empty_body)
{
	static const struct step script[] = {REQUEST, SEND(CHUNKED "0\r\n\r\n"),
	    END};

	check_chunks(script, "a:200");
}

TEST(chunk_callback_had_its_chunks_when_the_answer_fails)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\nhello\r\n"), END};

	check_chunks(script, "a:chunk <x> a:NULL");
}

static void
state_cb(struct evhttp_request *req, void *name)
{
	assert_ptr_equal(req, given);
	assert_ptr_equal(req->evcon, connection);
	assert_string_equal(name, "a");
	note("%d %s", req->response_code,
	    evhttp_find_header(req->input_headers, "A"));
	assert_null(evhttp_find_header(req->input_headers, "B"));
}

TEST(chunk_callback_gets_the_request_with_its_headers_and_connection)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 203 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n"
		 "\r\n1\r\nx\r\n0\r\n\r\n"),
	    END};
	struct client c;

	SET_UP(&c, script);
	connection = c.evcon;
	given = new_request("a");
	given->chunk_cb = state_cb;
	send_request(&c, given, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("203 b a:203");
	client_tear_down(&c);
}

static void
drain_cb(struct evhttp_request *req, void *name)
{
	chunk_cb(req, name);
	evbuffer_drain(req->input_buffer, EVBUFFER_LENGTH(req->input_buffer));
}

TEST(chunk_callback_may_drain_the_chunk)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\n5\r\nhello\r\n0\r\n\r\n"), END};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, drain_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:chunk <x> a:chunk <hello> a:200");
	client_tear_down(&c);
}
