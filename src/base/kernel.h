/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asks the kernel about descriptors, because libev ends the process if it gets
 * an invalid one.  If a comment does not say so, the epoll set is the same
 * afterwards.
 */
#ifndef EVI_KERNEL_H
#define EVI_KERNEL_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>

/*
 * Whether the descriptor is open, and for more than its path (O_PATH); errno is
 * EBADF if not.
 */
bool evi_kernel_is_open(int fd);

/*
 * Whether a descriptor can be added to the epoll set; if epfd is -1, whether it
 * is open.  One system call finds out whether it is open; only for an epoll
 * descriptor more are made.  False with errno: EBADF, ELOOP, EINVAL.
 */
bool evi_kernel_can_add(int epfd, int fd);

/*
 * Sets POLLNVAL in revents of those that are not open.  It makes one system
 * call, or n if n is above the limit of open files.  events must be 0.
 */
void evi_kernel_find_closed(struct pollfd *fds, int n);

enum fd_state {
	FD_IN_SET,	 /* open, and in the epoll set */
	FD_NOT_IN_SET,	 /* open, and not in the epoll set */
	FD_NOT_POLLABLE, /* open, and epoll refuses it, as a regular file */
	FD_CLOSED,	 /* not open; errno is EBADF */
	FD_SET_LOST	 /* open, but epfd is not an epoll set any more */
};

/*
 * The state of a descriptor that should be in the epoll set epfd.  It stays
 * there if it is.  If epfd is -1 the result is FD_NOT_POLLABLE or FD_CLOSED.
 */
enum fd_state evi_kernel_probe_armed(int epfd, int fd);

/*
 * The same for a descriptor that should not be in the epoll set.  It is removed
 * if it is.
 */
enum fd_state evi_kernel_probe_unarmed(int epfd, int fd);

/* Removes a descriptor from the epoll set; keeps errno. */
void evi_kernel_remove(int epfd, int fd);

/*
 * A descriptor that a base has put into its epoll set.  The program may close
 * all descriptors and open others.  If the token is not in the epoll set any
 * more, one of the two numbers names a file of the program's.
 */
struct token {
	int fd;
	dev_t dev;
	ino_t ino;
};

/* Makes a token without a descriptor: fd is -1. */
void evi_kernel_token_init(struct token *token);

/*
 * Puts fd into the epoll set epfd, unless that is -1, and notes which file it
 * is.
 */
void evi_kernel_token_set(struct token *token, int epfd, int fd);

/*
 * Whether the epoll set and the token are the same files as before.  If epfd is
 * -1 or closed, this compares the token's device and inode, which all eventfds
 * share.
 */
bool evi_kernel_token_is_valid(const struct token *token, int epfd);

/*
 * Whether a descriptor can be opened, or could be if this one were closed.
 * False with errno: EMFILE, ENFILE or ENOMEM.
 */
bool evi_kernel_can_open_instead(int fd);

/*
 * Whether the number epfd, which was an epoll set, names another file now.
 * False if it is closed, or -1.
 */
bool evi_kernel_is_another_file(int epfd);

#endif
