/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libev program for tests that see libevent alone: loops that it runs, and
 * watchers on any loop.
 */
#ifndef REGRESS_HOST_EV_H
#define REGRESS_HOST_EV_H

struct ev_loop;

/*
 * A new loop of a back-end: "epoll", "poll", "select", "linuxaio", "io_uring",
 * or libev's choice for NULL.  Returns NULL if the machine lacks it.
 */
struct ev_loop *host_new(const char *backend);
struct ev_loop *host_default(void);
void host_free(struct ev_loop *loop);

/*
 * Call ev_run() and return its result: host_run() until no watcher keeps the
 * loop alive, host_pass() for one pass that does not wait.
 */
int host_run(struct ev_loop *loop);
int host_pass(struct ev_loop *loop);
void host_wait_once(struct ev_loop *loop);
void host_break(struct ev_loop *loop);	   /* all runs */
void host_break_one(struct ev_loop *loop); /* the innermost */
void host_fork(struct ev_loop *loop);
unsigned int host_iterations(struct ev_loop *loop);
unsigned int host_depth(struct ev_loop *loop);

/*
 * One-shot watchers: after this many seconds, or when fd is readable, with
 * libev's priority pri (-2 to 2) cb is called with arg.  They free themselves.
 */
void host_after(struct ev_loop *loop, double seconds, int pri,
    void (*cb)(void *), void *arg);
void host_readable(struct ev_loop *loop, int fd, int pri, void (*cb)(void *),
    void *arg);

/*
 * host_prepare() has cb called n times, each before a pass waits; host_check()
 * n times, each after one has waited.
 */
void host_prepare(struct ev_loop *loop, int n, int pri, void (*cb)(void *),
    void *arg);
void
host_check(struct ev_loop *loop, int n, int pri, void (*cb)(void *), void *arg);

/* Has cb called when the child with this pid has ended. */
void host_child(struct ev_loop *loop, int pid, void (*cb)(void *), void *arg);

/*
 * host_set_allocator() gives libev an allocator of the program's own, which
 * counts its calls here.
 */
extern int host_allocations;
void host_set_allocator(void);

#endif
