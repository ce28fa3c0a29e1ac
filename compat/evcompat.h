/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevcompat has and libevent never had: its own version, and the libev
 * loop under an event base, so that a program can move to libev watcher by
 * watcher.
 *
 * This header goes with <ev.h> in one source file.  <event.h> does not: the two
 * give EV_READ, EV_WRITE and others different values.
 */
#ifndef EVCOMPAT_H
#define EVCOMPAT_H

#include <evutil.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of libevcompat that this header belongs to. */
#define EVCOMPAT_VERSION "0.1.0"

struct event_base;
struct ev_loop;

/*
 * The version of the library that runs, which may be newer than the header's;
 * a static string.  event_get_version() speaks of the interface instead.
 */
const char *evcompat_version(void);

/*
 * The libev loop of base; NULL stands for the current base, that of the last
 * event_init().  Returns NULL, with errno, where there is no base or no memory.
 * The program may start watchers of its own on it, of every kind but ev_child;
 * they are invoked while it sits in event_base_loop() on that base.
 *
 * Order: a pass of the loop first invokes the native watchers, by libev's rules
 * (the highest priority first, the newest first among equals), and then calls
 * the events, by libevent's.  Both may start, stop, add and delete whatever they
 * like; an event that a native watcher deletes is not called any more.
 *
 * Staying alive: event_base_loop() returns 1 when there are neither events nor
 * active native watchers left.  ev_unref() exempts a watcher, as ever.
 *
 * Ending: event_base_loopbreak() and event_base_loopexit() end the loop; the
 * native watchers of the pass under way have all been invoked then, and what is
 * ready later has to wait for the next call.  A native watcher that calls
 * event_base_loopbreak() keeps the events of its pass from being called: they
 * stay active for the next call.  ev_break() does not end event_base_loop().
 *
 * EVLOOP_ONCE waits for an event of the base; native watchers alone do not end
 * it.  event_reinit() runs the native watchers that are ready.
 *
 * The loop belongs to the base: it lives until event_base_free() and must not
 * be destroyed, nor run except by event_base_loop().  It is never libev's
 * default loop.  fork() is taken care of.  The first base of a process calls
 * ev_set_allocator() and ev_set_syserr_cb(), which are the whole process's; a
 * program that needs its own must not set them while there is a base.
 */
struct ev_loop *evcompat_base_loop(struct event_base *base);

/*
 * The loop for ev_child watchers.  libev takes those on its default loop alone,
 * and that loop then waits for every child of the process, so a base never uses
 * it by itself.  This call makes the default loop, with SIGCHLD blocked and read
 * from a descriptor, and has it run whenever base runs (NULL: the current base);
 * its active watchers keep event_base_loop() from returning.  Other watchers
 * than ev_child belong on evcompat_base_loop().
 *
 * From then on waitpid() elsewhere in the program finds no children, and a
 * signal event for SIGCHLD does not fire.  The default loop stays with base
 * until that is freed.  Returns NULL with errno: EINVAL without a base, EBUSY if
 * another base has it, ENOSYS if the program made the default loop before with
 * another back-end than epoll.
 */
struct ev_loop *evcompat_child_loop(struct event_base *base);

struct evbuffer;
struct evhttp_connection;
struct evhttp_request;

/*
 * Takes a server's connection over, for another protocol: after the program has
 * answered req with a 101, or a CONNECT with a 2xx, and in the same callback or
 * that of evhttp_request_set_on_complete_cb().  Returns the descriptor, which is
 * nonblocking and the caller's from then on; what was read from it and belongs
 * to no request is moved to rest, which may be NULL.  The connection and req
 * end, and no close callback is called.
 *
 * Returns -1, and all is as before, where req is not a server's or not answered
 * (EINVAL), the connection is lost (ENOTCONN), or the answer cannot be written at
 * once (EAGAIN).
 */
int evcompat_http_take(struct evhttp_request *req, struct evbuffer *rest);

/*
 * evhttp_connection_new() for a server that listens on a Unix socket: path is
 * its name.  base NULL is the current base.  NULL where there is no memory.
 */
struct evhttp_connection *
evcompat_http_unix_connection_new(struct event_base *base, const char *path);

/*
 * A client's request whose body comes in pieces, for one that is too long to be
 * held, or of which nobody knows the end yet.  In turn:
 *
 *	evcompat_http_stream(req, -1, more, arg);
 *	evhttp_make_request(evcon, req, EVHTTP_REQ_POST, "/upload");
 *	more:	evcompat_http_stream_piece(req, piece);
 *	more:	evcompat_http_stream_end(req);
 *
 * evcompat_http_stream() comes before evhttp_make_request(), and is for one
 * request: a program that owns req and makes it again calls it again.  length
 * is that of the whole body in bytes, which Content-Length says; -1 if it is not
 * known: then each piece is a chunk.  A Content-Length or Transfer-Encoding that
 * the program has set is not sent.  What is in req->output_buffer is the first
 * piece.  Returns 0; -1 with errno: EINVAL where length is less than -1, or req
 * is a server's or on its way; ENOMEM.
 *
 * cb, which may be NULL, is called from the loop with req and arg when all that
 * was given has been written to the socket, the head first: so a program that
 * gives one piece each time holds one piece at most.  It may call everything,
 * and free req or its connection.
 *
 * evcompat_http_stream_piece() moves the content of piece, as much as there is.
 * It may be called from the first cb on, in cb or at any time later; an empty
 * piece does nothing.  evcompat_http_stream_end() says that there is no more.
 * Both return 0; -1 with errno, and the piece is as before: EINVAL if the body
 * has ended or was not to be streamed, if it becomes longer than length, or ends
 * before; ENOTCONN if req is not on its way yet or any more.
 *
 * Without memory the request fails, by its callback.  A server may answer before
 * it has the whole body: then that is the end of the request, as always, and the
 * connection is closed behind it.  The timeout of the connection does not run
 * while the program is asked for more.  Such a request is never sent twice.
 * evhttp_make_request() is -1 for a length of -1 with HTTP/1.0, and if
 * output_buffer holds more than length.
 */
int evcompat_http_stream(struct evhttp_request *req, ev_int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg);
int evcompat_http_stream_piece(struct evhttp_request *req,
    struct evbuffer *piece);
int evcompat_http_stream_end(struct evhttp_request *req);

#ifdef __cplusplus
}
#endif

#endif /* EVCOMPAT_H */
