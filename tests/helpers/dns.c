/* SPDX-License-Identifier: BSD-3-Clause */
/* Servers that know a few names, and requests; see the header. */
#include "dns.h"
#include "test.h"

void
zone_rule(const struct question *q, struct reply *reply, void *arg)
{
	const struct zone *zone = arg;
	const char *text = NXDOMAIN;

	for (; zone != NULL && zone->name != NULL; zone++) {
		if (strcasecmp(zone->name, q->name) == 0 ||
		    strcmp(zone->name, "*") == 0) {
			text = zone->reply;
			break;
		}
	}
	if (strcmp(text, SILENCE) == 0)
		reply->drop = true;
	else if (strcmp(text, TRUNCATED) == 0)
		reply->flags |= FLAG_TRUNCATED;
	else if (strpbrk(text, ".:") == NULL)
		reply_rcode(reply, atoi(text));
	else if (q->type == TYPE_PTR)
		reply_ptr(reply, text, 60);
	else if (q->type == TYPE_AAAA && strchr(text, ':') != NULL)
		reply_aaaa(reply, text, 60);
	else if (q->type == TYPE_A && strchr(text, ':') == NULL)
		reply_a(reply, text, 60);
}

void
use_server(struct responder *server)
{
	const char *address = responder_address(server);

	assert_int_equal(evdns_nameserver_ip_add(address), 0);
}

void
dns_set_up_bare(struct dns *d)
{
	memset(d, 0, sizeof *d);
	d->base = event_init();
	/* libevent 2.1 would write the names in any case. */
	evdns_set_option("randomize-case:", "0", DNS_OPTIONS_ALL);
}

void
dns_set_up_with(struct dns *d, int flags, responder_rule rule, void *arg)
{
	dns_set_up_bare(d);
	d->server = responder_new("127.0.0.1", flags, rule, arg);
	use_server(d->server);
}

void
dns_set_up(struct dns *d, const struct zone *zone)
{
	dns_set_up_with(d, 0, zone_rule, (void *)zone);
}

void
dns_set_up_child(struct dns *d, const struct zone *zone)
{
	dns_set_up_with(d, RESPONDER_CHILD, zone_rule, (void *)zone);
}

void
add_second(struct dns *d, const struct zone *zone)
{
	d->second = responder_new("127.0.0.2", 0, zone_rule, (void *)zone);
	use_server(d->second);
}

void
dns_tear_down(struct dns *d)
{
	evdns_shutdown(0);
	if (d->server != NULL)
		responder_free(d->server);
	if (d->second != NULL)
		responder_free(d->second);
	if (d->third != NULL)
		responder_free(d->third);
	event_base_free(d->base);
}

int pending;

static const char *
result_name(int result)
{
	static const struct {
		int result;
		const char *name;
	} names[] = {
	    {DNS_ERR_FORMAT, "format"},
	    {DNS_ERR_SERVERFAILED, "serverfailed"},
	    {DNS_ERR_NOTEXIST, "notexist"},
	    {DNS_ERR_NOTIMPL, "notimpl"},
	    {DNS_ERR_REFUSED, "refused"},
	    {DNS_ERR_TRUNCATED, "truncated"},
	    {DNS_ERR_UNKNOWN, "unknown"},
	    {DNS_ERR_TIMEOUT, "timeout"},
	    {DNS_ERR_SHUTDOWN, "shutdown"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].result == result)
			return names[i].name;
	return "?";
}

static void
note_answer(const char *name, char type, int count, int ttl, char *addresses)
{
	char text[1024] = "", *at = text;

	assert_true(count > 0 && count < 20);
	assert_non_null(addresses);
	if (type == DNS_PTR) {
		note("%s:%s/%d", name, *(char **)addresses, ttl);
		return;
	}
	for (int i = 0; i < count; i++) {
		int family = type == DNS_IPv4_A ? AF_INET : AF_INET6;
		int size = family == AF_INET ? 4 : 16;

		if (i > 0)
			*at++ = ',';
		assert_non_null(inet_ntop(family, addresses + i * size, at,
		    INET6_ADDRSTRLEN));
		at += strlen(at);
	}
	note("%s:%s/%d", name, text, ttl);
}

void
note_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	pending--;
	if (result == DNS_ERR_NONE) {
		note_answer(name, type, count, ttl, addresses);
		return;
	}
	note("%s:%s", (char *)name, result_name(result));
	assert_int_equal(type, 0);
	assert_int_equal(count, 0);
	assert_int_equal(ttl, 0);
	assert_null(addresses);
}

void
no_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name)
{
	(void)type;
	(void)count;
	(void)ttl;
	(void)addresses;
	fail_msg("a callback for %s, result %d", (char *)name, result);
}

void
ask_with(const char *name, int flags, evdns_callback_type cb)
{
	pending++;
	assert_int_equal(evdns_resolve_ipv4(name, flags, cb, (char *)name), 0);
}

void
ask(const char *name)
{
	ask_with(name, 0, note_outcome_cb);
}

void
ask_as_it_is(const char *name)
{
	ask_with(name, DNS_QUERY_NO_SEARCH, note_outcome_cb);
}

void
ask6(const char *name)
{
	pending++;
	assert_int_equal(evdns_resolve_ipv6(name, 0, note_outcome_cb,
			     (char *)name),
	    0);
}

void
assert_refused(const char *name)
{
	if (evdns_resolve_ipv4(name, 0, no_outcome_cb, (char *)name) == 0 ||
	    evdns_resolve_ipv6(name, 0, no_outcome_cb, (char *)name) == 0)
		fail_msg("\"%s\" is not refused", name);
}

void
wait_all(void)
{
	while (pending > 0)
		event_loop(EVLOOP_ONCE);
}

void
wait_asked(struct responder *server, int count)
{
	while (responder_count(server) < count)
		event_loop(EVLOOP_ONCE);
}

void
run_for(int ms)
{
	event_loopexit(MSEC(ms));
	event_dispatch();
}

void
look_up(const char *name)
{
	ask(name);
	wait_all();
}

void
assert_loop_has_an_event(void)
{
	one_pass();
	one_pass();
}

void
assert_loop_ends(void)
{
	assert_int_equal(event_dispatch(), 1);
}

static char conf_dir[32], conf_name[64];

const char *
make_conf_of(const char *text, size_t len)
{
	FILE *f;

	if (conf_dir[0] == '\0') {
		strcpy(conf_dir, "/tmp/dns.XXXXXX");
		assert_non_null(mkdtemp(conf_dir));
		snprintf(conf_name, sizeof conf_name, "%s/conf", conf_dir);
	}
	f = fopen(conf_name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return conf_name;
}

const char *
make_conf(const char *text)
{
	return make_conf_of(text, strlen(text));
}

void
remove_conf(void)
{
	unlink(conf_name);
	rmdir(conf_dir);
	conf_dir[0] = '\0';
}
