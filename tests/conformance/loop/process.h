/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A base in use, before a fork() or an event_reinit().
 */
#ifndef CONFORMANCE_PROCESS_H
#define CONFORMANCE_PROCESS_H

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>
#include <stdbool.h>
#include <signal.h>

/* A base with a persistent reader and a signal event that were polled. */
struct process {
	struct event_base *base;
	struct event reader, sig;
	int fd[2];
	bool reinit;
};

void process_set_up(struct process *p, bool reinit);

void process_tear_down(struct process *p);

/* Its reader and its signal event work. */
void process_check_works(struct process *p);

#endif
