/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions: each is for one name, to one nameserver, with one id for all its
 * life; see question.c.
 */
#ifndef EVI_QUESTION_H
#define EVI_QUESTION_H

#include "nameserver.h"
#include "wire.h"

struct dns_question {
	struct query query; /* has to be first */
	TAILQ_ENTRY(dns_question) link;
	struct questions *list; /* of the nameserver, by link, or NULL */
	TAILQ_ENTRY(dns_question) of_waiter;
	TAILQ_ENTRY(dns_question) noted;
	bool is_noted;
	bool is_done; /* it is freed when c-ares is done with it, too */
	struct nameserver *ns;
	struct questions *waiter; /* those of the lookup; NULL: a probe */
	int type;
	bool tcp;
	bool edns;   /* it was sent with an OPT record */
	int repeats; /* since sent_at */
	uint64_t
	    socket_number; /* or connection's, that it was sent through last */
	uint64_t serial;   /* which one over UDP */
	int64_t first_sent_at;
	int64_t sent_at;	/* last, repeats not included */
	int64_t transmitted_at; /* last, repeats included */
	int64_t timeout_at;	/* 0: not sent yet */
	int64_t deadline;	/* timeout_at is not later than this */

	/* What is noted: a time-out, or how it ended. */
	bool has_ended;
	enum outcome outcome;
	int result;	   /* of evi_wire_answer(), where there was a reply */
	bool is_truncated; /* the reply over UDP was: TCP brings all of it */
	struct answer answer;
};

/*
 * Sends a question, or keeps it until it can be sent; its time-out is not later
 * than deadline.  What becomes of it is found in evi_question_next_noted()
 * later. -1 without memory, and then there is no question.
 */
int evi_question_ask(struct nameserver *ns, struct questions *waiter,
    const char *name, int type, bool tcp, int64_t deadline);

/*
 * The waiter's question to this nameserver over UDP, where its time-out has
 * passed; NULL if there is none.  And sends it again, by another socket.
 */
struct dns_question *
evi_question_find_late(struct questions *waiter, const struct nameserver *ns);
void evi_question_resend(struct dns_question *q, int64_t deadline);

/* Asks only to find out whether the nameserver answers. */
void evi_question_probe(struct nameserver *ns, const char *name, int type);

/* Ends what sockets have failed with, or sends it through another one. */
void evi_question_handle_failures(struct net *net);

/* Does what is due by net->due, if is_time, and sends what is unsent. */
void evi_question_work(struct net *net, bool is_time);

/* The next question with a note that somebody waits for, or NULL. */
struct dns_question *evi_question_next_noted(struct net *net);

static inline bool
evi_question_has_notes(const struct net *net)
{
	return net->has_failed || !TAILQ_EMPTY(&net->noted);
}

/* Whether it waits for its time-out, or to be sent. */
static inline bool
evi_question_is_active(const struct dns_question *q)
{
	return q->list != NULL && q->list != &q->ns->pace.late;
}

/* What is tried only because a reply over UDP was cut. */
static inline bool
evi_question_is_fallback(const struct dns_question *q)
{
	return q->tcp && !q->ns->net->options->use_vc;
}

/* Ends a question, whether it has ended or not. */
void evi_question_end(struct dns_question *q);

/* Ends all questions of a waiter; all there are. */
void evi_question_end_all(struct questions *waiter);
void evi_question_drop_all(struct net *net);

#endif
