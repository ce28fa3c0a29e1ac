/* SPDX-License-Identifier: BSD-3-Clause */
/* Allocations that fail, one after the other; see the header. */
#include "http_sweep.h"

void
quiet_cb(int severity, const char *msg)
{
	(void)severity;
	(void)msg;
}

void
each_fails(bool (*func)(const void *, long, bool), const void *arg)
{
	long left[2] = {0, 0};

	event_set_log_callback(quiet_cb);
	for (int turn = 0; turn < 4; turn++) {
		for (long nth = 1; func(arg, nth, turn % 2 != 0); nth++)
			evi_element_free_spares();
		evi_element_free_spares();
		if (turn > 1 && counts.bytes > left[turn % 2])
			fail_msg("%ld bytes are left",
			    counts.bytes - left[turn % 2]);
		left[turn % 2] = counts.bytes;
	}
	event_set_log_callback(NULL);
}
