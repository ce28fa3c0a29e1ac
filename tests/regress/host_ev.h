/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libev program for tests that see libevent alone: loops that it runs, and
 * watchers on any loop.
 */
#ifndef REGRESS_HOST_EV_H
#define REGRESS_HOST_EV_H

struct ev_loop;

/* A new loop of a back-end: "epoll", "poll", "select", "linuxaio", "io_uring",
 * or any for NULL; NULL if this machine has it not. */
struct ev_loop *host_new(const char *backend);
struct ev_loop *host_default(void);
void host_free(struct ev_loop *loop);

/* ev_run(): until nothing keeps it alive, or without waiting; what it returns.
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

/* Before each pass waits, or after each, n times. */
void host_prepare(struct ev_loop *loop, int n, int pri, void (*cb)(void *),
    void *arg);
void
host_check(struct ev_loop *loop, int n, int pri, void (*cb)(void *), void *arg);

/* When a child of this number has ended. */
void host_child(struct ev_loop *loop, int pid, void (*cb)(void *), void *arg);

/* How often libev has asked the program's own allocator, which this sets. */
extern int host_allocations;
void host_set_allocator(void);

#endif
