/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datagrams of connected sockets, in and out, many by one system call.
 *
 * What is read is handed on one by one.  Somebody starts with a socket, reads
 * until there are no more, and is done with it before the next one starts. What
 * is written is kept until enough has come together, or until a flush.
 */
#ifndef EVI_DATAGRAM_H
#define EVI_DATAGRAM_H

#include <sys/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/queue.h"

struct evi_socket {
	TAILQ_ENTRY(evi_socket) failed;
	int fd;
	int error; /* of sending, that nobody was told of yet; 0: none */
};

/*
 * read: the next datagram that may be a reply to one question, as recv(2)
 * would; -1, EAGAIN, where there are no more for now.  left: whether there are
 * some that were received and not read yet.  last: the one that was read last,
 * all of it, which may be more than there was room for; NULL if there is none.
 */
void evi_datagrams_start(struct evi_socket *s);
ssize_t evi_datagram_read(struct evi_socket *s, void *data, size_t size);
bool evi_datagrams_left(const struct evi_socket *s);
const uint8_t *evi_datagram_last(size_t *len);

/* Writes one of at most so many bytes. */
#define EVI_DATAGRAM_MAX 512
void evi_datagram_write(struct evi_socket *s, const void *data, size_t len);
void evi_datagrams_flush(void);

/* A socket with an error, which has been told to somebody then; NULL: none. */
struct evi_socket *evi_datagrams_failed(void);
void evi_datagrams_recovered(struct evi_socket *s);

/* The socket is about to be closed. */
void evi_datagrams_forget(struct evi_socket *s);

#endif
