/* SPDX-License-Identifier: BSD-3-Clause */
/* The program's own libev watchers: on the base's loop, on the default one. */
#include "native.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "alloc.h"
#include "kernel.h"
#include "libev.h"
#include "support/log.h"
#include "base.h"

/* The set that runs libev's default loop; that exists once in a process. */
static _Atomic(struct watch *) child_owner;

bool
evi_native_is_in_use(const struct watch *w)
{
	return w->native;
}

bool
evi_native_is_alive(const struct watch *w)
{
	return w->alive > 0;
}

struct ev_loop *
evi_native_loop(struct watch *w)
{
	if (!w->native) {
		if (evi_alloc_ready() == -1)
			return NULL;
		ev_prepare_start(w->loop, &w->prepare);
		ev_unref(w->loop);
		w->native = true;
	}
	return w->loop;
}

static void
child_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	/* It is the set's own loop that runs, so errors are noted there. */
	ev_run(io->data, EVRUN_NOWAIT);
}

static void
stop_child_io(struct watch *w)
{
	if (!ev_is_active(&w->child_io))
		return;
	ev_ref(w->loop);
	ev_io_stop(w->loop, &w->child_io);
}

/* The epoll set of that loop is another one after fork(). */
bool
evi_native_run_child_loop(struct watch *w)
{
	bool alive = evi_libev_run(w, w->child_loop, EVRUN_NOWAIT) > 0;
	int fd = evi_backend_epoll_fd(w->child_loop);

	if (!ev_is_active(&w->child_io) || w->child_io.fd != fd) {
		stop_child_io(w);
		ev_io_set(&w->child_io, fd, EV_READ);
		ev_io_start(w->loop, &w->child_io);
		ev_unref(w->loop);
	}
	return alive;
}

/* libev ends the process if it cannot get those that a loop needs. */
static bool
has_descriptors(void)
{
	int fd[4];
	int n = 0;

	while (n < 4 && (fd[n] = eventfd(0, EFD_CLOEXEC)) != -1)
		n++;
	for (int i = 0; i < n; i++)
		close(fd[i]);
	return n == 4;
}

void
evi_native_start_over(struct watch *w)
{
	int fd;

	if (w->child_loop == NULL)
		return;
	fd = evi_backend_epoll_fd(w->child_loop);
	if (evi_kernel_is_open(fd) && !evi_kernel_is_another_file(fd)) {
		ev_loop_fork(w->child_loop);
		return;
	}
	event_warnx("libev's default loop was closed: no more ev_child");
	stop_child_io(w);
	w->child_loop = NULL;
}

/*
 * libev's default loop must see SIGCHLD as a readable descriptor, since it is
 * woken by ours; therefore signalfd.  Its watcher does not keep the base alive,
 * the default loop's own watchers do: see evi_watch_pass().
 */
struct ev_loop *
evi_native_child_loop(struct watch *w)
{
	struct watch *owner = NULL;
	struct ev_loop *loop;

	if (w->child_loop != NULL)
		return w->child_loop;
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
	ev_io_init(&w->child_io, child_cb, -1, EV_READ);
	w->child_io.data = loop;
	w->child_loop = loop;
	return loop;
}

void
evi_native_free(struct watch *w)
{
	if (atomic_load(&child_owner) == w)
		atomic_store(&child_owner, NULL);
}
