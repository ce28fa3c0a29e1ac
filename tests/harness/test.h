/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The test harness: cmocka, with each test in a process of its own.
 *
 * TEST(name) { ... } defines a test and registers it; there is no list to
 * keep, so adding a test is adding a function, or a file.  A body uses
 * cmocka's assertions.  It runs in a child that has a time limit, the signal
 * dispositions and mask the program was started with, and that may leave no
 * file descriptor open.  What it prints is shown if it fails, and only then.
 *
 *	TEST(loop_returns_1_without_events)
 *	{
 *		...
 *	}
 *
 *	TEST(two_readers_on_one_fd, DIFFERS(V14, "only the second fires"))
 *	{
 *		...
 *	}
 *
 * DIFFERS says on which implementation the body is known to fail (by an
 * assertion, a crash, a hang or a leaked descriptor), and why.  There the test
 * has to fail: a tag that no longer holds is as much a failure as a difference
 * without a tag.  Nothing is ever skipped.  DIFFERS_BY_CHANCE is for what has
 * no certain outcome there, such as two processes that read the same socket, or
 * the use of freed memory.  DIFFERS_WITH_CARES is about ours, built with that
 * version of c-ares or a later one.
 *
 * Which implementation it is follows from event_get_version(); ours is
 * recognised by evcompat_version(), or by -DTEST_LIB_OURS where that is not
 * exported.
 *
 * Environment:
 *	TEST_JOBS	how many tests run side by side; most only wait.  Eight
 *			if not set
 *	TEST_TIMEOUT	seconds a test may take, 60 if not set
 *	TEST_TAGGED_TIMEOUT
 *			the same of those that are known to fail, 20 if not set;
 *			most of them wait for what never happens
 *	TEST_MATRIX	a file that gets one line for each test:
 *			suite, test, implementation, same|differs|FAIL, why,
 *			number of assertions, separated by tabs
 *
 * Arguments select tests or suites by name; a suite is a source file.  The last
 * lines name the tests that failed.
 */
#ifndef HARNESS_TEST_H
#define HARNESS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/*
 * Counts an assertion of the test that runs, in whichever process or thread;
 * the program's last line says how many there were.
 */
void count_assertion(void);

/* What cmocka's macros call, counted. */
#define _assert_true(...) (count_assertion(), _assert_true(__VA_ARGS__))
#define _assert_int_equal(...)                                                 \
	(count_assertion(), _assert_int_equal(__VA_ARGS__))
#define _assert_int_not_equal(...)                                             \
	(count_assertion(), _assert_int_not_equal(__VA_ARGS__))
#define _assert_string_equal(...)                                              \
	(count_assertion(), _assert_string_equal(__VA_ARGS__))
#define _assert_string_not_equal(...)                                          \
	(count_assertion(), _assert_string_not_equal(__VA_ARGS__))
#define _assert_memory_equal(...)                                              \
	(count_assertion(), _assert_memory_equal(__VA_ARGS__))
#define _assert_memory_not_equal(...)                                          \
	(count_assertion(), _assert_memory_not_equal(__VA_ARGS__))
#define _assert_in_range(...) (count_assertion(), _assert_in_range(__VA_ARGS__))

#include "kit.h"

enum impl {
	OURS = 1,
	V14,
	V21
};

struct differs {
	enum impl impl; /* 0 ends the list */
	const char *why;
	bool by_chance;
	int cares; /* the first c-ares it is about, as in ares_version() */
};

struct test {
	const char *name;
	const char *file;
	int line;
	void (*body)(void);
	struct differs differs[4];
	struct test *next; /* in the order of files and lines */
};

#define DIFFERS(impl_, why_)                                                   \
	{                                                                      \
		impl_, why_, false, 0                                          \
	}

#define DIFFERS_BY_CHANCE(impl_, why_)                                         \
	{                                                                      \
		impl_, why_, true, 0                                           \
	}

/*
 * c-ares 1.28.0 and 1.31.0, for DIFFERS_WITH_CARES. 1.34.8 has the outcomes of
 * 1.31.0.
 */
#define CARES_1_28 0x011c00
#define CARES_1_31 0x011f00

#define DIFFERS_WITH_CARES(version_, why_)                                     \
	{                                                                      \
		OURS, why_, false, version_                                    \
	}

#define TEST(name_, ...)                                                       \
	static void body_of_##name_(void);                                     \
	static void __attribute__((constructor)) register_##name_(void)        \
	{                                                                      \
		static struct test t = {#name_, __FILE__, __LINE__,            \
		    body_of_##name_, {__VA_ARGS__}, NULL};                     \
		test_register(&t);                                             \
	}                                                                      \
	static void body_of_##name_(void)

/*
 * Two tests, NAME_with_reinit and NAME_without_reinit: the call is made with
 * with_reinit true, and false.  Tags are about both.
 *
 *	BOTH(child_gets_its_answers, fork_and_ask(with_reinit))
 */
#define BOTH(name_, call_, ...)                                                \
	static void both_of_##name_(bool with_reinit)                          \
	{                                                                      \
		call_;                                                         \
	}                                                                      \
	TEST(name_##_with_reinit, __VA_ARGS__)                                 \
	{                                                                      \
		both_of_##name_(true);                                         \
	}                                                                      \
	TEST(name_##_without_reinit, __VA_ARGS__)                              \
	{                                                                      \
		both_of_##name_(false);                                        \
	}

/* Keeps t, which must last as long as the program.  TEST calls it. */
void test_register(struct test *t);

#endif
