/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: the connection is freed inside a callback.
 */
#include "test.h"
#include "http_client.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define CLOSES OK "Connection: close\r\nContent-Length: 1\r\n\r\nx"
#define USES_FREED "uses freed memory"

static struct client *client;

/* Frees the connection, and makes sure that nothing follows. */
static void
free_in_callback(void)
{
	client_free_connection(client);
	note("freed");
}

static void
freeing_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	free_in_callback();
}

/* The request, other than the connection, lasts until its callback returns. */
static void
reading_cb(struct evhttp_request *req, void *name)
{
	freeing_cb(req, name);
	if (req != NULL)
		note("%d", req->response_code);
}

static void
freeing_chunk_cb(struct evhttp_request *req, void *name)
{
	chunk_cb(req, name);
	free_in_callback();
}

static void
freeing_close_cb(struct evhttp_connection *evcon, void *name)
{
	note("%s", (char *)name);
	assert_ptr_equal(evcon, client->evcon);
	client->evcon = NULL;
	evhttp_connection_free(evcon);
	note("freed");
}

/*
 * In the callback of a request.  Two more wait, which are freed without one.
 */

static void
run_freeing(struct client *c, const char *log)
{
	client = c;
	get(c, "b");
	get(c, "c");
	wait_for(c, c->evcon == NULL);
	client_run_passes(c);
	assert_log(log);
	client_tear_down(c);
}

static void
check_free(const struct step *script, const char *log, int seconds)
{
	struct client c;

	n_answers = 0;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	evhttp_connection_set_timeout(c.evcon, seconds);
	send_request(&c, evhttp_request_new(reading_cb, "a"), EVHTTP_REQ_GET);
	run_freeing(&c, log);
	assert_int_equal(n_answers, 1);
}

struct way {
	struct step script[4];
	const char *log;
};

static const struct way ways[] = {
    {{REQUEST, SEND(OK_X), END}, "a:200 <x> freed 200"},
    {{REQUEST, SEND(CLOSES), END}, "a:200 <x> freed 200"},
    {{REQUEST, SEND(CHUNKED "1\r\nx\r\n0\r\n\r\n"), END},
	"a:200 <x> freed 200"},
    {{REQUEST, SEND(OK "\r\nx"), CLOSE, END}, "a:200 <x> freed 200"},
    {{REQUEST, SEND("HTTP/1.1 204 No\r\n\r\n"), END}, "a:204 freed 204"},
    {{REQUEST, RESET}, "a:NULL freed"},
    {{REQUEST, SEND("hello\r\n"), END}, "a:NULL freed"},
    {{REQUEST, SEND(OK "hello\r\n"), END}, "a:NULL freed"},
    {{REQUEST, SEND(CHUNKED "x\r\n"), END}, "a:NULL freed"},
    {{REQUEST, SEND(OK "Content-Length: 2\r\n\r\nx"), RESET}, "a:NULL freed"},
};

TEST(callback_may_free_the_connection_whatever_the_answer)
{
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		check_free(ways[i].script, ways[i].log, -1);
}

TEST(callback_of_a_request_whose_connection_closed_may_free_it,
    DIFFERS(V21, "NULL"))
{
	static const struct step script[] = {REQUEST, CLOSE, END};

	check_free(script, "a:0 freed 0", -1);
}

TEST(callback_of_a_timeout_may_free_the_connection)
{
	static const struct step script[] = {REQUEST, STALL, END};

	check_free(script, "a:NULL freed", 2);
}

TEST(callback_of_an_answer_with_more_after_it_may_free_the_connection)
{
	static const struct step script[] = {REQUEST, SEND(OK_X OK_X), END};

	check_free(script, "a:200 <x> freed 200", -1);
}

TEST(callback_may_free_the_connection_with_its_closecb)
{
	static const struct step script[] = {REQUEST, SEND(OK_X), END};
	struct client c;

	SET_UP(&c, script);
	send_request(&c, evhttp_request_new(freeing_cb, "a"), EVHTTP_REQ_GET);
	run_freeing(&c, "a:200 <x> closed freed");
}

/* The first of those that are refused; the rest have no callback. */
TEST(callback_of_a_refused_request_may_free_the_connection,
    DIFFERS_BY_CHANCE(V14, USES_FREED),
    DIFFERS(V21, "calls back for the others all the same"))
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(reading_cb, "a"), EVHTTP_REQ_GET);
	run_freeing(&c, "a:0 freed 0");
	assert_int_equal(n_answers, 1);
}

TEST(callback_of_the_only_refused_request_may_free_the_connection,
    DIFFERS_BY_CHANCE(V14, USES_FREED), DIFFERS_BY_CHANCE(V21, USES_FREED))
{
	struct client c;

	client = &c;
	client_set_up_refused(&c, NULL, 0);
	send_request(&c, evhttp_request_new(reading_cb, "a"), EVHTTP_REQ_GET);
	wait_for(&c, c.evcon == NULL);
	client_run_passes(&c);
	assert_log("a:0 freed 0");
	client_tear_down(&c);
}

TEST(callback_after_the_last_retry_may_free_the_connection,
    DIFFERS_BY_CHANCE(V14, USES_FREED),
    DIFFERS(V21, "calls back for the others all the same"))
{
	struct client c;

	client_set_up_refused(&c, NULL, 0);
	evhttp_connection_set_retries(c.evcon, 1);
	send_request(&c, evhttp_request_new(reading_cb, "a"), EVHTTP_REQ_GET);
	run_freeing(&c, "a:0 freed 0");
}

/* The second request's callback, while the third is on its way. */
TEST(callback_of_a_later_request_may_free_the_connection)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	send_request(&c, evhttp_request_new(freeing_cb, "b"), EVHTTP_REQ_GET);
	get(&c, "c");
	wait_for(&c, c.evcon == NULL);
	client_run_passes(&c);
	assert_log("a:200 <x> b:200 <x> freed");
	assert_int_equal(n_answers, 2);
	client_tear_down(&c);
}

/* Frees the connection and uses another. */
static void
replacing_cb(struct evhttp_request *req, void *name)
{
	struct client *c = client;

	note_answer_cb(req, name);
	client_free_connection(c);
	c->evcon = new_connection(c, "127.0.0.1", c->origin.port);
	get(c, "z");
}

TEST(callback_may_replace_the_connection_and_make_a_request)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	send_request(&c, evhttp_request_new(replacing_cb, "a"), EVHTTP_REQ_GET);
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log("a:200 <x> z:200 <y>");
	client_tear_down(&c);
}

/* Two connections that have their answers in one pass of the loop: whichever
 * comes first frees the other. */
static struct evhttp_connection *both[2];

static void
free_other_cb(struct evhttp_request *req, void *name)
{
	int other = 1 - atoi(name);

	note_answer_cb(req, "any");
	evhttp_connection_free(both[other]);
	both[other] = NULL;
}

TEST(callback_may_free_another_connection_that_has_its_answer_as_well)
{
	static const struct step script[] = {REQUEST, STALL, SEND(OK_X), END};
	struct client c;

	SET_UP(&c, script);
	for (int i = 0; i < 2; i++) {
		both[i] = new_connection(&c, "127.0.0.1", c.origin.port);
		evhttp_connection_set_closecb(both[i], close_cb, "closed");
		assert_int_equal(evhttp_make_request(both[i],
				     evhttp_request_new(free_other_cb,
					 i == 0 ? "0" : "1"),
				     EVHTTP_REQ_GET, "/"),
		    0);
		wait_for(&c, c.origin.peer[i].step->kind == STEP_STALL);
	}
	for (int i = 0; i < 2; i++)
		peer_resume(&c.origin.peer[i]);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("any:200 <x> closed");
	evhttp_connection_free(both[both[0] == NULL]);
	client_tear_down(&c);
}

/*
 * In the callback of a chunk.
 */

static void
check_free_in_chunk(const struct step *script)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, script);
	req = new_request("a");
	evhttp_request_set_chunked_cb(req, freeing_chunk_cb);
	send_request(&c, req, EVHTTP_REQ_GET);
	run_freeing(&c, "a:chunk <x> closed freed");
	assert_int_equal(n_answers, 0);
}

TEST(chunk_callback_may_free_the_connection, DIFFERS_BY_CHANCE(V14, USES_FREED),
    DIFFERS_BY_CHANCE(V21, USES_FREED))
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\n"), END};

	check_free_in_chunk(script);
}

TEST(chunk_callback_may_free_the_connection_with_more_chunks_after,
    DIFFERS_BY_CHANCE(V14, USES_FREED), DIFFERS_BY_CHANCE(V21, USES_FREED))
{
	static const struct step script[] = {REQUEST,
	    SEND(CHUNKED "1\r\nx\r\n1\r\ny\r\n0\r\n\r\n" OK_X), END};

	check_free_in_chunk(script);
}

/*
 * In closecb, for each reason why it runs.
 */

#define RECURSION "calls it again and again"

TEST(closecb_of_an_idle_connection_may_free_it, DIFFERS(V14, RECURSION),
    DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, SEND(OK_X), STALL, END};
	struct client c;

	client = &c;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, freeing_close_cb, "closed");
	get(&c, "a");
	await_answers(&c, 1);
	peer_close(&c.origin.peer[0]);
	wait_for(&c, c.evcon == NULL);
	client_run_passes(&c);
	assert_log("a:200 <x> closed freed");
	client_tear_down(&c);
}

/* It is unspecified whether the complete answer still has its callback. */
TEST(closecb_after_an_answer_that_closes_may_free_the_connection,
    DIFFERS(V14, RECURSION), DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, SEND(CLOSES), END};
	struct client c;

	client = &c;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, freeing_close_cb, "closed");
	get(&c, "a");
	get(&c, "b");
	wait_for(&c, c.evcon == NULL);
	client_run_passes(&c);
	assert_ptr_equal(strstr(noted(), "closed freed"), noted());
	assert_null(strstr(noted(), "b:"));
	assert_in_range(n_answers, 0, 1);
	client_tear_down(&c);
}

static void
check_free_in_closecb(const struct step *script, int seconds)
{
	struct client c;

	client = &c;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, freeing_close_cb, "closed");
	evhttp_connection_set_timeout(c.evcon, seconds);
	get(&c, "a");
	get(&c, "b");
	wait_for(&c, c.evcon == NULL);
	client_run_passes(&c);
	assert_non_null(strstr(noted(), "closed freed"));
	assert_null(strstr(noted(), "b:"));
	assert_in_range(n_answers, 0, 1);
	client_tear_down(&c);
}

TEST(closecb_of_a_reset_connection_may_free_it, DIFFERS(V14, RECURSION),
    DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, RESET, END};

	check_free_in_closecb(script, -1);
}

TEST(closecb_of_a_closed_connection_may_free_it, DIFFERS(V14, RECURSION),
    DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, CLOSE, END};

	check_free_in_closecb(script, -1);
}

TEST(closecb_after_a_bad_answer_may_free_the_connection,
    DIFFERS(V14, RECURSION), DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, SEND("hello\r\n"), END};

	check_free_in_closecb(script, -1);
}

TEST(closecb_after_a_timeout_may_free_the_connection, DIFFERS(V14, RECURSION),
    DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, STALL, END};

	check_free_in_closecb(script, 2);
}

TEST(closecb_after_an_answer_up_to_the_end_may_free_the_connection,
    DIFFERS(V14, RECURSION), DIFFERS(V21, RECURSION))
{
	static const struct step script[] = {REQUEST, SEND(OK "\r\nx"), CLOSE,
	    END};

	check_free_in_closecb(script, -1);
}

TEST(closecb_inside_free_may_free_the_connection_once_more,
    DIFFERS(V14, RECURSION), DIFFERS(V21, RECURSION))
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	get(&c, "a");
	await_answers(&c, 1);
	evhttp_connection_set_closecb(c.evcon, freeing_close_cb, "closed");
	evhttp_connection_free(c.evcon);
	assert_log("a:200 <x> closed freed");
	client_tear_down(&c);
}

/*
 * Freeing the base's other things.
 */

static void
break_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	event_base_loopbreak(client->base);
}

TEST(connection_is_freed_after_its_callback_broke_the_loop)
{
	struct client c;

	client = &c;
	SET_UP(&c, serve_x);
	send_request(&c, evhttp_request_new(break_cb, "a"), EVHTTP_REQ_GET);
	get(&c, "b");
	await_answers(&c, 1);
	client_free_connection(&c);
	assert_log("a:200 <x> closed");
	client_run_passes(&c);
	assert_int_equal(n_answers, 1);
	client_tear_down(&c);
}
