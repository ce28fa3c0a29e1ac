/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel says of descriptors, asked without changing anything: the
 * questions behind the rule that nothing invalid may reach libev.
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
 * Whether a descriptor that is new to the epoll set can be added to it, as far
 * as can be said for the price of evi_kernel_is_open().  Sets within sets are
 * looked at more closely.  errno if not: EBADF, ELOOP, EINVAL.
 */
bool evi_kernel_can_add(int epfd, int fd);

/* Marks those that are not open by POLLNVAL in revents; one system call. */
void evi_kernel_find_closed(struct pollfd *fds, int n);

enum evi_verdict {
	EVI_SAME,   /* open, and in the epoll set */
	EVI_OTHER,  /* open, and the set knows nothing of it */
	EVI_FILE,   /* open, and no epoll set takes such a file */
	EVI_CLOSED, /* not open; errno is EBADF */
	EVI_LOST    /* open, but the epoll set itself is not one any more */
};

/*
 * What there is to know of a descriptor that should be in the epoll set epfd,
 * or that should not.  The question leaves the set without it, or with it if it
 * was there and should.  With epfd -1 only whether it is open is known:
 * EVI_FILE or EVI_CLOSED.
 */
enum evi_verdict evi_kernel_probe_armed(int epfd, int fd);
enum evi_verdict evi_kernel_probe_unarmed(int epfd, int fd);

/* Removes a descriptor from the epoll set; keeps errno. */
void evi_kernel_remove(int epfd, int fd);

/*
 * A descriptor that a base has put into its epoll set, to tell both from files
 * of the program's that have their numbers by now.
 */
struct token {
	int fd;
	dev_t dev;
	ino_t ino;
};

/* No descriptor yet. */
void evi_kernel_token_init(struct token *token);

/* Puts fd into the set epfd, unless that is -1, and notes which file it is. */
void evi_kernel_token_set(struct token *token, int epfd, int fd);

/*
 * Whether set and descriptor are what they were.  Without a set (-1), and where
 * its number is not open, only what kind of file the descriptor is counts.
 */
bool evi_kernel_token_holds(const struct token *token, int epfd);

/* Whether a descriptor can be opened, or could be if this one were closed. */
bool evi_kernel_can_open_instead(int fd);

/*
 * Whether the number epfd was an epoll set and names another file now.  Not so
 * if it is closed, or -1.
 */
bool evi_kernel_is_another_file(int epfd);

#endif
