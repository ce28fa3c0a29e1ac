/* SPDX-License-Identifier: BSD-3-Clause */
/* A signal handler of the program; see the header. */
#include "own_handler.h"
#include "test.h"

volatile sig_atomic_t own_calls;

void
own_handler(int sig)
{
	(void)sig;
	own_calls++;
}

void
set_own_handler(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = own_handler;
	sa.sa_flags = SA_NODEFER | SA_NOCLDSTOP;
	sigaddset(&sa.sa_mask, SIGUSR2);
	sigaddset(&sa.sa_mask, SIGHUP);
	assert_int_equal(sigaction(sig, &sa, NULL), 0);
}

void
check_own_handler(int sig)
{
	struct sigaction sa;

	assert_int_equal(sigaction(sig, NULL, &sa), 0);
	assert_true(sa.sa_handler == own_handler);
	assert_int_equal(sa.sa_flags & ~RESTORER, SA_NODEFER | SA_NOCLDSTOP);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&sa.sa_mask, i) == 1,
		    i == SIGUSR2 || i == SIGHUP);
	own_calls = 0;
	raise(sig);
	assert_int_equal(own_calls, 1);
}
