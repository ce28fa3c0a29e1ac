/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites about failing nameservers share: requests that may not wait
 * for a time-out, and tests with more than one server.  Comes behind dns.h.
 */
#ifndef CONFORMANCE_DNS_SOON_H
#define CONFORMANCE_DNS_SOON_H

/* A request that waits for a time-out does not end within the test. */
static inline void
set_long_timeout(void)
{
	evdns_set_option("timeout:", "100", DNS_OPTIONS_ALL);
}

static inline void
set_short_timeout(const char *attempts)
{
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", attempts, DNS_OPTIONS_ALL);
}

/* A tenth of the time that a test may take. */
static inline int
patience_ms(void)
{
	const char *limit = getenv("TEST_TIMEOUT");

	return limit != NULL && atof(limit) > 0 ? (int)(atof(limit) * 100)
						: 2000;
}

/* Turns the loop until no more than so many requests lack their outcome. */
static inline void
wait_soon_until(int left)
{
	struct event limit;

	evtimer_set(&limit, idle_cb, NULL);
	evtimer_add(&limit, MSEC(patience_ms()));
	while (pending > left && evtimer_pending(&limit, NULL))
		event_loop(EVLOOP_ONCE);
	event_del(&limit);
	if (pending > left)
		fail_msg("%d requests wait", pending);
}

/* Turns the loop until all have it, which takes no time-out. */
static inline void
wait_soon(void)
{
	wait_soon_until(0);
}

static inline void
look_up_soon(const char *name)
{
	ask(name);
	wait_soon();
}

/* Two servers, each with what it knows, and no time-outs. */
static inline void
set_up_two(struct dns *d, const struct zone *one, const struct zone *two)
{
	set_up(d, one);
	add_second(d, two);
	set_long_timeout();
}

/* The same, the first one with a rule. */
static inline void
set_up_two_with(struct dns *d, int flags, responder_rule rule, void *arg,
    const struct zone *two)
{
	set_up_with(d, flags, rule, arg);
	add_second(d, two);
	set_long_timeout();
}

#define DEAD                                                                   \
	{                                                                      \
		{                                                              \
			"*", SILENCE                                           \
		}                                                              \
	}

#endif
