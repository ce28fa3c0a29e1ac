/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a timer is due, as event_pending() returns it.
 */
#ifndef HELPERS_DUE_H
#define HELPERS_DUE_H

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>
/*
 * Milliseconds from now until ev is due.  The answer lies between the two
 * values; they are as far apart as the call took.
 */
void due_in(struct event *ev, double *min, double *max);

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
