/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log: one line of text and a severity, to the program's callback or to
 * standard error.  libevent 1.4 exports these names, and programs declare and
 * call them, so they keep 1.4's spelling and prototypes.
 */
#ifndef EVI_LOG_H
#define EVI_LOG_H

#define EVI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#pragma GCC visibility push(default)

/*
 * Log the message at _EVENT_LOG_ERR and end the program with exit(status).
 * event_err() appends ": " and strerror(errno).  The library calls them only
 * where 1.4 ends the program.
 */
void event_err(int status, const char *fmt, ...) EVI_PRINTF(2, 3)
    __attribute__((noreturn));
void event_errx(int status, const char *fmt, ...) EVI_PRINTF(2, 3)
    __attribute__((noreturn));

/*
 * Log at _EVENT_LOG_WARN.  event_warn() appends ": " and strerror(errno).  Both
 * keep errno.
 */
void event_warn(const char *fmt, ...) EVI_PRINTF(1, 2);
void event_warnx(const char *fmt, ...) EVI_PRINTF(1, 2);

/* Log at _EVENT_LOG_MSG and at _EVENT_LOG_DEBUG.  Both keep errno. */
void event_msgx(const char *fmt, ...) EVI_PRINTF(1, 2);
void _event_debugx(const char *fmt, ...) EVI_PRINTF(1, 2);

#pragma GCC visibility pop

/*
 * Has cb called whenever the program has set a log callback that is not NULL.
 * cb takes the place of an earlier one.
 */
void evi_log_listen(void (*cb)(void));

#endif
