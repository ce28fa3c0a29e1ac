/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request's way: by one name of the search list after the other, and one
 * nameserver after the other, to its answer.  The hosts file comes before or
 * after that.
 */
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "public.h"
#include "request.h"
#include "resolver.h"

static void ask_next(struct evi_request *r);

/* --- the hosts file --- */

static int
answer_with(struct evi_request *r, const void *addresses, size_t size,
    int count)
{
	void *copy = malloc(size * (size_t)count);

	if (copy == NULL)
		return DNS_ERR_SERVERFAILED;
	memcpy(copy, addresses, size * (size_t)count);
	r->answer.addresses = copy;
	r->answer.count = count;
	return DNS_ERR_NONE;
}

static int
answer_with_name(struct evi_request *r, const char *name)
{
	size_t len = strlen(name) + 1;
	char **copy = malloc(sizeof(char *) + len);

	if (copy == NULL)
		return DNS_ERR_SERVERFAILED;
	*copy = memcpy(copy + 1, name, len);
	r->answer.addresses = copy;
	r->answer.count = 1;
	return DNS_ERR_NONE;
}

/* What the hosts file says, or error where that is nothing, or it cannot be
 * read for now. */
static int
ask_hosts(struct evi_request *r, int error)
{
	struct evi_hosts *hosts = evi_resolver.hosts;
	const void *found;
	const char *name;
	int known, count = 0;

	if (r->type == ns_t_ptr) {
		known = evi_hosts_name(hosts, r->family, r->address, &name);
		if (known == 1)
			return answer_with_name(r, name);
	} else {
		known = evi_hosts_addresses(hosts, r->name, r->family, &found,
		    &count);
		if (count > 0)
			return answer_with(r, found,
			    r->family == AF_INET ? 4 : 16, count);
		/* The DNS may have addresses of the other family. */
		if (known == 1 && evi_hosts_is_local(r->name))
			return DNS_ERR_UNKNOWN;
	}
	return error;
}

static bool
may_be_in_hosts(const struct evi_request *r, enum evi_hosts_order when)
{
	if (evi_resolver.hosts == NULL)
		return false;
	if (evi_hosts_order(evi_resolver.hosts) == when)
		return true;
	return when == EVI_HOSTS_FIRST && r->type != ns_t_ptr &&
	       evi_hosts_is_local(r->name);
}

static void
end(struct evi_request *r, int result)
{
	evi_request_leave(r);
	if (result != DNS_ERR_NONE && may_be_in_hosts(r, EVI_HOSTS_LAST))
		result = ask_hosts(r, result);
	evi_request_is_answered(r, result);
}

bool
evi_request_is_known(struct evi_request *r)
{
	int result = -1;

	if (may_be_in_hosts(r, EVI_HOSTS_FIRST))
		result = ask_hosts(r, -1);
	if (result != -1)
		evi_request_is_answered(r, result);
	return result != -1;
}

/* --- names of the search list --- */

static void
start_round(struct evi_request *r)
{
	r->turns = 0;
	r->silence = r->refusal = false;
}

static void
start_name(struct evi_request *r)
{
	r->rounds = r->tries = r->redials = 0;
	r->plain = false;
	r->error = 0;
	start_round(r);
	ask_next(r);
}

static int
use_name(struct evi_request *r, const char *name)
{
	free(r->joined);
	r->joined = name == r->name ? NULL : strdup(name);
	r->asked = name == r->name ? name : r->joined;
	return r->asked == NULL ? -1 : 0;
}

/* Goes on to candidate number i, or the next one that can be asked. */
static void
try_name(struct evi_request *r, int i, int error)
{
	char buffer[NS_MAXDNAME];
	const char *name;

	for (; (name = evi_search_name(r->search, r->name, i, buffer,
		    sizeof(buffer))) != NULL;
	     i++) {
		if (name != r->name && !evi_wire_name_ok(name))
			continue;
		if (use_name(r, name) == -1)
			break;
		r->candidate = i;
		start_name(r);
		return;
	}
	end(r, error);
}

/*
 * This is what became of the name that was asked.  1.4: the next one is tried
 * whatever the error is, but if there was no answer at all.
 */
static void
end_name(struct evi_request *r, int result)
{
	evi_waiter_leave(&r->waiter);
	if (result == DNS_ERR_NONE || result == DNS_ERR_TIMEOUT)
		end(r, result);
	else
		try_name(r, r->candidate + 1, result);
}

/* --- one nameserver after the other --- */

/* Beyond 64 servers, the rest of them has one turn. */
static uint64_t
turn_of(int i)
{
	return (uint64_t)1 << (i < 63 ? i : 63);
}

/*
 * Where the next one of this round is in the list; -1 if all had their turn. It
 * is one that is aside only if aside says so.
 */
static int
next_place(const struct evi_request *r, bool aside)
{
	int i, n = r->servers->n;

	for (i = 0; i < n; i++) {
		int at = (int)((r->first + (unsigned int)i) % (unsigned int)n);

		if (!(r->turns & turn_of(at)) &&
		    evi_nameserver_is_aside(r->servers->list[at]) == aside)
			return at;
	}
	return -1;
}

static struct evi_nameserver *
next_server(struct evi_request *r)
{
	int at;

	if (r->rounds > 0 && r->tries >= evi_resolver.options.attempts)
		return NULL;
	at = next_place(r, false);
	if (at == -1)
		at = next_place(r, true);
	if (at == -1)
		return NULL;
	r->turns |= turn_of(at);
	return r->servers->list[at];
}

/* Sees to it that a server that was put aside is found out to be back. */
static void
probe(struct evi_request *r)
{
	struct evi_nameserver *ns;
	int i;

	for (i = 0; i < r->servers->n; i++) {
		ns = r->servers->list[i];
		if (evi_nameserver_wants_probe(ns))
			evi_ask_probe(ns, r->asked, r->type);
	}
}

/* All servers have had their turn: once more, now or later, or never. */
static void
end_round(struct evi_request *r)
{
	bool again = r->tries < evi_resolver.options.attempts;

	r->rounds++;
	if (again && r->silence) {
		start_round(r);
		ask_next(r);
	} else if (again && r->refusal) {
		evi_request_rests(r);
	} else {
		end_name(r, r->error != 0 ? r->error : DNS_ERR_TIMEOUT);
	}
}

static void
ask_next(struct evi_request *r)
{
	struct evi_nameserver *ns;

	while ((ns = next_server(r)) != NULL) {
		if (evi_ask(ns, &r->waiter, r->asked, r->type, false) == 0) {
			probe(r);
			return;
		}
		r->error = DNS_ERR_SERVERFAILED;
	}
	end_round(r);
}

/* --- what became of a question --- */

static bool
is_final(int result)
{
	return result == DNS_ERR_NONE || result == DNS_ERR_NOTEXIST ||
	       result == DNS_ERR_UNKNOWN;
}

/* Asks the same server again in another way.  False if there is none. */
static bool
ask_otherwise(struct evi_request *r, const struct evi_ask *ask)
{
	bool tcp = ask->tcp || ask->cut;

	if (ask->result == DNS_ERR_FORMAT && ask->ns->settings.edns0 &&
	    !r->plain)
		ask->ns->no_edns = r->plain = true;
	else if (!ask->cut)
		return false;
	return evi_ask(ask->ns, &r->waiter, r->asked, r->type, tcp) == 0;
}

static void
on_reply(struct evi_request *r, struct evi_ask *ask, bool last)
{
	if (is_final(ask->result) && !ask->cut) {
		r->answer = ask->answer;
		memset(&ask->answer, 0, sizeof(ask->answer));
		end_name(r, ask->result);
		return;
	}
	r->error = ask->cut	     ? DNS_ERR_TRUNCATED
		   : ask->result < 0 ? DNS_ERR_SERVERFAILED
				     : ask->result;
	if (!ask_otherwise(r, ask) && last)
		ask_next(r);
}

/*
 * A connection that breaks takes all its questions with it.  If the server said
 * something since this one was sent, it is the connection's fault.
 */
#define REDIALS 8
#define GARBLED 2 /* so often, as that may have been about another question */

static bool
redial(struct evi_request *r, const struct evi_ask *ask, int most)
{
	return ask->ns->heard >= ask->sent && r->redials++ < most &&
	       evi_ask_again(ask) == 0;
}

static void
on_silence(struct evi_request *r, const struct evi_ask *ask, bool last)
{
	bool fallback = ask->tcp && !ask->ns->settings.use_vc;

	if (ask->outcome == EVI_UNREACHABLE && redial(r, ask, REDIALS))
		return;
	if (evi_ask_is_early(ask) && evi_ask_again(ask) == 0)
		return;
	/* That it does no TCP after a reply that was cut is an answer. */
	if (!fallback && ask->repeats == 0) {
		r->tries++;
		if (ask->outcome == EVI_UNREACHABLE)
			r->refusal = true;
		else
			r->silence = true;
	}
	if (last)
		ask_next(r);
}

void
evi_request_go_on(struct evi_ask *ask)
{
	struct evi_request *r = (struct evi_request *)ask->waiter;
	bool last = TAILQ_FIRST(&r->waiter.asks) == ask &&
		    TAILQ_NEXT(ask, of_waiter) == NULL;

	switch (ask->outcome) {
	case EVI_REPLIED:
		on_reply(r, ask, last);
		break;
	case EVI_TIMED_OUT:
	case EVI_UNREACHABLE:
		on_silence(r, ask, last);
		break;
	case EVI_GARBLED:
		if (redial(r, ask, GARBLED))
			break;
		ask->result = -1;
		on_reply(r, ask, last);
		break;
	case EVI_NO_SUCH_NAME:
		end_name(r, DNS_ERR_NOTEXIST);
		break;
	case EVI_NO_MEMORY:
		r->error = DNS_ERR_SERVERFAILED;
		if (last)
			ask_next(r);
		break;
	case EVI_DROPPED:
		break;
	}
	evi_ask_done(ask);
}

/* Whether the request waits for this question alone, and may ask another. */
static bool
has_other(const struct evi_request *r, const struct evi_ask *ask)
{
	return r != NULL && ask == TAILQ_LAST(&r->waiter.asks, evi_asks) &&
	       next_place(r, false) != -1;
}

void
evi_requests_give_up(struct evi_nameserver *ns)
{
	struct evi_ask *ask, *next;

	for (ask = TAILQ_FIRST(&ns->asks); ask != NULL; ask = next) {
		next = TAILQ_NEXT(ask, link);
		if (has_other((struct evi_request *)ask->waiter, ask))
			ask_next((struct evi_request *)ask->waiter);
	}
	for (ask = TAILQ_FIRST(&ns->unsent); ask != NULL; ask = next) {
		next = TAILQ_NEXT(ask, link);
		if (has_other((struct evi_request *)ask->waiter, ask)) {
			ask_next((struct evi_request *)ask->waiter);
			evi_ask_done(ask);
		}
	}
}

/* --- from outside --- */

void
evi_request_start(struct evi_request *r)
{
	r->servers = evi_servers_ref(evi_resolver.servers);
	r->first = evi_resolver.options.rotate ? evi_resolver.turn++ : 0;
	if (r->asked == NULL)
		try_name(r, 0, DNS_ERR_NOTEXIST);
	else
		start_name(r);
}

void
evi_request_start_round(struct evi_request *r)
{
	start_round(r);
	ask_next(r);
}

void
evi_request_leave(struct evi_request *r)
{
	evi_waiter_leave(&r->waiter);
	evi_servers_release(r->servers);
	r->servers = NULL;
}

struct evi_request *
evi_request_new(const char *name, int type, evdns_callback_type callback,
    void *arg)
{
	struct evi_request *r = calloc(1, sizeof(*r) + strlen(name) + 1);

	if (r == NULL)
		return NULL;
	TAILQ_INIT(&r->waiter.asks);
	r->type = type;
	r->callback = callback;
	r->arg = arg;
	strcpy(r->name, name);
	return r;
}

void
evi_request_free(struct evi_request *r)
{
	evi_request_leave(r);
	evi_search_release(r->search);
	evi_answer_free(&r->answer);
	free(r->joined);
	free(r);
}
