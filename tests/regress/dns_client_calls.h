/* SPDX-License-Identifier: BSD-3-Clause */
/* The system calls of the resolver, counted, and made to fail. */
#ifndef REGRESS_DNS_CLIENT_CALLS_H
#define REGRESS_DNS_CLIENT_CALLS_H

struct dns_client_calls {
	long sendmmsg;
	long sent; /* datagrams: questions and retransmits */
	long recvmmsg;
	long getrandom;
	int fail_send, fail_recv; /* errno of the next call, or 0 */
};

/* The counts of this thread. */
extern _Thread_local struct dns_client_calls dns_client_calls;

#endif
