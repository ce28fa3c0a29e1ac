/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The test runner: keeps the tests that registered themselves, runs each in
 * a child, and holds what came of it against what its tags say.
 *
 * There are two runs of cmocka, one inside the other.  The outer one, here in
 * the parent, has one group for each source file; its tests fork.  The inner
 * one, in the child, has the one test, so that assertions work there.
 */
#include "test.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef TEST_LIB_OURS
#define IS_OURS true
#else
#define IS_OURS (dlsym(RTLD_DEFAULT, "evcompat_version") != NULL)
#endif

static struct test *tests;
static enum impl impl;
static double timeout_ms = 20000, tagged_ms = 20000;
static int n_same, n_differs, n_failed;

/* How things were when the program was started. */
static struct sigaction dispositions[NSIG];
static sigset_t mask;

void
test_register(struct test *t)
{
	struct test **at = &tests;

	for (; *at != NULL; at = &(*at)->next) {
		int order = strcmp(t->file, (*at)->file);

		if (order < 0 || (order == 0 && t->line < (*at)->line))
			break;
	}
	t->next = *at;
	*at = t;
}

/* The source file's name without folder and ending. */
static const char *
suite_of(const struct test *t)
{
	static char name[64];
	const char *slash = strrchr(t->file, '/');

	snprintf(name, sizeof name, "%s", slash ? slash + 1 : t->file);
	name[strcspn(name, ".")] = '\0';
	return name;
}

static const char *
impl_name(void)
{
	static const char *const names[] =
	    {[OURS] = "ours", [V14] = "libevent-1.4", [V21] = "libevent-2.1"};

	return names[impl];
}

static enum impl
find_impl(void)
{
	const char *version = event_get_version();

	if (IS_OURS)
		return OURS;
	if (strncmp(version, "1.4", 3) == 0)
		return V14;
	if (strncmp(version, "2.", 2) == 0)
		return V21;
	fprintf(stderr, "no tag for a libevent that calls itself %s\n",
	    version);
	exit(2);
}

/*
 * The child.
 */

/* cmocka has just put its own handlers on; the test gets what main() got. */
static void
restore_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dispositions[sig], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void
run_body(void **state)
{
	struct test *t = *state;
	int before = open_fds();
	int after;

	restore_signals();
	t->body();
	after = open_fds();
	if (after > before)
		fail_msg("%d descriptors left open", after - before);
}

static void
be_child(struct test *t, FILE *output)
{
	struct CMUnitTest inner = {t->name, run_body, NULL, NULL, t};
	struct rlimit no_core = {0, 0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	mallopt(M_PERTURB, 0xa5); /* so that use after free does not go well */
	dup2(fileno(output), STDOUT_FILENO);
	dup2(fileno(output), STDERR_FILENO);
	setvbuf(stdout, NULL, _IOLBF, 0);
	exit(_cmocka_run_group_tests(t->name, &inner, 1, NULL, NULL) != 0);
}

/*
 * The parent.
 */

static const struct differs *
tag_of(const struct test *t)
{
	for (const struct differs *d = t->differs; d->impl != 0; d++)
		if (d->impl == impl)
			return d;
	return NULL;
}

/* Waits for pid, with SIGCHLD blocked; false if it had to be killed. */
static bool
wait_for(pid_t pid, int *status, double limit_ms)
{
	double end = now_ms() + limit_ms;
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	while (waitpid(pid, status, WNOHANG) != pid) {
		double left = end - now_ms();
		struct timespec ts;

		if (left <= 0) {
			kill(-pid, SIGKILL);
			waitpid(pid, status, 0);
			return false;
		}
		ts.tv_sec = left / 1e3;
		ts.tv_nsec = (left - ts.tv_sec * 1e3) * 1e6;
		sigtimedwait(&chld, NULL, &ts);
	}
	kill(-pid, SIGKILL); /* what it may have left running */
	return true;
}

/* Runs the test; why says what went wrong, and is empty if nothing did. */
static void
run_in_child(struct test *t, FILE *output, char *why, size_t size)
{
	double limit_ms = tag_of(t) == NULL ? timeout_ms : tagged_ms;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		be_child(t, output);
	if (pid < 0)
		snprintf(why, size, "fork: %s", strerror(errno));
	else if (!wait_for(pid, &status, limit_ms))
		snprintf(why, size, "no end after %g s", limit_ms / 1e3);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "killed by signal %d, %s", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 1)
		snprintf(why, size, "an assertion failed");
	else if (WEXITSTATUS(status) != 0)
		snprintf(why, size, "exit status %d", WEXITSTATUS(status));
	else
		why[0] = '\0';
}

static void
show(FILE *output)
{
	char line[512];

	rewind(output);
	while (fgets(line, sizeof line, output) != NULL)
		print_error("    | %s", line);
}

static void
add_to_matrix(const struct test *t, const char *outcome, const char *why)
{
	const char *name = getenv("TEST_MATRIX");
	FILE *f = name != NULL ? fopen(name, "a") : NULL;

	if (f == NULL) {
		if (name != NULL)
			print_error("%s: %s\n", name, strerror(errno));
		return;
	}
	fprintf(f, "%s\t%s\t%s\t%s\t%s\n", suite_of(t), t->name, impl_name(),
	    outcome, why);
	fclose(f);
}

/* What cmocka runs in the parent. */
static void
run_and_judge(void **state)
{
	struct test *t = *state;
	const struct differs *tag = tag_of(t);
	FILE *output = tmpfile();
	char why[256];

	assert_non_null(output);
	run_in_child(t, output, why, sizeof why);
	if (why[0] == '\0' && tag == NULL) {
		add_to_matrix(t, "same", "");
		n_same++;
	} else if (why[0] != '\0' && tag != NULL) {
		add_to_matrix(t, "differs", tag->why);
		print_message("[  DIFFERS ] %s (%s)\n", tag->why, why);
		n_differs++;
	} else {
		n_failed++;
		if (tag != NULL)
			snprintf(why, sizeof why,
			    "it passes, but is tagged: %s", tag->why);
		add_to_matrix(t, "FAIL", why);
		show(output);
		fclose(output);
		fail_msg("%s", why);
	}
	fclose(output);
}

static bool
is_wanted(const struct test *t, char *const names[])
{
	if (names[0] == NULL)
		return true;
	for (; *names != NULL; names++)
		if (strcmp(*names, t->name) == 0 ||
		    strcmp(*names, suite_of(t)) == 0)
			return true;
	return false;
}

/* Runs the wanted tests of the file that first stands for, and returns the
 * next file's first test. */
static struct test *
run_suite(struct test *first, char *const names[])
{
	struct CMUnitTest *group;
	struct test *end = first;
	size_t n = 0;

	while (end != NULL && strcmp(end->file, first->file) == 0) {
		n++;
		end = end->next;
	}
	group = calloc(n, sizeof *group);
	if (group == NULL)
		exit(2);
	n = 0;
	for (struct test *t = first; t != end; t = t->next)
		if (is_wanted(t, names))
			group[n++] = (struct CMUnitTest){t->name, run_and_judge,
			    NULL, NULL, t};
	if (n > 0)
		_cmocka_run_group_tests(suite_of(first), group, n, NULL, NULL);
	free(group);
	return end;
}

/* Blocks SIGCHLD for wait_for(), and keeps what a child is to get back. */
static void
set_up_signals(void)
{
	sigset_t chld;

	signal(SIGCHLD, SIG_DFL);
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, NULL, &dispositions[sig]);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &mask);
}

static double
limit_from(const char *name, double otherwise)
{
	const char *seconds = getenv(name);

	if (seconds == NULL || atof(seconds) <= 0)
		return otherwise;
	return atof(seconds) * 1e3;
}

int
main(int argc, char *argv[])
{
	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	timeout_ms = limit_from("TEST_TIMEOUT", timeout_ms);
	tagged_ms = limit_from("TEST_TAGGED_TIMEOUT", timeout_ms);
	impl = find_impl();
	/* libevent 2.1 rounds times down to the tick without it. */
	setenv("EVENT_PRECISE_TIMER", "1", 1);
	set_up_signals();
	for (struct test *t = tests; t != NULL;)
		t = run_suite(t, argv + 1);
	printf("%s %s: %d tests the same, %d differ as stated, %d failed\n",
	    impl_name(), event_get_version(), n_same, n_differs, n_failed);
	if (n_same + n_differs + n_failed == 0) {
		fprintf(stderr, "no such test\n");
		return 2;
	}
	return n_failed != 0;
}
