/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver's log, and ids.
 */
#include "test.h"
#include "dns.h"

static const struct zone good[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static const struct zone silent[] = {{"*", SILENCE}, {NULL, NULL}};

static int messages, warnings;

static void
count_log(int is_warning, const char *msg)
{
	assert_non_null(msg);
	assert_true(msg[0] != '\0');
	messages++;
	warnings += is_warning != 0;
}

TEST(log_function_gets_messages)
{
	struct dns d;

	evdns_set_log_fn(count_log);
	dns_set_up(&d, good);
	look_up("www.test");
	assert_true(messages > 0);
	assert_int_equal(warnings, 0);
	dns_tear_down(&d);
}

TEST(log_function_gets_a_message_about_a_server_that_failed,
    DIFFERS(V21, "the message is no warning"))
{
	struct dns d;

	evdns_set_log_fn(count_log);
	dns_set_up(&d, silent);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "2", DNS_OPTIONS_ALL);
	evdns_set_option("max-timeouts:", "1", DNS_OPTIONS_ALL);
	look_up("www.test");
	assert_true(warnings > 0);
	dns_tear_down(&d);
}

TEST(log_function_may_be_removed)
{
	struct dns d;

	evdns_set_log_fn(count_log);
	evdns_set_log_fn(NULL);
	dns_set_up(&d, good);
	look_up("www.test");
	assert_int_equal(messages, 0);
	dns_tear_down(&d);
}

TEST(log_function_is_forgotten_by_shutdown)
{
	struct dns d;

	evdns_set_log_fn(count_log);
	dns_set_up(&d, good);
	evdns_shutdown(0);
	messages = 0;
	use_server(d.server);
	look_up("www.test");
	assert_int_equal(messages, 0);
	dns_tear_down(&d);
}

static ev_uint16_t
five(void)
{
	return 5;
}

static void
id_rule(const struct question *q, struct reply *reply, void *ids)
{
	((int *)ids)[q->serial] = q->id;
	reply_a(reply, "192.0.2.1", 60);
}

/* The library may take ids from it, or ignore it. */
TEST(id_function_does_no_harm)
{
	int ids[3];
	struct dns d;

	evdns_set_transaction_id_fn(five);
	dns_set_up_with(&d, 0, id_rule, ids);
	for (int i = 0; i < 3; i++)
		look_up("www.test");
	assert_int_equal(responder_count(d.server), 3);
	dns_tear_down(&d);
}
