/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The requests of our client to a bad server; see the header.
 *
 * 1. A plan says what the server does with a request, by the weights that
 *    clients_weights has.  clients_serve() polls the listeners and the peers in
 *    a process of its own; clients_use() reads a peer's requests, and
 *    clients_carry_out() does what the plan says.
 * 2. Each connection of our client has some requests that wait.  clients_cb()
 *    is a request's callback: it checks that the callback is the request's only
 *    one, and the answer, and makes more requests.
 * 3. soak_clients() starts both, and counts the callbacks at the end.
 */
#define EVCOMPAT_HTTP

#include "clients.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <errno.h>
#include <event.h>
#include <evhttp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "soak.h"

#define CLIENTS_PORTS 4
#define CLIENTS_PEERS 256
#define CLIENTS_CONNECTIONS 24
#define CLIENTS_WAITING 4	 /* on each connection */
#define CLIENTS_TIMEOUT_US 50000 /* a stalled server costs this long */
#define CLIENTS_BODY 60000	 /* bytes, at most */

/*
 * The server.
 */

enum clients_plan {
	PLAN_LENGTH,
	PLAN_CHUNKED,
	PLAN_UNTIL_EOF,
	PLAN_THEN_CLOSE, /* without "Connection: close" */
	PLAN_CLOSE,
	PLAN_RESET,
	PLAN_STALL,
	PLAN_HALF_HEAD,
	PLAN_HALF_BODY,
	PLAN_HALF_BODY_RESET,
	PLAN_HALF_BODY_STALL,
	PLAN_EARLY, /* before the request has arrived */
	PLAN_EARLY_CLOSE,
	PLAN_NOT_HTTP,
	PLAN_MORE, /* bytes than the answer has */
	PLAN_INTERIM,
	NPLANS
};

static const unsigned clients_weights[NPLANS] = {600, 150, 40, 40, 30, 20, 4,
    15, 15, 10, 3, 20, 10, 10, 10, 20};

struct clients_peer {
	int fd; /* -1: none */
	char in[4096];
	size_t in_len;
	size_t body_left;
	unsigned long id;
	bool is_head, is_post, has_head, is_stalled;
	enum clients_plan plan;
};

static struct {
	struct sockaddr_in at[CLIENTS_PORTS];
	int listeners[CLIENTS_PORTS];
	unsigned char
	    *posts; /* how many times each was received; shared memory */
	struct clients_peer peers[CLIENTS_PEERS];
} chaos;

static enum clients_plan
clients_plan(void)
{
	unsigned sum = 0, at, i = 0;

	for (unsigned j = 0; j < NPLANS; j++)
		sum += clients_weights[j];
	for (at = soak_random(sum); at >= clients_weights[i]; i++)
		at -= clients_weights[i];
	return (enum clients_plan)i;
}

static void
clients_close(struct clients_peer *p, bool resets)
{
	struct linger now = {1, 0};

	if (resets)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(p->fd);
	p->fd = -1;
}

/*
 * Sends on a blocking socket; the client keeps reading, so that this does not
 * block for long.
 */
static void
clients_say(struct clients_peer *p, const char *text, size_t len)
{
	while (len > 0 && p->fd != -1) {
		size_t n = soak_random(4) == 0 ? 1 + soak_random(40) : len;
		ssize_t sent =
		    send(p->fd, text, n < len ? n : len, MSG_NOSIGNAL);

		if (sent <= 0) {
			clients_close(p, false);
			return;
		}
		text += sent;
		len -= (size_t)sent;
	}
}

static void
clients_say_chunks(struct clients_peer *p, const char *body, size_t len)
{
	char line[24];

	while (len > 0) {
		size_t n = 1 + soak_random((unsigned)len);

		clients_say(p, line, (size_t)sprintf(line, "%zx\r\n", n));
		clients_say(p, body, n);
		clients_say(p, "\r\n", 2);
		body += n;
		len -= n;
	}
	clients_say(p, "0\r\n\r\n", 5);
}

/*
 * Sends an answer and a superfluous one in one packet: sent later, that could
 * be taken for the answer to the next request.
 */
static void
clients_say_more(struct clients_peer *p)
{
	char all[500];
	int n = sprintf(all,
	    "HTTP/1.1 200 OK\r\nX-Id: %lu\r\nX-Size: 100\r\n"
	    "Content-Length: 100\r\n\r\n",
	    p->id);

	if (!p->is_head) {
		memcpy(all + n, soak_body(p->id), 100);
		n += 100;
	}
	n += sprintf(all + n, "HTTP/1.1 200 Evil\r\nContent-Length: 0\r\n\r\n");
	if (send(p->fd, all, (size_t)n, MSG_NOSIGNAL) != n)
		clients_close(p, false);
}

static void
clients_say_answer(struct clients_peer *p)
{
	static const char interim[] =
	    "HTTP/1.1 100 Continue\r\n\r\n"
	    "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";
	size_t len =
	    soak_random(20) == 0 ? soak_random(CLIENTS_BODY) : soak_random(300);
	size_t said = len;
	char head[200];
	int n;

	if (p->plan == PLAN_INTERIM)
		clients_say(p, interim, sizeof interim - 1);
	if (p->plan == PLAN_MORE) {
		clients_say_more(p);
		return;
	}
	n = sprintf(head, "HTTP/1.1 200 OK\r\nX-Id: %lu\r\nX-Size: %zu\r\n",
	    p->id, len);
	if (p->plan == PLAN_CHUNKED)
		n += sprintf(head + n, "Transfer-Encoding: chunked\r\n\r\n");
	else if (p->plan == PLAN_UNTIL_EOF)
		n += sprintf(head + n, "\r\n");
	else
		n += sprintf(head + n, "Content-Length: %zu\r\n\r\n", len);
	if (p->plan == PLAN_HALF_HEAD)
		n = 1 + (int)soak_random((unsigned)n - 2);
	clients_say(p, head, (size_t)n);
	if (p->is_head || p->plan == PLAN_HALF_HEAD)
		return;
	if (p->plan >= PLAN_HALF_BODY && p->plan <= PLAN_HALF_BODY_STALL)
		said = len / 2;
	if (p->plan == PLAN_CHUNKED)
		clients_say_chunks(p, soak_body(p->id), len);
	else
		clients_say(p, soak_body(p->id), said);
}

/* Carries out the plan after the answer, if the plan has one. */
static void
clients_carry_out(struct clients_peer *p)
{
	enum clients_plan plan = p->plan;

	if (plan == PLAN_NOT_HTTP)
		clients_say(p, "ICY 200 OK\r\n\r\n", 14);
	else if (plan != PLAN_CLOSE && plan != PLAN_RESET && plan != PLAN_STALL)
		clients_say_answer(p);
	if (p->fd == -1)
		return;
	p->is_stalled = plan == PLAN_STALL || plan == PLAN_HALF_BODY_STALL;
	if (p->fd == -1 || p->is_stalled)
		return;
	if (plan == PLAN_RESET || plan == PLAN_HALF_BODY_RESET)
		clients_close(p, true);
	else if (plan == PLAN_UNTIL_EOF || plan == PLAN_THEN_CLOSE ||
		 plan == PLAN_CLOSE || plan == PLAN_HALF_HEAD ||
		 plan == PLAN_HALF_BODY || plan == PLAN_EARLY_CLOSE ||
		 plan == PLAN_NOT_HTTP)
		clients_close(p, false);
}

static bool
clients_is_early(const struct clients_peer *p)
{
	return p->plan == PLAN_EARLY || p->plan == PLAN_EARLY_CLOSE;
}

/* Returns whether a head was complete. */
static bool
clients_read_head(struct clients_peer *p)
{
	char *end = memmem(p->in, p->in_len, "\r\n\r\n", 4), *field;
	size_t used;

	if (end == NULL)
		return false;
	*end = '\0';
	used = (size_t)(end - p->in) + 4;
	p->is_head = p->in[0] == 'H';
	p->is_post = p->in[0] == 'P';
	p->id = strtoul(strchr(p->in, '/') + 1, NULL, 10);
	field = strstr(p->in, "\r\nContent-Length: ");
	p->body_left = field != NULL ? strtoul(field + 18, NULL, 10) : 0;
	p->plan = clients_plan();
	p->has_head = true;
	if (p->is_post && chaos.posts[p->id]++ > 0)
		soak_fail("POST %lu was sent twice", p->id);
	p->in_len -= used;
	memmove(p->in, p->in + used, p->in_len);
	return true;
}

static void
clients_use(struct clients_peer *p)
{
	size_t n;

	if (!p->has_head) {
		if (!clients_read_head(p))
			return;
		if (clients_is_early(p))
			clients_carry_out(p);
	}
	if (p->fd == -1)
		return;
	n = p->body_left < p->in_len ? p->body_left : p->in_len;
	p->body_left -= n;
	p->in_len -= n;
	memmove(p->in, p->in + n, p->in_len);
	if (p->body_left > 0)
		return;
	p->has_head = false;
	if (!clients_is_early(p))
		clients_carry_out(p);
}

static void
clients_hear(struct clients_peer *p)
{
	ssize_t n = recv(p->fd, p->in + p->in_len, sizeof p->in - p->in_len,
	    MSG_DONTWAIT);

	if (n == 0 || (n == -1 && errno != EAGAIN)) {
		clients_close(p, false);
		return;
	}
	if (n == -1)
		return;
	p->in_len += (size_t)n;
	if (p->is_stalled)
		p->in_len = 0;
	else
		clients_use(p);
}

static void
clients_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct clients_peer *p = chaos.peers;
	int on = 1;

	if (fd == -1)
		return;
	while (p->fd != -1)
		if (++p == chaos.peers + CLIENTS_PEERS)
			soak_fail("too many connections");
	memset(p, 0, sizeof *p);
	p->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	switch (soak_random(200)) {
	case 0:
		clients_close(p, false);
		break;
	case 1:
		clients_close(p, true);
		break;
	default:
		break;
	}
}

static void __attribute__((noreturn)) clients_serve(int until)
{
	struct pollfd fds[1 + CLIENTS_PORTS + CLIENTS_PEERS];

	for (int i = 0; i < CLIENTS_PEERS; i++)
		chaos.peers[i].fd = -1;
	for (;;) {
		fds[0] = (struct pollfd){until, POLLIN, 0};
		for (int i = 0; i < CLIENTS_PORTS; i++)
			fds[1 + i] =
			    (struct pollfd){chaos.listeners[i], POLLIN, 0};
		for (int i = 0; i < CLIENTS_PEERS; i++)
			fds[1 + CLIENTS_PORTS + i] =
			    (struct pollfd){chaos.peers[i].fd, POLLIN, 0};
		poll(fds, 1 + CLIENTS_PORTS + CLIENTS_PEERS, -1);
		if (fds[0].revents != 0)
			_exit(0);
		for (int i = 0; i < CLIENTS_PEERS; i++)
			if (fds[1 + CLIENTS_PORTS + i].revents != 0)
				clients_hear(&chaos.peers[i]);
		for (int i = 0; i < CLIENTS_PORTS; i++)
			clients_accept(chaos.listeners[i]);
	}
}

/*
 * The clients.
 */

struct clients_connection {
	struct evhttp_connection *evcon;
	unsigned serial; /* number of the connection, as slots are reused */
	unsigned waiting;
};

struct clients_request {
	struct clients_connection *on;
	unsigned serial;
	bool is_called;
};

static struct {
	unsigned long n, made, called, right, without, failed, freed;
	struct clients_connection connections[CLIENTS_CONNECTIONS];
	struct clients_request *requests;
	struct event_base *base;
} clients;

static void clients_fill(struct clients_connection *c);

static void
clients_connect(struct clients_connection *c)
{
	struct timeval limit = {0, CLIENTS_TIMEOUT_US};
	unsigned port = ntohs(chaos.at[soak_random(CLIENTS_PORTS)].sin_port);

	c->evcon = evhttp_connection_new("127.0.0.1", (unsigned short)port);
	c->serial++;
	c->waiting = 0;
	evhttp_connection_set_timeout_tv(c->evcon, &limit);
}

static void
clients_check(unsigned long id, struct evhttp_request *req)
{
	const char *has = evhttp_find_header(req->input_headers, "X-Id");
	const char *size = evhttp_find_header(req->input_headers, "X-Size");
	size_t len = EVBUFFER_LENGTH(req->input_buffer);

	if (has == NULL || size == NULL)
		soak_fail("request %lu has an answer of nobody's", id);
	if (strtoul(has, NULL, 10) != id)
		soak_fail("request %lu has the answer of %s", id, has);
	if (len !=
		(req->type == EVHTTP_REQ_HEAD ? 0 : strtoul(size, NULL, 10)) ||
	    !soak_is_body(id, EVBUFFER_DATA(req->input_buffer), len))
		soak_fail("the answer to %lu is wrong, or cut", id);
}

/* Frees a connection; requests that wait on it get no callback. */
static void
clients_free(struct clients_connection *c)
{
	clients.freed += c->waiting;
	clients.called += c->waiting;
	evhttp_connection_free(c->evcon);
	clients_connect(c);
}

static void
clients_cb(struct evhttp_request *req, void *arg)
{
	struct clients_request *r = arg;
	unsigned long id = (unsigned long)(r - clients.requests);

	if (r->is_called)
		soak_fail("request %lu is called back twice", id);
	if (r->serial != r->on->serial)
		soak_fail("request %lu was freed, and is called back", id);
	r->is_called = true;
	r->on->waiting--;
	clients.called++;
	if (req != NULL && req->response_code == 200) {
		clients_check(id, req);
		clients.right++;
	} else if (req != NULL && req->response_code == 0) {
		clients.without++;
	} else if (req == NULL) {
		clients.failed++;
	} else {
		soak_fail("request %lu has code %d", id, req->response_code);
	}
	if (soak_random(300) == 0)
		clients_free(r->on);
	clients_fill(r->on);
	if (clients.called == clients.n)
		event_base_loopbreak(clients.base);
}

static void
clients_make(struct clients_connection *c)
{
	static const enum evhttp_cmd_type types[] = {EVHTTP_REQ_GET,
	    EVHTTP_REQ_GET, EVHTTP_REQ_HEAD, EVHTTP_REQ_POST};
	unsigned long id = clients.made++;
	struct clients_request *r = &clients.requests[id];
	struct evhttp_request *req = evhttp_request_new(clients_cb, r);
	enum evhttp_cmd_type type = types[soak_random(4)];
	char uri[24];

	*r = (struct clients_request){c, c->serial, false};
	snprintf(uri, sizeof uri, "/%lu", id);
	evhttp_add_header(req->output_headers, "Host", "soak");
	if (type == EVHTTP_REQ_POST)
		evbuffer_add(req->output_buffer, soak_body(id),
		    soak_random(10) == 0 ? soak_random(200000)
					 : soak_random(500));
	c->waiting++;
	if (evhttp_make_request(c->evcon, req, type, uri) == -1)
		soak_fail("make_request failed");
}

static void
clients_fill(struct clients_connection *c)
{
	while (c->waiting < 1 + soak_random(CLIENTS_WAITING) &&
	       clients.made < clients.n)
		clients_make(c);
}

static void
clients_start(unsigned long n)
{
	for (int i = 0; i < CLIENTS_PORTS; i++)
		chaos.listeners[i] = soak_listen(&chaos.at[i]);
	chaos.posts = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	clients.requests = calloc(n, sizeof *clients.requests);
	clients.n = n;
}

static void
clients_run(void)
{
	clients.base = event_init();
	for (int i = 0; i < CLIENTS_CONNECTIONS; i++) {
		clients_connect(&clients.connections[i]);
		clients_fill(&clients.connections[i]);
	}
	event_dispatch();
	if (clients.called != clients.n)
		soak_fail("%lu requests have no callback",
		    clients.n - clients.called);
	/* No callback may be called later. */
	event_loop(EVLOOP_NONBLOCK);
	for (int i = 0; i < CLIENTS_CONNECTIONS; i++)
		evhttp_connection_free(clients.connections[i].evcon);
	event_base_free(clients.base);
}

void
soak_clients(unsigned long n, uint64_t seed)
{
	struct soak_process server;
	double begin = soak_now();

	soak_seed(seed);
	clients_start(n);
	if (soak_fork(&server) == 0)
		clients_serve(server.pipe);
	for (int i = 0; i < CLIENTS_PORTS; i++)
		close(chaos.listeners[i]);
	clients_run();
	printf("soak: %lu requests to a bad server, each called back once: %lu "
	       "answered, %lu without an answer, %lu failed, %lu freed with "
	       "their connection, %.1f s\n",
	    n, clients.right, clients.without, clients.failed, clients.freed,
	    soak_now() - begin);
	soak_end(&server);
	munmap(chaos.posts, n);
	free(clients.requests);
}
