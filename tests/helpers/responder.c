/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DNS server for tests: sockets, which are watched by the library under test
 * or by poll(2) in a child; messages in; messages out, now or later; and a log
 * that parent and child share.
 */
#include "test.h"
#include "responder.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CONNS 64

/* What parent and child share. */
struct journal {
	_Atomic int count;
	_Atomic int different; /* see responder_different() */
	uint64_t seen[1024];   /* the first `different` */
	_Atomic size_t used;
	char text[65536];
};

struct conn {
	int fd;
	struct event ev;
	struct responder *server;
	uint8_t in[2 + 65535];
	size_t have;
};

/* A message that is sent later. */
struct later {
	struct later *next;
	double due;
	int fd;
	bool tcp;
	bool hang_up;
	struct sockaddr_storage to;
	size_t len;
	uint8_t msg[];
};

struct responder {
	responder_rule rule;
	void *arg;
	char address[64];
	int port;
	struct sockaddr_storage sa;
	socklen_t salen;
	int udp, other, tcp; /* sockets; tcp may be -1 */
	struct event udp_ev, tcp_ev, timer;
	struct conn *conns[MAX_CONNS];
	struct later *later; /* by the time when they are due */
	struct journal *journal;
	struct reply reply;
	pid_t pid; /* of the child, or 0 */
	bool evented;
};

/*
 * Messages in.
 */

static const char *
type_name(int type)
{
	static char number[16];

	switch (type) {
	case TYPE_A:
		return "A";
	case TYPE_AAAA:
		return "AAAA";
	case TYPE_PTR:
		return "PTR";
	}
	snprintf(number, sizeof number, "%d", type);
	return number;
}

/* Counts the question if no other had its ID and its name. */
static void
count_different(struct journal *j, const struct question *q)
{
	uint64_t key = 0;

	for (const char *c = q->name != NULL ? q->name : ""; *c != '\0'; c++)
		key = key * 31 + (unsigned char)*c;
	key = key << 16 | (q->id & 0xffff);
	for (int i = 0; i < j->different; i++)
		if (j->seen[i] == key)
			return;
	if (j->different < (int)(sizeof j->seen / sizeof j->seen[0]))
		j->seen[j->different++] = key;
}

static void
log_question(struct responder *server, const struct question *q)
{
	struct journal *j = server->journal;
	size_t used = j->used;
	size_t room = sizeof j->text - used;
	const char *comma = used > 0 ? ", " : "";
	const char *tcp = q->tcp ? "tcp " : "";
	int n;

	if (q->name == NULL)
		n = snprintf(j->text + used, room, "%s%s?", comma, tcp);
	else
		n = snprintf(j->text + used, room, "%s%s%s %s", comma, tcp,
		    type_name(q->type), q->name);
	if ((size_t)n < room)
		j->used = used + n;
	else
		j->text[used] = '\0';
	count_different(j, q);
	j->count++;
}

/*
 * Messages out.
 */

static void
conn_free(struct responder *server, int i)
{
	struct conn *conn = server->conns[i];

	if (server->evented)
		event_del(&conn->ev);
	close(conn->fd);
	free(conn);
	server->conns[i] = NULL;
}

static void
hang_up(struct responder *server, int fd)
{
	for (int i = 0; i < MAX_CONNS; i++)
		if (server->conns[i] != NULL && server->conns[i]->fd == fd)
			conn_free(server, i);
}

static bool
is_connected(const struct responder *server, int fd)
{
	for (int i = 0; i < MAX_CONNS; i++)
		if (server->conns[i] != NULL && server->conns[i]->fd == fd)
			return true;
	return false;
}

/* A client that has gone away is none of our business. */
static void
transmit(struct responder *server, const struct later *l)
{
	uint8_t prefixed[2 + 65536] = {l->len >> 8, l->len};

	if (!l->tcp) {
		sendto(l->fd, l->msg, l->len, 0,
		    (const struct sockaddr *)&l->to, server->salen);
		return;
	}
	memcpy(prefixed + 2, l->msg, l->len);
	if (is_connected(server, l->fd))
		send(l->fd, prefixed, l->len + 2, MSG_NOSIGNAL);
	if (l->hang_up)
		hang_up(server, l->fd);
}

/* Sends what is due; the milliseconds until there is more, or -1. */
static int
send_due(struct responder *server)
{
	struct later *l;

	while ((l = server->later) != NULL) {
		double left = l->due - now_ms();

		if (left > 0)
			return (int)left + 1;
		server->later = l->next;
		transmit(server, l);
		free(l);
	}
	return -1;
}

static void
timer_cb(int fd, short what, void *arg)
{
	struct responder *server = arg;
	int wait = send_due(server);

	(void)fd;
	(void)what;
	if (wait >= 0)
		evtimer_add(&server->timer, MSEC(wait));
}

/* Gives a finished reply away, to be sent at its time. */
static void
deliver(struct reply *reply)
{
	struct responder *server = reply->server;
	const struct question *q = reply->question;
	struct later **at = &server->later;
	struct later *l = malloc(sizeof *l + reply->len);

	assert_non_null(l);
	reply_finish(reply);
	l->due = reply->delay > 0 ? now_ms() + reply->delay : 0;
	l->fd = reply->other_port && !q->tcp ? server->other : reply->via;
	l->tcp = q->tcp;
	l->hang_up = reply->hang_up;
	l->to = q->client;
	l->len = reply->len;
	memcpy(l->msg, reply->msg, l->len);
	while (*at != NULL && (*at)->due <= l->due)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
	if (server->evented)
		timer_cb(-1, 0, server);
}

void
reply_again(struct reply *reply)
{
	deliver(reply);
	reply_start(reply);
}

/*
 * The server.
 */

/* Answers the message that came from q->client through fd. */
static void
handle(struct responder *server, struct question *q, int fd)
{
	struct reply *reply = &server->reply;
	struct sockaddr_in *sin = (struct sockaddr_in *)&q->client;
	char name[QUESTION_NAME];
	bool good = question_read(q, name);

	q->serial = server->journal->count;
	q->client_port = ntohs(sin->sin_port); /* in the same place for IPv6 */
	log_question(server, q);
	if (!good || server->rule == NULL)
		return;
	reply->question = q;
	reply->server = server;
	reply->via = fd;
	reply_start(reply);
	server->rule(q, reply, server->arg);
	if (!reply->drop)
		deliver(reply);
	else if (q->tcp && reply->hang_up)
		hang_up(server, fd);
}

/*
 * A reply is not a question.  One from another test's server arrives here when
 * that test has closed the socket it was for, and the kernel has given the port
 * of that socket to this server.
 */
static bool
is_reply(const struct question *q)
{
	return q->len > 2 && (q->msg[2] & 0x80) != 0;
}

/* Reads all that has come. */
static void
udp_cb(int fd, short what, void *arg)
{
	struct responder *server = arg;
	uint8_t msg[65536];

	(void)what;
	for (;;) {
		struct question q = {.msg = msg};
		socklen_t salen = sizeof q.client;
		ssize_t n = recvfrom(fd, msg, sizeof msg, MSG_DONTWAIT,
		    (struct sockaddr *)&q.client, &salen);

		if (n < 0)
			break;
		q.len = n;
		if (!is_reply(&q))
			handle(server, &q, fd);
	}
}

static void
conn_cb(int fd, short what, void *arg)
{
	struct conn *conn = arg;
	struct responder *server = conn->server;
	ssize_t n = recv(fd, conn->in + conn->have,
	    sizeof conn->in - conn->have, MSG_DONTWAIT);

	(void)what;
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		hang_up(server, fd);
		return;
	}
	conn->have += n > 0 ? n : 0;
	while (conn->have >= 2) {
		struct question q = {.tcp = true};
		socklen_t salen = sizeof q.client;
		size_t len = conn->in[0] << 8 | conn->in[1];
		uint8_t msg[65536];

		if (conn->have < 2 + len)
			break;
		memcpy(msg, conn->in + 2, len);
		q.msg = msg;
		q.len = len;
		getpeername(fd, (struct sockaddr *)&q.client, &salen);
		conn->have -= 2 + len;
		memmove(conn->in, conn->in + 2 + len, conn->have);
		handle(server, &q, fd);
		if (!is_connected(server, fd))
			break;
	}
}

static void
accept_cb(int listener, short what, void *arg)
{
	struct responder *server = arg;
	int fd = accept(listener, NULL, NULL);
	int room = 1 << 18; /* so that a reply goes out in one piece */
	struct conn *conn;
	int i = 0;

	(void)what;
	if (fd < 0)
		return;
	while (i < MAX_CONNS && server->conns[i] != NULL)
		i++;
	assert_true(i < MAX_CONNS);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	conn = server->conns[i] = calloc(1, sizeof *conn);
	assert_non_null(conn);
	conn->fd = fd;
	conn->server = server;
	if (!server->evented)
		return;
	event_set(&conn->ev, fd, EV_READ | EV_PERSIST, conn_cb, conn);
	event_add(&conn->ev, NULL);
}

/* The loop of a server that has a process of its own. */
static void
poll_once(struct responder *server)
{
	struct pollfd fds[2 + MAX_CONNS] = {
	    {server->udp, POLLIN, 0},
	    {server->tcp, POLLIN, 0},
	};

	for (int i = 0; i < MAX_CONNS; i++) {
		fds[2 + i].fd = server->conns[i] ? server->conns[i]->fd : -1;
		fds[2 + i].events = POLLIN;
	}
	poll(fds, 2 + MAX_CONNS, send_due(server));
	if (fds[0].revents != 0)
		udp_cb(server->udp, EV_READ, server);
	if (fds[1].revents != 0)
		accept_cb(server->tcp, EV_READ, server);
	for (int i = 0; i < MAX_CONNS; i++)
		if (fds[2 + i].revents != 0 && server->conns[i] != NULL)
			conn_cb(fds[2 + i].fd, EV_READ, server->conns[i]);
}

static void
be_child(struct responder *server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != server->udp && fd != server->other &&
		    fd != server->tcp)
			close(fd);
	for (;;)
		poll_once(server);
}

static void
be_events(struct responder *server)
{
	server->evented = true;
	evtimer_set(&server->timer, timer_cb, server);
	event_set(&server->udp_ev, server->udp, EV_READ | EV_PERSIST, udp_cb,
	    server);
	event_add(&server->udp_ev, NULL);
	if (server->tcp < 0)
		return;
	event_set(&server->tcp_ev, server->tcp, EV_READ | EV_PERSIST, accept_cb,
	    server);
	event_add(&server->tcp_ev, NULL);
}

/* The address from ip and port, as the kernel wants it and as text. */
static void
set_address(struct responder *server, const char *ip, int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&server->sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&server->sa;
	const char *format;

	memset(&server->sa, 0, sizeof server->sa);
	if (strchr(ip, ':') != NULL) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, ip, &in6->sin6_addr), 1);
		server->salen = sizeof *in6;
		format = "[%s]:%d";
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, ip, &in->sin_addr), 1);
		server->salen = sizeof *in;
		format = "%s:%d";
	}
	server->port = port;
	snprintf(server->address, sizeof server->address, format, ip, port);
}

/* A socket bound to the address; -1 if the port is taken. */
static int
bind_socket(const struct responder *server, int type)
{
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(server->sa.ss_family, type | flags, 0);
	const struct sockaddr *sa = (const struct sockaddr *)&server->sa;

	assert_true(fd >= 0);
	if (bind(fd, sa, server->salen) == 0)
		return fd;
	if (errno != EADDRINUSE)
		fail_msg("bind: %s", strerror(errno));
	close(fd);
	return -1;
}

/* The kernel chooses the port for TCP; UDP has to have the same. */
static void
open_sockets(struct responder *server, const char *ip)
{
	int room = 1 << 22;

	do {
		struct sockaddr_in6 got;
		socklen_t len = sizeof got;

		set_address(server, ip, 0);
		server->tcp = bind_socket(server, SOCK_STREAM);
		server->other = bind_socket(server, SOCK_DGRAM);
		getsockname(server->tcp, (struct sockaddr *)&got, &len);
		set_address(server, ip, ntohs(got.sin6_port));
		server->udp = bind_socket(server, SOCK_DGRAM);
		if (server->udp < 0) {
			close(server->tcp);
			close(server->other);
		}
	} while (server->udp < 0);
	setsockopt(server->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

struct responder *
responder_new(const char *ip, int flags, responder_rule rule, void *arg)
{
	struct responder *server = calloc(1, sizeof *server);

	assert_non_null(server);
	server->rule = rule;
	server->arg = arg;
	server->journal = mmap(NULL, sizeof *server->journal,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(server->journal != MAP_FAILED);
	open_sockets(server, ip);
	if (flags & RESPONDER_NO_TCP) {
		close(server->tcp);
		server->tcp = -1;
	} else {
		assert_int_equal(listen(server->tcp, MAX_CONNS), 0);
	}
	if (!(flags & RESPONDER_CHILD)) {
		be_events(server);
		return server;
	}
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0)
		be_child(server);
	return server;
}

/* Nothing but the parent's signal may have ended it. */
static void
end_child(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail_msg("the server's process ended with %#x", status);
}

void
responder_free(struct responder *server)
{
	struct later *l;

	if (server->evented) {
		event_del(&server->udp_ev);
		event_del(&server->timer);
		if (server->tcp >= 0)
			event_del(&server->tcp_ev);
	}
	for (int i = 0; i < MAX_CONNS; i++)
		if (server->conns[i] != NULL)
			conn_free(server, i);
	while ((l = server->later) != NULL) {
		server->later = l->next;
		free(l);
	}
	close(server->udp);
	close(server->other);
	if (server->tcp >= 0)
		close(server->tcp);
	if (server->pid != 0)
		end_child(server->pid);
	munmap(server->journal, sizeof *server->journal);
	free(server);
}

const char *
responder_address(const struct responder *server)
{
	return server->address;
}

int
responder_port(const struct responder *server)
{
	return server->port;
}

int
responder_count(const struct responder *server)
{
	return server->journal->count;
}

int
responder_different(const struct responder *server)
{
	return server->journal->different;
}

const char *
responder_log(const struct responder *server)
{
	return server->journal->text;
}

void
responder_log_clear(struct responder *server)
{
	server->journal->used = 0;
	server->journal->text[0] = '\0';
}

/* A socket that is connected, to itself, takes nothing from anybody else. */
void
responder_refuse(struct responder *server, bool refuse)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	const struct sockaddr *self = (const struct sockaddr *)&server->sa;
	int result = refuse ? connect(server->udp, self, server->salen)
			    : connect(server->udp, &none, sizeof none);

	assert_int_equal(result, 0);
}
