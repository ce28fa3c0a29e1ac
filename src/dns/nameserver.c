/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nameservers, the questions under way to them, and their health.
 *
 * A time-out says little about a nameserver: the name may be one whose own
 * servers are dead.  So it counts against it only if nothing at all was heard
 * from it since the question was sent.
 */
#include <arpa/nameser.h>
#include <stdlib.h>

#include "clock.h"
#include "nameserver.h"
#include "public.h"
#include "resolver.h"

static TAILQ_HEAD(, evi_nameserver) all = TAILQ_HEAD_INITIALIZER(all);
static struct evi_asks ended = TAILQ_HEAD_INITIALIZER(ended);

static struct event_base *channel_base;
static evi_channel_noted *channel_noted;

/* --- one nameserver --- */

bool
evi_settings_equal(
    const struct evi_settings *one, const struct evi_settings *other)
{
	return one->timeout == other->timeout &&
	    one->max_timeouts == other->max_timeouts &&
	    one->use_vc == other->use_vc && one->edns0 == other->edns0;
}

struct evi_nameserver *
evi_nameserver_new(
    const struct evi_address *address, const struct evi_settings *settings)
{
	struct evi_nameserver *ns = calloc(1, sizeof(*ns));

	if (ns == NULL)
		return NULL;
	ns->refs = 1;
	ns->address = *address;
	ns->settings = *settings;
	TAILQ_INIT(&ns->asks);
	TAILQ_INSERT_TAIL(&all, ns, link);
	return ns;
}

static void
hang_up(struct evi_nameserver *ns)
{
	evi_channel_free(ns->udp);
	evi_channel_free(ns->tcp);
	ns->udp = ns->tcp = NULL;
}

void
evi_nameserver_release(struct evi_nameserver *ns)
{
	if (--ns->refs > 0)
		return;
	hang_up(ns);
	TAILQ_REMOVE(&all, ns, link);
	free(ns);
}

void
evi_nameservers_use(struct event_base *base, evi_channel_noted *noted)
{
	struct evi_nameserver *ns;

	TAILQ_FOREACH (ns, &all, link)
		hang_up(ns);
	channel_base = base;
	channel_noted = noted;
}

/* --- lists of them --- */

struct evi_servers *
evi_servers_new(int n)
{
	struct evi_servers *servers =
	    calloc(1, sizeof(*servers) + n * sizeof(servers->list[0]));

	if (servers != NULL) {
		servers->refs = 1;
		servers->n = n;
	}
	return servers;
}

struct evi_servers *
evi_servers_ref(struct evi_servers *servers)
{
	servers->refs++;
	return servers;
}

void
evi_servers_release(struct evi_servers *servers)
{
	int i;

	if (servers == NULL || --servers->refs > 0)
		return;
	for (i = 0; i < servers->n; i++)
		evi_nameserver_release(servers->list[i]);
	free(servers);
}

/* --- health --- */

bool
evi_nameserver_is_aside(const struct evi_nameserver *ns)
{
	return ns->retry != 0;
}

static int64_t
probe_pause(int probes)
{
	static const int seconds[] = {10, 60, 300, 900, 3600};
	int last = sizeof(seconds) / sizeof(seconds[0]) - 1;

	return (int64_t)seconds[probes < last ? probes : last] * 1000000;
}

static void
put_aside(struct evi_nameserver *ns)
{
	char text[EVI_ADDRESS_TEXT];

	if (ns->retry != 0)
		return;
	ns->gave_up = true;
	ns->probes = 0;
	ns->retry = evi_dns_now() + probe_pause(0);
	evi_address_text(&ns->address, text);
	evi_dns_log(1, "nameserver %s does not answer", text);
}

static void
take_back(struct evi_nameserver *ns)
{
	char text[EVI_ADDRESS_TEXT];

	ns->heard = evi_dns_now();
	ns->silences = 0;
	if (ns->retry == 0)
		return;
	ns->retry = 0;
	evi_address_text(&ns->address, text);
	evi_dns_log(0, "nameserver %s is back", text);
}

static void
learn_from(struct evi_ask *ask)
{
	struct evi_nameserver *ns = ask->ns;
	bool fallback = ask->tcp && !ns->settings.use_vc;

	if (fallback && ask->outcome != EVI_REPLIED)
		return;
	switch (ask->outcome) {
	case EVI_REPLIED:
		take_back(ns);
		break;
	case EVI_TIMED_OUT:
		if (ns->heard < ask->sent &&
		    ++ns->silences >= ns->settings.max_timeouts)
			put_aside(ns);
		break;
	case EVI_UNREACHABLE:
		if (ns->heard < ask->sent)
			put_aside(ns);
		break;
	default:
		break;
	}
}

bool
evi_nameserver_wants_probe(struct evi_nameserver *ns)
{
	int64_t now = evi_dns_now();

	if (ns->retry == 0 || now < ns->retry)
		return false;
	ns->retry = now + probe_pause(++ns->probes);
	return true;
}

/* --- questions --- */

static void
free_ask(struct evi_ask *ask)
{
	evi_answer_free(&ask->answer);
	free(ask);
}

void
evi_ask_done(struct evi_ask *ask)
{
	if (ask->waiter != NULL)
		TAILQ_REMOVE(&ask->waiter->asks, ask, of_waiter);
	free_ask(ask);
}

/* Runs inside c-ares. */
static void
on_end(void *arg, enum evi_outcome outcome, const uint8_t *msg, size_t len)
{
	struct evi_ask *ask = arg;

	TAILQ_REMOVE(&ask->ns->asks, ask, link);
	ask->outcome = outcome;
	learn_from(ask);
	if (ask->waiter == NULL) {
		free_ask(ask);
		return;
	}
	if (outcome == EVI_REPLIED) {
		ask->result =
		    evi_wire_answer(msg, len, ask->type, &ask->answer);
		ask->cut = !ask->tcp &&
		    (ask->result == DNS_ERR_TRUNCATED ||
			(ask->result == -1 && len >= NS_PACKETSZ));
	}
	TAILQ_INSERT_TAIL(&ended, ask, link);
}

static struct evi_channel *
channel_for(struct evi_nameserver *ns, bool tcp)
{
	struct evi_channel **channel = tcp ? &ns->tcp : &ns->udp;
	int flags = (tcp ? EVI_CHANNEL_TCP : 0) |
	    (ns->settings.edns0 ? EVI_CHANNEL_EDNS : 0);

	if (*channel == NULL)
		*channel = evi_channel_new(channel_base, &ns->address,
		    ns->settings.timeout * 1000, flags, channel_noted);
	return *channel;
}

int
evi_ask(struct evi_nameserver *ns, struct evi_waiter *waiter,
    const char *name, int type, bool tcp)
{
	struct evi_channel *channel;
	struct evi_ask *ask;

	tcp = tcp || ns->settings.use_vc;
	channel = channel_for(ns, tcp);
	if (channel == NULL || (ask = calloc(1, sizeof(*ask))) == NULL)
		return -1;
	ask->ns = ns;
	ask->waiter = waiter;
	ask->type = type;
	ask->tcp = tcp;
	ask->sent = evi_dns_now();
	TAILQ_INSERT_TAIL(&ns->asks, ask, link);
	if (waiter != NULL)
		TAILQ_INSERT_TAIL(&waiter->asks, ask, of_waiter);
	evi_channel_ask(channel, name, type, on_end, ask);
	return 0;
}

struct evi_ask *
evi_next_ended(void)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&ended)) != NULL) {
		TAILQ_REMOVE(&ended, ask, link);
		if (ask->waiter != NULL)
			return ask;
		free_ask(ask);
	}
	return NULL;
}

bool
evi_has_ended(void)
{
	return !TAILQ_EMPTY(&ended);
}

void
evi_waiter_leave(struct evi_waiter *waiter)
{
	struct evi_ask *ask;

	while ((ask = TAILQ_FIRST(&waiter->asks)) != NULL) {
		TAILQ_REMOVE(&waiter->asks, ask, of_waiter);
		ask->waiter = NULL;
	}
}

struct evi_nameserver *
evi_next_given_up(void)
{
	struct evi_nameserver *ns;

	TAILQ_FOREACH (ns, &all, link) {
		if (ns->gave_up) {
			ns->gave_up = false;
			return ns;
		}
	}
	return NULL;
}
