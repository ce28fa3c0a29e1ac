/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log: event_set_log_callback(), what comes without one, and the
 * functions that write to the log, which a program may declare itself.
 */
#include "test.h"
#include "symbol.h"

#include <sys/wait.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef void (*log_fn)(const char *fmt, ...);
typedef void (*fatal_fn)(int status, const char *fmt, ...);

static void
log_cb(int severity, const char *msg)
{
	static const char *const names[] = {
	    [_EVENT_LOG_DEBUG] = "debug",
	    [_EVENT_LOG_MSG] = "msg",
	    [_EVENT_LOG_WARN] = "warn",
	    [_EVENT_LOG_ERR] = "err",
	};

	note("%s[%s]", names[severity], msg);
}

TEST(event_warn_adds_the_error)
{
	log_fn event_warn_ = (log_fn)symbol("event_warn");

	event_set_log_callback(log_cb);
	errno = ENOENT;
	event_warn_("%s is %d", "x", 5);
	assert_log("warn[x is 5: No such file or directory]");
}

TEST(event_warnx_does_not_add_the_error)
{
	log_fn event_warnx_ = (log_fn)symbol("event_warnx");

	event_set_log_callback(log_cb);
	errno = ENOENT;
	event_warnx_("%s is %d", "x", 5);
	assert_log("warn[x is 5]");
}

TEST(event_msgx_is_a_message)
{
	log_fn event_msgx_ = (log_fn)symbol("event_msgx");

	event_set_log_callback(log_cb);
	event_msgx_("%s is %d", "x", 5);
	assert_log("msg[x is 5]");
}

TEST(event_debugx_is_for_debugging, DIFFERS(V21, "no such function"))
{
	log_fn debugx = (log_fn)symbol("_event_debugx");

	event_set_log_callback(log_cb);
	debugx("%s is %d", "x", 5);
	assert_log("debug[x is 5]");
}

/* What a child wrote to standard error, up to size - 1 bytes. */
static int
run_with_stderr(void (*func)(void *), char *text, size_t size)
{
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);
	int status;
	size_t n;

	dup2(fileno(f), STDERR_FILENO);
	status = in_child(func, NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return status;
}

static void
err_child(void *arg)
{
	fatal_fn event_err_ = (fatal_fn)symbol("event_err");

	(void)arg;
	errno = ENOENT;
	event_err_(3, "%s is %d", "x", 5);
}

static void
errx_child(void *arg)
{
	fatal_fn event_errx_ = (fatal_fn)symbol("event_errx");

	(void)arg;
	event_errx_(4, "%s is %d", "x", 5);
}

static void
write_log_cb(int severity, const char *msg)
{
	dprintf(STDERR_FILENO, "%d[%s]", severity, msg);
}

static void
err_child_with_callback(void *arg)
{
	event_set_log_callback(write_log_cb);
	err_child(arg);
}

TEST(event_err_ends_the_program)
{
	char text[200];
	int status = run_with_stderr(err_child, text, sizeof text);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(text, "[err] x is 5: No such file or directory\n");
}

TEST(event_errx_ends_the_program)
{
	char text[200];
	int status = run_with_stderr(errx_child, text, sizeof text);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 4);
	assert_string_equal(text, "[err] x is 5\n");
}

TEST(event_err_calls_the_callback_first)
{
	char text[200];
	int status =
	    run_with_stderr(err_child_with_callback, text, sizeof text);

	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(text, "3[x is 5: No such file or directory]");
}

static void
warn_without_callback(void *arg)
{
	log_fn event_warnx_ = (log_fn)symbol("event_warnx");
	log_fn event_msgx_ = (log_fn)symbol("event_msgx");

	(void)arg;
	event_warnx_("a warning");
	event_msgx_("a message");
}

static void
warn_after_the_callback_was_removed(void *arg)
{
	event_set_log_callback(log_cb);
	event_set_log_callback(NULL);
	warn_without_callback(arg);
}

TEST(log_goes_to_stderr_without_a_callback)
{
	char text[200];

	run_with_stderr(warn_without_callback, text, sizeof text);
	assert_string_equal(text, "[warn] a warning\n[msg] a message\n");
}

TEST(log_goes_to_stderr_after_the_callback_was_removed)
{
	char text[200];

	run_with_stderr(warn_after_the_callback_was_removed, text, sizeof text);
	assert_string_equal(text, "[warn] a warning\n[msg] a message\n");
}

static char long_text[5000];
static size_t logged;

static void
length_cb(int severity, const char *msg)
{
	(void)severity;
	logged = strlen(msg);
	assert_memory_equal(msg, long_text, logged);
}

TEST(long_message_is_cut)
{
	log_fn event_warnx_ = (log_fn)symbol("event_warnx");

	memset(long_text, 'x', sizeof long_text - 1);
	event_set_log_callback(length_cb);
	event_warnx_("%s", long_text);
	assert_int_equal(logged, 1023);
}

TEST(error_is_left_out_of_a_message_that_is_cut)
{
	log_fn event_warn_ = (log_fn)symbol("event_warn");

	memset(long_text, 'x', sizeof long_text - 1);
	event_set_log_callback(length_cb);
	errno = ENOENT;
	event_warn_("%s", long_text);
	assert_int_equal(logged, 1023);
}

TEST(percent_sign_in_an_argument_is_only_text)
{
	log_fn event_warnx_ = (log_fn)symbol("event_warnx");

	event_set_log_callback(log_cb);
	event_warnx_("%s", "100%s%n");
	assert_log("warn[100%s%n]");
}

static void
nested_log_cb(int severity, const char *msg)
{
	event_set_log_callback(log_cb);
	log_cb(severity, msg);
	((log_fn)symbol("event_msgx"))("inside");
}

TEST(callback_may_log_and_set_another_callback)
{
	log_fn event_warnx_ = (log_fn)symbol("event_warnx");

	event_set_log_callback(nested_log_cb);
	event_warnx_("outside");
	assert_log("warn[outside] msg[inside]");
}
