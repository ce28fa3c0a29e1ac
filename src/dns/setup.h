/* SPDX-License-Identifier: BSD-3-Clause */
/* What the resolver is set up with; see setup.c. */
#ifndef EVI_SETUP_H
#define EVI_SETUP_H

#include <stdbool.h>

#include "conf/hosts.h"
#include "conf/resolv_conf.h"
#include "conf/search.h"
#include "nameserver.h"

struct source;
struct lookup;
TAILQ_HEAD(lookups, lookup);

/* The part of a setup that lookup.c writes. */
struct lookup_state {
	struct lookups noted; /* they have a result, or back off */
	unsigned int turn;    /* counts lookups with rotate, to pick a server */
};

struct setup {
	struct net *net;	     /* of the nameservers */
	struct server_list *servers; /* NULL: none */
	struct search_list *search;  /* NULL: none */
	struct dns_options options;  /* none is unset */
	struct hosts *hosts;	     /* NULL: none */
	struct lookup_state lookups;

	/* Where that comes from. */
	TAILQ_HEAD(, source) sources; /* files, as they were last read */
	int64_t checked_at; /* evi_dns_now() of the last check; 0: none yet */
	struct dns_options by_program;
	bool search_is_the_programs;
};

/* Initializes a setup that has nothing but the default options. */
void evi_setup_init(struct setup *setup, struct net *net);

/* What evdns_nameserver_add() returns. */
enum add_result {
	ADD_OK = 0,
	ADD_NO_MEMORY = 2, /* or no base */
	ADD_IS_THERE = 3,
	ADD_NO_ADDRESS = 4
};

/* Has the hosts file asked from now on; not without memory. */
void evi_setup_use_hosts(struct setup *setup);

/* How many nameservers there are. */
int evi_setup_count(const struct setup *setup);

/* Adds a nameserver of the program. */
enum add_result
evi_setup_add(struct setup *setup, const struct address *address);

/*
 * As evdns_search_clear(), evdns_search_add(), evdns_search_ndots_set(), and
 * evdns_set_option().
 */
void evi_setup_search_clear(struct setup *setup);
void evi_setup_search_add(struct setup *setup, const char *domain);
void evi_setup_ndots(struct setup *setup, int ndots);
int evi_setup_option(struct setup *setup, const char *option, const char *val,
    int flags);

/*
 * Reads a resolv.conf, and checks it for changes from now on.  The name NULL is
 * one that cannot be opened.  Returns what evdns_resolv_conf_parse() does.
 */
enum conf_result
evi_setup_read(struct setup *setup, const char *filename, int flags);

/*
 * Called before a lookup: checks the files, with one stat(2) each, and reads
 * those that have changed; without any system call if the last check was less
 * than a second ago.
 */
void evi_setup_check_files(struct setup *setup);

/*
 * Forgets the files: their changes are ignored from now on.  What was read
 * stays set, the options as if the program had set them.
 */
void evi_setup_forget_sources(struct setup *setup);

/* Forgets all nameservers. */
void evi_setup_forget_nameservers(struct setup *setup);

/* Forgets the files, the nameservers, the search list, and the hosts file. */
void evi_setup_forget(struct setup *setup);

#endif
