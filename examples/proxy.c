/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * proxy: passes the bytes of connections on to a server, and back.  A libevent
 * 1.4 program on bufferevents, two for each connection.  It builds with the
 * -levent of any libevent.
 *
 *	proxy [-p port] [-t idle seconds] [-b bytes of each buffer]
 *	    [-n connections at once] address port
 *
 * The bytes of one side are read into its input, and bufferevent_write_buffer()
 * moves them to the output of the other side when that is empty.  If the other
 * side does not read, its output stays, and the input fills up to its high
 * mark; then reading stops, until at last the sender has to wait.  So a
 * connection has four buffers of a limited size, whatever the sides do.
 *
 * HUP prints statistics.  TERM or INT stops accepting; the program ends when
 * its connections have closed.
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
#include <unistd.h>

#define SPARE 32 /* descriptors that are not for connections */

struct side {
	struct connection *connection;
	struct side *other;
	struct bufferevent *bev;
	int fd;
	int full;    /* its input is full: it is not read from */
	int silent;  /* it has sent its last byte */
	int is_shut; /* it was sent the last byte of the other side */
};

struct connection {
	LIST_ENTRY(connection) next;
	struct side client;
	struct side server;
	struct event quiet; /* expires after no bytes were passed on */
};

static LIST_HEAD(, connection) connections = LIST_HEAD_INITIALIZER(connections);
static struct sockaddr_in server;
static struct event listener;
static struct event hup, term, intr;
static struct event grace; /* after TERM: how long connections may take */
static struct timeval idle = {60, 0};
static size_t mark = 65536;	    /* bytes in each input and output at most */
static int sndbuf;		    /* SO_SNDBUF in bytes; 0: not set */
static unsigned long room = 100000; /* how many connections may be open */
static int stopping;

static struct {
	unsigned long came, ended, idled, lost, unreached; /* connections */
	unsigned long now, peak;
	unsigned long full; /* times that reading has stopped */
	size_t held; /* the most bytes that one direction had in buffers */
	unsigned long long bytes;
} count;

/* How many sides are not read from, as their input is full. */
static unsigned int
standing_still(void)
{
	struct connection *c;
	unsigned int n = 0;

	LIST_FOREACH (c, &connections, next)
		n += c->client.full + c->server.full;
	return n;
}

static void
print_statistics(void)
{
	printf("proxy: %lu clients came, at most %lu at once, %lu here now\n",
	    count.came, count.peak, count.now);
	printf("proxy: %lu ended well, %lu idled too long, %lu broke off, "
	       "%lu not passed on\n",
	    count.ended, count.idled, count.lost, count.unreached);
	printf("proxy: %llu bytes went through, at most %zu were held for one "
	       "direction\n",
	    count.bytes, count.held);
	printf("proxy: %lu times reading was stopped, %u stand still now\n",
	    count.full, standing_still());
}

static void
close_side(struct side *s)
{
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	if (s->fd != -1)
		close(s->fd);
}

/* Ends a connection, from whichever callback, and counts it as one of those. */
static void
drop(struct connection *c, unsigned long *those)
{
	evtimer_del(&c->quiet);
	close_side(&c->client);
	close_side(&c->server);
	LIST_REMOVE(c, next);
	free(c);
	++*those;
	if (count.now-- == room && !stopping)
		event_add(&listener, NULL);
	if (count.now == 0)
		evtimer_del(&grace);
}

/*
 * Moves the input of s to the other side if that side's output is empty; or
 * shuts the other side down after the last byte.
 */
static void
pass_on(struct side *s)
{
	struct evbuffer *input = EVBUFFER_INPUT(s->bev);
	struct evbuffer *output = EVBUFFER_OUTPUT(s->other->bev);
	size_t len = EVBUFFER_LENGTH(input);

	if (EVBUFFER_LENGTH(output) > 0)
		return; /* the write callback will call this again */
	if (len > 0) {
		count.bytes += len;
		s->full = 0;
		if (bufferevent_write_buffer(s->other->bev, input) == -1)
			drop(s->connection, &count.lost);
	} else if (s->silent && !s->other->is_shut) {
		shutdown(s->other->fd, SHUT_WR);
		s->other->is_shut = 1;
		if (s->is_shut)
			drop(s->connection, &count.ended);
	}
}

/* Bytes have moved from s: starts the timeout again, and passes on more. */
static void
moved(struct side *s)
{
	if (evtimer_add(&s->connection->quiet, &idle) == -1)
		drop(s->connection, &count.lost);
	else
		pass_on(s);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct side *s = arg;
	size_t in = EVBUFFER_LENGTH(EVBUFFER_INPUT(bev));
	size_t out = EVBUFFER_LENGTH(EVBUFFER_OUTPUT(s->other->bev));

	if (in + out > count.held)
		count.held = in + out;
	if (in >= mark && out > 0 && !s->full) {
		s->full = 1;
		count.full++;
	}
	moved(s);
}

/* The output of this side is empty: passes on more of the other side. */
static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct side *s = arg;

	(void)bev;
	moved(s->other);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	struct side *s = arg;

	(void)bev;
	if (what == (EVBUFFER_READ | EVBUFFER_EOF)) {
		s->silent = 1;
		moved(s);
	} else if (what & EVBUFFER_TIMEOUT) {
		drop(s->connection, &count.idled);
	} else {
		drop(s->connection, &count.lost);
	}
}

static void
quiet_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drop(arg, &count.idled);
}

/*
 * The first write callback of the server's side: connect(2) has returned a
 * result.
 */
static void
connected_cb(struct bufferevent *bev, void *arg)
{
	struct side *s = arg;
	int error;
	socklen_t len = sizeof(error);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0) {
		drop(s->connection, &count.unreached);
		return;
	}
	bufferevent_setcb(bev, read_cb, write_cb, error_cb, s);
	if (bufferevent_enable(bev, EV_READ) == -1 ||
	    bufferevent_enable(s->other->bev, EV_READ) == -1)
		drop(s->connection, &count.lost);
}

/* A side that reads nothing for the idle time is disconnected, too. */
static int
set_up(struct side *s, evbuffercb written)
{
	if (s->fd == -1 || evutil_make_socket_nonblocking(s->fd) == -1)
		return -1;
	if (sndbuf > 0)
		setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &sndbuf,
		    sizeof(sndbuf));
	s->bev = bufferevent_new(s->fd, read_cb, written, error_cb, s);
	if (s->bev == NULL)
		return -1;
	bufferevent_setwatermark(s->bev, EV_READ, 0, mark);
	bufferevent_settimeout(s->bev, 0, idle.tv_sec);
	return 0;
}

/*
 * Starts to connect to the server.  There is no output yet, so enabling writing
 * asks for one callback when the socket is writable.
 */
static int
reach_server(struct side *s)
{
	if (connect(s->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	return bufferevent_enable(s->bev, EV_WRITE);
}

static void
welcome(int fd)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		warn("a client was turned away");
		close(fd);
		return;
	}
	c->client.connection = c->server.connection = c;
	c->client.other = &c->server;
	c->server.other = &c->client;
	c->client.fd = fd;
	c->server.fd = socket(AF_INET, SOCK_STREAM, 0);
	evtimer_set(&c->quiet, quiet_cb, c);
	LIST_INSERT_HEAD(&connections, c, next);
	count.came++;
	if (++count.now > count.peak)
		count.peak = count.now;
	if (set_up(&c->client, write_cb) == -1 ||
	    set_up(&c->server, connected_cb) == -1 ||
	    reach_server(&c->server) == -1 ||
	    evtimer_add(&c->quiet, &idle) == -1)
		drop(c, &count.unreached);
}

/* Accepts clients while fewer than the allowed number are connected. */
static void
accept_cb(int fd, short what, void *arg)
{
	int newfd;

	(void)what;
	(void)arg;
	while (count.now < room && (newfd = accept(fd, NULL, NULL)) != -1)
		welcome(newfd);
	if (count.now == room)
		event_del(&listener);
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
	struct connection *c;

	(void)fd;
	(void)what;
	(void)arg;
	while ((c = LIST_FIRST(&connections)) != NULL)
		drop(c, &count.lost);
}

/*
 * Stops listening and handling signals, so that event_dispatch() returns after
 * the last connection.  A second TERM or INT ends the program.
 */
static void
stop_cb(int sig, short what, void *arg)
{
	static const struct timeval while_stopping = {20, 0};

	(void)what;
	(void)arg;
	printf("proxy: signal %d, %lu clients may finish\n", sig, count.now);
	stopping = 1;
	event_del(&listener);
	close(EVENT_FD(&listener));
	signal_del(&hup);
	signal_del(&term);
	signal_del(&intr);
	if (count.now > 0)
		evtimer_add(&grace, &while_stopping);
}

static int
listen_on(int port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    evutil_make_socket_nonblocking(fd) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "port %d", port);
	printf("proxy: to %s port %d\n", inet_ntoa(server.sin_addr),
	    ntohs(server.sin_port));
	printf("proxy: listening on %s port %d\n", inet_ntoa(sin.sin_addr),
	    ntohs(sin.sin_port));
	return fd;
}

/* Limits the connections to the descriptors; each needs two. */
static void
limit_room(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur < SPARE + 2)
		errx(1, "too few descriptors");
	if (room > (rl.rlim_cur - SPARE) / 2)
		room = (rl.rlim_cur - SPARE) / 2;
}

static void
add_signal(struct event *ev, int sig, void (*cb)(int, short, void *))
{
	signal_set(ev, sig, cb, NULL);
	if (signal_add(ev, NULL) == -1)
		err(1, "signal %d", sig);
}

/* Reads the command line.  Returns the port to listen on. */
static int
parse(int argc, char **argv)
{
	int ch, port = 0;

	while ((ch = getopt(argc, argv, "b:n:p:t:")) != -1) {
		if (ch == 'b' && atoi(optarg) > 0)
			mark = sndbuf = atoi(optarg);
		else if (ch == 'n' && atoi(optarg) > 0)
			room = atoi(optarg);
		else if (ch == 'p')
			port = atoi(optarg);
		else if (ch == 't' && atoi(optarg) > 0)
			idle.tv_sec = atoi(optarg);
		else
			optind = argc;
	}
	if (optind != argc - 2 ||
	    inet_aton(argv[optind], &server.sin_addr) == 0)
		errx(2, "usage: proxy [-p port] [-t seconds] [-b bytes] "
			"[-n connections] address port");
	server.sin_family = AF_INET;
	server.sin_port = htons(atoi(argv[optind + 1]));
	return port;
}

int
main(int argc, char **argv)
{
	int port = parse(argc, argv);
	struct event_base *base;

	setvbuf(stdout, NULL, _IOLBF, 0);
	limit_room();
	signal(SIGPIPE, SIG_IGN);

	if ((base = event_init()) == NULL)
		errx(1, "event_init failed");
	printf("proxy: libevent %s, waiting with %s\n", event_get_version(),
	    event_get_method());
	add_signal(&hup, SIGHUP, hup_cb);
	add_signal(&term, SIGTERM, stop_cb);
	add_signal(&intr, SIGINT, stop_cb);
	evtimer_set(&grace, grace_cb, NULL);
	event_set(&listener, listen_on(port), EV_READ | EV_PERSIST, accept_cb,
	    NULL);
	if (event_add(&listener, NULL) == -1)
		err(1, "event_add");

	if (event_dispatch() == -1)
		err(1, "event_dispatch");
	print_statistics();
	printf("proxy: good bye\n");
	event_base_free(base);
	return 0;
}
