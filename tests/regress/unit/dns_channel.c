/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the library uses c-ares for: the ids of questions, and which question a
 * reply is for.
 */
#include "dns/channel.h"
#include "dns/wire.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define N 5000

struct asked {
	struct query query;
	uint8_t msg[EVI_WIRE_QUERY(8)];
	int ended;
	bool has_reply;
};
static struct asked asked[N];

static void
ended_cb(struct query *query, const uint8_t *reply, size_t len)
{
	struct asked *a = (struct asked *)query;

	(void)len;
	a->ended++;
	a->has_reply = reply != NULL;
}

static void
ask_all(struct channel *channel)
{
	memset(asked, 0, sizeof asked);
	for (int i = 0; i < N; i++) {
		struct asked *a = &asked[i];

		a->query.ended_cb = ended_cb;
		a->query.msg = a->msg;
		a->query.len = evi_wire_query(a->msg, "www.test", 1);
		evi_channel_ask(channel, &a->query);
		assert_int_equal(a->ended, 0);
		assert_int_equal(a->query.len, 12 + 10 + 4);
	}
}

/* All questions have the same name. */
TEST(dns_ids_of_questions_in_flight_are_unique)
{
	static bool used[65536];
	struct channel *channel = evi_channel_new();

	assert_non_null(channel);
	ask_all(channel);
	for (int i = 0; i < N; i++) {
		int id = asked[i].msg[0] << 8 | asked[i].msg[1];

		assert_false(used[id]);
		used[id] = true;
	}
	evi_channel_free(channel);
	for (int i = 0; i < N; i++) {
		assert_int_equal(asked[i].ended, 1);
		assert_false(asked[i].has_reply);
	}
}

TEST(dns_reply_ends_its_question_and_no_other)
{
	struct channel *channel = evi_channel_new();
	uint8_t reply[sizeof asked[0].msg];

	assert_non_null(channel);
	ask_all(channel);
	for (int i = 0; i < N; i += 2) {
		memcpy(reply, asked[i].msg, asked[i].query.len);
		reply[2] |= 0x80;
		evi_channel_receive(channel, reply, asked[i].query.len);
		assert_int_equal(asked[i].ended, 1);
		assert_true(asked[i].has_reply);
		assert_int_equal(asked[i + 1].ended, 0);
		/* A question that is given up is removed, too. */
		evi_channel_give_up(&asked[i + 1].query);
		assert_int_equal(asked[i + 1].ended, 1);
		assert_false(asked[i + 1].has_reply);
		evi_channel_receive(channel, reply, asked[i].query.len);
		assert_int_equal(asked[i].ended, 1);
	}
	evi_channel_free(channel);
}
