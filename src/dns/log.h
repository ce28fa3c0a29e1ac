/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages for evdns_set_log_fn(). */
#ifndef EVI_DNS_LOG_H
#define EVI_DNS_LOG_H

/*
 * Keeps the first 255 bytes of a message for the program's log function, if
 * there is one, and memory.
 */
void evi_log_message(int is_warning, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Calls the log function with the messages that are kept.  It may call any
 * function of evdns: the caller is in no state that those could disturb.
 */
void evi_log_flush(void);

#endif
