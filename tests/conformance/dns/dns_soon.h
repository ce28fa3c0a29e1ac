/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites about failing nameservers share: requests that may not wait
 * for a time-out, and tests with more than one server.
 */
#ifndef CONFORMANCE_DNS_SOON_H
#define CONFORMANCE_DNS_SOON_H

#include "dns.h"

/* A request that waits for a time-out does not end within the test. */
void set_long_timeout(void);

void set_short_timeout(const char *attempts);

/* Runs the loop until at most `left` requests lack their outcome. */
void wait_soon_until(int left);

/* Turns the loop until all have it, which takes no time-out. */
void wait_soon(void);

/* Like wait_soon(), but waits four times as long: the repetition of a query
 * that was lost comes later on a busy machine. */
void wait_for_repetitions(void);

void look_up_soon(const char *name);

/* Two servers, each with what it knows, and no time-outs. */
void
dns_set_up_two(struct dns *d, const struct zone *one, const struct zone *two);

/* The same, the first one with a rule. */
void dns_set_up_two_with(struct dns *d, int flags, responder_rule rule,
    void *arg, const struct zone *two);

#define DEAD                                                                   \
	{                                                                      \
		{                                                              \
			"*", SILENCE                                           \
		}                                                              \
	}

#endif
