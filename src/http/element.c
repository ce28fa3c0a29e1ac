/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread's spare elements, which go when it ends.
 *
 * Nobody knows how large a block is that came back: a program may have put it
 * there by hand.  But it had a string in it, so that there is room for one of
 * that length.  What was given first is taken first: the headers of a request
 * find the blocks that the same headers of the last one had, in which they fit
 * exactly.  What does not fit gets a block of its own.
 */
#include "http/element.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

/* Those of 20 requests; a power of two. */
#define KEPT_AT_MOST 256
/* Longer strings are not kept, NUL included. */
#define ROOM_MAX 256

struct spare {
	struct evkeyval *kv;
	unsigned short key_room, value_room; /* 0: there is no block */
};

/* A ring of spares. */
struct pool {
	unsigned int first, n;
	struct spare spares[KEPT_AT_MOST];
};

/* Little of a thread's own memory is left for a library that is loaded late. */
static _Thread_local struct pool *pool;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

/*
 * While they are spare, the address sanitizer takes the strings as freed.  Not
 * the element: its search for leaks does not look into what is freed.
 */
static void
hide(const struct spare *spare)
{
	ASAN_POISON_MEMORY_REGION(spare->kv->key, spare->key_room);
	ASAN_POISON_MEMORY_REGION(spare->kv->value, spare->value_room);
}

static void
show(const struct spare *spare)
{
	ASAN_UNPOISON_MEMORY_REGION(spare->kv->key, spare->key_room);
	ASAN_UNPOISON_MEMORY_REGION(spare->kv->value, spare->value_room);
}

static void
free_element(struct evkeyval *kv)
{
	free(kv->key);
	free(kv->value);
	free(kv);
}

/* Takes the oldest one, of which there must be one. */
static struct spare
pop(struct pool *p)
{
	struct spare spare = p->spares[p->first];

	p->first = (p->first + 1) % KEPT_AT_MOST;
	p->n--;
	show(&spare);
	return spare;
}

static void
free_pool(void *arg)
{
	struct pool *p = arg;

	pool = NULL;
	while (p->n > 0)
		free_element(pop(p).kv);
	free(p);
}

static void
make_key(void)
{
	has_key = pthread_key_create(&key, free_pool) == 0;
}

/* Whether the thread has a pool from now on, which ends with it. */
static bool
make_pool(void)
{
	struct pool *p;

	pthread_once(&once, make_key);
	if (!has_key)
		return false;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return false;
	if (pthread_setspecific(key, p) == 0) {
		pool = p;
		return true;
	}
	free(p);
	return false;
}

/* Makes *string a copy of these bytes, in its block if that has the room. */
static int
fill(char **string, size_t room, const char *bytes, size_t len)
{
	char *block;

	if (room <= len) {
		block = malloc(len + 1);
		if (block == NULL)
			return -1;
		free(*string);
		*string = block;
	}
	memcpy(*string, bytes, len);
	(*string)[len] = '\0';
	return 0;
}

struct evkeyval *
evi_element_take(const char *bytes, size_t len, const char *value,
    size_t value_len)
{
	struct spare spare = {NULL, 0, 0};

	if (pool != NULL && pool->n > 0)
		spare = pop(pool);
	else
		spare.kv = calloc(1, sizeof(*spare.kv));
	if (spare.kv == NULL)
		return NULL;
	if (fill(&spare.kv->key, spare.key_room, bytes, len) == 0 &&
	    fill(&spare.kv->value, spare.value_room, value, value_len) == 0)
		return spare.kv;
	free_element(spare.kv);
	return NULL;
}

/* The room in a string's block, which is freed if it is too much to keep. */
static unsigned short
room_in(char **string)
{
	size_t room = *string != NULL ? strlen(*string) + 1 : 0;

	if (room <= ROOM_MAX)
		return (unsigned short)room;
	free(*string);
	*string = NULL;
	return 0;
}

void
evi_element_give(struct evkeyval *kv)
{
	struct spare *spare;

	if ((pool == NULL && !make_pool()) || pool->n == KEPT_AT_MOST) {
		free_element(kv);
		return;
	}
	spare = &pool->spares[(pool->first + pool->n++) % KEPT_AT_MOST];
	spare->kv = kv;
	spare->key_room = room_in(&kv->key);
	spare->value_room = room_in(&kv->value);
	hide(spare);
}

void
evi_element_drop(void)
{
	if (pool == NULL)
		return;
	pthread_setspecific(key, NULL);
	free_pool(pool);
}
