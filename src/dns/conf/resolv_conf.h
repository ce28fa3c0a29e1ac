/* SPDX-License-Identifier: BSD-3-Clause */
/* What a resolv.conf says, and the options of a resolver. */
#ifndef EVI_RESOLV_CONF_H
#define EVI_RESOLV_CONF_H

#include "address.h"

#include <stddef.h>

/* The options, by evdns_set_option()'s names; -1 is "not said". */
#define EVI_DNS_OPTIONS 8
struct evi_dns_options {
	union {
		struct {
			int ndots;
			int timeout; /* seconds */
			int attempts;
			int max_timeouts;
			int max_inflight;
			int rotate; /* these are 0 or 1 */
			int use_vc;
			int edns0;
		};
		int all[EVI_DNS_OPTIONS];
	};
};

/* All of them "not said". */
void evi_dns_options_clear(struct evi_dns_options *options);

/* What is said in one goes over, or is forgotten in, the other. */
void evi_dns_options_put(struct evi_dns_options *other,
    const struct evi_dns_options *one);
void evi_dns_options_forget(struct evi_dns_options *other,
    const struct evi_dns_options *one);

/* Forgets all options but those of a kind that is in flags. */
void evi_dns_options_keep(struct evi_dns_options *options, int flags);

/*
 * Sets one option as evdns_set_option() does: 0, also where it is not known or
 * of a kind that is not in flags, or -1 for a value it cannot have.  A number
 * that is too small or too large for the option is brought into its range.
 * rotate, use-vc and edns0 take no value, or 1, or 0 for off.
 */
int evi_dns_option_set(struct evi_dns_options *options, const char *option,
    const char *val, int flags);

/* What a resolv.conf says. */
struct evi_resolv_conf {
	struct evi_address *servers; /* in the order of the file, each once */
	int nservers;
	char **search; /* in the order of the file, the last such line's */
	int nsearch;   /* -1 where nothing was said */
	struct evi_dns_options options;
};

/*
 * Reads a file, and the environment's LOCALDOMAIN and RES_OPTIONS over it.
 * Returns 0 or one of evdns_resolv_conf_parse()'s codes 1 to 5; in either case
 * *conf is to be freed.
 */
int evi_resolv_conf_read(struct evi_resolv_conf *conf, const char *filename);

/*
 * Reads a file's text, len bytes that may be anything.  Returns 0, or 4 without
 * memory; in either case *conf is to be freed.
 */
int evi_resolv_conf_parse(struct evi_resolv_conf *conf, const char *text,
    size_t len);

void evi_resolv_conf_free(struct evi_resolv_conf *conf);

/*
 * The domain that is searched where nothing was said: what follows the first
 * dot in the host's own name, "" if there is none.
 */
void evi_search_default(char *domain, size_t size);

#endif
