/* SPDX-License-Identifier: BSD-3-Clause */
/* "" and "." are the root's names: it is asked for, and the callback comes. */
#include "test.h"
#include "dns.h"

#define MALFORMED "sends a packet that is malformed"
#define BEFORE "reads before the name"

static const struct zone nothing[] = {{".", NXDOMAIN}, {NULL, NULL}};
static const struct zone all[] = {{"*", "192.0.2.1"}, {NULL, NULL}};

/* What becomes of a question for the root, by each function that has a name. */
static void
check_root(const char *name, const char *search)
{
	char outcomes[64];
	struct dns d;

	dns_set_up(&d, nothing);
	if (search != NULL)
		evdns_search_add(search);
	look_up(name);
	ask6(name);
	wait_all();
	ask_as_it_is(name);
	wait_all();
	assert_asked(d.server, "A ., AAAA ., A .");
	snprintf(outcomes, sizeof outcomes,
	    "%s:notexist %s:notexist %s:notexist", name, name, name);
	assert_log(outcomes);
	dns_tear_down(&d);
}

TEST(dns_empty_name_asks_for_the_root)
{
	check_root("", NULL);
}

TEST(dns_dot_asks_for_the_root, DIFFERS(V14, MALFORMED),
    DIFFERS(V21, MALFORMED))
{
	check_root(".", NULL);
}

TEST(dns_empty_name_is_not_searched_for, DIFFERS(V14, BEFORE),
    DIFFERS(V21, "it is refused"))
{
	check_root("", "a.test");
}

TEST(dns_dot_is_not_searched_for, DIFFERS(V14, MALFORMED),
    DIFFERS(V21, MALFORMED))
{
	check_root(".", "a.test");
}

TEST(dns_root_may_have_an_address)
{
	struct dns d;

	dns_set_up(&d, all);
	look_up("");
	assert_log(":192.0.2.1/60");
	dns_tear_down(&d);
}
