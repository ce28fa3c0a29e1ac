/* SPDX-License-Identifier: BSD-3-Clause */
/* Callbacks of the resolver that leave the stack; see coroutine.h. */
#include "test.h"

#ifdef __GLIBC__

#include "coroutine.h"
#include "dns.h"

static void
leave_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	note_outcome_cb(result, type, count, ttl, addresses, name);
	leave_stack();
}

static void
answer_both(void)
{
	while (pending > 0)
		event_loop(EVLOOP_ONCE);
}

static const struct zone hosts[] = {{"a.example", "192.0.2.1"},
    {"b.example", "192.0.2.2"}, {NULL, NULL}};

/* Runs with questions asked meanwhile, instead of nested passes. */
static void
run_resolver(void (*body)(void), int leaves)
{
	n_leaves = 0;
	hub_open(body);
	while (resume_stack()) {
		use_events();
		use_buffers();
		evdns_resolve_ipv4("other.example", 0, no_outcome_cb, NULL);
		evdns_set_option("timeout:", "4", DNS_OPTIONS_ALL);
		evdns_count_nameservers();
	}
	hub_close();
	assert_int_equal(n_leaves - 1, leaves);
}

static void
silence_rule(const struct question *q, struct reply *reply, void *arg)
{
	if (strcmp(q->name, "other.example") == 0)
		reply->drop = true;
	else
		zone_rule(q, reply, arg);
}

TEST(resolver_callback_leaves_the_stack)
{
	struct dns d;

	dns_set_up_with(&d, RESPONDER_CHILD, silence_rule, (void *)hosts);
	ask_with("a.example", 0, leave_outcome_cb);
	ask_with("b.example", 0, leave_outcome_cb);
	run_resolver(answer_both, 2);
	dns_tear_down(&d);
}

static void
shut_down(void)
{
	evdns_shutdown(1);
}

static void
leave_shutdown_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	(void)name;
	assert_int_equal(result, DNS_ERR_SHUTDOWN);
	leave_stack();
}

/* Both are ended by one call, and each may end the other. */
TEST(callbacks_of_evdns_shutdown_leave_the_stack,
    DIFFERS(V21, "the callbacks come from the loop"))
{
	static const struct zone nothing[] = {{"*", SILENCE}, {NULL, NULL}};
	struct dns d;

	dns_set_up_child(&d, nothing);
	ask_with("a.example", 0, leave_shutdown_cb);
	ask_with("b.example", 0, leave_shutdown_cb);
	n_leaves = 0;
	hub_open(shut_down);
	assert_true(resume_stack());
	use_events();
	evdns_count_nameservers();
	assert_true(resume_stack());
	use_events();
	assert_false(resume_stack());
	hub_close();
	dns_tear_down(&d);
}

#endif
