/* SPDX-License-Identifier: BSD-3-Clause */
/* The evutil_*() functions: each calls a function of the C library. */
#include "util.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "public.h"

int
evutil_socketpair(int family, int type, int protocol, int fd[2])
{
	return socketpair(family, type, protocol, fd);
}

int
evutil_make_socket_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		event_warn("fcntl(%d, O_NONBLOCK)", fd);
		return -1;
	}
	return 0;
}

ev_int64_t
evutil_strtoll(const char *s, char **endptr, int base)
{
	return strtoll(s, endptr, base);
}

int
evutil_snprintf(char *buf, size_t buflen, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = evutil_vsnprintf(buf, buflen, format, ap);
	va_end(ap);
	return n;
}

int
evutil_vsnprintf(char *buf, size_t buflen, const char *format, va_list ap)
{
	int n = vsnprintf(buf, buflen, format, ap);

	if (buflen > 0)
		buf[buflen - 1] = '\0';
	return n;
}

const char *
evutil_getenv(const char *name)
{
	return secure_getenv(name);
}
