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

/* No server yet. */
void dns_set_up_bare(struct dns *d);

/* A server with a rule, and the nameserver that is used. */
void dns_set_up_with(struct dns *d, int flags, responder_rule rule, void *arg);

void dns_set_up(struct dns *d, const struct zone *zone);

/* The same with a server in another process, which leaves our loop alone. */
void dns_set_up_child(struct dns *d, const struct zone *zone);

/* Another server, on another address, and whether it is used. */
void add_second(struct dns *d, const struct zone *zone);

void dns_tear_down(struct dns *d);

/*
 * Outcomes.
 */

extern int pending; /* requests without one */

/*
 * A callback that notes "NAME:192.0.2.1,192.0.2.2/60", the last number being
 * the ttl, or "NAME:notexist"; NAME is its argument.
 */
void note_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name);

/* For what must not come. */
void no_outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *name);

/* Asks for IPv4 addresses, and is not refused.  NAME is name in the notes. */
void ask_with(const char *name, int flags, evdns_callback_type cb);

void ask(const char *name);

void ask_as_it_is(const char *name);

void ask6(const char *name);

/* Neither kind of address can be asked for. */
void assert_refused(const char *name);

/* Turns the loop until all requests have their outcome. */
void wait_all(void);

/* Runs the loop until the server got `count` questions. */
void wait_asked(struct responder *server, int count);

/* Turns the loop for a while. */
void run_for(int ms);

/* One request from beginning to end. */
void look_up(const char *name);

/* There is something that keeps the loop going, or nothing does. */
void assert_loop_has_an_event(void);

void assert_loop_ends(void);

const char *make_conf_of(const char *text, size_t len);

const char *make_conf(const char *text);

void remove_conf(void);

#endif
