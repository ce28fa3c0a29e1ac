/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nameservers: how to reach them, and their health.
 *
 * One UDP socket, the first of the list, sends all queries to a nameserver.  To
 * guess its port is as hard for a forger as to guess an id.  Another socket,
 * with another port, replaces it:
 *
 * 1. after 10,000 queries, or a second without any;
 * 2. when a query had no reply for a whole time-out: a router may have dropped
 *    its state of the port;
 * 3. when the kernel reports an error, other than a refusal, on a socket that
 *    has received something: the machine's address may have changed.
 *
 * A socket that was replaced is read until all queries from before have ended.
 *
 * A time-out says little about a nameserver: it may be the servers of the name
 * that are dead.  So a time-out counts against the nameserver only if it has
 * sent nothing since the query.
 */
#include "nameserver.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "stream.h"
#include "support/fork.h"
#include "support/util.h"

#define QUERIES_PER_PORT 10000
#define PORT_IDLE 1000000 /* microseconds */
#define SOCKETS_MAX 16	  /* of one server; with one more the oldest closes */
#define DRAIN_MAX 4096	  /* datagrams */

/*
 * The root, type OPT (41), and the size in place of a class (RFC 6891, section
 * 6.1.2): replies of 1232 bytes, which no network has to fragment.
 */
static const uint8_t opt_record[] = {0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0,
    0, 0, 0};

/* --- one nameserver --- */

struct nameserver *
evi_nameserver_new(struct net *net, const struct address *address)
{
	struct nameserver *ns = malloc(sizeof(*ns));

	if (ns == NULL)
		return NULL;
	*ns = (struct nameserver){
	    .net = net,
	    .address = *address,
	    .sockets = TAILQ_HEAD_INITIALIZER(ns->sockets),
	    .pace.unsent = TAILQ_HEAD_INITIALIZER(ns->pace.unsent),
	    .pace.sent = TAILQ_HEAD_INITIALIZER(ns->pace.sent),
	    .pace.late = TAILQ_HEAD_INITIALIZER(ns->pace.late),
	};
	TAILQ_INSERT_TAIL(&net->all, ns, link);
	return ns;
}

static void
close_socket(struct nameserver *ns, struct udp_socket *s)
{
	evi_datagram_close(&ns->net->datagrams, &ns->sockets, s);
}

static void
note(struct nameserver *ns, bool *failure)
{
	*failure = true;
	ns->net->has_failures = true;
}

void
evi_nameserver_close_stream(struct nameserver *ns)
{
	if (ns->stream == NULL)
		return;
	evi_stream_free(ns->stream);
	ns->stream = NULL;
	ns->last_ended_stream = ns->nstreams;
	note(ns, &ns->failures.tcp);
}

static void
close_all(struct nameserver *ns)
{
	struct udp_socket *s;

	evi_channel_free(ns->channel);
	ns->channel = NULL;
	evi_nameserver_close_stream(ns);
	evi_nameserver_take_failures(ns);
	while ((s = TAILQ_FIRST(&ns->sockets)) != NULL)
		close_socket(ns, s);
}

void
evi_nameserver_release(struct nameserver *ns)
{
	if (--ns->refs > 0)
		return;
	close_all(ns);
	TAILQ_REMOVE(&ns->net->all, ns, link);
	free(ns);
}

/* --- the net --- */

void
evi_nameserver_net_init(struct net *net, const struct dns_options *options,
    bool logs, void (*notify_cb)(void *arg), void *arg)
{
	TAILQ_INIT(&net->all);
	net->options = options;
	net->logs = logs;
	net->notify_cb = notify_cb;
	net->arg = arg;
}

void
evi_nameserver_net_open(struct net *net, struct event_base *base)
{
	evi_nameserver_net_close(net);
	net->base = base;
	net->generation = atomic_load(&evi_fork_generation);
}

void
evi_nameserver_net_close(struct net *net)
{
	struct nameserver *ns;

	TAILQ_FOREACH (ns, &net->all, link)
		close_all(ns);
	net->base = NULL;
}

/* Whether the sockets are of the parent process, which is to read them. */
static bool
is_of_parent(const struct net *net)
{
	return net->generation != atomic_load(&evi_fork_generation);
}

/* --- receiving --- */

/*
 * A refusal is the server's.  Any other error of a socket that has received
 * something is taken for a fault of that socket; the next socket will report it
 * again if it is not.
 */
static void
fail_socket(struct nameserver *ns, struct udp_socket *s, int error)
{
	if (error == ECONNREFUSED || !s->has_received)
		note(ns, &ns->failures.udp);
	else
		note(ns, &ns->failures.port_changed);
	if (error != ECONNREFUSED)
		close_socket(ns, s);
}

/* Reads one batch.  Returns the number of datagrams, or -1. */
static int
read_socket(struct nameserver *ns, struct udp_socket *s)
{
	struct datagrams *d = &ns->net->datagrams;
	int n = evi_datagram_receive(d, s);

	for (int i = 0; i < n; i++) {
		if (ns->channel != NULL)
			evi_channel_receive(ns->channel, d->in[i],
			    d->in_len[i]);
	}
	if (n == -1 && !evi_util_is_transient(errno))
		fail_socket(ns, s, errno);
	return n;
}

/*
 * Reads one batch only: the queries that follow from it keep the server busy,
 * and other events have their turn.
 */
static void
socket_cb(int fd, short what, void *arg)
{
	struct udp_socket *s = arg;
	struct nameserver *ns = s->owner;
	struct net *net = ns->net;

	(void)fd;
	(void)what;
	if (!is_of_parent(net))
		read_socket(ns, s);
	net->notify_cb(net->arg);
}

static void
read_stream(struct nameserver *ns)
{
	const uint8_t *msg;
	size_t len;

	while ((msg = evi_stream_next(ns->stream, &len)) != NULL) {
		ns->stream_heard_at = evi_dns_now();
		if (ns->channel != NULL)
			evi_channel_receive(ns->channel, msg, len);
	}
	if (evi_stream_has_ended(ns->stream))
		evi_nameserver_close_stream(ns);
}

static void
stream_cb(void *arg)
{
	struct nameserver *ns = arg;
	struct net *net = ns->net;

	if (!is_of_parent(net))
		read_stream(ns);
	net->notify_cb(net->arg);
}

void
evi_nameserver_net_drain(struct net *net)
{
	struct nameserver *ns;
	struct udp_socket *s, *next;
	int remaining = DRAIN_MAX, n;

	if (net->base == NULL || is_of_parent(net))
		return;
	TAILQ_FOREACH (ns, &net->all, link) {
		for (s = TAILQ_FIRST(&ns->sockets); s != NULL; s = next) {
			next = TAILQ_NEXT(s, link);
			do
				n = read_socket(ns, s);
			while (n > 0 && (remaining -= n) > 0);
		}
		if (ns->stream != NULL) {
			evi_stream_receive(ns->stream);
			read_stream(ns);
		}
	}
}

/* --- sending --- */

static int
open_socket(struct nameserver *ns)
{
	struct udp_socket *s =
	    evi_datagram_open(&ns->sockets, &ns->address, ns->nsockets + 1, ns);

	if (s == NULL)
		return -1;
	ns->nsockets++;
	event_set(&s->event, s->descriptor.fd, EV_READ | EV_PERSIST, socket_cb,
	    s);
	event_base_set(ns->net->base, &s->event);
	ns->port_queries = 0;
	if (event_add(&s->event, NULL) == 0)
		return 0;
	close_socket(ns, s);
	errno = ENOMEM;
	return -1;
}

/*
 * A socket for the next query, numbered above after.  The number of queries
 * retires a socket only while there is no older one, so that at most two are
 * read for that reason.  NULL, errno set: none.
 */
static struct udp_socket *
socket_for(struct nameserver *ns, uint64_t after, int64_t now)
{
	struct udp_socket *s = TAILQ_FIRST(&ns->sockets);
	int n = 0;

	if (s != NULL &&
	    (s->number <= after || now - ns->pace.last_sent_at > PORT_IDLE ||
		(ns->port_queries >= QUERIES_PER_PORT &&
		    TAILQ_NEXT(s, link) == NULL)))
		evi_datagram_retire(s, now);
	if (s == NULL || s->retired_at != 0) {
		if (open_socket(ns) == -1)
			return NULL;
		TAILQ_FOREACH (s, &ns->sockets, link)
			n++;
		if (n > SOCKETS_MAX)
			close_socket(ns, TAILQ_LAST(&ns->sockets, udp_sockets));
	}
	return TAILQ_FIRST(&ns->sockets);
}

void
evi_nameserver_close_retired(struct nameserver *ns, int64_t oldest)
{
	struct udp_socket *s, *next;

	for (s = TAILQ_FIRST(&ns->sockets); s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->retired_at != 0 && s->retired_at <= oldest)
			close_socket(ns, s);
	}
}

static int64_t
send_over_tcp(struct nameserver *ns, const uint8_t *msg, size_t len)
{
	if (ns->stream == NULL) {
		ns->stream =
		    evi_stream_new(ns->net->base, &ns->address, stream_cb, ns);
		ns->nstreams++;
	}
	if (ns->stream == NULL && errno == ENOMEM)
		return -1;
	if (ns->stream == NULL) {
		ns->last_ended_stream = ns->nstreams;
		note(ns, &ns->failures.tcp);
	} else if (evi_stream_send(ns->stream, msg, len) == -1) {
		return -1;
	} else if (evi_stream_has_ended(ns->stream)) {
		evi_nameserver_close_stream(ns);
	}
	return (int64_t)ns->nstreams;
}

void
evi_nameserver_net_flush(struct net *net)
{
	struct datagrams *d = &net->datagrams;

	if (d->n > 0 && evi_datagram_flush(d) == -1)
		fail_socket(d->socket->owner, d->socket, errno);
}

int64_t
evi_nameserver_send(struct nameserver *ns, const uint8_t *msg, size_t len,
    bool tcp, uint64_t after, int64_t now)
{
	uint8_t with_opt[EVI_QUESTION_MAX];
	struct udp_socket *s;

	if (evi_nameserver_takes_edns(ns)) {
		memcpy(with_opt, msg, len);
		with_opt[11] = 1; /* additional records */
		memcpy(with_opt + len, opt_record, sizeof(opt_record));
		msg = with_opt;
		len += sizeof(opt_record);
	}
	if (tcp)
		return send_over_tcp(ns, msg, len);
	s = socket_for(ns, after, now);
	if (s != NULL && !evi_datagram_has_room(&ns->net->datagrams, s)) {
		evi_nameserver_net_flush(ns->net);
		/* The flush may have failed, and closed the socket. */
		s = socket_for(ns, after, now);
	}
	if (s != NULL) {
		evi_datagram_send(&ns->net->datagrams, s, msg, len);
		ns->port_queries++;
		return (int64_t)s->number;
	}
	if (errno != ENOMEM)
		note(ns, &ns->failures.udp);
	return -1;
}

/* --- lists of nameservers --- */

struct server_list *
evi_nameserver_list_new(int n)
{
	struct server_list *servers =
	    calloc(1, sizeof(*servers) + n * sizeof(servers->list[0]));

	if (servers != NULL)
		servers->refs = 1;
	return servers;
}

void
evi_nameserver_list_add(struct server_list *servers, struct nameserver *ns,
    const void *source)
{
	evi_nameserver_ref(ns);
	servers->list[servers->n++] = (struct listed_server){ns, source};
}

void
evi_nameserver_list_release(struct server_list *servers)
{
	if (servers == NULL || --servers->refs > 0)
		return;
	for (int i = 0; i < servers->n; i++)
		evi_nameserver_release(servers->list[i].ns);
	free(servers);
}

/* --- up or down --- */

static int64_t
probe_pause(int probes)
{
	static const int seconds[] = {10, 60, 300, 900, 3600};
	int last = sizeof(seconds) / sizeof(seconds[0]) - 1;

	return (int64_t)seconds[probes < last ? probes : last] * 1000000;
}

static void
log_state(const struct nameserver *ns, int is_warning, const char *state)
{
	char text[EVI_ADDRESS_TEXT];

	if (!ns->net->logs)
		return;

	evi_address_text(&ns->address, text);
	evi_log_message(is_warning, "nameserver %s %s", text, state);
}

static void
mark_down(struct nameserver *ns, int64_t now)
{
	if (ns->retry_at != 0)
		return;
	ns->went_down = ns->net->has_down = true;
	ns->probes = 0;
	ns->retry_at = now + probe_pause(0);
	log_state(ns, 1, "does not answer");
}

static void
mark_up(struct nameserver *ns, int64_t now)
{
	ns->heard_at = now;
	ns->silences = 0;
	if (ns->retry_at == 0)
		return;
	ns->retry_at = 0;
	log_state(ns, 0, "is back");
}

void
evi_nameserver_judge(struct nameserver *ns, enum outcome outcome, int64_t sent,
    int64_t now)
{
	switch (outcome) {
	case EVI_REPLIED:
		mark_up(ns, now);
		break;
	case EVI_TIMED_OUT:
		if (ns->heard_at < sent &&
		    ++ns->silences >= ns->net->options->max_timeouts)
			mark_down(ns, now);
		break;
	case EVI_UNREACHABLE:
		if (ns->heard_at < sent)
			mark_down(ns, now);
		break;
	case EVI_FAILED:
		break;
	}
}

struct nameserver *
evi_nameserver_next_down(struct net *net)
{
	struct nameserver *ns;

	TAILQ_FOREACH (ns, &net->all, link) {
		if (ns->went_down) {
			ns->went_down = false;
			return ns;
		}
	}
	net->has_down = false;
	return NULL;
}

bool
evi_nameserver_take_probe(struct nameserver *ns)
{
	int64_t now = evi_dns_now();

	if (ns->retry_at == 0 || now < ns->retry_at)
		return false;
	ns->retry_at = now + probe_pause(++ns->probes);
	return true;
}
