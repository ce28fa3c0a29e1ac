/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the hosts file is searched before DNS, after it or never: the hosts
 * line of nsswitch.conf.  "libc" is what the C library of Debian 12 does with
 * the same bytes.
 */
#include <arpa/inet.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/hosts.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

static void
assert_order(const char *text, enum hosts_order expected)
{
	enum hosts_order order;
	char path[32];
	int fd = memory_file(path, text, strlen(text));

	assert_int_equal(evi_nsswitch_read(&order, path), 0);
	close(fd);
	if (order != expected)
		fail_msg("%d, not %d: %s", (int)order, (int)expected, text);
}

TEST(order_is_that_of_files_and_dns)
{
	assert_order("hosts: files dns\n", EVI_HOSTS_FIRST);
	assert_order("hosts: dns files\n", EVI_HOSTS_LAST);
	assert_order("hosts: files resolve dns\n", EVI_HOSTS_FIRST);
	assert_order("hosts: resolve files dns\n", EVI_HOSTS_LAST);
	assert_order("hosts: mymachines files myhostname dns\n",
	    EVI_HOSTS_FIRST);
	assert_order("hosts: files\n", EVI_HOSTS_FIRST);
}

TEST(order_without_files_is_never)
{
	assert_order("hosts: dns\n", EVI_HOSTS_NEVER);
	assert_order("hosts: db FILES filesx\n", EVI_HOSTS_NEVER);
	assert_order("hosts:\n", EVI_HOSTS_NEVER);
}

TEST(order_without_a_hosts_line_is_first)
{
	assert_order("", EVI_HOSTS_FIRST);
	assert_order("passwd: dns\n", EVI_HOSTS_FIRST);
	assert_order("# hosts: dns\n", EVI_HOSTS_FIRST);
	assert_order("Hosts: dns\nhost: dns\nhostsx: dns\nhosts\n",
	    EVI_HOSTS_FIRST);
}

TEST(order_ignores_actions)
{
	assert_order("hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
	    EVI_HOSTS_FIRST);
	assert_order("hosts: resolve [!UNAVAIL=return] files dns\n",
	    EVI_HOSTS_LAST);
	assert_order("hosts: [ dns = return ] files dns\n", EVI_HOSTS_FIRST);
	assert_order("hosts: dns[NOTFOUND=return]files\n", EVI_HOSTS_LAST);
	assert_order("hosts: dns [files\n", EVI_HOSTS_NEVER);
	assert_order("hosts: dns ] files\n", EVI_HOSTS_LAST);
}

/* As in libc. */
TEST(order_is_that_of_the_last_line)
{
	assert_order("hosts: dns\nhosts: files\n", EVI_HOSTS_FIRST);
	assert_order("hosts: files\nhosts: dns\n", EVI_HOSTS_NEVER);
}

TEST(order_line_may_have_blanks_comments_and_any_line_end)
{
	assert_order("hosts:dns files", EVI_HOSTS_LAST);
	assert_order("  hosts : dns\tfiles\r\n", EVI_HOSTS_LAST);
	assert_order("hosts: dns # files\n", EVI_HOSTS_NEVER);
	assert_order("hosts: dns\r\n", EVI_HOSTS_NEVER);
}

static const char *
address_of(struct hosts *hosts, const char *name)
{
	static char text[INET6_ADDRSTRLEN];
	void *found;
	int r, count;

	r = evi_hosts_addresses(hosts, name, AF_INET, &found, &count);
	if (r != 1)
		return "?";
	assert_int_equal(count, 1);
	inet_ntop(AF_INET, found, text, sizeof(text));
	free(found);
	return text;
}

TEST(order_without_files_still_answers_localhost_and_numeric_addresses)
{
	struct hosts *hosts = evi_hosts_new();
	const char *name;

	folder_open();
	use_folder();
	write_file("nsswitch.conf", "hosts: dns\n");
	write_file("hosts", "192.0.2.1 a\n192.0.2.2 localhost\n");
	assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_NEVER);
	assert_string_equal(address_of(hosts, "a"), "?");
	assert_string_equal(address_of(hosts, "localhost"), "127.0.0.1");
	assert_string_equal(address_of(hosts, "192.0.2.9"), "192.0.2.9");
	assert_int_equal(evi_hosts_name(hosts, AF_INET, "\300\0\2\1", &name),
	    0);
	assert_int_equal(evi_hosts_name(hosts, AF_INET, "\177\0\0\1", &name),
	    1);
	assert_string_equal(name, "localhost");
	evi_hosts_free(hosts);
	folder_close();
}

TEST(order_is_read_at_the_first_lookup_and_after_it_was_forgotten)
{
	struct hosts *hosts = evi_hosts_new();

	folder_open();
	use_folder();
	assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_FIRST);
	write_file("nsswitch.conf", "hosts: dns files\n");
	assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_FIRST);
	evi_hosts_check_files(hosts);
	assert_int_equal(evi_hosts_order(hosts), EVI_HOSTS_LAST);
	evi_hosts_free(hosts);
	folder_close();
}

TEST(order_that_gets_no_memory_is_an_error)
{
	enum hosts_order order;
	char path[32];
	int fd = memory_file(path, "hosts: dns", 10);

	fail_alloc(1);
	assert_int_equal(evi_nsswitch_read(&order, path), -1);
	fail_alloc(0);
	close(fd);
	assert_int_equal(order, EVI_HOSTS_FIRST);
}
