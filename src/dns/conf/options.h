/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of a resolver: which there are, and values of them. */
#ifndef EVI_CONF_OPTIONS_H
#define EVI_CONF_OPTIONS_H

#include <limits.h>

/*
 * A row for each: its member; its name for evdns_set_option(); which
 * DNS_OPTION_* it belongs to; a number, or a switch, which is 0 or 1; the least
 * and the most it can be, a value beyond being brought to the nearest; the most
 * in a file; what it is if nobody says.  A time is in seconds.  1.4:
 * max-timeouts does without a colon.
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
#define DNS_OPTION_DEFAULT(member, name, flag, kind, least, most, in_file,     \
    value)                                                                     \
	.member = value,
#define DNS_OPTION_UNSAID(member, ...) .member = -1,

enum {
	EVI_DNS_OPTIONS = 0 DNS_OPTION_TABLE(DNS_OPTION_COUNT)
};

/* A value of each, by the table; -1 is "not said". */
struct dns_options {
	union {
		struct {
			DNS_OPTION_TABLE(DNS_OPTION_MEMBER)
		};
		int all[EVI_DNS_OPTIONS];
	};
};

/* What it is if nobody says, and all of them "not said". */
#define EVI_DNS_OPTIONS_DEFAULT                                                \
	{                                                                      \
		DNS_OPTION_TABLE(DNS_OPTION_DEFAULT)                           \
	}
#define EVI_DNS_OPTIONS_UNSAID                                                 \
	{                                                                      \
		DNS_OPTION_TABLE(DNS_OPTION_UNSAID)                            \
	}

/* What is said in one goes over what is said in the other. */
void evi_options_put(struct dns_options *other, const struct dns_options *one);

/* What is said in one is not said any more in the other. */
void
evi_options_forget(struct dns_options *other, const struct dns_options *one);

/* Forgets all options but those whose DNS_OPTION_* is in flags. */
void evi_options_keep(struct dns_options *options, int flags);

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
