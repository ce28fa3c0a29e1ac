/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side: ports, which receive requests, and the replies.
 *
 * 1. A datagram that is a request becomes a struct request, and the program's
 *    callback gets it.  The program has the request until it responds to it or
 *    drops it, inside the callback or later.
 * 2. A reply is sent at once.  If the socket has no room for it, it waits in
 *    the port's queue, and those after it, too.
 * 3. A port lives until it is closed and the last request has ended, and so do
 *    its descriptor and its events.  Where that may happen inside a function
 *    of this file, as in a callback that serve_cb() calls, the function counts
 *    as a user: the memory is freed when there are none.
 * 4. The event for reading stays when the port is closed: requests that come
 *    then are read and dropped.  A base that is freed deletes the event: while
 *    it is pending, replies can wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include "public.h"
#include "log.h"
#include "wire.h"
#include "support/util.h"

/* Requests that are read in one pass of the loop. */
#define REQUESTS_PER_PASS 64
/* Bytes of a request.  1.4: further ones are ignored. */
#define REQUEST_MAX 1500
/* Replies that wait for the socket; further ones are lost. */
#define WAITING_MAX 1024

#define FLAG_QR 0x8000
#define RCODE_MAX 15

struct request {
	struct evdns_server_request public; /* what the program has; first, for
					       request_of() */
	struct evdns_server_port *port;
	struct wire_reply reply;
	TAILQ_ENTRY(request) waiting;
	socklen_t client_len;
	struct sockaddr_storage client;
	/* The questions follow it. */
};

struct evdns_server_port {
	int fd; /* -1: closed */
	struct event readable;
	struct event writable; /* added while replies wait */
	evdns_request_callback_fn_type cb;
	void *user_data;
	int requests; /* the program has them, or they wait to be sent */
	int users;    /* functions of this file that are using the port */
	bool closed;
	int nwaiting;
	TAILQ_HEAD(, request) waiting;
};

struct datagram {
	socklen_t client_len;
	struct sockaddr_storage client;
	size_t len;
	uint8_t bytes[REQUEST_MAX];
};

static struct request *
request_of(struct evdns_server_request *public)
{
	return (struct request *)public;
}

static void
stop(struct event *ev)
{
	if (event_pending(ev, EV_READ | EV_WRITE, NULL))
		event_del(ev);
}

/* Whether the base is still there. */
static bool
is_watched(struct evdns_server_port *port)
{
	return event_pending(&port->readable, EV_READ, NULL);
}

/* Frees a closed port without requests; the memory when it has no users. */
static void
release(struct evdns_server_port *port)
{
	if (!port->closed || port->requests > 0)
		return;
	if (port->fd != -1) {
		stop(&port->readable);
		stop(&port->writable);
		close(port->fd);
		port->fd = -1;
	}
	if (port->users == 0)
		free(port);
}

/* Makes a request, with room bytes after it.  NULL without memory. */
static struct request *
request_new(struct evdns_server_port *port, size_t room)
{
	struct request *req = malloc(sizeof(*req) + room);

	if (req == NULL)
		return NULL;
	req->port = port;
	for (int i = 0; i < 3; i++) {
		req->reply.sections[i].count = 0;
		STAILQ_INIT(&req->reply.sections[i].records);
	}
	port->requests++;
	return req;
}

static void
free_records(struct wire_records *records)
{
	struct wire_record *record;

	while ((record = STAILQ_FIRST(records)) != NULL) {
		STAILQ_REMOVE_HEAD(records, link);
		free(record);
	}
}

static void
request_free(struct request *req)
{
	struct evdns_server_port *port = req->port;

	for (int i = 0; i < 3; i++)
		free_records(&req->reply.sections[i].records);
	free(req);
	port->requests--;
	release(port);
}

static size_t
question_size(size_t name_len)
{
	size_t size =
	    offsetof(struct evdns_server_question, name) + name_len + 1;

	return (size + sizeof(int) - 1) / sizeof(int) * sizeof(int);
}

/*
 * Fills the room after the request with its questions, which are known to be
 * valid.  The caller has just read the last one: a single question, which is
 * the rule, is not read again.
 */
static void
take_questions(struct request *req, struct wire_request *wire,
    struct wire_question *last, size_t last_len)
{
	struct evdns_server_question **all = (void *)(req + 1);
	char *place = (char *)(all + wire->nquestions);
	struct evdns_server_question *q;
	size_t len = last_len;

	for (int i = 0; i < wire->nquestions; i++) {
		if (wire->nquestions > 1)
			len = (size_t)evi_wire_question(wire, last);
		all[i] = q = (void *)place;
		q->type = last->type;
		q->class = last->class;
		memcpy(q->name, last->name, len + 1);
		place += question_size(len);
	}
	req->public.nquestions = wire->nquestions;
	req->public.questions = all;
}

/* NULL if the datagram is not a request, or without memory. */
static struct request *
read_request(struct evdns_server_port *port, const struct datagram *d)
{
	struct wire_request wire, start;
	struct wire_question question;
	struct request *req;
	size_t room = 0;
	int len = 0;

	if (evi_wire_request(&wire, d->bytes, d->len) == -1)
		return NULL;
	start = wire;
	for (int i = 0; i < wire.nquestions; i++) {
		len = evi_wire_question(&wire, &question);
		if (len == -1)
			return NULL;
		room += sizeof(struct evdns_server_question *) +
			question_size((size_t)len);
	}
	req = request_new(port, room);
	if (req == NULL)
		return NULL;
	req->reply.id = wire.id;
	req->public.flags = wire.flags;
	take_questions(req, &start, &question, (size_t)len);
	req->client_len = d->client_len;
	memcpy(&req->client, &d->client, d->client_len);
	return req;
}

/* Receives a datagram.  0, or -1 if there is none, or after an error. */
static int
receive(int fd, struct datagram *d)
{
	ssize_t n;

	d->client_len = sizeof(d->client);
	n = recvfrom(fd, d->bytes, sizeof(d->bytes), MSG_DONTWAIT,
	    (struct sockaddr *)&d->client, &d->client_len);
	if (n == -1 && !evi_util_is_transient(errno))
		evi_log_message(1, "No request could be read: %s",
		    strerror(errno));
	d->len = (size_t)n;
	return n == -1 ? -1 : 0;
}

/* The callback may close the port, and run the loop. */
static void
serve_cb(int fd, short what, void *arg)
{
	struct evdns_server_port *port = arg;
	struct datagram d;
	struct request *req;

	(void)what;
	port->users++;
	for (int i = 0; i < REQUESTS_PER_PASS && port->fd != -1; i++) {
		if (receive(fd, &d) == -1)
			break;
		req = port->closed ? NULL : read_request(port, &d);
		if (req != NULL)
			port->cb(&req->public, port->user_data);
	}
	port->users--;
	release(port);
	evi_log_flush();
}

/*
 * Sends the reply; drops it after an error.  Returns -1 if the socket has no
 * room.
 */
static int
send_reply(const struct request *req)
{
	uint8_t bytes[EVI_REPLY_ROOM];
	size_t len = evi_wire_reply(bytes, &req->reply);
	ssize_t n;

	n = sendto(req->port->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&req->client, req->client_len);
	if (n == -1 && errno == EAGAIN)
		return -1;
	if (n == -1)
		evi_log_message(1, "A reply is lost: %s", strerror(errno));
	return 0;
}

/* Frees the first request that waits: its reply was sent, or is lost. */
static void
free_first(struct evdns_server_port *port)
{
	struct request *req = TAILQ_FIRST(&port->waiting);

	TAILQ_REMOVE(&port->waiting, req, waiting);
	port->nwaiting--;
	request_free(req);
}

/* Sends replies that wait, as far as the socket has room. */
static void
send_waiting(struct evdns_server_port *port)
{
	port->users++;
	while (
	    port->nwaiting > 0 && send_reply(TAILQ_FIRST(&port->waiting)) == 0)
		free_first(port);
	if (port->nwaiting == 0)
		stop(&port->writable);
	port->users--;
}

static void
send_cb(int fd, short what, void *arg)
{
	struct evdns_server_port *port = arg;

	(void)fd;
	(void)what;
	send_waiting(port);
	release(port);
	evi_log_flush();
}

/* Has the reply sent later. -1 if it cannot wait. */
static int
wait_for_room(struct request *req)
{
	struct evdns_server_port *port = req->port;

	if (port->nwaiting == WAITING_MAX || !is_watched(port) ||
	    (!event_pending(&port->writable, EV_WRITE, NULL) &&
		event_add(&port->writable, NULL) == -1))
		return -1;
	TAILQ_INSERT_TAIL(&port->waiting, req, waiting);
	port->nwaiting++;
	return 0;
}

struct evdns_server_port *
evdns_add_server_port(int fd, int is_tcp, evdns_request_callback_fn_type cb,
    void *user_data)
{
	struct evdns_server_port *port;

	if (is_tcp)
		return NULL;
	port = malloc(sizeof(*port));
	if (port == NULL)
		return NULL;
	*port = (struct evdns_server_port){
	    .fd = fd,
	    .cb = cb,
	    .user_data = user_data,
	};
	TAILQ_INIT(&port->waiting);
	event_set(&port->readable, fd, EV_READ | EV_PERSIST, serve_cb, port);
	event_set(&port->writable, fd, EV_WRITE | EV_PERSIST, send_cb, port);
	if (event_add(&port->readable, NULL) == -1) {
		free(port);
		return NULL;
	}
	return port;
}

void
evdns_close_server_port(struct evdns_server_port *port)
{
	port->closed = true;
	port->users++;
	/* Without its base nothing would send the replies that wait. */
	if (!is_watched(port))
		while (port->nwaiting > 0)
			free_first(port);
	port->users--;
	release(port);
}

/* A record, and after it, in one block, copies of its name and its data. */
static struct wire_record *
new_record(const struct wire_record *like)
{
	size_t name_size = strlen(like->name) + 1;
	struct wire_record *r = malloc(sizeof(*r) + name_size + like->len);
	char *name;

	if (r == NULL)
		return NULL;
	*r = *like;
	name = (char *)(r + 1);
	r->name = memcpy(name, like->name, name_size);
	r->data = name + name_size;
	if (like->len > 0)
		memcpy(name + name_size, like->data, like->len);
	return r;
}

/* Adds n records, whose data follow each other; all of them or none. */
static int
add_records(struct evdns_server_request *public, int section,
    const struct wire_record *first, int n)
{
	struct request *req = request_of(public);
	struct wire_section *s = &req->reply.sections[section];
	struct wire_record like = *first, *r;
	struct wire_records made;

	STAILQ_INIT(&made);
	if (n > UINT16_MAX - s->count)
		return -1;
	for (int i = 0; i < n; i++) {
		r = new_record(&like);
		if (r == NULL) {
			free_records(&made);
			return -1;
		}
		STAILQ_INSERT_TAIL(&made, r, link);
		like.data = (const char *)like.data + like.len;
	}
	while ((r = STAILQ_FIRST(&made)) != NULL) {
		STAILQ_REMOVE_HEAD(&made, link);
		STAILQ_INSERT_TAIL(&s->records, r, link);
	}
	s->count = (uint16_t)(s->count + n);
	return 0;
}

int
evdns_server_request_add_reply(struct evdns_server_request *req, int section,
    const char *name, int type, int dns_class, int ttl, int datalen,
    int is_name, const char *data)
{
	struct wire_record record = {
	    .type = (uint16_t)type,
	    .class = (uint16_t)dns_class,
	    .ttl = (uint32_t)ttl,
	    .name = name,
	    .data = data,
	    .is_name = is_name != 0,
	};

	if (section < EVDNS_ANSWER_SECTION ||
	    section > EVDNS_ADDITIONAL_SECTION || !evi_wire_owner_ok(name) ||
	    (is_name ? !evi_wire_owner_ok(data)
		     : datalen < 0 || datalen > UINT16_MAX))
		return -1;
	record.len = (uint16_t)(is_name ? strlen(data) + 1 : (size_t)datalen);
	return add_records(req, section, &record, 1);
}

/*
 * Each address is a record (RFC 1035, section 3.4.1).  In 1.4 all of them are
 * one, which nobody but evdns can read.
 */
static int
add_addresses(struct evdns_server_request *req, const char *name, int type,
    int n, int size, const void *addrs, int ttl)
{
	struct wire_record record = {
	    .type = (uint16_t)type,
	    .class = EVDNS_CLASS_INET,
	    .ttl = (uint32_t)ttl,
	    .name = name,
	    .data = addrs,
	    .len = (uint16_t)size,
	};

	if (n < 0 || n > UINT16_MAX / size || !evi_wire_owner_ok(name))
		return -1;
	return add_records(req, EVDNS_ANSWER_SECTION, &record, n);
}

int
evdns_server_request_add_a_reply(struct evdns_server_request *req,
    const char *name, int n, void *addrs, int ttl)
{
	return add_addresses(req, name, EVDNS_TYPE_A, n, 4, addrs, ttl);
}

int
evdns_server_request_add_aaaa_reply(struct evdns_server_request *req,
    const char *name, int n, void *addrs, int ttl)
{
	return add_addresses(req, name, EVDNS_TYPE_AAAA, n, 16, addrs, ttl);
}

int
evdns_server_request_add_ptr_reply(struct evdns_server_request *req,
    struct in_addr *in, const char *inaddr_name, const char *hostname, int ttl)
{
	char reverse[EVI_WIRE_REVERSE];

	if ((in == NULL) == (inaddr_name == NULL))
		return -1;
	if (in != NULL) {
		evi_wire_reverse(reverse, in);
		inaddr_name = reverse;
	}
	return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION,
	    inaddr_name, EVDNS_TYPE_PTR, EVDNS_CLASS_INET, ttl, -1, 1,
	    hostname);
}

int
evdns_server_request_add_cname_reply(struct evdns_server_request *req,
    const char *name, const char *cname, int ttl)
{
	return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name,
	    EVDNS_TYPE_CNAME, EVDNS_CLASS_INET, ttl, -1, 1, cname);
}

/* 1.4: 1 if the reply will be sent later. */
int
evdns_server_request_respond(struct evdns_server_request *public, int err)
{
	struct request *req = request_of(public);

	if (err < 0 || err > RCODE_MAX)
		return -1;
	req->reply.flags = (uint16_t)(FLAG_QR | public->flags | err);
	req->reply.nquestions = public->nquestions;
	req->reply.questions = public->questions;
	send_waiting(req->port);
	if ((req->port->nwaiting > 0 || send_reply(req) == -1) &&
	    wait_for_room(req) == 0)
		return 1;
	request_free(req);
	evi_log_flush();
	return 0;
}

int
evdns_server_request_drop(struct evdns_server_request *req)
{
	request_free(request_of(req));
	return 0;
}

int
evdns_server_request_get_requesting_addr(struct evdns_server_request *public,
    struct sockaddr *sa, int addr_len)
{
	const struct request *req = request_of(public);

	if (addr_len < 0 || (socklen_t)addr_len < req->client_len)
		return -1;
	memcpy(sa, &req->client, req->client_len);
	return (int)req->client_len;
}
