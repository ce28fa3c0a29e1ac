/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a client's connection is made and ends, with the functions of libevent
 * 2.x.
 */
#include "http_ours_client.h"
#include "wrap.h"

/* --- evhttp_connection_free_on_completion() --- */

static void
set_up_freeing(struct client *c, const struct step *script)
{
	SET_UP(c, script, serve_y);
	evhttp_connection_free_on_completion(c->evcon);
}

/* The library frees the connection, not the test. */
static void
tear_down_freed(struct client *c)
{
	c->evcon = NULL;
	wait_for(c, c->origin.closed == c->origin.accepted);
	client_tear_down(c);
}

TEST(http_connection_is_freed_after_its_last_callback)
{
	struct client c;

	set_up_freeing(&c, serve_x);
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:200 <x> b:200 <x> closed");
	tear_down_freed(&c);
}

TEST(http_connection_is_freed_after_a_request_that_failed)
{
	static const struct step reset[] = {REQUEST, RESET, END};
	static const struct step closes[] = {REQUEST, CLOSE, END};
	static const struct step last[] = {REQUEST,
	    SEND(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx"), END};

	static const struct step *const scripts[] = {reset, closes, last};
	static const char *const logs[] = {"closed a:NULL", "closed a:0",
	    "closed a:200 <x>"};

	for (int i = 0; i < 3; i++) {
		struct client c;

		n_answers = 0;
		set_up_freeing(&c, scripts[i]);
		post(&c, "a", "x");
		await_answers(&c, 1);
		assert_log(logs[i]);
		tear_down_freed(&c);
	}
}

TEST(http_connection_is_freed_when_it_was_refused)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_free_on_completion(c.evcon);
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:0 b:0");
	tear_down_freed(&c);
}

TEST(http_connection_is_freed_when_its_last_request_is_cancelled)
{
	static const struct step stall[] = {REQUEST, STALL, END};
	struct evhttp_request *req = new_request("a");
	struct client c;

	set_up_freeing(&c, stall);
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	evhttp_cancel_request(req);
	assert_log("closed");
	tear_down_freed(&c);
}

TEST(http_connection_without_requests_is_not_freed_yet)
{
	struct client c;

	set_up_freeing(&c, serve_x);
	client_run_passes(&c);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x> closed");
	tear_down_freed(&c);
}

static struct client *client;

static void
ask_once_more_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	get(client, "b");
}

TEST(http_connection_whose_callback_makes_a_request_is_not_freed_yet)
{
	struct client c;

	client = &c;
	set_up_freeing(&c, serve_x);
	send_request(&c, evhttp_request_new(ask_once_more_cb, "a"),
	    EVHTTP_REQ_GET);
	await_answers(&c, 2);
	assert_log("a:200 <x> b:200 <x> closed");
	tear_down_freed(&c);
}

static void
free_too_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	client_free_connection(client);
}

TEST(http_connection_that_frees_itself_may_be_freed_in_the_callback)
{
	struct client c;

	client = &c;
	set_up_freeing(&c, serve_x);
	send_request(&c, evhttp_request_new(free_too_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x> closed");
	tear_down_freed(&c);
}

static void
decide_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	evhttp_connection_free_on_completion(client->evcon);
}

TEST(http_callback_may_ask_for_the_connection_to_be_freed_after_it)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(decide_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x> closed");
	tear_down_freed(&c);
}

/* --- made --- */

TEST(http_connection_is_made_on_its_base)
{
	struct event_base *other = event_base_new();
	struct evhttp_connection *evcon;
	struct client c;

	SET_UP(&c, serve_x);
	evcon = evhttp_connection_base_new(other, NULL, "127.0.0.1", 1);
	assert_ptr_equal(evhttp_connection_get_base(evcon), other);
	assert_null(evhttp_connection_get_server(evcon));
	assert_null(evhttp_connection_get_addr(evcon));
	evhttp_connection_set_base(evcon, c.base); /* ignored */
	assert_ptr_equal(evhttp_connection_get_base(evcon), other);
	evhttp_connection_free(evcon);
	evcon = evhttp_connection_base_new(NULL, NULL, "127.0.0.1", 1);
	evhttp_connection_set_base(evcon, other);
	assert_ptr_equal(evhttp_connection_get_base(evcon), other);
	evhttp_connection_free(evcon);
	event_base_free(other);
	client_tear_down(&c);
}

TEST(http_connection_with_a_dns_base_is_NULL)
{
	struct client c;
	struct evdns_base *dnsbase = (void *)&c;

	SET_UP(&c, serve_x);
	assert_null(evhttp_connection_base_new(c.base, dnsbase, "a", 1));
	client_tear_down(&c);
}

TEST(http_connection_without_memory_is_NULL)
{
	long bytes = counts.bytes, nth;

	for (nth = 1; nth < 10; nth++) {
		struct evhttp_connection *evcon;

		fail_alloc(nth);
		evcon = evhttp_connection_base_new(NULL, NULL, "a", 1);
		assert_true((evcon == NULL) == alloc_failed());
		fail_alloc(0);
		evhttp_connection_free(evcon);
		assert_int_equal(counts.bytes, bytes);
	}
}

TEST(http_address_of_the_other_side_is_there_while_connected)
{
	const struct sockaddr_in *in;
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	await_answers(&c, 1);
	in = (const void *)evhttp_connection_get_addr(c.evcon);
	assert_non_null(in);
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), c.origin.port);
	client_tear_down(&c);
	note_clear();
}

/* --- family --- */

/* "localhost" has addresses of both families, where there is IPv6. */
static void
connects_over(int origin_family, int family, const char *log)
{
	static const struct step *const scripts[] = {serve_x};
	struct client c;

	n_answers = 0;
	memset(&c, 0, sizeof(c));
	c.base = event_init();
	evtimer_set(&c.patience, out_of_patience_cb, &c);
	origin_bind(&c.origin, c.base, origin_family, scripts, 1);
	origin_listen(&c.origin);
	c.evcon = new_connection(&c,
	    origin_family == AF_INET ? "127.0.0.1" : "::1", c.origin.port);
	evhttp_connection_set_family(c.evcon, family);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log(log);
	client_tear_down(&c);
}

TEST(http_family_decides_which_addresses_count)
{
	connects_over(AF_INET, AF_UNSPEC, "a:200 <x>");
	connects_over(AF_INET, AF_INET, "a:200 <x>");
	connects_over(AF_INET, AF_INET6, "a:0");
	connects_over(AF_INET6, AF_UNSPEC, "a:200 <x>");
	connects_over(AF_INET6, AF_INET6, "a:200 <x>");
	connects_over(AF_INET6, AF_INET, "a:0");
}

/* --- retries --- */

TEST(http_first_retry_comes_after_the_programs_time_and_then_twice_that)
{
	struct client c;
	double start = now_ms();

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 3);
	evhttp_connection_set_initial_retry_tv(c.evcon, MSEC(40));
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:0");
	assert_elapsed(start, 40 + 80 + 160);
	client_tear_down(&c);
}

TEST(http_retry_that_succeeds_restarts_the_timeout)
{
	static const struct step *const scripts[] = {serve_x};
	struct client c;

	client_set_up_refused(&c, scripts, 1);
	evhttp_connection_set_retries(c.evcon, -1);
	evhttp_connection_set_initial_retry_tv(c.evcon, MSEC(10));
	get(&c, "a");
	for (int i = 0; i < 4; i++)
		turn(&c);
	origin_listen(&c.origin);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(http_time_to_the_first_retry_of_NULL_is_the_default_again)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 1);
	evhttp_connection_set_initial_retry_tv(c.evcon, MSEC(3600000));
	evhttp_connection_set_initial_retry_tv(c.evcon, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:0");
	client_tear_down(&c);
}

/* --- timeouts --- */

TEST(http_silence_is_timed_by_a_timeval)
{
	static const struct step silent[] = {REQUEST, STALL, END};
	struct client c;
	double start;

	SET_UP(&c, silent, serve_y);
	evhttp_connection_set_timeout_tv(c.evcon, MSEC(150));
	start = now_ms();
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_elapsed(start, 150);
	assert_log("closed a:error:0 a:NULL");
	client_tear_down(&c);
}

TEST(http_timeval_of_0_waits_without_end)
{
	static const struct step late[] = {REQUEST, STALL, SEND(OK_X), END};
	struct client c;

	SET_UP(&c, late);
	evhttp_connection_set_timeout_tv(c.evcon, MSEC(1));
	evhttp_connection_set_timeout_tv(c.evcon, MSEC(0));
	get(&c, "a");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	spin(100);
	client_run_passes(&c);
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}
