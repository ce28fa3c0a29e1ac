/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a request costs the client: system calls and allocations.  Counted while
 * the loop runs; the origin reads and answers between.
 */
#include "http_ours_client.h"
#include "wrap.h"

#define ROUNDS 100

struct cost {
	struct event_base *base;
	struct evhttp_connection *evcon;
	int listener, fd, n_answers, left;
	enum evhttp_cmd_type type;
	size_t body;
};

static void ask(struct cost *t);

static void
retry_cb(struct evhttp_request *req, void *arg)
{
	struct cost *t = arg;

	assert_non_null(req);
	assert_int_equal(req->response_code, 200);
	t->n_answers++;
	if (t->left-- > 0)
		ask(t);
}

static void
ask(struct cost *t)
{
	struct evhttp_request *req = evhttp_request_new(retry_cb, t);

	if (t->body > 0) {
		char *text = malloc(t->body);

		assert_non_null(text);
		memset(text, 'x', t->body);
		evbuffer_add(req->output_buffer, text, t->body);
		free(text);
	}
	evhttp_add_header(req->output_headers, "Host", "localhost");
	assert_int_equal(evhttp_make_request(t->evcon, req, t->type, "/"), 0);
}

static void
open_cost(struct cost *t, enum evhttp_cmd_type type, size_t body)
{
	unsigned short port;

	memset(t, 0, sizeof(*t));
	t->type = type;
	t->body = body;
	t->base = event_base_new();
	t->listener = bind_loopback(AF_INET, &port);
	assert_int_equal(listen(t->listener, 8), 0);
	t->evcon = evhttp_connection_base_new(t->base, NULL, "127.0.0.1", port);
	t->left = 1 << 20;
	ask(t);
	for (int i = 0; i < 5; i++)
		event_base_loop(t->base, EVLOOP_NONBLOCK);
	t->fd = accept(t->listener, NULL, NULL);
	assert_true(t->fd >= 0);
}

static void
close_cost(struct cost *t)
{
	evhttp_connection_free(t->evcon);
	close(t->fd);
	close(t->listener);
	event_base_free(t->base);
}

/* What the loop does while n requests are answered one by one. */
static struct counts
cost_of(struct cost *t, const char *answer, int rounds)
{
	static char block[1 << 20];
	struct counts before = counts, c, sum = {.allocs = 0};

	for (int i = 0; i < rounds + 3; i++) {
		int answered = t->n_answers;

		while (recv(t->fd, block, sizeof(block), MSG_DONTWAIT) > 0)
			continue;
		send(t->fd, answer, strlen(answer), 0);
		before = counts;
		/* The same pass sends the next request. */
		event_base_loop(t->base, EVLOOP_ONCE);
		c = counts_since(&before);
		assert_int_equal(t->n_answers, answered + 1);
		if (i < 3)
			continue;
		counts_add(&sum, &c);
	}
	return sum;
}

static void
costs(enum evhttp_cmd_type type, size_t body, const char *answer, int most)
{
	struct cost t;
	struct counts c;

	open_cost(&t, type, body);
	c = cost_of(&t, answer, ROUNDS);
	assert_int_equal(c.epoll_wait, ROUNDS);
	assert_int_equal(c.reads, ROUNDS);
	assert_int_equal(c.writes, ROUNDS);
	assert_int_equal(c.epoll_ctl + c.others, 0);
	assert_in_range(c.allocs, 0, most * ROUNDS);
	assert_int_equal(c.frees, c.allocs);
	assert_int_equal(c.bytes, 0);
	close_cost(&t);
}

/*
 * The allocations are the request, its uri, the reason, the output, and the
 * body.
 */
TEST(http_request_of_a_client_costs_a_read_and_a_write)
{
	costs(EVHTTP_REQ_GET, 0, OK "Content-Length: 0\r\n\r\n", 4);
	costs(EVHTTP_REQ_GET, 0, OK_X, 5);
	costs(EVHTTP_REQ_GET, 0, CHUNKED "3\r\nrye\r\n0\r\n\r\n", 5);
}

/* Head and body leave together, and the body is not copied. */
TEST(http_post_of_a_client_costs_a_read_and_a_write)
{
	costs(EVHTTP_REQ_POST, 4096, OK_X, 8);
	costs(EVHTTP_REQ_POST, 50000, OK_X, 8);
}
