/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * <sys/queue.h>.  musl does not have it; there this file defines the macros
 * that the library uses.  They do what queue(7) says, on structs of the same
 * layout, which programs see in <event.h>.  With EVI_OWN_QUEUE this file
 * defines them everywhere: make check-clang builds and tests them so.
 */
#ifndef EVI_QUEUE_H
#define EVI_QUEUE_H

#if __has_include(<sys/queue.h>) && !defined(EVI_OWN_QUEUE)
#include <sys/queue.h>
#else

#include <stddef.h>

/* A list; le_prev is the address of the pointer to the element. */

#define LIST_HEAD(name, type)                                                  \
	struct name {                                                          \
		struct type *lh_first;                                         \
	}
#define LIST_ENTRY(type)                                                       \
	struct {                                                               \
		struct type *le_next;                                          \
		struct type **le_prev;                                         \
	}
#define LIST_HEAD_INITIALIZER(head)                                            \
	{                                                                      \
		NULL                                                           \
	}
#define LIST_INIT(head) ((void)((head)->lh_first = NULL))

#define LIST_EMPTY(head) ((head)->lh_first == NULL)
#define LIST_FIRST(head) ((head)->lh_first)
#define LIST_FOREACH(element, head, link)                                      \
	for ((element) = (head)->lh_first; (element) != NULL;                  \
	     (element) = (element)->link.le_next)

#define LIST_INSERT_HEAD(head, element, link)                                  \
	do {                                                                   \
		(element)->link.le_next = (head)->lh_first;                    \
		(element)->link.le_prev = &(head)->lh_first;                   \
		if ((head)->lh_first != NULL)                                  \
			(head)->lh_first->link.le_prev =                       \
			    &(element)->link.le_next;                          \
		(head)->lh_first = (element);                                  \
	} while (0)
#define LIST_REMOVE(element, link)                                             \
	do {                                                                   \
		if ((element)->link.le_next != NULL)                           \
			(element)->link.le_next->link.le_prev =                \
			    (element)->link.le_prev;                           \
		*(element)->link.le_prev = (element)->link.le_next;            \
	} while (0)

/*
 * A queue from which only the first element is removed; stqh_last is the
 * address of the last pointer.
 */

#define STAILQ_HEAD(name, type)                                                \
	struct name {                                                          \
		struct type *stqh_first;                                       \
		struct type **stqh_last;                                       \
	}
#define STAILQ_ENTRY(type)                                                     \
	struct {                                                               \
		struct type *stqe_next;                                        \
	}
#define STAILQ_INIT(head)                                                      \
	do {                                                                   \
		(head)->stqh_first = NULL;                                     \
		(head)->stqh_last = &(head)->stqh_first;                       \
	} while (0)

#define STAILQ_FIRST(head) ((head)->stqh_first)
#define STAILQ_FOREACH(element, head, link)                                    \
	for ((element) = (head)->stqh_first; (element) != NULL;                \
	     (element) = (element)->link.stqe_next)

#define STAILQ_INSERT_TAIL(head, element, link)                                \
	do {                                                                   \
		(element)->link.stqe_next = NULL;                              \
		*(head)->stqh_last = (element);                                \
		(head)->stqh_last = &(element)->link.stqe_next;                \
	} while (0)
#define STAILQ_REMOVE_HEAD(head, link)                                         \
	do {                                                                   \
		(head)->stqh_first = (head)->stqh_first->link.stqe_next;       \
		if ((head)->stqh_first == NULL)                                \
			(head)->stqh_last = &(head)->stqh_first;               \
	} while (0)

/*
 * A tail queue: tqe_prev is the address of the pointer to the element, and
 * tqh_last that of the last pointer.
 */

#define TAILQ_HEAD(name, type)                                                 \
	struct name {                                                          \
		struct type *tqh_first;                                        \
		struct type **tqh_last;                                        \
	}
#define TAILQ_ENTRY(type)                                                      \
	struct {                                                               \
		struct type *tqe_next;                                         \
		struct type **tqe_prev;                                        \
	}
#define TAILQ_HEAD_INITIALIZER(head)                                           \
	{                                                                      \
		NULL, &(head).tqh_first                                        \
	}
#define TAILQ_INIT(head)                                                       \
	do {                                                                   \
		(head)->tqh_first = NULL;                                      \
		(head)->tqh_last = &(head)->tqh_first;                         \
	} while (0)

#define TAILQ_EMPTY(head) ((head)->tqh_first == NULL)
#define TAILQ_FIRST(head) ((head)->tqh_first)
#define TAILQ_NEXT(element, link) ((element)->link.tqe_next)
/*
 * The last pointer is in the last element's entry, which has a head's layout.
 */
#define TAILQ_LAST(head, name) (*((struct name *)(head)->tqh_last)->tqh_last)
#define TAILQ_FOREACH(element, head, link)                                     \
	for ((element) = (head)->tqh_first; (element) != NULL;                 \
	     (element) = (element)->link.tqe_next)

/*
 * An element's tqe_prev is the address of a pointer at the start of the
 * previous element's entry, or of the head; both have a head's layout.
 */
#define TAILQ_PREV(element, name, link)                                        \
	(*((struct name *)(element)->link.tqe_prev)->tqh_last)
#define TAILQ_FOREACH_REVERSE(element, head, name, link)                       \
	for ((element) = TAILQ_LAST(head, name); (element) != NULL;            \
	     (element) = TAILQ_PREV(element, name, link))

#define TAILQ_INSERT_HEAD(head, element, link)                                 \
	do {                                                                   \
		(element)->link.tqe_next = (head)->tqh_first;                  \
		(element)->link.tqe_prev = &(head)->tqh_first;                 \
		if ((head)->tqh_first != NULL)                                 \
			(head)->tqh_first->link.tqe_prev =                     \
			    &(element)->link.tqe_next;                         \
		else                                                           \
			(head)->tqh_last = &(element)->link.tqe_next;          \
		(head)->tqh_first = (element);                                 \
	} while (0)
#define TAILQ_INSERT_TAIL(head, element, link)                                 \
	do {                                                                   \
		(element)->link.tqe_next = NULL;                               \
		(element)->link.tqe_prev = (head)->tqh_last;                   \
		*(head)->tqh_last = (element);                                 \
		(head)->tqh_last = &(element)->link.tqe_next;                  \
	} while (0)
#define TAILQ_INSERT_AFTER(head, before, element, link)                        \
	do {                                                                   \
		(element)->link.tqe_next = (before)->link.tqe_next;            \
		(element)->link.tqe_prev = &(before)->link.tqe_next;           \
		if ((before)->link.tqe_next != NULL)                           \
			(before)->link.tqe_next->link.tqe_prev =               \
			    &(element)->link.tqe_next;                         \
		else                                                           \
			(head)->tqh_last = &(element)->link.tqe_next;          \
		(before)->link.tqe_next = (element);                           \
	} while (0)
#define TAILQ_REMOVE(head, element, link)                                      \
	do {                                                                   \
		if ((element)->link.tqe_next != NULL)                          \
			(element)->link.tqe_next->link.tqe_prev =              \
			    (element)->link.tqe_prev;                          \
		else                                                           \
			(head)->tqh_last = (element)->link.tqe_prev;           \
		*(element)->link.tqe_prev = (element)->link.tqe_next;          \
	} while (0)
/* Moves all elements of tail to the end of head. */
#define TAILQ_CONCAT(head, tail, link)                                         \
	do {                                                                   \
		if ((tail)->tqh_first == NULL)                                 \
			break;                                                 \
		*(head)->tqh_last = (tail)->tqh_first;                         \
		(tail)->tqh_first->link.tqe_prev = (head)->tqh_last;           \
		(head)->tqh_last = (tail)->tqh_last;                           \
		TAILQ_INIT(tail);                                              \
	} while (0)

#endif
#endif
