/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a timer is due, as event_pending() tells it.
 */
#ifndef HELPERS_DUE_H
#define HELPERS_DUE_H

/*
 * Milliseconds from now until ev is due.  The answer lies between the two
 * values; they are as far apart as the call took.
 */
static inline void
due_in(struct event *ev, double *min, double *max)
{
	struct timeval before, after, tv = {0, 0};

	gettimeofday(&before, NULL);
	assert_int_equal(event_pending(ev, EV_TIMEOUT, &tv), EV_TIMEOUT);
	gettimeofday(&after, NULL);
	*max = (tv.tv_sec - before.tv_sec) * 1e3 +
	       (tv.tv_usec - before.tv_usec) / 1e3;
	*min = (tv.tv_sec - after.tv_sec) * 1e3 +
	       (tv.tv_usec - after.tv_usec) / 1e3;
}

/* It was added some time after start, to be due after ms.  2.1 measures the
 * distance of the two clocks now and then only: it gets 50 ms. */
#define assert_due(ev, start, ms)                                              \
	do {                                                                   \
		double min_, max_;                                             \
                                                                               \
		due_in(ev, &min_, &max_);                                      \
		assert_true(min_ <= (ms) + 50);                                \
		assert_true(max_ >= (ms) - (now_ms() - (start)) - 50);         \
	} while (0)

#endif
