/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waking a base from a signal handler, or another thread.
 *
 * The descriptor also identifies the base's kernel state: it is in the epoll
 * set from the start (evi_watch_set_token()).  In a program that closes all
 * descriptors and opens others, the numbers of this descriptor and of the epoll
 * set may name files of the program's.  Such a number is not closed.
 */
#include "wake.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "io.h"
#include "watch.h"

static int
open_fd(void)
{
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* Adds the event, without counting it among the program's. */
static int
add_event(struct event_base *base)
{
	struct wake *wake = &base->wake;

	memset(&wake->ev, 0, sizeof(wake->ev));
	wake->ev.ev_fd = atomic_load(&wake->fd);
	wake->ev.ev_events = EV_READ | EV_PERSIST;
	wake->ev.ev_callback = wake->cb;
	wake->ev.ev_arg = base;
	wake->ev.ev_base = base;
	wake->ev.ev_flags = EVLIST_INIT | EVLIST_INTERNAL;
	if (evi_io_add(base->watch, &wake->ev) == -1)
		return -1;
	wake->ev.ev_flags |= EVLIST_INSERTED;
	return 0;
}

static void
delete_event(struct event_base *base)
{
	struct wake *wake = &base->wake;

	if (!(wake->ev.ev_flags & EVLIST_INSERTED))
		return;
	if (wake->ev.ev_flags & EVLIST_ACTIVE)
		evi_runq_remove(&base->runq, &wake->ev);
	wake->ev.ev_flags = EVLIST_INIT;
	evi_io_del(base->watch, &wake->ev);
}

void
evi_wake_free(struct event_base *base)
{
	int fd = atomic_exchange(&base->wake.fd, -1);

	delete_event(base);
	if (fd != -1)
		close(fd);
}

int
evi_wake_init(struct event_base *base, void (*cb)(int, short, void *))
{
	struct wake *wake = &base->wake;
	int fd = open_fd(), saved;

	if (fd == -1)
		return -1;
	wake->cb = cb;
	atomic_store(&wake->fd, fd);
	evi_watch_set_token(base->watch, fd);
	if (add_event(base) == 0)
		return 0;
	saved = errno;
	evi_wake_free(base);
	errno = saved;
	return -1;
}

/* A child that has not replaced the descriptor yet must not wake its parent. */
void
evi_wake_up(struct event_base *base)
{
	static const uint64_t one = 1;
	int fd = atomic_load(&base->wake.fd);

	if (fd != -1 && !evi_base_is_inherited(base) &&
	    write(fd, &one, sizeof(one)) == -1)
		return; /* the counter is at its limit: the loop wakes */
}

/*
 * Replaces the old descriptor by a new one with the same number.  If the
 * process can open no more descriptors, the old one is closed first.
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
 * Opens a descriptor that no event waits for and libev will not close: an event
 * whose descriptor the program has closed must not wait for this one.
 */
static int
open_unused(struct event_base *base)
{
	int fd = open_fd(), other;

	if (fd == -1 || !evi_io_is_in_use(base->watch, fd))
		return fd;
	other = fcntl(fd, F_DUPFD_CLOEXEC, evi_io_end(base->watch));
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

	delete_event(base);
	fd = is_ours ? replace(fd) : open_unused(base);
	atomic_store(&wake->fd, fd);
	if (fd == -1)
		return -1;
	evi_watch_set_token(base->watch, fd);
	return add_event(base);
}
