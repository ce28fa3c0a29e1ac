/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * resolv.conf changes on disk while the program runs.  1.4 knows no ports in
 * there, so what a test looks at is the search list, where that will do.
 */
#include "test.h"
#include "dns.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>

#define NEVER "changes are never seen"
#define NO_PORT "knows no ports in resolv.conf, and sees no changes"
#define SEEN_MS 2000 /* milliseconds: changes are seen within a second */

static const struct zone any[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
static struct dns dns;

/* --- files in a folder of the test's own --- */

static char folder[32];

static const char *
path_of(const char *name)
{
	static char paths[4][96];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static void
open_folder(void)
{
	strcpy(folder, "/tmp/dns.XXXXXX");
	assert_non_null(mkdtemp(folder));
}

static void
close_folder(void)
{
	static const char *const names[] = {"conf", "other", "new", "a/conf",
	    "b/conf", "link", "a", "b"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		remove(path_of(names[i]));
	assert_int_equal(rmdir(folder), 0);
}

/* Writes the file in place: it is empty for a moment. */
static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) == EOF, 0);
	assert_int_equal(fclose(file), 0);
}

static void
replace_file(const char *name, const char *text)
{
	write_file("new", text);
	assert_int_equal(rename(path_of("new"), path_of(name)), 0);
}

static void
write_server(const char *name, const struct responder *server)
{
	char text[128];

	snprintf(text, sizeof text, "nameserver %s\n",
	    responder_address(server));
	write_file(name, text);
}

/* --- what is asked then --- */

static void
parse(const char *name, int flags)
{
	assert_int_equal(evdns_resolv_conf_parse(flags, path_of(name)), 0);
}

/* A server, and a file that has only the search list to say. */
static void
set_up_search(void)
{
	open_folder();
	dns_set_up(&dns, any);
}

static void
tear_down_search(void)
{
	dns_tear_down(&dns);
	close_folder();
}

/* Runs the loop until all is answered, and no longer than that should take. */
static void
wait_soon(void)
{
	struct event limit;

	evtimer_set(&limit, idle_cb, NULL);
	evtimer_add(&limit, MSEC(SEEN_MS));
	while (pending > 0 && evtimer_pending(&limit, NULL))
		event_loop(EVLOOP_ONCE);
	evtimer_del(&limit);
	assert_int_equal(pending, 0);
}

/* What the server is asked if a program asks for n. */
static const char *
asked_for_n(void)
{
	responder_log_clear(dns.server);
	ask("n");
	wait_soon();
	note_clear();
	return responder_log(dns.server);
}

static void
assert_search(const char *expected)
{
	assert_string_equal(asked_for_n(), expected);
	responder_log_clear(dns.server);
}

/* Waits until the search list is as expected, for SEEN_MS at most. */
static void
wait_for_search(const char *expected)
{
	double end = now_ms() + SEEN_MS;

	while (strcmp(asked_for_n(), expected) != 0 && now_ms() < end)
		run_for(10);
	assert_search(expected);
}

/* Two servers, of which the file names one. */
static void
set_up_servers(void)
{
	open_folder();
	dns_set_up_bare(&dns);
	dns.server = responder_new("127.0.0.1", 0, zone_rule, (void *)any);
	dns.second = responder_new("127.0.0.2", 0, zone_rule, (void *)any);
	write_server("conf", dns.server);
	parse("conf", DNS_OPTIONS_ALL);
}

static bool
is_asked(struct responder *server)
{
	int before = responder_count(server);

	ask_as_it_is("n.test");
	wait_all();
	note_clear();
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

/* --- the ways to change a file --- */

TEST(conf_that_is_written_in_place_is_read, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	write_file("conf", "search b.test\n");
	wait_for_search("A n.b.test");
	write_file("conf", "search c.test\n");
	wait_for_search("A n.c.test");
	tear_down_search();
}

TEST(conf_that_is_replaced_is_read, DIFFERS(V14, NEVER), DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	replace_file("conf", "search b.test\n");
	wait_for_search("A n.b.test");
	replace_file("conf", "search c.test\n");
	wait_for_search("A n.c.test");
	write_file("conf", "search d.test\n");
	wait_for_search("A n.d.test");
	tear_down_search();
}

static void
point_link_to(const char *target)
{
	assert_int_equal(symlink(target, path_of("new")), 0);
	assert_int_equal(rename(path_of("new"), path_of("link")), 0);
}

TEST(conf_that_is_a_link_may_be_pointed_elsewhere, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\n");
	write_file("other", "search b.test\n");
	point_link_to("conf");
	parse("link", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	point_link_to("other");
	wait_for_search("A n.b.test");
	write_file("other", "search c.test\n");
	wait_for_search("A n.c.test");
	unlink(path_of("link"));
	assert_int_equal(symlink("conf", path_of("link")), 0);
	wait_for_search("A n.a.test");
	tear_down_search();
}

/* As where /etc/resolv.conf leads into a folder below /run. */
TEST(conf_may_be_below_a_link_that_is_pointed_elsewhere, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	assert_int_equal(mkdir(path_of("a"), 0700), 0);
	assert_int_equal(mkdir(path_of("b"), 0700), 0);
	write_file("a/conf", "search a.test\n");
	write_file("b/conf", "search b.test\n");
	point_link_to("a");
	parse("link/conf", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	point_link_to("b");
	wait_for_search("A n.b.test");
	write_file("b/conf", "search c.test\n");
	wait_for_search("A n.c.test");
	tear_down_search();
}

TEST(conf_that_was_missing_is_read_once_it_is_there, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTION_SEARCH,
			     path_of("conf")),
	    1);
	write_file("conf", "search a.test\n");
	wait_for_search("A n.a.test");
	tear_down_search();
}

TEST(last_of_many_changes_of_conf_is_read, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	char text[64];

	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "search a%d.test\n", i);
		if (i % 2 == 0)
			write_file("conf", text);
		else
			replace_file("conf", text);
		if (i % 10 == 0)
			one_pass();
	}
	wait_for_search("A n.a499.test");
	tear_down_search();
}

TEST(conf_with_a_relative_name_is_followed_after_chdir, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	set_up_search();
	write_file("conf", "search a.test\n");
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(evdns_resolv_conf_parse(DNS_OPTION_SEARCH, "conf"), 0);
	assert_int_equal(fchdir(here), 0);
	close(here);
	write_file("conf", "search b.test\n");
	wait_for_search("A n.b.test");
	tear_down_search();
}

/* --- while it is not there --- */

TEST(conf_that_is_removed_keeps_its_nameserver_until_it_is_back,
    DIFFERS(V14, NO_PORT), DIFFERS(V21, NEVER))
{
	set_up_servers();
	unlink(path_of("conf"));
	run_for(1000);
	assert_true(is_asked(dns.server));
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	assert_int_equal(evdns_count_nameservers(), 1);
	tear_down_search();
}

TEST(conf_that_is_emptied_keeps_its_nameserver_until_it_is_written,
    DIFFERS(V14, NO_PORT), DIFFERS(V21, NEVER))
{
	char text[128];
	int fd;

	set_up_servers();
	fd = open(path_of("conf"), O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	run_for(1000);
	assert_true(is_asked(dns.server));
	snprintf(text, sizeof text, "nameserver %s\n",
	    responder_address(dns.second));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	wait_for_server(dns.second);
	close(fd);
	wait_for_server(dns.second);
	tear_down_search();
}

/* For a while it is a directory, and a link to itself. */
TEST(conf_that_is_not_a_file_keeps_its_nameserver_until_it_is_one,
    DIFFERS(V14, NO_PORT), DIFFERS(V21, NEVER))
{
	set_up_servers();
	assert_int_equal(unlink(path_of("conf")), 0);
	assert_int_equal(mkdir(path_of("conf"), 0700), 0);
	run_for(1000);
	assert_true(is_asked(dns.server));
	assert_int_equal(rmdir(path_of("conf")), 0);
	assert_int_equal(symlink("conf", path_of("conf")), 0);
	run_for(1000);
	assert_true(is_asked(dns.server));
	assert_int_equal(unlink(path_of("conf")), 0);
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	tear_down_search();
}

/* The rights come back without the content having changed. */
TEST(conf_without_permission_keeps_its_nameserver_until_it_has_it,
    DIFFERS(V14, NO_PORT), DIFFERS(V21, NEVER))
{
	set_up_servers();
	assert_int_equal(chmod(path_of("conf"), 0), 0);
	run_for(1000);
	assert_true(is_asked(dns.server));
	chmod(path_of("conf"), 0600);
	write_server("conf", dns.second);
	chmod(path_of("conf"), 0);
	run_for(1000);
	chmod(path_of("conf"), 0600);
	wait_for_server(dns.second);
	tear_down_search();
}

/* --- what changes --- */

TEST(nameservers_that_change_in_conf_are_used, DIFFERS(V14, NO_PORT),
    DIFFERS(V21, NEVER))
{
	char text[128];

	set_up_servers();
	wait_for_server(dns.server);
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	assert_false(is_asked(dns.server));
	snprintf(text, sizeof text, "nameserver %s\nnameserver %s\n",
	    responder_address(dns.server), responder_address(dns.second));
	write_file("conf", text);
	wait_for_server(dns.server);
	assert_int_equal(evdns_count_nameservers(), 2);
	assert_false(is_asked(dns.second));
	tear_down_search();
}

TEST(ndots_that_changes_in_conf_is_used, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\noptions ndots:0\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_search("A n");
	write_file("conf", "search a.test\n");
	wait_for_search("A n.a.test");
	write_file("conf", "search a.test\noptions ndots:0\n");
	wait_for_search("A n");
	tear_down_search();
}

TEST(search_list_that_is_emptied_in_conf_is_used, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	write_file("conf", "search .\n");
	wait_for_search("A n");
	tear_down_search();
}

/* Whether both servers are asked, in turn. */
static bool
takes_turns(void)
{
	int first = responder_count(dns.server);
	int second = responder_count(dns.second);

	for (int i = 0; i < 4; i++)
		ask_as_it_is("n.test");
	wait_all();
	note_clear();
	return responder_count(dns.server) - first == 2 &&
	       responder_count(dns.second) - second == 2;
}

TEST(option_that_changes_in_conf_is_used,
    DIFFERS(V14, "servers always take turns"),
    DIFFERS(V21, "servers always take turns"))
{
	double end;

	open_folder();
	dns_set_up_with(&dns, 0, zone_rule, (void *)any);
	add_second(&dns, any);
	write_file("conf", "options attempts:2\n");
	parse("conf", DNS_OPTION_MISC);
	assert_false(takes_turns());
	write_file("conf", "options rotate\n");
	end = now_ms() + SEEN_MS;
	while (!takes_turns() && now_ms() < end)
		run_for(10);
	assert_true(takes_turns());
	write_file("conf", "options attempts:2\n");
	end = now_ms() + SEEN_MS;
	while (takes_turns() && now_ms() < end)
		run_for(10);
	assert_false(takes_turns());
	tear_down_search();
}

TEST(change_of_conf_sets_only_what_was_taken_before, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\nnameserver 127.0.0.77\n");
	parse("conf", DNS_OPTION_SEARCH);
	write_file("conf", "search b.test\nnameserver 127.0.0.78\n");
	wait_for_search("A n.b.test");
	assert_int_equal(evdns_count_nameservers(), 1);
	tear_down_search();
}

TEST(two_files_are_followed, DIFFERS(V14, NO_PORT), DIFFERS(V21, NEVER))
{
	set_up_servers();
	write_file("other", "search a.test\n");
	parse("other", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	write_file("other", "search b.test\n");
	wait_for_search("A n.b.test");
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	tear_down_search();
}

/* --- queries in flight --- */

static void
slow_rule(const struct question *q, struct reply *reply, void *arg)
{
	zone_rule(q, reply, arg);
	reply->delay = 200;
}

static int
times_in(const char *text, const char *word)
{
	int n = 0;

	while ((text = strstr(text, word)) != NULL) {
		text++;
		n++;
	}
	return n;
}

TEST(queries_in_flight_keep_their_options, DIFFERS(V14, NO_PORT),
    DIFFERS(V21, NEVER))
{
	open_folder();
	dns_set_up_bare(&dns);
	dns.server =
	    responder_new("127.0.0.1", RESPONDER_CHILD, slow_rule, (void *)any);
	dns.second = responder_new("127.0.0.2", 0, zone_rule, (void *)any);
	write_server("conf", dns.server);
	parse("conf", DNS_OPTIONS_ALL);
	for (int i = 0; i < 50; i++)
		ask_as_it_is("under.way");
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	wait_all();
	assert_int_equal(times_in(responder_log(dns.server), "under"), 50);
	assert_int_equal(times_in(responder_log(dns.second), "under"), 0);
	tear_down_search();
}

static const struct zone none[] = {{NULL, NULL}};

/* Longer than it takes to see a change. */
static void
slow_first_rule(const struct question *q, struct reply *reply, void *arg)
{
	zone_rule(q, reply, arg);
	if (strcmp(q->name, "under.a.test") == 0)
		reply->delay = 1500;
}

static void
assert_in_order(const char *log, const char *first, const char *second)
{
	const char *at = strstr(log, first);

	assert_non_null(at);
	assert_non_null(strstr(at + strlen(first), second));
}

TEST(queries_in_flight_keep_their_search_list, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	const char *log;

	open_folder();
	dns_set_up_with(&dns, RESPONDER_CHILD, slow_first_rule, (void *)none);
	write_file("conf", "search a.test b.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	ask("under");
	write_file("conf", "search c.test d.test\n");
	run_for(1000);
	ask("way");
	wait_all();
	log = responder_log(dns.server);
	/* On a busy machine queries of one come between those of the other. */
	assert_in_order(log, "A way.c.test", "A way.d.test");
	assert_in_order(log, "A under.b.test", "A under");
	assert_null(strstr(log, "way.a.test"));
	assert_null(strstr(log, "under.c.test"));
	tear_down_search();
}

/*
 * More than may be in flight at once, and the file changes all the time.  Where
 * the machine is busy elsewhere some are sent again.
 */
TEST(no_query_is_lost_when_the_file_changes, DIFFERS(V14, NO_PORT))
{
	set_up_servers();
	for (int i = 0; i < 1000; i++) {
		ask_as_it_is("n.test");
		if (i % 100 == 0)
			write_server("conf", i % 200 ? dns.server : dns.second);
		if (i % 10 == 0)
			one_pass();
	}
	wait_all();
	note_clear();
	assert_in_range(responder_count(dns.server) +
			    responder_count(dns.second),
	    1000, 3000);
	tear_down_search();
}

/* --- what the program has set itself --- */

TEST(nameserver_of_the_program_stays, DIFFERS(V14, NO_PORT),
    DIFFERS(V21, NEVER))
{
	set_up_servers();
	dns.third = responder_new("127.0.0.3", 0, zone_rule, (void *)any);
	use_server(dns.third);
	assert_int_equal(evdns_count_nameservers(), 2);
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	assert_int_equal(evdns_count_nameservers(), 2);
	responder_refuse(dns.second, true);
	assert_true(is_asked(dns.third));
	tear_down_search();
}

TEST(search_list_of_the_program_stays, DIFFERS(V14, NO_PORT),
    DIFFERS(V21, NEVER))
{
	set_up_servers();
	evdns_search_clear();
	evdns_search_add("mine.test");
	write_server("conf", dns.second);
	wait_for_server(dns.second);
	responder_log_clear(dns.second);
	look_up("n");
	assert_asked(dns.second, "A n.mine.test");
	tear_down_search();
}

TEST(options_of_the_program_stay, DIFFERS(V14, NEVER), DIFFERS(V21, NEVER))
{
	set_up_search();
	write_file("conf", "search a.test\noptions ndots:1\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_int_equal(evdns_set_option("ndots:", "0", DNS_OPTIONS_ALL), 0);
	write_file("conf", "search b.test\noptions ndots:2\n");
	run_for(1000);
	assert_search("A n");
	evdns_set_option("ndots:", "1", DNS_OPTIONS_ALL);
	assert_search("A n.b.test");
	tear_down_search();
}

/* --- when it is not followed any more --- */

TEST(conf_is_forgotten_by_shutdown)
{
	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	evdns_shutdown(0);
	evdns_set_option("randomize-case:", "0", DNS_OPTIONS_ALL); /* 2.1 */
	use_server(dns.server);
	write_file("conf", "search b.test\n");
	run_for(1000);
	assert_search("A n");
	tear_down_search();
}

TEST(conf_is_forgotten_by_clear, DIFFERS(V14, NO_PORT))
{
	set_up_servers();
	evdns_clear_nameservers_and_suspend();
	use_server(dns.server);
	evdns_resume();
	write_server("conf", dns.second);
	run_for(1000);
	assert_true(is_asked(dns.server));
	assert_int_equal(evdns_count_nameservers(), 1);
	tear_down_search();
}

TEST(loop_ends_though_a_file_is_followed)
{
	set_up_search();
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	look_up("n");
	evdns_clear_nameservers_and_suspend();
	responder_free(dns.server);
	dns.server = NULL;
	assert_loop_ends();
	tear_down_search();
}

/* --- bases and processes --- */

TEST(conf_is_followed_on_the_next_base, DIFFERS(V14, "keeps the freed base"),
    DIFFERS(V21, "keeps the freed base"))
{
	open_folder();
	dns_set_up_child(&dns, any);
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	event_base_free(dns.base);
	dns.base = event_init();
	assert_search("A n.a.test");
	write_file("conf", "search b.test\n");
	wait_for_search("A n.b.test");
	tear_down_search();
}

/* A change that the resolver has not seen yet. */
static void
set_up_unseen(void)
{
	open_folder();
	dns_set_up_child(&dns, any);
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	one_pass();
	write_file("conf", "search b.test\n");
}

TEST(change_is_seen_after_event_reinit, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	set_up_unseen();
	assert_int_equal(event_reinit(dns.base), 0);
	run_for(10);
	wait_for_search("A n.b.test");
	tear_down_search();
}

TEST(change_is_seen_on_the_next_base, DIFFERS(V14, "keeps the freed base"),
    DIFFERS(V21, "keeps the freed base"))
{
	set_up_unseen();
	event_base_free(dns.base);
	dns.base = event_init();
	wait_for_search("A n.b.test");
	tear_down_search();
}

static pid_t pid;

/* The server's log has the questions of parent and child. */
static void
wait_for_b_in_child(bool reinit)
{
	double end = now_ms() + SEEN_MS;

	if (reinit)
		assert_int_equal(event_reinit(dns.base), 0);
	run_for(10);
	for (;;) {
		look_up("n");
		if (strstr(responder_log(dns.server), "n.b.test") != NULL)
			exit(0);
		assert_true(now_ms() < end);
		run_for(10);
	}
}

static void
wait_for_child(void)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
change_before_the_fork(bool reinit)
{
	set_up_unseen();
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		wait_for_b_in_child(reinit);
	wait_for_child();
	wait_for_search("A n.b.test");
	write_file("conf", "search c.test\n");
	wait_for_search("A n.c.test");
	tear_down_search();
}

BOTH(change_before_the_fork_is_seen_by_parent_and_child,
    change_before_the_fork(with_reinit), DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))

/* The child has not come to its loop when the file changes. */
static void
change_after_the_fork(bool reinit)
{
	int changed[2];

	open_folder();
	dns_set_up_child(&dns, any);
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	assert_search("A n.a.test");
	assert_int_equal(pipe(changed), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		char c;

		close(changed[1]);
		assert_int_equal(read(changed[0], &c, 1), 0);
		wait_for_b_in_child(reinit);
	}
	write_file("conf", "search b.test\n");
	close_pair(changed);
	wait_for_child();
	wait_for_search("A n.b.test");
	tear_down_search();
}

BOTH(change_after_the_fork_is_seen_by_parent_and_child,
    change_after_the_fork(with_reinit), DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))

/* Both have seen another change before. */
static void
both_follow(bool reinit)
{
	int both[2];

	set_up_unseen();
	wait_for_search("A n.b.test");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, both), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		char c;

		if (reinit)
			assert_int_equal(event_reinit(dns.base), 0);
		look_up("n");
		close(both[0]);
		write_byte(both[1]);
		assert_int_equal(read(both[1], &c, 1), 0);
		wait_for_search("A n.c.test");
		exit(0);
	}
	close(both[1]);
	assert_int_equal(read_byte(both[0]), 'x');
	write_file("conf", "search c.test\n");
	wait_for_search("A n.c.test");
	close(both[0]);
	wait_for_child();
	tear_down_search();
}

BOTH(parent_and_child_follow_the_file, both_follow(with_reinit),
    DIFFERS(V14, NEVER), DIFFERS(V21, NEVER))

/* The child's end is no end of what the parent follows. */
TEST(child_that_exits_leaves_the_file_to_the_parent, DIFFERS(V14, NEVER),
    DIFFERS(V21, NEVER))
{
	open_folder();
	dns_set_up_child(&dns, any);
	write_file("conf", "search a.test\n");
	parse("conf", DNS_OPTION_SEARCH);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		evdns_shutdown(0);
		event_base_free(dns.base);
		exit(0);
	}
	wait_for_child();
	write_file("conf", "search b.test\n");
	wait_for_search("A n.b.test");
	tear_down_search();
}
