/* SPDX-License-Identifier: BSD-3-Clause */
/* evdns_err_to_string(): programs print its words, and compare them. */
#include "test.h"
#include "dns.h"

TEST(dns_errors_have_the_words_that_programs_know)
{
	static const struct {
		int error;
		const char *words;
	} all[] = {
	    {DNS_ERR_NONE, "no error"},
	    {DNS_ERR_FORMAT, "misformatted query"},
	    {DNS_ERR_SERVERFAILED, "server failed"},
	    {DNS_ERR_NOTEXIST, "name does not exist"},
	    {DNS_ERR_NOTIMPL, "query not implemented"},
	    {DNS_ERR_REFUSED, "refused"},
	    {DNS_ERR_TRUNCATED, "reply truncated or ill-formed"},
	    {DNS_ERR_UNKNOWN, "unknown"},
	    {DNS_ERR_TIMEOUT, "request timed out"},
	    {DNS_ERR_SHUTDOWN, "dns subsystem shut down"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		assert_string_equal(evdns_err_to_string(all[i].error),
		    all[i].words);
}

TEST(unknown_dns_error_has_words_of_its_own)
{
	static const int others[] = {-1000, -1, 6, 64, 1000};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_string_equal(evdns_err_to_string(others[i]),
		    "[Unknown error code]");
}
