/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the state of a nameserver changes: what marks it down, when it is probed,
 * and what marks it up.  Time does not pass: the tests write the nameserver's
 * times.
 */
#include "dns/nameserver.h"

#include <string.h>

#include "dns/clock.h"
#include "test.h"

static struct dns_options options;
static struct net net;

static struct nameserver *
new_nameserver(int max_timeouts)
{
	struct address address;
	struct nameserver *ns;

	memset(&net, 0, sizeof(net));
	evi_options_reset(&options);
	evi_nameserver_net_init(&net, &options, false, NULL, NULL);
	assert_int_equal(evi_address_read(&address, "127.0.0.1"), 0);
	options.max_timeouts = max_timeouts;
	ns = evi_nameserver_new(&net, &address);
	assert_non_null(ns);
	return ns;
}

/*
 * Reports the end of a question that was sent `after` microseconds after the
 * last reply.
 */
static void
end(struct nameserver *ns, enum outcome outcome, int64_t after)
{
	evi_nameserver_judge(ns, outcome, ns->heard_at + after, evi_dns_now());
}

static void
assert_probed_in(struct nameserver *ns, int seconds)
{
	int64_t us = ns->retry_at - evi_dns_now();

	assert_false(evi_nameserver_take_probe(ns));
	assert_in_range(us, (seconds - 10) * 1000000LL, seconds * 1000000LL);
}

/*
 * Lets the time of the next probe come; the nameserver must ask for one probe.
 */
static void
reach_probe_time(struct nameserver *ns)
{
	ns->retry_at = 1;
	assert_true(evi_nameserver_take_probe(ns));
}

TEST(dns_server_that_is_down_is_probed_after_10_60_300_900_and_3600_seconds)
{
	static const int pauses[] = {10, 60, 300, 900, 3600, 3600, 3600};
	struct nameserver *ns = new_nameserver(1);

	assert_false(evi_nameserver_take_probe(ns));
	end(ns, EVI_TIMED_OUT, 1);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		assert_true(evi_nameserver_is_down(ns));
		assert_probed_in(ns, pauses[i]);
		reach_probe_time(ns);
	}
	evi_nameserver_release(ns);
}

/* Another time-out changes nothing. */
TEST(dns_server_that_is_down_is_probed_on_time_whatever_else_times_out)
{
	struct nameserver *ns = new_nameserver(1);

	end(ns, EVI_TIMED_OUT, 1);
	reach_probe_time(ns);
	end(ns, EVI_TIMED_OUT, 1);
	end(ns, EVI_UNREACHABLE, 1);
	assert_probed_in(ns, 60);
	evi_nameserver_release(ns);
}

TEST(dns_server_that_replies_is_up_and_backs_off_from_10_seconds_again)
{
	struct nameserver *ns = new_nameserver(1);

	end(ns, EVI_TIMED_OUT, 1);
	reach_probe_time(ns);
	reach_probe_time(ns);
	end(ns, EVI_REPLIED, 1);
	assert_false(evi_nameserver_is_down(ns));
	assert_false(evi_nameserver_take_probe(ns));
	end(ns, EVI_TIMED_OUT, 1);
	assert_probed_in(ns, 10);
	evi_nameserver_release(ns);
}

TEST(dns_server_that_has_replied_meanwhile_is_not_marked_down)
{
	struct nameserver *ns = new_nameserver(1);

	end(ns, EVI_REPLIED, 1);
	end(ns, EVI_TIMED_OUT, 0);
	end(ns, EVI_UNREACHABLE, -1000);
	assert_false(evi_nameserver_is_down(ns));
	end(ns, EVI_UNREACHABLE, 1);
	assert_true(evi_nameserver_is_down(ns));
	evi_nameserver_release(ns);
}

TEST(dns_server_is_down_after_as_many_timeouts_in_a_row_as_are_set)
{
	struct nameserver *ns = new_nameserver(3);

	for (int i = 0; i < 3; i++) {
		end(ns, EVI_REPLIED, 1);
		end(ns, EVI_TIMED_OUT, 1);
		end(ns, EVI_TIMED_OUT, 1);
		assert_false(evi_nameserver_is_down(ns));
	}
	end(ns, EVI_TIMED_OUT, 1);
	assert_true(evi_nameserver_is_down(ns));
	evi_nameserver_release(ns);
}

/* Lack of memory says nothing about the server. */
TEST(dns_server_is_not_down_for_lack_of_memory)
{
	struct nameserver *ns = new_nameserver(1);

	end(ns, EVI_FAILED, 1);
	assert_false(evi_nameserver_is_down(ns));
	evi_nameserver_release(ns);
}
