/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who owns a client's request, cancelled requests, and the reason why a request
 * failed.
 */
#include "http_ours_client.h"

/* --- owned --- */

static struct evhttp_request *owned;

static void
own_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	evhttp_request_own(req);
	owned = req;
}

TEST(http_answer_may_be_kept_after_its_callback)
{
	struct client c;

	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(own_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	client_tear_down(&c);
	assert_int_equal(evhttp_request_is_owned(owned), 1);
	assert_null(owned->evcon);
	assert_int_equal(owned->response_code, 200);
	assert_int_equal(EVBUFFER_LENGTH(owned->input_buffer), 1);
	assert_string_equal(owned->uri, "/a");
	evhttp_request_free(owned);
}

TEST(http_owned_request_is_kept_when_the_connection_is_freed)
{
	struct evhttp_request *first, *second;
	struct client c;

	SET_UP(&c, serve_x);
	first = new_request("a");
	second = new_request("b");
	evhttp_request_own(first);
	evhttp_request_own(second);
	send_request(&c, first, EVHTTP_REQ_GET);
	send_request(&c, second, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.accepted > 0);
	client_tear_down(&c);
	assert_null(first->evcon);
	assert_null(second->evcon);
	evhttp_request_free(first);
	evhttp_request_free(second);
	assert_int_equal(n_answers, 0);
}

TEST(http_owned_request_that_fails_without_it_is_kept)
{
	static const struct step script[] = {REQUEST, RESET, END};
	struct evhttp_request *req = new_request("a");
	struct client c;

	SET_UP(&c, script);
	evhttp_request_own(req);
	send_request(&c, req, EVHTTP_REQ_POST);
	await_answers(&c, 1);
	assert_log("closed a:NULL");
	client_tear_down(&c);
	assert_string_equal(req->uri, "/a");
	evhttp_request_free(req);
}

static void
free_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	evhttp_request_free(req);
}

TEST(http_callback_may_free_its_request)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(free_cb, "a"), EVHTTP_REQ_GET);
	req = evhttp_request_new(free_cb, "b");
	evhttp_request_own(req);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <x> b:200 <x> c:200 <x>");
	client_tear_down(&c);
}

/* --- why it failed --- */

struct failure {
	struct step script[4];
	const char *log;
};

static void
check_failure(const struct failure *f)
{
	struct client c;

	n_answers = 0;
	note_clear();
	SET_UP(&c, f->script, serve_y);
	evhttp_connection_set_timeout_tv(c.evcon, MSEC(200));
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_POST);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(f->log);
	client_tear_down(&c);
}

TEST(http_error_is_reported_before_the_callback_and_after_the_close)
{
	static const struct failure cases[] = {
	    {{REQUEST, END}, "closed a:error:0 a:NULL"},
	    {{REQUEST, SEND("HTTP/1.1 200"), END}, "closed a:error:0 a:NULL"},
	    {{REQUEST, CLOSE, END}, "closed a:error:1 a:0"},
	    {{REQUEST, SEND(OK "Content-Length: 5\r\n\r\nhe"), CLOSE, END},
		"closed a:error:1 a:NULL"},
	    {{REQUEST, SEND("ICY 200 OK\r\n\r\n"), END},
		"closed a:error:2 a:NULL"},
	    {{REQUEST, SEND(CHUNKED "x\r\n"), END}, "closed a:error:2 a:NULL"},
	    {{REQUEST, RESET, END}, "closed a:error:3 a:NULL"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_failure(&cases[i]);
}

TEST(http_error_of_a_refused_connection_is_reported_to_each_request)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_GET);
	send_request(&c, new_noting_request("b", false), EVHTTP_REQ_GET);
	await_answers(&c, 2);
	assert_log("a:error:1 a:0 b:error:1 b:0");
	client_tear_down(&c);
}

TEST(http_request_that_is_answered_has_no_error)
{
	struct client c;

	SET_UP(&c, serve_x);
	send_request(&c, new_noting_request("a", false), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

/* --- cancelled --- */

/*
 * The cancelled request gets no callback, and the request after it is answered.
 */
static void
check_cancelled(struct client *c, struct evhttp_request *req, const char *log)
{
	int before = n_answers;

	get(c, "z");
	evhttp_cancel_request(req);
	await_answers(c, before + 1);
	client_run_passes(c);
	assert_log(log);
	assert_int_equal(n_answers, before + 1);
	client_tear_down(c);
}

TEST(http_request_that_waits_for_another_is_cancelled)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	req = new_noting_request("b", false);
	send_request(&c, req, EVHTTP_REQ_GET);
	evhttp_cancel_request(req);
	get(&c, "c");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:200 <x> c:200 <x>");
	client_tear_down(&c);
}

TEST(http_request_that_waits_for_a_connection_is_cancelled)
{
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, serve_x);
	send_request(&c, req, EVHTTP_REQ_GET);
	check_cancelled(&c, req, "z:200 <x>");
}

TEST(http_request_that_waits_for_a_retry_is_cancelled)
{
	static const struct step *const scripts[] = {serve_x};
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	client_set_up_refused(&c, scripts, 1);
	evhttp_connection_set_retries(c.evcon, -1);
	evhttp_connection_set_initial_retry_tv(c.evcon, MSEC(20));
	send_request(&c, req, EVHTTP_REQ_GET);
	turn(&c);
	origin_listen(&c.origin);
	check_cancelled(&c, req, "z:200 <x>");
}

TEST(http_only_request_that_waits_for_a_connection_is_cancelled)
{
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, serve_x);
	send_request(&c, req, EVHTTP_REQ_GET);
	evhttp_cancel_request(req);
	wait_for(&c, c.origin.accepted > 0);
	client_run_passes(&c);
	assert_log("");
	get(&c, "b");
	await_answers(&c, 1);
	assert_log("b:200 <x>");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

TEST(http_request_in_flight_is_cancelled_and_the_connection_closed)
{
	static const struct step scripts[][4] = {
	    {REQUEST, STALL, END},
	    {REQUEST, SEND("HTTP/1.1 200"), STALL, END},
	    {REQUEST, SEND(OK "A: b\r\n"), STALL, END},
	    {REQUEST, SEND(OK "Content-Length: 5\r\n\r\nhe"), STALL, END},
	    {REQUEST, SEND(CHUNKED "5\r\nhe"), STALL, END},
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct evhttp_request *req = new_noting_request("a", false);
		struct client c;

		note_clear();
		SET_UP(&c, scripts[i], serve_y);
		send_request(&c, req, EVHTTP_REQ_GET);
		wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
		client_run_passes(&c);
		check_cancelled(&c, req, "closed a:error:4 z:200 <y>");
	}
}

TEST(http_request_with_a_large_body_is_cancelled_while_it_is_sent)
{
	static const struct step stops[] = {BYTES(1), STOP_READING, STALL, END};
	struct evhttp_request *req = new_noting_request("a", false);
	char *body = calloc(1, 32 << 20);
	struct client c;

	assert_non_null(body);
	SET_UP(&c, stops, serve_y);
	evbuffer_add(req->output_buffer, body, 32 << 20);
	free(body);
	send_request(&c, req, EVHTTP_REQ_POST);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(&c);
	check_cancelled(&c, req, "closed a:error:4 z:200 <y>");
}

static struct client *client;

static int
cancel_head_cb(struct evhttp_request *req, void *name)
{
	note_named_head_cb(req, name);
	evhttp_cancel_request(req);
	return 0;
}

static void
cancel_chunk_cb(struct evhttp_request *req, void *name)
{
	chunk_cb(req, name);
	evhttp_cancel_request(req);
}

static void
cancels_inside(bool in_head, const char *log)
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "3\r\nrye\r\n3\r\noat\r\n0\r\n\r\n"), END};
	struct evhttp_request *req = new_noting_request("a", true);
	struct client c;

	n_answers = 0;
	note_clear();
	if (in_head)
		evhttp_request_set_header_cb(req, cancel_head_cb);
	else
		evhttp_request_set_chunked_cb(req, cancel_chunk_cb);
	SET_UP(&c, script, serve_y);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "z");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(log);
	client_tear_down(&c);
}

TEST(http_request_is_cancelled_inside_its_callbacks)
{
	cancels_inside(true, "a:head:200 closed a:error:4 z:200 <y>");
	cancels_inside(false,
	    "a:head:200 a:chunk <rye> closed a:error:4 z:200 <y>");
}

TEST(http_owned_request_that_is_cancelled_is_the_programs)
{
	static const struct step script[] = {REQUEST, STALL, END};
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, script, serve_y);
	evhttp_request_own(req);
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	check_cancelled(&c, req, "closed a:error:4 z:200 <y>");
	assert_null(req->evcon);
	assert_string_equal(req->uri, "/a");
	evhttp_request_free(req);
}

TEST(http_owned_request_that_was_refused_may_be_sent_and_cancelled)
{
	static const struct step script[] = {REQUEST, STALL, END};
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, script, serve_y);
	evhttp_request_own(req);
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET,
			     "/\r\n"),
	    -1);
	evhttp_cancel_request(req);
	assert_null(req->evcon);
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	check_cancelled(&c, req, "closed a:error:4 z:200 <y>");
	assert_null(req->evcon);
	evhttp_request_free(req);
}

static void
free_connection_cb(struct evhttp_connection *evcon, void *name)
{
	(void)evcon;
	note("%s", (char *)name);
	client_free_connection(client);
}

static void
free_on_error_cb(enum evhttp_request_error error, void *name)
{
	note_named_error_cb(error, name);
	client_free_connection(client);
}

/*
 * Cancelling a request in flight closes the connection, and the close callback
 * may free it.
 */
static void
frees_while_cancelling(bool in_closecb, bool owns, const char *log)
{
	static const struct step script[] = {REQUEST, STALL, END};
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	client = &c;
	SET_UP(&c, script);
	if (in_closecb)
		evhttp_connection_set_closecb(c.evcon, free_connection_cb,
		    "freed");
	else
		evhttp_request_set_error_cb(req, free_on_error_cb);
	if (owns)
		evhttp_request_own(req);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "z");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	evhttp_cancel_request(req);
	assert_null(c.evcon);
	assert_log(log);
	if (owns)
		evhttp_request_free(req);
	client_tear_down(&c);
}

TEST(http_connection_may_be_freed_while_a_request_is_cancelled)
{
	for (int owns = 0; owns < 2; owns++) {
		frees_while_cancelling(true, owns, "freed a:error:4");
		frees_while_cancelling(false, owns, "closed a:error:4");
	}
}

/*
 * The same with evhttp_request_free() instead of cancelling: no error is
 * reported.
 */
TEST(http_connection_may_be_freed_while_a_request_is_freed)
{
	static const struct step script[] = {REQUEST, STALL, END};
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	client = &c;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, free_connection_cb, "freed");
	send_request(&c, req, EVHTTP_REQ_GET);
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	evhttp_request_free(req);
	assert_log("freed");
	client_tear_down(&c);
}

TEST(http_request_that_was_never_sent_is_not_cancelled)
{
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, serve_x);
	evhttp_cancel_request(req);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(http_request_that_was_refused_may_be_cancelled)
{
	struct evhttp_request *req = new_noting_request("a", false);
	struct client c;

	SET_UP(&c, serve_x);
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET,
			     "/\r\n"),
	    -1);
	evhttp_cancel_request(req);
	get(&c, "b");
	await_answers(&c, 1);
	assert_log("b:200 <x>");
	client_tear_down(&c);
}
