/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * echo: returns all bytes that it receives, to as many clients as there are
 * file descriptors.  A libevent 1.4 program on plain events: one-shot READ and
 * WRITE events with an idle timeout for each client, a persistent one for the
 * listening socket, signals and timers.  It builds with the -levent of any
 * libevent.
 *
 *	echo [-p port] [-t idle seconds] [-b bytes of each socket's buffer]
 *
 * HUP prints statistics.  TERM or INT stops accepting; the program ends when
 * its clients have closed.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 16384

struct client {
	LIST_ENTRY(client) next;
	struct event readable;
	struct event writable;
	int fd;
	size_t start; /* data[start .. end) has to be sent back */
	size_t end;
	char data[CHUNK];
};

static LIST_HEAD(, client) clients = LIST_HEAD_INITIALIZER(clients);
static struct event listener;
static struct event resume_timer; /* until accept(2) is tried again */
static struct event hup, term, intr;
static struct event grace; /* after TERM: how long clients may take */
static struct timeval idle = {10, 0};
static int sndbuf; /* SO_SNDBUF in bytes; 0: not set */
static int stopping;

static struct {
	unsigned long accepted;	 /* clients */
	unsigned long closed;	 /* by the client */
	unsigned long timed_out; /* after no byte for the idle time */
	unsigned long broken;	 /* by an error, or when the grace ended */
	unsigned long open;	 /* clients that are connected now */
	unsigned long peak;	 /* the most clients at once */
	unsigned long full;	 /* times that a client's socket was full */
	unsigned long long bytes;
} count;

static void
print_statistics(void)
{
	printf("echo: %lu clients came, at most %lu at once, %lu here now\n",
	    count.accepted, count.peak, count.open);
	printf("echo: %lu left, %lu idled too long, %lu broke off\n",
	    count.closed, count.timed_out, count.broken);
	printf("echo: %llu bytes came in, %lu times a socket was full\n",
	    count.bytes, count.full);
}

static void
remove_client(struct client *c)
{
	event_del(&c->readable);
	event_del(&c->writable);
	close(c->fd);
	LIST_REMOVE(c, next);
	free(c);
	count.open--;
	if (stopping && LIST_EMPTY(&clients))
		evtimer_del(&grace);
}

static void
drop_broken(struct client *c)
{
	count.broken++;
	remove_client(c);
}

static void
wait_for(struct client *c, struct event *ev)
{
	if (event_add(ev, &idle) == -1)
		drop_broken(c);
}

/* Sends the bytes, and resumes reading when all of them are sent. */
static void
send_back(struct client *c)
{
	while (c->start < c->end) {
		ssize_t n =
		    send(c->fd, c->data + c->start, c->end - c->start, 0);

		if (n >= 0) {
			c->start += n;
		} else if (errno == EAGAIN) {
			count.full++;
			wait_for(c, &c->writable);
			return;
		} else if (errno != EINTR) {
			drop_broken(c);
			return;
		}
	}
	wait_for(c, &c->readable);
}

static void
read_cb(int fd, short what, void *arg)
{
	struct client *c = arg;
	ssize_t n;

	if (!(what & EV_READ)) {
		count.timed_out++;
		remove_client(c);
		return;
	}
	n = recv(fd, c->data, sizeof(c->data), 0);
	if (n > 0) {
		count.bytes += n;
		c->start = 0;
		c->end = n;
		send_back(c);
	} else if (n == 0) {
		count.closed++;
		remove_client(c);
	} else if (errno == EAGAIN || errno == EINTR) {
		wait_for(c, &c->readable);
	} else {
		drop_broken(c);
	}
}

static void
write_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	if (what & EV_WRITE) {
		send_back(c);
	} else {
		count.timed_out++;
		remove_client(c);
	}
}

static void
add_client(int fd)
{
	struct client *c = malloc(sizeof(*c));

	if (c == NULL || evutil_make_socket_nonblocking(fd) == -1) {
		warn("a client was turned away");
		close(fd);
		free(c);
		return;
	}
	if (sndbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	c->fd = fd;
	event_set(&c->readable, fd, EV_READ, read_cb, c);
	event_set(&c->writable, fd, EV_WRITE, write_cb, c);
	LIST_INSERT_HEAD(&clients, c, next);
	count.accepted++;
	if (++count.open > count.peak)
		count.peak = count.open;
	wait_for(c, &c->readable);
}

/*
 * Accepts all waiting clients.  Without a free descriptor it pauses for a
 * moment.
 */
static void
accept_cb(int fd, short what, void *arg)
{
	static const struct timeval delay = {0, 50000};
	int newfd;

	(void)what;
	(void)arg;
	while ((newfd = accept(fd, NULL, NULL)) != -1)
		add_client(newfd);
	if (errno == EMFILE || errno == ENFILE) {
		event_del(&listener);
		evtimer_add(&resume_timer, &delay);
	}
}

static void
resume_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	event_add(&listener, NULL);
}

static void
hup_cb(int sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	print_statistics();
}

static void
grace_cb(int fd, short what, void *arg)
{
	struct client *c;

	(void)fd;
	(void)what;
	(void)arg;
	while ((c = LIST_FIRST(&clients)) != NULL)
		drop_broken(c);
}

/*
 * Deletes all events except those of the clients, so that event_dispatch()
 * returns after the last client.  The signals have their old handlers again: a
 * second TERM or INT ends the program at once.
 */
static void
stop_cb(int sig, short what, void *arg)
{
	static const struct timeval while_stopping = {5, 0};

	(void)what;
	(void)arg;
	printf("echo: signal %d, %lu clients may finish\n", sig, count.open);
	stopping = 1;
	event_del(&listener);
	close(EVENT_FD(&listener));
	evtimer_del(&resume_timer);
	signal_del(&hup);
	signal_del(&term);
	signal_del(&intr);
	if (!LIST_EMPTY(&clients))
		evtimer_add(&grace, &while_stopping);
}

static int
listen_on(int port)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    evutil_make_socket_nonblocking(fd) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "port %d", port);
	printf("echo: listening on %s port %d\n", inet_ntoa(sin.sin_addr),
	    ntohs(sin.sin_port));
	return fd;
}

static void
allow_all_descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == 0) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
}

static void
add_signal(struct event *ev, int sig, void (*cb)(int, short, void *))
{
	signal_set(ev, sig, cb, NULL);
	if (signal_add(ev, NULL) == -1)
		err(1, "signal %d", sig);
}

/* Reads the command line.  Returns the port. */
static int
parse(int argc, char **argv)
{
	int ch, port = 0;

	while ((ch = getopt(argc, argv, "b:p:t:")) != -1) {
		if (ch == 'b')
			sndbuf = atoi(optarg);
		else if (ch == 'p')
			port = atoi(optarg);
		else if (ch == 't' && atoi(optarg) > 0)
			idle.tv_sec = atoi(optarg);
		else
			errx(2,
			    "usage: echo [-p port] [-t seconds] [-b bytes]");
	}
	return port;
}

int
main(int argc, char **argv)
{
	int port = parse(argc, argv);

	setvbuf(stdout, NULL, _IOLBF, 0);
	allow_all_descriptors();
	signal(SIGPIPE, SIG_IGN);

	if (event_init() == NULL)
		errx(1, "event_init failed");
	printf("echo: libevent %s, waiting with %s\n", event_get_version(),
	    event_get_method());
	add_signal(&hup, SIGHUP, hup_cb);
	add_signal(&term, SIGTERM, stop_cb);
	add_signal(&intr, SIGINT, stop_cb);
	evtimer_set(&resume_timer, resume_cb, NULL);
	evtimer_set(&grace, grace_cb, NULL);
	event_set(&listener, listen_on(port), EV_READ | EV_PERSIST, accept_cb,
	    NULL);
	if (event_add(&listener, NULL) == -1)
		err(1, "event_add");

	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	print_statistics();
	printf("echo: good bye\n");
	return 0;
}
