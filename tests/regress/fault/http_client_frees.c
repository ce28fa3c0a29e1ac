/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In each callback of a client the program frees whatever it can, or makes
 * requests.  The address sanitizer sees whether freed memory is used; these
 * tests see that each request that was not cancelled gets its one callback.
 */
#include "http/element.h"

#include "http_ours_client.h"
#include "wrap.h"

enum kind {
	IN_HEAD,
	IN_PIECE,
	IN_ANSWER,
	IN_ERROR,
	IN_CLOSE,
	KINDS
};

#define REQUESTS 3

struct flow {
	struct client c;
	struct evhttp_request *req[REQUESTS]; /* NULL: has ended */
	int calls[REQUESTS];
	bool cancelled[REQUESTS];
	int made;
	enum kind kind;
	void (*inside)(struct flow *);
	bool was_inside, is_freed;
};

static struct flow *the_flow;

/*
 * Runs the test's function, if this is its kind of callback.  Returns whether
 * the connection still exists.
 */
static bool
run_inside(enum kind kind)
{
	struct flow *f = the_flow;

	if (f->kind == kind && !f->was_inside) {
		f->was_inside = true;
		f->inside(f);
	}
	return !f->is_freed;
}

static int
flow_head_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	run_inside(IN_HEAD);
	return 0;
}

static void
flow_piece_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	run_inside(IN_PIECE);
}

static void
flow_error_cb(enum evhttp_request_error error, void *arg)
{
	(void)error;
	(void)arg;
	run_inside(IN_ERROR);
}

static void
flow_close_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	run_inside(IN_CLOSE);
}

static void
flow_answer_cb(struct evhttp_request *req, void *arg)
{
	int i = (int)(intptr_t)arg;

	(void)req;
	the_flow->calls[i]++;
	run_inside(IN_ANSWER);
	the_flow->req[i] = NULL;
}

static void
ask(struct flow *f, enum evhttp_cmd_type type)
{
	struct evhttp_request *req;
	int i = f->made;

	if (i == REQUESTS)
		return;
	req = evhttp_request_new(flow_answer_cb, (void *)(intptr_t)i);
	evhttp_request_set_error_cb(req, flow_error_cb);
	if (i == 0) {
		evhttp_request_set_header_cb(req, flow_head_cb);
		evhttp_request_set_chunked_cb(req, flow_piece_cb);
	}
	f->made++;
	f->req[i] = req;
	assert_int_equal(evhttp_make_request(f->c.evcon, req, type, "/"), 0);
}

/* --- what is done inside --- */

static void
free_connection_inside(struct flow *f)
{
	f->is_freed = true;
	client_free_connection(&f->c);
}

/* Takes the first request that has not ended, which will be cancelled. */
static struct evhttp_request *
take_one(struct flow *f)
{
	for (int i = 0; i < f->made; i++) {
		struct evhttp_request *req = f->req[i];

		if (req != NULL) {
			f->req[i] = NULL;
			f->cancelled[i] = true;
			return req;
		}
	}
	return NULL;
}

static void
free_request(struct flow *f)
{
	evhttp_request_free(take_one(f));
}

static void
free_requests(struct flow *f)
{
	for (int i = 0; i < REQUESTS; i++)
		evhttp_request_free(take_one(f));
}

static void
cancel_request(struct flow *f)
{
	struct evhttp_request *req = take_one(f);

	if (req != NULL)
		evhttp_cancel_request(req);
}

static void
free_all(struct flow *f)
{
	free_requests(f);
	free_connection_inside(f);
}

static void
ask_and_free(struct flow *f)
{
	ask(f, EVHTTP_REQ_GET);
	free_connection_inside(f);
}

static void
ask_and_cancel(struct flow *f)
{
	ask(f, EVHTTP_REQ_GET);
	cancel_request(f);
}

static void
ask_once_more(struct flow *f)
{
	ask(f, EVHTTP_REQ_GET);
}

/* --- the ways --- */

static const struct way {
	struct step script[5];
	bool is_refused;
} ways[] = {
    {{REQUEST, SEND(CHUNKED "3\r\nrye\r\n3\r\noat\r\n0\r\n\r\n"), AGAIN},
	false},
    {{REQUEST, SEND(OK "Connection: close\r\nContent-Length: 3\r\n\r\nrye"),
	 END},
	false},
    {{REQUEST, SEND(OK "Content-Length: 6\r\n\r\nrye"), CLOSE, END}, false},
    {{REQUEST, SEND(OK "\r\nrye"), CLOSE, END}, false},
    {{REQUEST, SEND("ICY 200 OK\r\n\r\n"), END}, false},
    {{REQUEST, CLOSE, END}, false},
    {{REQUEST, RESET, END}, false},
    {{REQUEST, SEND(OK_X), REQUEST, CLOSE, END}, false},
    {{END}, true},
};

#define N(array) (sizeof(array) / sizeof(*(array)))

/* Each request has ended, or never will as the connection was freed. */
static bool
has_ended(const struct flow *f)
{
	for (int i = 0; i < f->made; i++)
		if (f->req[i] != NULL)
			return f->is_freed;
	return true;
}

static void
flow_open(struct flow *f, const struct way *way)
{
	const struct step *scripts[] = {way->script};

	client_set_up_refused(&f->c, scripts, 1);
	if (!way->is_refused)
		origin_listen(&f->c.origin);
	evhttp_connection_set_closecb(f->c.evcon, flow_close_cb, NULL);
	ask(f, EVHTTP_REQ_POST);
	ask(f, EVHTTP_REQ_GET);
}

static void
check_calls(const struct flow *f)
{
	for (int i = 0; i < f->made; i++) {
		assert_in_range(f->calls[i], 0, 1);
		if (!f->is_freed && !f->cancelled[i])
			assert_int_equal(f->calls[i], 1);
	}
}

static bool
frees_inside(const struct way *way, enum kind kind,
    void (*inside)(struct flow *))
{
	struct flow f = {.kind = kind, .inside = inside};

	the_flow = &f;
	flow_open(&f, way);
	wait_for(&f.c, has_ended(&f));
	client_run_passes(&f.c);
	f.kind = KINDS; /* tearing down is not part of the test */
	check_calls(&f);
	client_tear_down(&f.c);
	return f.was_inside;
}

static void
frees_everywhere(void (*inside)(struct flow *))
{
	int seen[KINDS] = {0};
	long bytes[2];

	event_set_log_callback(NULL);
	for (int turn = 0; turn < 2; turn++) {
		for (size_t way = 0; way < N(ways); way++)
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

TEST(http_each_callback_of_a_client_may_free_the_connection)
{
	frees_everywhere(free_connection_inside);
}

TEST(http_each_callback_of_a_client_may_free_a_request)
{
	frees_everywhere(free_request);
}

TEST(http_each_callback_of_a_client_may_free_all_requests)
{
	frees_everywhere(free_requests);
}

TEST(http_each_callback_of_a_client_may_cancel_a_request)
{
	frees_everywhere(cancel_request);
}

TEST(http_each_callback_of_a_client_may_free_all_there_is)
{
	frees_everywhere(free_all);
}

TEST(http_each_callback_of_a_client_may_make_a_request)
{
	frees_everywhere(ask_once_more);
}

TEST(http_each_callback_of_a_client_may_make_a_request_and_free_the_connection)
{
	frees_everywhere(ask_and_free);
}

TEST(http_each_callback_of_a_client_may_make_a_request_and_cancel_another)
{
	frees_everywhere(ask_and_cancel);
}
