/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: calls that a program should not make, which get an error or
 * nothing, never an abort.
 */
#include "test.h"
#include "http_client.h"

#define ABORTS "aborts"
#define CRASHES "crashes"

TEST(free_of_a_null_connection_does_nothing, DIFFERS(V14, CRASHES),
    DIFFERS(V21, CRASHES))
{
	evhttp_connection_free(NULL);
}

TEST(free_of_a_null_request_does_nothing, DIFFERS(V14, CRASHES),
    DIFFERS(V21, CRASHES))
{
	evhttp_request_free(NULL);
}

TEST(request_that_was_never_sent_is_freed)
{
	struct evhttp_request *req = new_request("a");

	evhttp_add_header(req->output_headers, "A", "b");
	evbuffer_add(req->output_buffer, "hello", 5);
	evhttp_request_free(req);
}

TEST(connection_that_was_never_used_is_freed)
{
	struct event_base *base = event_init();
	struct evhttp_connection *evcon = evhttp_connection_new("h", 80);

	evhttp_connection_set_base(evcon, base);
	evhttp_connection_free(evcon);
	event_base_free(base);
}

/* It works as before. */
static void
check_continues(struct client *c)
{
	get(c, "z");
	await_answers(c, n_answers + 1);
	assert_log("z:200 <x>");
	assert_int_equal(c->origin.accepted, 1);
	client_tear_down(c);
}

TEST(base_is_not_set_twice, DIFFERS(V14, ABORTS), DIFFERS(V21, ABORTS))
{
	struct event_base *other;
	struct client c;

	SET_UP(&c, serve_x);
	other = event_base_new();
	evhttp_connection_set_base(c.evcon, other);
	check_continues(&c);
	event_base_free(other);
}

TEST(base_is_not_set_once_there_is_a_connection, DIFFERS(V14, ABORTS),
    DIFFERS(V21, ABORTS))
{
	struct event_base *other;
	struct client c;

	client_set_up_idle(&c);
	other = event_base_new();
	evhttp_connection_set_base(c.evcon, other);
	check_continues(&c);
	event_base_free(other);
}

TEST(local_address_is_not_set_once_there_is_a_connection, DIFFERS(V14, ABORTS),
    DIFFERS(V21, ABORTS))
{
	struct client c;

	client_set_up_idle(&c);
	evhttp_connection_set_local_address(c.evcon, "192.0.2.1");
	check_continues(&c);
}

TEST(local_port_is_not_set_once_there_is_a_connection, DIFFERS(V14, ABORTS),
    DIFFERS(V21, ABORTS))
{
	struct client c;

	client_set_up_idle(&c);
	evhttp_connection_set_local_port(c.evcon, 1);
	check_continues(&c);
}

TEST(local_address_null_unsets_it, DIFFERS(V14, CRASHES))
{
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_set_local_address(c.evcon, "192.0.2.1");
	evhttp_connection_set_local_address(c.evcon, NULL);
	check_continues(&c);
}

TEST(local_address_may_be_set_twice)
{
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_set_local_address(c.evcon, "192.0.2.1");
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	check_continues(&c);
}

TEST(request_is_not_sent_twice, DIFFERS(V14, ABORTS), DIFFERS(V21, ABORTS))
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	send_request(&c, req, EVHTTP_REQ_GET);
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET,
			     "/b"),
	    -1);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:200 <x>");
	assert_int_equal(n_answers, 1);
	assert_int_equal(c.origin.peer[0].requests, 1);
	check_continues(&c);
}

TEST(request_that_owns_its_connection_is_not_sent, DIFFERS(V14, ABORTS),
    DIFFERS(V21, ABORTS))
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	req->flags |= EVHTTP_REQ_OWN_CONNECTION;
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET,
			     "/a"),
	    -1);
	client_run_passes(&c);
	assert_int_equal(n_answers, 0);
	check_continues(&c);
}

TEST(uri_and_headers_are_copied)
{
	char uri[] = "/a", key[] = "A", value[] = "b";
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	evhttp_add_header(req->output_headers, key, value);
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET, uri),
	    0);
	uri[1] = key[0] = value[0] = '!';
	await_answers(&c, 1);
	assert_string_equal(c.origin.peer[0].got,
	    "GET /a HTTP/1.1\r\nA: b\r\n\r\n");
	client_tear_down(&c);
}

/* What gevent joins headers with is a fold, and all else is refused. */
TEST(header_with_a_line_end_is_not_added)
{
	static const char *const values[] = {"a\r\n", "\n", "a\r\nb",
	    "a\nb: c"};
	struct evhttp_request *req = new_request("a");

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		assert_int_equal(evhttp_add_header(req->output_headers, "A",
				     values[i]),
		    -1);
	assert_int_equal(evhttp_add_header(req->output_headers, "A\r\nB", "c"),
	    -1);
	assert_null(evhttp_find_header(req->output_headers, "A"));
	evhttp_request_free(req);
}

TEST(header_of_several_lines_joined_by_a_fold_is_added,
    DIFFERS(V21, "refuses it"))
{
	struct evhttp_request *req = new_request("a");

	assert_int_equal(evhttp_add_header(req->output_headers, "A",
			     "b\r\n\tc"),
	    0);
	assert_string_equal(evhttp_find_header(req->output_headers, "A"),
	    "b\r\n\tc");
	evhttp_request_free(req);
}
