/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One c-ares channel for one nameserver, with one try a question: c-ares makes
 * the ids, opens sockets at random ports, and tells replies from forgeries.
 *
 * c-ares is not told of the nameserver's address but of a stand-in for it.  The
 * sockets are made here, and connected to the real one: so IPv6 with a scope
 * works with every version of c-ares, what does not come from the nameserver is
 * dropped by the kernel, and several replies are read by one system call.
 */
#define CARES_NO_DEPRECATED

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <netinet/tcp.h>

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "datagram.h"
#include "public.h"
#include "support/fork.h"
#include "support/log.h"

/* One of the channel's sockets, with the event c-ares wants for it. */
struct channel_socket {
	struct evi_socket socket; /* has to be first */
	TAILQ_ENTRY(channel_socket) link;
	struct evi_channel *channel;
	bool stream;
	bool ended; /* by the server */
	dev_t dev;  /* which file it is, to be told from a later one */
	ino_t ino;
	struct event event;
};

struct evi_channel {
	ares_channel ares;
	struct event_base *base;
	struct evi_address server;
	int timeout; /* milliseconds */
	bool tcp;
	bool is_ended; /* its connection, so that all questions end */
	int under_way; /* questions */
	evi_channel_noted *noted;
	TAILQ_HEAD(, channel_socket) sockets;
	struct event deadline;
	int64_t due;		 /* when it fires, in milliseconds */
	unsigned int generation; /* of evi_fork_generation */
};

/*
 * Versions of c-ares that measure a server's speed let a question time out
 * sooner than they were told to, but not sooner than this many milliseconds.
 */
#define SHORTEST_TIMEOUT 250

/* What a server may send by UDP if it knows EDNS, in one piece on any network.
 */
#define EDNS_SIZE 1232

/* What comes in at a socket that was a parent's is for the parent. */
static bool
is_the_parents(const struct evi_channel *ch)
{
	return ch->generation != atomic_load(&evi_fork_generation);
}

/* --- the deadline --- */

static void
set_deadline(struct evi_channel *ch, int64_t now, int64_t ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	ch->due = now + ms;
	event_add(&ch->deadline, &tv);
}

/*
 * After a question: c-ares' next deadline is not before the one it had, nor
 * before the shortest time it gives a question.  To ask it costs a walk through
 * all questions in some versions, so that is done when the time has come.
 */
static void
bring_deadline_forward(struct evi_channel *ch)
{
	int64_t now = evi_dns_now() / 1000;
	int least =
	    ch->timeout < SHORTEST_TIMEOUT ? ch->timeout : SHORTEST_TIMEOUT;

	if (!event_pending(&ch->deadline, EV_TIMEOUT, NULL) ||
	    ch->due > now + least)
		set_deadline(ch, now, least);
}

static void
on_deadline(int fd, short what, void *arg)
{
	struct evi_channel *ch = arg;
	struct timeval tv, *next;

	(void)fd;
	(void)what;
	if (is_the_parents(ch)) {
		ch->noted();
		return;
	}
	ares_process_fd(ch->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	next = ares_timeout(ch->ares, NULL, &tv);
	if (next != NULL)
		/* Rounded up, so as not to come a little too early. */
		set_deadline(ch, evi_dns_now() / 1000,
		    (int64_t)next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
	ch->noted();
}

/* --- sockets, as c-ares calls for them --- */

static struct channel_socket *
find_socket(struct evi_channel *ch, int fd)
{
	struct channel_socket *s;

	TAILQ_FOREACH (s, &ch->sockets, link)
		if (s->socket.fd == fd)
			break;
	return s;
}

static ares_socket_t
open_socket(int family, int type, int protocol, void *arg)
{
	struct evi_channel *ch = arg;
	struct channel_socket *s = calloc(1, sizeof(*s));
	struct stat st;
	int one = 1;

	(void)family;
	if (s == NULL)
		return -1;
	s->socket.fd = socket(ch->server.sa.sa_family,
	    type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (s->socket.fd == -1) {
		free(s);
		return -1;
	}
	fstat(s->socket.fd, &st);
	s->channel = ch;
	s->stream = type == SOCK_STREAM;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	if (s->stream)
		setsockopt(s->socket.fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof(one));
	TAILQ_INSERT_TAIL(&ch->sockets, s, link);
	return s->socket.fd;
}

static bool
is_still_ours(const struct channel_socket *s)
{
	struct stat st;

	return fstat(s->socket.fd, &st) == 0 && st.st_dev == s->dev &&
	       st.st_ino == s->ino;
}

static int
close_socket(ares_socket_t fd, void *arg)
{
	struct evi_channel *ch = arg;
	struct channel_socket *s = find_socket(ch, fd);
	int result = 0;

	if (s == NULL)
		return -1;
	event_del(&s->event);
	evi_datagrams_forget(&s->socket);
	if (is_still_ours(s))
		result = close(fd);
	TAILQ_REMOVE(&ch->sockets, s, link);
	free(s);
	return result;
}

static int
connect_socket(ares_socket_t fd, const struct sockaddr *stand_in,
    ares_socklen_t len, void *arg)
{
	struct evi_channel *ch = arg;

	(void)stand_in;
	(void)len;
	return connect(fd, &ch->server.sa, ch->server.len);
}

static ares_ssize_t
send_to_socket(ares_socket_t fd, const struct iovec *iov, int n, void *arg)
{
	struct evi_channel *ch = arg;
	struct channel_socket *s = find_socket(ch, fd);
	struct msghdr msg = {
	    .msg_iov = (struct iovec *)iov,
	    .msg_iovlen = n < IOV_MAX ? (size_t)n : IOV_MAX,
	};

	if (s != NULL && !s->stream && n == 1 &&
	    iov->iov_len <= EVI_DATAGRAM_MAX) {
		evi_datagram_write(&s->socket, iov->iov_base, iov->iov_len);
		return (ares_ssize_t)iov->iov_len;
	}
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* The sender is the stand-in that c-ares knows: the socket is connected. */
static void
tell_stand_in(struct sockaddr *from, ares_socklen_t *len)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(NS_DEFAULTPORT),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (from == NULL || len == NULL)
		return;
	memcpy(from, &in, *len < sizeof(in) ? *len : sizeof(in));
	*len = sizeof(in);
}

static ares_ssize_t
read_from_socket(ares_socket_t fd, void *data, size_t size, int flags,
    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct evi_channel *ch = arg;
	struct channel_socket *s = find_socket(ch, fd);
	ares_ssize_t n;

	tell_stand_in(from, from_len);
	if (s != NULL && s->socket.error != 0) {
		errno = s->socket.error;
		return -1;
	}
	if (s != NULL && !s->stream)
		return evi_datagram_read(&s->socket, data, size);
	n = recv(fd, data, size, flags);
	if (s != NULL && n == 0)
		s->ended = true;
	return n;
}

/*
 * c-ares 1.34.9 keeps a connection that ended inside a message, and would read
 * its end again and again until the time of the questions is up.
 */
static void
end_connection(struct evi_channel *ch)
{
	ch->is_ended = true;
	ares_cancel(ch->ares);
	ch->is_ended = false;
}

/* Has c-ares read and write.  Some versions take one datagram at a time. */
static void
process(struct channel_socket *s, short what)
{
	struct evi_channel *ch = s->channel;
	ares_channel ares = ch->ares;
	ares_socket_t fd = s->socket.fd;

	evi_datagrams_start(&s->socket);
	do {
		ares_process_fd(ares, what & EV_READ ? fd : ARES_SOCKET_BAD,
		    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	} while (evi_datagrams_left(&s->socket));
	s = find_socket(ch, fd);
	if (s != NULL && s->ended)
		end_connection(ch);
}

static void
on_socket(int fd, short what, void *arg)
{
	struct channel_socket *s = arg;
	struct evi_channel *ch = s->channel;

	(void)fd;
	if (!is_the_parents(ch))
		process(s, what);
	ch->noted();
}

void
evi_channels_flush(void)
{
	struct evi_socket *s;

	evi_datagrams_flush();
	while ((s = evi_datagrams_failed()) != NULL) {
		process((struct channel_socket *)s, EV_READ);
		/* It is closed by now, or has been told at least. */
		if (s == evi_datagrams_failed())
			evi_datagrams_recovered(s);
	}
}

/* c-ares says what it waits for at a socket. */
static void
want(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct evi_channel *ch = arg;
	struct channel_socket *s = find_socket(ch, fd);
	short what = (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);

	if (s == NULL)
		return;
	event_del(&s->event);
	if (what == 0)
		return;
	event_set(&s->event, fd, what | EV_PERSIST, on_socket, s);
	event_base_set(ch->base, &s->event);
	if (event_add(&s->event, NULL) == -1)
		event_warn("a nameserver's socket cannot be watched");
}

static const struct ares_socket_functions socket_functions = {
    .asocket = open_socket,
    .aclose = close_socket,
    .aconnect = connect_socket,
    .arecvfrom = read_from_socket,
    .asendv = send_to_socket,
};

/* --- the channel --- */

/*
 * Versions that came after the headers we are built with may remember answers
 * unless told not to, by this bit and a 0 behind the options that we know.
 */
#ifndef ARES_OPT_QUERY_CACHE
#define ARES_OPT_QUERY_CACHE (1 << 21)
#endif
union options {
	struct ares_options known;
	char more[sizeof(struct ares_options) + 256];
};

/*
 * Everything is said here that c-ares would otherwise look up in files and the
 * environment.
 */
static int
make_ares(struct evi_channel *ch)
{
	struct in_addr stand_in = {htonl(INADDR_LOOPBACK)};
	char lookups[] = "b", no_file[] = "/dev/null";
	union options options;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
		   ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_NOROTATE |
		   ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB |
		   ARES_OPT_QUERY_CACHE;

	memset(&options, 0, sizeof(options));
	options.known = (struct ares_options){
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
		     ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC |
		     (ch->tcp ? ARES_FLAG_USEVC : ARES_FLAG_STAYOPEN),
	    .timeout = ch->timeout,
	    .tries = 1,
	    .ndots = 1,
	    .servers = &stand_in,
	    .nservers = 1,
	    .lookups = lookups,
	    .resolvconf_path = no_file,
	    .sock_state_cb = want,
	    .sock_state_cb_data = ch,
	};
	if (ares_init_options(&ch->ares, &options.known, mask) != ARES_SUCCESS)
		return -1;
	ares_set_socket_functions(ch->ares, &socket_functions, ch);
	return 0;
}

struct evi_channel *
evi_channel_new(struct event_base *base, const struct evi_address *server,
    int timeout, bool tcp, evi_channel_noted *noted)
{
	struct evi_channel *ch;

	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return NULL;
	ch = calloc(1, sizeof(*ch));
	if (ch == NULL)
		goto no_channel;
	ch->base = base;
	ch->server = *server;
	ch->timeout = timeout;
	ch->tcp = tcp;
	ch->noted = noted;
	ch->generation = atomic_load(&evi_fork_generation);
	TAILQ_INIT(&ch->sockets);
	event_set(&ch->deadline, -1, 0, on_deadline, ch);
	event_base_set(base, &ch->deadline);
	if (make_ares(ch) == 0)
		return ch;
	free(ch);
no_channel:
	ares_library_cleanup();
	return NULL;
}

void
evi_channel_free(struct evi_channel *ch)
{
	if (ch == NULL)
		return;
	ares_destroy(ch->ares);
	event_del(&ch->deadline);
	free(ch);
	ares_library_cleanup();
}

/* --- questions --- */

static enum evi_outcome
outcome_of(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		return EVI_TIMED_OUT;
	case ARES_ENOMEM:
		return EVI_NO_MEMORY;
	case ARES_ENOTFOUND: /* .onion, RFC 7686 */
	case ARES_EBADNAME:
		return EVI_NO_SUCH_NAME;
	/* Some versions tell all questions of one reply that makes no sense. */
	case ARES_EBADRESP:
	case ARES_EFORMERR:
		return EVI_GARBLED;
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		return EVI_DROPPED;
	default:
		return EVI_UNREACHABLE;
	}
}

static void
end_query(struct evi_query *q, enum evi_outcome outcome, const uint8_t *msg,
    size_t len)
{
	q->channel->under_way--;
	q->ended(q, outcome, msg, len);
}

/*
 * c-ares cuts what came by UDP at 512 bytes, unless it knows that EDNS was
 * used; and if it knows, it has its own mind of what to do where a server does
 * not like that.  So it does not know, and all of the datagram is taken from
 * the batch.
 */
static void
take_whole(const unsigned char **msg, size_t *len)
{
	size_t whole_len;
	const uint8_t *whole = evi_datagram_last(&whole_len);

	if (whole != NULL && whole_len > *len &&
	    memcmp(whole, *msg, *len) == 0) {
		*msg = whole;
		*len = whole_len;
	}
}

static void
on_reply(void *arg, int status, int timeouts, unsigned char *msg, int msg_len)
{
	struct evi_query *q = arg;
	const unsigned char *whole = msg;
	size_t len = (size_t)msg_len;

	(void)timeouts;
	if (status == ARES_ECANCELLED && q->channel->is_ended)
		status = ARES_ECONNREFUSED;
	if (msg == NULL || msg_len <= 0) {
		end_query(q, outcome_of(status), NULL, 0);
		return;
	}
	if (!q->channel->tcp)
		take_whole(&whole, &len);
	end_query(q, EVI_REPLIED, whole, len);
}

/*
 * Ids come from the kernel, many at a time.  c-ares of Debian 12 has a
 * generator of its own, which a child would go on with, and which can be
 * foreseen if there was no /dev/urandom to start it.
 */
static unsigned short
new_id(void)
{
	static unsigned short ids[128];
	static unsigned int left, generation;

	if (left == 0 || generation != atomic_load(&evi_fork_generation)) {
		generation = atomic_load(&evi_fork_generation);
		if (getrandom(ids, sizeof(ids), GRND_NONBLOCK) !=
		    (ssize_t)sizeof(ids))
			return (unsigned short)random();
		left = sizeof(ids) / sizeof(ids[0]);
	}
	return ids[--left];
}

/* c-ares would take a backslash for an escape. */
static void
double_backslashes(char out[2 * NS_MAXDNAME], const char *name)
{
	size_t n = 0;

	for (; *name != '\0' && n + 2 < 2 * NS_MAXDNAME; name++) {
		if (*name == '\\')
			out[n++] = '\\';
		out[n++] = *name;
	}
	out[n] = '\0';
}

/* Some versions look for a free id until they find one. */
bool
evi_channel_is_full(const struct evi_channel *ch)
{
	return ch->under_way >= 32768;
}

bool
evi_channel_is_idle(const struct evi_channel *ch)
{
	return ch->under_way == 0;
}

void
evi_channel_ask(struct evi_channel *ch, const char *name, int type, bool edns,
    struct evi_query *query)
{
	char escaped[2 * NS_MAXDNAME];
	unsigned char *msg = NULL;
	int status, len;

	query->channel = ch;
	ch->under_way++;
	if (strchr(name, '\\') != NULL) {
		double_backslashes(escaped, name);
		name = escaped;
	}
	status = ares_create_query(name, ns_c_in, type, new_id(), 1, &msg, &len,
	    edns ? EDNS_SIZE : 0);
	if (status == ARES_SUCCESS) {
		ares_send(ch->ares, msg, len, on_reply, query);
		bring_deadline_forward(ch);
	} else {
		end_query(query, outcome_of(status), NULL, 0);
	}
	ares_free_string(msg);
}
