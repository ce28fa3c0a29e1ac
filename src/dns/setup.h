/* SPDX-License-Identifier: BSD-3-Clause */
/* What the resolver is set up with; see setup.c. */
#ifndef EVI_SETUP_H
#define EVI_SETUP_H

#include <stdbool.h>

#include "conf/resolv_conf.h"

struct evi_source;

/*
 * Takes from a resolv.conf what flags (DNS_OPTION_*) says, in place of what
 * came from the same source before.  Where that is done again because the file
 * has changed, what the program has set itself since then stays.  Returns 0, or
 * 4 or 6 as evdns_resolv_conf_parse() does.
 */
int evi_setup_from(const struct evi_source *source,
    const struct evi_resolv_conf *conf, int flags, bool again);

/* What files said of options, before all of them are taken from again. */
void evi_setup_forget_options_of_files(void);

/* All nameservers; everything. */
void evi_setup_forget_nameservers(void);
void evi_setup_forget(void);

#endif
