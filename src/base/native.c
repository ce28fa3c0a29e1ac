/* SPDX-License-Identifier: BSD-3-Clause */
/* The program's own libev watchers, on the base's loop or the default one. */
#include "native.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "alloc.h"
#include "kernel.h"
#include "libev.h"
#include "support/log.h"
#include "watch_private.h"

/* The set that runs libev's default loop, of which a process has one. */
static _Atomic(struct watch *) child_owner;

void
evi_native_use(struct watch *w)
{
	w->native.is_in_use = true;
}

bool
evi_native_is_in_use(const struct watch *w)
{
	return w->native.is_in_use;
}

bool
evi_native_is_alive(const struct watch *w)
{
	return w->nalive > 0;
}

struct ev_loop *
evi_native_loop(struct watch *w)
{
	if (!w->native.is_in_use) {
		if (evi_alloc_prepare() == -1)
			return NULL;
		ev_prepare_start(w->loop, &w->own.prepare);
		ev_unref(w->loop);
		evi_native_use(w);
	}
	return w->loop;
}

static void
child_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	/* evi_libev_run() is running the set's loop and stores errors. */
	ev_run(io->data, EVRUN_NOWAIT);
}

static void
stop_child_io(struct watch *w)
{
	if (!ev_is_active(&w->native.child_io))
		return;
	ev_ref(w->loop);
	ev_io_stop(w->loop, &w->native.child_io);
}

/* After fork() the default loop has another epoll set. */
bool
evi_native_run_child_loop(struct watch *w)
{
	bool alive = evi_libev_run(&w->libev, w->native.child_loop,
			 EVRUN_NOWAIT, true) > 0;
	int fd = evi_backend_epoll_fd(w->native.child_loop);

	if (!ev_is_active(&w->native.child_io) || w->native.child_io.fd != fd) {
		stop_child_io(w);
		ev_io_set(&w->native.child_io, fd, EV_READ);
		ev_io_start(w->loop, &w->native.child_io);
		ev_unref(w->loop);
	}
	return alive;
}

/*
 * libev ends the process if a new loop gets no descriptors: for the epoll set,
 * for signalfd(2), and for a pipe where it has no eventfd(2).
 */
#define LOOP_FDS 4

static bool
has_descriptors(void)
{
	int fd[LOOP_FDS];
	int n = 0;

	while (n < LOOP_FDS && (fd[n] = eventfd(0, EFD_CLOEXEC)) != -1)
		n++;
	for (int i = 0; i < n; i++)
		close(fd[i]);
	return n == LOOP_FDS;
}

void
evi_native_start_over(struct watch *w)
{
	int fd;

	if (w->native.child_loop == NULL)
		return;
	fd = evi_backend_epoll_fd(w->native.child_loop);
	if (evi_kernel_is_open(fd) && !evi_kernel_is_another_file(fd)) {
		ev_loop_fork(w->native.child_loop);
		return;
	}
	event_warnx("libev's default loop was closed: no more ev_child");
	stop_child_io(w);
	w->native.child_loop = NULL;
}

/*
 * The set's loop watches the default loop's epoll set.  So SIGCHLD must make
 * that readable, which signalfd does.  This watcher does not keep the base
 * alive; the default loop's own watchers do (evi_watch_pass()).
 */
struct ev_loop *
evi_native_child_loop(struct watch *w)
{
	struct watch *owner = NULL;
	struct ev_loop *loop;

	if (w->native.child_loop != NULL)
		return w->native.child_loop;
	if (w->host != NULL) {
		if (ev_is_default_loop(w->loop))
			return w->loop;
		errno = ENOSYS;
		return NULL;
	}
	if (evi_native_loop(w) == NULL || !has_descriptors())
		return NULL;
	if (!atomic_compare_exchange_strong(&child_owner, &owner, w)) {
		errno = EBUSY;
		return NULL;
	}
	loop =
	    ev_default_loop(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_SIGNALFD);
	if (loop == NULL || evi_backend_epoll_fd(loop) == -1) {
		atomic_store(&child_owner, NULL);
		errno = ENOSYS;
		return NULL;
	}
	ev_io_init(&w->native.child_io, child_cb, -1, EV_READ);
	w->native.child_io.data = loop;
	w->native.child_loop = loop;
	return loop;
}

void
evi_native_free(struct watch *w)
{
	if (atomic_load(&child_owner) == w)
		atomic_store(&child_owner, NULL);
}
