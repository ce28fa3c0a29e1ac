/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls for the loop to make; see the header.
 *
 * The ring has many writers and one reader, and no lock: a writer that is
 * interrupted, by a signal handler that is a writer as well, or for good, keeps
 * no other from writing.  A writer takes the position `head` by moving that on,
 * fills the cell of the position and says so in its `turn`.  The reader, which
 * alone has `tail`, waits for that at each position and gives the cell back.
 *
 * What turn says is relative to the lap, the position without its place in the
 * ring: LAP(position) if the cell is free for it, one more if it is filled.  So
 * a ring of zeros is an empty one.  The kernel makes one of it in a child: what
 * waits at a fork() is for the parent to call, and a thread that was about to
 * fill a cell then is not in the child.
 *
 * `any` is set behind a cell, and cleared before the reader looks: who sets it
 * first wakes the loop.
 */
#include "calls.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>

#include "base.h"
#include "evcompat.h"
#include "event.h"

#define CELLS 1024u
#define LAP(position) ((position) & ~(CELLS - 1))
#define APART 64 /* bytes: a line of the processor's cache */

struct cell {
	atomic_uint turn;
	void (*cb)(void *);
	void *arg;
};

struct ring {
	atomic_uint head;
	alignas(APART) unsigned int tail;
	alignas(APART) struct cell cells[CELLS];
};

int
evi_calls_init(struct calls *calls)
{
	void *p = mmap(NULL, sizeof(*calls->ring), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		errno = ENOMEM;
		return -1;
	}
	/* A kernel before 4.14 refuses: a child then makes these calls, too. */
	madvise(p, sizeof(*calls->ring), MADV_WIPEONFORK);
	calls->ring = p;
	return 0;
}

void
evi_calls_free(struct calls *calls)
{
	if (calls->ring != NULL)
		munmap(calls->ring, sizeof(*calls->ring));
	calls->ring = NULL;
}

/* --- writers --- */

/* The cell of a position that is the caller's from now on; NULL: none is free.
 */
static struct cell *
take_position(struct ring *ring, unsigned int *position)
{
	unsigned int at =
	    atomic_load_explicit(&ring->head, memory_order_relaxed);

	for (;;) {
		struct cell *cell = &ring->cells[at % CELLS];
		unsigned int turn =
		    atomic_load_explicit(&cell->turn, memory_order_acquire);

		if ((int)(turn - LAP(at)) < 0)
			return NULL; /* of the lap before */
		if (turn != LAP(at)) {
			at = atomic_load_explicit(&ring->head,
			    memory_order_relaxed);
		} else if (atomic_compare_exchange_weak_explicit(&ring->head,
			       &at, at + 1, memory_order_relaxed,
			       memory_order_relaxed)) {
			*position = at;
			return cell;
		}
	}
}

/* In a child that has not renewed it nothing is written; see evi_calls_renew().
 */
static void
wake(struct event_base *base)
{
	int saved = errno;

	if (atomic_exchange(&base->calls.any, 1) == 0)
		evi_wake_up(base);
	errno = saved;
}

int
evcompat_base_wakeup(struct event_base *base, void (*cb)(void *), void *arg)
{
	unsigned int position;
	struct cell *cell;

	if (base == NULL)
		base = current_base;
	if (base == NULL || cb == NULL) {
		errno = EINVAL;
		return -1;
	}
	cell = take_position(base->calls.ring, &position);
	if (cell == NULL) {
		errno = EAGAIN;
		return -1;
	}
	cell->cb = cb;
	cell->arg = arg;
	atomic_store_explicit(&cell->turn, LAP(position) + 1,
	    memory_order_release);
	wake(base);
	return 0;
}

/* --- the reader --- */

static struct cell *
next_filled(struct ring *ring)
{
	struct cell *cell = &ring->cells[ring->tail % CELLS];

	return atomic_load_explicit(&cell->turn, memory_order_acquire) ==
		       LAP(ring->tail) + 1
		   ? cell
		   : NULL;
}

static void
give_back(struct ring *ring, struct cell *cell)
{
	unsigned int lap = LAP(ring->tail);

	ring->tail++;
	atomic_store_explicit(&cell->turn, lap + CELLS, memory_order_release);
}

/*
 * Calls that come meanwhile are for the next pass.  The exchange reads what the
 * last writer set, and so makes all seen that was written before.  A base that
 * is freed here is told to break, too, and has its ring until the loop ends.
 * Out of the way of signals, which are what mostly wakes a base.
 */
static __attribute__((noinline)) void
make_calls(struct event_base *base)
{
	struct ring *ring = base->calls.ring;
	unsigned int end;
	struct cell *cell;

	atomic_exchange(&base->calls.any, 0);
	end = atomic_load_explicit(&ring->head, memory_order_relaxed);
	while (
	    (int)(end - ring->tail) > 0 && (cell = next_filled(ring)) != NULL) {
		void (*cb)(void *) = cell->cb;
		void *arg = cell->arg;

		give_back(ring, cell);
		cb(arg);
		if (base->breaking || event_gotsig)
			break;
	}
	if (next_filled(ring) != NULL)
		wake(base);
}

/* Signals have been reported by then, from their counters. */
void
evi_calls_woken_cb(int fd, short what, void *arg)
{
	struct event_base *base = arg;

	(void)what;
	if (evi_wake_hear(fd) && evi_calls_are_queued(&base->calls))
		make_calls(base);
}

void
evi_calls_renew(struct event_base *base)
{
	if (atomic_load(&base->calls.any) != 0)
		evi_wake_up(base);
}
