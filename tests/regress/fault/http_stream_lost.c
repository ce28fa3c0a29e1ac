/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests whose body the program takes piece by piece, and whose end never
 * arrives: clients close, send nothing more, or send what is not HTTP.
 */
#include "http_upload.h"

TEST(http_client_that_leaves_inside_the_body_is_reported_in_order)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, POST("6") "rye");
	let_it_work(u.s.base);
	client_close(&u.c);
	await_note(&u.s, "closed");
	assert_log("head:/a error:1 closed");
	assert_int_equal(u.pieces, 1);
	server_close(&u.s);
}

TEST(http_client_that_half_closes_inside_the_body_is_reported_as_closed)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, CHUNKED "3\r\nrye\r\n");
	let_it_work(u.s.base);
	client_half_close(&u.c);
	expect_end(&u.c, "");
	assert_log("head:/a error:1 closed");
	close_upload(&u);
}

TEST(http_client_that_resets_inside_the_body_is_an_error_of_reading)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, POST("6") "rye");
	let_it_work(u.s.base);
	client_reset(&u.c);
	await_note(&u.s, "closed");
	assert_log("head:/a error:3 closed");
	server_close(&u.s);
}

TEST(http_request_the_program_owns_outlives_its_client)
{
	struct upload u = {.owns = true};

	open_upload(&u);
	say(&u.c, POST("6") "rye");
	let_it_work(u.s.base);
	client_close(&u.c);
	await_note(&u.s, "closed");
	assert_null(u.req->evcon);
	assert_int_equal(evhttp_request_is_owned(u.req), 1);
	assert_string_equal(u.req->uri, "/a");
	assert_string_equal(u.req->remote_host, "127.0.0.1");
	server_close(&u.s);
	evhttp_request_free(u.req);
	note_clear();
}

TEST(http_body_that_paused_may_be_drained_without_its_client)
{
	struct upload u = {.owns = true, .keeps = true};

	open_whole_upload(&u);
	evhttp_connection_free(u.req->evcon);
	assert_log("head:/a error:1 closed");
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer));
	let_it_work(u.s.base);
	evhttp_request_free(u.req);
	close_upload(&u);
}

TEST(http_silence_inside_the_body_is_a_timeout)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_timeout_tv(u.s.http, MSEC(60));
	client_close(&u.c);
	client_open(&u.c, &u.s);
	say(&u.c, POST("6") "rye");
	expect_end(&u.c, "");
	assert_log("head:/a error:0 closed");
	close_upload(&u);
}

TEST(http_bad_chunk_is_reported_and_answered)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, CHUNKED "3\r\nrye\r\nxyz\r\n");
	expect_end(&u.c, "400");
	assert_log("head:/a error:2 closed");
	close_upload(&u);
}

TEST(http_body_that_grows_too_long_is_reported_and_answered)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_max_body_size(u.s.http, 4);
	client_close(&u.c);
	let_it_work(u.s.base);
	client_open(&u.c, &u.s);
	say(&u.c, CHUNKED "3\r\nrye\r\n3\r\noat\r\n");
	expect_end(&u.c, "413");
	assert_log("head:/a error:5 closed");
	close_upload(&u);
}

TEST(http_bad_head_is_reported_to_the_new_request)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, "GET /a\r\n");
	expect_end(&u.c, "400");
	assert_log("error:2 closed");
	close_upload(&u);
}

TEST(http_header_callback_that_refuses_closes_and_is_reported)
{
	struct upload u = {.result = -1};

	open_upload(&u);
	say(&u.c, POST("6") "rye");
	expect_end(&u.c, "");
	assert_log("head:/a error:4 closed");
	close_upload(&u);
}
