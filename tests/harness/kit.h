/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests share: a log of which callbacks ran, socket pairs, and time.
 */
#ifndef HARNESS_KIT_H
#define HARNESS_KIT_H

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>

/*
 * The log: words, separated by one space, in the order they were noted; what is
 * beyond 4 kB is cut. assert_log("A:read B:timeout") compares all of it and
 * empties it.
 */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *noted(void);
void note_clear(void);
#define assert_log(expected)                                                   \
	do {                                                                   \
		assert_string_equal(noted(), expected);                        \
		note_clear();                                                  \
	} while (0)

/*
 * An event callback that notes "NAME:what", NAME being its argument and what
 * the event bits by name, joined by "+" ("read+write", "timeout"), or "0".
 */
void note_cb(int fd, short what, void *name);

/* Like note_cb, and reads one byte from fd first, if there is one. */
void note_read_cb(int fd, short what, void *name);

/* A callback that counts its calls in the int that arg points to. */
void count_cb(int fd, short what, void *arg);

/* A callback that does nothing. */
void idle_cb(int fd, short what, void *arg);

/* A connected pair of non-blocking stream sockets; fails the test if none. */
void make_pair(int fd[2]);
void close_pair(int fd[2]);

/* A pair whose first end has a byte to be read. */
void make_readable_pair(int fd[2]);

void write_byte(int fd);

/* Reads one byte and returns it; 0 if there was none. */
int read_byte(int fd);

/* Fills the socket's buffer, so that it is not writable. */
void fill(int fd);

/* A descriptor number that is not open. */
int closed_fd(void);

/* How many descriptors the process has open. */
int open_fds(void);

/* One pass that does not wait, of the current base or another; it has to
 * return 0. */
void one_pass(void);
void base_pass(struct event_base *base);

/* A timeval of n milliseconds, n >= 0; lasts to the end of the block. */
#define MSEC(n)                                                                \
	(&(struct timeval){.tv_sec = (n) / 1000, .tv_usec = (n) % 1000 * 1000})

/* Milliseconds on the monotonic clock. */
double now_ms(void);

/* Keeps the processor busy for ms milliseconds. */
void spin(double ms);

/* The time between start (from now_ms()) and now is at least ms, which is
 * exact, and not more than ms plus ten seconds, which is generous. */
#define assert_elapsed(start, ms) check_elapsed(start, ms, __FILE__, __LINE__)
void check_elapsed(double start, double ms, const char *file, int line);

/*
 * Runs func in a child process and returns the status that waitpid() gave: 0 if
 * func returned and none of its assertions failed.
 */
int in_child(void (*func)(void *), void *arg);

#endif
