/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests that may not wait for a time-out; see the header. */
#include "dns_soon.h"
#include "test.h"

void
set_long_timeout(void)
{
	evdns_set_option("timeout:", "100", DNS_OPTIONS_ALL);
}

void
set_short_timeout(const char *attempts)
{
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", attempts, DNS_OPTIONS_ALL);
}

/* Milliseconds: a tenth of the time that a test may take. */
static int
patience_ms(void)
{
	const char *limit = getenv("TEST_TIMEOUT");

	return limit != NULL && atof(limit) > 0 ? (int)(atof(limit) * 100)
						: 2000;
}

static void
wait_at_most(int ms, int left)
{
	struct event limit;

	evtimer_set(&limit, idle_cb, NULL);
	evtimer_add(&limit, MSEC(ms));
	while (pending > left && evtimer_pending(&limit, NULL))
		event_loop(EVLOOP_ONCE);
	event_del(&limit);
	if (pending > left)
		fail_msg("%d requests wait", pending);
}

void
wait_soon_until(int left)
{
	wait_at_most(patience_ms(), left);
}

void
wait_soon(void)
{
	wait_soon_until(0);
}

void
wait_for_repetitions(void)
{
	wait_at_most(4 * patience_ms(), 0);
}

void
look_up_soon(const char *name)
{
	ask(name);
	wait_soon();
}

void
dns_set_up_two(struct dns *d, const struct zone *one, const struct zone *two)
{
	dns_set_up(d, one);
	add_second(d, two);
	set_long_timeout();
}

void
dns_set_up_two_with(struct dns *d, int flags, responder_rule rule, void *arg,
    const struct zone *two)
{
	dns_set_up_with(d, flags, rule, arg);
	add_second(d, two);
	set_long_timeout();
}
