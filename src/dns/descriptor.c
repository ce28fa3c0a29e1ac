/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors of the resolver. */
#include "descriptor.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <unistd.h>

int
evi_descriptor_open(struct descriptor *d, const struct address *address,
    int type)
{
	struct stat st;
	int fd = socket(address->sa.sa_family,
	    type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	d->fd = -1;
	if (fd == -1)
		return -1;
	if (connect(fd, &address->sa, address->len) == -1 &&
	    errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	fstat(fd, &st);
	*d = (struct descriptor){fd, st.st_dev, st.st_ino};
	return 0;
}

void
evi_descriptor_close(struct descriptor *d)
{
	struct stat st;

	if (d->fd != -1 && fstat(d->fd, &st) == 0 && st.st_dev == d->dev &&
	    st.st_ino == d->ino)
		close(d->fd);
	d->fd = -1;
}
