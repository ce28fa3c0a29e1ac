/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Utilities of libevent: integers of known width, sockets, arithmetic on struct
 * timeval, bounded printf.  No function needs an event base, calls a callback
 * or keeps an argument; any thread may call them at any time.
 */
#ifndef _EVUTIL_H_
#define _EVUTIL_H_

#include <event-config.h>
#include <sys/types.h>
#include <sys/time.h>
#include <stdint.h>
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * struct event has a member of type struct timeval.  If the program's time_t
 * has another size than the library's (as with -D_TIME_BITS=64 on a machine of
 * 32 bits), the structs differ, and this does not compile.
 */
#ifdef _EVENT_SIZEOF_TIME_T
typedef char _event_time_t_has_another_size_than_in_the_library
    [sizeof(time_t) == _EVENT_SIZEOF_TIME_T ? 1 : -1];
#endif

/*
 * Integers of exactly 64, 32, 16 and 8 bits.  As in 1.4 they are macros, so
 * that #ifdef finds them.
 */
#define ev_int64_t int64_t
#define ev_uint64_t uint64_t
#define ev_uint32_t uint32_t
#define ev_uint16_t uint16_t
#define ev_uint8_t uint8_t

/*
 * socketpair(2): fills sv[0] and sv[1] with two connected sockets, which the
 * caller closes.  domain, type and protocol are passed to the system.  Returns
 * 0, or -1 with errno set and sv unchanged.
 */
int evutil_socketpair(int domain, int type, int protocol, int sv[2]);

/*
 * Sets O_NONBLOCK on fd.  Returns 0, or -1 with errno set and a warning in the
 * log (see event_set_log_callback).
 */
int evutil_make_socket_nonblocking(int fd);

/*
 * Names for functions that differ between POSIX and other systems.  The program
 * includes <unistd.h> for the first and <errno.h> for the others, as with 1.4.
 */
#define EVUTIL_CLOSESOCKET(s) close(s)
#define EVUTIL_SOCKET_ERROR() (errno)
#define EVUTIL_SET_SOCKET_ERROR(errcode)                                       \
	do {                                                                   \
		errno = (errcode);                                             \
	} while (0)

/*
 * Arithmetic on pointers to struct timeval.  Each is a macro that evaluates its
 * arguments several times.  They do not use the macros of <sys/time.h>, which a
 * program in strict C does not see.
 *
 * evutil_timeradd() stores a + b in *sum, evutil_timersub() a - b in *diff; sum
 * and diff may be a or b.  Both operands must have 0 <= tv_usec < 1000000; the
 * result has, too.  cmp is one of < > == != <= >= .  evutil_timerisset() is
 * true unless both members are 0.
 */
#define evutil_timeradd(a, b, sum)                                             \
	do {                                                                   \
		(sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;                     \
		(sum)->tv_usec = (a)->tv_usec + (b)->tv_usec;                  \
		if ((sum)->tv_usec >= 1000000) {                               \
			(sum)->tv_usec -= 1000000;                             \
			(sum)->tv_sec += 1;                                    \
		}                                                              \
	} while (0)

#define evutil_timersub(a, b, diff)                                            \
	do {                                                                   \
		(diff)->tv_sec = (a)->tv_sec - (b)->tv_sec;                    \
		(diff)->tv_usec = (a)->tv_usec - (b)->tv_usec;                 \
		if ((diff)->tv_usec < 0) {                                     \
			(diff)->tv_usec += 1000000;                            \
			(diff)->tv_sec -= 1;                                   \
		}                                                              \
	} while (0)

#define evutil_timercmp(a, b, cmp)                                             \
	((a)->tv_sec != (b)->tv_sec ? (a)->tv_sec cmp(b)->tv_sec               \
				    : (a)->tv_usec cmp(b)->tv_usec)

#define evutil_timerisset(tv) ((tv)->tv_sec != 0 || (tv)->tv_usec != 0)

#define evutil_timerclear(tv) ((tv)->tv_sec = (tv)->tv_usec = 0)

/* The wall-clock time, as gettimeofday(2): 0, or -1 with errno set. */
#define evutil_gettimeofday(tv, tz) gettimeofday((tv), (tz))

/*
 * strtoll(3): the number that s begins with, in the given base (2 to 36; 0: as
 * in C).  If end is not NULL, *end is set to what follows the number.  A number
 * out of range gives the nearest one and ERANGE in errno.
 */
ev_int64_t evutil_strtoll(const char *s, char **end, int base);

/*
 * snprintf(3): writes at most size bytes to buf; if size is not 0 the last one
 * is a NUL.  Returns the length of the whole text without the NUL: if it is
 * size or more, the text was cut.  A negative value is an error.
 */
int evutil_snprintf(char *buf, size_t size, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* evutil_snprintf() with the arguments in ap; call va_end() afterwards. */
int evutil_vsnprintf(char *buf, size_t size, const char *format, va_list ap);

#ifdef __cplusplus
}
#endif

#endif /* _EVUTIL_H_ */
