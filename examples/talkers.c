/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * talkers: many clients for an echo server, or for a proxy before one.  A
 * libevent 1.4 program on bufferevents.  Each talker sends numbered lines of
 * many lengths, and then closes its half of the connection.  It checks that
 * every line returns unchanged, once and in order, and then the end.  The
 * talkers behave in several ways, see `behaviours` below.  It builds with the
 * -levent of any libevent.
 *
 *	talkers [-n connections] port
 *
 * The program ends within a minute, whatever the server does.  The status is 0
 * if every connection got what it should.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST 20000	    /* the longest line, in bytes */
#define OUTPUT_ENOUGH 32768 /* bytes in the output that stop adding lines */
#define LINES_AT_ONCE 8	    /* lines that a slow talker reads, then it pauses */
#define STEP_TIMEOUT 30	    /* seconds for one read or write */
#define LIMIT 60	    /* seconds for everything */
#define FAILURES_PRINTED 5  /* all others are only counted */

enum behaviour {
	PATIENT,
	HASTY,
	SLOW,
	STUBBORN,
	LEAVER,
	N_BEHAVIOURS
};

static const struct {
	int share; /* of ten connections */
	unsigned int lines;
	const char *what;
} behaviours[N_BEHAVIOURS] = {
    [PATIENT] = {4, 50, "say a line when the last one is back"},
    [HASTY] = {2, 2000, "say all they have, and listen meanwhile"},
    [SLOW] = {2, 200, "listen to a few lines at a time, with pauses"},
    [STUBBORN] = {1, UINT_MAX, "talk, and listen when all others are done"},
    [LEAVER] = {1, 2000, "leave before the last line is back"},
};

struct talker {
	struct bufferevent *bev;
	struct event pause;
	enum behaviour behaviour;
	unsigned int id;
	int fd;
	int ended;	    /* the server has sent its last byte */
	unsigned int lines; /* how many it sends in all */
	unsigned int sent;  /* lines that were added to the output */
	unsigned int received;
};

static struct sockaddr_in server;
static struct talker *talkers;
static unsigned int n_connections = 300, n_finished;
static unsigned int n_awaited; /* talkers that the stubborn ones wait for */
static struct event deadline;
static struct evbuffer *outgoing; /* lines that an output is to get */
static struct evbuffer *expected; /* the line that should have arrived */
static char letters[LONGEST + 64];

static struct {
	unsigned long succeeded[N_BEHAVIOURS];
	unsigned long long lines[N_BEHAVIOURS];
	unsigned long long bytes;
	unsigned long failed;
} count;

static void start_stubborn_reads(void);

static void
finish(struct talker *t)
{
	evtimer_del(&t->pause);
	if (t->bev != NULL)
		bufferevent_free(t->bev);
	if (t->fd != -1)
		close(t->fd);
	t->bev = NULL;
	if (++n_finished == n_connections)
		evtimer_del(&deadline);
	if (t->behaviour != STUBBORN && --n_awaited == 0)
		start_stubborn_reads();
}

static void
succeed(struct talker *t)
{
	count.succeeded[t->behaviour]++;
	finish(t);
}

static void
fail(struct talker *t, const char *why)
{
	if (++count.failed <= FAILURES_PRINTED)
		printf("talkers: connection %u, after %u of %u lines: %s\n",
		    t->id, t->received, t->sent, why);
	finish(t);
}

/*
 * Adds line number n of talker t; the lines all differ.  Each fiftieth may be
 * long.
 */
static void
add_line(struct evbuffer *buf, const struct talker *t, unsigned int number)
{
	unsigned int mix = (t->id * 7919 + number) * 2654435761u;
	int len = (mix >> 8) % (number % 50 == 49 ? LONGEST - 40 : 100);

	if (evbuffer_add_printf(buf, "%u %u %.*s\n", t->id, number, len,
		letters + mix % 64) == -1)
		err(1, NULL);
}

/* Sends one more line, or as many as are enough at a time. */
static void
send_lines(struct talker *t)
{
	do
		add_line(outgoing, t, t->sent++);
	while (t->behaviour != PATIENT && t->sent < t->lines &&
	       EVBUFFER_LENGTH(outgoing) < OUTPUT_ENOUGH);
	if (bufferevent_write_buffer(t->bev, outgoing) == -1)
		err(1, NULL);
}

/*
 * Most of the output is written: sends more lines, or after the last one closes
 * this half of the connection.
 */
static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct talker *t = arg;

	if (t->sent == t->lines) {
		if (EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)) == 0)
			shutdown(t->fd, SHUT_WR);
	} else if (t->behaviour != PATIENT) {
		send_lines(t);
	}
}

static int
is_right(struct talker *t, const char *line)
{
	size_t len = strlen(line);
	int right;

	add_line(expected, t, t->received);
	right = t->received < t->sent && len + 1 == EVBUFFER_LENGTH(expected) &&
		memcmp(line, EVBUFFER_DATA(expected), len) == 0;
	evbuffer_drain(expected, EVBUFFER_LENGTH(expected));
	if (right) {
		t->received++;
		count.lines[t->behaviour]++;
		count.bytes += len + 1;
	}
	return right;
}

/* All whole lines are read: continues, or ends after the last one. */
static void
wait_for_more(struct talker *t)
{
	if (t->behaviour == PATIENT && t->received == t->sent &&
	    t->sent < t->lines)
		send_lines(t);
	if (!t->ended)
		return;
	if (t->received == t->lines &&
	    EVBUFFER_LENGTH(EVBUFFER_INPUT(t->bev)) == 0)
		succeed(t);
	else
		fail(t, "the server hung up");
}

static void
read_lines(struct talker *t)
{
	static const struct timeval delay = {0, 5000};
	unsigned int taken = 0;
	char *line;

	while ((line = evbuffer_readline(EVBUFFER_INPUT(t->bev))) != NULL) {
		int right = is_right(t, line);

		free(line);
		if (!right) {
			fail(t, "what came back is not what was said");
			return;
		}
		if (t->behaviour == LEAVER) {
			succeed(t);
			return;
		}
		if (t->behaviour == SLOW && ++taken == LINES_AT_ONCE) {
			evtimer_add(&t->pause, &delay);
			return;
		}
	}
	wait_for_more(t);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct talker *t = arg;

	(void)bev;
	if (!evtimer_pending(&t->pause, NULL))
		read_lines(t);
}

static void
pause_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_lines(arg);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	struct talker *t = arg;

	if (what == (EVBUFFER_READ | EVBUFFER_EOF)) {
		t->ended = 1;
		read_cb(bev, t);
	} else if (what & EVBUFFER_TIMEOUT) {
		fail(t, what & EVBUFFER_READ ? "the server says nothing"
					     : "the server does not listen");
	} else {
		fail(t, strerror(errno));
	}
}

/* The others have finished: the stubborn talkers send no more, and read. */
static void
start_stubborn_reads(void)
{
	unsigned int i;

	for (i = 0; i < n_connections; i++) {
		struct talker *t = &talkers[i];

		if (t->behaviour != STUBBORN || t->bev == NULL)
			continue;
		t->lines = t->sent;
		if (bufferevent_enable(t->bev, EV_READ) == -1)
			fail(t, "bufferevent_enable failed");
	}
}

static enum behaviour
behaviour_of(unsigned int id)
{
	int place = id % 10, behaviour = 0;

	while (place >= behaviours[behaviour].share)
		place -= behaviours[behaviour++].share;
	return behaviour;
}

/*
 * Starts a talker.  Lines that are sent before it is connected wait in the
 * output.
 */
static void
start(struct talker *t)
{
	short events = t->behaviour == STUBBORN ? EV_WRITE : EV_READ | EV_WRITE;

	t->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (t->fd == -1 || evutil_make_socket_nonblocking(t->fd) == -1 ||
	    (connect(t->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
		errno != EINPROGRESS)) {
		fail(t, strerror(errno));
		return;
	}
	t->bev = bufferevent_new(t->fd, read_cb, write_cb, error_cb, t);
	if (t->bev == NULL)
		err(1, NULL);
	bufferevent_settimeout(t->bev, STEP_TIMEOUT, STEP_TIMEOUT);
	bufferevent_setwatermark(t->bev, EV_WRITE, OUTPUT_ENOUGH / 2, 0);
	if (t->behaviour == SLOW) /* the longest line, and some more bytes */
		bufferevent_setwatermark(t->bev, EV_READ, 0, LONGEST + 1000);
	send_lines(t);
	if (bufferevent_enable(t->bev, events) == -1)
		fail(t, "bufferevent_enable failed");
}

static void
start_all(void)
{
	unsigned int i;

	for (i = 0; i < n_connections; i++) {
		struct talker *t = &talkers[i];

		t->id = i;
		t->behaviour = behaviour_of(i);
		t->lines = behaviours[t->behaviour].lines;
		evtimer_set(&t->pause, pause_cb, t);
		if (t->behaviour != STUBBORN)
			n_awaited++;
	}
	for (i = 0; i < n_connections; i++)
		start(&talkers[i]);
}

static void
deadline_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	printf("talkers: not done after %d seconds\n", LIMIT);
	event_loopbreak();
}

/* Prints the result.  Returns whether no connection has failed. */
static int
report(void)
{
	unsigned long long lines = 0;
	unsigned long succeeded = 0;
	int i;

	for (i = 0; i < N_BEHAVIOURS; i++) {
		printf("%6lu %-46s %10llu lines\n", count.succeeded[i],
		    behaviours[i].what, count.lines[i]);
		succeeded += count.succeeded[i];
		lines += count.lines[i];
	}
	printf("talkers: %lu of %u connections went well, %lu failed, "
	       "%u did not end\n",
	    succeeded, n_connections, count.failed, n_connections - n_finished);
	printf("talkers: %llu lines came back and were checked, %llu bytes\n",
	    lines, count.bytes);
	return succeeded == n_connections;
}

static void
prepare(void)
{
	size_t i;

	for (i = 0; i < sizeof(letters) - 1; i++)
		letters[i] = 'a' + (i ^ i / 23 ^ i / 599) % 26;
	outgoing = evbuffer_new();
	expected = evbuffer_new();
	talkers = calloc(n_connections, sizeof(*talkers));
	if (outgoing == NULL || expected == NULL || talkers == NULL)
		err(1, NULL);
}

static void
clean_up(struct event_base *base)
{
	unsigned int i;

	for (i = 0; i < n_connections; i++)
		if (talkers[i].bev != NULL)
			bufferevent_free(talkers[i].bev);
	evbuffer_free(outgoing);
	evbuffer_free(expected);
	free(talkers);
	event_base_free(base);
}

int
main(int argc, char **argv)
{
	const struct timeval limit = {LIMIT, 0};
	struct event_base *base;
	int ch, succeeded;

	while ((ch = getopt(argc, argv, "n:")) == 'n')
		n_connections = atoi(optarg);
	if (ch != -1 || n_connections < 1 || n_connections > 100000 ||
	    optind != argc - 1)
		errx(2, "usage: talkers [-n connections] port");
	server.sin_family = AF_INET;
	server.sin_port = htons(atoi(argv[optind]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	signal(SIGPIPE, SIG_IGN);

	if ((base = event_init()) == NULL)
		errx(1, "event_init failed");
	prepare();
	evtimer_set(&deadline, deadline_cb, NULL);
	evtimer_add(&deadline, &limit);
	start_all();
	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	succeeded = report();
	clean_up(base);
	return succeeded ? 0 : 1;
}
