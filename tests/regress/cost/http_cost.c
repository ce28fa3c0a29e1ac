/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a request costs the server: system calls, allocations, bytes that are
 * copied and searched, and the memory that an idle connection keeps.  Counted
 * while the loop runs: clients send before it, and receive after it.
 */
#include "http_ours.h"
#include "wrap.h"

#define ROUNDS 100
#define GET "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define BROWSERS                                                               \
	"GET /a/b?c=d HTTP/1.1\r\nHost: localhost:8080\r\n"                    \
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"                      \
	"Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"                \
	"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip\r\n"         \
	"Cookie: a=0123456789; b=0123456789\r\nConnection: keep-alive\r\n\r\n"

struct cost {
	struct server s;
	int fd;
	size_t body;
};

static void
text_cb(struct evhttp_request *req, void *arg)
{
	struct cost *t = arg;
	struct evbuffer *body = buffer_of_size(t->body);

	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

static void
nothing_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_reply(req, 200, "OK", NULL);
}

static int
open_socket(const struct server *s)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	assert_int_equal(connect(fd, (const struct sockaddr *)&s->at,
			     s->at_len),
	    0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
open_cost(struct cost *t, void (*cb)(struct evhttp_request *, void *))
{
	server_open_with(&t->s, cb, t);
	t->fd = open_socket(&t->s);
	await_connections(&t->s, 1);
}

static void
close_cost(struct cost *t)
{
	close(t->fd);
	server_close(&t->s);
}

/* Reads and drops all that has arrived. */
static void
receive(int fd)
{
	static char block[1 << 20];

	while (recv(fd, block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
}

static void
pass(struct cost *t)
{
	event_base_loop(t->s.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/* What the loop does for `rounds` such requests, each in one pass. */
static struct counts
cost_of(struct cost *t, const char *text, int rounds)
{
	struct counts before, c, sum = {.allocs = 0};

	for (int i = 0; i < rounds + 3; i++) {
		assert_int_equal(send(t->fd, text, strlen(text), 0),
		    strlen(text));
		before = counts;
		pass(t);
		c = counts_since(&before);
		receive(t->fd);
		if (i < 3)
			continue; /* warm-up: what is kept gets allocated */
		counts_add(&sum, &c);
	}
	return sum;
}

TEST(http_request_costs_three_system_calls)
{
	struct cost t = {.body = 10};
	struct counts c;

	open_cost(&t, text_cb);
	c = cost_of(&t, GET, ROUNDS);
	assert_int_equal(c.epoll_wait, ROUNDS);
	assert_int_equal(c.reads, ROUNDS);
	assert_int_equal(c.writes, ROUNDS);
	assert_int_equal(c.epoll_ctl + c.others + c.accepts, 0);
	close_cost(&t);
}

TEST(http_request_with_a_large_answer_costs_three_system_calls)
{
	struct cost t = {.body = 50000};
	struct counts c;

	open_cost(&t, text_cb);
	c = cost_of(&t, GET, ROUNDS);
	assert_int_equal(c.epoll_wait + c.reads + c.writes, 3 * ROUNDS);
	assert_int_equal(c.epoll_ctl + c.others + c.accepts, 0);
	/* The server moves the body; only the test copies it. */
	assert_in_range(c.copied, 0, ROUNDS * (50000 + 4096));
	close_cost(&t);
}

TEST(http_post_costs_three_system_calls)
{
	static char post[5000];
	struct cost t = {.body = 10};
	struct counts c;

	memset(post + sprintf(post, "POST /a HTTP/1.1\r\n"
				    "Content-Length: 4096\r\n\r\n"),
	    'x', 4096);
	open_cost(&t, text_cb);
	c = cost_of(&t, post, ROUNDS);
	assert_int_equal(c.epoll_wait + c.reads + c.writes, 3 * ROUNDS);
	assert_int_equal(c.epoll_ctl + c.others + c.accepts, 0);
	close_cost(&t);
}

/* What one read brought is answered by one write. */
TEST(http_16_requests_in_one_packet_cost_one_read_and_one_write)
{
	char text[16 * sizeof(GET)] = "";
	struct cost t = {.body = 10};
	struct counts c;

	for (int i = 0; i < 16; i++)
		strcat(text, GET);
	open_cost(&t, text_cb);
	c = cost_of(&t, text, ROUNDS);
	assert_int_equal(c.epoll_wait, ROUNDS);
	assert_int_equal(c.reads, ROUNDS);
	assert_int_equal(c.writes, ROUNDS);
	assert_int_equal(c.epoll_ctl + c.others + c.accepts, 0);
	close_cost(&t);
}

/*
 * The answer is given later; whether the server stopped reading meanwhile is up
 * to it.
 */
TEST(http_request_that_is_answered_later_costs_no_more_calls)
{
	struct evhttp_request *req = NULL;
	struct cost t = {.body = 0};
	struct counts before, c;

	open_cost(&t, nothing_cb);
	evhttp_set_gencb(t.s.http, keep_request_for_cb, &req);
	for (int i = 0; i < 10; i++) {
		send(t.fd, GET, strlen(GET), 0);
		before = counts;
		pass(&t);
		assert_non_null(req);
		evhttp_send_reply(req, 200, "OK", NULL);
		pass(&t);
		c = counts_since(&before);
		if (i == 0)
			continue;
		assert_int_equal(c.reads, 1);
		assert_int_equal(c.writes, 1);
		assert_int_equal(c.epoll_ctl, 0);
		receive(t.fd);
	}
	close_cost(&t);
}

TEST(http_100_clients_are_accepted_in_two_passes)
{
	struct cost t = {.body = 0};
	struct counts before, c;
	int fd[100];

	open_cost(&t, nothing_cb);
	for (int i = 0; i < 100; i++)
		fd[i] = open_socket(&t.s);
	before = counts;
	pass(&t);
	pass(&t);
	c = counts_since(&before);
	assert_int_equal(evhttp_get_connection_count(t.s.http), 101);
	/* One more accept4(), which finds no client. */
	assert_int_equal(c.accepts, 101);
	for (int i = 0; i < 100; i++)
		close(fd[i]);
	close_cost(&t);
}

/* --- memory --- */

static long
allocations(const char *request, void (*cb)(struct evhttp_request *, void *))
{
	struct cost t = {.body = 0};
	struct counts c;

	open_cost(&t, cb);
	c = cost_of(&t, request, ROUNDS);
	assert_int_equal(c.frees, c.allocs);
	assert_int_equal(c.bytes, 0);
	close_cost(&t);
	return c.allocs;
}

TEST(http_request_costs_few_allocations_whatever_its_headers)
{
	long small = allocations(GET, nothing_cb);

	/*
	 * The allocations are the request, its uri, the reason and the output.
	 */
	assert_in_range(small, 0, 4 * ROUNDS);
	assert_int_equal(allocations(BROWSERS, nothing_cb), small);
}

TEST(http_idle_connection_keeps_little_memory)
{
	struct cost t = {.body = 4000};
	int fd[200];
	long bytes = 0;

	open_cost(&t, text_cb);
	for (int i = 0; i < 200; i++) {
		if (i == 100)
			bytes = counts.bytes;
		fd[i] = open_socket(&t.s);
		send(fd[i], GET, strlen(GET), 0);
		for (int j = 0; j < 3; j++)
			pass(&t);
		receive(fd[i]);
	}
	bytes = (counts.bytes - bytes) / 100;
	assert_in_range(bytes, 0, 1200);
	for (int i = 0; i < 200; i++)
		close(fd[i]);
	close_cost(&t);
}

/* --- a head that arrives byte by byte --- */

/*
 * How many bytes are copied, or searched by memchr(3) and the like, for a head
 * of `size` bytes.
 */
static long
trickle(size_t size)
{
	struct cost t = {.body = 0};
	struct counts before, c;
	char *head = malloc(size + 1);
	size_t n = (size_t)sprintf(head, "GET /a HTTP/1.1\r\nA: ");

	memset(head + n, 'x', size - n);
	memcpy(head + size - 4, "\r\n\r\n", 4);
	open_cost(&t, nothing_cb);
	before = counts;
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(send(t.fd, head + i, 1, 0), 1);
		event_base_loop(t.s.base, EVLOOP_NONBLOCK);
	}
	c = counts_since(&before);
	assert_true(recv(t.fd, head, 12, MSG_DONTWAIT) == 12);
	free(head);
	close_cost(&t);
	return c.searched + c.copied;
}

/* For twice as many bytes, the work is not much more than twice as much. */
TEST(http_head_byte_by_byte_is_linear)
{
	long small = trickle(8000), large = trickle(32000);

	assert_in_range(large, 0, 6 * small);
}
