/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver's files change while it uses them: when it notices, and what it
 * costs while nothing changes.
 */
#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "test.h"
#include "dns.h"
#include "dns/resolver.h"
#include "dns_folder.h"
#include "wrap.h"

#define SEEN_MS 3000 /* the files are checked once a second; be generous */

static const struct zone any[] = {
    {"9.2.0.192.in-addr.arpa", "dns.test"},
    {"*", "192.0.2.1"},
    {NULL, NULL},
};
static struct dns dns;

static void
write_server(const struct responder *server, const char *more)
{
	char text[256];

	snprintf(text, sizeof text, "nameserver %s\n%s",
	    responder_address(server), more);
	write_file("resolv.conf", text);
}

static void
set_up_init(void)
{
	folder_open();
	use_folder();
	dns_set_up_bare(&dns);
	dns.server =
	    responder_new("127.0.0.1", RESPONDER_CHILD, zone_rule, (void *)any);
	dns.second =
	    responder_new("127.0.0.2", RESPONDER_CHILD, zone_rule, (void *)any);
	write_server(dns.server, "");
	assert_int_equal(evdns_init(), 0);
}

static void
tear_down_init(void)
{
	dns_tear_down(&dns);
	folder_close();
}

/* Looks a name up; returns the result as text. */
static const char *
found(const char *name)
{
	static char outcome[256];

	look_up(name);
	snprintf(outcome, sizeof outcome, "%s", noted() + strlen(name) + 1);
	note_clear();
	return outcome;
}

static void
wait_until_found(const char *name, const char *expected)
{
	double end = now_ms() + SEEN_MS;

	while (strcmp(found(name), expected) != 0 && now_ms() < end)
		run_for(10);
	assert_string_equal(found(name), expected);
}

static bool
is_asked(struct responder *server)
{
	int before = responder_count(server);

	found("n.test");
	return responder_count(server) > before;
}

static void
wait_for_server(struct responder *server)
{
	double end = now_ms() + SEEN_MS;

	while (!is_asked(server) && now_ms() < end)
		run_for(10);
	assert_true(is_asked(server));
}

/* --- evdns_init() --- */

TEST(resolv_conf_of_the_machine_is_followed)
{
	set_up_init();
	assert_true(is_asked(dns.server));
	write_server(dns.second, "");
	wait_for_server(dns.second);
	assert_false(is_asked(dns.server));
	tear_down_init();
}

TEST(evdns_init_again_follows_the_same_file)
{
	set_up_init();
	write_server(dns.second, "");
	assert_int_equal(evdns_init(), 0);
	assert_true(is_asked(dns.second));
	assert_int_equal(evdns_count_nameservers(), 1);
	write_server(dns.server, "");
	wait_for_server(dns.server);
	assert_int_equal(evdns_count_nameservers(), 1);
	tear_down_init();
}

TEST(evdns_init_after_shutdown_follows_the_file)
{
	set_up_init();
	evdns_shutdown(0);
	assert_int_equal(evdns_init(), 0);
	write_server(dns.second, "");
	wait_for_server(dns.second);
	tear_down_init();
}

/* --- hosts, nsswitch.conf --- */

#define DNS_SAYS "192.0.2.1/60"

TEST(hosts_file_that_changes_is_read_again)
{
	set_up_init();
	assert_string_equal(found("h.test"), DNS_SAYS);
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	replace_file("hosts", "192.0.2.8 h.test\n192.0.2.9 i.test\n");
	wait_until_found("h.test", "192.0.2.8/0");
	assert_string_equal(found("i.test"), "192.0.2.9/0");
	unlink(path_of("hosts"));
	wait_until_found("h.test", DNS_SAYS);
	assert_string_equal(found("i.test"), DNS_SAYS);
	tear_down_init();
}

TEST(hosts_file_that_changes_has_the_new_name_of_an_address)
{
	struct in_addr in;
	double end;

	set_up_init();
	inet_pton(AF_INET, "192.0.2.9", &in);
	write_file("hosts", "192.0.2.9 a.test\n");
	end = now_ms() + SEEN_MS;
	do {
		run_for(10);
		note_clear();
		pending++;
		evdns_resolve_reverse(&in, 0, note_outcome_cb, "r");
		wait_all();
	} while (strcmp(noted(), "r:a.test/0") != 0 && now_ms() < end);
	assert_log("r:a.test/0");
	tear_down_init();
}

TEST(nsswitch_conf_that_changes_is_read_again)
{
	set_up_init();
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	write_file("nsswitch.conf", "hosts: dns files\n");
	wait_until_found("h.test", DNS_SAYS);
	write_file("nsswitch.conf", "hosts: files dns\n");
	wait_until_found("h.test", "192.0.2.7/0");
	write_file("nsswitch.conf", "hosts: dns\n");
	wait_until_found("h.test", DNS_SAYS);
	unlink(path_of("nsswitch.conf"));
	wait_until_found("h.test", "192.0.2.7/0");
	tear_down_init();
}

/* The program sets its nameservers itself. */
TEST(hosts_file_is_followed_without_a_resolv_conf)
{
	folder_open();
	use_folder();
	dns_set_up_child(&dns, any);
	assert_string_equal(found("h.test"), DNS_SAYS);
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	tear_down_init();
}

TEST(hosts_file_is_followed_by_parent_and_child)
{
	pid_t pid;
	int status;

	set_up_init();
	assert_string_equal(found("h.test"), DNS_SAYS);
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	write_file("hosts", "192.0.2.8 h.test\n");
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		run_for(10);
		wait_until_found("h.test", "192.0.2.8/0");
		exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	wait_until_found("h.test", "192.0.2.8/0");
	write_file("hosts", "192.0.2.9 h.test\n");
	wait_until_found("h.test", "192.0.2.9/0");
	tear_down_init();
}

/* --- when changes are noticed --- */

/*
 * A question within a second of the change may use the old file; the first one
 * after a second uses the new one.
 */
TEST(question_a_second_after_a_change_sees_it)
{
	set_up_init();
	found("h.test");
	for (int i = 0; i < 3; i++) {
		write_server(i % 2 ? dns.server : dns.second, "");
		write_file("hosts", i % 2 ? "" : "192.0.2.7 h.test\n");
		run_for(1000);
		assert_string_equal(found("h.test"),
		    i % 2 ? DNS_SAYS : "192.0.2.7/0");
		assert_true(is_asked(i % 2 ? dns.server : dns.second));
	}
	write_server(dns.server, "search a.test\n");
	run_for(1000);
	responder_log_clear(dns.server);
	found("n");
	assert_string_equal(responder_log(dns.server), "A n.a.test");
	tear_down_init();
}

/* An editor may take the file away for a while. */
TEST(settings_of_a_file_that_was_removed_stay)
{
	set_up_init();
	write_server(dns.second, "search a.test\noptions attempts:4 rotate\n");
	wait_for_server(dns.second);
	unlink(path_of("resolv.conf"));
	run_for(1000);
	assert_true(is_asked(dns.second));
	assert_int_equal(evi_resolver_default()->setup.options.attempts, 4);
	assert_int_equal(evi_resolver_default()->setup.options.rotate, 1);
	assert_string_equal(evi_resolver_default()->setup.search->domains[0],
	    "a.test");
	tear_down_init();
}

TEST(option_that_was_removed_from_one_of_two_files_gets_its_default)
{
	set_up_init();
	write_file("one", "options attempts:4 timeout:9\n");
	write_file("two", "options attempts:2\n");
	for (int i = 0; i < 2; i++)
		assert_int_equal(evdns_resolv_conf_parse(DNS_OPTION_MISC,
				     path_of(i == 0 ? "one" : "two")),
		    0);
	assert_int_equal(evi_resolver_default()->setup.options.attempts, 2);
	assert_int_equal(evi_resolver_default()->setup.options.timeout, 9);
	write_file("one", "options attempts:3\n");
	run_for(1000);
	found("n.test");
	assert_int_equal(evi_resolver_default()->setup.options.attempts, 2);
	assert_int_equal(evi_resolver_default()->setup.options.timeout, 5);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTION_MISC,
			     path_of("one")),
	    0);
	assert_int_equal(evi_resolver_default()->setup.options.attempts, 3);
	tear_down_init();
}

/*
 * Clearing the nameservers ends the following of files, and keeps their
 * options.
 */
TEST(options_of_files_stay_when_the_nameservers_are_cleared)
{
	set_up_init();
	write_file("one", "options attempts:4\n");
	write_file("two", "options timeout:9\n");
	evdns_resolv_conf_parse(DNS_OPTION_MISC, path_of("one"));
	evdns_clear_nameservers_and_suspend();
	evdns_resolv_conf_parse(DNS_OPTION_MISC, path_of("two"));
	assert_int_equal(evi_resolver_default()->setup.options.attempts, 4);
	assert_int_equal(evi_resolver_default()->setup.options.timeout, 9);
	tear_down_init();
}

/* --- what it costs --- */

/*
 * The kernel takes long to close an inotify descriptor: evdns_shutdown(), and
 * each exit, waited for 8 ms.
 */
TEST(resolver_that_follows_files_has_no_descriptor)
{
	int fds;

	folder_open();
	use_folder();
	dns_set_up_bare(&dns);
	dns.server = responder_new("127.0.0.1", 0, zone_rule, (void *)any);
	write_server(dns.server, "");
	fds = open_fds();
	assert_int_equal(evdns_init(), 0);
	assert_int_equal(open_fds(), fds);
	tear_down_init();
}

/* How many calls of open, stat and fstat some queries need. */
static long
file_calls_of_queries(void)
{
	struct counts before = counts, n;

	for (int i = 0; i < 10; i++)
		found("n.test");
	n = counts_since(&before);
	return n.files + n.others;
}

/* One check a second may be among them. */
TEST(query_looks_at_no_file_within_a_second_of_the_last_look)
{
	int tries = 0;

	set_up_init();
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	while (file_calls_of_queries() != 0)
		assert_in_range(tries++, 0, 100);
	tear_down_init();
}

/*
 * An answer of the hosts file needs no system call but the epoll_wait() of a
 * pass.
 */
TEST(query_that_the_hosts_file_answers_makes_no_system_call)
{
	struct counts before, n;
	int tries = 0;

	set_up_init();
	write_file("hosts", "192.0.2.7 h.test\n");
	wait_until_found("h.test", "192.0.2.7/0");
	do {
		before = counts;
		for (int i = 0; i < 10; i++)
			found("h.test");
		n = counts_since(&before);
		assert_in_range(tries++, 0, 100);
	} while (n.files + n.others + n.reads + n.writes + n.epoll_ctl != 0);
	tear_down_init();
}

TEST(changes_leave_nothing_behind)
{
	long bytes = 0;
	int fds = 0;

	set_up_init();
	for (int i = 0; i < 200; i++) {
		struct responder *server = i % 2 ? dns.server : dns.second;

		write_server(server, "search a.test b.test\n");
		write_file("hosts", "192.0.2.7 h.test\n");
		one_pass();
		if (i % 20 != 0)
			continue;
		wait_for_server(server);
		if (i != 20)
			continue;
		fds = open_fds();
		bytes = counts.bytes;
	}
	run_for(200);
	wait_for_server(dns.server);
	assert_in_range(open_fds(), 0, fds);
	assert_in_range(counts.bytes, 0, bytes + 4096);
	tear_down_init();
}

/* --- without memory --- */

/*
 * Whichever allocation fails, the old nameserver is asked, or the new one;
 * later queries are not affected.
 */
TEST(change_that_gets_no_memory_loses_no_query)
{
	long last = 0;

	set_up_init();
	for (long nth = 1;; nth++) {
		bool failed;

		write_server(dns.server, "search a.test\n");
		evi_resolver_default()->setup.checked_at = 0;
		assert_true(is_asked(dns.server));
		write_server(dns.second, "search b.test c.test\n");
		evi_resolver_default()->setup.checked_at = 0;
		fail_alloc(nth);
		evi_setup_check_files(&evi_resolver_default()->setup);
		failed = alloc_failed();
		fail_alloc(0);
		assert_string_equal(found("n.test"), DNS_SAYS);
		assert_int_equal(evdns_count_nameservers(), 1);
		assert_non_null(evi_resolver_default()->setup.search);
		evi_resolver_default()->setup.checked_at = 0;
		assert_true(is_asked(dns.second));
		assert_int_equal(evi_resolver_default()->setup.search->n, 2);
		if (!failed)
			break;
		last = nth;
	}
	assert_in_range(last, 5, 1000);
	tear_down_init();
}
