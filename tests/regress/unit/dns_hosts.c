/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and addresses in the hosts file. */
#include <sys/resource.h>
#include <arpa/inet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/file.h"
#include "dns/conf/hosts.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

#define NOT_KNOWN "?"
#define NO_MEMORY "no memory"

static struct hosts *hosts;

/* Uses a hosts file with this text; NULL: there is no file. */
static void
open_hosts(const char *text)
{
	folder_open();
	use_folder();
	if (text != NULL)
		write_file("hosts", text);
	hosts = evi_hosts_new();
	assert_non_null(hosts);
}

static void
close_hosts(void)
{
	evi_hosts_free(hosts);
	folder_close();
}

/* The addresses of a name, as one line. */
static const char *
addresses(int family, const char *name)
{
	static char text[1024];
	char one[INET6_ADDRSTRLEN];
	const char *bytes;
	void *found;
	int r, n;

	r = evi_hosts_addresses(hosts, name, family, &found, &n);
	if (r == -1)
		return NO_MEMORY;
	if (r == 0) {
		assert_int_equal(n, 0);
		return NOT_KNOWN;
	}
	*text = '\0';
	bytes = found;
	for (int i = 0; i < n; i++) {
		inet_ntop(family, bytes, one, sizeof(one));
		strcat(strcat(text, *text != '\0' ? " " : ""), one);
		bytes += family == AF_INET ? 4 : 16;
	}
	free(found);
	return text;
}

static const char *
v4(const char *name)
{
	return addresses(AF_INET, name);
}

static const char *
v6(const char *name)
{
	return addresses(AF_INET6, name);
}

/* The name of an address. */
static const char *
name_of(const char *address)
{
	int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned char bytes[16];
	const char *name;
	int r;

	assert_int_equal(inet_pton(family, address, bytes), 1);
	r = evi_hosts_name(hosts, family, bytes, &name);
	assert_int_equal(r, name != NULL);
	return name != NULL ? name : NOT_KNOWN;
}

/* --- names --- */

TEST(hosts_has_several_names_on_a_line)
{
	open_hosts("192.0.2.1 first second\tthird\n");
	assert_string_equal(v4("first"), "192.0.2.1");
	assert_string_equal(v4("second"), "192.0.2.1");
	assert_string_equal(v4("third"), "192.0.2.1");
	assert_string_equal(v4("fourth"), NOT_KNOWN);
	assert_string_equal(v4("firs"), NOT_KNOWN);
	assert_string_equal(v4("firsts"), NOT_KNOWN);
	assert_string_equal(v4("192.0.2"), NOT_KNOWN);
	assert_string_equal(v4(""), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_name_on_several_lines_has_all_addresses_in_their_order)
{
	open_hosts("192.0.2.9 a\n2001:db8::9 a\n192.0.2.1 b\n192.0.2.5 x a\n"
		   "2001:db8::1 a\n192.0.2.1 a\n");
	assert_string_equal(v4("a"), "192.0.2.9 192.0.2.5 192.0.2.1");
	assert_string_equal(v6("a"), "2001:db8::9 2001:db8::1");
	assert_string_equal(v4("b"), "192.0.2.1");
	close_hosts();
}

TEST(hosts_address_counts_once_for_a_name)
{
	open_hosts("192.0.2.2 a a A\n192.0.2.1 a\n192.0.2.2 b a\n::1 a\n"
		   "0:0:0:0:0:0:0:1 a.\n");
	assert_string_equal(v4("a"), "192.0.2.2 192.0.2.1");
	assert_string_equal(v6("a"), "::1");
	close_hosts();
}

TEST(hosts_name_of_the_other_family_only_is_known)
{
	open_hosts("192.0.2.1 four\n2001:db8::1 six\n");
	assert_string_equal(v6("four"), "");
	assert_string_equal(v4("six"), "");
	assert_string_equal(v6("six"), "2001:db8::1");
	assert_string_equal(v6("seven"), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_names_have_no_case_and_no_dot_at_the_end)
{
	open_hosts("192.0.2.1 Name.Example\n192.0.2.2 dotted.example.\n");
	assert_string_equal(v4("name.example"), "192.0.2.1");
	assert_string_equal(v4("NAME.EXAMPLE."), "192.0.2.1");
	assert_string_equal(v4("dotted.example"), "192.0.2.2");
	assert_string_equal(v4("DOTTED.example."), "192.0.2.2");
	assert_string_equal(v4("name.example.."), NOT_KNOWN);
	assert_string_equal(v4("."), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_comments_blanks_and_line_ends_are_skipped)
{
	open_hosts("# 192.0.2.1 a\n\n   \n\t192.0.2.2\tb # c\r\n"
		   "192.0.2.3 d#e\r\n192.0.2.4#f\n192.0.2.5 g");
	assert_string_equal(v4("a"), NOT_KNOWN);
	assert_string_equal(v4("b"), "192.0.2.2");
	assert_string_equal(v4("c"), NOT_KNOWN);
	assert_string_equal(v4("d"), "192.0.2.3");
	assert_string_equal(v4("e"), NOT_KNOWN);
	assert_string_equal(v4("f"), NOT_KNOWN);
	assert_string_equal(v4("g"), "192.0.2.5");
	close_hosts();
}

TEST(hosts_line_that_is_invalid_is_ignored)
{
	open_hosts("junk a\n192.0.2.256 a\n192.0.2 a\n192.0.2.1:53 a\n"
		   "::1::1 a\n%lo a\n: a\n192.0.2.1\n192.0.2.1 . ..\n a\na\n"
		   "\377\376\001 a\n192.0.2.2 b\n");
	assert_string_equal(v4("a"), NOT_KNOWN);
	assert_string_equal(v6("a"), NOT_KNOWN);
	assert_string_equal(v4("b"), "192.0.2.2");
	close_hosts();
}

TEST(hosts_file_without_a_name_knows_none)
{
	open_hosts("# nothing\n127.0.0.1\n");
	assert_string_equal(v4("a.test"), NOT_KNOWN);
	assert_string_equal(addresses(AF_INET6, "a.test"), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_line_ends_at_a_NUL)
{
	static const char text[] = "192.0.2.1 a\0 b\n192.0.2.\0002 c\n"
				   "192.0.2.3 d\0";

	open_hosts(NULL);
	write_bytes("hosts", text, sizeof(text));
	assert_string_equal(v4("a"), "192.0.2.1");
	assert_string_equal(v4("b"), NOT_KNOWN);
	assert_string_equal(v4("c"), NOT_KNOWN);
	assert_string_equal(v4("d"), "192.0.2.3");
	close_hosts();
}

/* An answer of evdns has no room for a scope. */
TEST(hosts_scope_is_dropped)
{
	open_hosts("fe80::1%lo a\nfe80::2%no-such-one b\n");
	assert_string_equal(v6("a"), "fe80::1");
	assert_string_equal(v6("b"), "fe80::2");
	assert_string_equal(name_of("fe80::1"), "a");
	close_hosts();
}

TEST(hosts_name_may_be_long)
{
	char text[3000] = "192.0.2.1 ", *name = text + strlen(text);

	memset(name, 'a', sizeof(text) - 20);
	open_hosts(text);
	assert_string_equal(v4(name), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_file_may_be_long)
{
	char *text = malloc(100000 * 50), *end = text, name[40], address[40];
	int n;

	for (n = 0; n < 100000; n++)
		end += sprintf(end, "10.%d.%d.%d name%d.example alias%d\n",
		    n >> 16, n >> 8 & 255, n & 255, n, n);
	open_hosts(text);
	free(text);
	for (n = 0; n < 100000; n += 37) {
		sprintf(address, "10.%d.%d.%d", n >> 16, n >> 8 & 255, n & 255);
		sprintf(name, "alias%d", n);
		assert_string_equal(v4(name), address);
		sprintf(name, "name%d.example", n);
		assert_string_equal(v4(name), address);
		assert_string_equal(name_of(address), name);
	}
	close_hosts();
}

TEST(hosts_name_may_be_on_very_many_lines)
{
	char *text = malloc(100000 * 20), *end = text;
	void *found;
	int count;

	for (int n = 0; n < 100000; n++)
		end += sprintf(end, "10.%d.%d.%d a\n", n >> 16, n >> 8 & 255,
		    n & 255);
	open_hosts(text);
	free(text);
	assert_int_equal(evi_hosts_addresses(hosts, "a", AF_INET, &found,
			     &count),
	    1);
	assert_int_equal(count, 100000);
	assert_memory_equal((const char *)found + 4 * 99999, "\x0a\1\x86\x9f",
	    4);
	free(found);
	close_hosts();
}

/* --- addresses --- */

TEST(hosts_address_has_the_first_name_of_its_first_line)
{
	open_hosts("192.0.2.1 first alias\n192.0.2.2 two\n192.0.2.1 second\n"
		   "2001:db8::1 Six alias\n2001:DB8:0::1 other\n");
	assert_string_equal(name_of("192.0.2.1"), "first");
	assert_string_equal(name_of("192.0.2.2"), "two");
	assert_string_equal(name_of("192.0.2.3"), NOT_KNOWN);
	assert_string_equal(name_of("2001:db8::1"), "Six");
	assert_string_equal(name_of("2001:db8::2"), NOT_KNOWN);
	/* The same bytes, but of the other family. */
	assert_string_equal(name_of("c000:201::"), NOT_KNOWN);
	close_hosts();
}

/* As in glibc. */
TEST(hosts_line_of_an_ipv4_mapped_address_counts_for_both_families)
{
	open_hosts("::ffff:192.0.2.1 a b\n192.0.2.2 a\n::ffff:192.0.2.2 a\n"
		   "::192.0.2.3 c\n::ffff:c000:204%1 d\n");
	assert_string_equal(v4("a"), "192.0.2.1 192.0.2.2");
	assert_string_equal(v6("a"), "::ffff:192.0.2.1 ::ffff:192.0.2.2");
	assert_string_equal(v4("b"), "192.0.2.1");
	assert_string_equal(v4("c"), "");
	assert_string_equal(v4("d"), "192.0.2.4");
	assert_string_equal(name_of("192.0.2.1"), "a");
	assert_string_equal(name_of("::ffff:192.0.2.1"), "a");
	assert_string_equal(name_of("192.0.2.3"), NOT_KNOWN);
	close_hosts();
}

/* --- what the library knows without the file --- */

TEST(localhost_is_known_without_a_file)
{
	static const char *const names[] = {"localhost", "localhost.",
	    "LocalHost", "a.localhost", "a.b.LOCALHOST."};

	open_hosts(NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_string_equal(v4(names[i]), "127.0.0.1");
		assert_string_equal(v6(names[i]), "::1");
		assert_true(evi_hosts_is_local(names[i]));
	}
	assert_string_equal(name_of("127.0.0.1"), "localhost");
	assert_string_equal(name_of("::1"), "localhost");
	assert_string_equal(name_of("127.0.0.2"), NOT_KNOWN);
	assert_string_equal(name_of("::2"), NOT_KNOWN);
	close_hosts();
}

TEST(localhost_has_the_address_in_the_file)
{
	open_hosts("127.0.0.9 localhost\n::9 a.localhost\n127.0.0.1 me\n");
	assert_string_equal(v4("localhost"), "127.0.0.9");
	assert_string_equal(v6("a.localhost"), "::9");
	assert_string_equal(v4("b.localhost"), "127.0.0.1");
	assert_string_equal(name_of("127.0.0.1"), "me");
	assert_string_equal(name_of("127.0.0.9"), "localhost");
	assert_string_equal(name_of("::1"), "localhost");
	close_hosts();
}

/* RFC 6761: no nameserver may be asked. */
TEST(localhost_of_one_family_in_the_file_is_known_by_the_other)
{
	open_hosts("127.0.0.9 localhost a.localhost\n::9 b.localhost\n");
	assert_string_equal(v6("localhost"), "::1");
	assert_string_equal(v6("a.localhost."), "::1");
	assert_string_equal(v4("b.localhost"), "127.0.0.1");
	close_hosts();
}

TEST(names_that_contain_localhost_are_not_known)
{
	static const char *const names[] = {"localhos", "localhostx",
	    "xlocalhost", ".localhost", "localhost.example", "localhost.."};

	open_hosts(NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_string_equal(v4(names[i]), NOT_KNOWN);
		assert_false(evi_hosts_is_local(names[i]));
	}
	close_hosts();
}

TEST(numeric_address_resolves_to_itself)
{
	open_hosts("192.0.2.9 192.0.2.1\n");
	assert_string_equal(v4("192.0.2.1"), "192.0.2.1");
	assert_string_equal(v4("192.0.2.1."), "192.0.2.1");
	assert_string_equal(v6("192.0.2.1"), "");
	assert_string_equal(v6("2001:DB8::1"), "2001:db8::1");
	assert_string_equal(v4("2001:db8::1"), "");
	assert_string_equal(v4("127.1"), NOT_KNOWN);
	assert_string_equal(v4("192.0.2.256"), NOT_KNOWN);
	assert_string_equal(v6("[::1]"), NOT_KNOWN);
	assert_true(evi_hosts_is_local("192.0.2.1"));
	assert_true(evi_hosts_is_local("::1"));
	assert_false(evi_hosts_is_local("127.1"));
	assert_false(evi_hosts_is_local(""));
	close_hosts();
}

TEST(hosts_file_that_cannot_be_read_is_an_empty_one)
{
	open_hosts(NULL);
	evi_file_names.hosts = path_of("");
	assert_string_equal(v4("a"), NOT_KNOWN);
	assert_string_equal(v4("localhost"), "127.0.0.1");
	evi_hosts_check_files(hosts);
	evi_file_names.hosts = "/dev/zero";
	assert_string_equal(v4("a"), NOT_KNOWN);
	assert_string_equal(v4("localhost"), "127.0.0.1");
	close_hosts();
}

/* --- when it is read --- */

TEST(hosts_is_read_at_the_first_lookup_and_after_it_was_forgotten)
{
	open_hosts("192.0.2.1 a\n");
	write_file("hosts", "192.0.2.2 a\n");
	assert_string_equal(v4("a"), "192.0.2.2");
	write_file("hosts", "192.0.2.3 a\n");
	assert_string_equal(v4("a"), "192.0.2.2");
	evi_hosts_check_files(hosts);
	assert_string_equal(v4("a"), "192.0.2.3");
	assert_int_equal(unlink(path_of("hosts")), 0);
	evi_hosts_check_files(hosts);
	assert_string_equal(v4("a"), NOT_KNOWN);
	close_hosts();
}

TEST(hosts_that_was_read_is_searched_without_a_system_call)
{
	struct counts before, n;

	open_hosts("192.0.2.1 a\n");
	v4("a");
	before = counts;
	for (int i = 0; i < 100; i++) {
		v4("a");
		v6("b");
		name_of("192.0.2.1");
		assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_FIRST);
	}
	n = counts_since(&before);
	assert_int_equal(n.reads + n.others, 0);
	/* The answers. */
	assert_int_equal(n.allocs, 100);
	close_hosts();
}

/* --- memory and descriptors --- */

static const char some[] = "192.0.2.1 a b\n2001:db8::1 a\n192.0.2.2 c\n";

/* Returns whether an allocation failed. */
static bool
is_refused_without_memory(long nth)
{
	void *found;
	bool failed;
	int r, count;

	hosts = evi_hosts_new();
	assert_non_null(hosts);
	fail_alloc(nth);
	errno = 0;
	r = evi_hosts_addresses(hosts, "c", AF_INET, &found, &count);
	failed = alloc_failed();
	fail_alloc(0);
	assert_int_equal(r, failed ? -1 : 1);
	if (failed)
		assert_int_equal(errno, ENOMEM);
	free(found);
	assert_string_equal(v4("c"), "192.0.2.2");
	evi_hosts_free(hosts);
	return failed;
}

TEST(hosts_that_gets_no_memory_refuses_and_is_read_the_next_time)
{
	long n = 0;

	folder_open();
	use_folder();
	write_file("hosts", some);
	write_file("nsswitch.conf", "hosts: files dns\n");
	while (is_refused_without_memory(n + 1))
		n++;
	assert_in_range(n, 5, 100);
	folder_close();
}

TEST(hosts_that_gets_no_memory_to_be_read_again_stays_as_it_was)
{
	bool failed = true;
	const char *found;

	open_hosts(some);
	assert_string_equal(v4("c"), "192.0.2.2");
	write_file("hosts", "192.0.2.3 c\n2001:db8::3 c\n");
	evi_hosts_check_files(hosts);
	for (long nth = 1; failed; nth++) {
		fail_alloc(nth);
		found = v4("c");
		failed = alloc_failed();
		fail_alloc(0);
		if (!failed || strcmp(found, NO_MEMORY) != 0)
			assert_string_equal(found,
			    failed ? "192.0.2.2" : "192.0.2.3");
	}
	assert_string_equal(v4("c"), "192.0.2.3");
	close_hosts();
}

TEST(hosts_that_gets_no_descriptor_refuses_and_is_read_the_next_time)
{
	struct rlimit limit, none;
	void *found;
	const char *name;
	int count;

	open_hosts(some);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(evi_hosts_addresses(hosts, "c", AF_INET, &found,
			     &count),
	    -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(evi_hosts_name(hosts, AF_INET, "\300\0\2\2", &name),
	    -1);
	assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_FIRST);
	assert_string_equal(v4("192.0.2.1"), "192.0.2.1");
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_string_equal(v4("c"), "192.0.2.2");
	evi_hosts_check_files(hosts);
	setrlimit(RLIMIT_NOFILE, &none);
	assert_string_equal(v4("c"), "192.0.2.2");
	setrlimit(RLIMIT_NOFILE, &limit);
	close_hosts();
}

TEST(no_memory_for_hosts_is_NULL)
{
	fail_alloc(1);
	assert_null(evi_hosts_new());
	fail_alloc(0);
	evi_hosts_free(NULL);
}
