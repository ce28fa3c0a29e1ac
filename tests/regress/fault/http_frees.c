/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In each callback of a server the program frees whatever it can: the request,
 * the connection, the server; or it stops the server.  The address sanitizer
 * sees whether freed memory is used; these tests see that each connection is
 * reported as closed once, and that other connections are served.
 */
#include "http/element.h"

#include "http_flow.h"
#include "wrap.h"

static void
free_both(struct flow *f)
{
	flow_free_request(f);
	flow_free_connection(f);
}

static void
free_all(struct flow *f)
{
	free_both(f);
	flow_free_server(f);
}

static void
own_and_free_server(struct flow *f)
{
	struct evhttp_request *req = f->req;

	if (req != NULL)
		evhttp_request_own(req);
	flow_free_server(f);
	f->req = NULL;
	evhttp_request_free(req);
}

static void
stop_listening(struct flow *f)
{
	evhttp_del_accept_socket(f->s.http,
	    TAILQ_FIRST((TAILQ_HEAD(, evhttp_bound_socket) *)f->s.http));
}

/* Whether that exchange has a callback of that kind. */
static bool
frees_inside(const struct way *way, enum kind kind,
    void (*inside)(struct flow *))
{
	struct flow f;
	bool was_inside;

	flow_open(&f, way, kind, inside);
	flow_talk(&f, way);
	was_inside = f.was_inside;
	flow_close(&f);
	assert_int_equal(f.closes, 1);
	return was_inside;
}

static void
frees_everywhere(void (*inside)(struct flow *))
{
	int seen[KINDS] = {0};
	long bytes[2];

	for (int turn = 0; turn < 2; turn++) {
		for (size_t way = 0; way < WAYS_OF_FLOW; way++)
			for (int kind = 0; kind < KINDS; kind++)
				seen[kind] += frees_inside(&ways[way],
				    (enum kind)kind, inside);
		evi_element_free_spares();
		bytes[turn] = counts.bytes;
	}
	for (int kind = 0; kind < KINDS; kind++)
		assert_true(seen[kind] > 0);
	assert_int_equal(bytes[1], bytes[0]);
}

TEST(http_each_callback_may_free_the_request)
{
	frees_everywhere(flow_free_request);
}

TEST(http_each_callback_may_free_the_connection)
{
	frees_everywhere(flow_free_connection);
}

TEST(http_each_callback_may_free_the_server)
{
	frees_everywhere(flow_free_server);
}

TEST(http_each_callback_may_free_request_and_connection)
{
	frees_everywhere(free_both);
}

TEST(http_each_callback_may_free_all_there_is)
{
	frees_everywhere(free_all);
}

TEST(http_each_callback_may_answer)
{
	frees_everywhere(flow_answer);
}

TEST(http_each_callback_may_own_the_request_and_free_the_rest)
{
	frees_everywhere(own_and_free_server);
}

TEST(http_each_callback_may_stop_the_server)
{
	frees_everywhere(stop_listening);
}

/* --- the close callback, called by what the program frees --- */

static struct flow *closing;

static void
free_server_in_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	closing->closes++;
	if (closing->s.http != NULL)
		flow_free_server(closing);
}

static void
free_connection_in_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)arg;
	closing->closes++;
	evhttp_connection_free(evcon);
}

/*
 * A callback frees something, and so does the close callback that this calls.
 */
static void
free_twice(struct flow *f)
{
	closing = f;
	evhttp_connection_set_closecb(f->evcon, free_server_in_close_cb, NULL);
	flow_free_connection(f);
}

static void
free_again(struct flow *f)
{
	closing = f;
	evhttp_connection_set_closecb(f->evcon, free_connection_in_close_cb,
	    NULL);
	f->req = NULL;
	f->evcon = NULL;
	flow_free_server(f);
}

static void
answer_in_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	closing->closes++;
	flow_answer(closing);
}

/* An answer after the server was freed must not need the server's settings. */
static void
free_server_before_the_answer(struct flow *f)
{
	closing = f;
	evhttp_connection_set_closecb(f->evcon, answer_in_close_cb, NULL);
	f->evcon = NULL;
	flow_free_server(f);
}

/* The second time the close callback is another one. */
static void
frees_twice(void (*inside)(struct flow *))
{
	for (size_t way = 0; way < WAYS_OF_FLOW; way++)
		for (int kind = 0; kind < IN_CLOSE; kind++)
			frees_inside(&ways[way], (enum kind)kind, inside);
}

TEST(http_closecb_may_free_the_server_whatever_closes)
{
	frees_twice(free_twice);
}

TEST(http_closecb_may_free_the_connection_whatever_closes)
{
	frees_twice(free_again);
}

TEST(http_closecb_may_answer_after_the_server_was_freed)
{
	frees_twice(free_server_before_the_answer);
}

/* --- other connections --- */

static void
free_other_cb(struct evhttp_request *req, void *arg)
{
	struct evhttp_request **other = arg;

	if (*other == NULL) {
		*other = req;
		return;
	}
	evhttp_connection_free((*other)->evcon);
	reply_text(req, "x");
}

TEST(http_handler_may_free_another_connection)
{
	struct evhttp_request *other = NULL;
	struct client first, second;
	struct server s;

	server_open_with(&s, free_other_cb, &other);
	client_open(&first, &s);
	say(&first, "GET /1 HTTP/1.1\r\n\r\n");
	assert_true(wait_until(s.base, is_pointer_set, &other));
	client_open(&second, &s);
	say(&second, "GET /2 HTTP/1.1\r\n\r\n");
	expect_answers(&second, "200:x");
	expect_end(&first, "");
	client_close(&first);
	client_close(&second);
	server_close(&s);
}

static void
free_idle_cb(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection **idle = arg;

	if (*idle == NULL)
		*idle = req->evcon;
	else if (strcmp(req->uri, "/free") == 0)
		evhttp_connection_free(*idle);
	reply_text(req, "x");
}

/* Both connections have bytes to be read in the same pass of the loop. */
TEST(http_handler_may_free_a_connection_whose_turn_is_next)
{
	struct evhttp_connection *idle = NULL;
	struct client first, second;
	struct server s;

	for (int order = 0; order < 2; order++) {
		idle = NULL;
		server_open_with(&s, free_idle_cb, &idle);
		client_open(&first, &s);
		say(&first, "GET /1 HTTP/1.1\r\n\r\n");
		expect_answers(&first, "200:x");
		client_open(&second, &s);
		say(&second, "GET /2 HTTP/1.1\r\n\r\n");
		expect_answers(&second, "200:x");
		if (order == 0)
			say(&first, "GET /1 HTTP/1.1\r\n\r\n");
		say(&second, "GET /free HTTP/1.1\r\n\r\n");
		if (order == 1)
			say(&first, "GET /1 HTTP/1.1\r\n\r\n");
		expect_answers(&second, "200:x 200:x");
		assert_true(wait_end(&first));
		client_close(&first);
		client_close(&second);
		server_close(&s);
	}
}
