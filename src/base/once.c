/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_base_once(): an event that the library keeps for the program.  The base
 * has these in a list, and frees those whose callback was never called.
 */
#include "once.h"

#include <errno.h>
#include <stdlib.h>

#include "base.h"
#include "event.h"

void
evi_once_init(struct once_list *list)
{
	LIST_INIT(&list->events);
}

static void
once_cb(int fd, short what, void *arg)
{
	struct event_once *once = arg;
	void (*cb)(int, short, void *) = once->cb;

	arg = once->arg;
	LIST_REMOVE(once, next);
	free(once);
	cb(fd, what, arg);
}

int
event_base_once(struct event_base *base, int fd, short events,
    void (*callback)(int, short, void *), void *arg,
    const struct timeval *timeout)
{
	static const struct timeval now = {0, 0};
	struct event_once *once;

	if (base == NULL || base->freed || (events & EV_SIGNAL)) {
		errno = EINVAL;
		return -1;
	}
	once = calloc(1, sizeof(*once));
	if (once == NULL)
		return -1;
	once->cb = callback;
	once->arg = arg;
	if (events == EV_TIMEOUT) {
		evtimer_set(&once->ev, once_cb, once);
		if (timeout == NULL)
			timeout = &now;
	} else if (events & (EV_READ | EV_WRITE)) {
		events &= EV_READ | EV_WRITE;
		event_set(&once->ev, fd, events, once_cb, once);
	} else {
		errno = EINVAL;
		goto fail;
	}
	if (event_base_set(base, &once->ev) == -1 ||
	    event_add(&once->ev, timeout) == -1)
		goto fail;
	LIST_INSERT_HEAD(&base->once.events, once, next);
	return 0;
fail:
	free(once);
	return -1;
}

void
evi_once_free(struct once_list *list)
{
	struct event_once *once;

	while ((once = LIST_FIRST(&list->events)) != NULL) {
		LIST_REMOVE(once, next);
		event_del(&once->ev);
		free(once);
	}
}
