/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions to the kernel.  The cheapest ones are calls that must fail: which
 * error they give is the answer.
 */
#include "kernel.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool
evi_is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

void
evi_find_closed(struct pollfd *fds, int n)
{
	int r;

	do
		r = poll(fds, (nfds_t)n, 0);
	while (r == -1 && errno == EINTR);
	if (r != -1)
		return;
	/* More than the process may have open: one by one, then. */
	for (int i = 0; i < n; i++)
		fds[i].revents = evi_is_open(fds[i].fd) ? 0 : POLLNVAL;
}

/* Adding once more what is in the set fails with EEXIST. */
enum evi_verdict
evi_epoll_probe(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};

	if (epfd == -1)
		return evi_is_open(fd) ? EVI_OTHER : EVI_CLOSED;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &none) == 0) {
		epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none);
		return EVI_OTHER;
	}
	if (errno == EEXIST)
		return EVI_SAME;
	if (errno != EBADF && errno != EINVAL)
		return EVI_OTHER; /* EPERM: no set takes such a file */
	return evi_is_open(fd) ? EVI_LOST : EVI_CLOSED;
}

/* Taking out what is not in fails with ENOENT, and otherwise without a set. */
int
evi_is_epoll_set(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};

	if (epfd == -1 || epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none) == 0)
		return 1;
	if (errno == EPERM)
		return -1;
	return errno != EBADF && errno != EINVAL;
}

/* An eventfd is something that no set has yet. */
bool
evi_is_another_file(int epfd)
{
	bool r;
	int fd;

	if (epfd == -1 || !evi_is_open(epfd))
		return false;
	fd = eventfd(0, EFD_CLOEXEC);
	if (fd == -1)
		return false;
	r = evi_is_epoll_set(epfd, fd) == 0;
	close(fd);
	return r;
}
