/* SPDX-License-Identifier: BSD-3-Clause */
/* What the resolver is set up with; see setup.c. */
#ifndef EVI_SETUP_H
#define EVI_SETUP_H

#include <stdbool.h>

#include "conf/resolv_conf.h"

struct evi_resolver;
struct source;
struct wanted;

/* Embedded in the resolver. */
struct setup {
	struct wanted *wanted; /* nameservers, in order */
	int nwanted;
	struct evi_dns_options by_program, by_files;
	bool search_is_the_programs;
};

/*
 * Takes the nameservers and the search list from a resolv.conf, if flags
 * (DNS_OPTION_*) says so, in place of what came from the same source before.
 * Where that is done again because the file has changed, what the program has
 * set itself since then stays.  CONF_OK, CONF_NO_MEMORY or CONF_NO_NAMESERVER.
 */
enum conf_result
evi_setup_from(struct evi_resolver *resolver, const struct source *source,
    const struct evi_resolv_conf *conf, int flags, bool again);

/* What all files say of options, which is less than what the program says. */
void evi_setup_options_of_files(struct evi_resolver *resolver,
    const struct evi_dns_options *said);

/* Those that are in said are the program's no more, for a file says them. */
void evi_setup_forget_options(struct evi_resolver *resolver,
    const struct evi_dns_options *said);

/* What files have said of options counts as the program's, in their place. */
void evi_setup_keep_options(struct evi_resolver *resolver);

/* All nameservers; everything. */
void evi_setup_forget_nameservers(struct evi_resolver *resolver);
void evi_setup_forget(struct evi_resolver *resolver);

#endif
