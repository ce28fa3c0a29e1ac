/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A base in use, before a fork() or an event_reinit().
 */
#ifndef CONFORMANCE_PROCESS_H
#define CONFORMANCE_PROCESS_H

#include <signal.h>

/* A base with a persistent reader and a signal event that were polled. */
struct process {
	struct event_base *base;
	struct event reader, sig;
	int fd[2];
	bool reinit;
};

static inline void
set_up(struct process *p, bool reinit)
{
	p->base = event_init();
	p->reinit = reinit;
	make_pair(p->fd);
	event_set(&p->reader, p->fd[0], EV_READ | EV_PERSIST, note_read_cb,
	    "A");
	assert_int_equal(event_add(&p->reader, NULL), 0);
	signal_set(&p->sig, SIGUSR1, note_cb, "sig");
	assert_int_equal(event_add(&p->sig, NULL), 0);
	one_pass();
	assert_log("");
}

static inline void
tear_down(struct process *p)
{
	event_base_free(p->base);
	close_pair(p->fd);
}

/* Its reader and its signal event work. */
static inline void
check_goes_on(struct process *p)
{
	write_byte(p->fd[1]);
	one_pass();
	assert_log("A:read");
	raise(SIGUSR1);
	one_pass();
	assert_log("sig:signal");
}

#endif
