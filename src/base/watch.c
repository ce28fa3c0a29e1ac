/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a base watches, on libev: the one file that sees <ev.h>.
 *
 * Descriptors have a slot each, with one ev_io for all events on it.  A slot
 * that changes is only put on a list; flush() tells libev about the list right
 * before a pass, so that del + set + add of an event ends where it began.
 *
 * The packaged libev ends the process over a descriptor that is not open, so
 * none may reach it:
 *
 *  1. closed when it is added: evi_watch_io_add() asks the kernel;
 *  2. closed between add and pass: flush() asks again, about all new ones in
 *     one system call;
 *  3. closed while watched: the kernel forgets it by itself.  Only where libev
 *     rebuilds all it told the kernel would it come up: fork_cb() runs just
 *     before that and drops what is closed.  poll(2) would report it, so with
 *     that back-end every pass looks first;
 *  4. closed, and the number open again as another file: an epoll set knows
 *     files, not numbers.  Adding what should be in the set already answers
 *     EEXIST if it is, for the price of one cheap system call; that one check
 *     also does for 1.  If it is not, the slot starts over;
 *  5. the kernel's own set closed, by a program that closes everything: flush()
 *     finds out before it tells libev anything, and the pass is an error.
 */
#include "watch.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "base.h"
#include "fork.h"
#include "kernel.h"
#include "support/log.h"
#include "support/util.h"

/*
 * Both libraries have these names, with other values.  Above this line they
 * are libevent's, below it libev's.
 */
enum {
	WANT_READ = EV_READ,
	WANT_WRITE = EV_WRITE
};
#undef EV_TIMEOUT
#undef EV_READ
#undef EV_WRITE
#undef EV_SIGNAL
#undef EV_PERSIST
#undef EVLOOP_ONCE
#undef EVLOOP_NONBLOCK
#define EV_COMPAT3 0
#include <ev.h>

/* So that one shift translates between the two. */
_Static_assert(WANT_READ == EV_READ << 1 && WANT_WRITE == EV_WRITE << 1,
    "EV_READ and EV_WRITE");

#define CHUNK 64 /* slots, or timers, that are allocated together */
#define BATCH 64 /* descriptors that are checked by one system call */

/* What a timer is late by, per earlier timer of the same pass: so that those
 * which expire together do so in the order in which they were set. */
#define TICK 1e-9

/* Values of slot.next that are no descriptor. */
#define LIST_END (-1)
#define UNCHANGED (-2)

struct slot {
	ev_io io;   /* io.data: the descriptor's events, the newest first */
	int next;   /* on the list of changed descriptors */
	bool renew; /* the number may name another file than before */
};

struct timers {
	struct timers *next;
	ev_timer timer[CHUNK]; /* data: its event; if inactive, the next one */
};

struct watch {
	struct ev_loop *loop;
	struct slot **chunks; /* by descriptor; NULL where none was needed */
	int nchunks;
	int changed; /* the descriptor changed first, or LIST_END */
	int changed_last;
	int backend_fd; /* the epoll set; -1 if unknown, or another back-end */
	int error;	/* the errno of a system call that failed in libev */
	int alive;	/* libev's count of active watchers after a pass */
	bool held;	/* one of these is ours, to keep a pass waiting */
	bool native;	/* the program has its own watchers on the loop */
	unsigned int generation;
	unsigned int ticks; /* timers set since the clock was read */
	struct timers *timers;
	ev_timer *free_timer;
	ev_fork fork;
	ev_prepare prepare;
	ev_async async;
	struct ev_loop *child_loop;
	ev_io child_io;
};

/* The set whose loop runs in this thread, for libev's error callback. */
static _Thread_local struct watch *running;

/* The set that runs libev's default loop; that exists once in a process. */
static _Atomic(struct watch *) child_owner;

/* --- slots and their events --- */

static struct slot *
slot_at(const struct watch *w, int fd)
{
	int chunk = fd / CHUNK;

	if (chunk >= w->nchunks || w->chunks[chunk] == NULL)
		return NULL;
	return &w->chunks[chunk][fd % CHUNK];
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

/*
 * The slot of a descriptor that has had none so far.  libev keeps an array by
 * descriptor as well, of at most 32 bytes an entry, and doubles it.
 */
static struct slot *
slot_make(struct watch *w, int fd)
{
	struct slot *slots;
	int chunk = fd / CHUNK;

	if (chunk >= w->nchunks &&
	    ((chunk > 2 * w->nchunks &&
		 evi_alloc_secure(((size_t)fd + 1) * 64) == -1) ||
		grow_chunks(w, chunk + 1) == -1))
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

static void
disarm(struct watch *w, struct slot *s)
{
	ev_io_stop(w->loop, &s->io);
}

/* Setting the descriptor anew makes libev ask the kernel whether it is. */
static void
arm(struct watch *w, struct slot *s, int fd)
{
	ev_io_stop(w->loop, &s->io);
	ev_io_set(&s->io, fd, wanted(s));
	ev_io_start(w->loop, &s->io);
	s->renew = false;
}

/* Puts descriptors back on the list, for the next try. */
static int
give_up(struct watch *w, const struct pollfd *fds, int n)
{
	for (int i = 0; i < n; i++)
		mark_changed(w, slot_at(w, fds[i].fd), fds[i].fd);
	errno = EBADF;
	return -1;
}

/* Starts to watch descriptors that were not watched before. */
static int
arm_batch(struct watch *w, struct pollfd *fds, int n)
{
	int has_set = -1;

	evi_find_closed(fds, n);
	for (int i = 0; i < n; i++) {
		int fd = fds[i].fd;

		if ((fds[i].revents & POLLNVAL) || fd == w->backend_fd)
			continue;
		if (has_set == -1)
			has_set = evi_is_epoll_set(w->backend_fd, fd);
		if (has_set == 0)
			return give_up(w, fds + i, n - i);
		arm(w, slot_at(w, fd), fd);
	}
	return 0;
}

/* Changes what a watched descriptor is watched for. */
static int
rearm(struct watch *w, struct slot *s, int fd)
{
	switch (evi_epoll_probe(w->backend_fd, fd)) {
	case EVI_CLOSED:
		disarm(w, s);
		return 0;
	case EVI_LOST:
		return give_up(w, &(struct pollfd){.fd = fd}, 1);
	default:
		arm(w, s, fd);
		return 0;
	}
}

/* Takes a slot off the list; true if libev has to be told to watch it. */
static bool
needs_arming(struct watch *w, struct slot *s)
{
	int want = wanted(s);

	s->next = UNCHANGED;
	if (want == 0)
		disarm(w, s);
	return want != 0 &&
	       (s->renew || !ev_is_active(&s->io) || s->io.events != want);
}

static int
flush(struct watch *w)
{
	struct pollfd fds[BATCH];
	int n = 0, r = 0;

	while (w->changed != LIST_END && r == 0) {
		int fd = w->changed;
		struct slot *s = slot_at(w, fd);

		w->changed = s->next;
		if (!needs_arming(w, s))
			continue;
		if (ev_is_active(&s->io)) {
			r = rearm(w, s, fd);
			continue;
		}
		fds[n].fd = fd;
		fds[n++].events = 0;
		if (n == BATCH) {
			r = arm_batch(w, fds, n);
			n = 0;
		}
	}
	if (n == 0)
		return r;
	return r == 0 ? arm_batch(w, fds, n) : give_up(w, fds, n);
}

static void
disarm_closed(struct watch *w, struct pollfd *fds, int n)
{
	evi_find_closed(fds, n);
	for (int i = 0; i < n; i++)
		if (fds[i].revents & POLLNVAL)
			disarm(w, slot_at(w, fds[i].fd));
}

/* Stops watching every descriptor that is closed by now. */
static void
drop_closed(struct watch *w)
{
	struct pollfd fds[BATCH];
	int n = 0;

	for (int i = 0; i < w->nchunks; i++)
		for (int j = 0; w->chunks[i] != NULL && j < CHUNK; j++) {
			if (!ev_is_active(&w->chunks[i][j].io))
				continue;
			fds[n].fd = i * CHUNK + j;
			fds[n++].events = 0;
			if (n == BATCH) {
				disarm_closed(w, fds, n);
				n = 0;
			}
		}
	if (n > 0)
		disarm_closed(w, fds, n);
}

/* --- libev's callbacks --- */

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

static void
io_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	struct event *ev = io->data;
	int res = (revents & (EV_READ | EV_WRITE)) << 1;

	(void)loop;
	if (ev == NULL || (revents & EV_ERROR))
		return; /* deleted meanwhile; or closed, and libev stopped it */
	if (ev->ev_next.tqe_next == NULL) {
		evi_ready(ev, ev->ev_events & res);
	} else {
		report(ev, res, false); /* so that the readers end up ahead */
		report(ev, res, true);
	}
}

static ev_timer *
timer_of(const struct event *ev)
{
	return (ev_timer *)(void *)ev->ev_signal_next.tqe_next;
}

static void
set_timer_of(struct event *ev, ev_timer *t)
{
	ev->ev_signal_next.tqe_next = (struct event *)(void *)t;
}

static void
timer_cb(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct event *ev = t->data;

	(void)loop;
	(void)revents;
	if (timer_of(ev) == t)
		evi_expired(ev);
}

/* libev is about to tell the kernel everything anew. */
static void
fork_cb(struct ev_loop *loop, ev_fork *fork, int revents)
{
	struct watch *w = fork->data;

	(void)loop;
	(void)revents;
	drop_closed(w);
	w->backend_fd = -1;
}

/* Native watchers may have changed things since evi_watch_pass() looked. */
static void
prepare_cb(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct watch *w = prepare->data;

	(void)loop;
	(void)revents;
	if (w->changed != LIST_END && flush(w) == -1)
		w->error = errno;
}

static void
async_cb(struct ev_loop *loop, ev_async *async, int revents)
{
	(void)loop;
	(void)async;
	(void)revents;
}

static void
child_cb(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	ev_run(io->data, EVRUN_NOWAIT);
}

/*
 * A system call of libev's failed, and libev would try it again.  One that
 * waits is an error of the pass.  One that makes kernel state anew is where
 * 1.4 ends the program.  Other loops get what libev does without a callback.
 */
static void
syserr_cb(const char *msg)
{
	if (running == NULL) {
		perror(msg);
		abort();
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		event_err(1, "%s", msg);
	running->error = errno;
}

/* --- making a set --- */

static void
set_hooks(void)
{
	ev_set_allocator(evi_alloc_resize);
	ev_set_syserr_cb(syserr_cb);
}

/* libev has io_uring and aio as well; those are for its own programs. */
static unsigned int
backends(void)
{
	unsigned int mask = 0;

	if (evutil_getenv("EVENT_NOEPOLL") == NULL)
		mask |= EVBACKEND_EPOLL;
	if (evutil_getenv("EVENT_NOPOLL") == NULL)
		mask |= EVBACKEND_POLL;
	if (evutil_getenv("EVENT_NOSELECT") == NULL)
		mask |= EVBACKEND_SELECT;
	return mask & ev_supported_backends();
}

/*
 * The descriptor of the loop's epoll set; -1 with another back-end.  libev
 * tells it to those who embed one loop in another, which we start to do and
 * take back.
 */
static int
backend_fd(struct ev_loop *loop)
{
	ev_embed embed;

	if (ev_backend(loop) != EVBACKEND_EPOLL)
		return -1;
	ev_embed_init(&embed, NULL, loop);
	ev_embed_start(loop, &embed);
	ev_embed_stop(loop, &embed);
	return embed.io.fd;
}

struct watch *
evi_watch_new(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	unsigned int mask = backends();
	struct watch *w;

	pthread_once(&once, set_hooks);
	evi_fork_watch();
	w = calloc(1, sizeof(*w));
	if (w == NULL || evi_alloc_secure(2 * 4096) == -1)
		goto fail;
	if (mask != 0)
		w->loop = ev_loop_new(mask | EVFLAG_NOENV);
	if (w->loop == NULL) {
		errno = ENOSYS;
		goto fail;
	}
	w->changed = LIST_END;
	w->generation = atomic_load(&evi_fork_generation);
	w->backend_fd = backend_fd(w->loop);
	w->held = true; /* by this watcher: */
	ev_fork_init(&w->fork, fork_cb);
	w->fork.data = w;
	ev_fork_start(w->loop, &w->fork);
	ev_prepare_init(&w->prepare, prepare_cb);
	ev_set_priority(&w->prepare, EV_MINPRI);
	w->prepare.data = w;
	ev_async_init(&w->async, async_cb);
	return w;
fail:
	free(w);
	return NULL;
}

void
evi_watch_free(struct watch *w)
{
	struct timers *next;

	if (w == NULL)
		return;
	if (atomic_load(&child_owner) == w)
		atomic_store(&child_owner, NULL);
	ev_loop_destroy(w->loop);
	for (struct timers *t = w->timers; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
	for (int i = 0; i < w->nchunks; i++)
		free(w->chunks[i]);
	free(w->chunks);
	free(w);
}

const char *
evi_watch_method(const struct watch *w)
{
	switch (ev_backend(w->loop)) {
	case EVBACKEND_EPOLL:
		return "epoll";
	case EVBACKEND_POLL:
		return "poll";
	default:
		return "select";
	}
}

/* --- descriptors --- */

/* Whether an event may be added here; makes the slot.  NULL with errno. */
static struct slot *
check_add(struct watch *w, int fd)
{
	struct slot *s = fd < 0 ? NULL : slot_at(w, fd);
	enum evi_verdict verdict;

	if (s == NULL || !ev_is_active(&s->io)) {
		if (!evi_is_open(fd))
			return NULL;
		if (fd == w->backend_fd) {
			errno = EINVAL;
			return NULL;
		}
		return s != NULL ? s : slot_make(w, fd);
	}
	verdict = evi_epoll_probe(w->backend_fd, fd);
	if (verdict == EVI_SAME)
		return s;
	s->renew = true;
	mark_changed(w, s, fd);
	return verdict == EVI_CLOSED ? NULL : s;
}

int
evi_watch_io_add(struct watch *w, struct event *ev)
{
	int fd = ev->ev_fd;
	struct slot *s = check_add(w, fd);

	if (s == NULL)
		return -1;
	link_event(s, ev);
	ev->min_heap_idx = (unsigned int)fd;
	if (!ev_is_active(&s->io) || (ev->ev_events >> 1 & ~s->io.events & 3))
		mark_changed(w, s, fd);
	return 0;
}

void
evi_watch_io_del(struct watch *w, struct event *ev)
{
	int fd = (int)ev->min_heap_idx;
	struct slot *s = slot_at(w, fd);

	unlink_event(s, ev);
	mark_changed(w, s, fd);
}

/* --- timers --- */

static void
timer_put(struct watch *w, ev_timer *t)
{
	t->data = w->free_timer;
	w->free_timer = t;
}

static ev_timer *
timer_get(struct watch *w)
{
	ev_timer *t = w->free_timer;
	struct timers *chunk;

	if (evi_alloc_ready() == -1)
		return NULL;
	if (t == NULL) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->next = w->timers;
		w->timers = chunk;
		for (int i = 0; i < CHUNK; i++) {
			ev_timer_init(&chunk->timer[i], timer_cb, 0., 0.);
			timer_put(w, &chunk->timer[i]);
		}
		t = w->free_timer;
	}
	w->free_timer = t->data;
	return t;
}

/*
 * ev_timer_again() moves a timer in place, or starts it; the repeat that it
 * goes by is taken back, so that the timer then fires once.  It cannot move one
 * into the past.
 */
static void
start_timer(struct watch *w, ev_timer *t, double after)
{
	if (after > 0.) {
		t->repeat = after;
		ev_timer_again(w->loop, t);
		t->repeat = 0.;
	} else {
		ev_timer_stop(w->loop, t);
		ev_timer_set(t, after, 0.);
		ev_timer_start(w->loop, t);
	}
}

int
evi_watch_timer_set(struct watch *w, struct event *ev, const struct timeval *tv,
    bool in_pass)
{
	ev_timer *t = timer_of(ev);
	double after = (double)tv->tv_sec + (double)tv->tv_usec * 1e-6;

	if (t == NULL) {
		t = timer_get(w);
		if (t == NULL)
			return -1;
		t->data = ev;
		set_timer_of(ev, t);
	}
	if (!in_pass) {
		ev_now_update(w->loop);
		w->ticks = 0;
	}
	start_timer(w, t, after + ++w->ticks * TICK);
	return 0;
}

void
evi_watch_timer_del(struct watch *w, struct event *ev)
{
	ev_timer *t = timer_of(ev);

	ev_timer_stop(w->loop, t);
	timer_put(w, t);
	set_timer_of(ev, NULL);
}

void
evi_watch_timer_expiry(struct watch *w, const struct event *ev,
    struct timeval *tv)
{
	double at = ev_now(w->loop) + ev_timer_remaining(w->loop, timer_of(ev));

	tv->tv_sec = (time_t)at;
	tv->tv_usec = (suseconds_t)((at - (double)tv->tv_sec) * 1e6);
}

/* --- waking --- */

/* libev would try for ever to get the descriptor, so we see whether we can. */
int
evi_watch_wakeable(struct watch *w)
{
	int fd;

	if (ev_is_active(&w->async))
		return 0;
	fd = eventfd(0, EFD_CLOEXEC);
	if (fd == -1 || evi_alloc_ready() == -1)
		return -1;
	close(fd);
	ev_async_start(w->loop, &w->async);
	ev_unref(w->loop);
	return 0;
}

/* A child that has not renewed its set yet would wake its parent. */
void
evi_watch_wake(struct watch *w)
{
	if (w->generation == atomic_load(&evi_fork_generation))
		ev_async_send(w->loop, &w->async);
}

/* --- passes --- */

/* Has libev make its kernel state anew at the start of its next run. */
static int
start_over(struct watch *w)
{
	if (evi_is_another_file(w->backend_fd)) {
		event_warnx("descriptor %d was closed under the event loop "
			    "and belongs to another file now",
		    w->backend_fd);
		errno = EBADF;
		return -1;
	}
	ev_loop_fork(w->loop);
	if (w->child_loop != NULL)
		ev_loop_fork(w->child_loop);
	w->backend_fd = -1;
	w->generation = atomic_load(&evi_fork_generation);
	return 0;
}

static int
run(struct watch *w, int flags)
{
	struct watch *outer = running;

	running = w;
	w->error = 0;
	w->alive = ev_run(w->loop, flags);
	running = outer;
	w->ticks = 0;
	if (w->backend_fd == -1)
		w->backend_fd = backend_fd(w->loop);
	if (w->error != 0) {
		errno = w->error;
		return -1;
	}
	return 0;
}

/* Whether the loop stays alive for us, beside its native watchers. */
static void
hold(struct watch *w, bool wants)
{
	if (w->held == wants)
		return;
	if (wants)
		ev_ref(w->loop);
	else
		ev_unref(w->loop);
	w->held = wants;
}

/*
 * Lets libev's default loop tell the kernel what has changed, and watches its
 * epoll set, which is another one after fork().  True while anything keeps that
 * loop alive.
 */
static bool
run_child_loop(struct watch *w)
{
	bool alive = ev_run(w->child_loop, EVRUN_NOWAIT) > 0;
	int fd = backend_fd(w->child_loop);

	if (!ev_is_active(&w->child_io) || w->child_io.fd != fd) {
		if (ev_is_active(&w->child_io))
			ev_ref(w->loop);
		ev_io_stop(w->loop, &w->child_io);
		ev_io_set(&w->child_io, fd, EV_READ);
		ev_io_start(w->loop, &w->child_io);
		ev_unref(w->loop);
	}
	return alive;
}

int
evi_watch_pass(struct watch *w, bool wait, bool wants)
{
	if (evi_alloc_ready() == -1)
		return -1;
	if (w->generation != atomic_load_explicit(&evi_fork_generation,
				 memory_order_relaxed) &&
	    start_over(w) == -1)
		return -1;
	if (w->changed != LIST_END && flush(w) == -1)
		return -1;
	if (ev_backend(w->loop) == EVBACKEND_POLL)
		drop_closed(w);
	if (w->child_loop != NULL && run_child_loop(w))
		wants = true;
	if (w->native)
		hold(w, wants);
	return run(w, wait ? EVRUN_ONCE : EVRUN_NOWAIT);
}

bool
evi_watch_is_native(const struct watch *w)
{
	return w->native;
}

bool
evi_watch_is_alive(const struct watch *w)
{
	return w->alive > 0;
}

int
evi_watch_renew(struct watch *w)
{
	if (evi_alloc_ready() == -1 || start_over(w) == -1)
		return -1;
	return run(w, EVRUN_NOWAIT);
}

void
evi_watch_drain(struct watch *w, void (*drop)(struct event *))
{
	for (int i = 0; i < w->nchunks; i++)
		for (int j = 0; w->chunks[i] != NULL && j < CHUNK; j++) {
			struct slot *s = &w->chunks[i][j];
			struct event *ev;

			while ((ev = s->io.data) != NULL) {
				drop(ev);
				unlink_event(s, ev);
			}
		}
	for (struct timers *t = w->timers; t != NULL; t = t->next)
		for (int i = 0; i < CHUNK; i++)
			if (ev_is_active(&t->timer[i]))
				drop(t->timer[i].data);
}

/* --- native watchers --- */

struct ev_loop *
evi_watch_native(struct watch *w)
{
	if (!w->native) {
		if (evi_alloc_ready() == -1)
			return NULL;
		ev_prepare_start(w->loop, &w->prepare);
		ev_unref(w->loop);
		w->native = true;
	}
	return w->loop;
}

/*
 * libev's default loop must see SIGCHLD as a readable descriptor, since it is
 * woken by ours; therefore signalfd.  Its watcher does not keep the base alive,
 * the default loop's own watchers do: see evi_watch_pass().
 */
struct ev_loop *
evi_watch_child_loop(struct watch *w)
{
	struct watch *owner = NULL;
	struct ev_loop *loop;

	if (w->child_loop != NULL)
		return w->child_loop;
	if (evi_watch_native(w) == NULL)
		return NULL;
	if (!atomic_compare_exchange_strong(&child_owner, &owner, w)) {
		errno = EBUSY;
		return NULL;
	}
	loop =
	    ev_default_loop(EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_SIGNALFD);
	if (loop == NULL || backend_fd(loop) == -1) {
		atomic_store(&child_owner, NULL);
		errno = ENOSYS;
		return NULL;
	}
	ev_io_init(&w->child_io, child_cb, -1, EV_READ);
	w->child_io.data = loop;
	w->child_loop = loop;
	return loop;
}
