/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The resolver's life: on which base and in which process it is, whether it is
 * suspended, and its log.
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "public.h"
#include "resolve.h"
#include "resolver.h"
#include "support/fork.h"
#include "support/log.h"

/* Where and who we are. */
static struct event_base *home;	       /* NULL: no base yet */
static struct event_base *was_current; /* when home was chosen */
static unsigned int generation;	       /* of evi_fork_generation */
static bool starts_over;	       /* the base said that it does */
static struct event keep_event; /* keeps the loop, and says that home lives */
static struct event work_event;
static struct event flush_event;

/* --- the log --- */

static evdns_debug_log_fn_type log_fn;

void
evdns_set_log_fn(evdns_debug_log_fn_type fn)
{
	log_fn = fn;
}

/*
 * A log function may do what any callback may.  So messages are kept until
 * there is nothing that it could disturb.
 */
struct message {
	TAILQ_ENTRY(message) link;
	int is_warning;
	char text[256];
};
static TAILQ_HEAD(, message) messages = TAILQ_HEAD_INITIALIZER(messages);

void
evi_dns_log(int is_warning, const char *fmt, ...)
{
	struct message *m;
	va_list ap;

	if (log_fn == NULL || (m = malloc(sizeof(*m))) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
	m->is_warning = is_warning;
	TAILQ_INSERT_TAIL(&messages, m, link);
}

void
evi_dns_log_flush(void)
{
	struct message *m;

	while ((m = TAILQ_FIRST(&messages)) != NULL) {
		TAILQ_REMOVE(&messages, m, link);
		if (log_fn != NULL)
			log_fn(m->is_warning, m->text);
		free(m);
	}
}

void
evdns_set_transaction_id_fn(ev_uint16_t (*fn)(void))
{
	static bool said;

	(void)fn;
	if (!said)
		event_msgx("evdns_set_transaction_id_fn() has no effect: ids "
			   "are random");
	said = true;
}

/* --- base and process --- */

static void
do_nothing(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void move_to(struct event_base *base);

static void
on_work(int fd, short what, void *arg)
{
	do_nothing(fd, what, arg);
	if (starts_over)
		move_to(home);
	evi_resolve_work();
}

/* That of the last event_init(). */
static struct event_base *
current(void)
{
	struct event ev;

	event_set(&ev, -1, 0, do_nothing, NULL);
	return ev.ev_base;
}

static void
on_flush(int fd, short what, void *arg)
{
	do_nothing(fd, what, arg);
	evi_resolver_check(); /* in a child it is for the parent to send */
	evi_channels_flush();
	if (evi_has_ended())
		evi_resolver_work_soon();
}

void
evi_resolver_work_soon(void)
{
	struct timeval now = {0, 0};

	if (home != NULL)
		event_add(&work_event, &now);
}

void
evi_resolver_work_done(void)
{
	if (!starts_over)
		event_del(&work_event);
}

void
evi_resolver_flush_soon(void)
{
	if (home != NULL)
		event_active(&flush_event, EV_TIMEOUT, 1);
}

/* While there are nameservers, the loop does not end. */
static void
keep_loop(void)
{
	struct timeval long_time = {INT32_MAX, 0};
	bool kept;

	if (home == NULL)
		return;
	kept = event_pending(&keep_event, EV_TIMEOUT, NULL);
	if (evi_resolver.servers == NULL && kept)
		event_del(&keep_event);
	else if (evi_resolver.servers != NULL && !kept)
		event_add(&keep_event, &long_time);
}

void
evi_resolver_set_servers(struct evi_servers *servers)
{
	evi_servers_release(evi_resolver.servers);
	evi_resolver.servers = servers;
	keep_loop();
}

/*
 * Closes all descriptors of ours that still are.  New ones are made when the
 * loop comes to it: the base has to have its own again first.
 */
static void
start_over(void)
{
	evi_resolve_let_go();
	generation = atomic_load(&evi_fork_generation);
	starts_over = true;
	event_active(&work_event, EV_TIMEOUT, 1);
}

static void
on_base_starts_over(struct event_base *base, bool forked)
{
	if (base != home)
		return;
	if (!forked)
		start_over();
	else
		event_active(&work_event, EV_TIMEOUT, 1);
}

static void
move_to(struct event_base *base)
{
	evi_fork_watch();
	evi_fork_listen(on_base_starts_over);
	if (home != NULL) {
		event_del(&keep_event);
		event_del(&work_event);
		event_del(&flush_event);
	}
	home = base;
	was_current = current();
	generation = atomic_load(&evi_fork_generation);
	starts_over = false;
	if (home != NULL) {
		event_set(&keep_event, -1, 0, do_nothing, NULL);
		event_base_set(home, &keep_event);
		event_set(&work_event, -1, 0, on_work, NULL);
		event_base_set(home, &work_event);
		event_set(&flush_event, -1, 0, on_flush, NULL);
		event_base_set(home, &flush_event);
	}
	keep_loop();
	evi_resolve_on(home);
	evi_resolver_work_soon();
}

static bool
home_lives(void)
{
	if (home == NULL)
		return false;
	if (evi_resolver.servers == NULL)
		return current() == home;
	return event_pending(&keep_event, EV_TIMEOUT, NULL) != 0;
}

/*
 * A child goes on with the base of its parent, unless the program has made
 * another one since.
 */
int
evi_resolver_check(void)
{
	bool is_child = generation != atomic_load(&evi_fork_generation);

	if (!home_lives() ||
	    ((is_child || starts_over) && current() != was_current))
		move_to(current());
	else if (is_child)
		start_over();
	if (home == NULL)
		return -1;
	if (evi_resolver.hosts == NULL)
		evi_resolver.hosts = evi_hosts_new();
	return 0;
}

bool
evi_resolver_can_ask(void)
{
	return home != NULL && !starts_over && !evi_resolver.suspended &&
	       evi_resolver.servers != NULL;
}

int
evi_resolver_come_home(void)
{
	if (home != current())
		move_to(current());
	return evi_resolver_check();
}

/* --- its life --- */

int
evdns_clear_nameservers_and_suspend(void)
{
	evi_resolver.suspended = true;
	evi_resolve_hold();
	evi_resolver_check();
	evi_setup_forget_nameservers(&evi_resolver);
	evi_sources_forget(&evi_resolver);
	return 0;
}

int
evdns_resume(void)
{
	evi_resolver_check();
	evi_resolver.suspended = false;
	evi_resolve_pump();
	return 0;
}

void
evdns_shutdown(int fail_requests)
{
	evi_resolve_hold();
	evi_resolver_check();
	evi_resolver.suspended = false;
	evi_sources_forget(&evi_resolver);
	evi_setup_forget(&evi_resolver);
	evi_hosts_free(evi_resolver.hosts);
	evi_resolver.hosts = NULL;
	evi_resolve_drop(fail_requests);
	log_fn = NULL;
	evi_dns_log_flush();
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
