/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_init(); the functions that use the current base; the version; and those
 * that return a libev loop, for which NULL is the current base.
 */
#include <errno.h>

#include "base.h"
#include "event.h"
#include "native.h"
#include "public.h"
#include "watch.h"

struct event_base *
event_init(void)
{
	struct event_base *base = event_base_new();

	evi_event_make_current(base);
	return base;
}

int
event_dispatch(void)
{
	return event_loop(0);
}

int
event_loop(int flags)
{
	return event_base_loop(current_base, flags);
}

int
event_loopexit(const struct timeval *tv)
{
	return event_base_loopexit(current_base, tv);
}

int
event_loopbreak(void)
{
	return event_base_loopbreak(current_base);
}

int
event_once(int fd, short events, void (*callback)(int, short, void *),
    void *arg, const struct timeval *timeout)
{
	return event_base_once(current_base, fd, events, callback, arg,
	    timeout);
}

int
event_priority_init(int npriorities)
{
	return event_base_priority_init(current_base, npriorities);
}

const char *
event_get_method(void)
{
	return event_base_get_method(current_base);
}

const char *
event_get_version(void)
{
	return _EVENT_VERSION;
}

const char *
evcompat_version(void)
{
	return EVCOMPAT_VERSION;
}

struct ev_loop *
evcompat_base_loop(struct event_base *base)
{
	if (base == NULL)
		base = current_base;
	if (base == NULL || base->lost_loop) {
		errno = EINVAL;
		return NULL;
	}
	return evi_native_loop(base->watch);
}

struct ev_loop *
evcompat_child_loop(struct event_base *base)
{
	if (base == NULL)
		base = current_base;
	if (base == NULL || base->lost_loop) {
		errno = EINVAL;
		return NULL;
	}
	return evi_native_child_loop(base->watch);
}
