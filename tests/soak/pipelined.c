/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests that are pipelined to our server; see the header.
 *
 * 1. The server runs in a process of its own.  pipelined_cb() is its handler:
 *    it checks the request, and pipelined_begin() answers at once, later, or in
 *    chunks, as the URI says.
 * 2. A client is a raw socket, and a ring of the requests that wait for their
 *    answers.  pipelined_ask() makes a request, pipelined_send() sends a random
 *    piece of those that are made.
 * 3. pipelined_receive() reads a random piece; pipelined_take() checks each
 *    answer that is complete against the first request of the ring.
 * 4. soak_pipelined() starts the server, and has the clients play until all
 *    requests are answered.
 */
#define EVCOMPAT_HTTP

#include "pipelined.h"

#include <sys/socket.h>
#include <errno.h>
#include <event.h>
#include <evhttp.h>
#include <evcompat.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "soak.h"

/*
 * The server.
 */

enum pipelined_how {
	HOW_NOW,
	HOW_LATER,
	HOW_CHUNKS,
	HOW_CHUNKS_LATER,
	HOW_DRAINED,
	HOW_OWN_OUTPUT,
	NHOWS
};

/* An answer that is given later, or in pieces. */
struct pipelined_answer {
	struct evhttp_request *req;
	unsigned long id;
	size_t size, given;
	enum pipelined_how how;
};

static void pipelined_step(struct pipelined_answer *a);

static void
pipelined_step_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pipelined_step(arg);
}

static void
pipelined_drained_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	pipelined_step(arg);
}

static void
pipelined_step_later(struct pipelined_answer *a)
{
	struct timeval soon = {0, (long)soak_random(300)};

	event_once(-1, EV_TIMEOUT, pipelined_step_cb, a, &soon);
}

static void
pipelined_give_whole(struct pipelined_answer *a, struct evbuffer *to)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(to != NULL ? to : body, soak_body(a->id), a->size);
	evhttp_send_reply(a->req, 200, "OK", body);
	evbuffer_free(body);
	free(a);
}

/* Some of the body; the end, and no more of the answer, if there is none. */
static bool
pipelined_give_some(struct pipelined_answer *a)
{
	size_t left = a->size - a->given;
	size_t n = 1 + soak_random(20000);
	struct evbuffer *piece;

	if (left == 0) {
		evhttp_send_reply_end(a->req);
		free(a);
		return false;
	}
	piece = evbuffer_new();
	n = n < left ? n : left;
	evbuffer_add(piece, soak_body(a->id) + a->given, n);
	a->given += n;
	if (a->how == HOW_DRAINED)
		evhttp_send_reply_chunk_with_cb(a->req, piece,
		    pipelined_drained_cb, a);
	else
		evhttp_send_reply_chunk(a->req, piece);
	evbuffer_free(piece);
	return true;
}

static void
pipelined_step(struct pipelined_answer *a)
{
	if (a->how == HOW_LATER)
		pipelined_give_whole(a, NULL);
	else if (pipelined_give_some(a) && a->how == HOW_CHUNKS_LATER)
		pipelined_step_later(a);
}

static void
pipelined_begin(struct pipelined_answer *a)
{
	switch (a->how) {
	case HOW_NOW:
		pipelined_give_whole(a, NULL);
		break;
	case HOW_OWN_OUTPUT:
		pipelined_give_whole(a, a->req->output_buffer);
		break;
	case HOW_LATER:
		pipelined_step_later(a);
		break;
	default:
		evhttp_send_reply_start(a->req, 200, "OK");
		if (a->how == HOW_CHUNKS)
			while (pipelined_give_some(a))
				;
		else
			pipelined_step(a);
	}
}

static void
pipelined_cb(struct evhttp_request *req, void *arg)
{
	struct pipelined_answer *a = calloc(1, sizeof *a);
	size_t len = EVBUFFER_LENGTH(req->input_buffer);
	int how;
	char id[24];

	(void)arg;
	if (sscanf(req->uri, "/%lu/%zu/%d", &a->id, &a->size, &how) != 3)
		soak_fail("the server got %s", req->uri);
	if (!soak_is_body(a->id, EVBUFFER_DATA(req->input_buffer), len) ||
	    (req->type == EVHTTP_REQ_POST) != (len > 0))
		soak_fail("the server got a wrong body for %lu", a->id);
	a->req = req;
	a->how = (enum pipelined_how)how;
	snprintf(id, sizeof id, "%lu", a->id);
	evhttp_add_header(req->output_headers, "X-Id", id);
	pipelined_begin(a);
}

static void
pipelined_end_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(arg);
}

static void __attribute__((noreturn)) pipelined_serve(int listener, int until)
{
	struct event_base *base = event_init();
	struct evhttp *http = evhttp_new(base);
	struct event ended;

	if (evhttp_accept_socket(http, listener) == -1)
		soak_fail("the server does not start");
	evhttp_set_gencb(http, pipelined_cb, NULL);
	event_set(&ended, until, EV_READ, pipelined_end_cb, base);
	event_add(&ended, NULL);
	event_dispatch();
	evhttp_free(http);
	event_base_free(base);
	_exit(0);
}

/*
 * The clients.
 */

#define PIPELINED_CLIENTS 10
#define PIPELINED_IN 600000 /* bytes, more than the longest answer */
#define PIPELINED_WAITING 256

/* A request that has not been answered yet. */
struct pipelined_asked {
	unsigned long id;
	size_t size;
	bool is_head, is_last;
};

struct pipelined_client {
	int fd;
	bool has_asked_last;
	unsigned lazy; /* rounds in which nothing is read */
	struct pipelined_asked asked[PIPELINED_WAITING];
	unsigned first, n; /* of asked, which is a ring */
	char *out;	   /* to be sent */
	size_t out_len, out_done;
	char *in;
	size_t in_len;
};

static struct {
	unsigned long n, made, done, connections;
	double bytes;
	struct sockaddr_in at;
} pipelined;

static void
pipelined_connect(struct pipelined_client *c)
{
	int small = 4096;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	/* A small receive buffer has some answers wait for their reader. */
	if (soak_random(3) == 0)
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	if (connect(c->fd, (struct sockaddr *)&pipelined.at,
		sizeof pipelined.at) == -1)
		soak_fail("not connected: %s", strerror(errno));
	pipelined.connections++;
	c->has_asked_last = false;
}

static size_t
pipelined_size(void)
{
	unsigned kind = soak_random(1000);

	if (kind < 800)
		return soak_random(200);
	if (kind < 990)
		return soak_random(12000);
	return soak_random((unsigned)SOAK_MAX_BODY);
}

/* As one piece, or in chunks. */
static size_t
pipelined_add_body(char *to, unsigned long id, size_t len)
{
	const char *body = soak_body(id);
	size_t n, done = 0;

	if (soak_random(2) == 0) {
		n = (size_t)sprintf(to, "Content-Length: %zu\r\n\r\n", len);
		memcpy(to + n, body, len);
		return n + len;
	}
	n = (size_t)sprintf(to, "Transfer-Encoding: chunked\r\n\r\n");
	while (done < len) {
		size_t piece = 1 + soak_random((unsigned)(len - done));

		n += (size_t)sprintf(to + n, "%zx\r\n", piece);
		memcpy(to + n, body + done, piece);
		n += piece;
		done += piece;
		n += (size_t)sprintf(to + n, "\r\n");
	}
	return n + (size_t)sprintf(to + n, "0\r\n\r\n");
}

static void
pipelined_ask(struct pipelined_client *c)
{
	static const char *const methods[] = {"GET", "GET", "POST", "HEAD"};
	struct pipelined_asked *a =
	    &c->asked[(c->first + c->n++) % PIPELINED_WAITING];
	const char *method = methods[soak_random(4)];
	char *to = c->out + c->out_len;

	a->id = pipelined.made++;
	a->size = pipelined_size();
	a->is_head = *method == 'H';
	a->is_last = pipelined.made == pipelined.n || soak_random(2000) == 0;
	c->has_asked_last = a->is_last;
	to += sprintf(to, "%s /%lu/%zu/%u HTTP/1.1\r\nHost: soak\r\n%s", method,
	    a->id, a->size, soak_random(NHOWS),
	    a->is_last ? "Connection: close\r\n" : "");
	if (*method == 'P')
		to += pipelined_add_body(to, a->id, 1 + soak_random(3000));
	else
		to += sprintf(to, "\r\n");
	c->out_len = (size_t)(to - c->out);
}

/* More requests, if there are few. */
static void
pipelined_ask_more(struct pipelined_client *c)
{
	unsigned most = 1 + soak_random(PIPELINED_WAITING - 1);

	if (c->out_done < c->out_len || soak_random(4) != 0)
		return;
	c->out_len = c->out_done = 0;
	while (
	    c->n < most && !c->has_asked_last && pipelined.made < pipelined.n)
		pipelined_ask(c);
}

static void
pipelined_send(struct pipelined_client *c)
{
	size_t left = c->out_len - c->out_done, n;
	ssize_t sent;

	if (left == 0)
		return;
	n = soak_random(8) == 0 ? 1 + soak_random(3) : 1 + soak_random(9000);
	sent = send(c->fd, c->out + c->out_done, n < left ? n : left,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent == -1 && errno != EAGAIN)
		soak_fail("not sent: %s", strerror(errno));
	if (sent > 0)
		c->out_done += (size_t)sent;
}

/*
 * Joins the chunks of a body in place; returns how many bytes the chunked body
 * has, 0 if it is incomplete.
 */
static size_t
pipelined_join(char *p, const char *end, size_t *body_len)
{
	const char *begin = p;
	char *to = p;

	for (;;) {
		char *line = memmem(p, (size_t)(end - p), "\r\n", 2);
		size_t n;

		if (line == NULL)
			return 0;
		n = strtoul(p, NULL, 16);
		p = line + 2;
		if ((size_t)(end - p) < n + 2)
			return 0;
		memmove(to, p, n);
		to += n;
		p += n + 2;
		if (n == 0)
			break;
	}
	*body_len = (size_t)(to - begin);
	return (size_t)(p - begin);
}

/* Whether a whole chunked body has arrived; checks only the sizes. */
static bool
pipelined_has_chunks(const char *p, const char *end)
{
	for (;;) {
		const char *line = memmem(p, (size_t)(end - p), "\r\n", 2);
		size_t n;

		if (line == NULL)
			return false;
		n = strtoul(p, NULL, 16);
		if ((size_t)(end - line) < n + 4)
			return false;
		p = line + 2 + n + 2;
		if (n == 0)
			return true;
	}
}

static void
pipelined_check(const struct pipelined_asked *a, const char *head,
    const char *body, size_t len)
{
	const char *id = strstr(head, "\r\nX-Id: ");

	if (strncmp(head, "HTTP/1.1 200 ", 13) != 0 || id == NULL)
		soak_fail("answer %lu is: %.200s", a->id, head);
	if (strtoul(id + 8, NULL, 10) != a->id)
		soak_fail("answer %lu is that of %.10s", a->id, id + 8);
	if ((strstr(head, "Connection: close") != NULL) != a->is_last)
		soak_fail("answer %lu closes, or not", a->id);
	if (len != (a->is_head ? 0 : a->size) ||
	    !soak_is_body(a->id, body, len))
		soak_fail("the body of answer %lu is wrong", a->id);
}

/*
 * Checks the next answer in the input; returns its length in bytes, 0 if it is
 * incomplete.
 */
static size_t
pipelined_take(struct pipelined_client *c, char *p, size_t len)
{
	struct pipelined_asked *a = &c->asked[c->first];
	char *body = memmem(p, len, "\r\n\r\n", 4);
	size_t head_len, body_len = 0, used = 0;
	const char *field;

	if (body == NULL)
		return 0;
	if (c->n == 0)
		soak_fail("an answer too many: %.100s", p);
	body += 4;
	head_len = (size_t)(body - p);
	body[-1] = '\0';
	field = strstr(p, "\r\nContent-Length: ");
	if (!a->is_head && field != NULL) {
		used = body_len = strtoul(field + 18, NULL, 10);
	} else if (!a->is_head) {
		if (pipelined_has_chunks(body, p + len))
			used = pipelined_join(body, p + len, &body_len);
		else
			used = len;
	}
	if (used > len - head_len || (used == len && used > 0)) {
		body[-1] = '\n';
		return 0;
	}
	pipelined_check(a, p, body, body_len);
	pipelined.bytes += (double)body_len;
	pipelined.done++;
	c->first = (c->first + 1) % PIPELINED_WAITING;
	c->n--;
	return head_len + used;
}

static void
pipelined_closed(struct pipelined_client *c)
{
	if (c->n > 0 || c->in_len > 0 || !c->has_asked_last)
		soak_fail("closed, and %u answers are lost, %zu bytes left; "
			  "it was %sthe last",
		    c->n, c->in_len, c->has_asked_last ? "" : "not ");
	close(c->fd);
	pipelined_connect(c);
}

static void
pipelined_receive(struct pipelined_client *c)
{
	size_t most = 1 + soak_random(100000), used = 0, n;
	ssize_t got;

	if (most > PIPELINED_IN - 1 - c->in_len)
		most = PIPELINED_IN - 1 - c->in_len;
	got = recv(c->fd, c->in + c->in_len, most, MSG_DONTWAIT);
	if (got == -1 && errno != EAGAIN)
		soak_fail("not received: %s", strerror(errno));
	if (got == 0)
		pipelined_closed(c);
	if (got <= 0)
		return;
	c->in_len += (size_t)got;
	c->in[c->in_len] = '\0';
	while ((n = pipelined_take(c, c->in + used, c->in_len - used)) > 0)
		used += n;
	memmove(c->in, c->in + used, c->in_len - used);
	c->in_len -= used;
}

/* Waits until a client that reads can send or receive. */
static void
pipelined_wait(struct pipelined_client *all)
{
	struct pollfd fds[PIPELINED_CLIENTS];
	int timeout = 1000;

	for (int i = 0; i < PIPELINED_CLIENTS; i++) {
		struct pipelined_client *c = &all[i];

		fds[i].fd = c->fd;
		fds[i].events = c->out_done < c->out_len ? POLLOUT : 0;
		if (c->lazy == 0)
			fds[i].events |= POLLIN;
		if (c->lazy > 0 || (c->n == 0 && pipelined.made < pipelined.n))
			timeout = 0;
	}
	poll(fds, PIPELINED_CLIENTS, timeout);
}

static void
pipelined_play(struct pipelined_client *c)
{
	pipelined_ask_more(c);
	pipelined_send(c);
	if (c->lazy > 0)
		c->lazy--;
	else
		pipelined_receive(c);
	if (soak_random(500) == 0)
		c->lazy = soak_random(300);
}

void
soak_pipelined(unsigned long n, uint64_t seed)
{
	static struct pipelined_client all[PIPELINED_CLIENTS];
	struct soak_process server;
	int listener = soak_listen(&pipelined.at);
	double begin = soak_now();

	soak_seed(seed);
	pipelined.n = n;
	if (soak_fork(&server) == 0)
		pipelined_serve(listener, server.pipe);
	close(listener);
	for (int i = 0; i < PIPELINED_CLIENTS; i++) {
		all[i].out = malloc(PIPELINED_WAITING * (size_t)8192 * 4);
		all[i].in = malloc(PIPELINED_IN);
		pipelined_connect(&all[i]);
	}
	while (pipelined.done < n) {
		pipelined_wait(all);
		for (int i = 0; i < PIPELINED_CLIENTS; i++)
			pipelined_play(&all[i]);
	}
	for (int i = 0; i < PIPELINED_CLIENTS; i++) {
		if (all[i].n > 0 || all[i].in_len > 0)
			soak_fail("too much has come");
		close(all[i].fd);
		free(all[i].out);
		free(all[i].in);
	}
	printf("soak: %lu pipelined requests answered, each with its own "
	       "answer: %lu connections, %.0f MB, %.1f s, the server had %ld "
	       "KB\n",
	    n, pipelined.connections, pipelined.bytes / 1e6, soak_now() - begin,
	    soak_end(&server));
}
