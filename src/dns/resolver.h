/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one resolver of the process: on which base it is, which nameservers,
 * search list and options it has, and from where.
 */
#ifndef EVI_RESOLVER_H
#define EVI_RESOLVER_H

#include <stdbool.h>

#include "conf/resolv_conf.h"
#include "conf/hosts.h"
#include "nameserver.h"
#include "search.h"
#include "setup.h"
#include "source.h"

struct evi_resolver {
	struct evi_servers *servers;	/* NULL: none */
	struct evi_search *search;	/* NULL: none */
	struct evi_dns_options options; /* all said */
	struct evi_hosts *hosts;
	struct setup setup;
	struct sources sources;
	bool suspended;
	unsigned int turn; /* which server is first, with rotate */
};
extern struct evi_resolver evi_resolver;

/*
 * To be called before anything else is done: makes the resolver one of this
 * process and of a base that exists, if it was a parent's, or its descriptors
 * are gone, or its base is.  -1 where there is no base at all.
 */
int evi_resolver_check(void);

/* The same, and goes to the current base if it is on another one. */
int evi_resolver_come_home(void);

/* Whether there is anything to ask, and anybody to be asked. */
bool evi_resolver_can_ask(void);

/* Takes over the nameservers to be asked from now on; NULL for none. */
void evi_resolver_set_servers(struct evi_servers *servers);

/* Runs evi_resolve_work() in the next pass of the loop; does not. */
void evi_resolver_work_soon(void);
void evi_resolver_work_done(void);

/* Runs evi_channels_flush() in this pass, behind the callbacks. */
void evi_resolver_flush_soon(void);

/* For the program's evdns_set_log_fn(), if there is one; told by a flush. */
void evi_dns_log(int is_warning, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Calls the log function: the last thing that is done, outside of requests. */
void evi_dns_log_flush(void);

#endif
