/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The time that event_pending() returns is one of the wall clock, and it is
 * right whenever somebody sets that clock.  The clock is stepped by functions
 * of this file that take the place of the C library's.
 */
#include <sys/syscall.h>

#include <time.h>
#include <unistd.h>

#include "test.h"

static long clock_step; /* seconds */

int clock_gettime(clockid_t clock, struct timespec *ts);
int gettimeofday(struct timeval *restrict tv, void *restrict zone);

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int r = (int)syscall(SYS_clock_gettime, clock, ts);

	if (clock == CLOCK_REALTIME)
		ts->tv_sec += clock_step;
	return r;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

static double
wall_ms(void)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	return tv.tv_sec * 1e3 + tv.tv_usec / 1e3;
}

static double
expiry_ms(struct event *ev)
{
	struct timeval tv;

	assert_int_equal(event_pending(ev, EV_TIMEOUT, &tv), EV_TIMEOUT);
	return tv.tv_sec * 1e3 + tv.tv_usec / 1e3;
}

/* A timer, and when it was added. */
struct added {
	struct event ev;
	double ms, before, after; /* by the wall clock */
};

static void
add(struct added *a, double ms, void (*cb)(int, short, void *), void *arg)
{
	evtimer_set(&a->ev, cb, arg);
	a->ms = ms;
	a->before = wall_ms() - clock_step * 1e3;
	assert_int_equal(evtimer_add(&a->ev, MSEC((int)ms)), 0);
	a->after = wall_ms() - clock_step * 1e3;
}

/* A step is hours; the machine may be away for a while between two looks. */
static bool
is_right(struct added *a)
{
	double expected = a->ms + clock_step * 1e3, expiry = expiry_ms(&a->ev);

	return expiry >= a->before + expected - 60000 &&
	       expiry <= a->after + expected + 60000;
}

TEST(expiry_is_right_at_once_when_the_clock_is_set_forward,
    DIFFERS(V21, "it looks at the wall clock every five seconds"))
{
	struct event_base *base = event_init();
	struct added a;

	add(&a, 100000, idle_cb, NULL);
	assert_true(is_right(&a));
	clock_step = 86400;
	assert_true(is_right(&a));
	one_pass();
	assert_true(is_right(&a));
	event_del(&a.ev);
	event_base_free(base);
}

TEST(expiry_is_right_at_once_when_the_clock_is_set_back,
    DIFFERS(V21, "it looks at the wall clock every five seconds"))
{
	struct event_base *base = event_init();
	struct added a;

	add(&a, 100000, idle_cb, NULL);
	one_pass();
	clock_step = -7200;
	assert_true(is_right(&a));
	one_pass();
	assert_true(is_right(&a));
	event_del(&a.ev);
	event_base_free(base);
}

static void
step_cb(int fd, short what, void *arg)
{
	struct added *a = arg;

	(void)fd;
	(void)what;
	assert_true(is_right(a));
	clock_step += 3600;
	assert_true(is_right(a));
}

TEST(expiry_is_right_when_the_clock_is_set_inside_a_callback,
    DIFFERS(V21, "it looks at the wall clock every five seconds"))
{
	struct event_base *base = event_init();
	struct added a, now;

	add(&a, 100000, idle_cb, NULL);
	add(&now, 0, step_cb, &a);
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_true(is_right(&a));
	event_del(&a.ev);
	event_base_free(base);
}

TEST(timer_added_after_the_clock_was_set_expires_as_it_should)
{
	struct event_base *base = event_init();
	double start = now_ms();
	struct added a;
	int calls = 0;

	clock_step = 86400;
	add(&a, 20, count_cb, &calls);
	clock_step = -86400;
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(calls, 1);
	assert_elapsed(start, 20);
	event_base_free(base);
}

/* --- timers that have expired --- */

static struct added second;
static bool was_right;

static void
look_cb(int fd, short what, void *arg)
{
	double expiry = expiry_ms(&second.ev);

	(void)fd;
	(void)what;
	(void)arg;
	assert_true(wall_ms() >= second.before + second.ms + 300);
	was_right = expiry >= second.before + second.ms - 100 &&
		    expiry <= second.after + second.ms + 100;
	event_loopbreak();
}

/*
 * The second timer is active as well, and was due a while ago.  The machine may
 * be away while the library looks at two clocks, so one time of five will do:
 * what returns the present time is wrong each time.
 */
TEST(event_that_has_timed_out_still_reports_its_time)
{
	struct event_base *base = event_init();
	struct added first;

	for (int i = 0; i < 5 && !was_right; i++) {
		add(&first, 10, look_cb, NULL);
		add(&second, 20, idle_cb, NULL);
		spin(350);
		assert_int_equal(event_dispatch(), 0);
		event_del(&second.ev);
	}
	assert_true(was_right);
	event_base_free(base);
}
