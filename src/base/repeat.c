/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each thread has a list of records.  The first record needs no memory, so that
 * a signal that was delivered twice cannot fail.
 */
#include "repeat.h"

#include <stdbool.h>
#include <stdlib.h>

atomic_int evi_repeat_count;

static _Thread_local struct {
	LIST_HEAD(, repeat) list; /* the innermost first */
	struct repeat first;
	bool first_is_used;
} records;

struct repeat *
evi_repeat_new(void)
{
	struct repeat *r = &records.first;

	if (records.first_is_used)
		r = malloc(sizeof(*r));
	if (r == NULL)
		return NULL;
	if (r == &records.first)
		records.first_is_used = true;
	r->ev = NULL;
	LIST_INSERT_HEAD(&records.list, r, next);
	atomic_fetch_add(&evi_repeat_count, 1);
	return r;
}

void
evi_repeat_free(struct repeat *r)
{
	LIST_REMOVE(r, next);
	if (r == &records.first)
		records.first_is_used = false;
	else
		free(r);
	atomic_fetch_sub(&evi_repeat_count, 1);
}

void
evi_repeat_start(struct repeat *r, struct event *ev)
{
	r->ev = ev;
	r->ncalls = ev->ev_ncalls;
}

void
evi_repeat_cancel_all(const struct event *ev)
{
	struct repeat *r;

	LIST_FOREACH (r, &records.list, next)
		if (r->ev == ev)
			r->ncalls = 0;
}

void
evi_repeat_detach_all(const struct event *ev)
{
	struct repeat *r;

	LIST_FOREACH (r, &records.list, next)
		if (r->ev == ev)
			r->ev = NULL;
}
