/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites about asking the DNS share: servers that know a few names,
 * and requests whose outcomes are noted.
 */
#ifndef HELPERS_DNS_H
#define HELPERS_DNS_H

#include "responder.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <evdns.h>

/*
 * What a server knows.  A list of these ends with one that has no name; "*" is
 * any name.  Whatever is not there does not exist.  The reply is an address, a
 * host's name, or one of these.
 */
struct zone {
	const char *name;
	const char *reply;
};
#define FORMERR "1"
#define SERVFAIL "2"
#define NXDOMAIN "3"
#define NOTIMP "4"
#define REFUSED "5"
#define NODATA ""
#define TRUNCATED "truncated"
#define SILENCE "silence"

void zone_rule(const struct question *q, struct reply *reply, void *arg);

/* A current base, and the servers that a test has. */
struct dns {
	struct event_base *base;
	struct responder *server, *second, *third;
};

void use_server(struct responder *server);

/* Makes the base, without a server. */
void dns_set_up_bare(struct dns *d);

/* The base, and a nameserver at 127.0.0.1 that answers by a rule. */
void dns_set_up_with(struct dns *d, int flags, responder_rule rule, void *arg);

void dns_set_up(struct dns *d, const struct zone *zone);

/* The same with a server in another process, which leaves our loop alone. */
void dns_set_up_child(struct dns *d, const struct zone *zone);

/* Adds a nameserver at 127.0.0.2. */
void add_second(struct dns *d, const struct zone *zone);

void dns_tear_down(struct dns *d);

/*
 * Outcomes.
 */

extern int pending; /* requests that have no outcome yet */

/*
 * A callback that notes "NAME:192.0.2.1,192.0.2.2/60", the last number being
 * the ttl, or "NAME:notexist"; NAME is its argument.
 */
void note_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name);

/* A callback that fails the test. */
void no_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name);

/* Asks for IPv4 addresses, and is not refused.  NAME is name in the notes. */
void ask_with(const char *name, int flags, evdns_callback_type cb);

void ask(const char *name);

/* Without the search list. */
void ask_as_it_is(const char *name);

void ask6(const char *name);

/* Fails the test unless requests for either kind of address are refused. */
void assert_refused(const char *name);

/* Runs the loop until all requests have their outcome. */
void wait_all(void);

/* Runs the loop until the server got `count` questions. */
void wait_asked(struct responder *server, int count);

/* Runs the loop for ms milliseconds. */
void run_for(int ms);

/* One request from beginning to end. */
void look_up(const char *name);

/* Two passes do not end the loop: it has an event. */
void assert_loop_has_an_event(void);

/* The loop returns 1: it has no event. */
void assert_loop_ends(void);

/*
 * Writes a file for evdns_resolv_conf_parse(), and returns its name.  There is
 * one at a time, in the test's own folder, which remove_conf() removes.
 */
const char *make_conf_of(const char *text, size_t len);

const char *make_conf(const char *text);

void remove_conf(void);

#endif
