/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a file has changed, whatever links and folders its path has. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/file.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

/* A time so late that a file written before counts as old. */
static time_t
later(void)
{
	return time(NULL) + 60;
}

static struct file_stamp stamp;
static const char *watched;

static enum file_change
check(void)
{
	return evi_file_check(&stamp, path_of(watched), later());
}

static void
open_file(const char *name)
{
	watched = name;
	stamp = (struct file_stamp){.is_reliable = false};
	assert_int_not_equal(check(), FILE_IS_SAME);
	assert_int_equal(check(), FILE_IS_SAME);
}

/*
 * The file differs from what it was at the last check, and only the first time.
 */
static void
assert_differs(void)
{
	assert_int_equal(check(), FILE_DIFFERS);
	assert_int_equal(check(), FILE_IS_SAME);
}

static void
assert_same(void)
{
	assert_int_equal(check(), FILE_IS_SAME);
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

static void
move(const char *from, const char *to)
{
	assert_int_equal(rename(path_of(from), path_of(to)), 0);
}

/* --- the file --- */

TEST(file_written_in_place_differs)
{
	folder_open();
	write_file("f", "1");
	open_file("f");
	write_file("f", "12");
	assert_differs();
	write_file("f", "1");
	assert_differs();
	folder_close();
}

TEST(file_replaced_differs)
{
	folder_open();
	write_file("f", "1");
	open_file("f");
	for (int i = 0; i < 3; i++) {
		replace_file("f", "1");
		assert_differs();
	}
	folder_close();
}

TEST(file_removed_or_moved_away_differs_and_so_does_one_made_later)
{
	folder_open();
	open_file("f");
	write_file("f", "1");
	assert_differs();
	unlink(path_of("f"));
	assert_differs();
	write_file("f", "1");
	assert_differs();
	move("f", "g");
	assert_differs();
	write_file("g", "2");
	assert_same();
	folder_close();
}

TEST(file_that_stays_open_differs_after_each_write)
{
	int fd;

	folder_open();
	write_file("f", "1");
	open_file("f");
	fd = open(path_of("f"), O_WRONLY);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(fd, "22", 2), 2);
		assert_differs();
	}
	close(fd);
	assert_same();
	folder_close();
}

TEST(file_written_by_another_name_differs)
{
	folder_open();
	make_folder("elsewhere");
	write_file("f", "1");
	assert_int_equal(link(path_of("f"), path_of("elsewhere/g")), 0);
	open_file("f");
	write_file("elsewhere/g", "22");
	assert_differs();
	folder_close();
}

/*
 * The change is in the same tick of the file system's clock, so that stat(2)
 * does not show it; a change after a while would show.
 */
TEST(file_that_is_young_may_differ_and_an_old_one_does_not)
{
	struct file_stamp young = {.is_reliable = false};
	struct stat st;

	folder_open();
	write_file("f", "1");
	assert_int_equal(stat(path_of("f"), &st), 0);
	for (int age = 0; age < 2; age++) {
		evi_file_check(&young, path_of("f"), st.st_ctim.tv_sec + age);
		assert_int_equal(evi_file_check(&young, path_of("f"),
				     st.st_ctim.tv_sec + age),
		    FILE_MAY_DIFFER);
	}
	evi_file_check(&young, path_of("f"), st.st_ctim.tv_sec + 2);
	assert_int_equal(evi_file_check(&young, path_of("f"),
			     st.st_ctim.tv_sec + 2),
	    FILE_IS_SAME);
	folder_close();
}

/* The clock of a file server may be ahead. */
TEST(file_of_the_future_may_differ)
{
	struct file_stamp young = {.is_reliable = false};

	folder_open();
	write_file("f", "1");
	evi_file_check(&young, path_of("f"), 1);
	assert_int_equal(evi_file_check(&young, path_of("f"), 1),
	    FILE_MAY_DIFFER);
	folder_close();
}

TEST(file_whose_times_are_set_back_differs)
{
	struct timespec times[2] = {{1, 0}, {1, 0}};

	folder_open();
	write_file("f", "1");
	open_file("f");
	write_file("f", "2");
	assert_int_equal(utimensat(AT_FDCWD, path_of("f"), times, 0), 0);
	assert_differs();
	folder_close();
}

TEST(file_that_may_have_changed_differs_once)
{
	folder_open();
	write_file("f", "1");
	open_file("f");
	evi_file_distrust(&stamp);
	assert_int_equal(check(), FILE_MAY_DIFFER);
	assert_same();
	folder_close();
}

TEST(another_file_does_not_count)
{
	folder_open();
	write_file("f", "1");
	write_file("g", "1");
	open_file("f");
	write_file("g", "2");
	write_file("ff", "2");
	unlink(path_of("g"));
	make_folder("folder");
	write_file("folder/f", "2");
	assert_same();
	folder_close();
}

/* --- its path --- */

TEST(link_is_followed_to_the_file)
{
	folder_open();
	make_folder("run");
	make_link("run/target", "f");
	open_file("f");
	write_file("run/target", "1");
	assert_differs();
	write_file("run/target", "22");
	assert_differs();
	replace_file("run/target", "3");
	assert_differs();
	unlink(path_of("run/target"));
	assert_differs();
	folder_close();
}

TEST(link_that_leads_elsewhere_differs)
{
	folder_open();
	write_file("one", "1");
	write_file("two", "1");
	make_link("one", "f");
	open_file("f");
	make_link("two", "new");
	move("new", "f");
	assert_differs();
	write_file("one", "22");
	assert_same();
	write_file("two", "22");
	assert_differs();
	replace_file("f", "3");
	assert_differs();
	folder_close();
}

TEST(link_to_itself_is_not_a_file_until_it_leads_elsewhere)
{
	folder_open();
	make_link("g", "f");
	make_link("./f", "g");
	open_file("f");
	replace_file("g", "1");
	assert_differs();
	folder_close();
}

TEST(folder_that_is_made_or_replaced_differs)
{
	folder_open();
	open_file("a/f");
	write_file("a", "1");
	assert_same();
	unlink(path_of("a"));
	make_folder("a");
	assert_same();
	write_file("a/f", "1");
	assert_differs();
	move("a", "old");
	make_folder("new");
	write_file("new/f", "1");
	move("new", "a");
	assert_differs();
	write_file("old/f", "22");
	assert_same();
	folder_close();
}

TEST(folder_on_the_way_that_is_a_link_may_lead_elsewhere)
{
	folder_open();
	make_folder("a");
	make_folder("b");
	write_file("a/f", "1");
	write_file("b/f", "1");
	make_link("a", "link");
	open_file("link/./../link//f");
	make_link("b", "new");
	move("new", "link");
	assert_differs();
	folder_close();
}

TEST(impossible_path_is_not_a_file)
{
	char path[PATH_MAX + 100];
	struct file_stamp none = {.is_reliable = false};

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	evi_file_check(&none, path, later());
	assert_int_equal(evi_file_check(&none, path, later()), FILE_IS_SAME);
	assert_int_equal(evi_file_check(&none, "", later()), FILE_IS_SAME);
}

/* --- what it costs --- */

TEST(check_for_a_change_is_one_system_call)
{
	struct counts before, n;

	folder_open();
	make_link("g", "f");
	write_file("g", "1");
	open_file("f");
	before = counts;
	check();
	n = counts_since(&before);
	assert_int_equal(n.files, 1);
	assert_int_equal(n.allocs + n.reads + n.others, 0);
	folder_close();
}
