/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * timers: what libevent 1.4 promises about timers, priorities and the ways to
 * leave the loop, in four acts.  Each act adds some events and runs the loop.
 * The output, and its order, are the same on every machine.  It builds with the
 * -levent of any libevent.
 */
#include <sys/types.h>
#include <sys/time.h>
#include <err.h>
#include <event.h>
#include <stdio.h>

enum {
	HIGH,
	MIDDLE,
	LOW,
	PRIORITIES
};

struct named {
	struct event ev;
	const char *name;
};

static void
in_ms(struct event *ev, int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	if (event_add(ev, &tv) == -1)
		err(1, "event_add");
}

/*
 * Plays an act: runs the loop until it ends, with act as the first callback, at
 * the highest priority, so that the events that it activates wait until it
 * returns.
 */
static void
play(const char *title, void (*act)(int, short, void *))
{
	struct event first;
	int ended;

	printf("\n%s\n", title);
	evtimer_set(&first, act, NULL);
	event_priority_set(&first, HIGH);
	in_ms(&first, 0);
	ended = event_dispatch();
	printf("   event_dispatch() returns %d: %s\n", ended,
	    ended == 1 ? "no event is left" : "a call ended it");
}

static void
name_cb(int fd, short what, void *arg)
{
	struct named *n = arg;

	(void)fd;
	(void)what;
	printf("   %s\n", n->name);
}

/*
 * All times count from the same moment: inside a callback the loop's clock
 * stands still.
 */
static void
timers_act(int fd, short what, void *arg)
{
	static struct named timers[] = {
	    {.name = "the timer of 40 ms"},
	    {.name = "the timer of 10 ms"},
	    {.name = "the timer of 30 ms, put off to 60 ms"},
	    {.name = "the timer of 20 ms, which was deleted"},
	    {.name = "the timer of 50 ms"},
	};
	static const int ms[] = {40, 10, 30, 20, 50};
	int i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < 5; i++) {
		evtimer_set(&timers[i].ev, name_cb, &timers[i]);
		in_ms(&timers[i].ev, ms[i]);
	}
	in_ms(&timers[2].ev, 60);
	evtimer_del(&timers[3].ev);
	printf("   added 40, 10, 30, 20 and 50 ms; put off 30, deleted 20\n");
}

static void
tick_cb(int fd, short what, void *arg)
{
	static int ticks;
	struct event *self = arg;

	(void)fd;
	(void)what;
	printf("   tick %d; %s\n", ++ticks,
	    evtimer_pending(self, NULL) ? "still pending" : "not pending");
	if (ticks < 3)
		in_ms(self, 10);
}

static void
ticks_act(int fd, short what, void *arg)
{
	static struct event ticker;

	(void)fd;
	(void)what;
	(void)arg;
	evtimer_set(&ticker, tick_cb, &ticker);
	in_ms(&ticker, 10);
	printf("   added 10 ms; %s\n",
	    evtimer_pending(&ticker, NULL) ? "pending" : "not pending");
}

static void
activate(struct named *n, int priority, void (*cb)(int, short, void *))
{
	evtimer_set(&n->ev, cb, n);
	if (event_priority_set(&n->ev, priority) == -1)
		errx(1, "priority %d", priority);
	event_active(&n->ev, EV_TIMEOUT, 1);
}

static void
middle_cb(int fd, short what, void *arg)
{
	static struct named late = {.name = "high, activated by middle"};

	name_cb(fd, what, arg);
	activate(&late, HIGH, name_cb);
}

static void
priorities_act(int fd, short what, void *arg)
{
	static struct named events[] = {
	    {.name = "low, first"},
	    {.name = "low, second"},
	    {.name = "middle, first: activates one of high priority"},
	    {.name = "middle, second: its turn had begun"},
	    {.name = "high, first"},
	    {.name = "high, second"},
	};
	int i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < 6; i++)
		activate(&events[i], LOW - i / 2, i == 2 ? middle_cb : name_cb);
	printf("   activated two low, two middle, two high\n");
}

static void
forever_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	in_ms(arg, 1);
}

static void
loopexit_act(int fd, short what, void *arg)
{
	static const struct timeval soon = {0, 50000};
	static struct event forever;

	(void)fd;
	(void)what;
	(void)arg;
	evtimer_set(&forever, forever_cb, &forever);
	in_ms(&forever, 1);
	event_loopexit(&soon);
	printf("   a timer adds itself for ever; event_loopexit() in 50 ms\n");
}

static void
break_cb(int fd, short what, void *arg)
{
	name_cb(fd, what, arg);
	event_loopbreak();
}

static void
loopbreak_act(int fd, short what, void *arg)
{
	static struct named first = {.name = "the first breaks the loop"};
	static struct named second = {.name = "the second has to wait"};

	(void)fd;
	(void)what;
	(void)arg;
	activate(&first, HIGH, break_cb);
	activate(&second, HIGH, name_cb);
	printf("   activated two events\n");
}

int
main(void)
{
	if (event_init() == NULL)
		errx(1, "event_init failed");
	if (event_priority_init(PRIORITIES) == -1)
		errx(1, "event_priority_init failed");
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("timers: libevent %s, waiting with %s\n", event_get_version(),
	    event_get_method());

	play("Timers fire by their time, in whatever order they were added.",
	    timers_act);
	play("A timer fires once; it may add itself again.", ticks_act);
	play("The urgent go first, equals in the order they came.",
	    priorities_act);
	play("event_loopbreak() returns right after the callback.",
	    loopbreak_act);
	printf("   once more:\n");
	if (event_loop(EVLOOP_ONCE) == -1)
		err(1, "event_loop");
	play("event_loopexit() ends a loop that would never end.",
	    loopexit_act);
	return 0;
}
