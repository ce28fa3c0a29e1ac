/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What both halves of the soak share: numbers from a seed, bodies that depend
 * on the message, listeners and processes.  A fault ends the program with its
 * description.
 */
#ifndef SOAK_SOAK_H
#define SOAK_SOAK_H

#include <sys/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOAK_MAX_BODY ((size_t)262144) /* bytes */

void soak_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

void soak_seed(uint64_t seed);

/* The next number below bound. */
unsigned soak_random(unsigned bound);

/*
 * The body of message id, SOAK_MAX_BODY bytes, of which a message has the first
 * ones.  Valid until the program ends.
 */
const char *soak_body(unsigned long id);

/* Whether these are the first bytes of that body; data may be NULL if none. */
bool soak_is_body(unsigned long id, const void *data, size_t len);

/* Seconds on the monotonic clock. */
double soak_now(void);

/*
 * Returns a listening socket; *at gets its address, whose port the kernel has
 * chosen.
 */
int soak_listen(struct sockaddr_in *at);

/* A child process, which ends when it reads the end of a pipe. */
struct soak_process {
	pid_t pid;
	int pipe; /* ours to close, or the other one's to read */
};

/* As fork(): 0 in the new process. */
pid_t soak_fork(struct soak_process *p);

/* Ends the process; returns the most memory that it had, in KB. */
long soak_end(struct soak_process *p);

#endif
