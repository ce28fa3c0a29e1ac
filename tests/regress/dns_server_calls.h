/* SPDX-License-Identifier: BSD-3-Clause */
/* The system calls of the server side: counted, and made to fail. */
#ifndef REGRESS_DNS_SERVER_CALLS_H
#define REGRESS_DNS_SERVER_CALLS_H

struct dns_calls {
	long recvfrom;
	long sendto;
};

extern struct dns_calls dns_calls;

/* Makes the next n calls of sendto(), or recvfrom(), fail with this errno. */
void fail_sendto(int n, int err);
void fail_recvfrom(int n, int err);

#endif
