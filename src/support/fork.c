/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A child is noticed by a hook that fork(3) calls, so that a pass of the loop
 * pays one comparison for it and no system call.
 */
#include "fork.h"

#include <pthread.h>

atomic_uint evi_fork_generation;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static evi_fork_listener *_Atomic listener;

static void
in_child(void)
{
	atomic_fetch_add(&evi_fork_generation, 1);
}

static void
install(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

void
evi_fork_watch(void)
{
	pthread_once(&once, install);
}

void
evi_fork_listen(evi_fork_listener *who)
{
	atomic_store(&listener, who);
}

void
evi_fork_tell(struct event_base *base, bool forked)
{
	evi_fork_listener *who = atomic_load(&listener);

	if (who != NULL)
		who(base, forked);
}
