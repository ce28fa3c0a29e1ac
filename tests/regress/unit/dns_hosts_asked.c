/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that the hosts file answers: no nameserver is asked. */
#include <string.h>

#include "test.h"
#include "dns.h"
#include "dns_folder.h"

static const struct zone all[] = {{"*", "2001:db8::1"}, {NULL, NULL}};
static struct dns dns;

static void
set_up_hosts(const char *hosts)
{
	folder_open();
	use_folder();
	write_file("hosts", hosts);
	dns_set_up(&dns, all);
}

static void
tear_down_hosts(void)
{
	assert_string_equal(responder_log(dns.server), "");
	dns_tear_down(&dns);
	folder_close();
}

TEST(localhost_without_an_ipv6_line_is_known_without_a_packet)
{
	set_up_hosts("127.0.0.1 localhost\n");
	ask6("localhost");
	wait_all();
	ask6("a.localhost");
	wait_all();
	assert_log("localhost:::1/0 a.localhost:::1/0");
	tear_down_hosts();
}

TEST(ipv4_address_in_an_ipv6_line_is_known_without_a_packet)
{
	struct in_addr in;

	set_up_hosts("::ffff:192.0.2.7 h.test\n");
	look_up("h.test");
	ask6("h.test");
	wait_all();
	inet_pton(AF_INET, "192.0.2.7", &in);
	pending++;
	assert_int_equal(evdns_resolve_reverse(&in, 0, note_outcome_cb, "r"),
	    0);
	wait_all();
	assert_log("h.test:192.0.2.7/0 h.test:::ffff:192.0.2.7/0 r:h.test/0");
	tear_down_hosts();
}
