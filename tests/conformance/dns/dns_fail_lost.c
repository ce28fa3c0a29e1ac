/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions and replies that are lost, and questions that cannot be sent.
 */
#include "test.h"
#include "dns.h"
#include "dns_soon.h"

#include <sys/resource.h>

/* --- lost on the way --- */

#define NAMES 500

struct loss {
	bool of_replies;
	int lost;
	bool seen[NAMES];
};

/* The first question about each name, or the reply to it, is lost. */
static void
lossy_rule(const struct question *q, struct reply *reply, void *arg)
{
	struct loss *loss = arg;
	int i = atoi(q->name + 1);

	assert_in_range(i, 0, NAMES - 1);
	reply_a(reply, "192.0.2.1", 60);
	if (!loss->seen[i]) {
		loss->seen[i] = true;
		loss->lost++;
		reply->drop = true;
	}
}

static int good;

static void
count_good_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	(void)arg;
	pending--;
	good += result == DNS_ERR_NONE;
}

static void
ask_names(int n)
{
	static char names[NAMES][32];

	for (int i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "n%d.test", i);
		ask_with(names[i], 0, count_good_cb);
	}
}

TEST(dns_questions_that_are_lost_once_are_answered)
{
	struct loss loss = {0};
	struct dns d;

	dns_set_up_with(&d, 0, lossy_rule, &loss);
	set_short_timeout("3");
	evdns_set_option("max-inflight:", "1000", DNS_OPTIONS_ALL);
	ask_names(50);
	wait_all();
	assert_int_equal(loss.lost, 50);
	assert_int_equal(good, 50);
	dns_tear_down(&d);
}

/* One in a hundred. */
static void
seldom_rule(const struct question *q, struct reply *reply, void *arg)
{
	int *lost = arg;

	reply_a(reply, "192.0.2.1", 60);
	if (q->serial % 100 == 7) {
		++*lost;
		reply->drop = true;
	}
}

TEST(dns_all_are_answered_though_one_in_a_hundred_is_lost)
{
	struct dns d;
	int lost = 0;

	dns_set_up_with(&d, 0, seldom_rule, &lost);
	set_short_timeout("3");
	ask_names(NAMES);
	wait_all();
	assert_in_range(lost, NAMES / 100, NAMES);
	assert_int_equal(good, NAMES);
	dns_tear_down(&d);
}

/*
 * A lost question is sent once more, and no other one is.  No lookup waits for
 * its time-out, which is longer than the test may take.
 */
TEST(dns_one_in_a_hundred_is_sent_twice_and_none_times_out,
    DIFFERS(V14, "a lost question waits for its time-out"),
    DIFFERS(V21, "a lost question waits for its time-out"))
{
	struct dns d;
	int lost = 0;

	dns_set_up_with(&d, 0, seldom_rule, &lost);
	set_long_timeout();
	ask_names(NAMES);
	wait_for_repetitions();
	assert_int_equal(good, NAMES);
	assert_int_equal(lost, NAMES / 100);
	assert_int_equal(responder_count(d.server), NAMES + lost);
	dns_tear_down(&d);
}

/* Answers the question about one name only when it is sent again, and then
 * twice. */
static void
late_rule(const struct question *q, struct reply *reply, void *arg)
{
	int *first_id = arg;

	if (strcmp(q->name, "late.test") == 0 && *first_id == -1) {
		*first_id = q->id;
		reply->drop = true;
		return;
	}
	reply_a(reply, "192.0.2.1", 60);
	if (strcmp(q->name, "late.test") == 0) {
		reply_again(reply);
		reply->id = *first_id;
		reply_a(reply, "192.0.2.1", 60);
	}
}

TEST(dns_question_that_is_answered_twice_has_one_outcome)
{
	struct dns d;
	int id = -1;

	dns_set_up_with(&d, 0, late_rule, &id);
	set_short_timeout("3");
	ask("late.test");
	ask("www.test");
	wait_all();
	assert_log("www.test:192.0.2.1/60 late.test:192.0.2.1/60");
	look_up("www.test");
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

/* --- not to be sent --- */

TEST(dns_question_waits_for_a_descriptor)
{
	static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};
	struct rlimit old, none;
	struct dns d;

	dns_set_up(&d, all);
	set_short_timeout("3");
	/* All files are read then, and there is no socket for other options. */
	look_up("first.test");
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	note_clear();
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	ask("www.test");
	event_loop(EVLOOP_NONBLOCK);
	setrlimit(RLIMIT_NOFILE, &old);
	wait_all();
	assert_log("www.test:192.0.2.1/60");
	dns_tear_down(&d);
}

TEST(dns_question_without_a_descriptor_has_an_end)
{
	struct rlimit old, none;
	struct dns d;

	dns_set_up(&d, NULL);
	set_short_timeout("2");
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	look_up("www.test");
	setrlimit(RLIMIT_NOFILE, &old);
	dns_tear_down(&d);
}

/* --- ids, where there is no descriptor for a source of random bytes --- */

static int first_id;

static void
id_rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	first_id = q->id;
	reply_a(reply, "192.0.2.1", 60);
}

/* The first question goes out when there are descriptors again. */
static void
write_id_of_question(void *fd)
{
	struct rlimit old, none;
	struct dns d;

	dns_set_up_with(&d, 0, id_rule, NULL);
	set_short_timeout("1");
	look_up("first.test");
	evdns_set_option("edns0", "", DNS_OPTIONS_ALL);
	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	look_up("lost.test");
	setrlimit(RLIMIT_NOFILE, &old);
	look_up("www.test");
	assert_int_equal(write(*(int *)fd, &first_id, sizeof first_id),
	    sizeof first_id);
	dns_tear_down(&d);
}

TEST(dns_ids_without_a_random_device_are_random)
{
	int ids[8], fd[2];
	int same = 0;

	make_pair(fd);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(in_child(write_id_of_question, &fd[1]), 0);
		assert_int_equal(read(fd[0], &ids[i], sizeof ids[i]),
		    sizeof ids[i]);
		same += ids[i] == ids[0];
	}
	assert_in_range(same, 1, 3);
	close_pair(fd);
}
