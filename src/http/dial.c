/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connects a socket to a host, as RFC 8305 says.  The plan:
 *
 *  1. evi_dial_start() uses a numeric address directly.  For a name it makes a
 *     resolver, which looks up both families at the same time, and is freed at
 *     the end of the dial.
 *  2. IPv6 addresses are used as soon as the resolver answers; IPv4 addresses
 *     too, but if IPv6's answer is still missing, 50 ms later.
 *  3. try_next() tries the addresses in turn, from both families alternately.
 *     Each has 250 ms before the next one is tried beside it, or less if it
 *     fails.  The first socket that is connected ends the dial.
 *  4. When no address and no attempt is left, the dial ends without a socket.
 *
 * In a child process the next event starts everything again, as the sockets are
 * the parent's.
 */
#include "dial.h"

#include <evdns.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "address.h"
#include "dns/addresses.h"
#include "support/fork.h"
#include "support/log.h"

/* How long IPv4 addresses wait for the IPv6 ones, in microseconds. */
#define RESOLUTION_DELAY_US 50000
/* How long after one address the next is tried as well, in microseconds. */
#define ATTEMPT_DELAY_US 250000

/* --- sockets --- */

static socklen_t
address_length(const struct sockaddr_storage *address)
{
	switch (address->ss_family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return sizeof(struct sockaddr_un);
	}
}

/* Binds a socket to the local address and port, if there are any.  Returns 0 or
 * -1. */
static int
bind_local_end(int fd, int family, const struct dial_target *to)
{
	struct addrinfo *local;
	int on = 1, result;

	if ((to->local_address == NULL && to->local_port == 0) || to->is_unix)
		return 0;
	if (evi_address_find(to->local_address, to->local_port, family,
		AI_PASSIVE, &local) != 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	result = bind(fd, local->ai_addr, local->ai_addrlen);
	freeaddrinfo(local);
	return result;
}

static int
open_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd == -1 || family == AF_UNIX)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Whether the local address can be bound to, before the host is looked up. */
static bool
can_bind(const struct dial_target *to)
{
	int family = to->family, fd, result;

	if (to->local_address == NULL && to->local_port == 0)
		return true;
	if (family == AF_UNSPEC)
		family = to->local_address != NULL &&
				 strchr(to->local_address, ':') != NULL
			     ? AF_INET6
			     : AF_INET;
	fd = open_socket(family);
	if (fd == -1)
		return true; /* the attempt will fail */
	result = bind_local_end(fd, family, to);
	close(fd);
	return result == 0;
}

/* --- attempts --- */

static void attempt_cb(int fd, short what, void *arg);

static void
close_attempt(struct attempt *attempt)
{
	if (attempt->fd == -1)
		return;
	event_del(&attempt->ev);
	close(attempt->fd);
	attempt->fd = -1;
}

static struct attempt *
find_unused_attempt(struct dial *dial)
{
	for (int i = 0; i < EVI_DIAL_ATTEMPTS; i++)
		if (dial->attempts[i].fd == -1)
			return &dial->attempts[i];
	return NULL;
}

static bool
has_attempts(const struct dial *dial)
{
	for (int i = 0; i < EVI_DIAL_ATTEMPTS; i++)
		if (dial->attempts[i].fd != -1)
			return true;
	return false;
}

static enum dial_result
attempt_address(struct dial *dial, struct attempt *attempt,
    const struct sockaddr_storage *address)
{
	const struct timeval *limit = &dial->target.limit;
	enum dial_result result = EVI_DIAL_FAILED;
	int family = address->ss_family;
	int fd = open_socket(family);

	if (fd == -1)
		return EVI_DIAL_FAILED;
	event_set(&attempt->ev, fd, EV_WRITE, attempt_cb, attempt);
	if (dial->base != NULL)
		event_base_set(dial->base, &attempt->ev);
	if (bind_local_end(fd, family, &dial->target) == -1)
		result = EVI_DIAL_BIND_FAILED;
	else if ((connect(fd, (const struct sockaddr *)address,
		      address_length(address)) == 0 ||
		     errno == EINPROGRESS) &&
		 event_add(&attempt->ev,
		     evutil_timerisset(limit) ? limit : NULL) == 0)
		result = EVI_DIAL_STARTED;
	if (result == EVI_DIAL_STARTED)
		attempt->fd = fd;
	else
		close(fd);
	return result;
}

/* The next address, of the other family than the last one if there is any. */
static const struct sockaddr_storage *
next_address(struct dial *dial)
{
	struct candidates *c = dial->last_was_v6 ? &dial->v4 : &dial->v6;

	if (c->next == c->n)
		c = dial->last_was_v6 ? &dial->v6 : &dial->v4;
	if (c->next == c->n)
		return NULL;
	dial->last_was_v6 = c == &dial->v6;
	return &c->addresses[c->next++];
}

static bool
has_addresses(const struct dial *dial)
{
	return dial->v6.next < dial->v6.n || dial->v4.next < dial->v4.n;
}

static void
set_timer(struct dial *dial, long us)
{
	struct timeval tv = {0, us};

	/* Without memory the next address is tried when this one fails. */
	event_add(&dial->timer, &tv);
}

/*
 * Tries addresses until one is connecting.  Returns EVI_DIAL_STARTED; if none
 * is, EVI_DIAL_BIND_FAILED if the local address could not be used for at least
 * one of them, else EVI_DIAL_FAILED.
 */
static enum dial_result
try_next(struct dial *dial)
{
	struct attempt *attempt = find_unused_attempt(dial);
	enum dial_result result = EVI_DIAL_FAILED, last = EVI_DIAL_FAILED;
	const struct sockaddr_storage *address;

	while (attempt != NULL && last != EVI_DIAL_STARTED &&
	       (address = next_address(dial)) != NULL) {
		last = attempt_address(dial, attempt, address);
		if (last != EVI_DIAL_FAILED)
			result = last;
	}
	event_del(&dial->timer);
	if (has_addresses(dial) && has_attempts(dial))
		set_timer(dial, ATTEMPT_DELAY_US);
	return last == EVI_DIAL_STARTED ? last : result;
}

static void
finish(struct dial *dial, int fd)
{
	evi_dial_stop(dial);
	dial->done_cb(dial->arg, fd);
}

/* Tries the next address; ends the dial if nothing is left to wait for. */
static void
try_next_or_finish(struct dial *dial)
{
	if (try_next(dial) != EVI_DIAL_STARTED && !has_attempts(dial) &&
	    !dial->v6.is_pending && !dial->v4.is_pending)
		finish(dial, -1);
}

/* In a child process, starts again.  Returns false in the parent. */
static bool
restart_in_child(struct dial *dial)
{
	struct dial_target to = dial->target;

	if (dial->fork_generation == evi_fork_generation)
		return false;
	evi_dial_stop(dial);
	if (evi_dial_start(dial, dial->base, &to) != EVI_DIAL_STARTED)
		dial->done_cb(dial->arg, -1);
	return true;
}

static void
attempt_cb(int fd, short what, void *arg)
{
	struct attempt *attempt = arg;
	struct dial *dial = attempt->dial;
	int error = ETIMEDOUT;
	socklen_t len = sizeof error;

	if (restart_in_child(dial))
		return;
	if ((what & EV_WRITE) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error == 0) {
		attempt->fd = -1;
		finish(dial, fd);
		return;
	}
	close_attempt(attempt);
	try_next_or_finish(dial);
}

/* A delay is over: tries the next address, too. */
static void
timer_cb(int fd, short what, void *arg)
{
	struct dial *dial = arg;

	(void)fd;
	(void)what;
	if (!restart_in_child(dial))
		try_next_or_finish(dial);
}

/* --- addresses --- */

static int
add_candidate(struct candidates *c, const void *address, size_t len)
{
	struct sockaddr_storage *grown =
	    realloc(c->addresses, (size_t)(c->n + 1) * sizeof *grown);

	if (grown == NULL)
		return -1;
	c->addresses = grown;
	memset(&grown[c->n], 0, sizeof *grown);
	memcpy(&grown[c->n], address, len);
	c->n++;
	return 0;
}

static void
add_resolved(struct dial *dial, int family, const void *address)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons(dial->target.port)};
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(dial->target.port)};

	/* Without memory this address is left out. */
	if (family == AF_INET6) {
		memcpy(&in6.sin6_addr, address, sizeof in6.sin6_addr);
		add_candidate(&dial->v6, &in6, sizeof in6);
	} else {
		memcpy(&in.sin_addr, address, sizeof in.sin_addr);
		add_candidate(&dial->v4, &in, sizeof in);
	}
}

static void
resolved_cb(void *arg, int family, int error, const void *addresses, int n)
{
	struct dial *dial = arg;
	size_t len = family == AF_INET6 ? sizeof(struct in6_addr)
					: sizeof(struct in_addr);

	if (family == AF_INET6)
		dial->v6.is_pending = false;
	else
		dial->v4.is_pending = false;
	if (!dial->v6.is_pending && !dial->v4.is_pending)
		dial->resolution = NULL;
	for (int i = 0; i < n; i++)
		add_resolved(dial, family,
		    (const char *)addresses + (size_t)i * len);
	if (n == 0 && dial->resolution == NULL && dial->v6.n == 0 &&
	    dial->v4.n == 0)
		event_warnx("evhttp: %s: %s", dial->target.host,
		    evdns_err_to_string(error));
	if (n > 0 && dial->v6.is_pending)
		set_timer(dial, RESOLUTION_DELAY_US);
	else if (!has_attempts(dial))
		try_next_or_finish(dial);
	else if (has_addresses(dial) && !evtimer_pending(&dial->timer, NULL))
		set_timer(dial, ATTEMPT_DELAY_US);
}

static int
start_resolving(struct dial *dial)
{
	const struct dial_target *to = &dial->target;

	dial->resolver = evi_addresses_new(dial->base);
	if (dial->resolver == NULL)
		return -1;
	dial->v6.is_pending = to->family != AF_INET;
	dial->v4.is_pending = to->family != AF_INET6;
	dial->resolution = evi_addresses_ask(dial->resolver, to->host,
	    to->family, resolved_cb, dial);
	return dial->resolution != NULL ? 0 : -1;
}

/* Adds a numeric address, in any form of getaddrinfo(3).  Returns how many. */
static int
add_number(struct dial *dial)
{
	struct addrinfo *found;
	int n = 0;

	if (evi_address_find(dial->target.host, dial->target.port,
		dial->target.family, AI_NUMERICHOST, &found) != 0)
		return 0;
	for (const struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next)
		n += add_candidate(ai->ai_family == AF_INET6 ? &dial->v6
							     : &dial->v4,
			 ai->ai_addr, ai->ai_addrlen) == 0;
	freeaddrinfo(found);
	return n;
}

/* Adds the path of a Unix socket, to v4, as there is no list for such paths.
 * Returns how many were added. */
static int
add_path(struct dial *dial)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	if (strlen(dial->target.host) >= sizeof sun.sun_path)
		return 0;
	strcpy(sun.sun_path, dial->target.host);
	return add_candidate(&dial->v4, &sun, sizeof sun) == 0;
}

/* --- life --- */

void
evi_dial_init(struct dial *dial, void (*done_cb)(void *arg, int fd), void *arg)
{
	memset(dial, 0, sizeof *dial);
	dial->done_cb = done_cb;
	dial->arg = arg;
	for (int i = 0; i < EVI_DIAL_ATTEMPTS; i++) {
		dial->attempts[i].dial = dial;
		dial->attempts[i].fd = -1;
	}
}

enum dial_result
evi_dial_start(struct dial *dial, struct event_base *base,
    const struct dial_target *to)
{
	enum dial_result result = EVI_DIAL_STARTED;

	dial->base = base;
	dial->target = *to;
	dial->is_dialling = true;
	dial->last_was_v6 = false;
	dial->fork_generation = evi_fork_generation;
	evtimer_set(&dial->timer, timer_cb, dial);
	if (base != NULL)
		event_base_set(base, &dial->timer);
	if (to->is_unix ? add_path(dial) > 0 : add_number(dial) > 0)
		result = try_next(dial);
	else if (to->is_unix)
		result = EVI_DIAL_FAILED;
	else if (!can_bind(to))
		result = EVI_DIAL_BIND_FAILED;
	else if (start_resolving(dial) == -1)
		result = EVI_DIAL_FAILED;
	if (result != EVI_DIAL_STARTED)
		evi_dial_stop(dial);
	return result;
}

static void
free_candidates(struct candidates *c)
{
	free(c->addresses);
	*c = (struct candidates){NULL, 0, 0, false};
}

void
evi_dial_stop(struct dial *dial)
{
	if (!dial->is_dialling)
		return;
	dial->is_dialling = false;
	event_del(&dial->timer);
	for (int i = 0; i < EVI_DIAL_ATTEMPTS; i++)
		close_attempt(&dial->attempts[i]);
	evi_addresses_free(dial->resolver);
	dial->resolver = NULL;
	dial->resolution = NULL;
	free_candidates(&dial->v6);
	free_candidates(&dial->v4);
}
