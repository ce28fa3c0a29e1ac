/* SPDX-License-Identifier: BSD-3-Clause */
/* A libev program; see the header. */
#include "host_ev.h"

#include <stdlib.h>
#include <string.h>

/*
 * See src/base/libev.h: <ev.h> breaks strict aliasing, and gcc warns of that
 * where it is not a system header.
 */
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

int host_allocations;

struct watcher {
	union {
		ev_timer timer;
		ev_io io;
		ev_prepare prepare;
		ev_check check;
		ev_child child;
	} w;
	int left;
	void (*cb)(void *);
	void *arg;
	struct ev_loop *loop;
	struct watcher *next;
};

static struct watcher *watchers;

static unsigned int
flag_of(const char *backend)
{
	static const struct {
		const char *name;
		unsigned int flag;
	} all[] = {
	    {"epoll", EVBACKEND_EPOLL},
	    {"poll", EVBACKEND_POLL},
	    {"select", EVBACKEND_SELECT},
	    {"linuxaio", EVBACKEND_LINUXAIO},
	    {"io_uring", EVBACKEND_IOURING},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (backend != NULL && strcmp(all[i].name, backend) == 0)
			return all[i].flag;
	return 0;
}

struct ev_loop *
host_new(const char *backend)
{
	return ev_loop_new(flag_of(backend));
}

struct ev_loop *
host_default(void)
{
	return ev_default_loop(0);
}

/* Frees the loop's watchers that were not called as well. */
void
host_free(struct ev_loop *loop)
{
	struct watcher **link = &watchers, *w;

	ev_loop_destroy(loop);
	while ((w = *link) != NULL) {
		if (w->loop == loop) {
			*link = w->next;
			free(w);
		} else {
			link = &w->next;
		}
	}
}

int
host_run(struct ev_loop *loop)
{
	return ev_run(loop, 0);
}

int
host_pass(struct ev_loop *loop)
{
	return ev_run(loop, EVRUN_NOWAIT);
}

void
host_wait_once(struct ev_loop *loop)
{
	ev_run(loop, EVRUN_ONCE);
}

void
host_break(struct ev_loop *loop)
{
	ev_break(loop, EVBREAK_ALL);
}

void
host_break_one(struct ev_loop *loop)
{
	ev_break(loop, EVBREAK_ONE);
}

void
host_fork(struct ev_loop *loop)
{
	ev_loop_fork(loop);
}

unsigned int
host_iterations(struct ev_loop *loop)
{
	return ev_iteration(loop);
}

unsigned int
host_depth(struct ev_loop *loop)
{
	return ev_depth(loop);
}

static struct watcher *
watcher(struct ev_loop *loop, int n, void (*cb)(void *), void *arg)
{
	struct watcher *all = malloc(sizeof(*all));

	if (all == NULL)
		abort();
	all->left = n;
	all->cb = cb;
	all->arg = arg;
	all->loop = loop;
	all->next = watchers;
	watchers = all;
	return all;
}

static void
forget(struct watcher *w)
{
	struct watcher **link = &watchers;

	while (*link != w)
		link = &(*link)->next;
	*link = w->next;
	free(w);
}

/*
 * CALLBACK(type): a libev callback that calls the watcher's cb.  Before the
 * last call it stops and frees the watcher.
 */
#define CALLBACK(type)                                                         \
	static void type##_cb(struct ev_loop *loop, ev_##type *w, int revents) \
	{                                                                      \
		struct watcher *all = (struct watcher *)(void *)w;             \
		void (*cb)(void *) = all->cb;                                  \
		void *arg = all->arg;                                          \
		(void)revents;                                                 \
		if (--all->left == 0) {                                        \
			ev_##type##_stop(loop, w);                             \
			forget(all);                                           \
		}                                                              \
		cb(arg);                                                       \
	}

CALLBACK(timer)
CALLBACK(io)
CALLBACK(prepare)
CALLBACK(check)
CALLBACK(child)

void
host_after(struct ev_loop *loop, double seconds, int pri, void (*cb)(void *),
    void *arg)
{
	ev_timer *w = &watcher(loop, 1, cb, arg)->w.timer;

	ev_timer_init(w, timer_cb, seconds, 0.);
	ev_set_priority(w, pri);
	ev_timer_start(loop, w);
}

void
host_readable(struct ev_loop *loop, int fd, int pri, void (*cb)(void *),
    void *arg)
{
	ev_io *w = &watcher(loop, 1, cb, arg)->w.io;

	ev_io_init(w, io_cb, fd, EV_READ);
	ev_set_priority(w, pri);
	ev_io_start(loop, w);
}

void
host_prepare(struct ev_loop *loop, int n, int pri, void (*cb)(void *),
    void *arg)
{
	ev_prepare *w = &watcher(loop, n, cb, arg)->w.prepare;

	ev_prepare_init(w, prepare_cb);
	ev_set_priority(w, pri);
	ev_prepare_start(loop, w);
}

void
host_check(struct ev_loop *loop, int n, int pri, void (*cb)(void *), void *arg)
{
	ev_check *w = &watcher(loop, n, cb, arg)->w.check;

	ev_check_init(w, check_cb);
	ev_set_priority(w, pri);
	ev_check_start(loop, w);
}

void
host_child(struct ev_loop *loop, int pid, void (*cb)(void *), void *arg)
{
	ev_child *w = &watcher(loop, 1, cb, arg)->w.child;

	ev_child_init(w, child_cb, pid, 0);
	ev_child_start(loop, w);
}

static void *
allocate(void *block, long size)
{
	host_allocations++;
	if (size != 0)
		return realloc(block, (size_t)size);
	free(block);
	return NULL;
}

void
host_set_allocator(void)
{
	ev_set_allocator(allocate);
}
