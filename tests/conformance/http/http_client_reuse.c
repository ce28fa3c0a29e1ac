/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: a kept connection that turns out to be dead.
 */
#include "test.h"
#include "http_client.h"

static const struct step serve_once[] = {REQUEST, SEND(OK_X), STALL, END};

/*
 * The loop has seen that the connection is dead.
 */

TEST(idle_connection_that_the_server_closes_is_closed)
{
	struct client c;

	SET_UP(&c, serve_once, serve_y);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	peer_close(&c.origin.peer[0]);
	wait_for(&c, noted()[0] != '\0');
	assert_log("closed");
	get(&c, "b");
	post(&c, "c", "hello");
	await_answers(&c, 3);
	client_run_passes(&c);
	assert_log("b:200 <y> c:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

TEST(idle_connection_that_the_server_resets_is_closed)
{
	struct client c;

	SET_UP(&c, serve_once, serve_y);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	peer_reset(&c.origin.peer[0]);
	wait_for(&c, noted()[0] != '\0');
	assert_log("closed");
	post(&c, "b", "hello");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("b:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

/*
 * The loop has not seen yet that the connection is dead when the next request
 * is made.
 */

enum death {
	FIN,
	RST
};

/* A connection that has answered a, and is dead without the loop's knowing. */
static void
set_up_dead(struct client *c, enum death death)
{
	SET_UP(c, serve_once, serve_y);
	evhttp_connection_set_closecb(c->evcon, NULL, NULL);
	get(c, "a");
	await_answers(c, 1);
	assert_log("a:200 <x>");
	if (death == FIN)
		close_unseen_by_the_loop(&c->origin.peer[0]);
	else
		reset_unseen_by_the_loop(&c->origin.peer[0]);
}

static void
check_dead(enum death death, void (*ask)(struct client *), const char *expected)
{
	struct client c;

	set_up_dead(&c, death);
	ask(&c);
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(n_answers, 2);
	client_tear_down(&c);
}

static void
ask_get(struct client *c)
{
	get(c, "b");
}

static void
ask_post(struct client *c)
{
	post(c, "b", "hello");
}

#define DIES "fails the request"

TEST(get_on_a_closed_connection_is_sent_again, DIFFERS(V14, DIES),
    DIFFERS(V21, DIES))
{
	check_dead(FIN, ask_get, "b:200 <y>");
}

TEST(get_on_a_reset_connection_is_sent_again, DIFFERS(V14, DIES),
    DIFFERS(V21, DIES))
{
	check_dead(RST, ask_get, "b:200 <y>");
}

TEST(post_on_a_closed_connection_ends_in_0, DIFFERS(V21, "NULL"))
{
	check_dead(FIN, ask_post, "b:0");
}

TEST(post_on_a_reset_connection_ends_in_null)
{
	check_dead(RST, ask_post, "b:NULL");
}

static void
ask_long_post(struct client *c)
{
	post_32_mb(c, "b");
}

TEST(post_whose_writing_fails_ends_in_null)
{
	check_dead(RST, ask_long_post, "b:NULL");
}

/* The answer to the HEAD is a 204, as 1.4 and 2.1 wait for a body where
 * there is a length. */
TEST(head_on_a_closed_connection_is_sent_again, DIFFERS(V14, DIES),
    DIFFERS(V21, DIES))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 204 No\r\n\r\n"), END};
	struct client c;

	SET_UP(&c, serve_once, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	close_unseen_by_the_loop(&c.origin.peer[0]);
	head(&c, "b");
	await_answers(&c, 2);
	assert_log("a:200 <x> b:204");
	assert_string_equal(c.origin.peer[1].got, "HEAD /b HTTP/1.1\r\n\r\n");
	client_tear_down(&c);
}

TEST(request_sent_again_is_the_same_bytes, DIFFERS(V14, DIES),
    DIFFERS(V21, DIES))
{
	struct evhttp_request *req;
	struct client c;

	set_up_dead(&c, FIN);
	req = new_request("b");
	evhttp_add_header(req->output_headers, "A", "b");
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 2);
	assert_log("b:200 <y>");
	assert_string_equal(c.origin.peer[1].got,
	    "GET /b HTTP/1.1\r\nA: b\r\n\r\n");
	client_tear_down(&c);
}

TEST(dead_connection_is_reported_when_a_request_is_sent_again,
    DIFFERS(V14, DIES), DIFFERS(V21, DIES))
{
	struct client c;

	set_up_dead(&c, FIN);
	evhttp_connection_set_closecb(c.evcon, close_cb, "closed");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("closed b:200 <y>");
	client_tear_down(&c);
}

/* A POST is sent at most once, even where nobody knows what became of it. */
TEST(post_is_never_sent_twice)
{
	for (int i = 0; i < 2; i++) {
		struct client c;

		n_answers = 0;
		note_clear();
		set_up_dead(&c, i == 0 ? FIN : RST);
		post(&c, "b", "hello");
		await_answers(&c, 2);
		client_run_passes(&c);
		assert_int_equal(c.origin.accepted, 1);
		client_tear_down(&c);
	}
}

TEST(requests_after_a_post_that_fails_go_over_a_new_connection,
    DIFFERS(V14, "the next one fails, too"), DIFFERS(V21, "NULL for the POST"))
{
	struct client c;

	set_up_dead(&c, FIN);
	post(&c, "b", "hello");
	post(&c, "c", "hello");
	get(&c, "d");
	await_answers(&c, 4);
	client_run_passes(&c);
	assert_log("b:0 c:200 <y> d:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

TEST(requests_after_a_post_that_is_reset_go_over_a_new_connection)
{
	struct client c;

	set_up_dead(&c, RST);
	post(&c, "b", "hello");
	post(&c, "c", "hello");
	get(&c, "d");
	await_answers(&c, 4);
	client_run_passes(&c);
	assert_log("b:NULL c:200 <y> d:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

/*
 * A GET is sent again once, and only where no byte of an answer came.
 */

static const struct step second_closes[] = {REQUEST, SEND(OK_X), REQUEST, CLOSE,
    END};
static const struct step closes[] = {REQUEST, CLOSE, END};

static void
check_once(const struct step *first, const struct step *second,
    const char *expected, int connections)
{
	struct client c;

	SET_UP(&c, first, second, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(n_answers, 2);
	assert_int_equal(c.origin.accepted, connections);
	client_tear_down(&c);
}

TEST(get_that_the_server_has_read_is_sent_again, DIFFERS(V14, DIES),
    DIFFERS(V21, DIES))
{
	check_once(second_closes, serve_y, "a:200 <x> b:200 <y>", 2);
}

TEST(get_is_not_sent_a_third_time, DIFFERS(V14, "is not sent again"),
    DIFFERS(V21, "is not sent again"))
{
	check_once(second_closes, closes, "a:200 <x> b:0", 2);
}

TEST(get_with_a_byte_of_an_answer_is_not_sent_again, DIFFERS(V21, "NULL"))
{
	static const struct step script[] = {REQUEST, SEND(OK_X), REQUEST,
	    SEND("H"), CLOSE, END};

	check_once(script, serve_y, "a:200 <x> b:0", 1);
}

TEST(get_with_half_an_answer_is_not_sent_again,
    DIFFERS(V14, "delivers what came"))
{
	static const struct step script[] = {REQUEST, SEND(OK_X), REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), CLOSE, END};

	check_once(script, serve_y, "a:200 <x> b:NULL", 1);
}

TEST(get_on_a_new_connection_is_not_sent_again, DIFFERS(V21, "NULL"))
{
	struct client c;

	SET_UP(&c, closes, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:0");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

/*
 * A server that closes without a word after each answer, or after some.
 */

static const struct step close_after_one[] = {REQUEST, SEND(OK_X), CLOSE, END};
static const struct step close_after_three[] = {REQUEST, SEND(OK_X), REQUEST,
    SEND(OK_X), REQUEST, SEND(OK_X), CLOSE, END};
static const struct step reset_after_two[] = {REQUEST, SEND(OK_X), REQUEST,
    SEND(OK_X), RESET, END};

static void
good_cb(struct evhttp_request *req, void *count)
{
	n_answers++;
	*(int *)count += req != NULL && req->response_code == 200;
}

static void
check_many(const struct step *script)
{
	const int n = 50;
	struct client c;
	int good = 0;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	for (int i = 0; i < n; i++)
		assert_int_equal(evhttp_make_request(c.evcon,
				     evhttp_request_new(good_cb, &good),
				     EVHTTP_REQ_GET, "/"),
		    0);
	await_answers(&c, n);
	client_run_passes(&c);
	assert_int_equal(n_answers, n);
	assert_int_equal(good, n);
	client_tear_down(&c);
}

TEST(queue_survives_a_server_that_closes_after_each_answer,
    DIFFERS(V14, "some fail"), DIFFERS(V21, "some fail"))
{
	check_many(close_after_one);
}

TEST(queue_survives_a_server_that_closes_after_three_answers,
    DIFFERS(V14, "some fail"), DIFFERS(V21, "some fail"))
{
	check_many(close_after_three);
}

static struct client *client;
static int left;

static void
next_cb(struct evhttp_request *req, void *count)
{
	good_cb(req, count);
	if (left-- == 0)
		return;
	req = evhttp_request_new(next_cb, count);
	evhttp_make_request(client->evcon, req, EVHTTP_REQ_GET, "/");
}

static void
check_many_from_callbacks(const struct step *script)
{
	struct client c;
	int good = 0;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client = &c;
	left = 49;
	evhttp_make_request(c.evcon, evhttp_request_new(next_cb, &good),
	    EVHTTP_REQ_GET, "/");
	await_answers(&c, 50);
	client_run_passes(&c);
	assert_int_equal(n_answers, 50);
	assert_int_equal(good, 50);
	client_tear_down(&c);
}

TEST(requests_made_in_callbacks_survive_a_server_that_closes,
    DIFFERS(V14, "some fail"), DIFFERS(V21, "some fail"))
{
	check_many_from_callbacks(close_after_one);
}

TEST(requests_made_in_callbacks_survive_a_server_that_closes_now_and_then,
    DIFFERS(V14, "some fail"), DIFFERS(V21, "some fail"))
{
	check_many_from_callbacks(close_after_three);
}

/* Each request has one callback, whatever its outcome. */
static void
check_one_callback_each(const struct step *script)
{
	struct client c;
	int good = 0;

	SET_UP(&c, script);
	for (int i = 0; i < 50; i++)
		evhttp_make_request(c.evcon, evhttp_request_new(good_cb, &good),
		    i % 3 == 0 ? EVHTTP_REQ_POST : EVHTTP_REQ_GET, "/");
	await_answers(&c, 50);
	client_run_passes(&c);
	assert_int_equal(n_answers, 50);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
}

TEST(each_request_gets_one_callback_from_a_server_that_closes_or_resets)
{
	static const struct step close_at_once[] = {CLOSE, END};
	static const struct step reset_at_once[] = {RESET, END};
	const struct step *const scripts[] = {close_at_once, reset_at_once,
	    closes, close_after_one, close_after_three, reset_after_two};

	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		n_answers = 0;
		note_clear();
		check_one_callback_each(scripts[i]);
	}
}
