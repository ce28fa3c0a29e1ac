/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver without memory: each allocation of a request fails once, c-ares'
 * and libev's among them, alone and with all later ones.  A request is refused,
 * or its callback is called once with the right answer or an error; later
 * requests are answered; and no memory leaks.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <ares.h>
#include <arpa/inet.h>
#include <evdns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns_folder.h"
#include "responder.h"
#include "test.h"
#include "wrap.h"

/* --- the servers: processes of their own, whose allocations do not fail --- */

#define MANY 40 /* addresses, too many for a datagram of 512 bytes */

static void
rule(const struct question *q, struct reply *reply, void *fails)
{
	if (fails != NULL || strncmp(q->name, "nx.", 3) == 0)
		reply_rcode(reply, fails != NULL ? 2 : 3);
	else if (strncmp(q->name, "dead.", 5) == 0)
		reply->drop = true;
	else if (strncmp(q->name, "cut.", 4) == 0 && !q->tcp)
		reply->flags |= FLAG_TRUNCATED;
	else if (q->type == TYPE_A && strncmp(q->name, "www.", 4) != 0)
		for (int i = 0; i < MANY; i++)
			reply_a(reply, "192.0.2.1", 60);
	else if (q->type == TYPE_A)
		reply_a(reply, "192.0.2.1", 60);
	else if (q->type == TYPE_AAAA)
		reply_aaaa(reply, "2001:db8::1", 60);
	else
		reply_ptr(reply, "host.test", 60);
}

static struct responder *failing, *server;

/* --- requests --- */

static int asked, ended;

static void
check_addresses(char type, int count, const void *addresses)
{
	const uint8_t *at = addresses;
	uint8_t expected[16];

	assert_true(count == 1 || count == MANY);
	if (type == DNS_PTR) {
		assert_string_equal(*(char *const *)addresses, "host.test");
		return;
	}
	if (type == DNS_IPv6_AAAA) {
		inet_pton(AF_INET6, "2001:db8::1", expected);
		assert_memory_equal(at, expected, 16);
		return;
	}
	inet_pton(AF_INET, "192.0.2.1", expected);
	for (; count > 0; count--, at += 4)
		assert_memory_equal(at, expected, 4);
}

static void
outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	int *calls = arg;

	assert_int_equal(++*calls, 1);
	ended++;
	if (result != DNS_ERR_NONE) {
		assert_int_equal(count, 0);
		assert_null(addresses);
		return;
	}
	assert_in_range(ttl, 0, 60);
	check_addresses(type, count, addresses);
}

/* Each request's callback has a count of its own. */
static int *
next_calls(void)
{
	static int calls[256];
	static int n;

	assert_in_range(n, 0, 255);
	return &calls[n++];
}

static void
note_result(int result, const int *calls)
{
	assert_int_equal(*calls, 0);
	asked += result == 0;
}

static void
ask(const char *name)
{
	int *calls = next_calls();

	note_result(evdns_resolve_ipv4(name, 0, outcome_cb, calls), calls);
}

static void
ask6(const char *name)
{
	int *calls = next_calls();

	note_result(evdns_resolve_ipv6(name, 0, outcome_cb, calls), calls);
}

static void
ask_reverse(void)
{
	struct in6_addr in6 = IN6ADDR_LOOPBACK_INIT;
	struct in_addr in = {htonl(0xc0000207)};
	int *calls = next_calls();

	in6.s6_addr[0] = 0x20;
	note_result(evdns_resolve_reverse(&in, 0, outcome_cb, calls), calls);
	calls = next_calls();
	note_result(evdns_resolve_reverse_ipv6(&in6, 0, outcome_cb, calls),
	    calls);
}

static void
wait_all(void)
{
	while (ended < asked)
		if (event_loop(EVLOOP_ONCE) != 0)
			fail_msg("%d of %d ended, and there is no event", ended,
			    asked);
}

/* --- the scenes: a set-up, and what is run without memory --- */

static void
use(const struct responder *r)
{
	evdns_nameserver_ip_add(responder_address(r));
}

static void
use_server(void)
{
	use(server);
}

static void
use_both(void)
{
	use(failing);
	use(server);
}

static void
use_none(void)
{
}

static void
use_vc(void)
{
	evdns_set_option("use-vc", "", DNS_OPTIONS_ALL);
	use(server);
}

static void
use_edns(void)
{
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	use(server);
}

static void
all_kinds(void)
{
	ask("www.test");
	ask6("www.test");
	ask_reverse();
	ask("many.test");
	wait_all();
}

static void
many(void)
{
	evdns_set_option("max-inflight:", "2", DNS_OPTIONS_ALL);
	for (int i = 0; i < 6; i++)
		ask(i % 2 ? "www.test" : "many.test");
	wait_all();
}

static void
cut(void)
{
	ask("cut.test");
	ask("www.test");
	wait_all();
}

static void
dead(void)
{
	ask("dead.test");
	wait_all();
}

static void
of_the_search_list(void)
{
	evdns_search_add("test");
	evdns_search_add("x.nx.test");
	evdns_search_ndots_set(3);
	ask("nx.www");
	ask("www");
	wait_all();
	evdns_search_clear();
}

static void
set_up_alone(void)
{
	use(failing);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	use(server);
	evdns_resolv_conf_parse(DNS_OPTIONS_ALL, path_of("resolv.conf"));
	evdns_search_add("x.test");
	evdns_search_clear();
	ask("www.test");
	evdns_clear_nameservers_and_suspend();
	use(server);
	evdns_resume();
	/* If the server was not added, no request can be made. */
	if (evdns_count_nameservers() == 0) {
		fail_alloc(0);
		use(server);
	}
	wait_all();
}

static void
by_the_hosts_file(void)
{
	ask("192.0.2.1");
	ask("host.of.the.file");
	ask6("192.0.2.1");
	wait_all();
}

static void
repeat_query_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	outcome_cb(result, type, count, ttl, addresses, arg);
	ask("www.test");
}

static void
inside_callbacks(void)
{
	for (int i = 0; i < 3; i++) {
		int *calls = next_calls();

		note_result(evdns_resolve_ipv4("www.test", 0, repeat_query_cb,
				calls),
		    calls);
	}
	wait_all();
}

static void
until_shutdown(void)
{
	ask("dead.test");
	ask("www.test");
	event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	evdns_shutdown(1);
	assert_int_equal(ended, asked);
	fail_alloc(0);
	use(server);
}

struct scene {
	void (*set_up)(void); /* with memory */
	void (*run)(void);    /* without */
};

/* --- all allocations, one after the other --- */

#define EVENTS 40

enum how {
	ALONE,
	WITH_ALL_OTHERS,
	BY_CHANCE
};

static struct shared {
	long bytes; /* in use at the end of a run in which nothing failed */
	bool had_enough; /* nothing failed */
} * shared;

static void
answered_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	assert_int_equal(result, DNS_ERR_NONE);
	outcome_cb(result, type, count, ttl, addresses, arg);
}

/* Once there is memory again, names are answered. */
static void
check_continues(void)
{
	fail_alloc(0);
	wait_all();
	asked++;
	assert_int_equal(evdns_resolve_ipv4("www.test", 0, answered_cb,
			     next_calls()),
	    0);
	wait_all();
}

/* Runs a scene, whose set-up has memory; nth of 0: nothing fails. */
static void
play_once(const struct scene *scene, enum how how, long nth)
{
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	scene->set_up();
	if (how == ALONE)
		fail_alloc(nth);
	else if (how == WITH_ALL_OTHERS)
		fail_allocs_from(nth);
	else
		fail_allocs_often((unsigned int)nth, nth == 0 ? 0 : 4);
	scene->run();
	if (!alloc_failed())
		shared->had_enough = true;
	check_continues();
	evdns_shutdown(0);
}

/*
 * Has the loop allocate before the test what it needs for more events than the
 * test will have: libev ends the process without memory.
 */
static void
grow_loop(void)
{
	struct event ev[2 * EVENTS];
	int fd[EVENTS][2];

	for (int i = 0; i < EVENTS; i++) {
		make_readable_pair(fd[i]);
		event_set(&ev[2 * i], fd[i][0], EV_READ, idle_cb, NULL);
		event_add(&ev[2 * i], NULL);
		evtimer_set(&ev[2 * i + 1], idle_cb, NULL);
		evtimer_add(&ev[2 * i + 1], MSEC(0));
	}
	event_loop(EVLOOP_NONBLOCK);
	for (int i = 0; i < EVENTS; i++) {
		event_del(&ev[2 * i]);
		event_del(&ev[2 * i + 1]);
		close_pair(fd[i]);
	}
}

/* Half of the seconds that a test may take. */
static unsigned int
patience(void)
{
	const char *limit = getenv("TEST_TIMEOUT");

	return limit != NULL && atoi(limit) > 1 ? atoi(limit) / 2 : 10;
}

/*
 * c-ares from 1.31 on leaks a reply that it gets no memory to report, up to
 * LOST_BY_CARES bytes, and the request waits for its time-out.  It makes
 * thousands of allocations, of which the test has every third fail (STEP).
 */
#if ARES_VERSION >= CARES_1_31
#define LOST_BY_CARES 4096
#define STEP 3
#else
#define LOST_BY_CARES 0
#define STEP 1
#endif

/* Runs a scene in a child, whose exit status is the result. */
static void
play(const struct scene *scene, enum how how, long nth)
{
	struct event_base *base = event_init();

	alarm(patience()); /* ends a run whose request does not end */
	if (how != ALONE)
		grow_loop();
	play_once(scene, how, nth);
	event_base_free(base);
	if (nth == 0)
		shared->bytes = counts.bytes;
	else if (counts.bytes > shared->bytes + LOST_BY_CARES)
		fail_msg("%ld bytes are left, not %ld", counts.bytes,
		    shared->bytes);
}

/* The runs that take place at the same time, as some wait for a time-out. */
#define AT_ONCE 48
#define SEEDS 8
static struct trial {
	pid_t pid;
	long nth;
} trials[AT_ONCE];
static int running;

static void
begin_trial(const struct scene *scene, enum how how, long nth)
{
	struct trial *t = &trials[running++];

	t->nth = nth;
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		play(scene, how, nth);
		exit(0);
	}
}

static void
end_trial(enum how how)
{
	static const char *const hows[] = {"allocation", "all from", "seed"};
	int status, i = 0;
	pid_t pid = wait(&status);

	while (i < running && trials[i].pid != pid)
		i++;
	assert_true(i < running);
	if (status != 0)
		fail_msg("%s %ld: %#x", hows[how], trials[i].nth,
		    (unsigned int)status);
	trials[i] = trials[--running];
}

static void
try_all(const struct scene *scene, enum how how)
{
	long nth = 0, last = how == BY_CHANCE ? SEEDS : 20000;

	begin_trial(scene, how, nth);
	end_trial(how);
	shared->had_enough = false;
	while (!shared->had_enough && nth < last) {
		if (running == AT_ONCE)
			end_trial(how);
		nth += how == BY_CHANCE ? 1 : STEP;
		begin_trial(scene, how, nth);
	}
	while (running > 0)
		end_trial(how);
}

static void
try(void (*set_up)(void), void (*run)(void))
{
	const struct scene scene = {set_up, run};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	folder_open();
	write_file("resolv.conf", "nameserver 127.0.0.1\nsearch a.test\n");
	write_file("hosts", "192.0.2.1 host.of.the.file\n");
	use_folder();
	failing = responder_new("127.0.0.1", RESPONDER_CHILD, rule, "fails");
	server = responder_new("127.0.0.2", RESPONDER_CHILD, rule, NULL);
	for (enum how how = ALONE; how <= BY_CHANCE; how++)
		try_all(&scene, how);
	responder_free(failing);
	responder_free(server);
	folder_close();
	munmap(shared, sizeof(*shared));
}

TEST(dns_request_without_memory_ends_once)
{
	try(use_server, all_kinds);
}

TEST(dns_request_that_waits_for_its_turn_ends_once_without_memory)
{
	try(use_server, many);
}

TEST(dns_request_to_two_servers_ends_once_without_memory)
{
	try(use_both, all_kinds);
}

TEST(dns_request_whose_reply_is_truncated_ends_once_without_memory)
{
	try(use_server, cut);
}

TEST(dns_request_truncated_by_one_of_two_servers_ends_once_without_memory)
{
	try(use_both, cut);
}

TEST(dns_request_over_tcp_ends_once_without_memory)
{
	try(use_vc, all_kinds);
}

TEST(dns_request_with_edns_ends_once_without_memory)
{
	try(use_edns, all_kinds);
}

TEST(dns_request_with_a_search_list_ends_once_without_memory)
{
	try(use_server, of_the_search_list);
}

TEST(dns_request_that_gets_no_reply_ends_once_without_memory)
{
	try(use_server, dead);
}

TEST(dns_request_that_the_hosts_file_answers_ends_once_without_memory)
{
	try(use_server, by_the_hosts_file);
}

TEST(dns_request_made_in_a_callback_ends_once_without_memory)
{
	try(use_server, inside_callbacks);
}

TEST(dns_resolver_that_was_set_up_without_memory_continues)
{
	try(use_none, set_up_alone);
}

TEST(dns_shutdown_without_memory_ends_each_request_once)
{
	try(use_server, until_shutdown);
}
