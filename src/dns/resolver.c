/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A resolver's life: on which base and in which process it is.
 *
 * 1. In a child of fork(), and after event_reinit(), all sockets are closed at
 *    once, and opened again by the loop: the base has to have its own
 *    descriptors again first.
 * 2. The default resolver goes to the current base when its own is freed; after
 *    1., also when the program has made another base meanwhile.
 * 3. The default resolver keeps the loop running while it has nameservers.
 *    Others have no event at all while they have nothing to do.
 */
#include "resolver.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "conf/file.h"
#include "public.h"
#include "support/fork.h"

static void check_cb(void *arg, bool may_open);

static void
init(struct resolver *r, bool is_default)
{
	r->is_default = is_default;
	evi_setup_init(&r->setup, &r->queue.net);
	evi_queue_init(&r->queue, &r->setup, is_default, check_cb, r);
}

struct resolver *
evi_resolver_default(void)
{
	static struct resolver resolver;

	if (!resolver.is_default)
		init(&resolver, true);
	return &resolver;
}

/* --- base and process --- */

static void
keep_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* The current base: the one the last event_init() made. */
static struct event_base *
current_base(void)
{
	struct event ev;

	event_set(&ev, -1, 0, keep_cb, NULL);
	return ev.ev_base;
}

/* Has the loop not end while there are nameservers, by a pending event. */
static void
keep_loop(struct resolver *r)
{
	struct timeval long_time = {INT32_MAX, 0};
	bool kept;

	if (r->base == NULL || !r->is_default)
		return;
	kept = event_pending(&r->keep, EV_TIMEOUT, NULL);
	if (r->setup.servers == NULL && kept)
		event_del(&r->keep);
	else if (r->setup.servers != NULL && !kept)
		event_add(&r->keep, &long_time);
}

/* Closes all sockets now, and has the loop open them again. */
static void
start_over(struct resolver *r)
{
	evi_queue_close(&r->queue);
	r->generation = atomic_load(&evi_fork_generation);
	r->is_closed = true;
	evi_queue_wake(&r->queue);
}

/*
 * In a child of fork() this runs inside libev, and may only activate an event,
 * whose callback finds the generation changed.
 */
static void
base_cb(struct event_base *base, bool from_loop)
{
	struct resolver *r = evi_resolver_default();

	if (base != r->base)
		return;
	if (!from_loop)
		start_over(r);
	else
		evi_queue_wake(&r->queue);
}

static void
move_to(struct resolver *r, struct event_base *base)
{
	evi_fork_watch();
	if (r->is_default)
		evi_fork_listen(base_cb);
	if (r->base != NULL)
		event_del(&r->keep);
	r->base = base;
	r->was_current = current_base();
	r->generation = atomic_load(&evi_fork_generation);
	r->is_closed = false;
	if (base != NULL) {
		event_set(&r->keep, -1, 0, keep_cb, NULL);
		event_base_set(base, &r->keep);
	}
	keep_loop(r);
	evi_queue_open(&r->queue, base);
}

void
evi_resolver_move(struct resolver *r)
{
	if (r->base != current_base())
		move_to(r, current_base());
}

/*
 * Whether the base still exists.  A base that is freed deletes its events; with
 * no event pending only the current base is known to exist.
 */
static bool
base_lives(struct resolver *r)
{
	if (r->base == NULL)
		return false;
	if (r->setup.servers == NULL)
		return current_base() == r->base;
	return event_pending(&r->keep, EV_TIMEOUT, NULL) != 0;
}

/*
 * A child keeps the base of its parent, unless the program has made
 * another one since.
 */
int
evi_resolver_check(struct resolver *r)
{
	bool is_child = r->generation != atomic_load(&evi_fork_generation);

	if (r->is_default &&
	    (!base_lives(r) || ((is_child || r->is_closed) &&
				   current_base() != r->was_current)))
		move_to(r, current_base());
	else if (is_child)
		start_over(r);
	if (r->base == NULL)
		return -1;
	evi_setup_use_hosts(&r->setup);
	return 0;
}

static void
check_cb(void *arg, bool may_open)
{
	struct resolver *r = arg;

	if (may_open && r->is_closed)
		move_to(r, r->base);
	evi_resolver_check(r);
}

void
evi_resolver_changed(struct resolver *r)
{
	keep_loop(r);
	evi_queue_pump(&r->queue);
}

/* --- lookups --- */

void
evi_resolver_prepare(struct resolver *r)
{
	evi_resolver_check(r);
	if (!r->is_default && !r->is_closed && r->queue.net.base == NULL)
		evi_queue_open(&r->queue, r->base);
	evi_setup_check_files(&r->setup);
	keep_loop(r);
}

/* --- its end --- */

void
evi_resolver_shut_down(struct resolver *r, bool with_callbacks)
{
	/* First, as the check may restart lookups that are in flight. */
	evi_queue_park(&r->queue);
	evi_resolver_check(r);
	evi_setup_forget(&r->setup);
	keep_loop(r);
	evi_queue_drop(&r->queue, with_callbacks);
}

/* Where there is no resolv.conf, the machine itself is the nameserver. */
struct resolver *
evi_resolver_new(struct event_base *base)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	init(r, false);
	evi_fork_watch();
	r->base = base;
	r->generation = atomic_load(&evi_fork_generation);
	evi_resolver_check(r);
	evi_setup_read(&r->setup, evi_file_names.resolv_conf, DNS_OPTIONS_ALL);
	return r;
}

static void
free_cb(void *arg)
{
	struct resolver *r = arg;

	evi_queue_free(&r->queue);
	free(r);
}

void
evi_resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	evi_resolver_shut_down(r, false);
	evi_queue_finish(&r->queue, free_cb);
}
