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
	int is_full;   /* its input is full: it is not read from */
	int has_ended; /* it has sent its last byte */
	int is_shut;   /* it was sent the last byte of the other side */
};

struct connection {
	LIST_ENTRY(connection) next;
	struct side client;
	struct side server;
	struct event idle_timer; /* expires if no bytes are passed on */
};

static LIST_HEAD(, connection) connections = LIST_HEAD_INITIALIZER(connections);
static struct sockaddr_in server;
static struct event listener;
static struct event hup, term, intr;
static struct event grace; /* after TERM: how long connections may take */
static struct timeval idle = {60, 0};
static size_t high_mark = 65536; /* bytes in each input and output at most */
static int sndbuf;		 /* SO_SNDBUF in bytes; 0: not set */
static unsigned long max_connections = 100000; /* that may be open at once */
static int stopping;

static struct {
	unsigned long accepted;	 /* clients */
	unsigned long ended;	 /* connections that both sides have closed */
	unsigned long timed_out; /* after no byte for the idle time */
	unsigned long broken;	 /* by an error, or when the grace ended */
	unsigned long unreached; /* clients for which there was no server */
	unsigned long open;	 /* connections that are open now */
	unsigned long peak;	 /* the most connections at once */
	unsigned long pauses;	 /* times that reading has stopped */
	size_t most_buffered;	 /* the most bytes that one direction had */
	unsigned long long bytes;
} count;

/* How many sides are not read from, as their input is full. */
static unsigned int
count_full_sides(void)
{
	struct connection *c;
	unsigned int n = 0;

	LIST_FOREACH (c, &connections, next)
		n += c->client.is_full + c->server.is_full;
	return n;
}

static void
print_statistics(void)
{
	printf("proxy: %lu clients came, at most %lu at once, %lu here now\n",
	    count.accepted, count.peak, count.open);
	printf("proxy: %lu ended well, %lu idled too long, %lu broke off, "
	       "%lu not passed on\n",
	    count.ended, count.timed_out, count.broken, count.unreached);
	printf("proxy: %llu bytes went through, at most %zu were held for one "
	       "direction\n",
	    count.bytes, count.most_buffered);
	printf("proxy: %lu times reading was stopped, %u stand still now\n",
	    count.pauses, count_full_sides());
}

static void
close_side(struct side *s)
{
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	if (s->fd != -1)
		close(s->fd);
}

/* Ends a connection, from whichever callback, and adds 1 to the counter. */
static void
drop(struct connection *c, unsigned long *counter)
{
	evtimer_del(&c->idle_timer);
	close_side(&c->client);
	close_side(&c->server);
	LIST_REMOVE(c, next);
	free(c);
	++*counter;
	if (count.open-- == max_connections && !stopping)
		event_add(&listener, NULL);
	if (count.open == 0)
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
		s->is_full = 0;
		if (bufferevent_write_buffer(s->other->bev, input) == -1)
			drop(s->connection, &count.broken);
	} else if (s->has_ended && !s->other->is_shut) {
		shutdown(s->other->fd, SHUT_WR);
		s->other->is_shut = 1;
		if (s->is_shut)
			drop(s->connection, &count.ended);
	}
}

/* A byte, or the end, has moved: starts the timeout again, and passes on the
 * input of s. */
static void
continue_from(struct side *s)
{
	if (evtimer_add(&s->connection->idle_timer, &idle) == -1)
		drop(s->connection, &count.broken);
	else
		pass_on(s);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct side *s = arg;
	size_t in = EVBUFFER_LENGTH(EVBUFFER_INPUT(bev));
	size_t out = EVBUFFER_LENGTH(EVBUFFER_OUTPUT(s->other->bev));

	if (in + out > count.most_buffered)
		count.most_buffered = in + out;
	if (in >= high_mark && out > 0 && !s->is_full) {
		s->is_full = 1;
		count.pauses++;
	}
	continue_from(s);
}

/* The output of this side is empty: passes on more of the other side. */
static void
write_cb(struct bufferevent *bev, void *arg)
{
	struct side *s = arg;

	(void)bev;
	continue_from(s->other);
}

static void
error_cb(struct bufferevent *bev, short what, void *arg)
{
	struct side *s = arg;

	(void)bev;
	if (what == (EVBUFFER_READ | EVBUFFER_EOF)) {
		s->has_ended = 1;
		continue_from(s);
	} else if (what & EVBUFFER_TIMEOUT) {
		drop(s->connection, &count.timed_out);
	} else {
		drop(s->connection, &count.broken);
	}
}

static void
idle_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drop(arg, &count.timed_out);
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
		drop(s->connection, &count.broken);
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
	bufferevent_setwatermark(s->bev, EV_READ, 0, high_mark);
	bufferevent_settimeout(s->bev, 0, idle.tv_sec);
	return 0;
}

/*
 * Starts to connect to the server.  There is no output yet, so enabling writing
 * asks for one callback when the socket is writable.
 */
static int
start_connecting(struct side *s)
{
	if (connect(s->fd, (struct sockaddr *)&server, sizeof(server)) == -1 &&
	    errno != EINPROGRESS)
		return -1;
	return bufferevent_enable(s->bev, EV_WRITE);
}

static void
add_client(int fd)
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
	evtimer_set(&c->idle_timer, idle_cb, c);
	LIST_INSERT_HEAD(&connections, c, next);
	count.accepted++;
	if (++count.open > count.peak)
		count.peak = count.open;
	if (set_up(&c->client, write_cb) == -1 ||
	    set_up(&c->server, connected_cb) == -1 ||
	    start_connecting(&c->server) == -1 ||
	    evtimer_add(&c->idle_timer, &idle) == -1)
		drop(c, &count.unreached);
}

/* Accepts clients while fewer than the allowed number are connected. */
static void
accept_cb(int fd, short what, void *arg)
{
	int newfd;

	(void)what;
	(void)arg;
	while (count.open < max_connections &&
	       (newfd = accept(fd, NULL, NULL)) != -1)
		add_client(newfd);
	if (count.open == max_connections)
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
		drop(c, &count.broken);
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
	printf("proxy: signal %d, %lu clients may finish\n", sig, count.open);
	stopping = 1;
	event_del(&listener);
	close(EVENT_FD(&listener));
	signal_del(&hup);
	signal_del(&term);
	signal_del(&intr);
	if (count.open > 0)
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

/* Limits the number of connections by the descriptors; each needs two. */
static void
limit_connections(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur < SPARE + 2)
		errx(1, "too few descriptors");
	if (max_connections > (rl.rlim_cur - SPARE) / 2)
		max_connections = (rl.rlim_cur - SPARE) / 2;
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
			high_mark = sndbuf = atoi(optarg);
		else if (ch == 'n' && atoi(optarg) > 0)
			max_connections = atoi(optarg);
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
	limit_connections();
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
