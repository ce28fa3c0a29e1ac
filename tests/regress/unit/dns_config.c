/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lines of resolv.conf.  "libc" is what the C library of Debian 12 does
 * with the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/conf/resolv_conf.h"
#include "dns_folder.h"
#include "test.h"
#include "wrap.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

/* The settings that a file makes, as one line. */
static const char *
said(const struct resolv_conf *conf)
{
	static const char *const names[EVI_DNS_OPTIONS] = {"ndots", "timeout",
	    "attempts", "max-timeouts", "max-inflight", "rotate", "use-vc",
	    "edns0"};
	static char text[4096];
	char address[EVI_ADDRESS_TEXT];
	FILE *out = fmemopen(text, sizeof(text), "w");

	*text = '\0';
	for (int i = 0; i < conf->nservers; i++) {
		evi_address_text(&conf->servers[i], address);
		fprintf(out, "%s ", address);
	}
	fputs(conf->has_search ? "search " : "", out);
	for (int i = 0; conf->search != NULL && i < conf->search->n; i++)
		fprintf(out, "%s ", conf->search->domains[i]);
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (conf->options.all[i] != -1)
			fprintf(out, "%s:%d ", names[i], conf->options.all[i]);
	fclose(out);
	return text;
}

static enum conf_result
read_bytes(struct resolv_conf *conf, const char *bytes, size_t len)
{
	char path[32];
	int fd = memory_file(path, bytes, len);
	enum conf_result result = evi_resolv_conf_read(conf, path);

	close(fd);
	return result;
}

static void
assert_bytes_say(const char *bytes, size_t len, const char *expected)
{
	struct resolv_conf conf;

	assert_int_equal(read_bytes(&conf, bytes, len), 0);
	assert_string_equal(said(&conf), expected);
	evi_resolv_conf_free(&conf);
	assert_int_equal(conf.nservers, 0);
	assert_false(conf.has_search);
}

static void
assert_says(const char *text, const char *expected)
{
	assert_bytes_say(text, strlen(text), expected);
}

/* --- lines --- */

TEST(resolv_conf_may_be_empty)
{
	assert_says("", "");
	assert_says("\n", "");
	assert_says("\n\n \t\n\r\n", "");
	assert_bytes_say("\0\0\n\0", 4, "");
}

TEST(resolv_conf_comments_begin_with_hash_or_semicolon)
{
	assert_says("#nameserver 192.0.2.1\n;nameserver 192.0.2.2\n", "");
	assert_says("# nameserver 192.0.2.1\n; search a\n", "");
	assert_says("  # nameserver 192.0.2.1\nnameserver 192.0.2.2\n",
	    "192.0.2.2:53 ");
}

TEST(resolv_conf_comment_may_follow_on_the_line)
{
	assert_says("nameserver 192.0.2.1 # nearest\n", "192.0.2.1:53 ");
	assert_says("nameserver 192.0.2.1# nearest\n", "192.0.2.1:53 ");
	assert_says("nameserver ::1;nearest\n", "[::1]:53 ");
	assert_says("search a b # c\n", "search a b ");
	assert_says("domain a ; b\n", "search a ");
	assert_says("options rotate # ndots:2\n", "rotate:1 ");
	assert_says("search # a\n", "");
	assert_says("nameserver # 192.0.2.1\n", "");
}

TEST(resolv_conf_blanks_are_spaces_tabs_and_carriage_returns)
{
	assert_says("nameserver 192.0.2.1 \n", "192.0.2.1:53 ");
	assert_says("nameserver\t192.0.2.1\t\n", "192.0.2.1:53 ");
	assert_says("nameserver \t \t 192.0.2.1 \t\n", "192.0.2.1:53 ");
	assert_says("nameserver 192.0.2.1\r\nsearch a\tb  c\r\n"
		    "options ndots:2\trotate\r\n",
	    "192.0.2.1:53 search a b c ndots:2 rotate:1 ");
}

/* As in 1.4; libc does not recognize it. */
TEST(resolv_conf_keyword_may_be_indented)
{
	assert_says("  nameserver 192.0.2.1\n\tsearch a\n",
	    "192.0.2.1:53 search a ");
}

TEST(resolv_conf_last_line_needs_no_newline)
{
	assert_says("nameserver 192.0.2.1", "192.0.2.1:53 ");
	assert_says("\nsearch a", "search a ");
	assert_says("options rotate", "rotate:1 ");
}

TEST(resolv_conf_line_ends_at_a_NUL)
{
	static const char text[] = "nameserver 192.0.2.1\0junk\n"
				   "search a\0b c\n\0nameserver 192.0.2.2\n"
				   "nameserver 192.0.2.3\0";

	assert_bytes_say(text, sizeof(text),
	    "192.0.2.1:53 192.0.2.3:53 "
	    "search a ");
}

TEST(resolv_conf_unknown_keyword_is_ignored)
{
	assert_says("sortlist 192.0.2.0/255.255.255.0\nlookup file bind\n"
		    "family inet6 inet4\nNAMESERVER 192.0.2.1\n"
		    "nameserverx 192.0.2.1\nnameserver192.0.2.1\nname 1\n"
		    "nameserver: 192.0.2.1\n\377\376 x\nsearch\n",
	    "");
}

static char *
repeat(const char *text, size_t times)
{
	size_t len = strlen(text);
	char *all = malloc(len * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(all + i * len, text, len);
	all[len * times] = '\0';
	return all;
}

TEST(resolv_conf_line_may_be_long)
{
	static const char *const before[] = {"# ", "junk ", "nameserver ",
	    "options "};
	char *middle = repeat("x", 60000), *all = NULL;

	for (size_t i = 0; i < N(before); i++) {
		assert_int_not_equal(asprintf(&all, "%s%s\nsearch a\n",
					 before[i], middle),
		    -1);
		assert_says(all, "search a ");
		free(all);
	}
	free(middle);
}

/* --- nameservers --- */

TEST(resolv_conf_nameservers_are_in_the_order_of_the_file)
{
	assert_says("nameserver 192.0.2.3\nnameserver ::1\nsearch a\n"
		    "nameserver 192.0.2.1\n",
	    "192.0.2.3:53 [::1]:53 192.0.2.1:53 search a ");
}

TEST(resolv_conf_nameserver_may_have_port_and_scope)
{
	assert_says("nameserver 192.0.2.1:5353\nnameserver [::1]:5353\n"
		    "nameserver fe80::1%7\nnameserver [fe80::1%7]:5353\n",
	    "192.0.2.1:5353 [::1]:5353 [fe80::1%7]:53 [fe80::1%7]:5353 ");
}

TEST(resolv_conf_nameserver_that_is_repeated_counts_once)
{
	assert_says("nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
		    "nameserver 192.0.2.1:53\nnameserver 192.0.2.1:54\n",
	    "192.0.2.1:53 192.0.2.2:53 192.0.2.1:54 ");
}

TEST(resolv_conf_nameserver_that_is_not_an_address_is_ignored)
{
	assert_says("nameserver name.example.com\nnameserver 192.0.2.256\n"
		    "nameserver\nnameserver \nnameserver fe80::1%no-such-one\n"
		    "nameserver 192.0.2.1:65536\nnameserver [::1\n"
		    "nameserver 192.0.2.2\n",
	    "192.0.2.2:53 ");
}

TEST(resolv_conf_line_has_one_nameserver)
{
	assert_says("nameserver 192.0.2.1 192.0.2.2\n", "192.0.2.1:53 ");
}

/* As in 1.4; libc takes three. */
TEST(resolv_conf_nameservers_have_no_limit)
{
	struct resolv_conf conf;
	char text[65536], *end = text, expected[EVI_ADDRESS_TEXT],
			  address[EVI_ADDRESS_TEXT];
	int n;

	for (n = 0; end < text + sizeof(text) - 50; n++)
		end +=
		    sprintf(end, "nameserver 192.0.%d.%d\n", n / 256, n % 256);
	assert_int_equal(read_bytes(&conf, text, (size_t)(end - text)), 0);
	assert_int_equal(conf.nservers, n);
	for (int i = 0; i < n; i++) {
		evi_address_text(&conf.servers[i], address);
		sprintf(expected, "192.0.%d.%d:53", i / 256, i % 256);
		assert_string_equal(address, expected);
	}
	evi_resolv_conf_free(&conf);
}

/* --- the search list --- */

TEST(resolv_conf_last_of_search_and_domain_wins)
{
	assert_says("search a b\nsearch c d\n", "search c d ");
	assert_says("search a b\ndomain c\n", "search c ");
	assert_says("domain c\nsearch a b\n", "search a b ");
	assert_says("domain a\ndomain b\n", "search b ");
}

TEST(resolv_conf_domain_line_has_one_domain)
{
	assert_says("domain a b\n", "search a ");
}

TEST(resolv_conf_search_without_a_domain_does_not_count)
{
	assert_says("search\n", "");
	assert_says("search \t\n", "");
	assert_says("domain\n", "");
	assert_says("search a b\nsearch\ndomain \n", "search a b ");
}

/* Some tools write that where there is no domain to search. */
TEST(resolv_conf_search_of_the_root_searches_nothing)
{
	assert_says("search .\n", "search ");
	assert_says("domain .\n", "search ");
	assert_says("search a\nsearch .\n", "search ");
	assert_says("search . a\n", "search a ");
}

TEST(resolv_conf_dots_around_a_domain_are_dropped)
{
	assert_says("search .a.b c.d. ...e...\n", "search a.b c.d e ");
}

TEST(resolv_conf_search_list_has_no_limit)
{
	char *domains = repeat(" example.com", 5000), *text = NULL;
	struct resolv_conf conf;
	int len = asprintf(&text, "search%s\n", domains);

	assert_int_equal(read_bytes(&conf, text, (size_t)len), 0);
	assert_int_equal(conf.search->n, 5000);
	for (int i = 0; i < conf.search->n; i++)
		assert_string_equal(conf.search->domains[i], "example.com");
	evi_resolv_conf_free(&conf);
	free(domains);
	free(text);
}

/* --- options --- */

TEST(resolv_conf_options_are_set_or_stay_unset)
{
	assert_says("options ndots:2 timeout:3 attempts:4 max-timeouts:5 "
		    "max-inflight:6 rotate use-vc edns0\n",
	    "ndots:2 timeout:3 attempts:4 max-timeouts:5 max-inflight:6 "
	    "rotate:1 use-vc:1 edns0:1 ");
	assert_says("options timeout:3\n", "timeout:3 ");
	assert_says("options\n", "");
	assert_says("options ndots:2\noptions rotate\noptions ndots:3\n",
	    "ndots:3 rotate:1 ");
}

TEST(resolv_conf_unknown_options_are_ignored)
{
	assert_says("options debug no-aaaa single-request inet6 rotate "
		    "single-request-reopen no-tld-query no-reload trust-ad "
		    "no-check-names ip6-bytestring no-ip6-dotint NDOTS:4 "
		    "rotatex xrotate ndots timeout use-vcs : :3 ndot:3\n",
	    "rotate:1 ");
}

TEST(resolv_conf_options_are_capped_as_the_manual_says)
{
	assert_says("options ndots:15 timeout:30 attempts:5\n",
	    "ndots:15 timeout:30 attempts:5 ");
	assert_says("options ndots:16 timeout:31 attempts:6\n",
	    "ndots:15 timeout:30 attempts:5 ");
	assert_says("options ndots:99999999999999999999 timeout:4294967297\n",
	    "ndots:15 timeout:30 ");
	assert_says("options max-timeouts:256 max-inflight:65001\n",
	    "max-timeouts:255 max-inflight:65000 ");
}

/*
 * With a time-out of 0 no server could reply in time: libc takes a second then.
 */
TEST(resolv_conf_options_that_are_too_small_are_raised)
{
	assert_says("options ndots:0 timeout:0 attempts:0 max-timeouts:0 "
		    "max-inflight:0\n",
	    "ndots:0 timeout:1 attempts:1 max-timeouts:1 max-inflight:1 ");
}

/* As in libc. */
TEST(resolv_conf_option_has_the_number_up_to_its_last_digit)
{
	assert_says("options ndots:3x timeout:2s,attempts:4\n",
	    "ndots:3 timeout:2 ");
}

/* As in libc and 1.4. */
TEST(resolv_conf_option_without_a_number_is_0)
{
	assert_says("options ndots: timeout:\n", "ndots:0 timeout:1 ");
}

/* As in 1.4; libc takes it for 0. */
TEST(resolv_conf_option_with_an_invalid_number_is_ignored)
{
	assert_says("options ndots:x timeout:-1 attempts:-99999999999999999999 "
		    "max-timeouts:-2 max-inflight:# rotate:x\n",
	    "");
}

/* --- memory --- */

static const char all_kinds[] =
    "# a comment\nnameserver 192.0.2.1\nsearch a b c\nnameserver ::1\n"
    "options rotate ndots:3\ndomain d\nsearch e f\nnameserver [::1]:54\n";

/* Returns whether an allocation failed. */
static bool
reports_lack_of_memory(long nth)
{
	struct resolv_conf conf;
	char path[32];
	bool failed;
	int code, fd;

	fd = memory_file(path, all_kinds, sizeof(all_kinds) - 1);
	fail_alloc(nth);
	code = evi_resolv_conf_read(&conf, path);
	failed = alloc_failed();
	fail_alloc(0);
	close(fd);
	assert_int_equal(code, failed ? 4 : 0);
	evi_resolv_conf_free(&conf);
	return failed;
}

TEST(resolv_conf_that_gets_no_memory_is_code_4)
{
	long n = 0;

	while (reports_lack_of_memory(n + 1))
		n++;
	assert_in_range(n, 4, 1000);
	assert_says(all_kinds, "192.0.2.1:53 [::1]:53 [::1]:54 search e f "
			       "ndots:3 rotate:1 ");
}
