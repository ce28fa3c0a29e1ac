/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the server side costs: system calls, allocations, bytes, and the time of
 * others.
 */
#include <stdlib.h>

#include "dns_server.h"
#include "dns_server_calls.h"
#include "test.h"
#include "wrap.h"

#define ROUNDS 100

/* How many records an answer has. */
static int nrecords;

static void
records_cb(struct evdns_server_request *req, void *arg)
{
	for (int i = 0; i < nrecords; i++)
		add_any(req, req->questions[0]->name);
	answer_empty_cb(req, arg);
}

/* Has the server answer n requests that arrive at the same time. */
static void
serve(struct server *s, int n)
{
	static unsigned char bytes[PACKET];

	for (int i = 0; i < n; i++)
		send_hex(s->client, ASK_WWW);
	dns_server_pass(s);
	for (int i = 0; i < n; i++)
		assert_true(take_reply(s->client, bytes) > 0);
}

/* The cost of n requests that arrive one by one, after a first one. */
static struct counts
serving_cost(struct server *s, int n)
{
	struct counts before;

	serve(s, 1);
	dns_calls = (struct dns_calls){0, 0};
	before = counts;
	for (int i = 0; i < n; i++)
		serve(s, 1);
	return counts_since(&before);
}

TEST(dns_request_costs_one_allocation_and_one_for_each_record)
{
	struct server s;
	struct counts c;

	dns_server_open(&s, records_cb);
	for (nrecords = 0; nrecords < 4; nrecords++) {
		c = serving_cost(&s, ROUNDS);
		assert_int_equal(c.allocs, (1 + nrecords) * ROUNDS);
		assert_int_equal(c.frees, c.allocs);
		assert_int_equal(c.bytes, 0);
	}
	dns_server_close(&s);
}

/* The second read finds that no request is left. */
TEST(dns_request_costs_two_reads_and_one_send)
{
	struct server s;
	struct counts c;

	nrecords = 1;
	dns_server_open(&s, records_cb);
	c = serving_cost(&s, ROUNDS);
	assert_int_equal(dns_calls.recvfrom, 2 * ROUNDS);
	assert_int_equal(dns_calls.sendto, ROUNDS);
	assert_int_equal(c.epoll_ctl, 0);
	assert_int_equal(c.others, 0);
	dns_server_close(&s);
}

TEST(dns_requests_that_come_together_cost_one_read_each_and_one_more)
{
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	serve(&s, 1);
	dns_calls = (struct dns_calls){0, 0};
	serve(&s, 50);
	assert_int_equal(dns_calls.recvfrom, 51);
	assert_int_equal(dns_calls.sendto, 50);
	dns_server_close(&s);
}

static int ncalls;

static void
count_request_cb(struct evdns_server_request *req, void *arg)
{
	ncalls++;
	answer_empty_cb(req, arg);
}

/* 1.4: as long as requests arrive no other event is called. */
TEST(dns_requests_do_not_starve_other_events)
{
	struct server s;

	dns_server_open(&s, count_request_cb);
	for (int i = 0; i < 150; i++)
		send_hex(s.client, ASK_T);
	assert_int_equal(event_base_loop(s.base, EVLOOP_ONCE), 0);
	assert_in_range(ncalls, 1, 64);
	dns_server_pass(&s);
	assert_int_equal(ncalls, 150);
	dns_server_close(&s);
}

/* Messages that are not requests, of each of these kinds. */
TEST(dns_datagram_that_is_not_a_request_costs_only_its_reading)
{
	static unsigned char many[PACKET];
	static const char *requests[] = {
	    "1234 0100 ffff 0000 0000 0000 0174 00 0001 0001",
	    HEADER "0161 c00c 0001 0001",
	    HEADER "0174 00 0001",
	    "1234 8100 0001 0000 0000 0000 0174 00 0001 0001",
	};
	struct server s;
	struct counts before;

	unhex("1234 0100 ffff 0000 0000 0000", many);
	for (size_t i = 12; i + 6 < PACKET; i += 6)
		unhex("c004 0001 0001", many + i);
	dns_server_open(&s, count_request_cb);
	serve(&s, 1);
	before = counts;
	dns_calls = (struct dns_calls){0, 0};
	for (int i = 0; i < 4; i++)
		send_hex(s.client, requests[i]);
	for (int i = 0; i < 2; i++)
		send_bytes(s.client, many, 65507);
	dns_server_pass(&s);
	assert_int_equal(counts_since(&before).allocs, 0);
	assert_int_equal(dns_calls.recvfrom, 7);
	assert_int_equal(dns_calls.sendto, 0);
	assert_int_equal(ncalls, 1);
	dns_server_close(&s);
}

/*
 * As many questions as fit into a datagram of 1,500 bytes, whose names are
 * pointers to one name of maximal length.
 */
TEST(dns_request_of_many_long_names_takes_one_allocation)
{
	static unsigned char bytes[1500];
	struct server s;
	struct counts before;
	size_t len = unhex("1234 0100 00cd 0000 0000 0000", bytes);

	for (int i = 0; i < 127; i++)
		len += unhex("0161", bytes + len);
	len += unhex("00 0001 0001", bytes + len);
	while (len + 6 <= sizeof(bytes))
		len += unhex("c00c 0001 0001", bytes + len);
	bytes[5] = (unsigned char)(1 + (len - 12 - 259) / 6);
	dns_server_open(&s, count_request_cb);
	serve(&s, 1);
	before = counts;
	send_bytes(s.client, bytes, len);
	dns_server_pass(&s);
	assert_int_equal(ncalls, 2);
	assert_int_equal(counts_since(&before).allocs, 1);
	assert_int_equal(counts_since(&before).bytes, 0);
	dns_server_close(&s);
}
