/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver in children: which descriptors they have, and evdns_init() in a
 * daemon.
 */
#include <sys/mman.h>

#include "test.h"
#include "dns_many.h"
#include "dns_others.h"
#include "dns_folder.h"
#include "wrap.h"

/* --- descriptors --- */

static void
resume(char who)
{
	many_ask(who, 20);
	many_finish();
}

/*
 * After its lookups a child has as many descriptors as its parent: none of the
 * parent's is left beside its own.
 */
static void
compare_descriptors(bool reinit, bool tcp)
{
	pid_t pid;
	int n;

	many_set_up();
	evdns_set_option(tcp ? "use-vc" : "edns0", "", DNS_OPTIONS_ALL);
	resume('p');
	n = open_fds();
	many_ask('p', 20);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (reinit)
			assert_int_equal(event_reinit(many.base), 0);
		resume('c');
		assert_int_equal(open_fds(), n);
		exit(0);
	}
	wait_for_child(pid);
	resume('q');
	assert_int_equal(open_fds(), n);
	many_tear_down();
}

BOTH(child_has_no_descriptor_of_its_parent,
    compare_descriptors(with_reinit, false))

BOTH(child_has_no_connection_of_its_parent,
    compare_descriptors(with_reinit, true))

/* Descriptors that each generation left open would add up. */
TEST(twentieth_child_in_a_line_has_no_more_than_the_first)
{
	pid_t first = getpid(), pid = 0;
	int n;

	many_set_up();
	resume('p');
	n = open_fds();
	for (int i = 0; i < 20 && pid == 0; i++) {
		many_ask('s', 5);
		pid = fork();
		assert_int_not_equal(pid, -1);
		many_finish();
		assert_int_equal(open_fds(), n);
	}
	if (pid != 0)
		wait_for_child(pid);
	if (getpid() != first)
		exit(0);
	many_tear_down();
}

TEST(event_reinit_may_be_called_again_and_again)
{
	long bytes = 0;
	int n = 0;

	many_set_up();
	for (int i = 0; i < 200; i++) {
		if (i % 10 == 0)
			many_ask('a', 2);
		assert_int_equal(event_reinit(many.base), 0);
		one_pass();
		if (i % 20 != 0)
			continue;
		many_finish();
		if (i == 20) {
			n = open_fds();
			bytes = counts.bytes;
		}
	}
	many_finish();
	assert_int_equal(open_fds(), n);
	assert_in_range(counts.bytes, 0, bytes + 1024);
	many_tear_down();
}

/* --- ids of queries --- */

/* The ids of each process, in the order in which they were used. */
static uint16_t (*ids)[100];
static int *nids;

static void
note_id_rule(const struct question *q, struct reply *reply, void *arg)
{
	int who = q->name[0] == 'c';

	if (nids[who] < 100)
		ids[who][nids[who]++] = q->id;
	many_rule(q, reply, arg);
}

/*
 * Otherwise an attacker could foresee the child's ids from those of the parent.
 */
TEST(child_has_other_ids_than_its_parent)
{
	size_t size = 2 * sizeof(*nids) + 2 * sizeof(*ids);
	int same = 0;
	pid_t pid;

	nids = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(nids != MAP_FAILED);
	ids = (void *)(nids + 2);
	many.server =
	    responder_new("127.0.0.1", RESPONDER_CHILD, note_id_rule, NULL);
	many.base = event_init();
	many_add_server();
	resume('p');
	nids[0] = 0;
	pid = fork();
	assert_int_not_equal(pid, -1);
	resume(pid == 0 ? 'c' : 'q');
	if (pid == 0)
		exit(0);
	wait_for_child(pid);
	assert_int_equal(nids[0], 20);
	assert_int_equal(nids[1], 20);
	for (int i = 0; i < 20; i++)
		same += ids[0][i] == ids[1][i];
	assert_in_range(same, 0, 5);
	munmap(nids, size);
	many_tear_down();
}

/* --- answers that the hosts file has --- */

static int known;

static void
known_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	(void)ttl;
	(void)arg;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(type, DNS_IPv4_A);
	assert_int_equal(count, 1);
	assert_memory_equal(addresses, "\300\0\2\7", 4);
	known++;
}

/*
 * The answers are waiting for the loop when the process forks, and both
 * processes deliver them.
 */
static void
fork_with_known_answers(bool reinit)
{
	pid_t pid;

	folder_open();
	use_folder();
	write_file("hosts", "192.0.2.7 h.test\n");
	many_set_up();
	for (int i = 0; i < 50; i++)
		evdns_resolve_ipv4("h.test", 0, known_cb, NULL);
	many_ask('p', 50);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0 && reinit)
		assert_int_equal(event_reinit(many.base), 0);
	many_finish();
	assert_int_equal(known, 50);
	if (pid == 0)
		exit(0);
	wait_for_child(pid);
	many_check_asked_at_most(2 * 50);
	many_tear_down();
	folder_close();
}

BOTH(answers_of_the_hosts_file_reach_parent_and_child,
    fork_with_known_answers(with_reinit))

/* --- evdns_init() in a daemon --- */

/* The machine's resolv.conf is one that names our server. */
static void
set_up_init(void)
{
	char text[128];

	folder_open();
	use_folder();
	snprintf(text, sizeof text, "nameserver %s\n",
	    responder_address(many.server));
	write_file("resolv.conf", text);
	many.base = event_init();
	assert_int_equal(evdns_init(), 0);
}

/*
 * Runs daemon_main() in a child, while lookups of its parent are in flight, and
 * then looks names up in both.
 */
static void
run_daemon(void (*daemon_main)(void))
{
	pid_t pid;

	many_start_server();
	set_up_init();
	many_ask('p', 50);
	many_wait_asked(50);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		setsid();
		daemon_main();
		many_ask('c', 50);
		many_finish();
		assert_int_equal(evdns_count_nameservers(), 1);
		check_others();
		exit(0);
	}
	many_ask('q', 50);
	many_finish();
	wait_for_child(pid);
	many_check_asked_at_most(4 * 50);
	many_tear_down();
	folder_close();
}

static void
init(void)
{
	assert_int_equal(evdns_init(), 0);
}

static void
reinit(void)
{
	assert_int_equal(event_reinit(many.base), 0);
}

static void
close_and_init(void)
{
	change_descriptors(NONE);
	init();
}

TEST(evdns_init_works_in_a_daemon_that_closes_all)
{
	run_daemon(close_and_init);
}

static void
open_and_init(void)
{
	change_descriptors(ALL_BUT_THE_BASE);
	init();
}

TEST(evdns_init_works_in_a_daemon_that_opens_others)
{
	run_daemon(open_and_init);
}

static void
open_init_and_reinit(void)
{
	change_descriptors(ALL_BUT_THE_BASE);
	init();
	reinit();
}

TEST(evdns_init_and_event_reinit_work_in_a_daemon_that_opens_others)
{
	run_daemon(open_init_and_reinit);
}

static void
open_reinit_and_init(void)
{
	change_descriptors(ALL_BUT_THE_BASE);
	reinit();
	init();
}

TEST(event_reinit_and_evdns_init_work_in_a_daemon_that_opens_others)
{
	run_daemon(open_reinit_and_init);
}

static void
open_new_base_and_init(void)
{
	change_descriptors(ALL);
	many.base = event_init();
	init();
}

TEST(event_init_and_evdns_init_work_in_a_daemon_that_opens_others)
{
	run_daemon(open_new_base_and_init);
}

/*
 * 1.4: event_reinit() did not help the resolver, so programs shut it down and
 * call evdns_init() again.
 */
static void
init_again(void)
{
	evdns_shutdown(0);
	many_drop_all();
	init();
}

static void
open_and_init_again(void)
{
	change_descriptors(ALL_BUT_THE_BASE);
	init_again();
}

TEST(shutdown_and_evdns_init_work_in_a_daemon_that_opens_others)
{
	run_daemon(open_and_init_again);
}

static void
open_new_base_and_init_again(void)
{
	change_descriptors(ALL_BUT_THE_BASE);
	event_base_free(many.base);
	many.base = event_init();
	init_again();
}

TEST(new_base_and_evdns_init_work_in_a_daemon_that_opens_others)
{
	run_daemon(open_new_base_and_init_again);
}

/*
 * The library was not used before the fork, so it cannot notice that.  Only the
 * call of evdns_init() says that the descriptors are others.
 */
TEST(event_init_and_evdns_init_work_in_a_process_that_opens_others)
{
	pid_t pid;

	many_start_server();
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		set_up_init();
		many_ask('p', 100);
		many_wait_asked(64);
		open_new_base_and_init();
		many_ask('c', 50);
		many_finish();
		check_others();
		folder_close();
		exit(0);
	}
	wait_for_child(pid);
	responder_free(many.server);
}
