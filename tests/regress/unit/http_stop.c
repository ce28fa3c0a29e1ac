/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Listening sockets, the number of connections, and a graceful stop: the server
 * lets its clients finish.
 */
#include "http_ours.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

struct stopping {
	struct server s;
	struct evhttp_bound_socket *bound;
	struct evhttp_request *req;
};

static void
handle_cb(struct evhttp_request *req, void *arg)
{
	struct stopping *t = arg;

	if (strcmp(req->uri, "/keep") == 0)
		t->req = req;
	else
		reply_text(req, "x");
}

static void
open_stopping(struct stopping *t)
{
	memset(t, 0, sizeof(*t));
	t->s.base = event_base_new();
	t->s.http = evhttp_new(t->s.base);
	evhttp_set_gencb(t->s.http, handle_cb, t);
	t->bound = evhttp_accept_socket_with_handle(t->s.http,
	    listener(AF_INET, &t->s.at, &t->s.at_len));
	assert_non_null(t->bound);
}

static void
stop(struct stopping *t)
{
	evhttp_del_accept_socket(t->s.http, t->bound);
}

/* Connects a client, which gets an answer and then is idle. */
static void
open_idle(struct client *c, struct stopping *t)
{
	client_open(c, &t->s);
	say(c, GET);
	expect_answers(c, "200:x");
}

TEST(http_server_that_stops_closes_idle_connections_from_the_loop)
{
	struct stopping t;
	struct client idle, silent;

	open_stopping(&t);
	open_idle(&idle, &t);
	client_open(&silent, &t.s);
	await_connections(&t.s, 2);
	stop(&t);
	assert_int_equal(evhttp_get_connection_count(t.s.http), 2);
	await_connections(&t.s, 0);
	expect_end(&idle, "200:x");
	expect_end(&silent, "");
	client_close(&idle);
	client_close(&silent);
	server_close(&t.s);
}

TEST(http_server_that_stops_refuses_new_clients)
{
	struct stopping t;
	int fd;

	open_stopping(&t);
	stop(&t);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&t.s.at, t.s.at_len),
	    -1);
	close(fd);
	server_close(&t.s);
}

TEST(http_answer_that_is_owed_when_the_server_stops_closes)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	client_open(&c, &t.s);
	say(&c, "GET /keep HTTP/1.1\r\n\r\n");
	assert_true(wait_until(t.s.base, is_pointer_set, &t.req));
	stop(&t);
	let_it_work(t.s.base);
	assert_int_equal(evhttp_get_connection_count(t.s.http), 1);
	reply_text(t.req, "y");
	expect_end(&c, "200:y");
	assert_string_equal(first_field(&c, "Connection"), "close");
	await_connections(&t.s, 0);
	client_close(&c);
	server_close(&t.s);
}

TEST(http_stream_that_has_begun_when_the_server_stops_is_finished)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	client_open(&c, &t.s);
	say(&c, "GET /keep HTTP/1.1\r\n\r\n");
	assert_true(wait_until(t.s.base, is_pointer_set, &t.req));
	evhttp_send_reply_start(t.req, 200, "OK");
	let_it_work(t.s.base);
	stop(&t);
	send_chunk(t.req, "rye");
	let_it_work(t.s.base);
	evhttp_send_reply_end(t.req);
	expect_end(&c, "200:rye");
	await_connections(&t.s, 0);
	client_close(&c);
	server_close(&t.s);
}

TEST(http_request_that_has_begun_when_the_server_stops_is_answered)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	client_open(&c, &t.s);
	say(&c, "GET /a HTTP/1.1\r\nA:");
	await_connections(&t.s, 1);
	let_it_work(t.s.base);
	stop(&t);
	let_it_work(t.s.base);
	say(&c, "b\r\n\r\n");
	expect_end(&c, "200:x");
	assert_string_equal(first_field(&c, "Connection"), "close");
	client_close(&c);
	server_close(&t.s);
}

/* RFC 9112 9.6: the requests after it are not served. */
TEST(http_first_of_pipelined_requests_is_the_last_when_the_server_stops)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	client_open(&c, &t.s);
	say(&c, "GET /keep HTTP/1.1\r\n\r\n" GET GET);
	assert_true(wait_until(t.s.base, is_pointer_set, &t.req));
	stop(&t);
	reply_text(t.req, "y");
	expect_end(&c, "200:y");
	client_close(&c);
	server_close(&t.s);
}

static void
stop_inside_cb(struct evhttp_request *req, void *arg)
{
	struct stopping *t = arg;

	stop(t);
	reply_text(req, "last");
}

TEST(http_handler_may_stop_its_server)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	evhttp_set_cb(t.s.http, "/stop", stop_inside_cb, &t);
	client_open(&c, &t.s);
	say(&c, "GET /stop HTTP/1.1\r\n\r\n");
	expect_end(&c, "200:last");
	await_connections(&t.s, 0);
	client_close(&c);
	server_close(&t.s);
}

TEST(http_server_with_another_socket_works)
{
	struct evhttp_bound_socket *other;
	struct stopping t;
	struct client c;

	open_stopping(&t);
	other = evhttp_bind_socket_with_handle(t.s.http, "127.0.0.1", 0);
	assert_non_null(other);
	open_idle(&c, &t);
	evhttp_del_accept_socket(t.s.http, other);
	say(&c, GET);
	expect_answers(&c, "200:x 200:x");
	assert_string_equal(first_field(&c, "Connection"), "");
	stop(&t);
	expect_end(&c, "200:x 200:x");
	client_close(&c);
	server_close(&t.s);
}

TEST(http_server_that_has_stopped_may_listen_again)
{
	struct stopping t;
	struct client c;

	open_stopping(&t);
	stop(&t);
	t.bound = evhttp_accept_socket_with_handle(t.s.http,
	    listener(AF_INET, &t.s.at, &t.s.at_len));
	open_idle(&c, &t);
	say(&c, GET);
	expect_answers(&c, "200:x 200:x");
	client_close(&c);
	server_close(&t.s);
}

/* The server watches nothing any more, so the loop ends by itself. */
TEST(http_loop_of_a_server_that_has_stopped_ends)
{
	struct stopping t;

	open_stopping(&t);
	stop(&t);
	assert_int_equal(event_base_loop(t.s.base, 0), 1);
	server_close(&t.s);
}

/* --- sockets --- */

static void
note_socket_cb(struct evhttp_bound_socket *bound, void *arg)
{
	int fd = evhttp_bound_socket_get_fd(bound), on = 0;
	socklen_t len = sizeof(on);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len),
	    0);
	note("%s%d", (char *)arg, on);
}

TEST(http_sockets_are_listed_one_by_one)
{
	struct stopping t;
	struct evhttp_bound_socket *other;

	open_stopping(&t);
	evhttp_foreach_bound_socket(t.s.http, note_socket_cb, "a");
	assert_log("a1");
	other = evhttp_bind_socket_with_handle(t.s.http, "127.0.0.1", 0);
	assert_int_equal(evhttp_bind_socket(t.s.http, "127.0.0.1", 0), 0);
	evhttp_foreach_bound_socket(t.s.http, note_socket_cb, "b");
	assert_log("b1 b1 b1");
	evhttp_del_accept_socket(t.s.http, other);
	stop(&t);
	evhttp_foreach_bound_socket(t.s.http, note_socket_cb, "c");
	assert_log("c1");
	server_close(&t.s);
}

TEST(http_socket_that_cannot_be_is_NULL)
{
	struct stopping t;
	int fd[2];

	open_stopping(&t);
	assert_null(evhttp_bind_socket_with_handle(t.s.http, "192.0.2.1", 1));
	make_pair(fd);
	assert_null(evhttp_accept_socket_with_handle(t.s.http, fd[0]));
	assert_null(evhttp_accept_socket_with_handle(t.s.http, closed_fd()));
	close_pair(fd);
	evhttp_foreach_bound_socket(t.s.http, note_socket_cb, "a");
	assert_log("a1");
	server_close(&t.s);
}

TEST(http_deleted_socket_is_closed)
{
	struct stopping t;
	int fd;

	open_stopping(&t);
	fd = evhttp_bound_socket_get_fd(t.bound);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	stop(&t);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	server_close(&t.s);
}

/* --- how many --- */

TEST(http_connections_are_counted)
{
	struct stopping t;
	struct client c[3];

	open_stopping(&t);
	assert_int_equal(evhttp_get_connection_count(t.s.http), 0);
	for (int i = 0; i < 3; i++) {
		client_open(&c[i], &t.s);
		await_connections(&t.s, i + 1);
	}
	say(&c[0], LAST_REQUEST);
	assert_true(wait_end(&c[0]));
	await_connections(&t.s, 2);
	for (int i = 0; i < 3; i++)
		client_close(&c[i]);
	await_connections(&t.s, 0);
	server_close(&t.s);
}

TEST(http_connection_over_the_limit_gets_503_and_the_others_stay)
{
	struct stopping t;
	struct client first, second, third;

	open_stopping(&t);
	evhttp_set_max_connections(t.s.http, 2);
	open_idle(&first, &t);
	open_idle(&second, &t);
	client_open(&third, &t.s);
	expect_end(&third, "503");
	assert_string_equal(first_field(&third, "Connection"), "close");
	assert_false(third.was_reset);
	assert_int_equal(evhttp_get_connection_count(t.s.http), 2);
	say(&first, GET);
	expect_answers(&first, "200:x 200:x");
	client_close(&second);
	await_connections(&t.s, 1);
	client_close(&third);
	open_idle(&third, &t);
	client_close(&first);
	client_close(&third);
	server_close(&t.s);
}

/*
 * A refused client that does not close keeps a descriptor open in the server.
 */
TEST(http_connections_that_linger_are_limited_as_well)
{
	struct stopping t;
	struct client first, refused[10];
	int fds;

	open_stopping(&t);
	evhttp_set_max_connections(t.s.http, 1);
	open_idle(&first, &t);
	fds = open_fds();
	for (int i = 0; i < 10; i++) {
		client_open(&refused[i], &t.s);
		assert_true(wait_answers(&refused[i], 1));
	}
	let_it_work(t.s.base);
	assert_in_range(open_fds() - fds, 10, 11);
	for (int i = 0; i < 10; i++)
		client_close(&refused[i]);
	client_close(&first);
	server_close(&t.s);
}

TEST(http_request_that_came_with_a_refused_connection_is_not_reset)
{
	struct stopping t;
	struct client first, second;

	open_stopping(&t);
	evhttp_set_max_connections(t.s.http, 1);
	open_idle(&first, &t);
	client_open(&second, &t.s);
	say(&second, GET GET GET);
	expect_end(&second, "503");
	assert_false(second.was_reset);
	client_close(&first);
	client_close(&second);
	server_close(&t.s);
}

TEST(http_limit_of_connections_of_0_is_none)
{
	struct stopping t;
	struct client c[3];

	open_stopping(&t);
	evhttp_set_max_connections(t.s.http, 1);
	evhttp_set_max_connections(t.s.http, 0);
	for (int i = 0; i < 3; i++)
		open_idle(&c[i], &t);
	for (int i = 0; i < 3; i++)
		client_close(&c[i]);
	server_close(&t.s);
}

/* --- the end of a connection --- */

/* Old clients send CR LF after a body; others send one request too many. */
TEST(http_answer_can_be_read_whole_though_the_client_sent_more)
{
	struct stopping t;
	struct client c;
	struct evbuffer *body;
	static char block[1000000];

	open_stopping(&t);
	client_open(&c, &t.s);
	say(&c, "GET /keep HTTP/1.1\r\nConnection: close\r\n\r\n");
	assert_true(wait_until(t.s.base, is_pointer_set, &t.req));
	say(&c, "\r\nGET /more HTTP/1.1\r\n\r\n");
	body = buffer_of(block, sizeof(block));
	evhttp_send_reply(t.req, 200, "OK", body);
	evbuffer_free(body);
	assert_true(wait_end(&c));
	assert_false(c.was_reset);
	assert_true(c.len > sizeof(block));
	await_connections(&t.s, 0);
	client_close(&c);
	server_close(&t.s);
}
