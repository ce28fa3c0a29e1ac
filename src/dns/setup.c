/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the resolver is set up with: nameservers, search list, options.  Both
 * the program and resolv.conf files have a say in each; the program's options
 * go over those of files, and what a file has changed to leaves what the
 * program has set since it was read.
 */
#include "setup.h"

#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "public.h"

/* A nameserver that is wanted, by a file or (NULL) by the program. */
struct wanted {
	struct evi_address address;
	const struct source *source;
};

static const struct evi_dns_options defaults = EVI_DNS_OPTIONS_DEFAULT;

void
evi_setup_init(struct evi_setup *s, struct evi_net *net)
{
	memset(s, 0, sizeof(*s));
	s->net = net;
	s->options = defaults;
	net->options = &s->options;
	evi_options_clear(&s->by_program);
	evi_options_clear(&s->by_files);
	TAILQ_INIT(&s->settled);
}

/* --- options --- */

static void
settle_options(struct evi_setup *s)
{
	s->options = defaults;
	evi_options_put(&s->options, &s->by_files);
	evi_options_put(&s->options, &s->by_program);
}

/* --- nameservers --- */

/* The nameserver for an address: the one there is, or a new one. */
static struct evi_nameserver *
nameserver_for(const struct evi_setup *s, const struct evi_address *address)
{
	struct evi_servers *servers = s->servers;

	for (int i = 0; servers != NULL && i < servers->n; i++) {
		struct evi_nameserver *ns = servers->list[i];

		if (evi_address_equal(&ns->address, address)) {
			ns->refs++;
			return ns;
		}
	}
	return evi_nameserver_new(s->net, address);
}

/*
 * Makes the list of nameservers from those that are wanted.  Requests under way
 * stay with the list they have.  -1 without memory, and all is as before.
 */
static int
settle_servers(struct evi_setup *s)
{
	const struct evi_setup *setup = s;
	struct evi_servers *servers = NULL;

	if (setup->nwanted > 0) {
		servers = evi_nameserver_list_new(setup->nwanted);
		if (servers == NULL)
			return -1;
		for (int i = 0; i < setup->nwanted; i++) {
			servers->list[i] =
			    nameserver_for(s, &setup->wanted[i].address);
			if (servers->list[i] == NULL) {
				servers->n = i;
				evi_nameserver_list_release(servers);
				return -1;
			}
		}
	}
	evi_nameserver_list_release(s->servers);
	s->servers = servers;
	return 0;
}

static bool
is_wanted(const struct evi_setup *setup, const struct evi_address *address)
{
	for (int i = 0; i < setup->nwanted; i++)
		if (evi_address_equal(&setup->wanted[i].address, address))
			return true;
	return false;
}

/* Sees to it that n more can be inserted; -1 without memory. */
static int
make_room(struct evi_setup *setup, int n)
{
	size_t size = (size_t)(setup->nwanted + n) * sizeof(*setup->wanted);
	struct wanted *wanted = realloc(setup->wanted, size);

	if (wanted == NULL)
		return -1;
	setup->wanted = wanted;
	return 0;
}

/* One more nameserver, for which there is room, at a place among the others. */
static void
insert(struct evi_setup *setup, const struct evi_address *address,
    const struct source *source, int place)
{
	struct wanted *at = setup->wanted + place;

	memmove(at + 1, at, (size_t)(setup->nwanted - place) * sizeof(*at));
	*at = (struct wanted){*address, source};
	setup->nwanted++;
}

/* Gives up those of a source.  Returns the place where they were. */
static int
give_up(struct evi_setup *setup, const struct source *source)
{
	struct wanted *wanted = setup->wanted;
	int n = 0, place = -1;

	for (int i = 0; i < setup->nwanted; i++) {
		if (wanted[i].source != source)
			wanted[n++] = wanted[i];
		else if (place == -1)
			place = n;
	}
	setup->nwanted = n;
	return place == -1 ? n : place;
}

enum add_result
evi_setup_add(struct evi_setup *s, const struct evi_address *address)
{
	if (is_wanted(s, address))
		return ADD_IS_THERE;
	if (make_room(s, 1) == -1)
		return ADD_NO_MEMORY;
	insert(s, address, NULL, s->nwanted);
	if (settle_servers(s) == -1) {
		s->nwanted--;
		return ADD_NO_MEMORY;
	}
	return ADD_OK;
}

/* --- search list --- */

static void
set_search(struct evi_setup *s, struct evi_search *search)
{
	evi_search_release(s->search);
	s->search = search;
}

/* Has the search list know of an ndots that may be another one. */
static void
settle_ndots(struct evi_setup *s)
{
	struct evi_search *old = s->search, *search;

	if (old == NULL || old->ndots == s->options.ndots)
		return;
	search = evi_search_new((const char *const *)old->domains, old->n,
	    s->options.ndots);
	if (search != NULL)
		set_search(s, search);
}

/* 1.4: ndots goes with the list. */
void
evi_setup_search_clear(struct evi_setup *s)
{
	s->search_is_the_programs = true;
	set_search(s, NULL);
	s->by_program.ndots = defaults.ndots;
	settle_options(s);
}

void
evi_setup_search_add(struct evi_setup *s, const char *domain)
{
	struct evi_search *search;

	s->search_is_the_programs = true;
	search = evi_search_with(s->search, domain, s->options.ndots);
	if (search != NULL)
		set_search(s, search);
}

void
evi_setup_ndots(struct evi_setup *s, int ndots)
{
	s->by_program.ndots = ndots < 0 ? 0 : ndots;
	settle_options(s);
	settle_ndots(s);
}

int
evi_setup_option(struct evi_setup *s, const char *option, const char *val,
    int flags)
{
	if (evi_options_set(&s->by_program, option, val, flags) == -1)
		return -1;
	settle_options(s);
	settle_ndots(s);
	return 0;
}

/* --- from a file --- */

/* 1.4: a file without a nameserver is about the one of this machine. */
static enum conf_result
take_nameservers(struct evi_setup *setup, const struct source *source,
    const struct evi_resolv_conf *conf)
{
	const struct evi_address *servers = conf->servers;
	struct evi_address local;
	int place, n = conf->nservers;

	if (n == 0) {
		evi_address_read(&local, "127.0.0.1");
		servers = &local;
		n = 1;
	}
	if (make_room(setup, n) == -1)
		return CONF_NO_MEMORY;
	place = give_up(setup, source);
	for (int i = 0; i < n; i++)
		if (!is_wanted(setup, &servers[i]))
			insert(setup, &servers[i], source, place++);
	return conf->nservers > 0 ? CONF_OK : CONF_NO_NAMESERVER;
}

/*
 * Where the file says nothing, what there is stays; or else it is the host's
 * own domain.  -1 without memory, and all is as before.
 */
static int
take_search(struct evi_setup *s, const struct evi_resolv_conf *conf, bool again)
{
	char domain[NS_MAXDNAME];
	const char *host = domain;
	const char *const *domains = (const char *const *)conf->search;
	struct evi_search *search = NULL;
	int n = conf->nsearch;

	if (n == -1) {
		if (!again && s->search != NULL)
			return 0;
		evi_resolv_conf_domain(domain, sizeof(domain));
		domains = &host;
		n = domain[0] != '\0';
	}
	if (n > 0) {
		search = evi_search_new(domains, n, s->options.ndots);
		if (search == NULL)
			return -1;
	}
	set_search(s, search);
	return 0;
}

enum conf_result
evi_setup_from(struct evi_setup *s, const struct source *source,
    const struct evi_resolv_conf *conf, int flags, bool again)
{
	enum conf_result result = CONF_OK;

	if ((flags & DNS_OPTION_SEARCH) &&
	    !(again && s->search_is_the_programs)) {
		if (take_search(s, conf, again) == -1)
			return CONF_NO_MEMORY;
		s->search_is_the_programs = false;
	}
	if (flags & DNS_OPTION_NAMESERVERS)
		result = take_nameservers(s, source, conf);
	if (result == CONF_NO_MEMORY || settle_servers(s) == -1)
		return CONF_NO_MEMORY;
	return result;
}

void
evi_setup_options_of_files(struct evi_setup *s,
    const struct evi_dns_options *said)
{
	s->by_files = *said;
	settle_options(s);
	settle_ndots(s);
}

void
evi_setup_forget_options(struct evi_setup *s,
    const struct evi_dns_options *said)
{
	evi_options_forget(&s->by_program, said);
}

void
evi_setup_keep_options(struct evi_setup *s)
{
	struct evi_setup *setup = s;

	evi_options_put(&setup->by_files, &setup->by_program);
	setup->by_program = setup->by_files;
	evi_options_clear(&setup->by_files);
}

/* --- at the end --- */

void
evi_setup_forget_nameservers(struct evi_setup *s)
{
	free(s->wanted);
	s->wanted = NULL;
	s->nwanted = 0;
	evi_nameserver_list_release(s->servers);
	s->servers = NULL;
}

/* 1.4: the options stay, but for ndots. */
void
evi_setup_forget(struct evi_setup *s)
{
	evi_setup_forget_nameservers(s);
	set_search(s, NULL);
	s->search_is_the_programs = false;
	s->by_program.ndots = -1;
	settle_options(s);
}
