/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server that has no descriptor for the next client.
 */
#include <sys/resource.h>

#include "http_ours.h"
#include "wrap.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

static int warnings;

static void
count_warning_cb(int severity, const char *msg)
{
	(void)msg;
	warnings += severity == _EVENT_LOG_WARN;
}

static bool
has_warned(void *arg)
{
	(void)arg;
	return warnings > 0;
}

static bool
has_tried_four_times(void *arg)
{
	(void)arg;
	return counts.accepts >= 4;
}

/*
 * No descriptor is left for the client: the server logs one warning, and tries
 * again only now and then.
 */
static void
lacks_descriptors(void *arg)
{
	struct server *s = arg;
	struct rlimit old, limit;
	struct client c;
	int fd, last = -1;
	double start;

	client_open(&c, s);
	getrlimit(RLIMIT_NOFILE, &old);
	limit = old;
	limit.rlim_cur = (rlim_t)c.fd + 8;
	assert_int_equal(event_reinit(s->base), 0);
	event_set_log_callback(count_warning_cb);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while ((fd = dup(0)) != -1)
		last = fd;
	say(&c, GET);
	assert_true(wait_until(s->base, has_warned, NULL));
	start = now_ms();
	counts.accepts = 0;
	assert_true(wait_until(s->base, has_tried_four_times, NULL));
	assert_elapsed(start, 300);
	assert_int_equal(warnings, 1);
	close(last);
	expect_answers(&c, "200:/a");
	assert_int_equal(warnings, 1);
	setrlimit(RLIMIT_NOFILE, &old);
	client_close(&c);
}

TEST(http_server_without_descriptors_pauses_and_resumes)
{
	struct server s;

	server_open(&s);
	assert_int_equal(in_child(lacks_descriptors, &s), 0);
	server_close(&s);
}

TEST(http_server_that_pauses_for_descriptors_may_be_freed)
{
	struct server s;
	struct rlimit old, limit;
	struct client c;

	server_open(&s);
	client_open(&c, &s);
	event_set_log_callback(count_warning_cb);
	getrlimit(RLIMIT_NOFILE, &old);
	limit = old;
	limit.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(wait_until(s.base, has_warned, NULL));
	setrlimit(RLIMIT_NOFILE, &old);
	event_set_log_callback(NULL);
	client_close(&c);
	server_close(&s);
}
