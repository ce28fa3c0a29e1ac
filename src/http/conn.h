/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_connection: a socket, the events on it, bytes that were read
 * and not parsed yet, and bytes that are to be written.  Server and client both
 * use it, each with a struct conn_role; this file has what they share.
 *
 * A program may free a connection inside any callback.  Code that calls one
 * therefore takes a reference first: evi_conn_destroy() closes the connection
 * at once, and the last evi_conn_unref() frees its memory.
 */
#ifndef EVI_HTTP_CONN_H
#define EVI_HTTP_CONN_H

#include "output.h"
#include "reader.h"

#include <sys/socket.h>
#include <time.h>

/* 1.4's numbers; programs read them.  The library never sets READING_HEADERS
 * and READING_TRAILER. */
enum conn_state {
	EVI_CONN_DISCONNECTED,
	EVI_CONN_CONNECTING,
	EVI_CONN_IDLE,
	EVI_CONN_READING_FIRSTLINE,
	EVI_CONN_READING_HEADERS,
	EVI_CONN_READING_BODY,
	EVI_CONN_READING_TRAILER,
	EVI_CONN_WRITING
};

/* 1.4's bits in flags; the library never sets the last one. */
#define EVI_CONN_INCOMING 0x0001
#define EVI_CONN_OUTGOING 0x0002
#define EVI_CONN_CLOSE_DETECTS 0x0004

/* What a server's and a client's connections do when something happens.  The
 * caller of each has a reference to the connection. */
struct conn_role {
	/* The socket is readable. */
	void (*readable_cb)(struct evhttp_connection *evcon);
	/* The socket is writable, or evi_conn_write_soon() was called. */
	void (*writable_cb)(struct evhttp_connection *evcon);
	/* Nothing arrived, or could be sent, in time; or memory ran out: see
	 * evi_conn_timeout_reason(). */
	void (*timed_out_cb)(struct evhttp_connection *evcon);
	/* The first byte of a message has arrived: sets the request that the
	 * reader fills.  Returns EVI_READ_MORE to have the message parsed;
	 * EVI_READ_NEW to have evi_conn_read() or evi_conn_feed() return that
	 * first; or EVI_READ_NOMEM.  Calls no callback of the program. */
	enum read_result (*begin_cb)(struct evhttp_connection *evcon);
	/* The program frees the connection. */
	void (*free_cb)(struct evhttp_connection *evcon);
	/* The program frees a request that is on the connection. */
	void (*free_request_cb)(struct evhttp_connection *evcon,
	    struct http_request *req);
};

/* A server's settings that each of its answers obeys. */
struct reply_policy {
	const char *content_type; /* of a body without one; NULL: none */
	bool closes_connections;  /* each answer is its connection's last */
};

/* The list of its server that a connection is on; ending.c writes to it. */
struct server_entry {
	bool is_listed;
	/* On the list of connections that are closed for the program and for
	 * writing, but are still read from. */
	bool is_lingering;
	uint64_t discarded; /* bytes read since it lingers */
};

struct evhttp_connection {
	/* 1.4's members in 1.4's places: some programs read them through a copy
	 * of its private header. */
	TAILQ_ENTRY(evhttp_connection) next;
	int fd;
	struct event ev;       /* reading, persistent, with the timeout */
	struct event close_ev; /* writing, while the socket is full */
	struct evbuffer *input_buffer;
	struct evbuffer *output_buffer;
	char *bind_address;
	unsigned short bind_port;
	char *address;
	unsigned short port;
	int flags;
	int timeout; /* seconds; -1: DEFAULT_TIMEOUT, 0: none */
	int retry_cnt;
	int retry_max;
	enum conn_state state;
	struct evhttp *http_server;
	struct requestq requests;
	void (*cb)(struct evhttp_connection *, void *);
	void *cb_arg;
	void (*closecb)(struct evhttp_connection *, void *);
	void *closecb_arg;
	struct event_base *base;

	/* Ours. */
	const struct conn_role *role;
	struct evbuffer input; /* bytes that the reader has not used */
	struct output output;
	struct message_reader reader;
	struct http_request *reading; /* the request being read, or NULL */

	struct sockaddr *peer; /* the other end; NULL until it is needed */

	void (*drain_cb)(struct evhttp_connection *, void *);
	void *drain_arg;

	struct timeval time_limit;  /* if uses_time_limit; else timeout */
	struct timespec wait_start; /* when the time limit began to run */
	unsigned fork_generation;   /* of the process that made the socket */
	int refs;
	bool uses_time_limit;
	bool has_base;	     /* set_base was called, or it is a server's */
	bool is_freed;	     /* the last evi_conn_unref() frees the memory */
	bool is_closing;     /* evi_conn_begin_closing() was called */
	bool is_connected;   /* closecb has to be called at the end */
	bool is_reading;     /* ev is added for reading */
	bool has_no_timeout; /* nothing has to arrive: ev has no timeout */
	bool has_timer;	     /* ev has a timeout; see check_timeout() */
	bool is_writing;     /* close_ev is added, or active */
	bool is_blocked;     /* the socket's send buffer is full */
	bool out_of_memory;  /* evi_conn_report_no_memory() was called */
	bool may_have_more;  /* the last read may have left bytes */

	/* For a server. */
	const struct reply_policy *policy;
	struct http_request *unanswered; /* the program has to answer it */
	struct server_entry entry;
	bool close_when_written; /* it closes once all output is written */
	bool client_may_send;	 /* bytes may arrive that nobody parses */
	bool is_paused;		 /* until the program drains the body */

	/* For a client. */
	struct client *client;
};

/*
 * Makes a connection without a socket to or from an address, which is copied.
 * flags is EVI_CONN_INCOMING or _OUTGOING.  Returns NULL without memory.
 */
struct evhttp_connection *evi_conn_new(const struct conn_role *role, int flags,
    const char *address, unsigned short port);

/* Takes a connected socket, and sets the events for it on base; NULL: the
 * current one. */
void
evi_conn_open(struct evhttp_connection *evcon, int fd, struct event_base *base);

/*
 * Closes the socket, if there is one, and drops the bytes that were read or are
 * to be written.  Calls no callback.
 */
void evi_conn_close(struct evhttp_connection *evcon);

/*
 * Calls the close callback, if evi_conn_set_connected() was called since the
 * last time.
 */
void evi_conn_call_closecb(struct evhttp_connection *evcon);

/*
 * Begins to close the connection; it is not opened again.  Takes a reference.
 * Returns false if that has begun before, as callbacks may run inside.
 */
bool evi_conn_begin_closing(struct evhttp_connection *evcon);

/*
 * Closes a connection without requests, and frees it as soon as nobody has a
 * reference.
 */
void evi_conn_destroy(struct evhttp_connection *evcon);

void evi_conn_ref(struct evhttp_connection *evcon);
void evi_conn_unref(struct evhttp_connection *evcon);

/*
 * For a server: has readable_cb called when the socket is readable, with a
 * timeout that starts now.  Does nothing if the connection is reading already,
 * or has no socket.
 */
void evi_conn_start_reading(struct evhttp_connection *evcon);

/* Stops waiting for the socket to be readable. */
void evi_conn_stop_reading(struct evhttp_connection *evcon);

/*
 * For a client: has readable_cb called when the socket is readable, without a
 * timeout, or with one that starts now.  If the connection is reading already,
 * only the timeout changes.
 */
void
evi_conn_wait_for_input(struct evhttp_connection *evcon, bool without_timeout);

/* Applies a changed time limit: starts the timeout again. */
void evi_conn_time_limit_changed(struct evhttp_connection *evcon);

/* Starts the time limit again.  ev's timeout is not moved: when it expires,
 * conn.c waits for the time that remains. */
void evi_conn_restart_timeout(struct evhttp_connection *evcon);

enum input_result {
	EVI_INPUT_READ,	 /* *result is what the reader reports */
	EVI_INPUT_NONE,	 /* nothing has arrived */
	EVI_INPUT_EOF,	 /* the other end has closed */
	EVI_INPUT_FAILED /* with errno */
};

/* Reads once from the socket, and passes the bytes to the reader. */
enum input_result
evi_conn_read(struct evhttp_connection *evcon, enum read_result *result);

/* Passes the bytes that were read before to the reader. */
enum read_result evi_conn_feed(struct evhttp_connection *evcon);

/* Whether there are bytes that were read and not parsed. */
static inline bool
evi_conn_has_input(const struct evhttp_connection *evcon)
{
	return evcon->input.off > 0;
}

enum flush_result {
	EVI_FLUSH_DONE,	  /* everything is written */
	EVI_FLUSH_WAITS,  /* for the socket to be writable */
	EVI_FLUSH_FAILED, /* now or before, or there is no socket */
};

/* Writes as much of the output as the socket takes. */
enum flush_result evi_conn_flush(struct evhttp_connection *evcon);

/* Drops the output, and stops waiting to write it. */
void evi_conn_drop_output(struct evhttp_connection *evcon);

/*
 * Sets the program's callback for evi_conn_call_drain_cb(), once all output is
 * written; NULL: none.  The connection drops it when it closes.
 */
static inline void
evi_conn_set_drain_cb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg)
{
	evcon->drain_cb = cb;
	evcon->drain_arg = arg;
}

/* Calls the drain callback if there is one.  Returns false if the connection
 * is closed after it. */
bool evi_conn_call_drain_cb(struct evhttp_connection *evcon);

/*
 * Returns the time limit that was set for the connection; if none was, seconds.
 * 0 is no limit.
 */
struct timeval
evi_conn_time_limit(const struct evhttp_connection *evcon, int seconds);

/*
 * Reports that memory ran out: has the role's timed_out_cb called from the
 * loop.
 */
void evi_conn_report_no_memory(struct evhttp_connection *evcon);

/* Why the role's timed_out_cb is called. */
static inline enum evhttp_request_error
evi_conn_timeout_reason(const struct evhttp_connection *evcon)
{
	return evcon->out_of_memory ? EVREQ_HTTP_BUFFER_ERROR
				    : EVREQ_HTTP_TIMEOUT;
}

/* Has the role's writable_cb called from the loop. */
void evi_conn_write_soon(struct evhttp_connection *evcon);

/*
 * Gives the socket to the program, and bytes that were read and not parsed to
 * rest, which may be NULL.  The close callback will not be called; the caller
 * has to destroy the connection.  Returns the socket; -1 if there is none, or
 * no memory.
 */
int evi_conn_take_fd(struct evhttp_connection *evcon, struct evbuffer *rest);

/* --- what other files set --- */

static inline void
evi_conn_set_state(struct evhttp_connection *evcon, enum conn_state state)
{
	evcon->state = state;
}

/* Sets the base.  If it is not NULL, the program cannot change it any more. */
static inline void
evi_conn_set_base(struct evhttp_connection *evcon, struct event_base *base)
{
	evcon->base = base;
	evcon->has_base = base != NULL;
}

/* Makes the connection a server's. */
static inline void
evi_conn_set_server(struct evhttp_connection *evcon, struct evhttp *http,
    const struct reply_policy *policy)
{
	evcon->http_server = http;
	evcon->policy = policy;
	evcon->has_base = true;
}

/* Initializes a server's policy with a content type, or NULL. */
static inline void
evi_conn_init_policy(struct reply_policy *policy, const char *content_type)
{
	policy->content_type = content_type;
	policy->closes_connections = false;
}

static inline void
evi_conn_set_content_type(struct reply_policy *policy, const char *content_type)
{
	policy->content_type = content_type;
}

/* Sets whether each answer is the last one of its connection. */
static inline void
evi_conn_set_closes_connections(struct reply_policy *policy, bool closes)
{
	policy->closes_connections = closes;
}

static inline void
evi_conn_set_policy(struct evhttp_connection *evcon,
    const struct reply_policy *policy)
{
	evcon->policy = policy;
}

/* Makes the connection a client's; NULL: it is a client's no longer. */
static inline void
evi_conn_set_client(struct evhttp_connection *evcon, struct client *client)
{
	evcon->client = client;
}

/*
 * Notes that there is a connection, so that its close callback has to be
 * called.
 */
static inline void
evi_conn_set_connected(struct evhttp_connection *evcon)
{
	evcon->is_connected = true;
}

static inline void
evi_conn_set_closecb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg)
{
	evcon->closecb = cb;
	evcon->closecb_arg = arg;
}

/* Sets the time limit to exact, or if that is NULL, to seconds. */
static inline void
evi_conn_set_time_limit(struct evhttp_connection *evcon, int seconds,
    const struct timeval *exact)
{
	evcon->timeout = seconds;
	evcon->uses_time_limit = exact != NULL;
	if (exact != NULL)
		evcon->time_limit = *exact;
}

/* Takes the address of the other end, from malloc(3). */
static inline void
evi_conn_set_peer(struct evhttp_connection *evcon, struct sockaddr *peer)
{
	evcon->peer = peer;
}

/* Takes the address to bind a client's socket to, from malloc(3), or NULL. */
void evi_conn_set_local_address(struct evhttp_connection *evcon, char *address);

static inline void
evi_conn_set_local_port(struct evhttp_connection *evcon, unsigned short port)
{
	evcon->bind_port = port;
}

static inline void
evi_conn_set_retry_max(struct evhttp_connection *evcon, int retry_max)
{
	evcon->retry_max = retry_max;
}

static inline void
evi_conn_set_retry_count(struct evhttp_connection *evcon, int n)
{
	evcon->retry_cnt = n;
}

/* Sets the request that the reader fills; NULL: none. */
static inline void
evi_conn_set_reading(struct evhttp_connection *evcon, struct http_request *req)
{
	evcon->reading = req;
}

/* Sets the request that the program has to answer; NULL: none. */
static inline void
evi_conn_set_unanswered(struct evhttp_connection *evcon,
    struct http_request *req)
{
	evcon->unanswered = req;
}

/* Drops all references to a request that leaves the connection. */
static inline void
evi_conn_forget_request(struct evhttp_connection *evcon,
    struct http_request *req)
{
	if (evcon->reading == req)
		evcon->reading = NULL;
	if (evcon->unanswered == req)
		evcon->unanswered = NULL;
	evi_output_forget_body(&evcon->output, req);
}

/* Has the connection close as soon as all output is written. */
static inline void
evi_conn_close_when_written(struct evhttp_connection *evcon)
{
	evcon->close_when_written = true;
}

/* Notes that the client may be sending bytes that nobody will parse. */
static inline void
evi_conn_set_client_may_send(struct evhttp_connection *evcon)
{
	evcon->client_may_send = true;
}

/*
 * Has the connection close when all output is written, and parses no more
 * input, which the client may be sending.
 */
static inline void
evi_conn_refuse_input(struct evhttp_connection *evcon)
{
	evcon->close_when_written = evcon->client_may_send = true;
}

/*
 * Pauses the body of the request that is being read, until
 * evi_conn_resume_body().  Meanwhile cb, with the connection as its argument,
 * is the callback of the input buffer, to notice that the program drains it.
 */
void evi_conn_pause_body(struct evhttp_connection *evcon,
    void (*cb)(struct evbuffer *, size_t, size_t, void *));

/* Ends the pause of a body, if there is one. */
void evi_conn_resume_body(struct evhttp_connection *evcon);

#endif
