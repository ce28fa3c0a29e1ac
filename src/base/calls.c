/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls for the loop to make; see the header.
 *
 * The ring has many writers and one reader, and no lock.  A writer may be
 * interrupted by a signal handler that is a writer as well, or be stopped for
 * good; the others can still write.  A writer takes the position `head` by
 * incrementing it, fills the position's cell and sets the cell's `turn`.  The
 * reader, which alone uses `tail`, stops at the first position whose turn is
 * not set, and frees each cell that it has read for the next lap.
 *
 * The lap of a position is the position without its index in the ring.  turn is
 * LAP(position) if the cell is free for that position, and LAP(position) + 1 if
 * it is filled.  So a ring of zeros is empty.  In a child process the kernel
 * fills the ring with zeros: the parent makes the calls that were queued before
 * the fork(), and a thread that was filling a cell does not exist in the child.
 *
 * A writer sets `any` after it has filled a cell, and wakes the loop if `any`
 * was 0.  The reader clears it before it looks at the ring.
 */
#include "calls.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>

#include "base.h"
#include "event.h"
#include "evcompat.h"

#define CELLS 1024u
#define LAP(position) ((position) & ~(CELLS - 1))
#define CACHE_LINE 64 /* bytes */

struct cell {
	atomic_uint turn;
	void (*cb)(void *);
	void *arg;
};

struct ring {
	atomic_uint head;
	alignas(CACHE_LINE) unsigned int tail;
	alignas(CACHE_LINE) struct cell cells[CELLS];
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
	/*
	 * Linux before 4.14 cannot wipe pages in a child: the child then makes
	 * the calls, too.
	 */
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

/*
 * Takes a position for the caller and returns its cell; NULL: the ring is full.
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

		/* The cell still has the last lap's call. */
		if ((int)(turn - LAP(at)) < 0)
			return NULL;
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

/*
 * In a child process evi_wake_up() does nothing until the base has a descriptor
 * of its own; evi_calls_renew() writes to that.
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
free_cell(struct ring *ring, struct cell *cell)
{
	unsigned int lap = LAP(ring->tail);

	ring->tail++;
	atomic_store_explicit(&cell->turn, lap + CELLS, memory_order_release);
}

/*
 * Makes the calls that are queued by now; calls that are queued meanwhile wait
 * for the next pass.  If one of them frees the base, the loop breaks, and the
 * ring exists until the loop ends.  The function is not inlined, because mostly
 * signals wake a base, and those need no call.
 */
static __attribute__((noinline)) void
make_calls(struct event_base *base)
{
	struct ring *ring = base->calls.ring;
	unsigned int end;
	struct cell *cell;

	/* Reads what the last writer stored: all that it wrote is visible. */
	atomic_exchange(&base->calls.any, 0);
	end = atomic_load_explicit(&ring->head, memory_order_relaxed);
	while (
	    (int)(end - ring->tail) > 0 && (cell = next_filled(ring)) != NULL) {
		void (*cb)(void *) = cell->cb;
		void *arg = cell->arg;

		free_cell(ring, cell);
		cb(arg);
		if (base->breaking || event_gotsig)
			break;
	}
	if (next_filled(ring) != NULL)
		wake(base);
}

/* If a signal has woken the loop, evi_signal_report() reports that. */
void
evi_calls_woken_cb(int fd, short what, void *arg)
{
	struct event_base *base = arg;

	(void)what;
	if (evi_wake_clear(fd) && evi_calls_are_queued(&base->calls))
		make_calls(base);
}

void
evi_calls_renew(struct event_base *base)
{
	if (atomic_load(&base->calls.any) != 0)
		evi_wake_up(base);
}
