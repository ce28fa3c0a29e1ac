/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the resolver is set up with: nameservers, search list, options.  Both
 * the program and resolv.conf files have a say in each; the program's options
 * go over those of files, and what a file has changed to leaves what the
 * program has set since it was read.
 */
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "public.h"
#include "resolve.h"
#include "resolver.h"
#include "setup.h"

/* A nameserver that is wanted, by a file or (NULL) by the program. */
struct wanted {
	struct evi_address address;
	const struct evi_source *source;
};
static struct wanted *wanted;
static int nwanted;

#define UNSAID                                                                 \
	{                                                                      \
		.all = { [0 ... EVI_DNS_OPTIONS - 1] = -1 }                    \
	}
static struct evi_dns_options by_program = UNSAID, by_files = UNSAID;
#define DEFAULTS                                                               \
	{                                                                      \
		.ndots = 1, .timeout = 5, .attempts = 3, .max_timeouts = 1,    \
		.max_inflight = 64,                                            \
	}
static const struct evi_dns_options defaults = DEFAULTS;

struct evi_resolver evi_resolver = {.options = DEFAULTS};
static bool search_is_the_programs;

/* --- options --- */

/* What is said in one goes over what is said in the other. */
static void
put_over(struct evi_dns_options *other, const struct evi_dns_options *one)
{
	int i;

	for (i = 0; i < EVI_DNS_OPTIONS; i++)
		if (one->all[i] != -1)
			other->all[i] = one->all[i];
}

/* What is said in one is forgotten in the other. */
static void
take_out(struct evi_dns_options *other, const struct evi_dns_options *one)
{
	int i;

	for (i = 0; i < EVI_DNS_OPTIONS; i++)
		if (one->all[i] != -1)
			other->all[i] = -1;
}

static void
settle_options(void)
{
	evi_resolver.options = defaults;
	put_over(&evi_resolver.options, &by_files);
	put_over(&evi_resolver.options, &by_program);
}

/* --- nameservers --- */

static struct evi_settings
current_settings(void)
{
	const struct evi_dns_options *o = &evi_resolver.options;
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
nameserver_for(const struct evi_address *address)
{
	struct evi_settings settings = current_settings();
	struct evi_servers *servers = evi_resolver.servers;
	int i;

	for (i = 0; servers != NULL && i < servers->n; i++) {
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
settle_servers(void)
{
	struct evi_servers *servers = NULL;
	int i;

	if (nwanted > 0) {
		servers = evi_servers_new(nwanted);
		if (servers == NULL)
			return -1;
		for (i = 0; i < nwanted; i++) {
			servers->list[i] = nameserver_for(&wanted[i].address);
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
is_wanted(const struct evi_address *address)
{
	int i;

	for (i = 0; i < nwanted; i++)
		if (evi_address_equal(&wanted[i].address, address))
			return true;
	return false;
}

/* Has one more nameserver, at a place among the others.  0, or a code of
 * evdns_nameserver_add(). */
static int
want(const struct evi_address *address, const struct evi_source *source,
    int place)
{
	struct wanted *more;

	if (is_wanted(address))
		return 3;
	more = realloc(wanted, (nwanted + 1) * sizeof(*wanted));
	if (more == NULL)
		return 2;
	wanted = more;
	memmove(wanted + place + 1, wanted + place,
	    (nwanted - place) * sizeof(*wanted));
	wanted[place].address = *address;
	wanted[place].source = source;
	nwanted++;
	return 0;
}

/* Gives up those of a source.  Returns the place where they were. */
static int
give_up(const struct evi_source *source)
{
	int i, n = 0, place = -1;

	for (i = 0; i < nwanted; i++) {
		if (wanted[i].source != source)
			wanted[n++] = wanted[i];
		else if (place == -1)
			place = n;
	}
	nwanted = n;
	return place == -1 ? n : place;
}

static int
add_nameserver(const struct evi_address *address)
{
	char text[EVI_ADDRESS_TEXT];
	int result;

	if (evi_resolver_check() == -1)
		return 2;
	result = want(address, NULL, nwanted);
	if (result != 0)
		return result;
	if (settle_servers() == -1) {
		nwanted--;
		return 2;
	}
	evi_address_text(address, text);
	evi_dns_log(0, "nameserver %s added", text);
	evi_resolve_pump();
	evi_dns_log_flush();
	return 0;
}

int
evdns_nameserver_add(unsigned long int address)
{
	struct evi_address server = {.len = sizeof(server.in)};

	server.in.sin_family = AF_INET;
	server.in.sin_port = htons(NS_DEFAULTPORT);
	server.in.sin_addr.s_addr = (in_addr_t)address;
	return add_nameserver(&server);
}

int
evdns_nameserver_ip_add(const char *ip_as_string)
{
	struct evi_address server;

	if (evi_address_read(&server, ip_as_string) == -1) {
		evi_dns_log(1, "\"%s\" is no nameserver's address",
		    ip_as_string);
		evi_dns_log_flush();
		return 4;
	}
	return add_nameserver(&server);
}

int
evdns_count_nameservers(void)
{
	return nwanted;
}

/* --- search list --- */

static void
set_search(struct evi_search *search)
{
	evi_search_release(evi_resolver.search);
	evi_resolver.search = search;
}

/* 1.4: ndots goes with the list. */
void
evdns_search_clear(void)
{
	search_is_the_programs = true;
	set_search(NULL);
	by_program.ndots = defaults.ndots;
	settle_options();
}

void
evdns_search_add(const char *domain)
{
	struct evi_search *search;

	search_is_the_programs = true;
	search = evi_search_with(evi_resolver.search, domain,
	    evi_resolver.options.ndots);
	if (search != NULL)
		set_search(search);
}

/* Has the search list know of an ndots that may be another one. */
static void
settle_ndots(void)
{
	struct evi_search *old = evi_resolver.search, *search;

	if (old == NULL || old->ndots == evi_resolver.options.ndots)
		return;
	search = evi_search_new((const char *const *)old->domains, old->n,
	    evi_resolver.options.ndots);
	if (search != NULL)
		set_search(search);
}

void
evdns_search_ndots_set(const int ndots)
{
	by_program.ndots = ndots < 0 ? 0 : ndots;
	settle_options();
	settle_ndots();
}

int
evdns_set_option(const char *option, const char *val, int flags)
{
	struct evi_dns_options said = UNSAID;

	if (evi_dns_option_set(&said, option, val, flags) == -1)
		return -1;
	put_over(&by_program, &said);
	evi_resolver_check();
	settle_options();
	settle_ndots();
	settle_servers();
	evi_resolve_pump();
	return 0;
}

/* --- from a file --- */

static int
take_nameservers(const struct evi_source *source,
    const struct evi_resolv_conf *conf)
{
	struct evi_address local;
	int i, place = give_up(source);

	for (i = 0; i < conf->nservers; i++)
		if (want(&conf->servers[i], source, place) == 0)
			place++;
	if (conf->nservers > 0)
		return 0;
	evi_address_read(&local, "127.0.0.1");
	want(&local, source, place);
	return 6;
}

/* Where the file says nothing, what there is stays; or else it is the host's
 * own domain. */
static void
take_search(const struct evi_resolv_conf *conf, bool again)
{
	char domain[NS_MAXDNAME];
	const char *host = domain;
	const char *const *domains = (const char *const *)conf->search;
	int n = conf->nsearch;

	if (n == -1) {
		if (!again && evi_resolver.search != NULL)
			return;
		evi_search_default(domain, sizeof(domain));
		domains = &host;
		n = domain[0] != '\0';
	}
	set_search(
	    n == 0 ? NULL
		   : evi_search_new(domains, n, evi_resolver.options.ndots));
}

int
evi_setup_from(const struct evi_source *source,
    const struct evi_resolv_conf *conf, int flags, bool again)
{
	struct evi_dns_options options = UNSAID;
	int result = 0;

	if (flags & DNS_OPTION_MISC)
		options = conf->options;
	options.ndots = flags & DNS_OPTION_SEARCH ? conf->options.ndots : -1;
	put_over(&by_files, &options);
	if (!again)
		take_out(&by_program, &options);
	settle_options();
	settle_ndots();
	if ((flags & DNS_OPTION_SEARCH) && !(again && search_is_the_programs)) {
		search_is_the_programs = false;
		take_search(conf, again);
	}
	if (flags & DNS_OPTION_NAMESERVERS)
		result = take_nameservers(source, conf);
	if (settle_servers() == -1)
		return 4;
	evi_resolve_pump();
	return result;
}

void
evi_setup_forget_options_of_files(void)
{
	by_files = (struct evi_dns_options)UNSAID;
}

/* --- at the end --- */

void
evi_setup_forget_nameservers(void)
{
	free(wanted);
	wanted = NULL;
	nwanted = 0;
	evi_resolver_set_servers(NULL);
}

/* 1.4: the options stay, but for ndots. */
void
evi_setup_forget(void)
{
	evi_setup_forget_nameservers();
	set_search(NULL);
	search_is_the_programs = false;
	put_over(&by_files, &by_program);
	by_program = by_files;
	by_program.ndots = -1;
	evi_setup_forget_options_of_files();
	settle_options();
}
