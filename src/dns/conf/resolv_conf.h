/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads resolv.conf files. */
#ifndef EVI_RESOLV_CONF_H
#define EVI_RESOLV_CONF_H

#include "address.h"
#include "options.h"
#include "search.h"
#include "text.h"

#include <stddef.h>

/* What a resolv.conf says. */
struct resolv_conf {
	struct address *servers; /* in the order of the file, each once */
	int nservers;
	bool has_search;	    /* there is a search or domain line */
	struct search_list *search; /* of the last such line */
	struct dns_options options;
};

/*
 * Reads a file, and LOCALDOMAIN and RES_OPTIONS of the environment, which
 * override it.  *conf is to be freed, also after an error.
 */
enum conf_result
evi_resolv_conf_read(struct resolv_conf *conf, const char *filename);

void evi_resolv_conf_free(struct resolv_conf *conf);

/*
 * The domain that is searched where nothing was said: what follows the first
 * dot in the host's own name, "" if there is none.
 */
void evi_resolv_conf_domain(char *domain, size_t size);

#endif
