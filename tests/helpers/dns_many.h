/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many questions at once, asked by several processes: each name has its own
 * address, so that an answer to another question is noticed.
 *
 *	a7.many.test	10.97.0.7, or fd00::61:7 where the number is odd
 *	a7.quick.test	the same, at once
 *	a7.late.test	the same, after LONG_MS
 *	a7.cut.test	the same, but truncated over UDP
 *	a7.none.test	there is no such name
 *
 * Replies come after SOME_MS, so that queries are in flight at a fork().
 * All of a test's come after the same time: if others overtook it, a query
 * might be sent again.
 */
#ifndef HELPERS_DNS_MANY_H
#define HELPERS_DNS_MANY_H

#include <sys/wait.h>
#include <arpa/inet.h>
#include <evdns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "responder.h"
#include "test.h"

/* Long enough for a fork, and short against a time-out. */
#define SOME_MS 100
#define LONG_MS 800
/*
 * The first time-out comes after five seconds: what arrives later than LATE_MS
 * waited for it.  If nothing arrives for QUIET_MS, nothing will.
 */
#define LATE_MS 4000
#define QUIET_MS 2000

/* What this process has asked; children continue with a copy. */
struct many {
	struct responder *server;
	struct event_base *base;
	int asked, answered;
	int dropped; /* of those asked, that will not be answered */
	struct query {
		char who;
		int n;
		int calls;
	} queries[1000];
};
extern struct many many;

void many_rule(const struct question *q, struct reply *reply, void *arg);

void
many_cb(int result, char type, int count, int ttl, void *addresses, void *arg);

/* Has n names of that zone looked up, which `who` makes different from those of
 * others. */
void many_ask_zone(char who, int n, const char *zone, evdns_callback_type cb);

void many_ask(char who, int n);

/* Runs the loop until all are answered, and finds that no more come. */
void many_finish(void);

/* Expects no answer to what was asked so far. */
void many_drop_all(void);

/* Waits until the server has n questions, without running the loop. */
void many_wait_asked(int n);

/* The same, running the loop. */
void many_loop_until_asked(int n);

/* Fails the test if the server has more than n questions: then a query was
 * sent again. */
void many_check_asked_at_most(int n);

void many_start_server(void);

/* 2.1 writes names in random case unless an option says not to. */
void many_add_server(void);

void many_set_up(void);

void many_tear_down(void);

void wait_for_child(pid_t pid);

#endif
