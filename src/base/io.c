/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A descriptor has a slot, with one ev_io for all events on it.  A slot that
 * changes is only put on a list; evi_io_flush() passes the list to libev right
 * before a pass.  So event_del(), event_set() and event_add() between two
 * passes change nothing in the kernel if the result is the same as before.
 *
 * libev, as distributions build it, ends the process if it watches a descriptor
 * that is not open.  The program can close one at any time:
 *
 *  1. Before it is added: evi_io_add() asks the kernel.
 *  2. Between evi_io_add() and the pass: evi_io_flush() asks the kernel.
 *  3. While it is watched: the kernel removes it from the epoll set.  libev
 *     would notice only when it adds all descriptors to a new set; fork_cb() in
 *     watch.c, and in host.c, runs right before that and stops the watchers of
 *     closed ones.  poll(2) reports closed descriptors, so with that back-end
 *     each pass first stops their watchers.
 *  4. While it is watched, and the number is opened again for another file: an
 *     epoll set has files, not numbers.  Adding a file that is in the epoll set
 *     already fails with EEXIST.  evi_io_add() makes that cheap system call,
 *     which also fails if the descriptor is closed.  If it does not fail, the
 *     slot is armed again.
 *  5. After its events were deleted, while another process or a dup() has the
 *     file open: see remove_at_once().
 *  6. Together with the epoll set itself, in a program that closes everything:
 *     the same system calls show it, before libev learns of anything, and the
 *     pass fails.
 */
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "alloc.h"
#include "base.h"
#include "kernel.h"
#include "libev.h"
#include "watch_private.h"

/* Slots that are allocated together. */
#define CHUNK 64
/* Descriptors that are checked by one system call. */
#define BATCH 64
/*
 * Of libev's watchers for descriptors.  Those for timers have 0, so libev
 * reports descriptors first.
 */
#define PRIORITY 1

/* Values of slot.next that do not name a descriptor. */
#define LIST_END EVI_NO_FD
#define UNCHANGED (-2)

struct slot {
	ev_io io; /* io.data: the descriptor's events, the newest first */
	int next; /* the next changed descriptor, LIST_END or UNCHANGED */
	bool is_uncounted; /* active without keeping the loop alive */
	bool needs_arming; /* the epoll set does not have what libev thinks */
};

/* --- slots and their events --- */

static struct slot *
slot_at(const struct watch *w, int fd)
{
	unsigned int n = (unsigned int)fd; /* faster to divide */

	if (n / CHUNK >= (unsigned int)w->descriptors.nchunks ||
	    w->descriptors.chunks[n / CHUNK] == NULL)
		return NULL;
	return &w->descriptors.chunks[n / CHUNK][n % CHUNK];
}

/*
 * The first slot at or after *fd; sets *fd to its descriptor.  NULL if there is
 * none.
 */
static struct slot *
find_slot(const struct watch *w, int *fd)
{
	struct slot *s;

	for (; *fd / CHUNK < w->descriptors.nchunks;
	     *fd = (*fd / CHUNK + 1) * CHUNK)
		if ((s = slot_at(w, *fd)) != NULL)
			return s;
	return NULL;
}

static int
grow_chunks(struct watch *w, int need)
{
	int n = w->descriptors.nchunks == 0 ? 16 : w->descriptors.nchunks;
	struct slot **chunks;

	while (n < need)
		n *= 2;
	chunks = realloc(w->descriptors.chunks, (size_t)n * sizeof(*chunks));
	if (chunks == NULL)
		return -1;
	for (int i = w->descriptors.nchunks; i < n; i++)
		chunks[i] = NULL;
	w->descriptors.chunks = chunks;
	w->descriptors.nchunks = n;
	return 0;
}

static void io_cb(struct ev_loop *, ev_io *, int);

static struct slot *
slot_of(ev_io *io)
{
	return (struct slot *)(void *)io;
}

/*
 * Allocates the slots of a chunk of descriptors and returns that of fd, which
 * had none.  NULL without memory.
 */
static struct slot *
make_slot(struct watch *w, int fd)
{
	struct slot *slots;
	int chunk = fd / CHUNK;

	if (chunk >= w->descriptors.nchunks && grow_chunks(w, chunk + 1) == -1)
		return NULL;
	slots = calloc(CHUNK, sizeof(*slots));
	if (slots == NULL)
		return NULL;
	for (int i = 0; i < CHUNK; i++) {
		ev_io_init(&slots[i].io, io_cb, chunk * CHUNK + i, 0);
		ev_set_priority(&slots[i].io, PRIORITY);
		slots[i].next = UNCHANGED;
	}
	w->descriptors.chunks[chunk] = slots;
	return &slots[fd % CHUNK];
}

static void
mark_changed(struct watch *w, struct slot *s, int fd)
{
	if (s->next != UNCHANGED)
		return;
	s->next = LIST_END;
	if (w->descriptors.changed == LIST_END)
		w->descriptors.changed = fd;
	else
		slot_at(w, w->descriptors.changed_last)->next = fd;
	w->descriptors.changed_last = fd;
}

/*
 * Adds an event to its slot.  The event is there already if the program has set
 * it again (event_set()) without deleting it.
 */
static void
link_event(struct slot *s, struct event *ev)
{
	for (struct event *p = s->io.data; p != NULL; p = p->ev_next.tqe_next)
		if (p == ev)
			return;
	ev->ev_next.tqe_next = s->io.data;
	s->io.data = ev;
}

/*
 * Removes an event from its slot.  The event may not be there: event_set() on
 * an added event clears its link, and the events after it are lost.
 */
static void
unlink_event(struct slot *s, struct event *ev)
{
	struct event *p = s->io.data;

	if (p == ev) {
		s->io.data = ev->ev_next.tqe_next;
		return;
	}
	while (p != NULL && p->ev_next.tqe_next != ev)
		p = p->ev_next.tqe_next;
	if (p != NULL)
		p->ev_next.tqe_next = ev->ev_next.tqe_next;
}

/* What the descriptor's events wait for, in libev's bits. */
static int
events_of(const struct slot *s)
{
	int events = 0;

	for (const struct event *ev = s->io.data; ev != NULL;
	     ev = ev->ev_next.tqe_next)
		events |= ev->ev_events;
	return evi_libev_from_libevent(events);
}

/* --- changes for libev --- */

/*
 * Has the slot's watcher, which is about to stop or was stopped by libev, count
 * for the loop again, as libev expects of it.
 */
static void
count_watcher(struct watch *w, struct slot *s)
{
	s->is_uncounted = false;
	ev_ref(w->loop);
}

static void
disarm(struct watch *w, struct slot *s)
{
	if (s->is_uncounted)
		count_watcher(w, s);
	ev_io_stop(w->loop, &s->io);
}

/*
 * Has the slot's watcher not count for the loop: an event of the library's own
 * does not keep the loop alive.
 */
static void
uncount_watcher(struct watch *w, struct slot *s)
{
	s->is_uncounted = true;
	ev_unref(w->loop);
}

/*
 * Starts the watcher.  After ev_io_set() libev does not assume that the kernel
 * knows the descriptor.
 */
static void
arm(struct watch *w, struct slot *s, int fd, int events)
{
	const struct event *ev = s->io.data;

	disarm(w, s);
	ev_io_set(&s->io, fd, events);
	ev_io_start(w->loop, &s->io);
	s->needs_arming = false;
	if (ev->ev_flags & EVLIST_INTERNAL)
		uncount_watcher(w, s);
}

/* Whether libev's watcher has to be started, or again, for these events. */
static bool
must_arm(const struct slot *s, int events)
{
	return events != 0 && (s->needs_arming || !ev_is_active(&s->io) ||
				  s->io.events != events);
}

/*
 * An event that is deleted is mostly added again soon, and nothing has changed.
 * So the deletion is put on the list of changes only when another descriptor
 * loses an event, or before a pass.
 */
static void
list_deleted(struct watch *w)
{
	int fd = w->descriptors.deleted;

	w->descriptors.deleted = EVI_NO_FD;
	if (fd != EVI_NO_FD)
		mark_changed(w, slot_at(w, fd), fd);
}

/*
 * Whether libev may watch a descriptor.  While *is_checked is false, this also
 * asks the kernel whether backend.fd still is an epoll set; if so, *is_checked
 * becomes true.
 */
static enum fd_state
check_descriptor(const struct watch *w, const struct slot *s, int fd,
    bool *is_checked)
{
	enum fd_state state;

	if (fd == w->backend.fd)
		return FD_CLOSED; /* the epoll set has its number now */
	if (*is_checked)
		return evi_kernel_is_open(fd) ? FD_NOT_IN_SET : FD_CLOSED;
	if (ev_is_active(&s->io) && !s->needs_arming)
		state = evi_kernel_probe_armed(w->backend.fd, fd);
	else
		state = evi_kernel_probe_unarmed(w->backend.fd, fd);
	*is_checked = state == FD_IN_SET || state == FD_NOT_IN_SET;
	return state;
}

int
evi_io_flush(struct watch *w)
{
	bool is_checked = false;

	list_deleted(w);
	while (w->descriptors.changed != LIST_END) {
		int fd = w->descriptors.changed;
		struct slot *s = slot_at(w, fd);
		int events = events_of(s);
		enum fd_state state = FD_CLOSED; /* no event: disarm */

		if (events == 0 || must_arm(s, events)) {
			if (events != 0)
				state = check_descriptor(w, s, fd, &is_checked);
			if (state == FD_SET_LOST) {
				errno = EBADF;
				return -1;
			}
			if (state == FD_CLOSED)
				disarm(w, s);
			else
				arm(w, s, fd, events);
		}
		w->descriptors.changed = s->next;
		s->next = UNCHANGED;
	}
	return 0;
}

static void
disarm_closed(struct watch *w, struct pollfd *fds, int n)
{
	evi_kernel_find_closed(fds, n);
	for (int i = 0; i < n; i++)
		if (fds[i].revents & POLLNVAL)
			disarm(w, slot_at(w, fds[i].fd));
}

void
evi_io_retry(struct watch *w)
{
	struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		if (s->io.data != NULL && !ev_is_active(&s->io))
			mark_changed(w, s, fd);
}

void
evi_io_drop_closed(struct watch *w)
{
	struct pollfd fds[BATCH];
	struct slot *s;
	int n = 0;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++) {
		if (!ev_is_active(&s->io))
			continue;
		fds[n].fd = fd;
		fds[n++].events = 0;
		if (n == BATCH) {
			disarm_closed(w, fds, n);
			n = 0;
		}
	}
	if (n > 0)
		disarm_closed(w, fds, n);
}

/* --- what libev reports --- */

/*
 * Reports several events on one descriptor: those that wait to read, or the
 * others.  Each is queued before those that were reported already, so going
 * from the newest event to the oldest queues them in the order of adding.
 */
static void
report(struct event *first, int res, bool readers)
{
	struct event *next;

	for (struct event *ev = first; ev != NULL; ev = next) {
		next = ev->ev_next.tqe_next;
		if (((ev->ev_events & LIBEVENT_READ) != 0) == readers &&
		    (ev->ev_events & res) != 0)
			evi_base_report_io(ev, ev->ev_events & res);
	}
}

/*
 * libev has stopped a watcher because of an error.  If the descriptor is open,
 * the kernel had no memory for it: the pass fails, and the next one tries
 * again.
 */
static void
handle_error(struct watch *w, struct slot *s)
{
	int fd = s->io.fd;

	if (s->is_uncounted)
		count_watcher(w, s);
	if (evi_kernel_probe_armed(w->backend.fd, fd) == FD_CLOSED)
		return;
	evi_libev_set_error(&w->libev, errno);
	s->needs_arming = true;
	mark_changed(w, s, fd);
}

static void
io_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	struct event *ev = io->data;
	int res = evi_libev_to_libevent(revents);

	(void)loop;
	if (ev == NULL)
		return; /* its events were deleted in this pass */
	if (revents & EV_ERROR) {
		handle_error(evi_base_watch_of(ev), slot_of(io));
		return;
	}
	if (ev->ev_next.tqe_next == NULL) {
		evi_base_report_io(ev, ev->ev_events & res);
	} else {
		/* The readers are queued before the others. */
		report(ev, res, false);
		report(ev, res, true);
	}
}

/* --- descriptors --- */

void
evi_io_init(struct descriptors *d)
{
	d->changed = d->deleted = EVI_NO_FD;
}

/*
 * Makes libev's array by descriptor large enough for a chunk, because
 * evi_io_flush() must not fail without memory: starts a watcher for the chunk's
 * last descriptor and stops it again before the kernel learns of it.
 */
static int
make_room(struct watch *w, int fd)
{
	int last = fd / CHUNK * CHUNK + CHUNK - 1;
	struct slot *s = slot_at(w, last);
	size_t n = (size_t)last + 1;

	if (n <= w->descriptors.array.room || ev_is_active(&s->io))
		return 0;
	if (evi_alloc_begin(&w->descriptors.array, n) == -1)
		return -1;
	ev_io_set(&s->io, last, EV_READ);
	ev_io_start(w->loop, &s->io);
	ev_io_stop(w->loop, &s->io);
	evi_alloc_end(&w->descriptors.array, n);
	return 0;
}

/*
 * The slot for a new event, made if need be.  NULL with errno if the event must
 * not be added.  If libev already watches the descriptor for the events, this
 * asks the kernel whether the descriptor still is the same file.  If libev does
 * not, evi_io_flush() will ask.
 */
static struct slot *
check_add(struct watch *w, int fd, int events)
{
	struct slot *s = fd < 0 ? NULL : slot_at(w, fd);

	if (s != NULL && ev_is_active(&s->io) && !s->needs_arming &&
	    !(events & ~s->io.events)) {
		enum fd_state state = evi_kernel_probe_armed(w->backend.fd, fd);

		if (state == FD_IN_SET)
			return s;
		s->needs_arming = true;
		mark_changed(w, s, fd);
		return state == FD_CLOSED ? NULL : s;
	}
	if (!evi_kernel_can_add(w->backend.fd, fd))
		return NULL;
	if (s == NULL)
		s = make_slot(w, fd);
	if (s == NULL || make_room(w, fd) == -1)
		return NULL;
	mark_changed(w, s, fd);
	return s;
}

int
evi_io_add(struct watch *w, struct event *ev)
{
	int events = evi_libev_from_libevent(ev->ev_events);
	int fd = ev->ev_fd;
	struct slot *s = check_add(w, fd, events);

	if (s == NULL)
		return -1;
	link_event(s, ev);
	ev->min_heap_idx = (unsigned int)fd;
	if (w->descriptors.deleted == fd && s->io.events == events &&
	    !s->needs_arming && ev->ev_next.tqe_next == NULL)
		w->descriptors.deleted = EVI_NO_FD; /* nothing has changed */
	return 0;
}

/*
 * A closed descriptor stays in the epoll set until the last copy of it is
 * closed as well.  libev learns too late that the events were deleted to remove
 * the descriptor, and makes a new epoll set when the kernel reports it.  In a
 * base where that has happened, a descriptor without events is removed from the
 * epoll set at once, unless a native watcher may use it.  A child must not
 * remove a descriptor from its parent's epoll set.
 */
static __attribute__((cold, noinline)) void
remove_at_once(struct watch *w, int fd)
{
	struct slot *s = slot_at(w, fd);

	if (s->io.data != NULL || s->needs_arming || !ev_is_active(&s->io) ||
	    w->native.is_in_use || w->backend.fd == -1 ||
	    evi_base_is_inherited(w->base))
		return;
	evi_kernel_remove(w->backend.fd, fd);
	s->needs_arming = true;
}

void
evi_io_del(struct watch *w, struct event *ev)
{
	int fd = (int)ev->min_heap_idx;
	struct slot *s = slot_at(w, fd);

	unlink_event(s, ev);
	if (w->descriptors.deleted != EVI_NO_FD && w->descriptors.deleted != fd)
		list_deleted(w);
	w->descriptors.deleted = fd;
	if (w->shares_files)
		remove_at_once(w, fd);
}

bool
evi_io_is_in_use(const struct watch *w, int fd)
{
	const struct slot *s = slot_at(w, fd);

	return fd == w->backend.old_fd || (s != NULL && s->io.data != NULL);
}

int
evi_io_end(const struct watch *w)
{
	int end = w->descriptors.nchunks * CHUNK;

	return w->backend.old_fd < end ? end : w->backend.old_fd + 1;
}

bool
evi_io_has_closed(const struct watch *w)
{
	const struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		if (s->io.data != NULL && s->next == UNCHANGED &&
		    !ev_is_active(&s->io))
			return true;
	return false;
}

void
evi_io_drain(struct watch *w, void (*drop_cb)(struct event *))
{
	struct event *ev;
	struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		while ((ev = s->io.data) != NULL) {
			drop_cb(ev);
			unlink_event(s, ev);
		}
}

void
evi_io_stop(struct watch *w)
{
	struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		disarm(w, s);
}

void
evi_io_free(struct watch *w)
{
	for (int i = 0; i < w->descriptors.nchunks; i++)
		free(w->descriptors.chunks[i]);
	free(w->descriptors.chunks);
}
