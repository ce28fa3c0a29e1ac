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

struct resolution {
	LIST_ENTRY(resolution) link;
	struct queue *queue;
	resolution_cb *cb;
	void *arg;
	struct lookup *lookups[2]; /* IPv6's, IPv4's; NULL: none */
	bool is_cancelled;	   /* in its callback */
	bool is_delivering;
};

/* The callback's last argument is that of evi_lookup_new(). */
static void
deliver(struct resolution *r, int i, int error, const void *addresses, int n)
{
	r->lookups[i] = NULL; /* it is freed after this */
	r->is_delivering = true;
	r->cb(r->arg, i == 0 ? AF_INET6 : AF_INET, error, addresses, n);
	r->is_delivering = false;
	if (!r->is_cancelled &&
	    (r->lookups[0] != NULL || r->lookups[1] != NULL))
		return;
	if (!r->is_cancelled)
		LIST_REMOVE(r, link);
	free(r);
}

static void
ipv6_cb(int error, char type, int n, int ttl, void *addresses, void *arg)
{
	(void)type;
	(void)ttl;
	deliver(arg, 0, error, addresses, n);
}

static void
ipv4_cb(int error, char type, int n, int ttl, void *addresses, void *arg)
{
	(void)type;
	(void)ttl;
	deliver(arg, 1, error, addresses, n);
}

static struct lookup *
new_lookup(struct resolver *resolver, struct resolution *r, const char *name,
    int family)
{
	bool is_v6 = family == AF_INET6;
	struct lookup *l = evi_lookup_new(name, is_v6 ? ns_t_aaaa : ns_t_a,
	    is_v6 ? ipv6_cb : ipv4_cb, r);

	if (l == NULL)
		return NULL;
	evi_lookup_set_search(l, &resolver->setup);
	return l;
}

static void
end(struct resolution *r, int i)
{
	if (r->lookups[i] != NULL)
		evi_queue_cancel(r->queue, r->lookups[i]);
	r->lookups[i] = NULL;
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
	r->queue = &resolver->queue;
	r->cb = cb;
	r->arg = arg;
	evi_resolver_prepare(resolver);
	if (!evi_queue_can_ask(r->queue)) {
		free(r); /* there was no memory to set it up */
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		int its_family = i == 0 ? AF_INET6 : AF_INET;

		if (family != AF_UNSPEC && family != its_family)
			continue;
		r->lookups[i] = new_lookup(resolver, r, name, its_family);
		if (r->lookups[i] == NULL) {
			if (r->lookups[0] != NULL)
				evi_lookup_free(r->lookups[0]);
			free(r);
			return NULL;
		}
	}
	LIST_INSERT_HEAD(&a->resolutions, r, link);
	for (int i = 0; i < 2; i++)
		if (r->lookups[i] != NULL)
			evi_resolver_take(resolver, r->lookups[i]);
	return r;
}

void
evi_addresses_cancel(struct resolution *r)
{
	if (r->is_cancelled)
		return;
	end(r, 0);
	end(r, 1);
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
