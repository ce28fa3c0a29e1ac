/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread's spare blocks.  The one that was given last is taken first, because
 * it is in the processor's cache.  They are freed when the thread ends.
 */
#include "spare.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Enough for the two buffers at either end of a connection: 1 MB. */
#define SPARE_MAX 4

struct pool {
	int n;
	bool ends_with_thread; /* the key's destructor will free the blocks */
	unsigned char *blocks[SPARE_MAX];
};

static _Thread_local struct pool pool;

/* The key whose destructor frees the pool of a thread that ends. */
static struct {
	pthread_once_t once;
	pthread_key_t key;
	bool is_made;
} destructor = {.once = PTHREAD_ONCE_INIT};

static void
free_pool_cb(void *arg)
{
	struct pool *p = arg;

	p->ends_with_thread = false;
	while (p->n > 0)
		free(p->blocks[--p->n]);
}

static void
make_key_cb(void)
{
	destructor.is_made =
	    pthread_key_create(&destructor.key, free_pool_cb) == 0;
}

unsigned char *
evi_spare_take(void)
{
	if (pool.n > 0)
		return pool.blocks[--pool.n];
	return malloc(EVI_BLOCK(EVI_SPARE_SIZE));
}

/* Has the thread's pool freed when the thread ends. */
static bool
end_with_thread(void)
{
	pthread_once(&destructor.once, make_key_cb);
	pool.ends_with_thread = destructor.is_made &&
				pthread_setspecific(destructor.key, &pool) == 0;
	return pool.ends_with_thread;
}

void
evi_spare_give(unsigned char *block)
{
	if (pool.n < SPARE_MAX && (pool.ends_with_thread || end_with_thread()))
		pool.blocks[pool.n++] = block;
	else
		free(block);
}
