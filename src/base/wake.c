/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waking a base from a signal handler.
 *
 * The descriptor is also what tells the base's kernel state from somebody
 * else's: it is in the epoll set from the start (evi_watch_set_token()).  A program
 * that closes all descriptors and opens others may have given either number to
 * a file of its own; what is not known to be ours is not closed.
 */
#include "wake.h"

#include <sys/eventfd.h>

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "base.h"
#include "watch.h"

static int
open_fd(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* What woke the pass is in the counters of the signals. */
static void
wake_cb(int fd, short what, void *arg)
{
	uint64_t n;

	(void)what;
	(void)arg;
	if (read(fd, &n, sizeof(n)) == -1)
		return; /* another pass, inside a callback, was first */
}

int
evi_wake_init(struct event_base *base)
{
	struct wake *wake = &base->wake;
	int fd = open_fd();

	if (fd == -1)
		return -1;
	atomic_store(&wake->fd, fd);
	evi_watch_set_token(base->watch, fd);
	return 0;
}

static void
stop_watching(struct event_base *base)
{
	struct wake *wake = &base->wake;

	if (!(wake->ev.ev_flags & EVLIST_INSERTED))
		return;
	if (wake->ev.ev_flags & EVLIST_ACTIVE)
		evi_runq_remove(&base->runq, &wake->ev);
	wake->ev.ev_flags = EVLIST_INIT;
	evi_watch_io_del(base->watch, &wake->ev);
}

void
evi_wake_free(struct event_base *base)
{
	int fd = atomic_exchange(&base->wake.fd, -1);

	stop_watching(base);
	if (fd != -1)
		close(fd);
}

/* The event is not counted among those of the program. */
int
evi_wake_watch(struct event_base *base)
{
	struct wake *wake = &base->wake;

	wake->is_wanted = true;
	if (wake->ev.ev_flags & EVLIST_INSERTED)
		return 0;
	event_set(&wake->ev, atomic_load(&wake->fd), EV_READ | EV_PERSIST,
	    wake_cb, NULL);
	wake->ev.ev_base = base;
	wake->ev.ev_pri = 0;
	wake->ev.ev_flags |= EVLIST_INTERNAL;
	if (evi_watch_io_add(base->watch, &wake->ev) == -1)
		return -1;
	wake->ev.ev_flags |= EVLIST_INSERTED;
	return 0;
}

/* A child that has not renewed it yet would wake its parent. */
void
evi_wake_up(struct event_base *base)
{
	static const uint64_t one = 1;
	int fd = atomic_load(&base->wake.fd);

	if (fd != -1 && !evi_is_inherited(base) &&
	    write(fd, &one, sizeof(one)) == -1)
		return; /* it is full: the base will wake */
}

/*
 * A new descriptor in the place of the old one, so that the number stays.  Where
 * no other is left, closing the old one makes room.
 */
static int
replace(int old)
{
	int fd = open_fd();

	if (fd == -1) {
		close(old);
		return open_fd();
	}
	if (dup3(fd, old, O_CLOEXEC) == -1)
		return fd;
	close(fd);
	return old;
}

/*
 * A new descriptor whose number nobody is waiting for: an event whose descriptor
 * was closed must not find ours there, and libev must not close it for its own.
 */
static int
open_elsewhere(struct event_base *base)
{
	int fd = open_fd(), other;

	if (fd == -1 || !evi_watch_has(base->watch, fd))
		return fd;
	other = fcntl(fd, F_DUPFD_CLOEXEC, evi_watch_end(base->watch));
	if (other == -1)
		return fd;
	close(fd);
	return other;
}

int
evi_wake_renew(struct event_base *base, bool is_ours)
{
	struct wake *wake = &base->wake;
	int fd = atomic_load(&wake->fd);

	stop_watching(base);
	fd = is_ours ? replace(fd) : open_elsewhere(base);
	atomic_store(&wake->fd, fd);
	if (fd == -1)
		return -1;
	evi_watch_set_token(base->watch, fd);
	return wake->is_wanted ? evi_wake_watch(base) : 0;
}
