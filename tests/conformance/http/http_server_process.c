/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a server costs its process: memory, and descriptors when none is left.
 * valgrind needs both itself, so that these run without it.
 */
#include "http_server.h"

#include <sys/resource.h>
#include <fcntl.h>

#define GET "GET /a HTTP/1.1\r\n\r\n"
#define POST "POST /a HTTP/1.1\r\n"

/*
 * Memory.
 */

#ifdef __SANITIZE_ADDRESS__
#define HAS_SANITIZER true
#else
#define HAS_SANITIZER false
#endif

static long
peak_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "VmHWM: %ld kB", &kb);
	fclose(f);
	return kb;
}

/* A body of n bytes, from a small buffer. */
static void
say_much(struct client *c, size_t bytes)
{
	static char block[16384];

	memset(block, 'x', sizeof(block));
	for (; bytes > 0; bytes -= sizeof(block))
		say_bytes(c, block, sizeof(block));
}

static void
check_is_in_memory_once(const char *head, const char *end)
{
	static const size_t size = 32 << 20;
	struct server s;
	struct client c;
	long before;

	server_open(&s);
	client_open(&c, &s);
	before = peak_kb();
	say(&c, head);
	say_much(&c, size);
	say(&c, end);
	expect_answers(&c, "200:/a");
	assert_log("POST:/a:33554432 bytes");
	/* AddressSanitizer keeps what is freed. */
	if (!HAS_SANITIZER)
		assert_true((size_t)(peak_kb() - before) < size / 1024 * 3 / 2);
	close_both(&s, &c);
}

TEST(http_body_is_in_memory_once, DIFFERS(V14, "at the end twice"))
{
	check_is_in_memory_once(POST "Content-Length: 33554432\r\n\r\n", "");
}

TEST(http_chunk_is_in_memory_once,
    DIFFERS(V14, "it is kept back until it is whole, and copied"))
{
	check_is_in_memory_once(POST "Transfer-Encoding: chunked\r\n\r\n"
				     "2000000\r\n",
	    "\r\n0\r\n\r\n");
}

/*
 * No descriptor left.
 */

static int warnings;

static void
count_warning(int severity, const char *text)
{
	(void)severity;
	(void)text;
	warnings++;
}

static void
limit_descriptors(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static struct {
	struct server s;
	struct client first, second;
	rlim_t before;
} full;

/* One client is served, the other waits, as its descriptor would be one too
 * many. */
static void
open_full(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	full.before = limit.rlim_cur;
	event_set_log_callback(count_warning);
	server_open(&full.s);
	client_open(&full.first, &full.s);
	say(&full.first, GET);
	expect_answers(&full.first, "200:/a");
	client_open(&full.second, &full.s);
	say(&full.second, "GET /b HTTP/1.1\r\n\r\n");
	limit_descriptors((rlim_t)full.second.fd + 1);
	assert_int_equal(dup(0), -1);
	note_clear();
}

static void
close_full(void)
{
	limit_descriptors(full.before);
	client_close(&full.second);
	server_close(&full.s);
	event_set_log_callback(NULL);
	note_clear();
}

static void
end_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static bool
is_true(void *arg)
{
	return *(bool *)arg;
}

TEST(http_server_without_a_descriptor_left_pauses_with_one_warning,
    DIFFERS(V14, "it spins, with a warning in each pass"),
    DIFFERS(V21, "it spins, with a warning in each pass"))
{
	bool ended = false;
	struct event end;
	struct rusage before, after;
	double spent;

	open_full();
	evtimer_set(&end, end_cb, &ended);
	event_base_set(full.s.base, &end);
	getrusage(RUSAGE_SELF, &before);
	evtimer_add(&end, MSEC(500));
	wait_until(full.s.base, is_true, &ended);
	getrusage(RUSAGE_SELF, &after);
	spent =
	    (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1e3 +
	    (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e3;
	assert_in_range(warnings, 0, 2);
	assert_true(spent < 250);
	client_close(&full.first);
	expect_answers(&full.second, "200:/b");
	close_full();
}

TEST(http_client_that_waited_for_a_descriptor_is_served)
{
	open_full();
	let_it_work(full.s.base);
	client_close(&full.first);
	expect_answers(&full.second, "200:/b");
	close_full();
}
