/* SPDX-License-Identifier: BSD-3-Clause */
/* Notice of changes to files, whatever the way to them. */
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event.h>

#include "../../src/dns/files.h"
#include "../../src/dns/hops.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

static struct event_base *base;
static struct evi_files *files;
static int told;

static void
changed_cb(void *arg)
{
	assert_ptr_equal(arg, &told);
	told++;
}

static void
open_files(void)
{
	folder_open();
	base = event_base_new();
	files = evi_files_new(base, changed_cb, &told);
	assert_non_null(files);
}

static void
close_files(void)
{
	evi_files_free(files);
	event_base_free(base);
	folder_close();
}

static void
watch(const char *name)
{
	assert_int_equal(evi_files_watch(files, path_of(name)), 0);
}

/* Waits to be told, which must be once for all that has been done before. */
static void
assert_told(void)
{
	told = 0;
	while (told == 0)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	assert_int_equal(told, 1);
}

/* Nothing is under way, since it would be told by now, or together with the
 * change that is made now. */
static void
assert_not_told(const char *watched)
{
	told = 0;
	write_file(watched, "to be told\n");
	assert_told();
}

static void
make_link(const char *target, const char *name)
{
	assert_int_equal(symlink(target, path_of(name)), 0);
}

static void
make_folder(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
}

/* --- the file --- */

TEST(file_written_in_place_is_told)
{
	open_files();
	write_file("f", "1");
	watch("f");
	for (int i = 0; i < 3; i++) {
		write_file("f", "2");
		assert_told();
	}
	close_files();
}

TEST(file_replaced_is_told)
{
	open_files();
	write_file("f", "1");
	watch("f");
	for (int i = 0; i < 3; i++) {
		replace_file("f", "2");
		assert_told();
	}
	write_file("f", "3");
	assert_told();
	close_files();
}

TEST(file_removed_is_told)
{
	open_files();
	write_file("f", "1");
	watch("f");
	unlink(path_of("f"));
	assert_told();
	close_files();
}

TEST(file_moved_away_is_told)
{
	open_files();
	write_file("f", "1");
	watch("f");
	assert_int_equal(rename(path_of("f"), path_of("g")), 0);
	assert_told();
	write_file("g", "2");
	assert_not_told("f");
	close_files();
}

TEST(file_made_later_is_told)
{
	open_files();
	watch("f");
	for (int i = 0; i < 3; i++) {
		write_file("f", "1");
		assert_told();
		write_file("f", "2");
		assert_told();
		unlink(path_of("f"));
		assert_told();
	}
	close_files();
}

TEST(file_that_stays_open_is_told)
{
	int fd;

	open_files();
	write_file("f", "1");
	watch("f");
	fd = open(path_of("f"), O_WRONLY);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(fd, "2", 1), 1);
		assert_told();
	}
	close(fd);
	assert_told();
	close_files();
}

TEST(file_written_by_another_name_is_told)
{
	open_files();
	make_folder("elsewhere");
	write_file("f", "1");
	assert_int_equal(link(path_of("f"), path_of("elsewhere/g")), 0);
	watch("f");
	write_file("elsewhere/g", "2");
	assert_told();
	close_files();
}

TEST(file_with_other_rights_is_told)
{
	open_files();
	write_file("f", "1");
	watch("f");
	assert_int_equal(chmod(path_of("f"), 0644), 0);
	assert_told();
	close_files();
}

TEST(another_file_is_not_told)
{
	open_files();
	write_file("f", "1");
	write_file("g", "1");
	write_file("ff", "1");
	watch("f");
	write_file("g", "2");
	write_file("ff", "2");
	write_file("h", "2");
	unlink(path_of("g"));
	make_folder("folder");
	write_file("folder/f", "2");
	assert_not_told("f");
	close_files();
}

TEST(several_files_are_watched)
{
	open_files();
	make_folder("folder");
	watch("f");
	watch("g");
	watch("folder/f");
	write_file("f", "1");
	assert_told();
	write_file("g", "1");
	assert_told();
	write_file("folder/f", "1");
	assert_told();
	close_files();
}

TEST(file_that_is_watched_twice_is_told_once)
{
	open_files();
	watch("f");
	watch("f");
	write_file("f", "1");
	assert_told();
	close_files();
}

TEST(many_changes_are_told_once)
{
	open_files();
	write_file("f", "1");
	watch("f");
	watch("g");
	for (int i = 0; i < 100; i++) {
		write_file("f", "2");
		replace_file("g", "2");
		unlink(path_of("g"));
	}
	assert_told();
	close_files();
}

/* An empty file, or none, is what a writer leaves for a moment. */
TEST(file_that_is_being_written_is_told_at_once_when_it_is_closed)
{
	int fd;

	open_files();
	write_file("f", "1");
	watch("f");
	fd = open(path_of("f"), O_WRONLY | O_TRUNC);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	told = 0;
	assert_int_equal(write(fd, "2", 1), 1);
	close(fd);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	assert_int_not_equal(told, 0);
	unlink(path_of("f"));
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	told = 0;
	replace_file("f", "3");
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	assert_int_not_equal(told, 0);
	close_files();
}

/* --- the way to it --- */

TEST(link_is_followed)
{
	open_files();
	make_folder("run");
	write_file("run/target", "1");
	make_link("run/target", "f");
	watch("f");
	write_file("run/target", "2");
	assert_told();
	replace_file("run/target", "3");
	assert_told();
	unlink(path_of("run/target"));
	assert_told();
	write_file("run/target", "4");
	assert_told();
	close_files();
}

TEST(link_that_leads_elsewhere_is_told)
{
	open_files();
	write_file("one", "1");
	write_file("two", "2");
	make_link("one", "f");
	watch("f");
	make_link("two", "new");
	assert_int_equal(rename(path_of("new"), path_of("f")), 0);
	assert_told();
	write_file("two", "3");
	assert_told();
	write_file("one", "3");
	assert_not_told("two");
	unlink(path_of("f"));
	make_link(path_of("one"), "f");
	assert_told();
	write_file("one", "4");
	assert_told();
	close_files();
}

TEST(link_that_becomes_a_file_is_told)
{
	open_files();
	write_file("one", "1");
	make_link("one", "f");
	watch("f");
	replace_file("f", "2");
	assert_told();
	write_file("f", "3");
	assert_told();
	close_files();
}

TEST(links_may_be_many_and_may_be_folders)
{
	open_files();
	make_folder("a");
	make_folder("a/b");
	write_file("a/b/target", "1");
	make_link("../c/./d//target", "a/f");
	make_link("a", "c");
	make_link("b", "a/d");
	make_link(path_of("c/f"), "f");
	watch("f");
	write_file("a/b/target", "2");
	assert_told();
	make_folder("other");
	write_file("other/target", "3");
	make_link("../other", "new");
	assert_int_equal(rename(path_of("new"), path_of("a/d")), 0);
	assert_told();
	write_file("other/target", "4");
	assert_told();
	close_files();
}

TEST(link_that_leads_nowhere_is_told_when_it_does)
{
	open_files();
	make_link("run/target", "f");
	watch("f");
	make_folder("run");
	assert_told();
	write_file("run/target", "1");
	assert_told();
	close_files();
}

TEST(link_that_leads_to_itself_is_told_when_it_does_not)
{
	open_files();
	make_link("g", "f");
	make_link("./f", "g");
	watch("f");
	unlink(path_of("g"));
	assert_told();
	write_file("g", "1");
	assert_told();
	write_file("g", "2");
	assert_told();
	close_files();
}

TEST(folders_that_are_missing_are_watched_for)
{
	open_files();
	watch("a/b/f");
	make_folder("a");
	assert_told();
	make_folder("a/b");
	assert_told();
	write_file("a/b/f", "1");
	assert_told();
	unlink(path_of("a/b/f"));
	rmdir(path_of("a/b"));
	rmdir(path_of("a"));
	assert_told();
	make_folder("a");
	make_folder("a/b");
	write_file("a/b/f", "2");
	assert_told();
	write_file("a/b/f", "3");
	assert_told();
	close_files();
}

TEST(folder_that_is_replaced_is_told)
{
	open_files();
	make_folder("a");
	write_file("a/f", "1");
	watch("a/f");
	assert_int_equal(rename(path_of("a"), path_of("old")), 0);
	make_folder("new");
	write_file("new/f", "2");
	assert_int_equal(rename(path_of("new"), path_of("a")), 0);
	assert_told();
	write_file("a/f", "3");
	assert_told();
	write_file("old/f", "3");
	assert_not_told("a/f");
	close_files();
}

TEST(folder_that_is_a_file_is_watched_for)
{
	open_files();
	write_file("a", "1");
	watch("a/f");
	unlink(path_of("a"));
	make_folder("a");
	assert_told();
	write_file("a/f", "2");
	assert_told();
	close_files();
}

/* Its rights are nobody's, not even the owner's, but for root. */
TEST(folder_that_cannot_be_read_leaves_the_file_watched)
{
	uid_t me = geteuid();

	open_files();
	make_folder("a");
	write_file("a/f", "1");
	assert_int_equal(chmod(path_of(""), 0755), 0);
	assert_int_equal(chmod(path_of("a/f"), 0666), 0);
	assert_int_equal(chmod(path_of("a"), 0333), 0);
	if (me == 0 && seteuid(65534) == -1)
		print_message("root reads all\n");
	watch("a/f");
	write_file("a/f", "2");
	assert_told();
	assert_int_equal(seteuid(me), 0);
	assert_int_equal(chmod(path_of("a"), 0700), 0);
	close_files();
}

TEST(path_may_have_dots_and_slashes)
{
	open_files();
	make_folder("a");
	watch("a/..//a/./.././f");
	write_file("f", "1");
	assert_told();
	close_files();
}

TEST(path_that_is_relative_stays_what_it_was)
{
	open_files();
	make_folder("a");
	assert_int_equal(chdir(path_of("a")), 0);
	assert_int_equal(evi_files_watch(files, "f"), 0);
	assert_int_equal(chdir("/"), 0);
	write_file("a/f", "1");
	assert_told();
	close_files();
}

TEST(path_that_cannot_be_is_not_watched)
{
	char path[PATH_MAX + 100];

	open_files();
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(evi_files_watch(files, path), 0);
	for (size_t i = 0; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	assert_int_equal(evi_files_watch(files, path), 0);
	path[500] = '\0';
	assert_int_equal(evi_files_watch(files, path), 0);
	assert_int_equal(evi_files_watch(files, "/"), 0);
	assert_int_equal(evi_files_watch(files, ""), 0);
	close_files();
}

/* --- the way, as it is gone --- */

static int
note_hop(void *arg, const char *directory, const char *name)
{
	const char *from = arg;

	if (strncmp(directory, from, strlen(from)) != 0)
		return 0;
	note("%s:%s", directory + strlen(from), name != NULL ? name : "");
	return 0;
}

TEST(hops_are_each_name_on_the_way_and_the_file)
{
	const char *here;

	folder_open();
	here = path_of("");
	make_folder("a");
	make_link("../b/g", "a/f");
	make_link("a", "b");
	write_file("a/g", "1");
	assert_int_equal(evi_hops_walk(path_of("a/f"), note_hop, (void *)here),
	    0);
	assert_log("a:f a:g a/g:");
	folder_close();
}

static int
stop(void *arg, const char *directory, const char *name)
{
	(void)directory;
	(void)name;
	return ++*(int *)arg == 2 ? -1 : 0;
}

TEST(hops_end_when_visit_fails)
{
	int n = 0;

	folder_open();
	assert_int_equal(evi_hops_walk(path_of("f"), stop, &n), -1);
	assert_int_equal(n, 2);
	folder_close();
}

TEST(hops_end_when_a_target_is_too_long)
{
	char target[PATH_MAX], rest[PATH_MAX];
	int n = 100;

	folder_open();
	memset(target, '/', sizeof(target));
	target[sizeof(target) - 1] = '\0';
	make_link(target, "f");
	snprintf(rest, sizeof(rest), "%s/%s", path_of("f"), "rest");
	assert_int_equal(evi_hops_walk(rest, stop, &n), 0);
	folder_close();
}

/* --- what it costs, and its end --- */

/* How many system calls some passes of the loop need, but for epoll_wait(). */
static long
calls_of_passes(void)
{
	struct counts before = counts, n;
	struct event timer;
	int calls = 0;

	for (int i = 0; i < 100; i++) {
		evtimer_set(&timer, count_cb, &calls);
		event_base_set(base, &timer);
		evtimer_add(&timer, MSEC(0));
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	}
	assert_int_equal(calls, 100);
	n = counts_since(&before);
	return n.reads + n.others + n.epoll_ctl;
}

/* Others may make files where our folder is, so that there are some. */
TEST(nothing_that_changes_is_no_system_call)
{
	int tries = 0;

	open_files();
	write_file("f", "1");
	watch("f");
	write_file("f", "2");
	assert_told();
	while (calls_of_passes() != 0)
		assert_in_range(tries++, 0, 1000);
	close_files();
}

/* More than the kernel keeps: it says that some are lost. */
TEST(changes_that_are_lost_are_told)
{
	const char *names[] = {"g", "h"};
	long most = 0;
	FILE *in = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	assert_int_equal(fscanf(in, "%ld", &most), 1);
	fclose(in);
	open_files();
	watch("f");
	for (long i = 0; i < most; i++) {
		int fd = open(path_of(names[i % 2]), O_CREAT | O_RDWR, 0600);

		close(fd);
		unlink(path_of(names[i % 2]));
	}
	told = 0;
	while (told == 0)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	close_files();
}

static void
free_cb(void *arg)
{
	told++;
	evi_files_free(*(struct evi_files **)arg);
}

TEST(files_may_be_freed_when_told)
{
	struct evi_files *other;

	for (int late = 0; late < 2; late++) {
		open_files();
		other = evi_files_new(base, free_cb, &other);
		assert_int_equal(evi_files_watch(other, path_of("f")), 0);
		if (late)
			make_folder("f");
		else
			write_file("f", "1");
		assert_told();
		close_files();
	}
}

TEST(files_may_be_freed_while_a_change_settles)
{
	open_files();
	watch("f");
	make_folder("f");
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 0);
	close_files();
}

TEST(files_that_are_none_may_be_freed)
{
	evi_files_free(NULL);
}

/* The descriptor of files, as the first of its kind. */
static int
descriptor(void)
{
	char path[64], what[64];
	ssize_t n;

	for (int fd = 0; fd < 1000; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, what, sizeof(what) - 1);
		what[n > 0 ? n : 0] = '\0';
		if (strcmp(what, "anon_inode:inotify") == 0)
			return fd;
	}
	fail_msg("there is none");
	return -1;
}

TEST(descriptor_is_not_inherited_and_does_not_wait)
{
	int fd;

	open_files();
	fd = descriptor();
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close_files();
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

TEST(descriptor_that_is_another_file_now_is_not_closed)
{
	int fd, others[4];

	for (int i = 0; i < 4; i++) {
		open_files();
		write_file("f", "1");
		fd = descriptor();
		others[0] = inotify_init1(0);
		others[1] = eventfd(0, 0);
		others[2] = open(path_of("f"), O_RDONLY);
		others[3] = -1;
		if (others[i] != -1)
			assert_int_equal(dup2(others[i], fd), fd);
		else
			close(fd);
		close_files();
		assert_int_equal(close(fd), others[i] != -1 ? 0 : -1);
		for (int j = 0; j < 3; j++)
			close(others[j]);
	}
}

/* As a daemon does it: another file, with something to be read, gets the number
 * of the descriptor, which is returned. */
static int
let_another_have_the_number(void)
{
	int fd = descriptor(), other = eventfd(7, EFD_NONBLOCK);

	assert_int_equal(dup2(other, fd), fd);
	close(other);
	assert_int_equal(event_reinit(base), 0);
	return fd;
}

TEST(descriptor_that_is_another_file_now_is_not_read)
{
	uint64_t value;
	int fd;

	open_files();
	write_file("f", "1");
	watch("f");
	fd = let_another_have_the_number();
	assert_told();
	assert_int_equal(read(fd, &value, sizeof(value)), sizeof(value));
	assert_int_equal(value, 7);
	write_file("f", "2");
	assert_told();
	close_files();
	assert_int_equal(close(fd), 0);
}

TEST(descriptor_that_is_gone_and_cannot_be_had_anew_is_told_once)
{
	struct rlimit limit, none;
	int fd;

	open_files();
	watch("f");
	fd = let_another_have_the_number();
	assert_int_equal(evi_files_watch(files, path_of("g")), -1);
	assert_int_equal(errno, EBADF);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	told = 0;
	assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_int_equal(told, 1);
	assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1);
	assert_int_equal(told, 1);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(evi_files_watch(files, path_of("g")), -1);
	assert_int_equal(errno, EBADF);
	close_files();
	assert_int_equal(close(fd), 0);
}

static void
free_in_child(void *arg)
{
	(void)arg;
	evi_files_free(files);
}

TEST(files_that_a_child_frees_are_still_the_parents)
{
	open_files();
	watch("f");
	assert_int_equal(in_child(free_in_child, NULL), 0);
	write_file("f", "1");
	assert_told();
	close_files();
}

/* --- what is not to be had --- */

TEST(no_descriptor_for_files_is_NULL)
{
	struct rlimit limit, none;

	base = event_base_new();
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_null(evi_files_new(base, changed_cb, &told));
	assert_int_equal(errno, EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
	event_base_free(base);
}

/* Whether an allocation has failed. */
static bool
watches_or_says_why_not(long nth)
{
	struct evi_files *f;
	bool failed;
	int r = -1;

	fail_alloc(nth);
	errno = 0;
	f = evi_files_new(base, changed_cb, &told);
	if (f != NULL)
		r = evi_files_watch(f, path_of("f"));
	failed = alloc_failed();
	fail_alloc(0);
	if (r == -1) {
		assert_true(failed);
		assert_int_equal(errno, ENOMEM);
	}
	if (f != NULL && r == -1) {
		assert_int_equal(evi_files_watch(f, path_of("f")), 0);
		r = 0;
	}
	if (r == 0) {
		write_file("f", "1");
		assert_told();
	}
	evi_files_free(f);
	return failed;
}

TEST(files_that_get_no_memory_say_so)
{
	long nth = 1;

	open_files();
	write_file("f", "1");
	while (watches_or_says_why_not(nth))
		nth++;
	assert_in_range(nth, 4, 100);
	close_files();
}

/* The loop needs some for a descriptor with a number that is new to it. */
TEST(files_that_get_no_memory_for_their_event_are_NULL)
{
	int others[300], refused = 0;
	struct evi_files *f;

	open_files();
	for (int i = 0; i < 300; i++) {
		others[i] = eventfd(0, 0);
		fail_alloc(2);
		f = evi_files_new(base, changed_cb, &told);
		refused += f == NULL;
		assert_int_equal(f == NULL, alloc_failed());
		fail_alloc(0);
		evi_files_free(f);
	}
	assert_int_not_equal(refused, 0);
	for (int i = 0; i < 300; i++)
		close(others[i]);
	close_files();
}

/* What cannot be found anew is lost track of until the next change. */
TEST(change_that_gets_no_memory_is_told_and_so_is_the_next)
{
	bool failed = true;

	open_files();
	make_folder("a");
	make_folder("b");
	write_file("a/target", "1");
	write_file("b/target", "1");
	make_link("a/target", "f");
	watch("f");
	for (long nth = 1; failed; nth++) {
		make_link(nth % 2 ? "b/target" : "a/target", "new");
		assert_int_equal(rename(path_of("new"), path_of("f")), 0);
		told = 0;
		fail_alloc(nth);
		while (told == 0)
			if (event_base_loop(base, EVLOOP_ONCE) == -1)
				assert_true(alloc_failed());
		failed = alloc_failed();
		fail_alloc(0);
		replace_file("f", "2");
		assert_told();
		write_file("f", "3");
		assert_told();
	}
	close_files();
}
