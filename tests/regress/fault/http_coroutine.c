/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Callbacks of HTTP that switch to another stack in the middle; the stack that
 * the loop runs on cannot be touched until they switch back.  Meanwhile other
 * coroutines serve clients, and free the objects of the callback.  See
 * helpers/coroutine.h.
 */
#include "http_flow.h"

/* musl declares the functions to change stacks, but does not have them. */
#ifdef __GLIBC__

#include "coroutine.h"

static const struct way *the_way;

static void
leave_inside(struct flow *f)
{
	(void)f;
	leave_stack();
}

static void
talk(void)
{
	flow_talk(the_flow, the_way);
}

/* The other coroutine makes an exchange with a server of its own. */
static void
serve_others(void)
{
	struct server s;
	struct client c;

	server_open(&s);
	client_open(&c, &s);
	say(&c, "POST /other HTTP/1.1\r\nContent-Length: 3\r\n\r\nrye");
	expect_answers(&c, "200:/other");
	client_close(&c);
	server_close(&s);
	note_clear();
}

/*
 * What the other coroutine does to the objects of the callback that has
 * switched.
 */
static void
do_nothing(struct flow *f)
{
	(void)f;
}

static void (*const actions[])(struct flow *) = {do_nothing,
    flow_free_connection, flow_free_request, flow_free_server, flow_answer};

/*
 * The callback of that kind switches to the other coroutine, which does that;
 * then it switches back.
 */
static bool
leaves(const struct way *way, enum kind kind, void (*action)(struct flow *))
{
	struct flow f;

	flow_open(&f, way, kind, leave_inside);
	the_way = way;
	n_leaves = 0;
	hub_open(talk);
	while (resume_stack()) {
		use_events();
		use_buffers();
		serve_others();
		action(&f);
	}
	hub_close();
	assert_int_equal(n_leaves - 1,
	    f.was_inside); /* the hub's end is a switch, too */
	f.kind = KINDS;	   /* no more switches */
	flow_close(&f);
	assert_int_equal(f.closes, 1);
	return f.was_inside;
}

TEST(http_each_callback_may_leave_the_stack)
{
	struct event_base *others = event_init();

	for (int kind = 0; kind < KINDS; kind++) {
		int seen = 0;

		for (size_t way = 0; way < WAYS_OF_FLOW; way++)
			for (size_t i = 0;
			     i < sizeof(actions) / sizeof(*actions); i++)
				seen += leaves(&ways[way], (enum kind)kind,
				    actions[i]);
		assert_true(seen > 0);
	}
	event_base_free(others);
}

/* --- callbacks of our server and our client --- */

struct pair {
	struct server s;
	struct evhttp_connection *evcon;
	int answers;
};

static struct pair the_pair;

static void
leave_handler_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	leave_stack();
	reply_text(req, "rye");
}

static int
leave_head_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	(void)req;
	leave_stack();
	return 0;
}

static void
leave_piece_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	(void)req;
	leave_stack();
}

static void
leave_answer_cb(struct evhttp_request *req, void *arg)
{
	struct pair *p = arg;

	leave_stack();
	assert_int_equal(req->response_code, 200);
	p->answers++;
}

static void
leave_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	leave_stack();
}

static void
leave_error_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	(void)arg;
	leave_stack();
}

static void
exchange(void)
{
	while (the_pair.answers < 3)
		event_base_loop(the_pair.s.base, EVLOOP_ONCE);
	evhttp_connection_free(the_pair.evcon);
}

/*
 * Of each request the handler, the header callback, a piece and the answer
 * switch stacks; so does the close callback.
 */
TEST(http_callbacks_of_client_and_server_may_leave_the_stack)
{
	struct event_base *others = event_init();
	struct pair *p = &the_pair;
	struct evhttp_request *req;

	memset(p, 0, sizeof(*p));
	server_open_with(&p->s, leave_handler_cb, NULL);
	p->evcon = evhttp_connection_base_new(p->s.base, NULL, "127.0.0.1",
	    ntohs(((struct sockaddr_in *)&p->s.at)->sin_port));
	evhttp_connection_set_closecb(p->evcon, leave_close_cb, NULL);
	for (int i = 0; i < 3; i++) {
		req = evhttp_request_new(leave_answer_cb, p);
		evhttp_request_set_header_cb(req, leave_head_cb);
		evhttp_request_set_chunked_cb(req, leave_piece_cb);
		evhttp_make_request(p->evcon, req, EVHTTP_REQ_GET, "/");
	}
	n_leaves = 0;
	hub_open(exchange);
	while (resume_stack()) {
		use_events();
		use_buffers();
		serve_others();
	}
	hub_close();
	assert_int_equal(n_leaves - 1, 3 * 4 + 1);
	server_close(&p->s);
	event_base_free(others);
}

static void
fail_both(void)
{
	event_base_loop(the_pair.s.base, 0);
}

static void
leave_failed_cb(struct evhttp_request *req, void *arg)
{
	struct pair *p = arg;

	(void)req;
	leave_stack();
	p->answers++;
}

/*
 * The other coroutine frees the connection while the first of two callbacks has
 * switched stacks.
 */
TEST(http_connection_may_be_freed_while_a_callback_has_switched_stacks)
{
	struct pair *p = &the_pair;
	struct evhttp_request *req;
	struct sockaddr_storage at;
	socklen_t len;

	memset(p, 0, sizeof(*p));
	p->s.base = event_base_new();
	close(listener(AF_INET, &at, &len)); /* a port where nobody listens */
	p->evcon = evhttp_connection_base_new(p->s.base, NULL, "127.0.0.1",
	    ntohs(((struct sockaddr_in *)&at)->sin_port));
	for (int i = 0; i < 2; i++) {
		req = evhttp_request_new(leave_failed_cb, p);
		evhttp_request_set_error_cb(req, leave_error_cb);
		evhttp_make_request(p->evcon, req, EVHTTP_REQ_GET, "/");
	}
	n_leaves = 0;
	hub_open(fail_both);
	assert_true(resume_stack());
	serve_others();
	assert_true(resume_stack());
	evhttp_connection_free(p->evcon);
	assert_false(resume_stack());
	hub_close();
	assert_int_equal(p->answers, 1);
	event_base_free(p->s.base);
}

#endif
