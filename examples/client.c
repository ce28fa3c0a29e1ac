/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * client: many clients for an echo server, in one libevent 1.4 program on plain
 * events.  Each sends messages of many lengths, and checks every byte that the
 * server returns.  The clients behave in several ways, see `behaviours` below.
 * It builds with the -levent of any libevent.
 *
 *	client [-n connections] port
 *
 * The program ends within a minute, whatever the server does.  The status is 0
 * if every connection got what it should.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 16384
#define BURST 32	   /* connections that are started at a time */
#define FAILURES_PRINTED 5 /* all others are only counted */
#define LIMIT 60	   /* seconds for everything */

enum behaviour {
	STEADY,
	EAGER,
	SLOW,
	LEAVER,
	SILENT,
	N_BEHAVIOURS
};

static const struct {
	int share; /* of ten connections */
	int messages;
	size_t longest;
	const char *what;
} behaviours[N_BEHAVIOURS] = {
    [STEADY] = {4, 40, 4096, "wait for each message before the next"},
    [EAGER] = {2, 30, 65536, "send all at once, read when nothing goes out"},
    [SLOW] = {2, 4, 65536, "read a little at a time, with pauses"},
    [LEAVER] = {1, 3, 32768, "leave before the answer comes"},
    [SILENT] = {1, 0, 0, "say nothing until the server hangs up"},
};

struct client {
	struct event readable;
	struct event writable;
	struct event pause;
	unsigned int id;
	unsigned int random;
	enum behaviour behaviour;
	int fd;
	int not_begun;	    /* messages that are still to be sent */
	size_t begun_bytes; /* of all messages that were begun */
	size_t sent;	    /* bytes */
	size_t received;    /* bytes, which were checked */
};

/* How long connecting, one send or one receive may take. */
static const struct timeval step_timeout = {20, 0};
static struct sockaddr_in server;
static struct client *clients;
static unsigned int n_connections = 300, n_started, n_finished;
static struct event start_timer, deadline;

static struct {
	unsigned long succeeded[N_BEHAVIOURS];
	unsigned long long checked[N_BEHAVIOURS];
	unsigned long failed;
} count;

/* The byte at an offset of the stream of client c; the streams all differ. */
static unsigned char
byte_at(const struct client *c, size_t offset)
{
	return (unsigned char)((offset * 31) ^ (offset >> 8) ^ (c->id * 17));
}

static size_t
next_length(struct client *c)
{
	c->random = c->random * 1103515245 + 12345;
	return 1 + (c->random >> 8) % behaviours[c->behaviour].longest;
}

static void
finish(struct client *c)
{
	event_del(&c->readable);
	event_del(&c->writable);
	evtimer_del(&c->pause);
	close(c->fd);
	c->fd = -1;
	if (++n_finished == n_connections)
		evtimer_del(&deadline);
}

static void
succeed(struct client *c)
{
	count.succeeded[c->behaviour]++;
	finish(c);
}

static void
fail(struct client *c, const char *why)
{
	if (++count.failed <= FAILURES_PRINTED)
		printf("client: connection %u, after %zu of %zu bytes: %s\n",
		    c->id, c->received, c->sent, why);
	finish(c);
}

static void
wait_for(struct client *c, struct event *ev, const struct timeval *tv)
{
	if (event_add(ev, tv) == -1)
		fail(c, "event_add failed");
}

/* Begins one message if the client waits for each reply, else all of them. */
static void
begin_messages(struct client *c)
{
	do {
		c->begun_bytes += next_length(c);
		c->not_begun--;
	} while (c->not_begun > 0 && c->behaviour != STEADY);
}

/*
 * The socket takes no more now.  An eager client reads as well from here on; a
 * leaver closes when everything is sent.
 */
static void
after_sending(struct client *c)
{
	if (c->behaviour == EAGER)
		wait_for(c, &c->readable, &step_timeout);
	else if (c->behaviour == LEAVER && c->sent == c->begun_bytes)
		succeed(c);
}

/* Sends as many bytes of the begun messages as the socket takes. */
static void
send_begun(struct client *c)
{
	unsigned char data[CHUNK];

	while (c->sent < c->begun_bytes) {
		size_t i, len = c->begun_bytes - c->sent;
		ssize_t n;

		if (len > sizeof(data))
			len = sizeof(data);
		for (i = 0; i < len; i++)
			data[i] = byte_at(c, c->sent + i);
		n = send(c->fd, data, len, 0);
		if (n >= 0) {
			c->sent += n;
		} else if (errno == EAGAIN) {
			wait_for(c, &c->writable, &step_timeout);
			break;
		} else if (errno != EINTR) {
			fail(c, strerror(errno));
			return;
		}
	}
	if (c->fd != -1)
		after_sending(c);
}

static void
write_cb(int fd, short what, void *arg)
{
	(void)fd;
	if (what & EV_WRITE)
		send_begun(arg);
	else
		fail(arg, "the server does not read");
}

static int
is_right(struct client *c, const unsigned char *data, size_t len)
{
	size_t i;

	if (c->received + len > c->sent)
		return 0;
	for (i = 0; i < len; i++)
		if (data[i] != byte_at(c, c->received + i))
			return 0;
	c->received += len;
	count.checked[c->behaviour] += len;
	return 1;
}

/* Handles bytes that were as expected. */
static void
proceed(struct client *c)
{
	static const struct timeval delay = {0, 5000};

	if (c->received == c->begun_bytes && c->not_begun == 0) {
		succeed(c);
	} else if (c->behaviour == SLOW) {
		wait_for(c, &c->pause, &delay);
	} else {
		wait_for(c, &c->readable, &step_timeout);
		if (c->received == c->begun_bytes && c->fd != -1) {
			begin_messages(c);
			send_begun(c);
		}
	}
}

static void
read_cb(int fd, short what, void *arg)
{
	unsigned char data[CHUNK];
	struct client *c = arg;
	ssize_t n;

	if (!(what & EV_READ)) {
		fail(c, "the server says nothing");
		return;
	}
	n = recv(fd, data, sizeof(data), 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		wait_for(c, &c->readable, &step_timeout);
	else if (n == -1)
		fail(c, strerror(errno));
	else if (n == 0 && c->behaviour == SILENT)
		succeed(c);
	else if (n == 0)
		fail(c, "the server hung up");
	else if (!is_right(c, data, n))
		fail(c, "what came back is not what was sent");
	else
		proceed(c);
}

static void
pause_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	wait_for(c, &c->readable, &step_timeout);
}

static void
connected_cb(int fd, short what, void *arg)
{
	struct client *c = arg;
	int error = ETIMEDOUT;
	socklen_t len = sizeof(error);

	if (what & EV_WRITE)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0) {
		fail(c, strerror(error));
		return;
	}
	event_set(&c->writable, fd, EV_WRITE, write_cb, c);
	if (c->behaviour != EAGER && c->behaviour != LEAVER)
		wait_for(c, &c->readable, &step_timeout);
	if (c->fd != -1 && c->not_begun > 0) {
		begin_messages(c);
		send_begun(c);
	}
}

static enum behaviour
behaviour_of(unsigned int id)
{
	int rest = id % 10, behaviour = 0;

	while (rest >= behaviours[behaviour].share)
		rest -= behaviours[behaviour++].share;
	return behaviour;
}

static void
start(struct client *c, unsigned int id)
{
	c->id = id;
	c->random = id;
	c->behaviour = behaviour_of(id);
	c->not_begun = behaviours[c->behaviour].messages;
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	event_set(&c->readable, c->fd, EV_READ, read_cb, c);
	event_set(&c->writable, c->fd, EV_WRITE, connected_cb, c);
	evtimer_set(&c->pause, pause_cb, c);
	if (c->fd == -1 || evutil_make_socket_nonblocking(c->fd) == -1) {
		fail(c, strerror(errno));
		return;
	}
	if (connect(c->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		fail(c, strerror(errno));
	else
		wait_for(c, &c->writable, &step_timeout);
}

static void
start_cb(int fd, short what, void *arg)
{
	static const struct timeval delay = {0, 2000};
	int i;

	(void)fd;
	(void)what;
	(void)arg;
	for (i = 0; i < BURST && n_started < n_connections; i++, n_started++)
		start(&clients[n_started], n_started);
	if (n_started < n_connections)
		evtimer_add(&start_timer, &delay);
}

static void
deadline_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	printf("client: not done after %d seconds\n", LIMIT);
	event_loopbreak();
}

/* Prints the result.  Returns whether no connection has failed. */
static int
report(void)
{
	unsigned long long bytes = 0;
	unsigned long succeeded = 0;
	int i;

	for (i = 0; i < N_BEHAVIOURS; i++) {
		printf("%6lu %-44s %11llu bytes\n", count.succeeded[i],
		    behaviours[i].what, count.checked[i]);
		succeeded += count.succeeded[i];
		bytes += count.checked[i];
	}
	printf("client: %lu of %u connections went well, %lu failed, "
	       "%u did not end\n",
	    succeeded, n_connections, count.failed, n_connections - n_finished);
	printf("client: %llu bytes came back and were checked\n", bytes);
	return succeeded == n_connections;
}

static void
allow_descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
}

int
main(int argc, char **argv)
{
	const struct timeval limit = {LIMIT, 0}, now = {0, 0};
	int ch;

	while ((ch = getopt(argc, argv, "n:")) == 'n')
		n_connections = atoi(optarg);
	if (ch != -1 || n_connections < 1 || n_connections > 100000 ||
	    optind != argc - 1)
		errx(2, "usage: client [-n connections] port");
	server.sin_family = AF_INET;
	server.sin_port = htons(atoi(argv[optind]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((clients = calloc(n_connections, sizeof(*clients))) == NULL)
		err(1, NULL);
	signal(SIGPIPE, SIG_IGN);
	allow_descriptors();

	if (event_init() == NULL)
		errx(1, "event_init failed");
	evtimer_set(&start_timer, start_cb, NULL);
	evtimer_add(&start_timer, &now);
	evtimer_set(&deadline, deadline_cb, NULL);
	evtimer_add(&deadline, &limit);
	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	free(clients);
	return report() ? 0 : 1;
}
