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
#include "resolve.h"
#include "resolver.h"

/* A nameserver that is wanted, by a file or (NULL) by the program. */
struct wanted {
	struct evi_address address;
	const struct source *source;
};

static const struct evi_dns_options defaults = EVI_DNS_OPTIONS_DEFAULT;

/* What evdns_nameserver_add() returns. */
enum add_result {
	ADD_OK = 0,
	ADD_NO_MEMORY = 2, /* or no base */
	ADD_IS_THERE = 3,
	ADD_NO_ADDRESS = 4
};

struct evi_resolver evi_resolver = {
    .options = EVI_DNS_OPTIONS_DEFAULT,
    .setup = {.by_program = EVI_DNS_OPTIONS_UNSAID,
	.by_files = EVI_DNS_OPTIONS_UNSAID},
};

/* --- options --- */

static void
settle_options(struct evi_resolver *r)
{
	r->options = defaults;
	evi_dns_options_put(&r->options, &r->setup.by_files);
	evi_dns_options_put(&r->options, &r->setup.by_program);
}

/* --- nameservers --- */

static struct evi_settings
current_settings(const struct evi_resolver *r)
{
	const struct evi_dns_options *o = &r->options;
	struct evi_settings settings = {
	    .timeout = o->timeout,
	    .max_timeouts = o->max_timeouts,
	    .use_vc = o->use_vc,
	    .edns0 = o->edns0,
	};

	return settings;
}

/* The nameserver for an address: the one there is, or a new one. */
static struct evi_nameserver *
nameserver_for(const struct evi_resolver *r, const struct evi_address *address)
{
	struct evi_settings settings = current_settings(r);
	struct evi_servers *servers = r->servers;

	for (int i = 0; servers != NULL && i < servers->n; i++) {
		struct evi_nameserver *ns = servers->list[i];

		if (evi_address_equal(&ns->address, address) &&
		    evi_settings_equal(&ns->settings, &settings)) {
			ns->refs++;
			return ns;
		}
	}
	return evi_nameserver_new(address, &settings);
}

/*
 * Makes the list of nameservers from those that are wanted.  Requests under way
 * stay with the list they have.  -1 without memory, and all is as before.
 */
static int
settle_servers(struct evi_resolver *r)
{
	const struct setup *setup = &r->setup;
	struct evi_servers *servers = NULL;

	if (setup->nwanted > 0) {
		servers = evi_servers_new(setup->nwanted);
		if (servers == NULL)
			return -1;
		for (int i = 0; i < setup->nwanted; i++) {
			servers->list[i] =
			    nameserver_for(r, &setup->wanted[i].address);
			if (servers->list[i] == NULL) {
				servers->n = i;
				evi_servers_release(servers);
				return -1;
			}
		}
	}
	evi_resolver_set_servers(servers);
	return 0;
}

static bool
is_wanted(const struct setup *setup, const struct evi_address *address)
{
	for (int i = 0; i < setup->nwanted; i++)
		if (evi_address_equal(&setup->wanted[i].address, address))
			return true;
	return false;
}

/* Sees to it that n more can be inserted; -1 without memory. */
static int
make_room(struct setup *setup, int n)
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
insert(struct setup *setup, const struct evi_address *address,
    const struct source *source, int place)
{
	struct wanted *at = setup->wanted + place;

	memmove(at + 1, at, (size_t)(setup->nwanted - place) * sizeof(*at));
	*at = (struct wanted){*address, source};
	setup->nwanted++;
}

/* Gives up those of a source.  Returns the place where they were. */
static int
give_up(struct setup *setup, const struct source *source)
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

static enum add_result
add_nameserver(struct evi_resolver *r, const struct evi_address *address)
{
	char text[EVI_ADDRESS_TEXT];

	if (evi_resolver_check() == -1)
		return ADD_NO_MEMORY;
	if (is_wanted(&r->setup, address))
		return ADD_IS_THERE;
	if (make_room(&r->setup, 1) == -1)
		return ADD_NO_MEMORY;
	insert(&r->setup, address, NULL, r->setup.nwanted);
	if (settle_servers(r) == -1) {
		r->setup.nwanted--;
		return ADD_NO_MEMORY;
	}
	evi_address_text(address, text);
	evi_dns_log(0, "nameserver %s added", text);
	evi_resolve_pump();
	evi_dns_log_flush();
	return ADD_OK;
}

int
evdns_nameserver_add(unsigned long int address)
{
	struct evi_address server = {.len = sizeof(server.in)};

	server.in.sin_family = AF_INET;
	server.in.sin_port = htons(NS_DEFAULTPORT);
	server.in.sin_addr.s_addr = (in_addr_t)address;
	return add_nameserver(&evi_resolver, &server);
}

int
evdns_nameserver_ip_add(const char *ip_as_string)
{
	struct evi_address server;

	if (evi_address_read(&server, ip_as_string) == -1) {
		evi_dns_log(1, "\"%s\" is no nameserver's address",
		    ip_as_string);
		evi_dns_log_flush();
		return ADD_NO_ADDRESS;
	}
	return add_nameserver(&evi_resolver, &server);
}

int
evdns_count_nameservers(void)
{
	return evi_resolver.setup.nwanted;
}

/* --- search list --- */

static void
set_search(struct evi_resolver *r, struct evi_search *search)
{
	evi_search_release(r->search);
	r->search = search;
}

/* Has the search list know of an ndots that may be another one. */
static void
settle_ndots(struct evi_resolver *r)
{
	struct evi_search *old = r->search, *search;

	if (old == NULL || old->ndots == r->options.ndots)
		return;
	search = evi_search_new((const char *const *)old->domains, old->n,
	    r->options.ndots);
	if (search != NULL)
		set_search(r, search);
}

/* 1.4: ndots goes with the list. */
void
evdns_search_clear(void)
{
	struct evi_resolver *r = &evi_resolver;

	r->setup.search_is_the_programs = true;
	set_search(r, NULL);
	r->setup.by_program.ndots = defaults.ndots;
	settle_options(r);
}

void
evdns_search_add(const char *domain)
{
	struct evi_resolver *r = &evi_resolver;
	struct evi_search *search;

	r->setup.search_is_the_programs = true;
	search = evi_search_with(r->search, domain, r->options.ndots);
	if (search != NULL)
		set_search(r, search);
}

void
evdns_search_ndots_set(const int ndots)
{
	struct evi_resolver *r = &evi_resolver;

	r->setup.by_program.ndots = ndots < 0 ? 0 : ndots;
	settle_options(r);
	settle_ndots(r);
}

int
evdns_set_option(const char *option, const char *val, int flags)
{
	struct evi_resolver *r = &evi_resolver;

	if (evi_dns_option_set(&r->setup.by_program, option, val, flags) == -1)
		return -1;
	evi_resolver_check();
	settle_options(r);
	settle_ndots(r);
	settle_servers(r);
	evi_resolve_pump();
	return 0;
}

/* --- from a file --- */

/* 1.4: a file without a nameserver is about the one of this machine. */
static enum conf_result
take_nameservers(struct setup *setup, const struct source *source,
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
take_search(struct evi_resolver *r, const struct evi_resolv_conf *conf,
    bool again)
{
	char domain[NS_MAXDNAME];
	const char *host = domain;
	const char *const *domains = (const char *const *)conf->search;
	struct evi_search *search = NULL;
	int n = conf->nsearch;

	if (n == -1) {
		if (!again && r->search != NULL)
			return 0;
		evi_search_default(domain, sizeof(domain));
		domains = &host;
		n = domain[0] != '\0';
	}
	if (n > 0) {
		search = evi_search_new(domains, n, r->options.ndots);
		if (search == NULL)
			return -1;
	}
	set_search(r, search);
	return 0;
}

enum conf_result
evi_setup_from(struct evi_resolver *r, const struct source *source,
    const struct evi_resolv_conf *conf, int flags, bool again)
{
	enum conf_result result = CONF_OK;

	if ((flags & DNS_OPTION_SEARCH) &&
	    !(again && r->setup.search_is_the_programs)) {
		if (take_search(r, conf, again) == -1)
			return CONF_NO_MEMORY;
		r->setup.search_is_the_programs = false;
	}
	if (flags & DNS_OPTION_NAMESERVERS)
		result = take_nameservers(&r->setup, source, conf);
	if (result == CONF_NO_MEMORY || settle_servers(r) == -1)
		return CONF_NO_MEMORY;
	evi_resolve_pump();
	return result;
}

void
evi_setup_options_of_files(struct evi_resolver *r,
    const struct evi_dns_options *said)
{
	r->setup.by_files = *said;
	settle_options(r);
	settle_ndots(r);
}

void
evi_setup_forget_options(struct evi_resolver *r,
    const struct evi_dns_options *said)
{
	evi_dns_options_forget(&r->setup.by_program, said);
}

void
evi_setup_keep_options(struct evi_resolver *r)
{
	struct setup *setup = &r->setup;

	evi_dns_options_put(&setup->by_files, &setup->by_program);
	setup->by_program = setup->by_files;
	evi_dns_options_clear(&setup->by_files);
}

/* --- at the end --- */

void
evi_setup_forget_nameservers(struct evi_resolver *r)
{
	free(r->setup.wanted);
	r->setup.wanted = NULL;
	r->setup.nwanted = 0;
	evi_resolver_set_servers(NULL);
}

/* 1.4: the options stay, but for ndots. */
void
evi_setup_forget(struct evi_resolver *r)
{
	evi_setup_forget_nameservers(r);
	set_search(r, NULL);
	r->setup.search_is_the_programs = false;
	r->setup.by_program.ndots = -1;
	settle_options(r);
}
