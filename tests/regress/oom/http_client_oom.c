/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client without memory: each allocation of a request fails once, alone and
 * with all later ones.  The request is refused, or its callback is called once,
 * without a timeout; the next request on the same connection is answered; no
 * memory leaks.
 */
#include <evcompat.h>

#include "http_ours_client.h"
#include "http_sweep.h"
#include "wrap.h"

struct exchange {
	const char *answers[3]; /* one for each connection in turn */
	bool closes;
	enum evhttp_cmd_type type;
	size_t body;
	bool streams;
	const char *host;
	bool uploads; /* the body, and one more piece */
};

/* An origin that does not allocate, and serves one connection at a time. */
struct plain {
	struct event_base *base;
	struct evhttp_connection *evcon;
	int listener, fd, accepted;
	unsigned short port;
	size_t len;
	char got[100000];
};

static int called;
static char outcome[16]; /* of the last callback: the code, "NULL" */

static void
outcome_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	called++;
	if (req == NULL)
		strcpy(outcome, "NULL");
	else
		snprintf(outcome, sizeof(outcome), "%d", req->response_code);
}

static int
take_head_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
	return 0;
}

static void
take_piece_cb(struct evhttp_request *req, void *arg)
{
	(void)req;
	(void)arg;
}

/* Sends the piece that arg is, and ends the body. */
static void
more_cb(struct evhttp_request *req, void *arg)
{
	struct evbuffer *piece = arg;

	if (EVBUFFER_LENGTH(piece) > 0)
		evcompat_http_stream_piece(req, piece);
	else
		evcompat_http_stream_end(req);
}

static void
stream_body(struct evhttp_request *req, size_t first)
{
	static struct evbuffer *piece;

	if (piece == NULL)
		piece = evbuffer_new();
	evbuffer_drain(piece, EVBUFFER_LENGTH(piece));
	evbuffer_add(piece, "rye", 3);
	assert_int_equal(evcompat_http_stream(req, (ev_int64_t)first + 3,
			     more_cb, piece),
	    0);
}

static void
plain_open(struct plain *p)
{
	p->fd = -1;
	p->accepted = 0;
	p->listener = bind_loopback(AF_INET, &p->port);
	assert_int_equal(listen(p->listener, 8), 0);
}

static void
plain_hang_up(struct plain *p)
{
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
	p->len = 0;
}

/* Whether a whole request has arrived; if so, removes it from p->got. */
static bool
has_whole(struct plain *p)
{
	size_t n;

	p->got[p->len] = '\0';
	n = request_length(p->got);
	if (n == 0)
		return false;
	p->len -= n;
	memmove(p->got, p->got + n, p->len);
	return true;
}

static void
plain_pass(struct plain *p, const struct exchange *x)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK);
	ssize_t n;

	if (fd != -1) {
		plain_hang_up(p);
		p->fd = fd;
		p->accepted++;
	}
	if (p->fd == -1)
		return;
	n = recv(p->fd, p->got + p->len, sizeof(p->got) - 1 - p->len, 0);
	if (n == 0 || (n == -1 && errno != EAGAIN)) {
		plain_hang_up(p);
		return;
	}
	p->len += n > 0 ? (size_t)n : 0;
	if (!has_whole(p))
		return;
	for (int i = 0; i < 3 && x->answers[i] != NULL; i++) {
		send(p->fd, x->answers[i], strlen(x->answers[i]), MSG_NOSIGNAL);
		for (int j = 0; j < 3; j++)
			event_base_loop(p->base, EVLOOP_NONBLOCK);
	}
	if (x->closes)
		plain_hang_up(p);
}

/*
 * Runs loop and origin until n callbacks were called, which must be long before
 * any timeout.
 */
static void
await_call(struct plain *p, const struct exchange *x, int n, long nth)
{
	double end = now_ms() + 10000;

	while (called < n) {
		event_base_loop(p->base, EVLOOP_NONBLOCK);
		plain_pass(p, x);
		if (now_ms() > end)
			fail_msg("allocation %ld: no callback", nth);
	}
}

/* Makes a request; sending it may need memory, but not the request itself. */
static struct evhttp_request *
make_ready(const struct exchange *x)
{
	struct evhttp_request *req = evhttp_request_new(outcome_cb, NULL);

	assert_non_null(req);
	evhttp_add_header(req->output_headers, "Host", "a");
	if (x->body > 0) {
		char *text = malloc(x->body);

		assert_non_null(text);
		memset(text, 'x', x->body);
		evbuffer_add(req->output_buffer, text, x->body);
		free(text);
	}
	if (x->uploads)
		stream_body(req, x->body);
	if (x->streams) {
		evhttp_request_set_header_cb(req, take_head_cb);
		evhttp_request_set_chunked_cb(req, take_piece_cb);
	}
	return req;
}

static void
check_next(struct plain *p, const struct exchange *x, long nth)
{
	struct evhttp_request *req = make_ready(x);

	assert_int_equal(evhttp_make_request(p->evcon, req, x->type, "/b"), 0);
	await_call(p, x, called + 1, nth);
	if (strcmp(outcome, "200") != 0)
		fail_msg("allocation %ld: then %s", nth, outcome);
}

/*
 * Has libev allocate its first blocks before the test: without memory it would
 * end the process.
 */
static void
warm_up(struct plain *p)
{
	struct event ev[20], timer;
	int fd[2], calls = 0;

	evtimer_set(&timer, count_cb, &calls);
	event_base_set(p->base, &timer);
	evtimer_add(&timer, MSEC(0));
	base_pass(p->base);
	make_readable_pair(fd);
	for (int i = 0; i < 20; i++) {
		event_set(&ev[i], i < 10 ? fd[i % 2] : dup(fd[i % 2]),
		    EV_READ | EV_WRITE, count_cb, &calls);
		event_base_set(p->base, &ev[i]);
		event_add(&ev[i], MSEC(1000));
	}
	base_pass(p->base);
	for (int i = 0; i < 20; i++) {
		event_del(&ev[i]);
		if (i >= 10)
			close(ev[i].ev_fd);
	}
	event_base_loop(p->base, EVLOOP_NONBLOCK);
	close_pair(fd);
}

/* Returns whether any allocation failed; see each_fails(). */
static bool
fails_once(const void *arg, long nth, bool all)
{
	const struct exchange *x = arg;
	static struct plain p;
	struct evhttp_request *req;
	bool failed;

	called = 0;
	p.base = event_base_new();
	plain_open(&p);
	if (all)
		warm_up(&p);
	p.evcon = evhttp_connection_base_new(p.base, NULL, x->host, p.port);
	req = make_ready(x);
	(all ? fail_allocs_from : fail_alloc)(nth);
	if (evhttp_make_request(p.evcon, req, x->type, "/a") == 0) {
		for (int i = 0; i < 30 && called == 0; i++) {
			event_base_loop(p.base, EVLOOP_NONBLOCK);
			plain_pass(&p, x);
		}
		failed = alloc_failed();
		fail_alloc(0);
		await_call(&p, x, 1, nth);
		assert_true(failed || strcmp(outcome, "200") == 0);
	} else {
		failed = alloc_failed();
		fail_alloc(0);
		assert_true(failed);
	}
	assert_in_range(called, 0, 1);
	check_next(&p, x, nth);
	evhttp_connection_free(p.evcon);
	plain_hang_up(&p);
	close(p.listener);
	event_base_free(p.base);
	return failed;
}

static void
lives_without_memory(const struct exchange *x)
{
	each_fails(fails_once, x);
}

TEST(http_request_without_memory_gets_its_callback)
{
	lives_without_memory(&(struct exchange){{OK "A: b\r\n c\r\nContent-Len",
						    "gth: 5\r\n\r\nhe", "llo"},
	    false, EVHTTP_REQ_GET, 0, false, "127.0.0.1", false});
}

TEST(http_request_for_a_chunked_answer_without_memory_gets_its_callback)
{
	lives_without_memory(
	    &(struct exchange){{CHUNKED "3\r\nry", "e\r\n3\r\noat\r\n0\r",
				   "\n\r\n"},
		false, EVHTTP_REQ_GET, 0, false, "127.0.0.1", false});
}

TEST(http_request_that_streams_without_memory_gets_its_callback)
{
	lives_without_memory(
	    &(struct exchange){{CHUNKED "3\r\nry", "e\r\n3\r\noat\r\n0\r",
				   "\n\r\n"},
		false, EVHTTP_REQ_GET, 0, true, "127.0.0.1", false});
}

TEST(http_request_for_an_answer_up_to_the_end_without_memory_gets_its_callback)
{
	lives_without_memory(&(struct exchange){{OK "\r\nhe", "llo", NULL},
	    true, EVHTTP_REQ_GET, 0, false, "127.0.0.1", false});
}

TEST(http_post_of_a_client_without_memory_gets_its_callback)
{
	lives_without_memory(
	    &(struct exchange){{"HTTP/1.1 100 Continue\r\n\r\n", OK_X, NULL},
		false, EVHTTP_REQ_POST, 50000, false, "127.0.0.1", false});
}

TEST(http_streamed_body_without_memory_gets_its_callback)
{
	lives_without_memory(&(struct exchange){{OK_X, NULL, NULL}, false,
	    EVHTTP_REQ_POST, 5000, false, "127.0.0.1", true});
}

TEST(http_request_to_a_name_without_memory_gets_its_callback)
{
	lives_without_memory(&(struct exchange){{OK_X, NULL, NULL}, false,
	    EVHTTP_REQ_GET, 0, false, "localhost", false});
}

/* --- many requests --- */

/* Each of many requests gets its one callback, or was refused. */
static void
asks_by_chance(const struct exchange *x, unsigned int seed)
{
	static struct plain p;
	int made = 0;

	called = 0;
	p.base = event_base_new();
	plain_open(&p);
	warm_up(&p);
	p.evcon = evhttp_connection_base_new(p.base, NULL, x->host, p.port);
	for (int i = 0; i < 6; i++) {
		struct evhttp_request *req = make_ready(x);

		fail_allocs_often(seed * 7 + (unsigned int)i, 8);
		made += evhttp_make_request(p.evcon, req, x->type, "/a") == 0;
		for (int j = 0; j < 3; j++) {
			event_base_loop(p.base, EVLOOP_NONBLOCK);
			plain_pass(&p, x);
		}
		fail_alloc(0);
	}
	await_call(&p, x, made, (long)seed);
	assert_int_equal(called, made);
	check_next(&p, x, (long)seed);
	assert_int_equal(called, made + 1);
	evhttp_connection_free(p.evcon);
	plain_hang_up(&p);
	close(p.listener);
	event_base_free(p.base);
}

TEST(http_requests_with_failing_allocations_get_one_callback_each)
{
	static const struct exchange all[] = {
	    {{OK_X, NULL, NULL}, false, EVHTTP_REQ_GET, 0, false, "127.0.0.1",
		false},
	    {{OK "\r\nhello", NULL, NULL}, true, EVHTTP_REQ_POST, 10000, false,
		"127.0.0.1", false},
	    {{CHUNKED "3\r\nry", "e\r\n0\r\n\r\n", NULL}, false, EVHTTP_REQ_GET,
		0, true, "localhost", false},
	};

	event_set_log_callback(quiet_cb);
	for (unsigned int seed = 0; seed < 300; seed++)
		asks_by_chance(&all[seed % 3], seed);
	event_set_log_callback(NULL);
}

/* --- retries --- */

static bool
retry_fails_once(long nth)
{
	struct event_base *base = event_base_new();
	struct evhttp_connection *evcon;
	unsigned short port;
	int fd = bind_loopback(AF_INET, &port); /* nobody listens there */
	double end = now_ms() + 10000;
	bool failed;

	called = 0;
	evcon = evhttp_connection_base_new(base, NULL, "127.0.0.1", port);
	evhttp_connection_set_retries(evcon, 2);
	evhttp_connection_set_initial_retry_tv(evcon, MSEC(2));
	fail_alloc(nth);
	if (evhttp_make_request(evcon, evhttp_request_new(outcome_cb, NULL),
		EVHTTP_REQ_GET, "/") == -1)
		called = 1;
	while (called == 0 && now_ms() < end)
		event_base_loop(base, EVLOOP_NONBLOCK);
	failed = alloc_failed();
	fail_alloc(0);
	assert_int_equal(called, 1);
	evhttp_connection_free(evcon);
	close(fd);
	event_base_free(base);
	return failed;
}

/* The request itself is the first allocation. */
TEST(http_retry_without_memory_ends_with_the_callback)
{
	event_set_log_callback(quiet_cb);
	for (long nth = 2; retry_fails_once(nth); nth++)
		continue;
	event_set_log_callback(NULL);
}
