/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_connection: a socket, the events on it, what was read and not
 * used yet, what is to be written.  Server and client both use it, each with
 * callbacks of its own; here is what they share.
 *
 * A program may free a connection inside any callback.  So whoever calls one
 * holds the connection: evi_conn_destroy() ends it at once, for the program,
 * and its memory goes with the last evi_conn_unref().
 */
#ifndef EVI_HTTP_CONN_H
#define EVI_HTTP_CONN_H

#include "reader.h"

#include <sys/socket.h>
#include <time.h>

TAILQ_HEAD(requestq, evhttp_request);

/* 1.4's numbers; programs read them. */
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

/* 1.4's bits in flags. */
#define EVI_CONN_INCOMING 0x0001
#define EVI_CONN_OUTGOING 0x0002
#define EVI_CONN_CLOSE_DETECTS 0x0004

/* What a server and a client do when something happens. */
struct conn_role {
	/* The socket can be read, or written; or nothing came in time, or
	 * out_of_memory is set. */
	void (*readable_cb)(struct evhttp_connection *evcon);
	void (*writable_cb)(struct evhttp_connection *evcon);
	void (*timed_out_cb)(struct evhttp_connection *evcon);
	/* The first byte of a message has come: sets reading.  Returns MORE to
	 * go on; NEW to be told first; NOMEM.  Calls nobody. */
	enum read_result (*begin_cb)(struct evhttp_connection *evcon);
	/* The program frees the connection; or a request that is on it. */
	void (*free_cb)(struct evhttp_connection *evcon);
	void (*free_request_cb)(struct evhttp_connection *evcon,
	    struct http_request *req);
};

/* What a server has to say about every answer. */
struct reply_policy {
	const char *content_type; /* of a body that has none; NULL: none */
	bool closes_connections;  /* answers close their connections */
};

struct evhttp_connection {
	/* 1.4's, in 1.4's places: some programs read them by a copy of its
	 * private header. */
	TAILQ_ENTRY(evhttp_connection) next;
	int fd;
	struct event ev;       /* reading, persistent, and the timeout */
	struct event close_ev; /* writing, when it has to wait */
	struct evbuffer *input_buffer;
	struct evbuffer *output_buffer;
	char *bind_address;
	unsigned short bind_port;
	char *address;
	unsigned short port;
	int flags;
	int timeout;
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
	struct evbuffer input, output;
	/* Its output buffer follows what is in output_buffer. */
	struct http_request *body;
	struct message_reader reader;
	struct http_request *reading; /* what the reader fills; may be NULL */
	uint64_t written;	      /* bytes, since the connection was made */

	struct sockaddr *peer; /* once it was asked for */

	void (*drain_cb)(struct evhttp_connection *, void *);
	void *drain_arg;

	struct timeval time_limit;  /* in place of timeout, if is_exact */
	struct timespec wait_start; /* when the current wait has begun */
	unsigned fork_generation;   /* of the process that made the socket */
	int refs;
	bool is_exact;
	bool has_base;	     /* set_base was called, or it is a server's */
	bool is_freed;	     /* the memory goes with the last hold */
	bool is_connected;   /* closecb is owed */
	bool is_reading;     /* ev is added, for reading */
	bool has_no_timeout; /* what comes is not waited for: no timeout */
	bool has_timer;	     /* ev has a timeout, which may come too early */
	bool is_writing;     /* close_ev is added, or active */
	bool is_blocked;     /* the socket takes no more now */
	bool out_of_memory;  /* it cannot be waited for its socket */
	bool output_failed;  /* writing failed; to be told when it matters */
	bool may_have_more;  /* the last read left what it did not ask for */

	/* A server's. */
	const struct reply_policy *policy;
	struct http_request *unanswered; /* the program owes its answer */
	bool close_when_written;	 /* closes once all is written */
	bool is_lingering;    /* closed for us, but not for the kernel yet */
	bool client_may_send; /* what comes after the answer is dropped */
	bool is_paused;	      /* until the program drains the body */
	bool is_listed;	      /* among its server's connections */
	bool is_closing;      /* the close callback runs */
	uint64_t dropped;     /* bytes, while it lingers */

	/* A client's. */
	struct client *client;
};

/* A connection that belongs to nobody, without a socket; NULL for no memory. */
struct evhttp_connection *evi_conn_new(const struct conn_role *role);

/* Takes a connected socket, and puts its events on base. */
void
evi_conn_open(struct evhttp_connection *evcon, int fd, struct event_base *base);

/* Closes the socket, drops what was read and not written.  Calls nobody. */
void evi_conn_close(struct evhttp_connection *evcon);

/* Calls the close callback, if the connection was made and it was not called.
 */
void evi_conn_call_closecb(struct evhttp_connection *evcon);

/* Ends a connection that is closed and has no requests. */
void evi_conn_destroy(struct evhttp_connection *evcon);

void evi_conn_ref(struct evhttp_connection *evcon);
void evi_conn_unref(struct evhttp_connection *evcon);

/*
 * Reading.  start waits for the socket to be readable, with the timeout
 * beginning anew; stop no longer does.
 */
void evi_conn_start_reading(struct evhttp_connection *evcon);
void evi_conn_stop_reading(struct evhttp_connection *evcon);

/* The same as start, or goes on; patient: without a timeout. */
void evi_conn_wait_for_input(struct evhttp_connection *evcon, bool patient);

/* The timeout is another one: it begins anew if something is waited for. */
void evi_conn_time_limit_changed(struct evhttp_connection *evcon);

/* The time in which something has to come begins now. */
void evi_conn_restart_timeout(struct evhttp_connection *evcon);

enum input_result {
	EVI_INPUT_READ,	 /* *result is what the reader says */
	EVI_INPUT_NONE,	 /* nothing has come */
	EVI_INPUT_EOF,	 /* the other side has ended */
	EVI_INPUT_FAILED /* errno */
};

/* Reads once, and lets the reader look at it. */
enum input_result
evi_conn_read(struct evhttp_connection *evcon, enum read_result *result);

/* Lets the reader go on with what is there already. */
enum read_result evi_conn_feed(struct evhttp_connection *evcon);

/* Whether anything is there already. */
static inline bool
evi_conn_has_input(const struct evhttp_connection *evcon)
{
	return evcon->input.off > 0;
}

/*
 * Adds to what is to be written, after what is left of a body, which is copied
 * for that.  0 bytes make output_buffer the place to add more to.  Returns 0,
 * or -1 without memory.
 */
int evi_conn_add(struct evhttp_connection *evcon, const char *data, size_t len);

/* How many bytes are to be written. */
size_t evi_conn_unsent(const struct evhttp_connection *evcon);

/*
 * Writes as much as the socket takes.  Returns 1 if that is all, 0 if it waits
 * for the socket; -1, and output_failed is set, where it fails.
 */
int evi_conn_flush(struct evhttp_connection *evcon);

/* Drops what is to be written. */
void evi_conn_drop_output(struct evhttp_connection *evcon);

/* The timeout that is set; if none is, so many seconds.  0: for ever. */
struct timeval
evi_conn_time_limit(const struct evhttp_connection *evcon, int seconds);

/* There is no memory to go on: has the role's timed_out called from the loop.
 */
void evi_conn_report_no_memory(struct evhttp_connection *evcon);

/* Why the role's timed_out is called. */
static inline enum evhttp_request_error
evi_conn_timeout_reason(const struct evhttp_connection *evcon)
{
	return evcon->out_of_memory ? EVREQ_HTTP_BUFFER_ERROR
				    : EVREQ_HTTP_TIMEOUT;
}

/* Has the role's writable called from the loop, soon. */
void evi_conn_write_soon(struct evhttp_connection *evcon);

/*
 * The socket is the program's from now on; what was read and not used goes to
 * rest.  Returns it; -1 if there is none.
 */
int evi_conn_take_fd(struct evhttp_connection *evcon, struct evbuffer *rest);

#endif
