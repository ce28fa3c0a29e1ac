/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that was built for libevent 1.4: prints what it finds when it runs,
 * for dropin.sh to compare.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <event.h>

/* Data of 1.4's that such programs declare themselves, and write to. */
extern volatile int event_gotsig;
extern int (*event_sigcb)(void);

static void
fired_cb(int fd, short what, void *arg)
{
	(void)arg;
	printf("a timer fires: %d %d\n", fd, what);
}

static void
never_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	printf("this one never fires\n");
}

static int
stop(void)
{
	printf("event_sigcb is called\n");
	return -1;
}

/*
 * How many executable mappings the process has of files named like a libevent.
 */
static int
libraries(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096], access[8];
	const char *file;
	int n = 0;

	if (maps == NULL)
		return -1;
	while (fgets(line, sizeof(line), maps) != NULL) {
		file = strrchr(line, '/');
		if (sscanf(line, "%*s %7s", access) == 1 && file != NULL &&
		    strchr(access, 'x') != NULL &&
		    (strncmp(file, "/libevcompat", 12) == 0 ||
			strncmp(file, "/libevent", 9) == 0))
			n++;
	}
	fclose(maps);
	return n;
}

int
main(void)
{
	struct event soon, late;
	struct timeval ms = {0, 1000}, hour = {3600, 0}, now = {0, 0};

	printf("version %s\n", event_get_version());
	printf("libraries: %d\n", libraries());
	event_init();
	evtimer_set(&soon, fired_cb, NULL);
	evtimer_add(&soon, &ms);
	printf("event_dispatch: %d\n", event_dispatch());

	evtimer_set(&late, never_cb, NULL);
	evtimer_add(&late, &hour);
	event_loopexit(&now);
	printf("event_dispatch: %d\n", event_dispatch());
	event_sigcb = stop;
	event_gotsig = 1;
	printf("event_dispatch: %d\n", event_dispatch());
	printf("errno is EINTR: %d\n", errno == EINTR);
	return 0;
}
