/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread's spare blocks; what was given last is taken first, since that is
 * what the cache knows.  They go when the thread ends.
 */
#include "spare.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Enough for two buffers at either end of a connection: 1 MB. */
#define KEPT_AT_MOST 4

struct pool {
	int n;
	bool ends_with_thread; /* is known to the key */
	unsigned char *blocks[KEPT_AT_MOST];
};

static _Thread_local struct pool pool;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

static void
free_pool(void *arg)
{
	struct pool *p = arg;

	p->ends_with_thread = false;
	while (p->n > 0)
		free(p->blocks[--p->n]);
}

static void
make_key(void)
{
	has_key = pthread_key_create(&key, free_pool) == 0;
}

unsigned char *
evi_spare_take(void)
{
	if (pool.n > 0)
		return pool.blocks[--pool.n];
	return malloc(EVI_BLOCK(EVI_SPARE_SIZE));
}

static bool
end_with_thread(void)
{
	pthread_once(&once, make_key);
	pool.ends_with_thread = has_key && pthread_setspecific(key, &pool) == 0;
	return pool.ends_with_thread;
}

void
evi_spare_give(unsigned char *block)
{
	if (pool.n < KEPT_AT_MOST &&
	    (pool.ends_with_thread || end_with_thread()))
		pool.blocks[pool.n++] = block;
	else
		free(block);
}
