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

#define STACK ((size_t)1 << 20)

struct hub {
	ucontext_t there, here;
	char *stack;
	void (*body)(void);
	bool ended;
};
extern int n_leaves, other_calls;

/* What callbacks do: the rest of the program runs. */
void leave_stack(void);

/* Resumes that stack until a callback leaves it; false once the body has ended.
 */
bool resume_stack(void);

void hub_open(void (*body)(void));

void hub_close(void);

/* Events, timers and signals of others. */
void use_events(void);

void use_buffers(void);

/* Runs what there is to its end, with everything used wherever it leaves. */
void run_on_stack(void (*body)(void), int leaves);

#endif
