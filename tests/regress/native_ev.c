/* SPDX-License-Identifier: BSD-3-Clause */
/* Native watchers; see the header. */
#include "native_ev.h"

/*
 * See src/base/libev.h: <ev.h> breaks strict aliasing, and gcc warns of that
 * where it is not a system header.
 */
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

void (*native_hook)(const char *name);
int native_status = -1;

/* WATCHER(type, name): a watcher and a callback that reports its name. */
#define WATCHER(type)                                                          \
	static ev_##type type;                                                 \
	static void type##_cb(struct ev_loop *loop, ev_##type *w, int revents) \
	{                                                                      \
		(void)loop;                                                    \
		(void)w;                                                       \
		(void)revents;                                                 \
		native_hook(#type);                                            \
	}

/* SWITCH(type): native_TYPE() starts it, native_TYPE_stop() stops it. */
#define SWITCH(type)                                                           \
	void native_##type(struct ev_loop *loop)                               \
	{                                                                      \
		ev_##type##_init(&type, type##_cb);                            \
		ev_##type##_start(loop, &type);                                \
	}                                                                      \
	void native_##type##_stop(struct ev_loop *loop)                        \
	{                                                                      \
		ev_##type##_stop(loop, &type);                                 \
	}

WATCHER(timer)
WATCHER(io)
WATCHER(idle)
WATCHER(prepare)
WATCHER(check)
WATCHER(async)

SWITCH(idle)
SWITCH(prepare)
SWITCH(check)
SWITCH(async)

static ev_child child;

static void
child_cb(struct ev_loop *loop, ev_child *w, int revents)
{
	(void)revents;
	native_status = w->rstatus;
	ev_child_stop(loop, w);
	native_hook("child");
}

void
native_timer(struct ev_loop *loop, double after)
{
	ev_timer_init(&timer, timer_cb, after, 0.);
	ev_timer_start(loop, &timer);
}

void
native_io(struct ev_loop *loop, int fd)
{
	ev_io_init(&io, io_cb, fd, EV_READ);
	ev_io_start(loop, &io);
}

void
native_io_first(struct ev_loop *loop, int fd)
{
	ev_io_init(&io, io_cb, fd, EV_READ);
	ev_set_priority(&io, EV_MAXPRI);
	ev_io_start(loop, &io);
}

void
native_io_stop(struct ev_loop *loop)
{
	ev_io_stop(loop, &io);
}

void
native_async_send(struct ev_loop *loop)
{
	ev_async_send(loop, &async);
}

void
native_end_default_loop(void)
{
	ev_loop_destroy(ev_default_loop(0));
}

void
native_child(struct ev_loop *loop, int pid)
{
	ev_child_init(&child, child_cb, pid, 0);
	ev_child_start(loop, &child);
}
