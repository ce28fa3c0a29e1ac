/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a case counts its events.  A case has one tally: its callbacks count in
 * it, and stop the loop once the run has had as many events as it wants.
 */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "bench.h"

#include <signal.h>

struct tally {
	long done; /* events of this run */
	long goal; /* events after which the run ends */
};

/* Counts an event; returns 1 for the one that reaches the goal, else 0. */
static inline int
tally_one(struct tally *tally)
{
	return ++tally->done == tally->goal;
}

/*
 * Runs a loop for n events.  run_loop() returns once tally_one() has returned
 * 1 and the callback has stopped the loop.  Returns how many events there were:
 * a callback that handles several may go past the goal.
 */
static inline long
tally_run(struct tally *tally, long n, void (*run_loop)(void))
{
	tally->done = 0;
	tally->goal = n;
	run_loop();
	bench_need(tally->done >= n, "the loop ended early");
	return tally->done;
}

/*
 * Raises SIGUSR1 n times.  After each, run_pass() is called until the case's
 * signal callback has counted it.
 */
static inline long
tally_signals(struct tally *tally, long n, void (*run_pass)(void))
{
	for (tally->done = 0; tally->done < n;) {
		long before = tally->done;

		raise(SIGUSR1);
		while (tally->done == before)
			run_pass();
	}
	return tally->done;
}

#endif
