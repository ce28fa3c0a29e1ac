/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program may read from a request, and change in it: fresh, in the
 * handler, and once it has been answered.
 */
#include "http_server.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

static void
never_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	fail_msg("this callback is not to be called");
}

static bool
is_empty(const struct evkeyvalq *headers)
{
	return TAILQ_EMPTY(headers);
}

TEST(http_fresh_request_is_empty)
{
	int arg;
	struct evhttp_request *req = evhttp_request_new(never_cb, &arg);

	assert_non_null(req);
	assert_null(req->evcon);
	assert_int_equal(req->flags, 0);
	assert_true(is_empty(req->input_headers));
	assert_true(is_empty(req->output_headers));
	assert_null(req->remote_host);
	assert_int_equal(req->remote_port, 0);
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
	assert_true(req->cb == never_cb);
	assert_ptr_equal(req->cb_arg, &arg);
	assert_null(req->chunk_cb);
	assert_null(evhttp_request_get_connection(req));
	evhttp_request_free(req);
}

TEST(http_fresh_request_is_a_response_to_get,
    DIFFERS(V21, "the types are bits: a fresh one is none"))
{
	struct evhttp_request *req = evhttp_request_new(never_cb, NULL);

	assert_int_equal(req->kind, EVHTTP_RESPONSE);
	assert_int_equal(req->type, EVHTTP_REQ_GET);
	assert_null(evhttp_request_uri(req));
	evhttp_request_free(req);
}

TEST(http_chunked_cb_of_a_request_is_kept)
{
	struct evhttp_request *req = evhttp_request_new(NULL, NULL);

	evhttp_request_set_chunked_cb(req, never_cb);
	assert_true(req->chunk_cb == never_cb);
	evhttp_request_set_chunked_cb(req, NULL);
	assert_null(req->chunk_cb);
	evhttp_request_free(req);
}

/*
 * In the handler: a check of the test's own, and then an answer.
 */

static void
look_at(const char *text,
    void (*look)(struct evhttp_request *, struct server *))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = look;
	client_open(&c, &s);
	say(&c, text);
	expect_answers(&c, "200");
	note_clear();
	close_both(&s, &c);
}

static void
answer(struct evhttp_request *req)
{
	evhttp_send_reply(req, 200, "OK", NULL);
}

static void
look_at_all(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_non_null(req->evcon);
	assert_ptr_equal(evhttp_request_get_connection(req), req->evcon);
	assert_int_equal(req->flags, EVHTTP_REQ_OWN_CONNECTION);
	assert_string_equal(evhttp_find_header(req->input_headers, "a"), "b");
	assert_true(is_empty(req->output_headers));
	assert_int_equal(req->kind, EVHTTP_REQUEST);
	assert_int_equal(req->type, EVHTTP_REQ_POST);
	assert_string_equal(req->uri, "/p?q=%41");
	assert_string_equal(evhttp_request_uri(req), "/p?q=%41");
	assert_int_equal(req->major, 1);
	assert_int_equal(req->minor, 1);
	assert_int_equal(req->response_code, 0);
	assert_null(req->response_code_line);
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 5);
	assert_memory_equal(EVBUFFER_DATA(req->input_buffer), "hello", 5);
	assert_int_equal(req->ntoread, 0);
	assert_int_equal(req->chunked, 0);
	assert_int_equal(req->userdone, 0);
	assert_int_equal(EVBUFFER_LENGTH(req->output_buffer), 0);
	assert_null(req->chunk_cb);
	answer(req);
}

TEST(http_handler_can_read_all_of_a_request)
{
	look_at("POST /p?q=%41 HTTP/1.1\r\nA: b\r\nContent-Length: 5\r\n\r\n"
		"hello",
	    look_at_all);
}

static void
look_at_10(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_int_equal(req->major, 1);
	assert_int_equal(req->minor, 0);
	assert_int_equal(req->type, EVHTTP_REQ_GET);
	answer(req);
}

TEST(http_handler_can_read_the_version)
{
	look_at("GET / HTTP/1.0\r\n\r\n", look_at_10);
}

static void
look_at_chunked(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_int_not_equal(req->chunked, 0);
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 10);
	answer(req);
}

TEST(http_handler_sees_that_a_request_was_chunked)
{
	look_at("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
	    look_at_chunked);
}

static void
look_for_chunked_of_one_bit(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_int_equal((int)req->chunked, -1);
	answer(req);
	assert_int_equal((int)req->userdone, -1);
}

TEST(http_bits_of_a_request_that_are_set_read_as_minus_one,
    DIFFERS(V21, "they are unsigned"))
{
	look_at("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		"0\r\n\r\n",
	    look_for_chunked_of_one_bit);
}

static void
look_for_proxy(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_int_equal(req->flags,
	    EVHTTP_REQ_OWN_CONNECTION | EVHTTP_PROXY_REQUEST);
	answer(req);
}

TEST(http_request_whose_target_is_not_a_path_is_a_proxy_request)
{
	look_at("GET http://h/ HTTP/1.1\r\n\r\n", look_for_proxy);
}

static void
look_for_no_proxy(struct evhttp_request *req, struct server *s)
{
	(void)s;
	assert_int_equal(req->flags, EVHTTP_REQ_OWN_CONNECTION);
	answer(req);
}

TEST(http_request_with_an_empty_target_is_not_a_proxy_request,
    DIFFERS(V21, "400"))
{
	look_at("GET  HTTP/1.1\r\n\r\n", look_for_no_proxy);
}

TEST(http_request_for_a_star_is_a_proxy_request,
    DIFFERS(V21, "an absolute URI of another host alone is"))
{
	look_at("GET * HTTP/1.1\r\n\r\n", look_for_proxy);
}

/*
 * The client's address.
 */

struct expected {
	struct server s;
	const char *host;
	int port;
};

static void
look_at_peer_cb(struct evhttp_request *req, void *arg)
{
	struct expected *e = arg;
	char *address = NULL;
	unsigned short port = 1;

	assert_string_equal(req->remote_host, e->host);
	assert_int_equal(req->remote_port, e->port);
	evhttp_connection_get_peer(req->evcon, &address, &port);
	assert_string_equal(address, e->host);
	assert_int_equal(port, e->port);
	answer(req);
}

static void
check_peer(int family, const char *host)
{
	struct expected e = {.host = host};
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	struct client c;

	server_open_bare(&e.s, family);
	evhttp_set_gencb(e.s.http, look_at_peer_cb, &e);
	client_open(&c, &e.s);
	assert_int_equal(getsockname(c.fd, (struct sockaddr *)&own, &len), 0);
	/* The port is at the same place for both families. */
	if (family != AF_UNIX)
		e.port = ntohs(((struct sockaddr_in *)&own)->sin_port);
	say(&c, GET);
	expect_answers(&c, "200");
	client_close(&c);
	server_close(&e.s);
}

TEST(http_remote_host_is_a_number)
{
	check_peer(AF_INET, "127.0.0.1");
}

TEST(http_remote_host_may_be_of_ipv6)
{
	check_peer(AF_INET6, "::1");
}

TEST(http_remote_host_of_a_unix_socket_is_localhost)
{
	check_peer(AF_UNIX, "localhost");
}

/*
 * Changes.
 */

static void
remove_close(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_remove_header(req->input_headers, "Connection");
	answer(req);
}

TEST(http_handler_that_removes_connection_close_keeps_the_connection)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = remove_close;
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n");
	expect_answers(&c, "200");
	say(&c, GET);
	expect_answers(&c, "200 200");
	assert_string_equal(first_field(&c, "Connection"), "");
	note_clear();
	close_both(&s, &c);
}

static void
add_close(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->input_headers, "Connection", "close");
	answer(req);
}

TEST(http_handler_that_adds_connection_close_ends_the_connection)
{
	struct server s;

	server_open(&s);
	s.reply = add_close;
	ends_with(&s, GET, strlen(GET), "GET:/a", "200");
	server_close(&s);
}

static void
add_keep_alive(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->input_headers, "Connection", "keep-alive");
	answer(req);
}

TEST(http_handler_that_adds_keep_alive_keeps_an_http_1_0_connection)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = add_keep_alive;
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.0\r\n\r\n");
	expect_answers(&c, "200");
	assert_string_equal(first_field(&c, "Connection"), "keep-alive");
	say(&c, "GET /a HTTP/1.0\r\n\r\n");
	expect_answers(&c, "200 200");
	note_clear();
	close_both(&s, &c);
}

static void
clear_and_drain(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_clear_headers(req->input_headers);
	evhttp_add_header(req->input_headers, "X", "y");
	evbuffer_drain(req->input_buffer, 3);
	answer(req);
}

TEST(http_handler_may_change_input_headers_and_drain_the_body)
{
	serves("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
	    "POST:/a:hello");
	look_at("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
	    clear_and_drain);
}

/*
 * Once answered.
 */

TEST(http_answered_request_stays_readable_until_the_loop_has_written_it)
{
	struct kept k;

	kept_open(&k, GET);
	evhttp_send_reply(k.req, 202, "Later", NULL);
	assert_int_equal(k.req->response_code, 202);
	assert_string_equal(k.req->response_code_line, "Later");
	assert_int_equal(k.req->kind, EVHTTP_RESPONSE);
	assert_int_not_equal(k.req->userdone, 0);
	assert_string_equal(k.req->uri, "/a");
	assert_non_null(k.req->evcon);
	expect_answers(&k.c, "202");
	kept_close(&k);
}

TEST(http_started_request_has_its_code)
{
	struct kept k;

	kept_open(&k, GET);
	evhttp_send_reply_start(k.req, 203, "Partly");
	assert_int_equal(k.req->response_code, 203);
	assert_string_equal(k.req->response_code_line, "Partly");
	assert_int_equal(k.req->kind, EVHTTP_RESPONSE);
	assert_int_equal(k.req->userdone, 0);
	evhttp_send_reply_end(k.req);
	assert_int_not_equal(k.req->userdone, 0);
	expect_answers(&k.c, "203");
	kept_close(&k);
}

TEST(http_failed_request_has_its_code)
{
	struct kept k;

	kept_open(&k, GET);
	evhttp_send_error(k.req, 500, "Burnt");
	assert_int_equal(k.req->response_code, 500);
	assert_string_equal(k.req->response_code_line, "Burnt");
	expect_end(&k.c, "500");
	kept_close(&k);
}

TEST(http_reason_is_copied)
{
	char reason[] = "Good";
	struct kept k;

	kept_open(&k, GET);
	evhttp_send_reply(k.req, 200, reason, NULL);
	reason[0] = 'F';
	expect_answers(&k.c, "200");
	assert_memory_equal(k.c.got, "HTTP/1.1 200 Good\r\n", 19);
	kept_close(&k);
}
