/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hook that fork(2) calls counts forks, so that a pass of the loop notices a
 * child process by one comparison and without a system call.
 */
#include "fork.h"

#include <pthread.h>

atomic_uint evi_fork_generation;

static struct {
	pthread_once_t hook;
	evi_fork_cb *_Atomic listener;
} state = {.hook = PTHREAD_ONCE_INIT};

static void
in_child_cb(void)
{
	atomic_fetch_add(&evi_fork_generation, 1);
}

static void
install_hook_cb(void)
{
	pthread_atfork(NULL, NULL, in_child_cb);
}

void
evi_fork_watch(void)
{
	pthread_once(&state.hook, install_hook_cb);
}

void
evi_fork_listen(evi_fork_cb *cb)
{
	atomic_store(&state.listener, cb);
}

void
evi_fork_notify(struct event_base *base, bool from_loop)
{
	evi_fork_cb *cb = atomic_load(&state.listener);

	if (cb != NULL)
		cb(base, from_loop);
}
