/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nameservers, and their health.
 *
 * A time-out says little about a nameserver: the name may be one whose own
 * servers are dead.  So it counts against it only if nothing at all was heard
 * from it since the question was sent.
 */
#include <stdlib.h>

#include "ask.h"
#include "clock.h"
#include "nameserver.h"
#include "public.h"
#include "resolver.h"

static TAILQ_HEAD(, evi_nameserver) all = TAILQ_HEAD_INITIALIZER(all);
static struct event_base *base;
static evi_channel_noted *noted;

/* --- one nameserver --- */

bool
evi_settings_equal(const struct evi_settings *one,
    const struct evi_settings *other)
{
	return one->timeout == other->timeout &&
	       one->max_timeouts == other->max_timeouts &&
	       one->use_vc == other->use_vc && one->edns0 == other->edns0;
}

struct evi_nameserver *
evi_nameserver_new(const struct evi_address *address,
    const struct evi_settings *settings)
{
	struct evi_nameserver *ns = calloc(1, sizeof(*ns));

	if (ns == NULL)
		return NULL;
	ns->refs = 1;
	ns->address = *address;
	ns->settings = *settings;
	TAILQ_INIT(&ns->asks);
	TAILQ_INIT(&ns->repeated);
	TAILQ_INIT(&ns->unsent);
	TAILQ_INSERT_TAIL(&all, ns, link);
	return ns;
}

static void
hang_up(struct evi_nameserver *ns)
{
	evi_channel_free(ns->udp);
	evi_channel_free(ns->old);
	evi_channel_free(ns->tcp);
	ns->udp = ns->old = ns->tcp = NULL;
	evi_asks_drop_unsent(ns);
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
evi_nameservers_use(struct event_base *its_base, evi_channel_noted *its_noted)
{
	struct evi_nameserver *ns;

	TAILQ_FOREACH (ns, &all, link)
		hang_up(ns);
	base = its_base;
	noted = its_noted;
}

struct event_base *
evi_nameservers_base(void)
{
	return base;
}

/*
 * A new socket has a new port, which is as good against forgers as the id.  It
 * is not made for each question, if they come one upon the other.
 */
#define QUESTIONS_A_PORT 10000
#define PORT_IDLE 1000000 /* microseconds */

static void
renew_port(struct evi_nameserver *ns)
{
	int64_t now = evi_dns_now();

	if (ns->old != NULL && evi_channel_is_idle(ns->old)) {
		evi_channel_free(ns->old);
		ns->old = NULL;
	}
	if (ns->udp != NULL && ns->old == NULL &&
	    (ns->uses >= QUESTIONS_A_PORT || now - ns->used > PORT_IDLE)) {
		ns->old = ns->udp;
		ns->udp = NULL;
	}
	if (ns->udp == NULL)
		ns->uses = 0;
	ns->uses++;
	ns->used = now;
}

/* Seconds; c-ares reckons in milliseconds, and not well near INT_MAX. */
#define LONGEST_TIMEOUT 86400

struct evi_channel *
evi_nameserver_channel(struct evi_nameserver *ns, bool tcp)
{
	struct evi_channel **channel = tcp ? &ns->tcp : &ns->udp;
	int seconds = ns->settings.timeout;

	if (!tcp)
		renew_port(ns);
	if (seconds > LONGEST_TIMEOUT)
		seconds = LONGEST_TIMEOUT;
	if (*channel == NULL)
		*channel = evi_channel_new(base, &ns->address, seconds * 1000,
		    tcp, noted);
	return *channel;
}

struct evi_nameserver *
evi_nameserver_after(struct evi_nameserver *ns)
{
	return ns == NULL ? TAILQ_FIRST(&all) : TAILQ_NEXT(ns, link);
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

void
evi_nameserver_learn(struct evi_nameserver *ns, const struct evi_ask *ask)
{
	bool fallback = ask->tcp && !ns->settings.use_vc;

	if ((fallback && ask->outcome != EVI_REPLIED) || evi_ask_is_early(ask))
		return;
	switch (ask->outcome) {
	case EVI_REPLIED:
	case EVI_GARBLED:
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
