/* SPDX-License-Identifier: BSD-3-Clause */
/* The addresses of a name: one lookup for each family. */
#include "addresses.h"

#include <arpa/nameser.h>
#include <stdlib.h>

#include "public.h"
#include "resolver.h"

struct addresses {
	struct resolver *resolver;
	LIST_HEAD(, resolution) resolutions; /* those that are not over */
};

/* The lookup of one family. */
struct part {
	struct resolution *resolution;
	int family;
	struct lookup *lookup; /* NULL: none, or it has ended */
};

struct resolution {
	LIST_ENTRY(resolution) link;
	struct queue *queue;
	resolution_cb *cb;
	void *arg;
	struct part parts[2];
	bool is_delivering; /* cb is running */
	bool is_cancelled;  /* by cb; to be freed when that returns */
};

static bool
has_lookups(const struct resolution *r)
{
	return r->parts[0].lookup != NULL || r->parts[1].lookup != NULL;
}

static void
lookup_cb(int error, char type, int n, int ttl, void *addresses, void *arg)
{
	struct part *part = arg;
	struct resolution *r = part->resolution;

	(void)type;
	(void)ttl;
	part->lookup = NULL; /* it is freed after this */
	r->is_delivering = true;
	r->cb(r->arg, part->family, error, addresses, n);
	r->is_delivering = false;
	if (!r->is_cancelled && has_lookups(r))
		return;
	if (!r->is_cancelled)
		LIST_REMOVE(r, link);
	free(r);
}

/* Makes a lookup for each family that is asked for.  -1 without memory. */
static int
make_lookups(struct resolution *r, const struct setup *setup, const char *name,
    int family)
{
	for (int i = 0; i < 2; i++) {
		struct part *part = &r->parts[i];

		part->resolution = r;
		part->family = i == 0 ? AF_INET6 : AF_INET;
		if (family != AF_UNSPEC && family != part->family)
			continue;
		part->lookup = evi_lookup_new(name, i == 0 ? ns_t_aaaa : ns_t_a,
		    lookup_cb, part);
		if (part->lookup == NULL)
			return -1;
		evi_lookup_set_search(part->lookup, setup);
	}
	return 0;
}

/* Frees a resolution whose lookups the queue has not taken. */
static void
free_resolution(struct resolution *r)
{
	for (int i = 0; i < 2; i++)
		if (r->parts[i].lookup != NULL)
			evi_lookup_free(r->parts[i].lookup);
	free(r);
}

struct resolution *
evi_addresses_ask(struct addresses *a, const char *name, int family,
    resolution_cb *cb, void *arg)
{
	struct resolver *resolver = a->resolver;
	struct resolution *r;

	if (!evi_wire_name_ok(name))
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return NULL;
	r->cb = cb;
	r->arg = arg;
	evi_resolver_prepare(resolver);
	/*
	 * There is no nameserver if there was no memory for the setup, and no
	 * socket in a child of fork() until the loop opens the queue again.
	 */
	if (!evi_queue_can_ask(&resolver->queue) ||
	    make_lookups(r, &resolver->setup, name, family) == -1) {
		free_resolution(r);
		return NULL;
	}
	r->queue = &resolver->queue;
	LIST_INSERT_HEAD(&a->resolutions, r, link);
	for (int i = 0; i < 2; i++)
		if (r->parts[i].lookup != NULL)
			evi_queue_take(&resolver->queue, r->parts[i].lookup);
	return r;
}

void
evi_addresses_cancel(struct resolution *r)
{
	if (r->is_cancelled)
		return;
	for (int i = 0; i < 2; i++) {
		struct lookup *l = r->parts[i].lookup;

		r->parts[i].lookup = NULL;
		if (l != NULL)
			evi_queue_cancel(r->queue, l);
	}
	LIST_REMOVE(r, link);
	if (r->is_delivering)
		r->is_cancelled = true;
	else
		free(r);
}

struct addresses *
evi_addresses_new(struct event_base *base)
{
	struct addresses *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->resolver = evi_resolver_new(base);
	if (a->resolver != NULL)
		return a;
	free(a);
	return NULL;
}

void
evi_addresses_free(struct addresses *a)
{
	if (a == NULL)
		return;
	while (!LIST_EMPTY(&a->resolutions))
		evi_addresses_cancel(LIST_FIRST(&a->resolutions));
	evi_resolver_free(a->resolver);
	free(a);
}
