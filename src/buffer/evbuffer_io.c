/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_read() and evbuffer_write().
 *
 * How many bytes there are to read is known only afterwards.  So
 * evbuffer_read() reads into a spare block, which takes one system call and
 * leaves no buffer with more room than it needs.  The bytes are read to the
 * offset at which they would be if the block were the buffer's.  If they are
 * many, or there is no memory for a copy, the block becomes the buffer's;
 * otherwise they are copied.  No byte that was read is ever lost.  readv(2)
 * would save the copy; but where a read returns a message or a line, as from a
 * terminal, the kernel makes a read of its own for each part of a readv(2).
 */
#include "evbuffer_io.h"

#include <sys/ioctl.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spare.h"

/* A buffer with this much room is read into directly (bytes). */
#define ENOUGH_ROOM ((size_t)65536)
/* How much is read if there is no memory for more (bytes). */
#define LEAST_ROOM ((size_t)4096)

/* Reads after the content, without adding the bytes to it. */
static ssize_t
read_into_room(const struct evbuffer *buf, int fd, size_t most)
{
	size_t room = evi_evbuffer_room(buf);

	if (room == 0) /* there may be no block */
		return read(fd, NULL, 0);
	return read(fd, buf->buffer + buf->off, most < room ? most : room);
}

/* Adds the n bytes that were read to the content, if n is not an error. */
static int
commit(struct evbuffer *buf, ssize_t n)
{
	if (n > 0)
		evi_evbuffer_commit(buf, (size_t)n);
	return (int)n;
}

/*
 * Copies the n bytes that were read into the spare block to the buffer's.  A
 * buffer without a block gets one of n bytes.
 */
static int
copy(struct evbuffer *buf, size_t n, const unsigned char *spare)
{
	if (buf->orig_buffer == NULL && buf->off == 0 &&
	    evi_evbuffer_move(buf, malloc(EVI_BLOCK(n)), n) == -1)
		return -1;
	if (evi_evbuffer_reserve(buf, n) == -1)
		return -1;
	memcpy(buf->buffer + buf->off, spare + buf->off, n);
	return 0;
}

/*
 * Whether the spare block should become the buffer's: the n bytes in it do not
 * fit into the buffer, and copying the content is cheaper than copying them.
 */
static bool
keeps_spare(const struct evbuffer *buf, size_t n)
{
	return n > evi_evbuffer_room(buf) && n >= buf->off &&
	       evi_evbuffer_suits_spare(buf->off + n);
}

static ssize_t
read_with_spare(struct evbuffer *buf, int fd, size_t most, unsigned char *spare)
{
	ssize_t n = read(fd, spare + buf->off, most);

	if (n <= 0 ||
	    (!keeps_spare(buf, (size_t)n) && copy(buf, (size_t)n, spare) == 0))
		evi_spare_give(spare);
	else
		evi_evbuffer_move(buf, spare, EVI_SPARE_SIZE);
	return n;
}

/* Reads more bytes than fit into a spare block together with the content. */
static ssize_t
read_into_new_room(struct evbuffer *buf, int fd, size_t most)
{
	ssize_t n;

	if (evi_evbuffer_reserve(buf, most) == -1 &&
	    evi_evbuffer_room(buf) == 0 &&
	    evi_evbuffer_reserve(buf, LEAST_ROOM) == -1)
		return -1;
	n = read_into_room(buf, fd, most);
	evi_evbuffer_trim(buf, n > 0 ? (size_t)n : 0);
	return n;
}

size_t
evi_evbuffer_io_default_limit(const struct evbuffer *buf)
{
	size_t room = evi_evbuffer_room(buf);

	if (room >= ENOUGH_ROOM)
		return room;
	if (buf->off + ENOUGH_ROOM <= EVI_SPARE_SIZE)
		return EVI_SPARE_SIZE - buf->off;
	return ENOUGH_ROOM;
}

/*
 * Lowers a caller's limit that is larger than a spare block to the number of
 * bytes that the kernel has, or to ENOUGH_ROOM.
 */
static size_t
limit_by_kernel(int fd, size_t most)
{
	int n;

	if (ioctl(fd, FIONREAD, &n) == -1 || n < 0 || (size_t)n >= most)
		return most;
	return (size_t)n > ENOUGH_ROOM ? (size_t)n : ENOUGH_ROOM;
}

/*
 * 1.4: asks the kernel how many bytes there are and reads as many, but at most
 * four times the size of the block.
 */
int
evbuffer_read(struct evbuffer *buf, int fd, int howmuch)
{
	size_t most;
	unsigned char *spare;

	(void)evi_evbuffer_reserve(buf, 0); /* shortens the mark: cannot fail */
	most =
	    howmuch < 0 ? evi_evbuffer_io_default_limit(buf) : (size_t)howmuch;
	if (most > EVI_SPARE_SIZE && most > evi_evbuffer_room(buf))
		most = limit_by_kernel(fd, most);
	if (evi_evbuffer_room(buf) >= most)
		return commit(buf, read_into_room(buf, fd, most));
	if (buf->off + most <= EVI_SPARE_SIZE &&
	    (spare = evi_spare_take()) != NULL)
		return commit(buf, read_with_spare(buf, fd, most, spare));
	return commit(buf, read_into_new_room(buf, fd, most));
}

/* Without content it does not write: that would send an empty datagram. */
int
evbuffer_write(struct evbuffer *buf, int fd)
{
	ssize_t n;

	if (buf->off == 0)
		return fcntl(fd, F_GETFD) == -1 ? -1 : 0;
	n = write(fd, buf->buffer, buf->off);
	if (n > 0)
		evbuffer_drain(buf, (size_t)n);
	return (int)n;
}
