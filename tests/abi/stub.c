/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libevent 1.4 for the linker alone: the names that dropin.c uses.  Under the
 * soname of the original it makes a program that was, as far as anybody can
 * tell, built for the original.  Were it ever to run, the version would say so.
 * For two.sh it is another libevent that does run.
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
