/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evutil: sockets, numbers, formatting, time arithmetic; and the version.
 */
#include "test.h"
#include "symbol.h"

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <evutil.h>

/* Programs compare the two, and 1.4.15 says no more than that. */
TEST(version_is_1_4_15, DIFFERS(V21, "it is 2.1.12"))
{
	assert_string_equal(event_get_version(), "1.4.15");
#ifdef _EVENT_VERSION
	assert_string_equal(event_get_version(), _EVENT_VERSION);
#endif
}

/*
 * Sockets.
 */

TEST(socketpair_is_connected)
{
	int fd[2];

	assert_int_equal(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	write_byte(fd[0]);
	assert_int_equal(read_byte(fd[1]), 'x');
	write_byte(fd[1]);
	assert_int_equal(read_byte(fd[0]), 'x');
	assert_false(fcntl(fd[0], F_GETFL) & O_NONBLOCK);
	close_pair(fd);
}

TEST(socketpair_may_be_of_datagrams)
{
	char text[10];
	int fd[2];

	assert_int_equal(evutil_socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
	assert_int_equal(send(fd[0], "abc", 3, 0), 3);
	assert_int_equal(send(fd[0], "de", 2, 0), 2);
	assert_int_equal(recv(fd[1], text, sizeof text, 0), 3);
	assert_int_equal(recv(fd[1], text, sizeof text, 0), 2);
	close_pair(fd);
}

TEST(socketpair_of_an_impossible_kind_is_an_error)
{
	int fd[2];

	assert_int_equal(evutil_socketpair(AF_UNIX, 12345, 0, fd), -1);
	assert_int_equal(evutil_socketpair(AF_INET, SOCK_STREAM, 0, fd), -1);
	assert_int_equal(evutil_socketpair(12345, SOCK_STREAM, 0, fd), -1);
}

TEST(make_socket_nonblocking)
{
	int fd[2];
	char c;

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(evutil_make_socket_nonblocking(fd[0]), 0);
	assert_true(fcntl(fd[0], F_GETFL) & O_NONBLOCK);
	assert_int_equal(read(fd[0], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(evutil_make_socket_nonblocking(fd[0]), 0);
	assert_true(fcntl(fd[0], F_GETFL) & O_NONBLOCK);
	close_pair(fd);
}

TEST(make_socket_nonblocking_keeps_other_flags)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	fcntl(fd[1], F_SETFL, O_APPEND);
	assert_int_equal(evutil_make_socket_nonblocking(fd[1]), 0);
	assert_true(fcntl(fd[1], F_GETFL) & O_APPEND);
	assert_true(fcntl(fd[1], F_GETFL) & O_NONBLOCK);
	close_pair(fd);
}

TEST(make_socket_nonblocking_of_a_bad_fd_is_an_error)
{
	assert_int_equal(evutil_make_socket_nonblocking(closed_fd()), -1);
	assert_int_equal(evutil_make_socket_nonblocking(-1), -1);
}

TEST(closesocket_closes)
{
	int fd[2];

	make_pair(fd);
	assert_int_equal(EVUTIL_CLOSESOCKET(fd[0]), 0);
	assert_int_equal(EVUTIL_CLOSESOCKET(fd[1]), 0);
	assert_int_equal(fcntl(fd[0], F_GETFD), -1);
}

TEST(socket_error_is_errno)
{
	errno = ENOENT;
	assert_int_equal(EVUTIL_SOCKET_ERROR(), ENOENT);
	EVUTIL_SET_SOCKET_ERROR(EPERM);
	assert_int_equal(errno, EPERM);
}

/*
 * Numbers.
 */

static void
check_strtoll(const char *text, int base, long long expected, size_t used)
{
	char *end = NULL;

	assert_true(evutil_strtoll(text, &end, base) == expected);
	assert_ptr_equal(end, text + used);
}

TEST(strtoll_reads_numbers)
{
	check_strtoll("12345", 10, 12345, 5);
	check_strtoll("-12345abc", 10, -12345, 6);
	check_strtoll("  +7 ", 10, 7, 4);
	check_strtoll("9223372036854775807", 10, LLONG_MAX, 19);
	check_strtoll("-9223372036854775808", 10, LLONG_MIN, 20);
	check_strtoll("5000000000", 10, 5000000000LL, 10);
}

TEST(strtoll_knows_bases)
{
	check_strtoll("ff", 16, 255, 2);
	check_strtoll("0xFF", 16, 255, 4);
	check_strtoll("0xff", 0, 255, 4);
	check_strtoll("077", 0, 63, 3);
	check_strtoll("77", 8, 63, 2);
	check_strtoll("zz", 36, 35 * 36 + 35, 2);
	check_strtoll("129", 2, 1, 1);
}

TEST(strtoll_reads_nothing_from_no_number)
{
	check_strtoll("", 10, 0, 0);
	check_strtoll("abc", 10, 0, 0);
	check_strtoll("-", 10, 0, 0);
	assert_true(evutil_strtoll("12", NULL, 10) == 12);
}

TEST(strtoll_stops_at_the_limits)
{
	errno = 0;
	check_strtoll("9223372036854775808", 10, LLONG_MAX, 19);
	assert_int_equal(errno, ERANGE);
	errno = 0;
	check_strtoll("-9223372036854775809", 10, LLONG_MIN, 20);
	assert_int_equal(errno, ERANGE);
}

/*
 * Formatting.
 */

TEST(snprintf_formats)
{
	char text[32];

	assert_int_equal(evutil_snprintf(text, sizeof text, "%s-%d", "ab", 12),
	    5);
	assert_string_equal(text, "ab-12");
	assert_int_equal(evutil_snprintf(text, sizeof text, "%s", ""), 0);
	assert_string_equal(text, "");
}

TEST(snprintf_ends_what_is_cut_and_returns_the_whole_length)
{
	char text[8];

	memset(text, 'z', sizeof text);
	assert_int_equal(evutil_snprintf(text, 5, "%s", "abcdefghij"), 10);
	assert_string_equal(text, "abcd");
	assert_int_equal(text[5], 'z');
	assert_int_equal(evutil_snprintf(text, 5, "%s", "abcde"), 5);
	assert_string_equal(text, "abcd");
	assert_int_equal(evutil_snprintf(text, 1, "%s", "abc"), 3);
	assert_string_equal(text, "");
}

TEST(snprintf_into_nothing_writes_nothing)
{
	char c = 'z';

	evutil_snprintf(&c, 0, "%s", "abc");
	assert_int_equal(c, 'z');
}

static int
format(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = evutil_vsnprintf(text, size, fmt, ap);
	va_end(ap);
	return n;
}

TEST(vsnprintf_formats_as_snprintf_does)
{
	char text[6];

	assert_int_equal(format(text, sizeof text, "%d%%", 42), 3);
	assert_string_equal(text, "42%");
	assert_int_equal(format(text, sizeof text, "%08d", 42), 8);
	assert_string_equal(text, "00000");
}

/*
 * Time, and the rest.
 */

TEST(timeradd_timersub_and_timercmp_agree_with_arithmetic)
{
	struct timeval a = {1, 700000}, b = {2, 600000}, sum, difference;

	evutil_timeradd(&a, &b, &sum);
	assert_int_equal(sum.tv_sec, 4);
	assert_int_equal(sum.tv_usec, 300000);
	evutil_timersub(&b, &a, &difference);
	assert_int_equal(difference.tv_sec, 0);
	assert_int_equal(difference.tv_usec, 900000);
	assert_true(evutil_timercmp(&a, &b, <));
	assert_true(evutil_timercmp(&a, &b, !=));
	assert_false(evutil_timercmp(&a, &b, >));
	assert_true(evutil_timercmp(&a, &a, <=));
	assert_true(evutil_timercmp(&a, &a, ==));
	assert_true(evutil_timerisset(&a));
	evutil_timerclear(&a);
	assert_false(evutil_timerisset(&a));
}

TEST(evutil_getenv_finds_a_variable, DIFFERS(V21, "no such function"))
{
	typedef const char *(*getenv_fn)(const char *);
	getenv_fn evutil_getenv_by_name = (getenv_fn)symbol("evutil_getenv");

	setenv("CONFORMANCE", "x", 1);
	assert_string_equal(evutil_getenv_by_name("CONFORMANCE"), "x");
	unsetenv("CONFORMANCE");
	assert_null(evutil_getenv_by_name("CONFORMANCE"));
}
