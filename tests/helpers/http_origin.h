/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An origin server in the test's own hands, made of plain sockets on the
 * client's own base: each connection follows a script.
 *
 *	static const struct step script[] = {REQUEST, SEND(OK_X), CLOSE, END};
 *
 * The n-th connection follows the n-th script, all later ones the last.  A
 * script runs as far as it can whenever bytes come.  Where it is over, or
 * stalls, the origin keeps reading, and closes when the client does.  As one
 * thread runs both sides, what a script sends and closes in one go has left
 * before the client looks.
 */
#ifndef HELPERS_HTTP_ORIGIN_H
#define HELPERS_HTTP_ORIGIN_H

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>
#include <stdbool.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum step_kind {
	STEP_END,
	STEP_REQUEST,
	STEP_BYTES,
	STEP_SEND,
	STEP_TRICKLE,
	STEP_ECHO,
	STEP_SHUT,
	STEP_CLOSE,
	STEP_RESET,
	STEP_STALL,
	STEP_STOP_READING,
	STEP_AGAIN
};

struct step {
	enum step_kind kind;
	const char *bytes;
	size_t len;
};

/* Waits for a whole request: its head, and the body that its head announces. */
#define REQUEST                                                                \
	{                                                                      \
		STEP_REQUEST, NULL, 0                                          \
	}
/* Waits for n bytes of any kind. */
#define BYTES(n)                                                               \
	{                                                                      \
		STEP_BYTES, NULL, n                                            \
	}
/* Sends a string literal, or what a char pointer points to. */
#define SEND(literal)                                                          \
	{                                                                      \
		STEP_SEND, literal, sizeof(literal) - 1                        \
	}
#define SEND_TEXT(text)                                                        \
	{                                                                      \
		STEP_SEND, text, strlen(text)                                  \
	}
/* The same, one byte in each pass of the loop. */
#define TRICKLE(literal)                                                       \
	{                                                                      \
		STEP_TRICKLE, literal, sizeof(literal) - 1                     \
	}
#define TRICKLE_TEXT(text)                                                     \
	{                                                                      \
		STEP_TRICKLE, text, strlen(text)                               \
	}
/* Answers 200 with the URI of the request as body, and the literal after it.
 */
#define ECHO(literal)                                                          \
	{                                                                      \
		STEP_ECHO, literal, sizeof(literal) - 1                        \
	}
/* Sends no more, but keeps reading. */
#define SHUT                                                                   \
	{                                                                      \
		STEP_SHUT, NULL, 0                                             \
	}
/* Closes; RESET so that the client gets a RST. */
#define CLOSE                                                                  \
	{                                                                      \
		STEP_CLOSE, NULL, 0                                            \
	}
#define RESET                                                                  \
	{                                                                      \
		STEP_RESET, NULL, 0                                            \
	}
/* Waits until the test calls peer_resume(). */
#define STALL                                                                  \
	{                                                                      \
		STEP_STALL, NULL, 0                                            \
	}
/* Does not read any more, for good. */
#define STOP_READING                                                           \
	{                                                                      \
		STEP_STOP_READING, NULL, 0                                     \
	}
/* Begins again with the first step. */
#define AGAIN                                                                  \
	{                                                                      \
		STEP_AGAIN, NULL, 0                                            \
	}
#define END                                                                    \
	{                                                                      \
		STEP_END, NULL, 0                                              \
	}

/* An answer with this body, which keeps the connection open. */
#define OK_1(body) "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" body
#define OK_X OK_1("x")

#define PEERS_MAX 64

/* A connection the origin accepted. */
struct peer {
	int fd; /* -1 once it is closed */
	struct event read_ev, write_ev;
	const struct step *script, *step;
	size_t sent;	    /* bytes of the step */
	char *got;	    /* all that came, and a NUL */
	size_t len, used;   /* the first `used` bytes are dealt with */
	size_t request;	    /* where the last request begins */
	int requests;	    /* REQUEST steps that are over */
	bool client_closed; /* before the origin did */
	struct sockaddr_storage from;
};

struct origin {
	struct event_base *base;
	int listener; /* -1: closed */
	unsigned short port;
	struct event accept_ev;
	const struct step *scripts[PEERS_MAX];
	int n_scripts;
	int accepted, closed;
	struct peer peer[PEERS_MAX];
};

void peer_close(struct peer *p);

void peer_reset(struct peer *p);

/* The length of the whole request at the start of text; 0 if it is not whole.
 */
size_t request_length(const char *text);

/* Ends a STALL. */
void peer_resume(struct peer *p);

void origin_accept_cb(int listener, short what, void *arg);

/* A socket bound to a free port of the given loopback address. */
int bind_loopback(int family, unsigned short *port);

/* From now on the origin's port, which refused before, accepts. */
void origin_listen(struct origin *o);

/* An origin whose port refuses connections. */
void origin_bind(struct origin *o, struct event_base *base, int family,
    const struct step *const *scripts, int n);

/* Refuses all further connections; the port may become another's. */
void origin_stop_listening(struct origin *o);

void origin_close(struct origin *o);

/* The client's socket of a connection; fails the test if there is none. */
int client_fd(const struct peer *p);

/* Close the connection, or reset it, from inside a callback of the client's,
 * and return when the client's kernel knows: its loop has not seen it yet. */
void close_unseen_by_the_loop(struct peer *p);

void reset_unseen_by_the_loop(struct peer *p);

#endif
