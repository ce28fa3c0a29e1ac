/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How c-ares is used, so that all its versions do the same:
 *
 * 1. It has one server, a stand-in, and one socket, a mere number, on which no
 *    call fails.  What it writes for a new query is the message of that query;
 *    what it writes at any other time is dropped.
 * 2. Its time-outs are days, so that they never expire.  Versions from 1.32 on
 *    shorten them to a few round trips; what they write again is dropped.
 * 3. It reads a reply without its records: a header and a question.  So it can
 *    find the query of the reply, and cannot differ from other versions about
 *    malformed records, TC, response codes, EDNS or cookies.
 * 4. To give a query up, it reads a reply of our own.
 */
#define CARES_NO_DEPRECATED

#include "channel.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <netinet/in.h>

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "support/fork.h"

struct channel {
	ares_channel ares;
	TAILQ_HEAD(, query) queries;
	struct query *new_query; /* whose message is written next, or NULL */
	size_t room;		 /* bytes of room in its message */
	bool socket_is_open;

	/* The reply that was received, or NULL. */
	const uint8_t *reply;
	size_t reply_len;

	/* The header and question that c-ares reads of it, or NULL. */
	const uint8_t *input;
	size_t input_len;

	unsigned short ids[128];   /* random ones, for later queries */
	unsigned int n_ids;	   /* of them */
	unsigned int generation;   /* evi_fork_generation when they were made */
	uint32_t used[65536 / 32]; /* bit i: id i is in use */
};

/* --- the socket functions of c-ares --- */

/* The number of the only socket. */
#define SOCKET 0

static ares_socket_t
open_number(int family, int type, int protocol, void *arg)
{
	struct channel *ch = arg;

	(void)family;
	(void)type;
	(void)protocol;
	if (ch->socket_is_open) {
		errno = EMFILE;
		return -1;
	}
	ch->socket_is_open = true;
	return SOCKET;
}

static int
close_number(ares_socket_t number, void *arg)
{
	struct channel *ch = arg;

	(void)number;
	ch->socket_is_open = false;
	return 0;
}

static int
connect_number(ares_socket_t number, const struct sockaddr *address,
    ares_socklen_t len, void *arg)
{
	(void)number;
	(void)address;
	(void)len;
	(void)arg;
	return 0;
}

static ares_ssize_t
write_message(ares_socket_t number, const struct iovec *iov, int n, void *arg)
{
	struct channel *ch = arg;
	struct query *q = ch->new_query;
	size_t len = 0;

	(void)number;
	for (int i = 0; i < n; i++) {
		if (q != NULL && q->len + iov[i].iov_len <= ch->room) {
			memcpy(q->msg + q->len, iov[i].iov_base,
			    iov[i].iov_len);
			q->len += iov[i].iov_len;
		}
		len += iov[i].iov_len;
	}
	ch->new_query = NULL;
	return (ares_ssize_t)len;
}

/* The stand-in is the sender of all messages. */
static void
write_sender(struct sockaddr *from, ares_socklen_t *len)
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
read_message(ares_socket_t number, void *data, size_t size, int flags,
    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct channel *ch = arg;
	size_t len = ch->input_len;

	(void)number;
	(void)flags;
	if (ch->input == NULL || len > size) {
		errno = EAGAIN;
		return -1;
	}
	write_sender(from, from_len);
	memcpy(data, ch->input, len);
	ch->input = NULL;
	return (ares_ssize_t)len;
}

static const struct ares_socket_functions socket_functions = {
    .asocket = open_number,
    .aclose = close_number,
    .aconnect = connect_number,
    .arecvfrom = read_message,
    .asendv = write_message,
};

/* --- the channel --- */

/*
 * A later version than that of our headers may cache answers.  It does not if
 * this bit is set, and zeros follow the options that we know: a cache of no
 * seconds.
 */
#ifndef ARES_OPT_QUERY_CACHE
#define ARES_OPT_QUERY_CACHE (1 << 21)
#endif
union options {
	struct ares_options known;
	char more[sizeof(struct ares_options) + 256];
};

/* A day, in milliseconds: no version overflows by adding it to the time. */
#define LONG_TIME 86400000
/*
 * Versions that shorten the time-out double it after each try: no query ever
 * gets to the last one.
 */
#define MANY_TRIES 1000

/*
 * Sets every option that c-ares would otherwise read from files and the
 * environment.
 */
static int
make_ares(struct channel *ch)
{
	struct in_addr stand_in = {htonl(INADDR_LOOPBACK)};
	char lookups[] = "b", no_file[] = "/dev/null";
	union options options;
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_NDOTS | ARES_OPT_SERVERS | ARES_OPT_DOMAINS |
		   ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_NOROTATE |
		   ARES_OPT_RESOLVCONF | ARES_OPT_QUERY_CACHE;

	memset(&options, 0, sizeof(options));
	options.known = (struct ares_options){
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
		     ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC |
		     ARES_FLAG_STAYOPEN,
	    .timeout = LONG_TIME,
	    .tries = MANY_TRIES,
	    .ndots = 1,
	    .servers = &stand_in,
	    .nservers = 1,
	    .lookups = lookups,
	    .resolvconf_path = no_file,
	};
	if (ares_init_options(&ch->ares, &options.known, mask) != ARES_SUCCESS)
		return -1;
	ares_set_socket_functions(ch->ares, &socket_functions, ch);
	return 0;
}

static struct {
	pthread_once_t once;
	int status; /* ARES_SUCCESS once it is initialized */
} library = {.once = PTHREAD_ONCE_INIT};

static void
init_library(void)
{
	library.status = ares_library_init(ARES_LIB_INIT_ALL);
}

struct channel *
evi_channel_new(void)
{
	struct channel *ch;

	pthread_once(&library.once, init_library);
	if (library.status != ARES_SUCCESS)
		return NULL;
	ch = calloc(1, sizeof(*ch));
	if (ch == NULL)
		return NULL;
	TAILQ_INIT(&ch->queries);
	if (make_ares(ch) == 0)
		return ch;
	free(ch);
	return NULL;
}

/* --- replies --- */

static void
end_query(struct query *q, const uint8_t *reply, size_t len)
{
	TAILQ_REMOVE(&q->channel->queries, q, link);
	q->channel->used[q->id / 32] &= ~((uint32_t)1 << q->id % 32);
	q->channel = NULL;
	q->ended_cb(q, reply, len);
}

/* ares_destroy() ends the queries, but those it has lost: see read_socket(). */
void
evi_channel_free(struct channel *ch)
{
	if (ch == NULL)
		return;
	ares_destroy(ch->ares);
	while (!TAILQ_EMPTY(&ch->queries))
		end_query(TAILQ_FIRST(&ch->queries), NULL, 0);
	free(ch);
}

static void
reply_cb(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	struct query *q = arg;
	struct channel *ch = q->channel;

	(void)timeouts;
	(void)msg;
	(void)len;
	if (status == ARES_SUCCESS && ch->reply != NULL)
		end_query(q, ch->reply, ch->reply_len);
	else
		end_query(q, NULL, 0);
}

/* The length of the header and the question; 0 if there is not one question. */
static size_t
question_len(const uint8_t *msg, size_t len)
{
	size_t at = NS_HFIXEDSZ;

	if (len < NS_HFIXEDSZ || msg[4] != 0 || msg[5] != 1)
		return 0;
	while (at < len && msg[at] > 0 && msg[at] <= NS_MAXLABEL)
		at += 1 + (size_t)msg[at];
	if (at >= len || msg[at] != 0 || len - at < 1 + NS_QFIXEDSZ)
		return 0;
	at += 1 + NS_QFIXEDSZ;
	return at <= NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ ? at : 0;
}

/*
 * Has c-ares read its socket.  Without memory c-ares loses a query, and crashes
 * when the time-out of that query passes: a flag of 1.34 and later keeps it
 * from handling time-outs.
 */
#if ARES_VERSION >= 0x012200
static void
read_socket(struct channel *ch)
{
	ares_fd_events_t event = {SOCKET, ARES_FD_EVENT_READ};

	ares_process_fds(ch->ares, &event, 1, ARES_PROCESS_FLAG_SKIP_NON_FD);
}
#else
static void
read_socket(struct channel *ch)
{
	ares_process_fd(ch->ares, SOCKET, ARES_SOCKET_BAD);
}
#endif

/*
 * Has c-ares read a reply with the id and the question of msg, no error and no
 * records.  msg is len bytes, a header and a question.
 */
static void
read_reply_to(struct channel *ch, const uint8_t *msg, size_t len)
{
	/* QR, RD, RA; one question; no records in the three sections. */
	static const uint8_t head[] = {0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0};
	uint8_t reply[NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ];

	if (!ch->socket_is_open)
		return;
	memcpy(reply, msg, len);
	memcpy(reply + 2, head, sizeof(head));
	ch->input = reply;
	ch->input_len = len;
	read_socket(ch);
	ch->input = NULL;
}

/*
 * A server that does not know EDNS may reply with a header alone, whose
 * response code is an error.  It is the reply to the query with that id.
 */
static bool
is_bare_error(const uint8_t *msg, size_t len)
{
	return len == NS_HFIXEDSZ && (msg[3] & 0xf) != 0 &&
	       memcmp(msg + 4, "\0\0\0\0\0\0\0", 8) == 0;
}

/* The query with the id of a message, or NULL. */
static const struct query *
find_query(const struct channel *ch, const uint8_t *msg)
{
	const struct query *q;

	TAILQ_FOREACH (q, &ch->queries, link)
		if (q->len >= 2 && memcmp(q->msg, msg, 2) == 0)
			break;
	return q;
}

#define QR 0x80 /* in byte 2: the message is a reply */

void
evi_channel_receive(struct channel *ch, const uint8_t *msg, size_t len)
{
	const struct query *q;
	size_t n = question_len(msg, len);

	if (len < NS_HFIXEDSZ || !(msg[2] & QR))
		return;
	ch->reply = msg;
	ch->reply_len = len;
	if (n > 0)
		read_reply_to(ch, msg, n);
	else if (is_bare_error(msg, len) && (q = find_query(ch, msg)) != NULL)
		read_reply_to(ch, q->msg, q->len);
	ch->reply = NULL;
}

void
evi_channel_give_up(struct query *q)
{
	if (q->len > 0)
		read_reply_to(q->channel, q->msg, q->len);
}

/* --- new queries --- */

/*
 * The kernel makes the ids, many at a time; random(3) does if the kernel has no
 * random bytes yet, early at boot.  The generator of c-ares 1.18 makes the same
 * ids in a child as in its parent, and predictable ones if there was no
 * /dev/urandom to seed it.
 */
static unsigned short
random_id(struct channel *ch)
{
	unsigned int generation = atomic_load(&evi_fork_generation);

	if (ch->n_ids == 0 || ch->generation != generation) {
		ch->generation = generation;
		if (getrandom(ch->ids, sizeof(ch->ids), GRND_NONBLOCK) !=
		    (ssize_t)sizeof(ch->ids))
			return (unsigned short)random();
		ch->n_ids = sizeof(ch->ids) / sizeof(ch->ids[0]);
	}
	return ch->ids[--ch->n_ids];
}

/*
 * An id that no other query has: c-ares 1.18 finds the query of a reply by the
 * id and the name, and the same name may be asked for over UDP and over TCP.
 */
static unsigned short
new_id(struct channel *ch)
{
	unsigned short id;

	do
		id = random_id(ch);
	while (ch->used[id / 32] & (uint32_t)1 << id % 32);
	ch->used[id / 32] |= (uint32_t)1 << id % 32;
	return id;
}

void
evi_channel_ask(struct channel *ch, struct query *q)
{
	uint8_t msg[NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ];
	size_t len = ch->room = q->len;

	q->channel = ch;
	q->id = new_id(ch);
	memcpy(msg, q->msg, len);
	msg[0] = (uint8_t)(q->id >> 8);
	msg[1] = (uint8_t)q->id;
	q->len = 0;
	TAILQ_INSERT_TAIL(&ch->queries, q, link);
	ch->new_query = q;
	ares_send(ch->ares, msg, (int)len, reply_cb, q);
	ch->new_query = NULL;
}
