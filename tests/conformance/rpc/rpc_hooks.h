/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hooks that the suites of servers and of pools share.
 */
#ifndef CONFORMANCE_RPC_HOOKS_H
#define CONFORMANCE_RPC_HOOKS_H

#include "rpc.h"

HOOK(note_hook)
{
	note("%s", (char *)arg);
	return 0;
}

HOOK(refuse_hook)
{
	note("%s", (char *)arg);
	return -1;
}

#endif
