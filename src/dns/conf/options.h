/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a resolver: which there are, and values of them. */
#ifndef EVI_CONF_OPTIONS_H
#define EVI_CONF_OPTIONS_H

#include <limits.h>

/*
 * The options, one a row:
 *
 * 1. the member of struct dns_options; a time is in seconds
 * 2. the name for evdns_set_option(); 1.4: max-timeouts needs no colon
 * 3. its kind, of DNS_OPTION_*
 * 4. NUMBER, or SWITCH, which is 0 or 1
 * 5. the minimum; smaller values become this one
 * 6. the maximum, and 7. the maximum in a file; larger values become that one
 * 8. the default
 */
/* clang-format off */
#define DNS_OPTION_TABLE(ROW)                                                  \
	ROW(ndots, "ndots:", SEARCH, NUMBER, 0, INT_MAX, 15, 1)                \
	ROW(timeout, "timeout:", MISC, NUMBER, 1, INT_MAX, 30, 5)              \
	ROW(attempts, "attempts:", MISC, NUMBER, 1, 255, 5, 3)                 \
	ROW(max_timeouts, "max-timeouts", MISC, NUMBER, 1, 255, 255, 1)        \
	ROW(max_inflight, "max-inflight:", MISC, NUMBER, 1, 65000, 65000, 64)  \
	ROW(rotate, "rotate", MISC, SWITCH, 0, 1, 1, 0)                        \
	ROW(use_vc, "use-vc", MISC, SWITCH, 0, 1, 1, 0)                        \
	ROW(edns0, "edns0", MISC, SWITCH, 0, 1, 1, 0)
/* clang-format on */

#define DNS_OPTION_COUNT(...) +1
#define DNS_OPTION_MEMBER(member, ...) int member;

enum {
	EVI_DNS_OPTIONS = 0 DNS_OPTION_TABLE(DNS_OPTION_COUNT)
};

/* The value of each option of the table; -1: it is not set. */
struct dns_options {
	union {
		struct {
			DNS_OPTION_TABLE(DNS_OPTION_MEMBER)
		};
		int all[EVI_DNS_OPTIONS];
	};
};

/* Sets all options to their defaults. */
void evi_options_reset(struct dns_options *options);

/* Unsets all options. */
void evi_options_clear(struct dns_options *options);

/* Copies the options that are set in from. */
void evi_options_copy(struct dns_options *to, const struct dns_options *from);

/* Unsets the options that are set in others. */
void evi_options_unset(struct dns_options *options,
    const struct dns_options *others);

/* Unsets all options but those whose DNS_OPTION_* is in flags. */
void evi_options_keep(struct dns_options *options, int flags);

/* Sets ndots to any number, or unsets it by -1. */
void evi_options_set_ndots(struct dns_options *options, int ndots);

/*
 * Sets one option as evdns_set_option() does: 0, also where it is not known or
 * belongs to none of flags, or -1 for a value it cannot have.  A number that is
 * too small or too large for the option is brought into its range.  A switch
 * takes no value, or 1, or 0 for off.
 */
int evi_options_set(struct dns_options *options, const char *option,
    const char *val, int flags);

/*
 * Sets one option as a word of an options line does ("ndots:2").  It ignores
 * unknown options and bad values.
 */
void evi_options_read_one(struct dns_options *options, const char *word);

#endif
