/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors of the network: a socket may be bound to an address that the machine
 * has lost.  So the resolver tries another socket before it takes a server for
 * unreachable.
 */
#include <errno.h>
#include <evdns.h>
#include <stdio.h>

#include "dns/conf/file.h"
#include "dns_client_calls.h"
#include "responder.h"
#include "test.h"

static int ports[64], nports;

static void
rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	ports[nports++ % 64] = q->client_port;
	reply_a(reply, "192.0.2.1", 60);
}

static void
result_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	*(int *)arg = result;
}

/* The result of a lookup, which takes no time-out. */
static int
look_up(void)
{
	double end = now_ms() + 4000;
	int result = -1;

	assert_int_equal(evdns_resolve_ipv4("www.test", 0, result_cb, &result),
	    0);
	while (result == -1 && now_ms() < end)
		event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	return result;
}

struct stage {
	struct event_base *base;
	struct responder *server;
};

static void
set_up(struct stage *s)
{
	s->base = event_init();
	evi_file_names =
	    (struct file_names){"/proc/none", "/proc/none", "/proc/none"};
	s->server = responder_new("127.0.0.1", 0, rule, NULL);
	assert_int_equal(evdns_nameserver_ip_add(responder_address(s->server)),
	    0);
	assert_int_equal(look_up(), DNS_ERR_NONE);
}

static void
tear_down(struct stage *s)
{
	evdns_shutdown(0);
	responder_free(s->server);
	event_base_free(s->base);
}

static void
check_replaced(int *error)
{
	struct stage s;

	set_up(&s);
	*error = ENETUNREACH;
	assert_int_equal(look_up(), DNS_ERR_NONE);
	assert_int_equal(*error, 0);
	assert_int_equal(nports, 2);
	assert_int_not_equal(ports[0], ports[1]);
	/* The server is not marked down. */
	assert_int_equal(look_up(), DNS_ERR_NONE);
	assert_int_equal(ports[1], ports[2]);
	tear_down(&s);
}

TEST(dns_socket_that_cannot_send_any_more_is_replaced)
{
	check_replaced(&dns_client_calls.fail_send);
}

TEST(dns_socket_that_cannot_receive_any_more_is_replaced)
{
	struct stage s;

	set_up(&s);
	/* The reply is lost with the socket, and the question goes out again.
	 */
	dns_client_calls.fail_recv = ENETUNREACH;
	assert_int_equal(look_up(), DNS_ERR_NONE);
	assert_int_equal(nports, 3);
	assert_int_not_equal(ports[1], ports[2]);
	tear_down(&s);
}
