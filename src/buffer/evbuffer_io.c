/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An evbuffer's bytes from and to descriptors.
 *
 * How much there is to be read is known only when it has been read.  So that
 * one system call takes it all and no buffer has room that it does not need,
 * it goes to a spare block, where it would be if the block were the buffer's.
 * If it is much, or there is no memory for a copy, then that is what the block
 * becomes; nothing that was read is ever lost.  readv(2) would save the copy,
 * but where a file has messages or lines it is as many reads as it has parts.
 */
#include "evbuffer_io.h"
#include "spare.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As much room as this is enough to be read into. */
#define MUCH ((size_t)65536)
/* Without memory for more. */
#define LITTLE ((size_t)4096)

/* Reads, and does not count it yet. */
static ssize_t
read_into_room(const struct evbuffer *buf, int fd, size_t most)
{
	size_t room = evi_evbuffer_room(buf);

	if (room == 0) /* there may be no block at all */
		return read(fd, NULL, 0);
	return read(fd, buf->buffer + buf->off, most < room ? most : room);
}

/* As evbuffer_read() returns it. */
static int
counted(struct evbuffer *buf, ssize_t n)
{
	if (n > 0)
		evi_evbuffer_grown(buf, (size_t)n);
	return (int)n;
}

/*
 * The n bytes that are in the spare, behind what is the content's place there;
 * to a block of its own, if there is none yet, that is no larger than need be.
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
 * Whether n bytes in a spare block, where there is no room for them, had better
 * stay there, and the content come to them.
 */
static bool
may_stay(const struct evbuffer *buf, size_t n)
{
	return n > evi_evbuffer_room(buf) && n >= buf->off &&
	       evi_evbuffer_wants_spare(buf->off + n);
}

static ssize_t
read_with_spare(struct evbuffer *buf, int fd, size_t most, unsigned char *spare)
{
	ssize_t n = read(fd, spare + buf->off, most);

	if (n <= 0 ||
	    (!may_stay(buf, (size_t)n) && copy(buf, (size_t)n, spare) == 0))
		evi_spare_give(spare);
	else
		evi_evbuffer_move(buf, spare, EVI_SPARE_SIZE);
	return n;
}

/* Where more is wanted, or is there already, than a spare block holds. */
static ssize_t
read_into_new_room(struct evbuffer *buf, int fd, size_t most)
{
	ssize_t n;

	if (evi_evbuffer_reserve(buf, most) == -1 &&
	    evi_evbuffer_room(buf) == 0 &&
	    evi_evbuffer_reserve(buf, LITTLE) == -1)
		return -1;
	n = read_into_room(buf, fd, most);
	evi_evbuffer_trim(buf, n > 0 ? (size_t)n : 0);
	return n;
}

size_t
evi_evbuffer_io_default(const struct evbuffer *buf)
{
	size_t room = evi_evbuffer_room(buf);

	if (room >= MUCH)
		return room;
	if (buf->off + MUCH <= EVI_SPARE_SIZE)
		return EVI_SPARE_SIZE - buf->off;
	return MUCH;
}

/* The same if somebody names a number that no spare block holds. */
static size_t
what_is_there(int fd, size_t most)
{
	int n;

	if (ioctl(fd, FIONREAD, &n) == -1 || n < 0 || (size_t)n >= most)
		return most;
	return (size_t)n > MUCH ? (size_t)n : MUCH;
}

/*
 * 1.4: asks how much there is, and reads that, or up to four times as much as
 * the block has bytes.
 */
int
evbuffer_read(struct evbuffer *buf, int fd, int howmuch)
{
	size_t most;
	unsigned char *spare;

	(void)evi_evbuffer_reserve(buf, 0);
	most = howmuch < 0 ? evi_evbuffer_io_default(buf) : (size_t)howmuch;
	if (most > EVI_SPARE_SIZE && most > evi_evbuffer_room(buf))
		most = what_is_there(fd, most);
	if (evi_evbuffer_room(buf) >= most)
		return counted(buf, read_into_room(buf, fd, most));
	if (buf->off + most <= EVI_SPARE_SIZE &&
	    (spare = evi_spare_take()) != NULL)
		return counted(buf, read_with_spare(buf, fd, most, spare));
	return counted(buf, read_into_new_room(buf, fd, most));
}

/* With nothing to write it does not, as that would be an empty datagram. */
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
