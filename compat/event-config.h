/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Facts about the system that libevent was built for.
 *
 * libevent 1.4 writes this file when it is configured; programs use it for the
 * version and, sometimes, for features of the system.  This file is the same
 * everywhere but for one line, which the installation writes: each fact is true
 * on Linux with the GNU C library and with musl, for every processor;
 * predefined macros of the compiler give the rest.  A macro that is not defined
 * means "no".  Macros of 1.4 that only described its own build (libtool's
 * directory, libraries that configure looked for, the source of query ids) are
 * not defined.
 *
 * evutil.h and event.h include this file; programs seldom do.
 */
#ifndef _EVENT_CONFIG_H_
#define _EVENT_CONFIG_H_

/*
 * The libevent that this one is compatible with.  The number has a byte each
 * for major, minor and patch level, and 0 for a release.
 */
#define _EVENT_VERSION "1.4.15"
#define _EVENT_NUMERIC_VERSION 0x01040f00

#define _EVENT_PACKAGE "libevent"
#define _EVENT_PACKAGE_NAME ""
#define _EVENT_PACKAGE_STRING ""
#define _EVENT_PACKAGE_TARNAME ""
#define _EVENT_PACKAGE_VERSION ""
#define _EVENT_PACKAGE_BUGREPORT ""
#define _EVENT_PACKAGE_URL ""

/* The sizes of C types in bytes. */
#ifdef __SIZEOF_LONG__
#define _EVENT_SIZEOF_SHORT __SIZEOF_SHORT__
#define _EVENT_SIZEOF_INT __SIZEOF_INT__
#define _EVENT_SIZEOF_LONG __SIZEOF_LONG__
#define _EVENT_SIZEOF_LONG_LONG __SIZEOF_LONG_LONG__
#else
#include <limits.h>
#define _EVENT_SIZEOF_SHORT 2
#define _EVENT_SIZEOF_INT 4
#if LONG_MAX > 0x7fffffffL
#define _EVENT_SIZEOF_LONG 8
#else
#define _EVENT_SIZEOF_LONG 4
#endif
#define _EVENT_SIZEOF_LONG_LONG 8
#endif

/*
 * How many bytes a time_t of the library has; make install writes this line.
 * evutil.h compares it with the program's time_t.
 */
/* #undef _EVENT_SIZEOF_TIME_T */

/* Integer types of exact width. */
#define _EVENT_HAVE_UINT8_T 1
#define _EVENT_HAVE_UINT16_T 1
#define _EVENT_HAVE_UINT32_T 1
#define _EVENT_HAVE_UINT64_T 1

/* Headers. */
#define _EVENT_STDC_HEADERS 1
#define _EVENT_TIME_WITH_SYS_TIME 1
#define _EVENT_HAVE_DLFCN_H 1
#define _EVENT_HAVE_FCNTL_H 1
#define _EVENT_HAVE_INTTYPES_H 1
#define _EVENT_HAVE_POLL_H 1
#define _EVENT_HAVE_SIGNAL_H 1
#define _EVENT_HAVE_STDARG_H 1
#define _EVENT_HAVE_STDINT_H 1
#define _EVENT_HAVE_STDIO_H 1
#define _EVENT_HAVE_STDLIB_H 1
#define _EVENT_HAVE_STRINGS_H 1
#define _EVENT_HAVE_STRING_H 1
#define _EVENT_HAVE_SYS_EPOLL_H 1
#define _EVENT_HAVE_SYS_IOCTL_H 1
#define _EVENT_HAVE_SYS_PARAM_H 1
#define _EVENT_HAVE_SYS_SELECT_H 1
#define _EVENT_HAVE_SYS_SOCKET_H 1
#define _EVENT_HAVE_SYS_STAT_H 1
#define _EVENT_HAVE_SYS_TIME_H 1
#define _EVENT_HAVE_SYS_TYPES_H 1
#define _EVENT_HAVE_UNISTD_H 1

/*
 * <sys/queue.h>, and in it TAILQ_FOREACH.  musl has no such header; a compiler
 * without __has_include has another C library.
 */
#ifdef __has_include
#if __has_include(<sys/queue.h>)
#define _EVENT_HAVE_SYS_QUEUE_H 1
#define _EVENT_HAVE_TAILQFOREACH 1
#endif
#else
#define _EVENT_HAVE_SYS_QUEUE_H 1
#define _EVENT_HAVE_TAILQFOREACH 1
#endif

/* Functions. */
#define _EVENT_HAVE_CLOCK_GETTIME 1
#define _EVENT_HAVE_EPOLL 1
#define _EVENT_HAVE_EPOLL_CTL 1
#define _EVENT_HAVE_FCNTL 1
#define _EVENT_HAVE_GETADDRINFO 1
#define _EVENT_HAVE_GETEGID 1
#define _EVENT_HAVE_GETEUID 1
#define _EVENT_HAVE_GETNAMEINFO 1
#define _EVENT_HAVE_GETTIMEOFDAY 1
#define _EVENT_HAVE_INET_NTOP 1
#define _EVENT_HAVE_POLL 1
#define _EVENT_HAVE_SELECT 1
#define _EVENT_HAVE_SIGACTION 1
#define _EVENT_HAVE_SIGNAL 1
#define _EVENT_HAVE_STRSEP 1
#define _EVENT_HAVE_STRTOK_R 1
#define _EVENT_HAVE_STRTOLL 1
#define _EVENT_HAVE_VASPRINTF 1

/* Types and macros. */
#define _EVENT_HAVE_FD_MASK 1
#define _EVENT_HAVE_SETFD 1
#define _EVENT_HAVE_STRUCT_IN6_ADDR 1
#define _EVENT_HAVE_TIMERADD 1
#define _EVENT_HAVE_TIMERCLEAR 1
#define _EVENT_HAVE_TIMERCMP 1
#define _EVENT_HAVE_TIMERISSET 1

#endif /* _EVENT_CONFIG_H_ */
