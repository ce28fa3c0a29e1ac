/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server's listening sockets.  Each time one is readable, the clients that
 * wait are accepted, up to a limit.  Without a descriptor for the next client,
 * accepting pauses: the socket would stay readable, and keep the loop busy.
 */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "serve.h"
#include "support/log.h"

/* How many clients the kernel queues for accept(2); the same as in 1.4. */
#define BACKLOG 128
/* How many clients are accepted in one callback. */
#define ACCEPTS_AT_ONCE 64
/* How long accepting pauses, in microseconds. */
#define PAUSE_US 100000

/* --- accepting --- */

static bool
is_out_of_resources(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	       error == ENOMEM;
}

/* Without memory for the timer the loop calls retry_cb() at once. */
static void
schedule_retry(struct evhttp_bound_socket *bound)
{
	struct timeval tv = {.tv_usec = PAUSE_US};

	if (event_add(&bound->retry, &tv) == -1)
		event_active(&bound->retry, EV_TIMEOUT, 1);
}

static void
pause_accepting(struct evhttp_bound_socket *bound)
{
	if (!bound->has_warned)
		event_warn("evhttp: accept");
	bound->has_warned = true;
	event_del(&bound->bind_ev);
	schedule_retry(bound);
}

/* Returns 0, or an error number. */
static int
accept_one(struct evhttp_bound_socket *bound, int fd)
{
	struct evhttp *http = bound->http;
	struct sockaddr_storage client;
	socklen_t len = sizeof client;
	int new;

	memset(&client, 0, sizeof client);
	new = accept4(fd, (struct sockaddr *)&client, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (new == -1)
		return errno;
	evi_serve_start(http, new, (struct sockaddr *)&client,
	    http->max_connections > 0 &&
		http->conns.n_connections >= http->max_connections);
	return 0;
}

/* Calls no callback of the program. */
static void
accept_cb(int fd, short what, void *arg)
{
	struct evhttp_bound_socket *bound = arg;
	int error = 0;

	(void)what;
	for (int i = 0; i < ACCEPTS_AT_ONCE && error == 0; i++)
		error = accept_one(bound, fd);
	if (is_out_of_resources(error)) {
		pause_accepting(bound);
		return;
	}
	bound->has_warned = false;
	if (error != 0 && error != EAGAIN && error != EINTR &&
	    error != ECONNABORTED && error != EPROTO)
		event_warnx("evhttp: accept: %s", strerror(error));
}

static void
retry_cb(int fd, short what, void *arg)
{
	struct evhttp_bound_socket *bound = arg;

	(void)fd;
	(void)what;
	if (event_add(&bound->bind_ev, NULL) == -1)
		schedule_retry(bound);
}

/* --- listening --- */

static bool
is_listening(int fd)
{
	int on;
	socklen_t len = sizeof on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	       on != 0;
}

struct evhttp_bound_socket *
evhttp_accept_socket_with_handle(struct evhttp *http, int fd)
{
	struct evhttp_bound_socket *bound;

	if (!is_listening(fd))
		return NULL;
	bound = calloc(1, sizeof *bound);
	if (bound == NULL)
		return NULL;
	bound->http = http;
	event_set(&bound->bind_ev, fd, EV_READ | EV_PERSIST, accept_cb, bound);
	evtimer_set(&bound->retry, retry_cb, bound);
	if (http->base != NULL) {
		event_base_set(http->base, &bound->bind_ev);
		event_base_set(http->base, &bound->retry);
	}
	if (event_add(&bound->bind_ev, NULL) == -1) {
		free(bound);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&http->sockets, bound, next);
	/* evhttp_del_accept_socket() may have set it. */
	evi_conn_set_closes_connections(&http->policy, false);
	return bound;
}

int
evhttp_accept_socket(struct evhttp *http, int fd)
{
	return evhttp_accept_socket_with_handle(http, fd) != NULL ? 0 : -1;
}

void
evi_listen_free(struct evhttp_bound_socket *bound)
{
	TAILQ_REMOVE(&bound->http->sockets, bound, next);
	event_del(&bound->bind_ev);
	event_del(&bound->retry);
	close(bound->bind_ev.ev_fd);
	free(bound);
}

void
evhttp_del_accept_socket(struct evhttp *http, struct evhttp_bound_socket *bound)
{
	struct evhttp_connection *evcon;

	evi_listen_free(bound);
	if (!TAILQ_EMPTY(&http->sockets))
		return;
	evi_conn_set_closes_connections(&http->policy, true);
	TAILQ_FOREACH (evcon, &http->connections, next)
		evi_serve_close_if_idle(evcon);
}

int
evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound)
{
	return bound->bind_ev.ev_fd;
}

void
evhttp_foreach_bound_socket(struct evhttp *http,
    evhttp_bound_socket_foreach_fn *function, void *argument)
{
	struct evhttp_bound_socket *bound;

	TAILQ_FOREACH (bound, &http->sockets, next)
		function(bound, argument);
}

/* --- binding --- */

/*
 * Makes a listening socket.  1.4: without an address, and with port 0, it does
 * not bind(2), nor set SO_REUSEADDR; listen(2) then chooses the port.
 */
static int
open_and_bind(const struct addrinfo *ai)
{
	int family = ai != NULL ? ai->ai_family : AF_INET, on = 1, error;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (ai != NULL)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if ((ai == NULL || bind(fd, ai->ai_addr, ai->ai_addrlen) == 0) &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Looks an address up: IPv4 first, as 1.4 has nothing else. */
static struct addrinfo *
find_address(const char *address, unsigned short port)
{
	struct addrinfo *found;
	int error =
	    evi_address_find(address, port, AF_INET, AI_PASSIVE, &found);

	if (error == EAI_NONAME || error == EAI_ADDRFAMILY ||
	    error == EAI_NODATA)
		error = evi_address_find(address, port, AF_INET6, AI_PASSIVE,
		    &found);
	if (error == 0)
		return found;
	event_warnx("evhttp: %s: %s", address, gai_strerror(error));
	errno = error == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
	return NULL;
}

static int
bind_socket(const char *address, unsigned short port)
{
	struct addrinfo *found;
	int fd, error;

	if (address == NULL && port == 0)
		return open_and_bind(NULL);
	found = find_address(address, port);
	if (found == NULL)
		return -1;
	fd = open_and_bind(found);
	error = errno;
	freeaddrinfo(found);
	errno = error;
	return fd;
}

struct evhttp_bound_socket *
evhttp_bind_socket_with_handle(struct evhttp *http, const char *address,
    ev_uint16_t port)
{
	struct evhttp_bound_socket *bound;
	int fd = bind_socket(address, port);

	if (fd == -1)
		return NULL;
	bound = evhttp_accept_socket_with_handle(http, fd);
	if (bound == NULL)
		close(fd);
	return bound;
}

int
evhttp_bind_socket(struct evhttp *http, const char *address,
    unsigned short port)
{
	return evhttp_bind_socket_with_handle(http, address, port) != NULL ? 0
									   : -1;
}
