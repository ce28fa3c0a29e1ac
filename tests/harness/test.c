/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The test runner: keeps the tests that registered themselves, runs each in a
 * child, and compares its outcome with its tags.
 *
 * There are two runs of cmocka, one inside the other.  The outer one, here in
 * the parent, has one group for each source file; each of its tests waits for a
 * child, and children of later tests run meanwhile.  The inner one, in the
 * child, has the one test, so that assertions work there.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef TEST_LIB_OURS
#include <ares_version.h>
#define CARES ARES_VERSION
#define IS_OURS true
#else
#define CARES 0
#define IS_OURS (dlsym(RTLD_DEFAULT, "evcompat_version") != NULL)
#endif

static struct test *tests;
static enum impl impl;
static double timeout_ms, tagged_ms;
static int jobs;
static int n_same, n_differs, n_failed;

/* A test that is to run, runs or ran.  They are started in their order, as many
 * side by side as jobs says, and reported in it. */
struct run {
	struct test *test;
	pid_t pid;
	FILE *output;
	double end; /* from now_ms(): it has run too long then */
	bool is_over, is_failed;
	char why[256];
	atomic_ulong *assertions; /* how many its processes made */
};

static struct run *runs, *next_run, *end_of_runs;

/* The counter of the test that was started last; in a child, its own. */
static atomic_ulong *assertions;
static unsigned long n_assertions;

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

void
count_assertion(void)
{
	atomic_fetch_add(assertions, 1);
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

/* Makes a use of freed memory fail: fills it with a5. */
#ifdef M_PERTURB
static void
spoil_freed_memory(void)
{
	mallopt(M_PERTURB, 0xa5);
}
#else
static void
spoil_freed_memory(void)
{
}
#endif

static void
be_child(struct test *t, FILE *output)
{
	struct CMUnitTest inner = {t->name, run_body, NULL, NULL, t};
	struct rlimit no_core = {0, 0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	spoil_freed_memory();
	dup2(fileno(output), STDOUT_FILENO);
	dup2(fileno(output), STDERR_FILENO);
	for (struct run *r = runs; r != next_run; r++)
		if (r->output != NULL)
			close(fileno(r->output));
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
		if (d->impl == impl && d->cares <= CARES)
			return d;
	return NULL;
}

/* Says in why how a child ended; leaves it empty after success. */
static void
explain(int status, char *why, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(why, size, "killed by signal %d, %s", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 1)
		snprintf(why, size, "an assertion failed");
	else if (WEXITSTATUS(status) != 0)
		snprintf(why, size, "exit status %d", WEXITSTATUS(status));
}

static void
start(struct run *r)
{
	double limit_ms = tag_of(r->test) == NULL ? timeout_ms : tagged_ms;

	r->output = tmpfile();
	if (r->output == NULL) {
		fprintf(stderr, "tmpfile: %s\n", strerror(errno));
		exit(2);
	}
	fflush(NULL);
	assertions = r->assertions;
	r->pid = fork();
	if (r->pid == 0)
		be_child(r->test, r->output);
	r->end = now_ms() + limit_ms;
	if (r->pid < 0) {
		snprintf(r->why, sizeof r->why, "fork: %s", strerror(errno));
		r->is_over = true;
	}
}

/* Whether the test is over, with r->why empty if nothing went wrong. */
static bool
check_on(struct run *r)
{
	int status;

	if (waitpid(r->pid, &status, WNOHANG) == r->pid) {
		explain(status, r->why, sizeof r->why);
		kill(-r->pid, SIGKILL); /* what it may have left running */
	} else if (now_ms() >= r->end) {
		kill(-r->pid, SIGKILL);
		waitpid(r->pid, &status, 0);
		snprintf(r->why, sizeof r->why, "no end after %g s",
		    tag_of(r->test) == NULL ? timeout_ms / 1e3
					    : tagged_ms / 1e3);
	} else
		return false;
	r->is_over = true;
	if (r->why[0] == '\0') {
		fclose(r->output);
		r->output = NULL;
	}
	return true;
}

/* Waits until a child ends or has run too long, a second at most.  SIGCHLD is
 * blocked. */
static void
wait_for_some(void)
{
	double left = 1e3;
	struct timespec ts;
	sigset_t chld;

	for (struct run *r = runs; r != next_run; r++)
		if (!r->is_over && r->end - now_ms() < left)
			left = r->end - now_ms();
	if (left <= 0)
		return;
	ts.tv_sec = left / 1e3;
	ts.tv_nsec = (left - ts.tv_sec * 1e3) * 1e6;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigtimedwait(&chld, NULL, &ts);
}

/* Runs tests side by side, up to `jobs` of them, until this one is over. */
static void
run_until_over(const struct run *wanted)
{
	while (!wanted->is_over) {
		bool any = false;
		int running = 0;

		for (struct run *r = runs; r != next_run; r++)
			if (!r->is_over) {
				any |= check_on(r);
				running += !r->is_over;
			}
		for (; running < jobs && next_run != end_of_runs; running++)
			start(next_run++);
		if (!any)
			wait_for_some();
	}
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
add_to_matrix(const struct run *r, const char *outcome, const char *why)
{
	const struct test *t = r->test;
	const char *name = getenv("TEST_MATRIX");
	FILE *f = name != NULL ? fopen(name, "a") : NULL;

	if (f == NULL) {
		if (name != NULL)
			print_error("%s: %s\n", name, strerror(errno));
		return;
	}
	fprintf(f, "%s\t%s\t%s\t%s\t%s\t%lu\n", suite_of(t), t->name,
	    impl_name(), outcome, why, atomic_load(r->assertions));
	fclose(f);
}

/* What cmocka runs in the parent. */
static void
run_and_judge(void **state)
{
	struct run *r = *state;
	const struct differs *tag = tag_of(r->test);

	run_until_over(r);
	n_assertions += atomic_load(r->assertions);
	if (r->why[0] == '\0' && tag == NULL) {
		add_to_matrix(r, "same", "");
		n_same++;
		return;
	}
	if (tag != NULL && (r->why[0] != '\0' || tag->by_chance)) {
		add_to_matrix(r, "differs", tag->why);
		print_message("[  DIFFERS ] %s (%s)\n", tag->why,
		    r->why[0] != '\0' ? r->why : "not this time");
		n_differs++;
	} else {
		n_failed++;
		r->is_failed = true;
		if (tag != NULL)
			snprintf(r->why, sizeof r->why,
			    "it passes, but is tagged: %s", tag->why);
		add_to_matrix(r, "FAIL", r->why);
		if (r->output != NULL)
			show(r->output);
	}
	if (r->output != NULL)
		fclose(r->output);
	r->output = NULL;
	if (r->is_failed)
		fail_msg("%s", r->why);
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

/* The wanted tests, in their order. */
static void
choose(char *const names[])
{
	atomic_ulong *shared;
	size_t n = 0;

	for (struct test *t = tests; t != NULL; t = t->next)
		n += is_wanted(t, names);
	runs = calloc(n + 1, sizeof *runs);
	shared = mmap(NULL, (n + 1) * sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (runs == NULL || shared == MAP_FAILED)
		exit(2);
	next_run = end_of_runs = runs;
	for (struct test *t = tests; t != NULL; t = t->next)
		if (is_wanted(t, names)) {
			end_of_runs->assertions = shared++;
			(end_of_runs++)->test = t;
		}
}

/* Runs the tests of the file of the first, and returns the next file's. */
static struct run *
run_suite(struct run *first)
{
	struct CMUnitTest *group;
	struct run *end = first;
	size_t n = 0;

	while (end != end_of_runs &&
	       strcmp(end->test->file, first->test->file) == 0)
		end++;
	group = calloc(end - first, sizeof *group);
	if (group == NULL)
		exit(2);
	for (struct run *r = first; r != end; r++)
		group[n++] = (struct CMUnitTest){r->test->name, run_and_judge,
		    NULL, NULL, r};
	_cmocka_run_group_tests(suite_of(first->test), group, n, NULL, NULL);
	free(group);
	return end;
}

/* Names the failed tests once more, for readers of the end of a log. */
static void
list_failed(void)
{
	for (struct run *r = runs; r != end_of_runs; r++)
		if (r->is_failed)
			printf("FAILED %s/%s: %s\n", suite_of(r->test),
			    r->test->name, r->why);
}

/* Blocks SIGCHLD for wait_for_some(), and keeps what a child is to get back. */
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
number_from(const char *name, double otherwise)
{
	const char *value = getenv(name);

	return value == NULL || atof(value) <= 0 ? otherwise : atof(value);
}

int
main(int argc, char *argv[])
{
	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	timeout_ms = 1e3 * number_from("TEST_TIMEOUT", 60);
	tagged_ms = 1e3 * number_from("TEST_TAGGED_TIMEOUT", 20);
	jobs = number_from("TEST_JOBS", 8);
	impl = find_impl();
	/* libevent 2.1 rounds times down to the tick without it. */
	setenv("EVENT_PRECISE_TIMER", "1", 1);
	set_up_signals();
	choose(argv + 1);
	for (struct run *r = runs; r != end_of_runs;)
		r = run_suite(r);
	list_failed();
	printf("%s %s: %d tests the same, %d differ as stated, %d failed, "
	       "%lu assertions\n",
	    impl_name(), event_get_version(), n_same, n_differs, n_failed,
	    n_assertions);
	if (n_same + n_differs + n_failed == 0) {
		fprintf(stderr, "no such test\n");
		return 2;
	}
	return n_failed != 0;
}
