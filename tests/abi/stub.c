/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libevent 1.4 for the linker alone: the names that dropin.c uses.  A program
 * that is linked with it, under the soname of the original, looks like one that
 * was built for the original.  If the stub itself ran, its version would show
 * that.  two.sh uses it as a second libevent that does run.
 */
#include <stddef.h>

#include <event.h>

volatile int event_gotsig;
int (*event_sigcb)(void);

const char *
event_get_version(void)
{
	return "stub";
}

const char *
event_get_method(void)
{
	return "stub";
}

struct event_base *
event_init(void)
{
	return NULL;
}

void
event_set(struct event *ev, int fd, short events,
    void (*cb)(int, short, void *), void *arg)
{
	(void)ev;
	(void)fd;
	(void)events;
	(void)cb;
	(void)arg;
}

int
event_add(struct event *ev, const struct timeval *tv)
{
	(void)ev;
	(void)tv;
	return -1;
}

int
event_dispatch(void)
{
	return -1;
}

int
event_loopexit(const struct timeval *tv)
{
	(void)tv;
	return -1;
}
