/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: the callback of a connection that closes.
 */
#include "test.h"
#include "http_client.h"

#define OK "HTTP/1.1 200 OK\r\n"

static const struct step stalls[] = {REQUEST, STALL, END};

/*
 * closecb runs once for each connection that was made and ends, and reports the
 * connection it was set for.
 */

static struct evhttp_connection *expected;

static void
checked_cb(struct evhttp_connection *evcon, void *arg)
{
	assert_ptr_equal(evcon, expected);
	assert_string_equal(arg, "arg");
	note("closed");
}

TEST(closecb_gets_its_connection_and_argument)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx"), END};
	struct client c;

	SET_UP(&c, script);
	expected = c.evcon;
	evhttp_connection_set_closecb(c.evcon, checked_cb, "arg");
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("closed a:200 <x>");
	client_tear_down(&c);
	assert_log("");
}

TEST(closecb_is_kept_for_later_connections)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx"), END};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("closed a:200 <x> closed b:200 <x> closed c:200 <x>");
	client_tear_down(&c);
}

TEST(closecb_may_be_removed)
{
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	await_answers(&c, 1);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
	assert_log("a:200 <x>");
}

TEST(closecb_may_be_replaced)
{
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_connection_set_closecb(c.evcon, close_cb, "other");
	get(&c, "a");
	await_answers(&c, 1);
	client_tear_down(&c);
	assert_log("a:200 <x> other");
}

TEST(closecb_does_not_run_for_a_connection_that_was_refused)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	get(&c, "a");
	await_answers(&c, 1);
	client_tear_down(&c);
	assert_log("a:0");
}

TEST(closecb_does_not_run_for_a_connection_that_was_never_used)
{
	struct client c;

	SET_UP(&c, serve_x);
	client_tear_down(&c);
	assert_log("");
}

/*
 * closecb runs before the callback of the request, where the connection ends
 * with it.
 */

static void
check_order(const struct step *script, const char *log)
{
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(log);
	client_tear_down(&c);
	assert_log("");
}

TEST(closecb_runs_before_the_callback_of_a_request_that_is_reset)
{
	static const struct step script[] = {REQUEST, RESET, END};

	check_order(script, "closed a:NULL");
}

TEST(closecb_runs_before_the_callback_of_a_bad_answer)
{
	static const struct step script[] = {REQUEST, SEND("hello\r\n"), END};

	check_order(script, "closed a:NULL");
}

/* The order of the two callbacks is unspecified. */
TEST(closecb_runs_once_for_a_request_whose_connection_closes,
    DIFFERS(V21, "NULL"))
{
	static const struct step script[] = {REQUEST, CLOSE, END};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	wait_for(&c, n_answers == 1 && strstr(noted(), "closed") != NULL);
	client_run_passes(&c);
	client_tear_down(&c);
	assert_non_null(strstr(noted(), "a:0"));
	assert_int_equal(strlen(noted()), strlen("closed a:0"));
}

TEST(closecb_runs_once_for_an_answer_up_to_the_end)
{
	static const struct step script[] = {REQUEST, SEND(OK "\r\nx"), CLOSE,
	    END};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	wait_for(&c, n_answers == 1 && strstr(noted(), "closed") != NULL);
	client_run_passes(&c);
	client_tear_down(&c);
	assert_non_null(strstr(noted(), "a:200 <x>"));
	assert_int_equal(strlen(noted()), strlen("closed a:200 <x>"));
}

/*
 * By evhttp_connection_free(), wherever the connection is: closecb runs inside
 * it, once, and no request has a callback.
 */

static void
check_free(const struct step *script, const char *log)
{
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	get(&c, "b");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(&c);
	client_free_connection(&c);
	assert_log(log);
	wait_for(&c, c.origin.peer[0].client_closed);
	client_run_passes(&c);
	assert_log("");
	assert_int_equal(n_answers, 0);
	client_tear_down(&c);
}

TEST(free_of_a_connection_that_waits_for_an_answer_runs_closecb)
{
	check_free(stalls, "closed");
}

TEST(free_of_a_connection_in_a_head_runs_closecb)
{
	static const struct step script[] = {REQUEST, SEND(OK "A: b\r\nC"),
	    STALL, END};

	check_free(script, "closed");
}

TEST(free_of_a_connection_in_a_body_runs_closecb)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Content-Length: 5\r\n\r\nhe"), STALL, END};

	check_free(script, "closed");
}

TEST(free_of_a_connection_in_a_chunk_runs_closecb)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhe"), STALL, END};

	check_free(script, "closed");
}

TEST(free_of_a_connection_in_a_trailer_runs_closecb)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n"), STALL,
	    END};

	check_free(script, "closed");
}

TEST(free_of_an_idle_connection_runs_closecb)
{
	struct client c;

	client_set_up_idle(&c);
	client_free_connection(&c);
	assert_log("closed");
	wait_for(&c, c.origin.peer[0].client_closed);
	client_tear_down(&c);
}

TEST(free_of_a_connection_that_was_not_made_yet_runs_no_closecb)
{
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	get(&c, "b");
	client_free_connection(&c);
	client_run_passes(&c);
	assert_log("");
	assert_int_equal(n_answers, 0);
	client_tear_down(&c);
}

TEST(free_of_a_connection_that_writes_runs_closecb)
{
	static const struct step script[] = {BYTES(100), STOP_READING, STALL,
	    END};
	struct client c;

	SET_UP(&c, script);
	post_32_mb(&c, "a");
	get(&c, "b");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_free_connection(&c);
	assert_log("closed");
	client_run_passes(&c);
	assert_int_equal(n_answers, 0);
	client_tear_down(&c);
}

/* A request that the program makes inside closecb goes over a new one. */
static struct client *client;

static void
make_cb(struct evhttp_connection *evcon, void *name)
{
	evhttp_connection_set_closecb(evcon, NULL, NULL);
	note("closed");
	get(client, name);
}

TEST(closecb_of_an_idle_connection_may_make_a_request,
    DIFFERS(V14, "sends it on the one that closes, without a callback"),
    DIFFERS(V21, "sends it on the one that closes, without a callback"))
{
	static const struct step script[] = {REQUEST, SEND(OK_X), STALL, END};
	struct client c;

	client = &c;
	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, make_cb, "b");
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	peer_close(&c.origin.peer[0]);
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:200 <x> closed b:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

TEST(closecb_before_a_callback_may_make_a_request)
{
	static const struct step script[] = {REQUEST,
	    SEND(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx"), END};
	struct client c;

	client = &c;
	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, make_cb, "b");
	get(&c, "a");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("closed a:200 <x> b:200 <y>");
	assert_int_equal(n_answers, 2);
	client_tear_down(&c);
}
