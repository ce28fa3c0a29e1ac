/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors have a slot each, with one ev_io for all events on it.  A slot
 * that changes is only put on a list; evi_io_flush() tells libev about the list
 * right before a pass, so that del + set + add of an event ends where it began.
 *
 * The packaged libev ends the process over a descriptor that is not open, so
 * none may reach it:
 *
 *  1. Closed when it is added: evi_io_add() asks the kernel.
 *  2. Closed between add and pass: evi_io_flush() asks again.
 *  3. Closed while watched: the kernel forgets it by itself.  Only where libev
 *     rebuilds all it told the kernel would it come up: fork_cb() runs just
 *     before that and drops what is closed.  poll(2) would report it, so with
 *     that back-end every pass looks first.
 *  4. Closed, and the number open again as another file: an epoll set knows
 *     files, not numbers.  Adding what should be in the set already answers
 *     EEXIST if it is, for the price of one cheap system call; that one check
 *     also does for 1.  If it is not, the slot starts over.
 *  5. Deleted and closed, but another process or a dup() has the file: see
 *     withdraw().
 *  6. The kernel's own set closed, by a program that closes everything: the
 *     same questions tell, before libev is told anything, and the pass is an
 *     error.
 */
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "alloc.h"
#include "base.h"
#include "kernel.h"
#include "libev.h"

#define BATCH 64 /* descriptors that are checked by one system call */

/* Values of slot.next that are no descriptor. */
#define LIST_END EVI_NO_CHANGE
#define UNCHANGED (-2)

/* --- slots and their events --- */

static struct slot *
slot_at(const struct watch *w, int fd)
{
	unsigned int n = (unsigned int)fd; /* quicker to divide */

	if (n / CHUNK >= (unsigned int)w->nchunks ||
	    w->chunks[n / CHUNK] == NULL)
		return NULL;
	return &w->chunks[n / CHUNK][n % CHUNK];
}

/* The first slot from *fd on, which is set to its descriptor; NULL at the end.
 */
static struct slot *
find_slot(const struct watch *w, int *fd)
{
	struct slot *s;

	for (; *fd / CHUNK < w->nchunks; *fd = (*fd / CHUNK + 1) * CHUNK)
		if ((s = slot_at(w, *fd)) != NULL)
			return s;
	return NULL;
}

static int
grow_chunks(struct watch *w, int need)
{
	int n = w->nchunks == 0 ? 16 : w->nchunks;
	struct slot **chunks;

	while (n < need)
		n *= 2;
	chunks = realloc(w->chunks, (size_t)n * sizeof(*chunks));
	if (chunks == NULL)
		return -1;
	for (int i = w->nchunks; i < n; i++)
		chunks[i] = NULL;
	w->chunks = chunks;
	w->nchunks = n;
	return 0;
}

static void io_cb(struct ev_loop *, ev_io *, int);

/* The slot of a descriptor that has had none so far. */
static struct slot *
slot_make(struct watch *w, int fd)
{
	struct slot *slots;
	int chunk = fd / CHUNK;

	if (chunk >= w->nchunks && grow_chunks(w, chunk + 1) == -1)
		return NULL;
	slots = calloc(CHUNK, sizeof(*slots));
	if (slots == NULL)
		return NULL;
	for (int i = 0; i < CHUNK; i++) {
		ev_io_init(&slots[i].io, io_cb, chunk * CHUNK + i, 0);
		ev_set_priority(&slots[i].io, 1);
		slots[i].next = UNCHANGED;
	}
	w->chunks[chunk] = slots;
	return &slots[fd % CHUNK];
}

static void
mark_changed(struct watch *w, struct slot *s, int fd)
{
	if (s->next != UNCHANGED)
		return;
	s->next = LIST_END;
	if (w->changed == LIST_END)
		w->changed = fd;
	else
		slot_at(w, w->changed_last)->next = fd;
	w->changed_last = fd;
}

/* It may be in the list, if its owner has overwritten it while it was added. */
static void
link_event(struct slot *s, struct event *ev)
{
	for (struct event *p = s->io.data; p != NULL; p = p->ev_next.tqe_next)
		if (p == ev)
			return;
	ev->ev_next.tqe_next = s->io.data;
	s->io.data = ev;
}

/* By the same fault it may not be. */
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

/* What the descriptor's events ask for, in libev's bits. */
static int
wanted(const struct slot *s)
{
	int events = 0;

	for (const struct event *ev = s->io.data; ev != NULL;
	     ev = ev->ev_next.tqe_next)
		events |= ev->ev_events;
	return events >> 1 & (EV_READ | EV_WRITE);
}

/* --- telling libev --- */

/* The counterpart of quieten(), before the watcher stops, or after libev has
 * stopped it. */
static void
count_again(struct watch *w, struct slot *s)
{
	s->quiet = false;
	ev_ref(w->loop);
}

static void
disarm(struct watch *w, struct slot *s)
{
	if (s->quiet)
		count_again(w, s);
	ev_io_stop(w->loop, &s->io);
}

/* An event of the library's own does not keep the loop alive. */
static void
quieten(struct watch *w, struct slot *s)
{
	s->quiet = true;
	ev_unref(w->loop);
}

/* ev_io_set() makes libev ask the kernel whether the descriptor is in its set.
 */
static void
arm(struct watch *w, struct slot *s, int fd, int want)
{
	const struct event *ev = s->io.data;

	disarm(w, s);
	ev_io_set(&s->io, fd, want);
	ev_io_start(w->loop, &s->io);
	s->renew = false;
	if (ev->ev_flags & EVLIST_INTERNAL)
		quieten(w, s);
}

/* Whether libev has to be told to watch it, or to watch it for other things. */
static bool
needs_arming(const struct slot *s, int want)
{
	return want != 0 &&
	       (s->renew || !ev_is_active(&s->io) || s->io.events != want);
}

/*
 * An event that is deleted is mostly added again at once, and all is as it was.
 * So it counts as a change only when another descriptor loses an event, or a
 * pass comes up.
 */
static void
settle(struct watch *w)
{
	int fd = w->left;

	w->left = EVI_NO_CHANGE;
	if (fd != EVI_NO_CHANGE)
		mark_changed(w, slot_at(w, fd), fd);
}

/*
 * Whether a descriptor is fit for libev.  With the first one it is found out as
 * well whether the kernel's set still is one, and noted in has_set.
 */
static enum evi_verdict
check(const struct watch *w, const struct slot *s, int fd, bool *has_set)
{
	enum evi_verdict verdict;

	if (fd == w->backend.fd)
		return EVI_CLOSED; /* and is the set's own number now */
	if (*has_set)
		return evi_kernel_is_open(fd) ? EVI_OTHER : EVI_CLOSED;
	if (ev_is_active(&s->io) && !s->renew)
		verdict = evi_kernel_probe_armed(w->backend.fd, fd);
	else
		verdict = evi_kernel_probe_unarmed(w->backend.fd, fd);
	*has_set = verdict == EVI_SAME || verdict == EVI_OTHER;
	return verdict;
}

int
evi_io_flush(struct watch *w)
{
	bool has_set = false;

	settle(w);
	while (w->changed != LIST_END) {
		int fd = w->changed;
		struct slot *s = slot_at(w, fd);
		int want = wanted(s);
		enum evi_verdict verdict = EVI_CLOSED;

		if (want == 0 || needs_arming(s, want)) {
			if (want != 0)
				verdict = check(w, s, fd, &has_set);
			if (verdict == EVI_LOST) {
				errno = EBADF;
				return -1;
			}
			if (verdict == EVI_CLOSED)
				disarm(w, s);
			else
				arm(w, s, fd, want);
		}
		w->changed = s->next;
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

/* Stops watching every descriptor that is closed by now. */
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
 * Reports several events on one descriptor: those that only wait to write, or
 * the others.  Each goes ahead of those before, so the walk from the newest
 * event leaves them in the order of adding.
 */
static void
report(struct event *first, int res, bool readers)
{
	struct event *next;

	for (struct event *ev = first; ev != NULL; ev = next) {
		next = ev->ev_next.tqe_next;
		if (((ev->ev_events & WANT_READ) != 0) == readers &&
		    (ev->ev_events & res) != 0)
			evi_ready(ev, ev->ev_events & res);
	}
}

/*
 * libev has stopped watching a descriptor.  If it is open, the kernel has no
 * room for it: that is an error of the pass, and the next one tries again.
 */
static void
refused(struct watch *w, struct slot *s)
{
	int fd = s->io.fd;

	if (s->quiet)
		count_again(w, s);
	if (evi_kernel_probe_armed(w->backend.fd, fd) == EVI_CLOSED)
		return;
	w->error = errno;
	s->renew = true;
	mark_changed(w, s, fd);
}

static void
io_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	struct event *ev = io->data;
	int res = (revents & (EV_READ | EV_WRITE)) << 1;

	(void)loop;
	if (ev == NULL)
		return; /* deleted meanwhile */
	if (revents & EV_ERROR) {
		refused(evi_watch_of(ev), (struct slot *)(void *)io);
		return;
	}
	if (ev->ev_next.tqe_next == NULL) {
		evi_ready(ev, ev->ev_events & res);
	} else {
		report(ev, res, false); /* so that the readers end up ahead */
		report(ev, res, true);
	}
}

/* --- descriptors --- */

/*
 * libev has an array by descriptor.  Here it is made to grow for a chunk, since
 * evi_io_flush() could not fail for that: by a watcher for the chunk's last
 * descriptor, which is gone before the kernel hears of it.
 */
static int
make_room(struct watch *w, int fd)
{
	int last = fd / CHUNK * CHUNK + CHUNK - 1;
	struct slot *s = slot_at(w, last);
	size_t n = (size_t)last + 1;

	if (n <= w->fd_array.room || ev_is_active(&s->io))
		return 0;
	if (evi_alloc_begin(&w->fd_array, n) == -1)
		return -1;
	ev_io_set(&s->io, last, EV_READ);
	ev_io_start(w->loop, &s->io);
	ev_io_stop(w->loop, &s->io);
	evi_alloc_end(&w->fd_array, n);
	return 0;
}

/*
 * Whether an event for these may be added here; makes the slot.  NULL with
 * errno.  If nothing changes for libev, it is now that the kernel is asked
 * whether that is still right, else before libev is told.
 */
static struct slot *
check_add(struct watch *w, int fd, int want)
{
	struct slot *s = fd < 0 ? NULL : slot_at(w, fd);

	if (s != NULL && ev_is_active(&s->io) && !s->renew &&
	    !(want & ~s->io.events)) {
		enum evi_verdict verdict =
		    evi_kernel_probe_armed(w->backend.fd, fd);

		if (verdict == EVI_SAME)
			return s;
		s->renew = true;
		mark_changed(w, s, fd);
		return verdict == EVI_CLOSED ? NULL : s;
	}
	if (!evi_kernel_can_add(w->backend.fd, fd))
		return NULL;
	if (s == NULL)
		s = slot_make(w, fd);
	if (s == NULL || make_room(w, fd) == -1)
		return NULL;
	mark_changed(w, s, fd);
	return s;
}

int
evi_io_add(struct watch *w, struct event *ev)
{
	int want = ev->ev_events >> 1 & (EV_READ | EV_WRITE);
	int fd = ev->ev_fd;
	struct slot *s = check_add(w, fd, want);

	if (s == NULL)
		return -1;
	link_event(s, ev);
	ev->min_heap_idx = (unsigned int)fd;
	if (w->left == fd && s->io.events == want && !s->renew &&
	    ev->ev_next.tqe_next == NULL)
		w->left = EVI_NO_CHANGE; /* all is as it was */
	return 0;
}

/*
 * The kernel forgets a descriptor that is closed only with the last copy of it,
 * and libev, which hears of the deletion right before the next pass, leaves it
 * in the kernel's set and makes the whole set again when it turns out to be
 * there.  In a base that has met this a descriptor leaves the set at once,
 * unless a native watcher may be for it, too.  A child's first deletion would
 * reach the parent's set: it will have its own.
 */
static __attribute__((cold, noinline)) void
withdraw(struct watch *w, int fd)
{
	struct slot *s = slot_at(w, fd);

	if (s->io.data != NULL || s->renew || !ev_is_active(&s->io) ||
	    w->native || w->backend.fd == -1 || evi_is_inherited(w->base))
		return;
	evi_kernel_withdraw(w->backend.fd, fd);
	s->renew = true;
}

void
evi_io_del(struct watch *w, struct event *ev)
{
	int fd = (int)ev->min_heap_idx;
	struct slot *s = slot_at(w, fd);

	unlink_event(s, ev);
	if (w->left != EVI_NO_CHANGE && w->left != fd)
		settle(w);
	w->left = fd;
	if (w->shares)
		withdraw(w, fd);
}

bool
evi_io_has(const struct watch *w, int fd)
{
	const struct slot *s = slot_at(w, fd);

	return fd == w->backend.old_fd || (s != NULL && s->io.data != NULL);
}

int
evi_io_end(const struct watch *w)
{
	int end = w->nchunks * CHUNK;

	return w->backend.old_fd < end ? end : w->backend.old_fd + 1;
}

bool
evi_io_has_dead(const struct watch *w)
{
	const struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		if (s->io.data != NULL && s->next == UNCHANGED &&
		    !ev_is_active(&s->io))
			return true;
	return false;
}

void
evi_io_drain(struct watch *w, void (*drop)(struct event *))
{
	struct event *ev;
	struct slot *s;

	for (int fd = 0; (s = find_slot(w, &fd)) != NULL; fd++)
		while ((ev = s->io.data) != NULL) {
			drop(ev);
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
	for (int i = 0; i < w->nchunks; i++)
		free(w->chunks[i]);
	free(w->chunks);
}
