/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program for orders.sh: says whose event_* functions it was linked with and,
 * if they are ours, runs a timer.  Another library's struct event may be larger
 * than ours, so the program does not use one then.
 *
 * It calls only functions that libev has, too; with BEYOND it also calls one
 * that libev lacks.
 */
#include <stdio.h>
#include <string.h>

#include <event.h>

static void
fired_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	printf("ours\n");
#ifdef BEYOND
	event_loopbreak();
#endif
}

int
main(void)
{
	struct timeval ms = {0, 1000};
	struct event ev;

	if (strcmp(event_get_version(), _EVENT_VERSION) != 0) {
		printf("theirs\n");
		return 0;
	}
	event_init();
	evtimer_set(&ev, fired_cb, NULL);
	event_add(&ev, &ms);
	event_dispatch();
	return 0;
}
