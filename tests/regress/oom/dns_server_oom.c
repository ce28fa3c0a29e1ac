/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side without memory: a call that gets no memory returns an error,
 * and a request or an answer is lost.
 */
#include <stdlib.h>

#include "dns_server.h"
#include "test.h"
#include "wrap.h"

static int ncalls;

static void
count_request_cb(struct evdns_server_request *req, void *arg)
{
	ncalls++;
	answer_empty_cb(req, arg);
}

TEST(dns_port_that_gets_no_memory_is_NULL)
{
	struct event_base *base = event_init();
	struct evdns_server_port *port;
	struct sockaddr_storage at;
	socklen_t len;
	int fd = local_socket(AF_INET, &at, &len);
	long bytes = counts.bytes, nth = 0;

	do {
		fail_alloc(++nth);
		port = evdns_add_server_port(fd, 0, answer_empty_cb, NULL);
		assert_true(is_open(fd));
		assert_true(port != NULL || alloc_failed());
		if (port != NULL)
			break;
		/*
		 * Only what the base keeps for its next event stays allocated.
		 */
		assert_true(counts.bytes <= bytes + 4096);
	} while (nth < 100);
	fail_alloc(0);
	assert_in_range(nth, 2, 99);
	evdns_close_server_port(port);
	event_base_free(base);
}

TEST(dns_request_that_gets_no_memory_is_lost)
{
	struct server s;
	long bytes;

	dns_server_open(&s, count_request_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	bytes = counts.bytes;
	fail_alloc(1);
	dns_server_ask(&s, ASK_U);
	fail_alloc(0);
	assert_int_equal(ncalls, 1);
	assert_no_reply(s.client);
	assert_int_equal(counts.bytes, bytes);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

static void
record_lost_cb(struct evdns_server_request *req, void *arg)
{
	assert_int_equal(add_any(req, "t"), 0);
	fail_alloc(1);
	assert_int_equal(add_any(req, "t"), -1);
	fail_alloc(1);
	assert_int_equal(evdns_server_request_add_ptr_reply(req, NULL, "t", "t",
			     1),
	    -1);
	/* Sending needs no memory. */
	fail_allocs_from(1);
	answer_empty_cb(req, arg);
	assert_false(alloc_failed());
	fail_alloc(0);
}

TEST(dns_record_that_gets_no_memory_is_not_sent)
{
	struct server s;
	long bytes = 0;

	dns_server_open(&s, record_lost_cb);
	for (int i = 0; i < 3; i++) {
		dns_server_ask(&s, ASK_T);
		assert_reply(s.client,
		    "1234 8100 0001 0001 0000 0000 0174 00 0001 0001"
		    "c00c 0001 0001 00000001 0004 01020304");
		if (i > 0)
			assert_int_equal(counts.bytes, bytes);
		bytes = counts.bytes;
	}
	dns_server_close(&s);
}

static void
some_lost_cb(struct evdns_server_request *req, void *arg)
{
	for (int nth = 1; nth <= 3; nth++) {
		fail_alloc(nth);
		assert_int_equal(evdns_server_request_add_a_reply(req, "t", 3,
				     "123456789012", 1),
		    -1);
		assert_true(alloc_failed());
	}
	fail_alloc(0);
	answer_empty_cb(req, arg);
}

TEST(dns_addresses_of_which_one_gets_no_memory_are_not_sent)
{
	struct server s;
	long bytes = 0;

	dns_server_open(&s, some_lost_cb);
	for (int i = 0; i < 2; i++) {
		dns_server_ask(&s, ASK_T);
		assert_reply(s.client, NOTHING_FOR_T);
		if (i > 0)
			assert_int_equal(counts.bytes, bytes);
		bytes = counts.bytes;
	}
	dns_server_close(&s);
}

/* Whichever allocations fail, the port works, and no memory leaks. */
TEST(dns_server_lives_with_failing_allocations)
{
	struct server s;
	long bytes;

	dns_server_open(&s, count_request_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	bytes = counts.bytes;
	for (unsigned int seed = 1; seed < 100; seed++) {
		fail_allocs_often(seed, 3);
		for (int i = 0; i < 10; i++)
			dns_server_ask(&s, ASK_T);
		fail_alloc(0);
		while (recv(s.client, (char[600]){0}, 600, MSG_DONTWAIT) > 0)
			continue;
		assert_int_equal(counts.bytes, bytes);
	}
	assert_in_range(ncalls, 300, 990);
	dns_server_close(&s);
}
