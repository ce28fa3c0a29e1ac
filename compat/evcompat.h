/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevcompat has and libevent never had: its own version; the libev loop
 * under an event base, so that a program can move to libev watcher by watcher;
 * a base on a libev loop of the program's; calls from other threads.
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

/*
 * The version of libevcompat that this header belongs to: as a string, and for
 * #if as a number with a byte each for major, minor and patch, and a last one
 * that is 0 in a release.  0x00020000 is 0.2.0.  The interface that the library
 * is compatible with has a version of its own, _EVENT_VERSION, 1.4.15.
 */
#define EVCOMPAT_VERSION "0.2.0"
#define EVCOMPAT_VERSION_NUMBER 0x00020000

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
 * the events, by libevent's.  Both may start, stop, add and delete whatever
 * they like; an event that a native watcher deletes is not called any more.
 *
 * Staying alive: event_base_loop() returns 1 when there are neither events nor
 * active native watchers left.  ev_unref() exempts a watcher, as ever.
 *
 * Ending: event_base_loopbreak() and event_base_loopexit() end the loop; the
 * native watchers of the current pass have all been invoked then, and what is
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
 *
 * If the base is one of evcompat_base_on(), below, its loop is the program's.
 */
struct ev_loop *evcompat_base_loop(struct event_base *base);

/*
 * The other way round: a new base on a libev loop that the program makes and
 * runs itself, with ev_run() or as its host does.  libevent code, with its own
 * events, bufferevents, evdns and evhttp, then runs inside of a libev program.
 * Returns NULL with errno: EINVAL where loop is NULL, ENOMEM, EMFILE or ENFILE.
 * The base is the current one if there is none, and else has to be named, by
 * event_base_set() and the like.
 *
 * Order: each pass of the loop is for the base what one of event_base_loop()
 * is.  The program's watchers are invoked first, by libev's rules, and then the
 * events of the most urgent priority that has any are called, by libevent's.
 * Less urgent ones come in the next pass, which does not wait.  So neither side
 * can starve the other.  Only watchers of priority EV_MINPRI may have their
 * turn after the events.
 *
 * Staying alive: while the base has events, ev_run() does not return for want
 * of watchers.  A base without any does not count.
 *
 * event_base_loop() on the base runs the loop, the program's watchers included,
 * and may be called inside of them.  It ends as always: without events and
 * active watchers (1), by event_base_loopexit() or loopbreak(), by its flags.
 * ev_break() ends it too (0); with EVBREAK_ALL the runs around it as well.
 *
 * The loop continues in any case.  event_base_loopexit() and loopbreak() end
 * the innermost event_base_loop() on the base.  Where none is running,
 * loopexit() does nothing, and loopbreak() leaves the events that are still
 * active to the next pass.
 *
 * The end: event_base_free() stops what the base has on the loop, and may be
 * called in any callback.  A program that destroys the loop before has lost the
 * events by that: event_add() is -1 from then on, and event_base_free() has
 * still to be called.
 *
 * Signals are the base's own, not ev_signal: one signal is for one of the two.
 * On libev's default loop libev takes SIGCHLD and waits for all children:
 * signal_add() for SIGCHLD is -1 there, with EBUSY; ev_child watchers are
 * started on the loop itself, which evcompat_child_loop() returns.  For a base
 * on another loop of the program's that is NULL with ENOSYS.
 *
 * fork(): a child may call ev_loop_fork() or event_reinit(), or neither: then
 * the base does it, with the first pass.  event_reinit() takes effect with the
 * next pass, and invokes nothing.
 *
 * Any back-end of libev will do.  ev_set_allocator() and ev_set_syserr_cb() are
 * the program's, as long as it has no base of another kind; memory that the
 * loop lacks is an error as libev has it.  A descriptor that the kernel does
 * not take is logged once, and tried again with each pass; event_base_loop() is
 * -1.
 */
struct event_base *evcompat_base_on(struct ev_loop *loop);

/*
 * The loop for ev_child watchers.  libev takes those on its default loop alone,
 * and that loop then waits for every child of the process, so a base never uses
 * it by itself.  This call makes the default loop, with SIGCHLD blocked and
 * read from a descriptor, and has it run whenever base runs (NULL: the current
 * base); its active watchers keep event_base_loop() from returning.  Other
 * watchers than ev_child belong on evcompat_base_loop().
 *
 * From then on waitpid() elsewhere in the program finds no children, and a
 * signal event for SIGCHLD does not fire.  The default loop stays with base
 * until that is freed.  Returns NULL with errno: EINVAL without a base, EBUSY
 * if another base has it, ENOSYS if the program made the default loop before
 * with another back-end than epoll.
 */
struct ev_loop *evcompat_child_loop(struct event_base *base);

/*
 * Has the loop of base (NULL: the current one) call cb with arg, soon, in its
 * own thread.  This is the one call on a base that any thread may make at any
 * time, and a signal handler, too; it takes no lock and no memory, and does not
 * wait.
 *
 * Calls are made in the order in which they were asked for, when an event of
 * priority 0 would be called.  1,024 can wait, in a ring that the base has from
 * the start and that takes memory where it is used: 25 KB at most.  Returns 0,
 * and errno stays as it was; -1 with EAGAIN where the ring is full, EINVAL
 * without a base or with cb NULL.
 *
 * cb may do what an event's callback may: free the base, which ends all calls
 * that wait, or ask for more calls, which are for the next pass.  One that
 * calls event_base_loopbreak() leaves the others to the next event_base_loop().
 *
 * A call that waits is made before event_base_loop() returns for want of
 * events; one that may come does not keep it from returning.  A program that
 * waits for its threads has an event for that, if only a timer.  EVLOOP_ONCE
 * ends with the calls of a pass, as with events.
 *
 * fork(): what waits is called in the parent alone.  base must not be freed
 * while other threads call this.
 */
int
evcompat_base_wakeup(struct event_base *base, void (*cb)(void *), void *arg);

struct evbuffer;
struct evhttp_connection;
struct evhttp_request;

/*
 * Takes a server's connection over, for another protocol: after the program has
 * answered req with a 101, or a CONNECT with a 2xx, and in the same callback or
 * that of evhttp_request_set_on_complete_cb().  Returns the descriptor, which
 * is nonblocking and the caller's from then on; what was read from it and
 * belongs to no request is moved to rest, which may be NULL.  The connection
 * and req end, and no close callback is called.
 *
 * Returns -1, and all is as before, where req is not a server's or not answered
 * (EINVAL), the connection is lost (ENOTCONN), or the answer cannot be written
 * at once (EAGAIN).
 */
int evcompat_http_take(struct evhttp_request *req, struct evbuffer *rest);

/*
 * evhttp_connection_new() for a server that listens on a Unix socket: path is
 * its name.  base NULL is the current base.  NULL where there is no memory.
 */
struct evhttp_connection *
evcompat_http_unix_connection_new(struct event_base *base, const char *path);

/*
 * A client's request whose body comes in pieces, for one that is too long for
 * memory, or whose end is not known yet.  In turn:
 *
 *	evcompat_http_stream(req, -1, more, arg);
 *	evhttp_make_request(evcon, req, EVHTTP_REQ_POST, "/upload");
 *	more:	evcompat_http_stream_piece(req, piece);
 *	more:	evcompat_http_stream_end(req);
 *
 * evcompat_http_stream() comes before evhttp_make_request(), and is for one
 * request: a program that owns req and makes it again calls it again.  length
 * is that of the whole body in bytes, which Content-Length says; -1 if it is
 *not known: then each piece is a chunk.  A Content-Length or Transfer-Encoding
 *that the program has set is not sent.  What is in req->output_buffer is the
 *first piece.  Returns 0; -1 with errno: EINVAL where length is less than -1,
 *or req is a server's or on its way; ENOMEM.
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
 * has ended or was not to be streamed, if it becomes longer than length, or
 *ends before; ENOTCONN if req is not on its way yet or any more.
 *
 * Without memory the request fails, by its callback.  A server may answer
 *before it has the whole body: then that is the end of the request, as always,
 *and the connection is closed after it.  The timeout of the connection does not
 *run while the program is asked for more.  Such a request is never sent twice.
 * evhttp_make_request() is -1 for a length of -1 with HTTP/1.0, and if
 * output_buffer holds more than length.
 */
int evcompat_http_stream(struct evhttp_request *req, ev_int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg);
int
evcompat_http_stream_piece(struct evhttp_request *req, struct evbuffer *piece);
int evcompat_http_stream_end(struct evhttp_request *req);

#ifdef __cplusplus
}
#endif

#endif /* EVCOMPAT_H */
