/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: how a request ends.  Each gets one callback, from the loop,
 * whatever the origin does.
 */
#include "test.h"
#include "http_client.h"

/*
 * A GET on a new connection, which fails, and one after it, which goes over
 * another.
 */

struct way {
	const char *what;
	struct step script[4];
	const char *expected; /* what the first request notes */
};

#define HALF_LINE "HTTP/1.1 20"
#define HALF_HEAD "HTTP/1.1 200 OK\r\nContent-Le"
#define HALF_BODY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"
#define HALF_CHUNK                                                             \
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"

/* The failing request alone, without one after it. */
static void
check_way_alone(const struct way *w)
{
	struct client c;

	print_message("%s\n", w->what);
	n_answers = 0;
	SET_UP(&c, w->script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log(w->expected);
	assert_int_equal(n_answers, 1);
	client_tear_down(&c);
}

static void
check_way(const struct way *w)
{
	struct client c;
	char expected[100];

	print_message("%s\n", w->what);
	n_answers = 0;
	SET_UP(&c, w->script, serve_x);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	get(&c, "b");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 2);
	client_run_passes(&c);
	snprintf(expected, sizeof expected, "%s b:200 <x>", w->expected);
	assert_log(expected);
	assert_int_equal(n_answers, 2);
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

static const struct way closing[] = {
    {"closes", {REQUEST, CLOSE}, "a:0"},
    {"closes in the status line", {REQUEST, SEND(HALF_LINE), CLOSE}, "a:0"},
    {"shuts down", {REQUEST, SHUT, END}, "a:0"},
};

/* The callback gets a request with code 0, not NULL. */
TEST(connection_closed_before_the_status_line_ends_in_0, DIFFERS(V21, "NULL"))
{
	for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++)
		check_way_alone(&closing[i]);
}

#define BELIEVES "believes that the connection is alive"

TEST(request_after_one_whose_connection_closed_goes_over_another,
    DIFFERS(V14, BELIEVES), DIFFERS(V21, "NULL for the first"))
{
	for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++)
		check_way(&closing[i]);
}

static const struct way failing[] = {
    {"resets", {REQUEST, RESET}, "a:NULL"},
    {"resets in the status line", {REQUEST, SEND(HALF_LINE), RESET}, "a:NULL"},
    {"resets in the head", {REQUEST, SEND(HALF_HEAD), RESET}, "a:NULL"},
    {"resets in the body", {REQUEST, SEND(HALF_BODY), RESET}, "a:NULL"},
    {"resets in a chunk", {REQUEST, SEND(HALF_CHUNK), RESET}, "a:NULL"},
    {"no HTTP", {REQUEST, SEND("hello\r\n\r\n"), END}, "a:NULL"},
    {"a bad header", {REQUEST, SEND("HTTP/1.1 200 OK\r\nhello\r\n\r\n"), END},
	"a:NULL"},
    {"a bad length",
	{REQUEST, SEND("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), END},
	"a:NULL"},
    {"a bad chunk",
	{REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
	    END},
	"a:NULL"},
    {"closed after the answer",
	{REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nConnection: close\r\n"
		 "Content-Length: 1\r\n\r\nx"),
	    CLOSE},
	"a:200 <x>"},
    {"an answer in pieces that closes",
	{REQUEST, TRICKLE("HTTP/1.1 500 x: y\nConnection: close\n\nno"), CLOSE},
	"a:500 <no>"},
};

TEST(request_that_fails_ends_in_null_and_the_rest_continue)
{
	for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
		check_way_alone(&failing[i]);
		check_way(&failing[i]);
	}
}

/* Answers that are cut: 1.4 delivers half a body. */
static const struct way cut[] = {
    {"closes in the head", {REQUEST, SEND(HALF_HEAD), CLOSE}, "a:NULL"},
    {"closes in the body", {REQUEST, SEND(HALF_BODY), CLOSE}, "a:NULL"},
    {"closes in a chunk", {REQUEST, SEND(HALF_CHUNK), CLOSE}, "a:NULL"},
};

TEST(answer_cut_in_its_head_ends_in_null, DIFFERS(V14, "delivers what came"))
{
	check_way(&cut[0]);
}

TEST(answer_cut_in_its_body_ends_in_null, DIFFERS(V14, "delivers what came"))
{
	check_way(&cut[1]);
}

TEST(answer_cut_in_a_chunk_ends_in_null, DIFFERS(V14, "delivers what came"))
{
	check_way(&cut[2]);
}

/*
 * When callbacks run.
 */

TEST(callback_never_runs_inside_make_request)
{
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 1);
	get(&c, "b");
	assert_int_equal(n_answers, 1);
	await_answers(&c, 2);
	close_unseen_by_the_loop(&c.origin.peer[0]);
	get(&c, "c");
	assert_int_equal(n_answers, 2);
	client_run_passes(&c);
	client_tear_down(&c);
}

TEST(callback_of_a_refused_connection_never_runs_inside_make_request)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	get(&c, "a");
	get(&c, "b");
	assert_int_equal(n_answers, 0);
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:0 b:0");
	client_tear_down(&c);
}

TEST(callbacks_run_in_the_order_of_the_requests)
{
	struct client c;

	SET_UP(&c, serve_x);
	get(&c, "a");
	post(&c, "b", "hello");
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <x> b:200 <x> c:200 <x>");
	client_tear_down(&c);
}

static struct client *client;

/* The next request is on its way when the callback runs; one made there comes
 * after all that wait. */
static void
make_last_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	get(client, "last");
}

TEST(request_made_in_a_callback_comes_after_those_that_wait)
{
	struct evhttp_request *req;
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	req = evhttp_request_new(make_last_cb, "a");
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 4);
	assert_log("a:200 <x> b:200 <x> c:200 <x> last:200 <x>");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

TEST(request_made_in_a_callback_of_a_failure_comes_after_those_that_wait)
{
	static const struct step script[] = {REQUEST, RESET, END};
	struct evhttp_request *req;
	struct client c;

	client = &c;
	SET_UP(&c, script, serve_x);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	req = evhttp_request_new(make_last_cb, "a");
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 4);
	assert_log("a:NULL b:200 <x> c:200 <x> last:200 <x>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

/* Makes the next request on the same connection, as often as it has names. */
static void
again_cb(struct evhttp_request *req, void *name)
{
	static char names[][2] = {"b", "c", "d"};
	static int n;

	note_answer_cb(req, name);
	if (n == 3)
		return;
	req = evhttp_request_new(again_cb, names[n++]);
	send_request(client, req, EVHTTP_REQ_GET);
	note("made");
}

static void
check_again(const struct step *script, const char *expected)
{
	struct client c;

	client = &c;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, evhttp_request_new(again_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 4);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(n_answers, 4);
	client_tear_down(&c);
}

TEST(callback_may_make_the_next_request)
{
	check_again(serve_x, "a:200 <x> made b:200 <x> made "
			     "c:200 <x> made d:200 <x>");
}

TEST(callback_of_a_failed_request_may_make_the_next_one)
{
	static const struct step script[] = {REQUEST, RESET, END};

	check_again(script, "a:NULL made b:NULL made c:NULL made d:NULL");
}

TEST(callback_of_a_request_whose_connection_closed_may_make_another,
    DIFFERS(V14, BELIEVES), DIFFERS(V21, "NULL"))
{
	static const struct step script[] = {REQUEST, CLOSE, END};

	check_again(script, "a:0 made b:0 made c:0 made d:0");
}

TEST(callback_of_a_refused_connection_may_make_the_next_request)
{
	struct client c;

	client = &c;
	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(again_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 4);
	client_run_passes(&c);
	assert_log("a:0 made b:0 made c:0 made d:0");
	client_tear_down(&c);
}

TEST(refused_connection_ends_all_requests_in_0)
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	get(&c, "a");
	post(&c, "b", "hello");
	head(&c, "c");
	await_answers(&c, 3);
	client_run_passes(&c);
	assert_log("a:0 b:0 c:0");
	assert_int_equal(n_answers, 3);
	client_tear_down(&c);
}

/*
 * A write that fails.
 */

TEST(write_error_ends_in_null_and_the_rest_continue)
{
	static const struct step script[] = {BYTES(100), RESET, END};
	struct client c;

	SET_UP(&c, script, serve_x);
	post_32_mb(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("closed a:NULL b:200 <x>");
	client_tear_down(&c);
}

static void
write_to_nobody(void *unused)
{
	struct client c;

	(void)unused;
	SET_UP(&c, serve_x);
	signal(SIGPIPE, SIG_DFL);
	get(&c, "a");
	await_answers(&c, 1);
	close_unseen_by_the_loop(&c.origin.peer[0]);
	post_32_mb(&c, "b");
	await_answers(&c, 2);
	client_tear_down(&c);
}

TEST(write_to_nobody_raises_no_sigpipe, DIFFERS(V14, "does"))
{
	assert_int_equal(in_child(write_to_nobody, NULL), 0);
}
