/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lookup's way to its answer: it tries the names of the search list, and asks
 * one nameserver after the other for each; the hosts file is before or after.
 *
 * 1. A name has a deadline: n time-outs after its first question; n is the
 *    option attempts, or the number of nameservers if that is greater.
 * 2. A round asks one nameserver after the other, those that are down last: the
 *    next one after a time-out, and at once after an error of the server or of
 *    the network.
 * 3. Until the deadline another round follows: at once, if there was a
 *    time-out; after a backoff of one time-out, if servers were unreachable.
 *    After errors alone there is none.
 * 4. A question whose time-out has passed is late, and waits on, while others
 *    are asked: the first good reply counts.  When its nameserver has its turn
 *    again, the late question is sent again.
 */
#include "lookup.h"

#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/*
 * A deadline counts as passed this long before it: a question that is asked
 * later would have no more than this time for its reply.
 */
#define SLACK 100000 /* microseconds */

static void ask_next(struct setup *setup, struct lookup *l);

/* The lookup that a question is of; NULL for a probe. */
static struct lookup *
lookup_of(const struct dns_question *q)
{
	return (struct lookup *)q->waiter;
}

/* --- the hosts file --- */

/* Notes a lookup for the queue. */
static void
note(struct setup *setup, struct lookup *l)
{
	TAILQ_INSERT_TAIL(&setup->lookups.noted, l, noted);
}

/*
 * Has the hosts file answer a lookup.  Returns the argument `error` if the file
 * does not know the name, or cannot be read at the moment.
 */
static int
ask_hosts(struct hosts *hosts, struct lookup *l, int error)
{
	struct wire_answer *answer = &l->answer;
	const char *name;
	int known;

	if (l->type == ns_t_ptr) {
		known = evi_hosts_name(hosts, l->family, l->address, &name);
		if (known == 1)
			return evi_wire_set_name(answer, name) == 0
				   ? DNS_ERR_NONE
				   : DNS_ERR_SERVERFAILED;
	} else {
		known = evi_hosts_addresses(hosts, l->name, l->family,
		    &answer->addresses, &answer->count);
		if (answer->addresses != NULL)
			return DNS_ERR_NONE;
		/* The DNS may know this family of names that are not local. */
		if (known == 1 && evi_hosts_is_local(l->name))
			return DNS_ERR_UNKNOWN;
	}
	return error;
}

static bool
may_be_in_hosts(const struct setup *setup, const struct lookup *l,
    enum hosts_order when)
{
	if (setup->hosts == NULL)
		return false;
	if (evi_hosts_order(setup->hosts) == when)
		return true;
	return when == EVI_HOSTS_FIRST && l->type != ns_t_ptr &&
	       evi_hosts_is_local(l->name);
}

static void
end_lookup(struct setup *setup, struct lookup *l, int result)
{
	evi_lookup_stop(l);
	if (result != DNS_ERR_NONE && may_be_in_hosts(setup, l, EVI_HOSTS_LAST))
		result = ask_hosts(setup->hosts, l, result);
	l->result = result;
	note(setup, l);
}

bool
evi_lookup_ask_hosts(struct setup *setup, struct lookup *l)
{
	l->result = -1; /* no DNS_ERR_*: it has not answered */
	if (may_be_in_hosts(setup, l, EVI_HOSTS_FIRST))
		l->result = ask_hosts(setup->hosts, l, -1);
	if (l->result == -1)
		return false;
	note(setup, l);
	return true;
}

/* --- names of the search list --- */

/* The time-out, n times, in microseconds. */
static int64_t
timeouts(const struct setup *setup, int n)
{
	return (int64_t)setup->options.timeout * n * 1000000;
}

static void
start_round(struct lookup *l)
{
	l->turns = 0;
	l->had_timeout = l->was_unreachable = false;
}

static void
start_name(struct setup *setup, struct lookup *l)
{
	int n = l->servers->n, attempts = setup->options.attempts;
	int64_t now = evi_dns_now();

	l->redials = 0;
	l->without_edns = false;
	l->error = 0;
	if (l->began_at == 0)
		l->began_at = now;
	l->deadline = now + timeouts(setup, n > attempts ? n : attempts);
	start_round(l);
	ask_next(setup, l);
}

static int
use_name(struct lookup *l, const char *name)
{
	if (l->tried_name != l->name)
		free(l->tried_name);
	l->tried_name = name == l->name ? l->name : strdup(name);
	return l->tried_name == NULL ? -1 : 0;
}

/* Name i, from 0, of those that are tried; NULL: there are no more. */
static const char *
candidate(const struct lookup *l, int i, char buffer[NS_MAXDNAME])
{
	if (l->search == NULL)
		return i == 0 ? l->name : NULL;
	return evi_search_name(l->search, l->ndots, l->name, i, buffer,
	    NS_MAXDNAME);
}

/* RFC 7686: such names are never asked for. */
static bool
is_onion(const char *name)
{
	size_t len = strlen(name), tail = strlen(".onion");

	len -= len > 0 && name[len - 1] == '.';
	return len > tail &&
	       strncasecmp(name + len - tail, ".onion", tail) == 0;
}

/* Asks for the first valid name from candidate i on, or ends with error. */
static void
try_name(struct setup *setup, struct lookup *l, int i, int error)
{
	char buffer[NS_MAXDNAME];
	const char *name;

	for (; (name = candidate(l, i, buffer)) != NULL; i++) {
		if (is_onion(name)) {
			error = DNS_ERR_NOTEXIST;
		} else if (name == l->name || evi_wire_name_ok(name)) {
			if (use_name(l, name) == -1)
				break;
			l->candidate = i;
			start_name(setup, l);
			return;
		}
	}
	end_lookup(setup, l, error);
}

/*
 * Ends the name that was asked for. 1.4: after any error but a time-out the
 * next name of the search list is tried.
 */
static void
end_name(struct setup *setup, struct lookup *l, int result)
{
	evi_question_drop_list(&l->questions);
	l->backs_off = false;
	if (result == DNS_ERR_NONE || result == DNS_ERR_TIMEOUT)
		end_lookup(setup, l, result);
	else
		try_name(setup, l, l->candidate + 1, result);
}

/* --- one nameserver after the other --- */

/* The servers from index 63 on share a bit: one of them is asked a round. */
static uint64_t
turn_of(int i)
{
	return (uint64_t)1 << (i < 63 ? i : 63);
}

/*
 * The index of the next server of this round, among those that are down or
 * those that are not; -1 if all had their turn.
 */
static int
next_index(const struct lookup *l, bool down)
{
	int n = l->servers->n;

	for (int i = 0; i < n; i++) {
		int at = (int)((l->first + (unsigned int)i) % (unsigned int)n);

		if (!(l->turns & turn_of(at)) &&
		    evi_nameserver_is_down(l->servers->list[at].ns) == down)
			return at;
	}
	return -1;
}

static struct nameserver *
next_server(struct lookup *l)
{
	int at = next_index(l, false);

	if (at == -1)
		at = next_index(l, true);
	if (at == -1)
		return NULL;
	l->turns |= turn_of(at);
	return l->servers->list[at].ns;
}

/* Probes servers that are down, when it is time for that. */
static void
probe(struct lookup *l)
{
	for (int i = 0; i < l->servers->n; i++) {
		struct nameserver *ns = l->servers->list[i].ns;

		if (evi_nameserver_is_down(ns) && evi_nameserver_take_probe(ns))
			evi_question_probe(ns, l->tried_name, l->type);
	}
}

static bool
is_over(const struct lookup *l)
{
	return evi_dns_now() > l->deadline - SLACK;
}

static void
back_off(struct setup *setup, struct lookup *l)
{
	l->backs_off = true;
	l->retry_at = evi_dns_now() + timeouts(setup, 1);
	if (l->retry_at > l->deadline)
		l->retry_at = l->deadline;
	note(setup, l);
}

/*
 * All servers have had their turn: starts another round, now or after a
 * backoff, or ends the name.
 */
static void
end_round(struct setup *setup, struct lookup *l)
{
	if (!is_over(l) && l->had_timeout) {
		start_round(l);
		ask_next(setup, l);
	} else if (!is_over(l) && l->was_unreachable) {
		back_off(setup, l);
	} else {
		end_name(setup, l, l->error != 0 ? l->error : DNS_ERR_TIMEOUT);
	}
}

/* Asks a server for the name that is tried.  0, or -1 without memory. */
static int
ask(struct lookup *l, struct nameserver *ns, bool tcp)
{
	return evi_question_ask(ns, &l->questions, l->tried_name, l->type, tcp,
	    l->deadline);
}

/* Asks a server in its turn, by its late question if there is one. */
static int
ask_server(struct lookup *l, struct nameserver *ns)
{
	struct dns_question *q = evi_question_find_late(&l->questions, ns);

	if (q == NULL)
		return ask(l, ns, false);
	evi_question_resend(q, l->deadline);
	return 0;
}

static void
ask_next(struct setup *setup, struct lookup *l)
{
	struct nameserver *ns;

	while (
	    !(l->had_timeout && is_over(l)) && (ns = next_server(l)) != NULL) {
		if (ask_server(l, ns) == 0) {
			probe(l);
			return;
		}
		l->error = DNS_ERR_SERVERFAILED;
	}
	end_round(setup, l);
}

/* --- what became of a question --- */

/* How many of the questions are not late. */
static int
count_active(const struct lookup *l)
{
	const struct dns_question *q;
	int n = 0;

	TAILQ_FOREACH (q, &l->questions, of_waiter)
		n += evi_question_is_active(q);
	return n;
}

/* Asks the next server, unless a question is active or the lookup backs off. */
static void
ask_next_if_idle(struct setup *setup, struct lookup *l)
{
	if (count_active(l) == 0 && !l->backs_off)
		ask_next(setup, l);
}

static bool
is_final(int result)
{
	return result == DNS_ERR_NONE || result == DNS_ERR_NOTEXIST ||
	       result == DNS_ERR_UNKNOWN;
}

/* Asks the same server without EDNS or over TCP.  False if neither may help. */
static bool
ask_in_another_way(struct lookup *l, const struct dns_question *q)
{
	bool tcp = q->tcp || q->is_truncated;

	if (q->result == DNS_ERR_FORMAT && q->edns && !l->without_edns) {
		evi_nameserver_disable_edns(q->ns);
		l->without_edns = true;
	} else if (!q->is_truncated) {
		return false;
	}
	return ask(l, q->ns, tcp) == 0;
}

/* The result if no other server gives a final reply. */
static int
error_of(const struct dns_question *q)
{
	if (q->is_truncated)
		return DNS_ERR_TRUNCATED;
	if (q->result == EVI_WIRE_LAME)
		return DNS_ERR_UNKNOWN;
	return q->result < 0 ? DNS_ERR_SERVERFAILED : q->result;
}

static void
take_reply(struct setup *setup, struct lookup *l, struct dns_question *q)
{
	bool is_asked;

	if (is_final(q->result) && !q->is_truncated) {
		evi_wire_move_answer(&l->answer, &q->answer);
		end_name(setup, l, q->result);
		return;
	}
	l->error = error_of(q);
	is_asked = ask_in_another_way(l, q);
	evi_question_drop(q);
	if (!is_asked)
		ask_next_if_idle(setup, l);
}

/* Connections for one name that a server may end without a reply. */
#define REDIALS 8

/*
 * The end of a connection ends all its questions.  If the server has replied to
 * another one since this one was sent, this one gets a new connection.
 */
static bool
redial(struct lookup *l, const struct dns_question *q)
{
	return q->ns->heard_at >= q->sent_at && l->redials++ < REDIALS &&
	       ask(l, q->ns, q->tcp) == 0;
}

static void
take_unreachable(struct setup *setup, struct lookup *l, struct dns_question *q)
{
	bool fallback = evi_question_is_fallback(q);
	bool is_asked = redial(l, q);

	evi_question_drop(q);
	if (is_asked)
		return;
	/* Without TCP the truncated reply is all that the server has to say. */
	if (!fallback)
		l->was_unreachable = true;
	ask_next_if_idle(setup, l);
}

static void
take_timeout(struct setup *setup, struct lookup *l,
    const struct dns_question *q)
{
	if (!evi_question_is_fallback(q))
		l->had_timeout = true;
	ask_next_if_idle(setup, l);
}

void
evi_lookup_handle_note(struct setup *setup, struct dns_question *q)
{
	struct lookup *l = lookup_of(q);

	switch (q->outcome) {
	case EVI_REPLIED:
		take_reply(setup, l, q);
		break;
	case EVI_TIMED_OUT:
		take_timeout(setup, l, q);
		break;
	case EVI_UNREACHABLE:
		take_unreachable(setup, l, q);
		break;
	case EVI_FAILED:
		l->error = DNS_ERR_SERVERFAILED;
		evi_question_drop(q);
		ask_next_if_idle(setup, l);
		break;
	}
}

/* Whether a lookup waits for this question alone, and has a server to ask. */
static bool
may_give_up(const struct dns_question *q)
{
	const struct lookup *l = lookup_of(q);

	return l != NULL && count_active(l) == 1 && next_index(l, false) != -1;
}

/*
 * Has each lookup that waits for one question of the list ask its next server.
 * ask_next() may free all its questions: so `next` is of another lookup.
 */
static void
give_up_all(struct setup *setup, struct questions *list, bool unsent)
{
	struct dns_question *q, *next;
	struct lookup *l;

	for (q = TAILQ_FIRST(list); q != NULL; q = next) {
		next = TAILQ_NEXT(q, link);
		if (!may_give_up(q))
			continue;
		l = lookup_of(q);
		while (next != NULL && next->waiter == q->waiter)
			next = TAILQ_NEXT(next, link);
		if (unsent)
			evi_question_drop(q);
		ask_next(setup, l);
	}
}

void
evi_lookup_leave_server(struct setup *setup, struct nameserver *ns)
{
	give_up_all(setup, &ns->pace.sent, false);
	give_up_all(setup, &ns->pace.unsent, true);
}

/* --- functions for the queue --- */

void
evi_lookup_start(struct setup *setup, struct lookup *l)
{
	l->servers = evi_nameserver_list_ref(setup->servers);
	l->first = setup->options.rotate ? setup->lookups.turn++ : 0;
	l->backs_off = false;
	if (l->tried_name == NULL)
		try_name(setup, l, 0, DNS_ERR_NOTEXIST);
	else
		start_name(setup, l);
}

/* The backoff was as long as a time-out, and another round follows either. */
void
evi_lookup_resume(struct setup *setup, struct lookup *l)
{
	l->backs_off = false;
	l->had_timeout = true;
	end_round(setup, l);
}

void
evi_lookup_restart(struct setup *setup, struct lookup *l)
{
	start_name(setup, l);
}

void
evi_lookup_stop(struct lookup *l)
{
	evi_question_drop_list(&l->questions);
	evi_nameserver_list_release(l->servers);
	l->servers = NULL;
	l->backs_off = false;
	l->began_at = 0;
}

void
evi_lookup_init(struct setup *setup)
{
	TAILQ_INIT(&setup->lookups.noted);
}

struct lookup *
evi_lookup_next_noted(struct setup *setup)
{
	struct lookup *l = TAILQ_FIRST(&setup->lookups.noted);

	if (l != NULL)
		TAILQ_REMOVE(&setup->lookups.noted, l, noted);
	return l;
}

struct lookup *
evi_lookup_new(const char *name, int type, evdns_callback_type cb, void *arg)
{
	struct lookup *l = calloc(1, sizeof(*l) + strlen(name) + 1);

	if (l == NULL)
		return NULL;
	TAILQ_INIT(&l->questions);
	l->type = type;
	l->family = type == ns_t_aaaa ? AF_INET6 : AF_INET;
	l->cb = cb;
	l->arg = arg;
	strcpy(l->name, name);
	return l;
}

void
evi_lookup_set_address(struct lookup *l, int family, const void *address)
{
	l->family = family;
	memcpy(l->address, address, family == AF_INET ? 4 : 16);
}

void
evi_lookup_set_search(struct lookup *l, const struct setup *setup)
{
	l->search = evi_search_ref(setup->search);
	l->ndots = setup->options.ndots;
}

void
evi_lookup_free(struct lookup *l)
{
	evi_lookup_stop(l);
	evi_search_release(l->search);
	free(l->answer.addresses);
	if (l->tried_name != l->name)
		free(l->tried_name);
	free(l);
}
