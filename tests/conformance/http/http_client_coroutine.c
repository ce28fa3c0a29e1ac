/* SPDX-License-Identifier: BSD-3-Clause */
/* Callbacks of the HTTP client that leave the stack; see coroutine.h. */
#include "test.h"

#ifdef __GLIBC__

#include "coroutine.h"
#include "http_client.h"

static struct client *client;

/* What runs on the stack that callbacks leave. */
static void
answer_all(void)
{
	await_answers(client, 3);
	client_run_passes(client);
}

static void
leave_answer_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	leave_stack();
	if (req != NULL)
		note("%d", req->response_code);
}

static void
leave_chunk_cb(struct evhttp_request *req, void *name)
{
	chunk_cb(req, name);
	leave_stack();
	note("%zu", EVBUFFER_LENGTH(req->input_buffer));
}

static void
leave_close_cb(struct evhttp_connection *evcon, void *name)
{
	close_cb(evcon, name);
	leave_stack();
}

/* The program uses another connection, and this one. */
static void
use_connections(struct client *c, char *name)
{
	struct evhttp_connection *other =
	    new_connection(c, "127.0.0.1", c->origin.port);
	struct evhttp_request *req = new_request("other");
	char *address;
	unsigned short port;

	evhttp_add_header(req->output_headers, "A", "b");
	assert_int_equal(evhttp_make_request(other, req, EVHTTP_REQ_GET,
			     "/other"),
	    0);
	evhttp_connection_free(other);
	if (c->evcon != NULL) {
		evhttp_connection_get_peer(c->evcon, &address, &port);
		assert_string_equal(address, "127.0.0.1");
		evhttp_connection_set_timeout(c->evcon, 40);
	}
	if (name != NULL)
		get(c, name);
}

static void
run_client(struct client *c, char *name, int leaves)
{
	n_leaves = 0;
	hub_open(answer_all);
	while (resume_stack()) {
		use_events();
		use_buffers();
		use_connections(c, name);
		name = NULL;
	}
	hub_close();
	assert_int_equal(n_leaves - 1, leaves);
}

TEST(client_callback_leaves_the_stack)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(leave_answer_cb, "a"),
	    EVHTTP_REQ_GET);
	send_request(&c, evhttp_request_new(leave_answer_cb, "b"),
	    EVHTTP_REQ_GET);
	run_client(&c, "c", 2);
	assert_log("a:200 <x> 200 b:200 <x> 200 c:200 <x>");
	client_tear_down(&c);
}

TEST(client_callback_of_a_failure_leaves_the_stack)
{
	static const struct step script[] = {REQUEST, RESET, END};
	struct client c;

	client = &c;
	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, evhttp_request_new(leave_answer_cb, "a"),
	    EVHTTP_REQ_GET);
	get(&c, "b");
	run_client(&c, "c", 1);
	assert_log("a:NULL b:200 <y> c:200 <y>");
	client_tear_down(&c);
}

TEST(client_callbacks_of_a_refused_connection_leave_the_stack)
{
	struct client c;

	client = &c;
	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(leave_answer_cb, "a"),
	    EVHTTP_REQ_GET);
	send_request(&c, evhttp_request_new(leave_answer_cb, "b"),
	    EVHTTP_REQ_GET);
	run_client(&c, "c", 2);
	assert_null(strstr(noted(), "NULL"));
	assert_int_equal(n_answers, 3);
	client_tear_down(&c);
}

TEST(chunk_callback_leaves_the_stack)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n"),
	    AGAIN};
	struct evhttp_request *req;
	struct client c;

	client = &c;
	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, leave_chunk_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "b");
	run_client(&c, "c", 2);
	assert_log(
	    "a:chunk <x> 1 a:chunk <yz> 2 a:200 b:200 <xyz> c:200 <xyz>");
	client_tear_down(&c);
}

TEST(closecb_leaves_the_stack)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nConnection: close\r\n"
		 "Content-Length: 1\r\n\r\nx"),
	    END};
	struct client c;

	client = &c;
	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, leave_close_cb, "closed");
	get(&c, "a");
	get(&c, "b");
	run_client(&c, "c", 1);
	assert_log("closed a:200 <x> b:200 <y> c:200 <y>");
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
}

/*
 * The program frees the connection while its callback is away.
 */

static void
await_one(void)
{
	wait_for(client, noted()[0] != '\0');
	client_run_passes(client);
}

static void
run_and_free(struct client *c, const char *log)
{
	n_leaves = 0;
	hub_open(await_one);
	assert_true(resume_stack());
	client_free_connection(c);
	use_events();
	use_connections(c, NULL);
	assert_false(resume_stack());
	hub_close();
	assert_log(log);
	client_tear_down(c);
}

TEST(connection_is_freed_while_a_callback_is_away)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(leave_answer_cb, "a"),
	    EVHTTP_REQ_GET);
	get(&c, "b");
	run_and_free(&c, "a:200 <x> closed 200");
}

TEST(connection_is_freed_while_the_callback_of_a_refusal_is_away,
    DIFFERS_BY_CHANCE(V14, "uses freed memory"),
    DIFFERS(V21, "calls back for the others all the same"))
{
	struct client c;

	client = &c;
	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(leave_answer_cb, "a"),
	    EVHTTP_REQ_GET);
	get(&c, "b");
	run_and_free(&c, "a:0 0");
}

#endif
