/* SPDX-License-Identifier: BSD-3-Clause */
/* What the resolver is set up with; see setup.c. */
#ifndef EVI_SETUP_H
#define EVI_SETUP_H

#include <stdbool.h>

#include "conf/hosts.h"
#include "conf/resolv_conf.h"
#include "nameserver.h"
#include "search.h"

struct source;
struct wanted;
struct evi_lookup;
TAILQ_HEAD(evi_lookups, evi_lookup);

/* The files that were read; all zero: there are none.  See source.c. */
struct sources {
	struct source *first; /* in the order in which they were last read */
	int64_t looked;	      /* at all files, by evi_dns_now() */
};

struct evi_setup {
	struct evi_net *net;		/* of the nameservers */
	struct evi_servers *servers;	/* NULL: none */
	struct evi_search *search;	/* NULL: none */
	struct evi_dns_options options; /* all said */
	struct evi_hosts *hosts;
	unsigned int turn;	    /* which server is first, with rotate */
	struct evi_lookups settled; /* see lookup.h */

	/* Where that comes from. */
	struct sources sources;
	struct wanted *wanted; /* nameservers, in order */
	int nwanted;
	struct evi_dns_options by_program, by_files;
	bool search_is_the_programs;
};

/* Nothing is set up. */
void evi_setup_init(struct evi_setup *setup, struct evi_net *net);

/* What evdns_nameserver_add() returns. */
enum add_result {
	ADD_OK = 0,
	ADD_NO_MEMORY = 2, /* or no base */
	ADD_IS_THERE = 3,
	ADD_NO_ADDRESS = 4
};

/* One more nameserver. */
enum add_result
evi_setup_add(struct evi_setup *setup, const struct evi_address *address);

/* As the functions of evdns that are called so. */
void evi_setup_search_clear(struct evi_setup *setup);
void evi_setup_search_add(struct evi_setup *setup, const char *domain);
void evi_setup_ndots(struct evi_setup *setup, int ndots);
int evi_setup_option(struct evi_setup *setup, const char *option,
    const char *val, int flags);

/*
 * Takes the nameservers and the search list from a resolv.conf, if flags
 * (DNS_OPTION_*) says so, in place of what came from the same source before.
 * Where that is done again because the file has changed, what the program has
 * set itself since then stays.  CONF_OK, CONF_NO_MEMORY or CONF_NO_NAMESERVER.
 */
enum conf_result
evi_setup_from(struct evi_setup *setup, const struct source *source,
    const struct evi_resolv_conf *conf, int flags, bool again);

/* What all files say of options, which is less than what the program says. */
void evi_setup_options_of_files(struct evi_setup *setup,
    const struct evi_dns_options *said);

/* Those that are in said are the program's no more, for a file says them. */
void evi_setup_forget_options(struct evi_setup *setup,
    const struct evi_dns_options *said);

/* What files have said of options counts as the program's, in their place. */
void evi_setup_keep_options(struct evi_setup *setup);

/* All nameservers; everything. */
void evi_setup_forget_nameservers(struct evi_setup *setup);
void evi_setup_forget(struct evi_setup *setup);

#endif
