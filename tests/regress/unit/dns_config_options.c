/* SPDX-License-Identifier: BSD-3-Clause */
/* One option, as evdns_set_option() sets it. */
#include <limits.h>
#include <string.h>
#include <event.h>
#include <evdns.h>

#include "dns/conf/options.h"
#include "test.h"

#define N(array) (sizeof(array) / sizeof(*(array)))
#define UNSET (-1)
#define REFUSED (-2)

static const char *const numbers[] = {"ndots:", "timeout:", "attempts:",
    "max-timeouts:", "max-inflight:"};
static const char *const switches[] = {"rotate", "use-vc", "edns0"};

/*
 * Sets an option.  Returns its value then, UNSET, or REFUSED if the call
 * failed, which must not have set it.
 */
static int
set(const char *option, const char *val, int flags)
{
	struct dns_options options;
	int r, value = UNSET, n = 0;

	evi_options_clear(&options);
	r = evi_options_set(&options, option, val, flags);
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		if (options.all[i] != -1) {
			value = options.all[i];
			n++;
		}
	assert_in_range(n, 0, r == 0);
	return r == 0 ? value : REFUSED;
}

#define assert_set(option, val, expected)                                      \
	assert_int_equal(set(option, val, DNS_OPTIONS_ALL), expected)

TEST(options_that_are_cleared_are_unset)
{
	struct dns_options options;

	evi_options_clear(&options);
	for (int i = 0; i < EVI_DNS_OPTIONS; i++)
		assert_int_equal(options.all[i], -1);
}

TEST(options_that_are_reset_have_their_defaults)
{
	struct dns_options options;

	evi_options_reset(&options);
	assert_int_equal(options.ndots, 1);
	assert_int_equal(options.timeout, 5);
	assert_int_equal(options.attempts, 3);
	assert_int_equal(options.max_timeouts, 1);
	assert_int_equal(options.max_inflight, 64);
	assert_int_equal(options.rotate, 0);
	assert_int_equal(options.use_vc, 0);
	assert_int_equal(options.edns0, 0);
}

/* The functions change the options that are set in `one`, and no other. */
TEST(options_are_copied_unset_and_kept_one_by_one)
{
	struct dns_options one, other;

	evi_options_clear(&one);
	evi_options_reset(&other);
	one.timeout = 9;
	one.ndots = 0;
	evi_options_copy(&other, &one);
	assert_int_equal(other.timeout, 9);
	assert_int_equal(other.ndots, 0);
	assert_int_equal(other.attempts, 3);
	evi_options_keep(&one, DNS_OPTION_MISC);
	assert_int_equal(one.ndots, -1);
	assert_int_equal(one.timeout, 9);
	evi_options_unset(&other, &one);
	assert_int_equal(other.timeout, -1);
	assert_int_equal(other.ndots, 0);
	evi_options_keep(&other, DNS_OPTION_SEARCH);
	assert_int_equal(other.ndots, 0);
	assert_int_equal(other.attempts, -1);
}

TEST(option_sets_the_field_of_its_name)
{
	struct dns_options options;

	evi_options_clear(&options);
	for (size_t i = 0; i < N(numbers); i++) {
		char val[2] = {(char)('1' + i), '\0'};

		assert_int_equal(evi_options_set(&options, numbers[i], val,
				     DNS_OPTIONS_ALL),
		    0);
	}
	assert_int_equal(options.ndots, 1);
	assert_int_equal(options.timeout, 2);
	assert_int_equal(options.attempts, 3);
	assert_int_equal(options.max_timeouts, 4);
	assert_int_equal(options.max_inflight, 5);
	assert_int_equal(options.rotate, -1);
	for (size_t i = 0; i < N(switches); i++)
		assert_int_equal(evi_options_set(&options, switches[i], "",
				     DNS_OPTIONS_ALL),
		    0);
	assert_int_equal(options.rotate, 1);
	assert_int_equal(options.use_vc, 1);
	assert_int_equal(options.edns0, 1);
}

/* As in 1.4, which has no bounds for the first two. */
TEST(option_beyond_its_bounds_is_brought_to_them)
{
	assert_set("ndots:", "0", 0);
	assert_set("ndots:", "100000", 100000);
	assert_set("timeout:", "100000", 100000);
	assert_set("attempts:", "255", 255);
	assert_set("attempts:", "256", 255);
	assert_set("max-timeouts:", "0", 1);
	assert_set("max-timeouts:", "255", 255);
	assert_set("max-timeouts:", "256", 255);
	assert_set("max-inflight:", "0", 1);
	assert_set("max-inflight:", "65000", 65000);
	assert_set("max-inflight:", "65001", 65000);
	assert_set("max-inflight:", "2147483647", 65000);
}

/* 1.4 takes 0, and has every request fail at once. */
TEST(option_timeout_and_attempts_are_1_at_least)
{
	assert_set("timeout:", "0", 1);
	assert_set("attempts:", "0", 1);
}

/* As in 1.4. */
TEST(option_without_digits_is_0)
{
	assert_set("ndots:", "", 0);
	assert_set("max-inflight:", "", 1);
}

TEST(option_that_is_not_a_number_is_refused)
{
	static const char *const vals[] = {"x", "3x", "3 ", "0x10", "-1", " ",
	    "-", "3:", "99999999999999999999", "-99999999999999999999"};

	for (size_t i = 0; i < N(numbers); i++)
		for (size_t j = 0; j < N(vals); j++)
			assert_set(numbers[i], vals[j], REFUSED);
	assert_set("ndots:", " 3", 3);
	assert_set("ndots:", "+3", 3);
}

/* 1.4 takes them and sets another number. */
TEST(option_that_no_int_can_hold_or_that_is_negative_is_refused)
{
	for (size_t i = 0; i < N(numbers); i++) {
		assert_set(numbers[i], "-2", REFUSED);
		assert_set(numbers[i], "2147483648", REFUSED);
		assert_set(numbers[i], "4294967297", REFUSED);
	}
}

/* 1.4 crashes. */
TEST(option_without_a_value_is_refused)
{
	for (size_t i = 0; i < N(numbers); i++)
		assert_set(numbers[i], NULL, REFUSED);
	assert_set(NULL, "3", REFUSED);
}

TEST(option_of_an_unknown_name_is_ignored)
{
	static const char *const options[] = {"", "x", "ndots", "timeout",
	    "NDOTS:", " ndots:", "ndot:", "attempts",
	    "max-timeout:", "max-inflight", "no-aaaa", "rotatex", "use-v",
	    "edns", "rotat"};

	for (size_t i = 0; i < N(options); i++) {
		assert_set(options[i], "3", UNSET);
		assert_set(options[i], "x", UNSET);
		assert_set(options[i], NULL, UNSET);
	}
}

/* As in 1.4. */
TEST(option_is_recognized_by_its_prefix)
{
	assert_set("ndots:7", "3", 3);
	assert_set("timeout:x", "3", 3);
	assert_set("max-timeouts", "3", 3);
}

TEST(option_that_the_flags_do_not_select_is_ignored)
{
	assert_int_equal(set("ndots:", "3", DNS_OPTION_SEARCH), 3);
	assert_int_equal(set("ndots:", "3",
			     DNS_OPTION_MISC | DNS_OPTION_NAMESERVERS),
	    UNSET);
	for (size_t i = 1; i < N(numbers); i++) {
		assert_int_equal(set(numbers[i], "3", DNS_OPTION_MISC), 3);
		assert_int_equal(set(numbers[i], "3",
				     DNS_OPTION_SEARCH |
					 DNS_OPTION_NAMESERVERS),
		    UNSET);
	}
	for (size_t i = 0; i < N(switches); i++) {
		assert_int_equal(set(switches[i], "", DNS_OPTION_MISC), 1);
		assert_int_equal(set(switches[i], "", DNS_OPTION_SEARCH),
		    UNSET);
	}
}

/* As in 1.4. */
TEST(option_with_an_invalid_value_is_refused_whatever_the_flags)
{
	for (size_t i = 0; i < N(numbers); i++)
		assert_int_equal(set(numbers[i], "x", 0), REFUSED);
}

TEST(option_without_a_number_is_on_unless_its_value_is_0)
{
	for (size_t i = 0; i < N(switches); i++) {
		char colon[16];

		strcat(strcpy(colon, switches[i]), ":");
		assert_set(switches[i], NULL, 1);
		assert_set(switches[i], "", 1);
		assert_set(switches[i], "1", 1);
		assert_set(switches[i], "5", 1);
		assert_set(switches[i], "0", 0);
		assert_set(switches[i], "x", REFUSED);
		assert_set(switches[i], "-1", REFUSED);
		assert_set(colon, "", 1);
		assert_set(colon, "0", 0);
	}
}
