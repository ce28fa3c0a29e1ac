/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * These replace sendto() and recvfrom() of the C library in the whole program,
 * and make the same system calls.
 */
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <unistd.h>

#include "dns_server_calls.h"

struct dns_calls dns_calls;

/*
 * They have names of their own here, as the C libraries declare the addresses
 * differently.
 */
ssize_t counted_sendto(int, const void *, size_t, int, const struct sockaddr *,
    socklen_t) __asm__("sendto");
ssize_t counted_recvfrom(int, void *, size_t, int, struct sockaddr *,
    socklen_t *) __asm__("recvfrom");

static int sends_to_fail, send_errno, receives_to_fail, receive_errno;

void
fail_sendto(int n, int err)
{
	sends_to_fail = n;
	send_errno = err;
}

void
fail_recvfrom(int n, int err)
{
	receives_to_fail = n;
	receive_errno = err;
}

ssize_t
counted_sendto(int fd, const void *bytes, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len)
{
	dns_calls.sendto++;
	if (sends_to_fail > 0) {
		sends_to_fail--;
		errno = send_errno;
		return -1;
	}
	return syscall(SYS_sendto, fd, bytes, len, flags, to, to_len);
}

ssize_t
counted_recvfrom(int fd, void *bytes, size_t len, int flags,
    struct sockaddr *from, socklen_t *from_len)
{
	dns_calls.recvfrom++;
	if (receives_to_fail > 0) {
		receives_to_fail--;
		errno = receive_errno;
		return -1;
	}
	return syscall(SYS_recvfrom, fd, bytes, len, flags, from, from_len);
}
