/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * These functions replace the C library's in the whole program.  The system
 * calls are counted.  strdup() and strndup() call the malloc() that wrap.c
 * counts, which the C library's do not.
 */
#include "dns_client_calls.h"

#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Thread_local struct dns_client_calls dns_client_calls;

/* Whether this call fails. */
static int
fails(int *error)
{
	if (*error == 0)
		return 0;
	errno = *error;
	*error = 0;
	return 1;
}

/*
 * They have names of their own here, as the C libraries declare the flags
 * differently, as int or unsigned int.
 */
int
counted_sendmmsg(int, struct mmsghdr *, unsigned int, int) __asm__("sendmmsg");
int counted_recvmmsg(int, struct mmsghdr *, unsigned int, int,
    struct timespec *) __asm__("recvmmsg");

int
counted_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags)
{
	int sent;

	dns_client_calls.sendmmsg++;
	if (fails(&dns_client_calls.fail_send))
		return -1;
	sent = (int)syscall(SYS_sendmmsg, fd, msgs, n, flags);
	if (sent > 0)
		dns_client_calls.sent += sent;
	return sent;
}

int
counted_recvmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags,
    struct timespec *timeout)
{
	dns_client_calls.recvmmsg++;
	if (fails(&dns_client_calls.fail_recv))
		return -1;
	return (int)syscall(SYS_recvmmsg, fd, msgs, n, flags, timeout);
}

ssize_t
getrandom(void *bytes, size_t len, unsigned int flags)
{
	dns_client_calls.getrandom++;
	return syscall(SYS_getrandom, bytes, len, flags);
}

char *
strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
strdup(const char *text)
{
	return strndup(text, strlen(text));
}
