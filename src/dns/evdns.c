/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of the client: from a program's arguments to the resolver. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "log.h"
#include "public.h"
#include "resolver.h"
#include "support/log.h"

/* --- nameservers --- */

static enum add_result
add_nameserver(const struct address *address)
{
	struct resolver *r = evi_resolver_default();
	char text[EVI_ADDRESS_TEXT];
	enum add_result result;

	if (evi_resolver_check(r) == -1)
		return ADD_NO_MEMORY;
	result = evi_setup_add(&r->setup, address);
	if (result != ADD_OK)
		return result;
	evi_address_text(address, text);
	evi_log_message(0, "nameserver %s added", text);
	evi_resolver_changed(r);
	evi_log_flush();
	return ADD_OK;
}

int
evdns_nameserver_add(unsigned long int address)
{
	const struct address server = {
	    .len = sizeof(server.in),
	    .in.sin_family = AF_INET,
	    .in.sin_port = htons(NS_DEFAULTPORT),
	    .in.sin_addr.s_addr = (in_addr_t)address,
	};

	return add_nameserver(&server);
}

int
evdns_nameserver_ip_add(const char *ip_as_string)
{
	struct address server;

	if (evi_address_read(&server, ip_as_string) == -1) {
		evi_log_message(1, "\"%s\" is no nameserver's address",
		    ip_as_string);
		evi_log_flush();
		return ADD_NO_ADDRESS;
	}
	return add_nameserver(&server);
}

int
evdns_count_nameservers(void)
{
	return evi_setup_count(&evi_resolver_default()->setup);
}

int
evdns_clear_nameservers_and_suspend(void)
{
	struct resolver *r = evi_resolver_default();

	/* First, as the check may restart lookups that are in flight. */
	evi_queue_suspend(&r->queue);
	evi_resolver_check(r);
	evi_setup_forget_nameservers(&r->setup);
	evi_setup_forget_sources(&r->setup);
	evi_resolver_changed(r);
	return 0;
}

int
evdns_resume(void)
{
	struct resolver *r = evi_resolver_default();

	evi_resolver_check(r);
	evi_queue_resume(&r->queue);
	return 0;
}

/* --- search list and options --- */

void
evdns_search_clear(void)
{
	evi_setup_search_clear(&evi_resolver_default()->setup);
}

void
evdns_search_add(const char *domain)
{
	evi_setup_search_add(&evi_resolver_default()->setup, domain);
}

void
evdns_search_ndots_set(const int ndots)
{
	evi_setup_ndots(&evi_resolver_default()->setup, ndots);
}

int
evdns_set_option(const char *option, const char *val, int flags)
{
	struct resolver *r = evi_resolver_default();

	evi_resolver_check(r);
	if (evi_setup_option(&r->setup, option, val, flags) == -1)
		return -1;
	evi_resolver_changed(r);
	return 0;
}

/* What was logged about calls that have no effect: each is logged once. */
static struct {
	bool has_logged_id_fn;
} ignored_calls;

void
evdns_set_transaction_id_fn(ev_uint16_t (*fn)(void))
{
	(void)fn;
	if (!ignored_calls.has_logged_id_fn)
		event_msgx("evdns_set_transaction_id_fn() has no effect: ids "
			   "are random");
	ignored_calls.has_logged_id_fn = true;
}

/* --- from resolv.conf to the shutdown --- */

int
evdns_resolv_conf_parse(int flags, const char *const filename)
{
	struct resolver *r = evi_resolver_default();
	enum conf_result result;

	if (evi_resolver_check(r) == -1)
		return CONF_NO_MEMORY;
	evi_log_message(0, "reading %s",
	    filename != NULL ? filename : "no file");
	result = evi_setup_read(&r->setup, filename, flags);
	evi_resolver_changed(r);
	evi_log_flush();
	return result;
}

int
evdns_init(void)
{
	evi_resolver_move(evi_resolver_default());
	return evdns_resolv_conf_parse(DNS_OPTIONS_ALL,
	    evi_file_names.resolv_conf);
}

void
evdns_shutdown(int fail_requests)
{
	evi_resolver_shut_down(evi_resolver_default(), fail_requests != 0);
	evdns_set_log_fn(NULL);
	evi_log_flush();
}

/* Programs print these words, and compare them. */
const char *
evdns_err_to_string(int err)
{
	static const char *const words[] = {
	    [DNS_ERR_NONE] = "no error",
	    [DNS_ERR_FORMAT] = "misformatted query",
	    [DNS_ERR_SERVERFAILED] = "server failed",
	    [DNS_ERR_NOTEXIST] = "name does not exist",
	    [DNS_ERR_NOTIMPL] = "query not implemented",
	    [DNS_ERR_REFUSED] = "refused",
	    [DNS_ERR_TRUNCATED] = "reply truncated or ill-formed",
	    [DNS_ERR_UNKNOWN] = "unknown",
	    [DNS_ERR_TIMEOUT] = "request timed out",
	    [DNS_ERR_SHUTDOWN] = "dns subsystem shut down",
	};
	bool is_known = err >= 0 && err <= DNS_ERR_SHUTDOWN;

	return is_known && words[err] != NULL ? words[err]
					      : "[Unknown error code]";
}

/* --- requests --- */

/*
 * Gives a lookup to the resolver.  0, or -1 if l is NULL, or the resolver takes
 * no lookups at the moment and the lookup was freed.
 */
static int
submit(struct resolver *r, struct lookup *l)
{
	if (l == NULL)
		return -1;
	if (r->queue.refusing) {
		evi_lookup_free(l);
		return -1;
	}
	evi_queue_take(&r->queue, l);
	return 0;
}

/* 1.4: the empty name is the root's; the search list is not for it. */
static int
resolve(const char *name, int type, int flags, evdns_callback_type cb,
    void *arg)
{
	struct resolver *r = evi_resolver_default();
	bool is_root = strcmp(name, "") == 0 || strcmp(name, ".") == 0;
	struct lookup *l;

	if (!is_root && !evi_wire_name_ok(name))
		return -1;
	evi_resolver_prepare(r);
	l = evi_lookup_new(is_root ? "" : name, type, cb, arg);
	if (l == NULL)
		return -1;
	if (!is_root && !(flags & DNS_QUERY_NO_SEARCH))
		evi_lookup_set_search(l, &r->setup);
	return submit(r, l);
}

int
evdns_resolve_ipv4(const char *name, int flags, evdns_callback_type cb,
    void *ptr)
{
	return resolve(name, ns_t_a, flags, cb, ptr);
}

int
evdns_resolve_ipv6(const char *name, int flags, evdns_callback_type cb,
    void *ptr)
{
	return resolve(name, ns_t_aaaa, flags, cb, ptr);
}

static int
resolve_reverse(const char *name, int family, const void *address,
    evdns_callback_type cb, void *arg)
{
	struct resolver *r = evi_resolver_default();
	struct lookup *l;

	evi_resolver_prepare(r);
	l = evi_lookup_new(name, ns_t_ptr, cb, arg);
	if (l == NULL)
		return -1;
	evi_lookup_set_address(l, family, address);
	return submit(r, l);
}

int
evdns_resolve_reverse(const struct in_addr *in, int flags,
    evdns_callback_type cb, void *ptr)
{
	char name[EVI_WIRE_REVERSE];

	(void)flags;
	evi_wire_reverse(name, in);
	return resolve_reverse(name, AF_INET, in, cb, ptr);
}

int
evdns_resolve_reverse_ipv6(const struct in6_addr *in, int flags,
    evdns_callback_type cb, void *ptr)
{
	char name[sizeof("x.x.") * 16 + sizeof("ip6.arpa")], *end = name;

	(void)flags;
	for (int i = 15; i >= 0; i--)
		end += sprintf(end, "%x.%x.", in->s6_addr[i] & 0xf,
		    in->s6_addr[i] >> 4);
	strcpy(end, "ip6.arpa");
	return resolve_reverse(name, AF_INET6, in, cb, ptr);
}
