/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: connecting, to names and addresses of either family, from an
 * address of one's own, and once more after a failure.
 */
#include "test.h"
#include "http_client.h"

#include <sys/resource.h>

/* 300 letters: no resolver asks anybody for it. */
#define A10 "aaaaaaaaaa"
#define A100 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10
#define BAD_NAME A100 A100 A100

/* Another connection instead of the one there is. */
static void
connect_to(struct client *c, const char *address)
{
	evhttp_connection_free(c->evcon);
	c->evcon = new_connection(c, address, c->origin.port);
}

/*
 * Names and numbers.
 */

TEST(localhost_is_connected_to)
{
	struct client c;

	SET_UP(&c, serve_x);
	connect_to(&c, "localhost");
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(localhost_that_refuses_ends_all_requests_in_0)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	connect_to(&c, "localhost");
	get(&c, "a");
	get(&c, "b");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 2);
	assert_log("a:0 b:0");
	client_tear_down(&c);
}

TEST(ipv6_literal_is_connected_to, DIFFERS(V14, "knows IPv4 alone"))
{
	const struct step *const scripts[] = {serve_y};
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	origin_close(&c.origin);
	origin_bind(&c.origin, c.base, AF_INET6, scripts, 1);
	origin_listen(&c.origin);
	connect_to(&c, "::1");
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:200 <y> b:200 <y>");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

TEST(name_that_is_unknown_ends_the_request_in_0,
    DIFFERS(V14, "make_request is -1"),
    DIFFERS(V21, "calls back inside make_request"))
{
	struct client c;

	SET_UP(&c, serve_x);
	connect_to(&c, BAD_NAME);
	evhttp_connection_set_closecb(c.evcon, close_cb, "closed");
	get(&c, "a");
	get(&c, "b");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:0 b:0");
	assert_int_equal(n_answers, 2);
	client_tear_down(&c);
}

/* connect() itself fails. */
TEST(address_that_cannot_be_connected_to_ends_the_request_in_0,
    DIFFERS(V14, "make_request is -1"),
    DIFFERS(V21, "calls back inside make_request"))
{
	struct client c;

	SET_UP(&c, serve_x);
	connect_to(&c, "255.255.255.255");
	get(&c, "a");
	get(&c, "b");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:0 b:0");
	client_tear_down(&c);
}

TEST(peer_is_what_the_program_named)
{
	char address[] = "localhost", *peer;
	unsigned short port;
	struct client c;

	SET_UP(&c, serve_x);
	connect_to(&c, address);
	address[0] = 'x';
	for (int i = 0; i < 2; i++) {
		evhttp_connection_get_peer(c.evcon, &peer, &port);
		assert_string_equal(peer, "localhost");
		assert_int_equal(port, c.origin.port);
		get(&c, "a");
		await_answers(&c, i + 1);
	}
	client_tear_down(&c);
}

TEST(connection_without_a_base_uses_the_current_one)
{
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_free(c.evcon);
	c.evcon = evhttp_connection_new("127.0.0.1", c.origin.port);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(connection_opens_nothing_before_its_first_request)
{
	struct client c;
	int before;

	SET_UP(&c, serve_x);
	before = open_fds();
	connect_to(&c, BAD_NAME);
	client_run_passes(&c);
	assert_int_equal(open_fds(), before);
	client_tear_down(&c);
}

/*
 * An address and a port of one's own.
 */

static unsigned short
port_of(const struct peer *p)
{
	return ntohs(((const struct sockaddr_in *)&p->from)->sin_port);
}

TEST(connection_comes_from_the_local_address)
{
	const struct sockaddr_in *from;
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_set_local_address(c.evcon, "127.0.0.2");
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	from = (const struct sockaddr_in *)&c.origin.peer[0].from;
	assert_int_equal(ntohl(from->sin_addr.s_addr), 0x7f000002);
	client_tear_down(&c);
}

/* Nobody's, for the moment. */
static unsigned short
free_port(void)
{
	unsigned short port;

	close(bind_loopback(AF_INET, &port));
	return port;
}

TEST(connection_comes_from_the_local_port)
{
	unsigned short port = free_port();
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	evhttp_connection_set_local_port(c.evcon, port);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	assert_int_equal(port_of(&c.origin.peer[0]), port);
	client_tear_down(&c);
}

TEST(local_port_serves_a_second_connection_after_the_server_closed_the_first)
{
	static const struct step script[] = {REQUEST, SEND(OK_X), CLOSE, END};
	unsigned short port = free_port();
	struct client c;

	SET_UP(&c, script, serve_y);
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	evhttp_connection_set_local_port(c.evcon, port);
	get(&c, "a");
	wait_for(&c, strstr(noted(), "closed") != NULL);
	assert_log("a:200 <x> closed");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("b:200 <y>");
	assert_int_equal(port_of(&c.origin.peer[1]), port);
	client_tear_down(&c);
}

/*
 * make_request that is -1: the request stays the program's, valid until the
 * connection is freed, without a callback, and is never sent.
 */

/* 192.0.2.0/24 is nobody's. */
static struct evhttp_request *
fail_to_bind(struct client *c)
{
	struct evhttp_request *req = evhttp_request_new(never_cb, NULL);

	evhttp_connection_set_local_address(c->evcon, "192.0.2.1");
	assert_int_equal(evhttp_make_request(c->evcon, req, EVHTTP_REQ_GET,
			     "/never"),
	    -1);
	return req;
}

TEST(local_address_that_cannot_be_bound_is_refused_at_once)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = fail_to_bind(&c);
	assert_int_equal(req->response_code, 0);
	client_run_passes(&c);
	assert_log("");
	assert_int_equal(c.origin.accepted, 0);
	client_tear_down(&c);
}

TEST(local_port_that_is_taken_is_refused_at_once)
{
	struct evhttp_request *req;
	unsigned short port;
	struct client c;
	int fd;

	SET_UP(&c, serve_x);
	fd = bind_loopback(AF_INET, &port);
	listen(fd, 1);
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	evhttp_connection_set_local_port(c.evcon, port);
	req = evhttp_request_new(never_cb, NULL);
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET, "/"),
	    -1);
	client_run_passes(&c);
	assert_int_equal(c.origin.accepted, 0);
	close(fd);
	client_tear_down(&c);
}

TEST(request_that_was_refused_is_not_sent_with_the_next_one,
    DIFFERS(V14, "is sent when a later one succeeds"))
{
	struct client c;

	SET_UP(&c, serve_x);
	fail_to_bind(&c);
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	get(&c, "b");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("b:200 <x>");
	assert_string_equal(c.origin.peer[0].got, "GET /b HTTP/1.1\r\n\r\n");
	client_tear_down(&c);
}

TEST(request_that_was_refused_may_be_freed,
    DIFFERS_BY_CHANCE(V14, "stays in the queue"))
{
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_request_free(fail_to_bind(&c));
	evhttp_connection_set_local_address(c.evcon, "127.0.0.1");
	get(&c, "b");
	await_answers(&c, 1);
	assert_log("b:200 <x>");
	assert_string_equal(c.origin.peer[0].got, "GET /b HTTP/1.1\r\n\r\n");
	client_tear_down(&c);
}

/*
 * The first request fails, and there is no connecting for the rest any more:
 * each gets its callback, with code 0.
 */

/* No more descriptors from the moment the first connection closes. */
static void
limit_cb(struct evhttp_connection *unused, void *limit)
{
	struct rlimit none = *(struct rlimit *)limit;

	(void)unused;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

TEST(requests_after_one_that_failed_get_a_callback_if_there_is_no_socket,
    DIFFERS(V14, "get none"), DIFFERS(V21, "NULL, the last one first"))
{
	static const struct step script[] = {REQUEST, RESET, END};
	struct rlimit limit;
	struct client c;

	SET_UP(&c, script);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	evhttp_connection_set_closecb(c.evcon, limit_cb, &limit);
	get(&c, "a");
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 3);
	client_run_passes(&c);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_log("a:NULL b:0 c:0");
	assert_int_equal(n_answers, 3);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
}

TEST(requests_after_one_that_failed_get_a_callback_if_they_are_refused)
{
	static const struct step script[] = {REQUEST, STALL, RESET, END};
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	get(&c, "b");
	get(&c, "c");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	origin_stop_listening(&c.origin);
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 3);
	client_run_passes(&c);
	assert_log("a:NULL b:0 c:0");
	client_tear_down(&c);
}

/*
 * Once more after a failure: after 2 seconds, then 4.
 */

TEST(refused_connection_is_tried_again_after_two_seconds)
{
	const struct step *const scripts[] = {serve_x};
	double start = now_ms();
	struct client c;

	client_set_up_refused(&c, scripts, 1);
	evhttp_connection_set_retries(c.evcon, 1);
	get(&c, "a");
	get(&c, "b");
	client_run_passes(&c);
	assert_log("");
	origin_listen(&c.origin);
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <x> b:200 <x> c:200 <x>");
	assert_elapsed(start, 2000);
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

TEST(requests_end_in_0_when_the_retries_are_over)
{
	double start = now_ms();
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 1);
	get(&c, "a");
	client_run_passes(&c);
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:0 b:0");
	assert_elapsed(start, 2000);
	client_tear_down(&c);
}

TEST(second_retry_comes_after_four_more_seconds)
{
	double start = now_ms();
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 2);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:0");
	assert_elapsed(start, 6000);
	client_tear_down(&c);
}

TEST(retries_without_end_continue_until_they_succeed)
{
	const struct step *const scripts[] = {serve_x};
	double start = now_ms();
	struct client c;

	client_set_up_refused(&c, scripts, 1);
	evhttp_connection_set_retries(c.evcon, -1);
	get(&c, "a");
	idle_for(&c, 2500);
	assert_log("");
	origin_listen(&c.origin);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	assert_elapsed(start, 6000);
	client_tear_down(&c);
}

TEST(retries_are_counted_from_0_after_a_success)
{
	static const struct step script[] = {REQUEST, SEND(OK_X), STALL, END};
	const struct step *const scripts[] = {script};
	double start;
	struct client c;

	client_set_up_refused(&c, scripts, 1);
	evhttp_connection_set_retries(c.evcon, 1);
	get(&c, "a");
	client_run_passes(&c);
	origin_listen(&c.origin);
	await_answers(&c, 1);
	origin_stop_listening(&c.origin);
	peer_close(&c.origin.peer[0]);
	wait_for(&c, strstr(noted(), "closed") != NULL);
	assert_log("a:200 <x> closed");
	start = now_ms();
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("b:0");
	assert_elapsed(start, 2000);
	client_tear_down(&c);
}

TEST(connection_freed_between_retries_calls_nobody)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 3);
	get(&c, "a");
	get(&c, "b");
	client_run_passes(&c);
	client_free_connection(&c);
	client_run_passes(&c);
	assert_log("");
	assert_int_equal(n_answers, 0);
	client_tear_down(&c);
}

static struct client *client;

/* make_request in the callback of the last failure begins again. */
static void
once_more_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	get(client, "b");
}

TEST(request_made_when_the_retries_are_over_is_tried_again)
{
	struct client c;

	client = &c;
	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(once_more_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 2);
	assert_log("a:0 b:0");
	client_tear_down(&c);
}
