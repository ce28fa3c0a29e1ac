/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An origin server in the test's own hands, made of plain sockets on the
 * client's own base: each connection follows a script.
 *
 *	static const struct step script[] = {REQUEST, SEND(OK_X), CLOSE, END};
 *
 * The n-th connection follows the n-th script, all later ones the last.  A
 * script goes on as far as it can whenever bytes come.  Where it is over, or
 * stalls, the origin goes on reading, and closes when the client does.  As one
 * thread runs both sides, what a script sends and closes in one go has left
 * before the client looks.
 */
#ifndef HELPERS_HTTP_ORIGIN_H
#define HELPERS_HTTP_ORIGIN_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum step_kind {
	STEP_END,
	STEP_REQUEST,
	STEP_BYTES,
	STEP_SEND,
	STEP_TRICKLE,
	STEP_ECHO,
	STEP_SHUT,
	STEP_CLOSE,
	STEP_RESET,
	STEP_STALL,
	STEP_DEAF,
	STEP_AGAIN
};

struct step {
	enum step_kind kind;
	const char *bytes;
	size_t len;
};

/* Waits for a whole request: its head, and the body its head tells of. */
#define REQUEST                                                                \
	{                                                                      \
		STEP_REQUEST, NULL, 0                                          \
	}
/* Waits for n bytes of any kind. */
#define BYTES(n)                                                               \
	{                                                                      \
		STEP_BYTES, NULL, n                                            \
	}
/* Sends a string literal, or what a char pointer points to. */
#define SEND(literal)                                                          \
	{                                                                      \
		STEP_SEND, literal, sizeof(literal) - 1                        \
	}
#define SEND_TEXT(text)                                                        \
	{                                                                      \
		STEP_SEND, text, strlen(text)                                  \
	}
/* The same, one byte in each pass of the loop. */
#define TRICKLE(literal)                                                       \
	{                                                                      \
		STEP_TRICKLE, literal, sizeof(literal) - 1                     \
	}
#define TRICKLE_TEXT(text)                                                     \
	{                                                                      \
		STEP_TRICKLE, text, strlen(text)                               \
	}
/* Answers 200 with the URI of the request as body, and the literal behind it.
 */
#define ECHO(literal)                                                          \
	{                                                                      \
		STEP_ECHO, literal, sizeof(literal) - 1                        \
	}
/* Sends no more, but goes on reading. */
#define SHUT                                                                   \
	{                                                                      \
		STEP_SHUT, NULL, 0                                             \
	}
/* Closes; RESET so that the client gets a RST. */
#define CLOSE                                                                  \
	{                                                                      \
		STEP_CLOSE, NULL, 0                                            \
	}
#define RESET                                                                  \
	{                                                                      \
		STEP_RESET, NULL, 0                                            \
	}
/* Goes on when the test calls peer_resume(), and not before. */
#define STALL                                                                  \
	{                                                                      \
		STEP_STALL, NULL, 0                                            \
	}
/* Does not read any more, for good. */
#define DEAF                                                                   \
	{                                                                      \
		STEP_DEAF, NULL, 0                                             \
	}
/* Begins again with the first step. */
#define AGAIN                                                                  \
	{                                                                      \
		STEP_AGAIN, NULL, 0                                            \
	}
#define END                                                                    \
	{                                                                      \
		STEP_END, NULL, 0                                              \
	}

/* An answer with this body, which keeps the connection open. */
#define OK_1(body) "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" body
#define OK_X OK_1("x")

#define PEERS_MAX 64

/* A connection the origin accepted. */
struct peer {
	int fd; /* -1 once it is closed */
	struct event read_ev, write_ev;
	const struct step *script, *step;
	size_t sent;	    /* bytes of the step */
	char *got;	    /* all that came, and a NUL */
	size_t len, used;   /* the first `used` bytes are dealt with */
	size_t request;	    /* where the last request begins */
	int requests;	    /* REQUEST steps that are over */
	bool client_closed; /* before the origin did */
	struct sockaddr_storage from;
};

struct origin {
	struct event_base *base;
	int listener; /* -1: closed */
	unsigned short port;
	struct event accept_ev;
	const struct step *scripts[PEERS_MAX];
	int n_scripts;
	int accepted, closed;
	struct peer peer[PEERS_MAX];
};

/* For each accepted connection: the origin's count of closed ones. */
static struct origin *the_origin;

static inline void
peer_close(struct peer *p)
{
	if (p->fd == -1)
		return;
	event_del(&p->read_ev);
	event_del(&p->write_ev);
	close(p->fd);
	p->fd = -1;
	the_origin->closed++;
}

static inline void
peer_reset(struct peer *p)
{
	struct linger now = {.l_onoff = 1};

	if (p->fd != -1)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	peer_close(p);
}

/* Sends up to max bytes of a step, and whether all of it has been sent; if not,
 * goes on in a later pass.  A client that is gone will be noticed elsewhere. */
static inline bool
peer_send(struct peer *p, const struct step *s, size_t max)
{
	while (p->sent < s->len && max > 0) {
		size_t rest = s->len - p->sent;
		ssize_t n = send(p->fd, s->bytes + p->sent,
		    rest < max ? rest : max, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		p->sent += n < 0 ? rest : (size_t)n;
		max -= n < 0 ? max : (size_t)n;
	}
	if (p->sent < s->len) {
		event_add(&p->write_ev, NULL);
		return false;
	}
	p->sent = 0;
	return true;
}

/* The value of a header in a request of the client's, 0 if it is not there. */
static inline size_t
number_in_head(const char *head, const char *end, const char *name)
{
	for (const char *at = head; at < end; at++)
		if (strncasecmp(at, name, strlen(name)) == 0)
			return strtoul(at + strlen(name), NULL, 10);
	return 0;
}

/* The length of the whole request at the start of text; 0 if it is not whole.
 */
static inline size_t
request_length(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	size_t len;

	if (body == NULL)
		return 0;
	body += 4;
	len = number_in_head(text, body, "\ncontent-length:");
	if (strlen(body) < len)
		return 0;
	return (size_t)(body - text) + len;
}

static inline bool
peer_has_request(struct peer *p)
{
	size_t n = p->len > p->used ? request_length(p->got + p->used) : 0;

	if (n == 0)
		return false;
	p->request = p->used;
	p->used += n;
	p->requests++;
	return true;
}

static inline void
peer_echo(struct peer *p, const struct step *s)
{
	char answer[512];
	const char *uri = strchr(p->got + p->request, ' ') + 1;
	size_t len = strcspn(uri, " ");

	snprintf(answer, sizeof answer,
	    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s%s", len,
	    (int)len, uri, s->bytes);
	send(p->fd, answer, strlen(answer), MSG_NOSIGNAL);
}

static inline bool
peer_has_bytes(struct peer *p, size_t n)
{
	if (p->len - p->used < n)
		return false;
	p->used += n;
	return true;
}

/* Whether the step is over and the next one may be done. */
static inline bool
peer_do(struct peer *p, const struct step *s)
{
	switch (s->kind) {
	case STEP_REQUEST:
		return peer_has_request(p);
	case STEP_BYTES:
		return peer_has_bytes(p, s->len);
	case STEP_SEND:
		return peer_send(p, s, SIZE_MAX);
	case STEP_TRICKLE:
		return peer_send(p, s, 1);
	case STEP_ECHO:
		peer_echo(p, s);
		return true;
	case STEP_SHUT:
		shutdown(p->fd, SHUT_WR);
		return true;
	case STEP_CLOSE:
		peer_close(p);
		return false;
	case STEP_RESET:
		peer_reset(p);
		return false;
	case STEP_DEAF:
		event_del(&p->read_ev);
		return true;
	default:
		return false;
	}
}

static inline void
peer_go_on(struct peer *p)
{
	while (
	    p->fd != -1 && p->step->kind != STEP_END && peer_do(p, p->step)) {
		p->step++;
		if (p->step->kind == STEP_AGAIN)
			p->step = p->script;
	}
}

/* Ends a STALL. */
static inline void
peer_resume(struct peer *p)
{
	assert_int_equal(p->step->kind, STEP_STALL);
	p->step++;
	peer_go_on(p);
}

static inline void
peer_write_cb(int unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	peer_go_on(arg);
}

static inline void
peer_read_cb(int fd, short what, void *arg)
{
	struct peer *p = arg;
	char piece[65536];
	ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

	(void)what;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		p->client_closed = true;
		peer_close(p);
		return;
	}
	p->got = realloc(p->got, p->len + (size_t)n + 1);
	assert_non_null(p->got);
	memcpy(p->got + p->len, piece, (size_t)n);
	p->len += (size_t)n;
	p->got[p->len] = '\0';
	if (!event_pending(&p->write_ev, EV_WRITE, NULL))
		peer_go_on(p);
}

static inline void
origin_accept_cb(int listener, short what, void *arg)
{
	struct origin *o = arg;
	int n = o->accepted < o->n_scripts ? o->accepted : o->n_scripts - 1;
	struct peer *p = &o->peer[o->accepted++];
	socklen_t len = sizeof p->from;

	(void)what;
	assert_in_range(o->accepted, 1, PEERS_MAX);
	p->fd = accept(listener, (struct sockaddr *)&p->from, &len);
	assert_true(p->fd >= 0);
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	p->script = p->step = o->scripts[n];
	p->got = calloc(1, 1);
	assert_non_null(p->got);
	event_set(&p->read_ev, p->fd, EV_READ | EV_PERSIST, peer_read_cb, p);
	event_base_set(o->base, &p->read_ev);
	event_add(&p->read_ev, NULL);
	event_set(&p->write_ev, p->fd, EV_WRITE, peer_write_cb, p);
	event_base_set(o->base, &p->write_ev);
	peer_go_on(p);
}

/* A socket bound to a free port of the given loopback address. */
static inline int
bind_loopback(int family, unsigned short *port)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = {.sa.sa_family = (sa_family_t)family};
	socklen_t len = family == AF_INET ? sizeof a.in : sizeof a.in6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (family == AF_INET)
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.in6.sin6_addr = in6addr_loopback;
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a.sa, len), 0);
	assert_int_equal(getsockname(fd, &a.sa, &len), 0);
	*port = ntohs(family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
	return fd;
}

/* From now on the origin's port, which refused before, accepts. */
static inline void
origin_listen(struct origin *o)
{
	assert_int_equal(listen(o->listener, 128), 0);
	event_set(&o->accept_ev, o->listener, EV_READ | EV_PERSIST,
	    origin_accept_cb, o);
	event_base_set(o->base, &o->accept_ev);
	event_add(&o->accept_ev, NULL);
}

/* The step of a connection that there is not yet. */
static const struct step no_step = {STEP_END, NULL, 0};

/* An origin whose port refuses connections. */
static inline void
origin_bind(struct origin *o, struct event_base *base, int family,
    const struct step *const *scripts, int n)
{
	memset(o, 0, sizeof *o);
	the_origin = o;
	o->base = base;
	assert_in_range(n, 0, sizeof o->scripts / sizeof o->scripts[0]);
	for (int i = 0; i < n; i++)
		o->scripts[i] = scripts[i];
	o->n_scripts = n;
	for (int i = 0; i < PEERS_MAX; i++) {
		o->peer[i].fd = -1;
		o->peer[i].step = &no_step;
	}
	o->listener = bind_loopback(family, &o->port);
}

/* Refuses all further connections; the port may become another's. */
static inline void
origin_stop_listening(struct origin *o)
{
	if (o->listener == -1)
		return;
	if (event_initialized(&o->accept_ev))
		event_del(&o->accept_ev);
	close(o->listener);
	o->listener = -1;
}

static inline void
origin_close(struct origin *o)
{
	origin_stop_listening(o);
	for (int i = 0; i < o->accepted; i++) {
		peer_close(&o->peer[i]);
		free(o->peer[i].got);
	}
}

/*
 * Closes the client's connection to the origin from inside a callback of the
 * client's, and returns when the client's kernel knows.
 */

/* The client's socket of a connection; fails the test if there is none. */
static inline int
client_fd(const struct peer *p)
{
	struct sockaddr_storage a;

	for (int fd = 0; fd < 1024; fd++) {
		socklen_t len = sizeof a;

		if (getsockname(fd, (struct sockaddr *)&a, &len) == 0 &&
		    a.ss_family != AF_UNIX && fd != p->fd &&
		    memcmp(&a, &p->from, len) == 0)
			return fd;
	}
	fail_msg("the client has no such connection");
	return -1;
}

static inline void
await_end(int fd)
{
	struct pollfd pfd = {fd, POLLIN, 0};

	assert_int_equal(poll(&pfd, 1, 10000), 1);
}

/* After these two the loop has not seen yet that the connection is dead. */
static inline void
close_behind_the_loop(struct peer *p)
{
	int fd = client_fd(p);

	peer_close(p);
	await_end(fd);
}

static inline void
reset_behind_the_loop(struct peer *p)
{
	int fd = client_fd(p);

	peer_reset(p);
	await_end(fd);
}

#endif
