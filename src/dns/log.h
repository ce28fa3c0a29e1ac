/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages for evdns_set_log_fn(). */
#ifndef EVI_DNS_LOG_H
#define EVI_DNS_LOG_H

/* Keeps a message for the program's log function, if there is one. */
void evi_log_message(int is_warning, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Calls the log function: the last thing that is done, outside of requests. */
void evi_log_flush(void);

#endif
