/* SPDX-License-Identifier: BSD-3-Clause */
/* When a timer is due; see the header. */
#include "due.h"
#include "test.h"

void
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
