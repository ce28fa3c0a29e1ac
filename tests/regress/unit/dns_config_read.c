/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading resolv.conf: files of all kinds, and the environment over them. */
#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/resolv_conf.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

#define LONGEST 65535

static struct resolv_conf conf;

static int
read_file(const char *path)
{
	unsetenv("LOCALDOMAIN");
	unsetenv("RES_OPTIONS");
	return evi_resolv_conf_read(&conf, path);
}

static void
assert_said_nothing(void)
{
	assert_int_equal(conf.nservers, 0);
	assert_false(conf.has_search);
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		assert_int_equal(conf.options.all[i], -1);
	evi_resolv_conf_free(&conf);
}

static void
assert_code_and_nothing_said(const char *path, int code)
{
	assert_int_equal(read_file(path), code);
	assert_said_nothing();
}

/* A file of n bytes with a nameserver at the start, or at the end. */
static void
write_long_file(const char *name, size_t len, bool at_end)
{
	static const char server[] = "\nnameserver 192.0.2.1";
	char *text = malloc(len);

	memset(text, '#', len);
	memcpy(at_end ? text + len - strlen(server) : text, server,
	    strlen(server));
	if (!at_end)
		text[strlen(server)] = '\n';
	write_bytes(name, text, len);
	free(text);
}

TEST(resolv_conf_that_is_there_is_read)
{
	folder_open();
	write_file("conf", "nameserver 192.0.2.1\nsearch a\n");
	assert_int_equal(read_file(path_of("conf")), 0);
	assert_int_equal(conf.nservers, 1);
	assert_int_equal(conf.search->n, 1);
	assert_string_equal(conf.search->domains[0], "a");
	evi_resolv_conf_free(&conf);
	folder_close();
}

TEST(resolv_conf_that_is_missing_is_code_1)
{
	folder_open();
	assert_code_and_nothing_said(path_of("conf"), 1);
	assert_code_and_nothing_said("", 1);
	assert_code_and_nothing_said(NULL, 1);
	folder_close();
}

TEST(resolv_conf_that_is_a_directory_is_code_5)
{
	folder_open();
	assert_code_and_nothing_said(path_of(""), 5);
	folder_close();
}

TEST(resolv_conf_that_is_empty_says_nothing)
{
	folder_open();
	write_file("conf", "");
	assert_code_and_nothing_said(path_of("conf"), 0);
	assert_code_and_nothing_said("/dev/null", 0);
	folder_close();
}

TEST(resolv_conf_of_65535_bytes_is_read_to_its_end)
{
	folder_open();
	for (int at_end = 0; at_end < 2; at_end++) {
		write_long_file("conf", LONGEST, at_end);
		assert_int_equal(read_file(path_of("conf")), 0);
		assert_int_equal(conf.nservers, 1);
		evi_resolv_conf_free(&conf);
	}
	folder_close();
}

TEST(resolv_conf_of_more_than_65535_bytes_is_code_3)
{
	static const size_t lens[] = {LONGEST + 1, LONGEST + 2, 1 << 20};

	folder_open();
	for (int i = 0; i < 3; i++) {
		write_long_file("conf", lens[i], false);
		assert_code_and_nothing_said(path_of("conf"), 3);
	}
	folder_close();
}

TEST(resolv_conf_whose_size_is_reported_as_0_is_read)
{
	assert_code_and_nothing_said("/proc/self/status", 0);
}

/* 1.4 waits for ever to open the first. */
TEST(resolv_conf_that_is_a_fifo_or_without_end_does_not_block)
{
	folder_open();
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_code_and_nothing_said(path_of("fifo"), 0);
	assert_code_and_nothing_said("/dev/zero", 3);
	folder_close();
}

TEST(resolv_conf_that_is_a_fifo_with_nothing_in_it_is_code_5)
{
	int fd;

	folder_open();
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	fd = open(path_of("fifo"), O_RDWR);
	assert_code_and_nothing_said(path_of("fifo"), 5);
	close(fd);
	folder_close();
}

TEST(resolv_conf_that_gets_no_descriptor_is_code_1)
{
	struct rlimit limit, none;

	folder_open();
	write_file("conf", "nameserver 192.0.2.1\n");
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_code_and_nothing_said(path_of("conf"), 1);
	setrlimit(RLIMIT_NOFILE, &limit);
	folder_close();
}

/* --- the environment --- */

/*
 * Reads with LOCALDOMAIN set.  Returns the search list as one line, "-" if
 * there is none.
 */
static const char *
searched(const char *localdomain)
{
	static char text[256];

	setenv("LOCALDOMAIN", localdomain, 1);
	assert_int_equal(evi_resolv_conf_read(&conf, path_of("conf")), 0);
	strcpy(text, conf.has_search ? "" : "-");
	for (int i = 0; conf.search != NULL && i < conf.search->n; i++)
		strcat(strcat(text, conf.search->domains[i]), " ");
	evi_resolv_conf_free(&conf);
	return text;
}

TEST(LOCALDOMAIN_overrides_the_search_list)
{
	folder_open();
	unsetenv("RES_OPTIONS");
	write_file("conf", "search a b\n");
	assert_string_equal(searched("c\td  e"), "c d e ");
	assert_string_equal(searched(" .c. "), "c ");
	write_file("conf", "");
	assert_string_equal(searched("c"), "c ");
	folder_close();
}

/* As in libc. */
TEST(LOCALDOMAIN_without_a_domain_searches_nothing)
{
	folder_open();
	unsetenv("RES_OPTIONS");
	write_file("conf", "search a b\n");
	assert_string_equal(searched(""), "");
	assert_string_equal(searched("  "), "");
	assert_string_equal(searched("."), "");
	folder_close();
}

TEST(RES_OPTIONS_amends_the_options)
{
	folder_open();
	unsetenv("LOCALDOMAIN");
	write_file("conf", "options ndots:2 timeout:3\n");
	setenv("RES_OPTIONS", "ndots:4\trotate no-aaaa attempts:99", 1);
	assert_int_equal(evi_resolv_conf_read(&conf, path_of("conf")), 0);
	assert_int_equal(conf.options.ndots, 4);
	assert_int_equal(conf.options.timeout, 3);
	assert_int_equal(conf.options.attempts, 5);
	assert_int_equal(conf.options.rotate, 1);
	assert_int_equal(conf.options.use_vc, -1);
	evi_resolv_conf_free(&conf);
	folder_close();
}

TEST(environment_counts_without_a_file)
{
	folder_open();
	setenv("LOCALDOMAIN", "a", 1);
	setenv("RES_OPTIONS", "use-vc", 1);
	assert_int_equal(evi_resolv_conf_read(&conf, path_of("conf")), 1);
	assert_int_equal(conf.search->n, 1);
	assert_int_equal(conf.options.use_vc, 1);
	evi_resolv_conf_free(&conf);
	folder_close();
}

/* --- memory --- */

static bool
reports_lack_of_memory(long nth)
{
	bool failed;
	int code;

	fail_alloc(nth);
	code = evi_resolv_conf_read(&conf, path_of("conf"));
	failed = alloc_failed();
	fail_alloc(0);
	assert_int_equal(code, failed ? 4 : 0);
	evi_resolv_conf_free(&conf);
	return failed;
}

TEST(resolv_conf_file_that_gets_no_memory_is_code_4)
{
	long n = 0;

	folder_open();
	setenv("LOCALDOMAIN", "c d", 1);
	setenv("RES_OPTIONS", "use-vc", 1);
	write_file("conf", "nameserver 192.0.2.1\nsearch a b\n");
	while (reports_lack_of_memory(n + 1))
		n++;
	assert_in_range(n, 5, 100);
	folder_close();
}

/* --- the host's own domain --- */

TEST(host_has_the_domain_after_its_first_dot)
{
	char host[HOST_NAME_MAX + 1] = "", domain[sizeof(host)];
	const char *dot;

	assert_int_equal(gethostname(host, sizeof(host)), 0);
	dot = strchr(host, '.');
	evi_resolv_conf_domain(domain, sizeof(domain));
	assert_string_equal(domain, dot != NULL ? dot + 1 : "");
}
