/* SPDX-License-Identifier: BSD-3-Clause */
/* An HTTP server that follows scripts; see the header. */
#include "http_origin.h"
#include "test.h"

/* The origin that is open: its peers count in it what they close. */
static struct origin *the_origin;

void
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

void
peer_reset(struct peer *p)
{
	struct linger now = {.l_onoff = 1};

	if (p->fd != -1)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	peer_close(p);
}

/* Sends up to max bytes of a step, and whether all of it has been sent; if not,
 * continues in a later pass.  A client that is gone will be noticed elsewhere.
 */
static bool
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
static size_t
number_in_head(const char *head, const char *end, const char *name)
{
	for (const char *at = head; at < end; at++)
		if (strncasecmp(at, name, strlen(name)) == 0)
			return strtoul(at + strlen(name), NULL, 10);
	return 0;
}

size_t
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

static bool
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

static void
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

static bool
peer_has_bytes(struct peer *p, size_t n)
{
	if (p->len - p->used < n)
		return false;
	p->used += n;
	return true;
}

/* Whether the step is over and the next one may be done. */
static bool
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
	case STEP_STOP_READING:
		event_del(&p->read_ev);
		return true;
	default:
		return false;
	}
}

static void
peer_run_script(struct peer *p)
{
	while (
	    p->fd != -1 && p->step->kind != STEP_END && peer_do(p, p->step)) {
		p->step++;
		if (p->step->kind == STEP_AGAIN)
			p->step = p->script;
	}
}

void
peer_resume(struct peer *p)
{
	assert_int_equal(p->step->kind, STEP_STALL);
	p->step++;
	peer_run_script(p);
}

static void
peer_write_cb(int unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	peer_run_script(arg);
}

static void
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
		peer_run_script(p);
}

void
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
	peer_run_script(p);
}

int
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

void
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

void
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

void
origin_stop_listening(struct origin *o)
{
	if (o->listener == -1)
		return;
	if (event_initialized(&o->accept_ev))
		event_del(&o->accept_ev);
	close(o->listener);
	o->listener = -1;
}

void
origin_close(struct origin *o)
{
	origin_stop_listening(o);
	for (int i = 0; i < o->accepted; i++) {
		peer_close(&o->peer[i]);
		free(o->peer[i].got);
	}
}

int
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

static void
await_end(int fd)
{
	struct pollfd pfd = {fd, POLLIN, 0};

	assert_int_equal(poll(&pfd, 1, 10000), 1);
}

void
close_unseen_by_the_loop(struct peer *p)
{
	int fd = client_fd(p);

	peer_close(p);
	await_end(fd);
}

void
reset_unseen_by_the_loop(struct peer *p)
{
	int fd = client_fd(p);

	peer_reset(p);
	await_end(fd);
}
