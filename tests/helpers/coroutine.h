/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program whose callbacks are coroutines: the loop runs on a stack of its
 * own, a callback leaves it, and the rest of the program keeps calling the
 * library before it comes back.  Libraries such as greenlet copy that stack
 * away meanwhile.  Here it cannot be touched: whoever reads or writes it is
 * killed.
 */
#ifndef HELPERS_COROUTINE_H
#define HELPERS_COROUTINE_H

#include <sys/mman.h>
#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>

#include "test.h"

#define STACK ((size_t)1 << 20) /* bytes */

struct hub {
	ucontext_t there, here;
	char *stack;
	void (*body)(void);
	bool ended;
};
/* How often callbacks left, and calls of the events of use_events(). */
extern int n_leaves, other_calls;

/* Leaves the loop's stack inside a callback: resume_stack() returns. */
void leave_stack(void);

/* Runs the loop's stack until a callback leaves it; false once the body has
 * ended. */
bool resume_stack(void);

void hub_open(void (*body)(void));

void hub_close(void);

/* Add events, timers and signals, use buffers, and remove them again, as the
 * rest of the program does meanwhile. */
void use_events(void);

void use_buffers(void);

/* Runs body on a stack of its own to its end, which has to leave it this
 * many times; each time it uses events, buffers and another loop. */
void run_on_stack(void (*body)(void), int leaves);

#endif
