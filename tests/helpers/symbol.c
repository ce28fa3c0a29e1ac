/* SPDX-License-Identifier: BSD-3-Clause */
/* Names that no header declares; see the header. */
#include "symbol.h"
#include "test.h"

void *
symbol(const char *name)
{
	void *address = dlsym(RTLD_DEFAULT, name);

	if (address == NULL)
		fail_msg("%s is not exported", name);
	return address;
}
