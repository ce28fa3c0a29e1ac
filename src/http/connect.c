/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connects a client to its host, and retries after a wait that doubles.
 */
#include "connect.h"

#include "support/util.h"

/* Seconds for one address, where the program sets no time limit. */
#define CONNECT_TIMEOUT 45
/* The first wait before a retry, where the program sets none, and the longest
 * one, in seconds. */
#define FIRST_WAIT 2
#define LONGEST_WAIT 3600

static void timer_cb(int fd, short what, void *arg);

/* Sets the timer; NULL has it expire at once, and cannot fail. */
static int
set_timer(struct connector *c, const struct timeval *tv)
{
	evtimer_set(&c->timer, timer_cb, c);
	if (c->evcon->base != NULL)
		event_base_set(c->evcon->base, &c->timer);
	if (tv != NULL)
		return event_add(&c->timer, tv);
	event_active(&c->timer, EV_TIMEOUT, 1);
	return 0;
}

/* Has failed_cb called from the loop: evhttp_make_request() may be running. */
static void
fail_soon(struct connector *c)
{
	c->waits_to_fail = true;
	evi_conn_set_state(c->evcon, EVI_CONN_CONNECTING);
	set_timer(c, NULL);
}

/* Waits twice as long as before the last retry. */
static void
wait_to_retry(struct connector *c)
{
	struct evhttp_connection *evcon = c->evcon;
	int64_t us = evi_util_us(&c->first_retry);
	struct timeval tv;

	for (int i = 0; i < evcon->retry_cnt && us < LONGEST_WAIT * 1000000LL;
	     i++)
		us *= 2;
	if (us > LONGEST_WAIT * 1000000LL)
		us = LONGEST_WAIT * 1000000LL;
	tv = evi_util_timeval(us);
	evi_conn_set_retry_count(evcon, evcon->retry_cnt + 1);
	c->waits_to_retry = set_timer(c, &tv) == 0;
	evi_conn_set_state(evcon, EVI_CONN_CONNECTING);
	if (!c->waits_to_retry)
		fail_soon(c);
}

static void
retry_or_fail(struct connector *c)
{
	const struct evhttp_connection *evcon = c->evcon;

	if (evcon->retry_max < 0 || evcon->retry_cnt < evcon->retry_max)
		wait_to_retry(c);
	else
		fail_soon(c);
}

static void
dial_done_cb(void *arg, int fd)
{
	struct connector *c = arg;
	struct evhttp_connection *evcon = c->evcon;

	if (fd == -1) {
		retry_or_fail(c);
		return;
	}
	evi_conn_open(evcon, fd, evcon->base);
	c->connected_cb(evcon);
}

int
evi_connect_start(struct connector *c)
{
	struct evhttp_connection *evcon = c->evcon;
	struct dial_target to = {evcon->address, evcon->port, c->family,
	    c->is_unix, evcon->bind_address, evcon->bind_port,
	    evi_conn_time_limit(evcon, CONNECT_TIMEOUT)};

	switch (evi_dial_start(&c->dial, evcon->base, &to)) {
	case EVI_DIAL_BIND_FAILED:
		return -1;
	case EVI_DIAL_FAILED:
		retry_or_fail(c);
		break;
	case EVI_DIAL_STARTED:
		evi_conn_set_state(evcon, EVI_CONN_CONNECTING);
		break;
	}
	return 0;
}

void
evi_connect_retry(struct connector *c)
{
	if (evi_connect_start(c) == -1)
		fail_soon(c);
}

static void
timer_cb(int fd, short what, void *arg)
{
	struct connector *c = arg;
	bool is_retry = c->waits_to_retry;

	(void)fd;
	(void)what;
	c->waits_to_retry = c->waits_to_fail = false;
	if (is_retry)
		evi_connect_retry(c);
	else
		c->failed_cb(c->evcon);
}

void
evi_connect_stop(struct connector *c)
{
	if (evi_connect_is_waiting(c))
		event_del(&c->timer);
	c->waits_to_retry = c->waits_to_fail = false;
	evi_dial_stop(&c->dial);
}

void
evi_connect_init(struct connector *c, struct evhttp_connection *evcon,
    void (*connected_cb)(struct evhttp_connection *),
    void (*failed_cb)(struct evhttp_connection *))
{
	c->evcon = evcon;
	c->connected_cb = connected_cb;
	c->failed_cb = failed_cb;
	evi_dial_init(&c->dial, dial_done_cb, c);
	c->family = AF_UNSPEC;
	evi_connect_set_retry(c, NULL);
}

void
evi_connect_set_retry(struct connector *c, const struct timeval *tv)
{
	static const struct timeval usual = {.tv_sec = FIRST_WAIT};

	c->first_retry = tv != NULL ? *tv : usual;
}
