/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions: each is for one name, to one nameserver.  How they end is noted
 * where it happens and looked at later, outside of c-ares.
 *
 * A server has a queue for what it has not read yet, of some 200 datagrams, and
 * what comes on top is lost; so no more than some are sent that it may not have
 * read.  And what it has read and not answered, while it answered others that
 * were sent later, may be lost: that is sent once more, long before the time is
 * up.
 */
#ifndef EVI_ASK_H
#define EVI_ASK_H

#include "nameserver.h"
#include "wire.h"

/* Who waits for questions to end: the start of a request. */
struct evi_waiter {
	struct evi_asks asks; /* those under way for it */
};

/*
 * It is in two lists, its nameserver's and its waiter's, and when it has ended
 * in that of the ended ones and its waiter's.
 */
struct evi_ask {
	struct evi_query query;	   /* has to be first */
	TAILQ_ENTRY(evi_ask) link; /* of the nameserver, or ended */
	struct evi_asks *list;	   /* that it is in by that */
	TAILQ_ENTRY(evi_ask) of_waiter;
	struct evi_nameserver *ns;
	struct evi_waiter *waiter; /* NULL: nobody waits any more */
	const char *name;	   /* the waiter's */
	int type;
	bool tcp;
	int repeats;	 /* how often the same was sent before */
	uint64_t serial; /* which one by UDP */
	int64_t sent;
	int64_t began; /* the same, of the first of those that are the same */

	enum evi_outcome outcome;
	int result; /* of evi_wire_answer(), where it was answered */
	bool cut;   /* the reply was, and TCP would bring all of it */
	struct evi_answer answer;
};

/*
 * Sends a question, or keeps it until it can be sent; how it ends is found in
 * evi_next_ended() later.  name stays until then, or until the waiter leaves.
 * -1 without memory, and then there is no question.
 */
int evi_ask(struct evi_nameserver *ns, struct evi_waiter *waiter,
    const char *name, int type, bool tcp);

/*
 * Sends the same once more, to the same server; -1 as above.  It has the time
 * that is left to the one before, if that is of use.
 */
int evi_ask_again(const struct evi_ask *before);

/* Whether it timed out before its time: some versions of c-ares do that. */
bool evi_ask_is_early(const struct evi_ask *ask);

/* Asks only to find out whether the nameserver answers. */
void evi_ask_probe(struct evi_nameserver *ns, const char *name, int type);

/* Sends what can be sent by now, and once more what may be lost. */
void evi_asks_go_on(void);

/* The next question that ended and that somebody waits for, or NULL. */
struct evi_ask *evi_next_ended(void);
bool evi_has_ended(void);

/* Ends a question that was found so. */
void evi_ask_done(struct evi_ask *ask);

/* Nobody waits for its questions any more. */
void evi_waiter_leave(struct evi_waiter *waiter);

/* For a nameserver that hangs up: nobody waits for any. */
void evi_asks_drop_unsent(struct evi_nameserver *ns);

#endif
