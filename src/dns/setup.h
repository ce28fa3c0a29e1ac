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
struct lookup;
TAILQ_HEAD(lookups, lookup);

struct setup {
	struct net *net;	     /* of the nameservers */
	struct server_list *servers; /* NULL: none */
	struct search_list *search;  /* NULL: none */
	struct dns_options options;  /* all said */
	struct hosts *hosts;
	unsigned int turn;    /* which server is first, with rotate */
	struct lookups noted; /* see lookup.h */

	/* Where that comes from. */
	TAILQ_HEAD(, source) sources; /* files, as they were last read */
	int64_t looked;		      /* at all files, by evi_dns_now() */
	struct dns_options by_program;
	bool search_is_the_programs;
};

/* Nothing is set up. */
void evi_setup_init(struct setup *setup, struct net *net);

/* What evdns_nameserver_add() returns. */
enum add_result {
	ADD_OK = 0,
	ADD_NO_MEMORY = 2, /* or no base */
	ADD_IS_THERE = 3,
	ADD_NO_ADDRESS = 4
};

/* How many nameservers there are. */
int evi_setup_count(const struct setup *setup);

/* One more nameserver. */
enum add_result
evi_setup_add(struct setup *setup, const struct address *address);

/* As the functions of evdns that are called so. */
void evi_setup_search_clear(struct setup *setup);
void evi_setup_search_add(struct setup *setup, const char *domain);
void evi_setup_ndots(struct setup *setup, int ndots);
int evi_setup_option(struct setup *setup, const char *option, const char *val,
    int flags);

/*
 * Takes what a resolv.conf says, and looks at it from now on.  NULL is no file
 * at all.  Returns what evdns_resolv_conf_parse() does.
 */
enum conf_result
evi_setup_read(struct setup *setup, const char *filename, int flags);

/*
 * To be called before a question: looks at the files, by one stat(2) each, and
 * reads those that have changed; but if the last look is less than a second old
 * it does nothing, and no system call.
 */
void evi_setup_check_files(struct setup *setup);

/*
 * The files, whose changes do not matter any more: what they said stays, the
 * options as if the program had set them.
 */
void evi_setup_forget_sources(struct setup *setup);

/* All nameservers; everything. */
void evi_setup_forget_nameservers(struct setup *setup);
void evi_setup_forget(struct setup *setup);

#endif
