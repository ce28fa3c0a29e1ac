/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A thread's spare elements, which are freed when it ends.
 *
 * A program may have made an element, so the size of its blocks is unknown; but
 * each has a string, and room for another one of that length.  The element that
 * was released first is used first: the headers of a request get the blocks
 * that the same headers of the last request had, in which they fit.  A string
 * that does not fit gets a new block.
 */
#include "element.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined __SANITIZE_ADDRESS__
#define HAS_ASAN
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#endif
#ifdef HAS_ASAN
#include <malloc.h>
#include <sanitizer/asan_interface.h>
#endif

/* How many a thread keeps: as many as 20 requests have. */
#define SPARES_MAX 256
/* Strings of this many bytes or more are freed, except by
 * evi_element_release_list(). */
#define SPARE_STRING_MAX 256

struct pool {
	struct evkeyvalq spares;
	size_t n;
};

/* A pointer, as dlopen(3) finds little room for thread-local variables. */
static _Thread_local struct pool *pool;

/* Has free_pool() called when a thread ends. */
static struct {
	pthread_once_t once;
	pthread_key_t key;
	bool has_key;
} cleanup = {.once = PTHREAD_ONCE_INIT};

/*
 * Has the address sanitizer treat the string of a spare element as freed.  Not
 * the element itself: the search for leaks does not read freed memory.
 */
static inline void
poison(char *string)
{
#ifdef HAS_ASAN
	ASAN_POISON_MEMORY_REGION(string, malloc_usable_size(string));
#else
	(void)string;
#endif
}

static inline void
unpoison(char *string)
{
#ifdef HAS_ASAN
	ASAN_UNPOISON_MEMORY_REGION(string, malloc_usable_size(string));
#else
	(void)string;
#endif
}

static void
free_element(struct evkeyval *kv)
{
	free(kv->key);
	free(kv->value);
	free(kv);
}

/* Takes the element that was pushed first; there must be one. */
static struct evkeyval *
pop(struct pool *p)
{
	struct evkeyval *kv = TAILQ_FIRST(&p->spares);

	TAILQ_REMOVE(&p->spares, kv, next);
	p->n--;
	unpoison(kv->key);
	unpoison(kv->value);
	return kv;
}

/* Adds an element to a pool that is not full. */
static void
push(struct pool *p, struct evkeyval *kv)
{
	TAILQ_INSERT_TAIL(&p->spares, kv, next);
	p->n++;
	poison(kv->key);
	poison(kv->value);
}

static void
free_pool(void *arg)
{
	struct pool *p = arg;

	pool = NULL;
	while (p->n > 0)
		free_element(pop(p));
	free(p);
}

static void
make_key(void)
{
	cleanup.has_key = pthread_key_create(&cleanup.key, free_pool) == 0;
}

/* Makes the thread's pool.  Returns false without memory. */
static bool
make_pool(void)
{
	struct pool *p;

	pthread_once(&cleanup.once, make_key);
	if (!cleanup.has_key)
		return false;
	p = malloc(sizeof(*p));
	if (p == NULL)
		return false;
	TAILQ_INIT(&p->spares);
	p->n = 0;
	if (pthread_setspecific(cleanup.key, p) == 0) {
		pool = p;
		return true;
	}
	free(p);
	return false;
}

/*
 * Makes *string, which may be NULL, a copy of these bytes: in its own block, if
 * they fit and the block is not larger than EVI_SHORT_HEAD.  Returns 0; -1
 * without memory, and *string is not changed.
 */
static inline int
set_string(char **string, const char *bytes, size_t len)
{
	size_t room = *string != NULL ? strlen(*string) + 1 : 0;
	char *block;

	if (room <= len || room > EVI_SHORT_HEAD) {
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
evi_element_new(const char *key, size_t key_len, const char *value,
    size_t value_len)
{
	struct evkeyval *kv;

	if (pool != NULL && pool->n > 0)
		kv = pop(pool);
	else
		kv = calloc(1, sizeof(*kv));
	if (kv == NULL)
		return NULL;
	if (set_string(&kv->key, key, key_len) == 0 &&
	    set_string(&kv->value, value, value_len) == 0)
		return kv;
	free_element(kv);
	return NULL;
}

/* Frees a string that is too long to be kept, and sets it to NULL. */
static void
free_if_long(char **string)
{
	if (*string == NULL || strlen(*string) < SPARE_STRING_MAX)
		return;
	free(*string);
	*string = NULL;
}

void
evi_element_release(struct evkeyval *kv)
{
	if ((pool == NULL && !make_pool()) || pool->n == SPARES_MAX) {
		free_element(kv);
		return;
	}
	free_if_long(&kv->key);
	free_if_long(&kv->value);
	push(pool, kv);
}

void
evi_element_release_list(struct evkeyvalq *list)
{
	struct evkeyval *kv;
	size_t n = 0;

	TAILQ_FOREACH (kv, list, next) {
		n++;
		poison(kv->key);
		poison(kv->value);
	}
	if ((pool != NULL || make_pool()) && n <= SPARES_MAX - pool->n) {
		TAILQ_CONCAT(&pool->spares, list, next);
		pool->n += n;
		return;
	}
	while ((kv = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, kv, next);
		unpoison(kv->key);
		unpoison(kv->value);
		free_element(kv);
	}
}

void
evi_element_free_spares(void)
{
	if (pool == NULL)
		return;
	pthread_setspecific(cleanup.key, NULL);
	free_pool(pool);
}
