# SPDX-License-Identifier: BSD-3-Clause
#
# HTTP, beyond make check.  http-soak sends N pipelined requests to our server,
# and our client sends a tenth of that to a bad server; SEED=7 plays a run again.
# http-peers installs other people's clients and servers through apt.

##: HTTP and RPC, for longer than the check

N ?= 1000000
SEED ?=
http_out = $(BUILD)/http
http_flags = -std=gnu11 $(WARN) -Wno-undef $(WERROR) -D_GNU_SOURCE -Icompat \
	-iquote src
# libevcompat.a, so that no other libevent can be in the way.
http_libs = $(ARLIB) $(LIBS)

.PHONY: http-soak http-peers
http-soak: $(http_out)/soak ## N=1000000 pipelined requests, and a bad server
	@$< $(N) $(SEED)

soak_src = $(wildcard tests/soak/*.c)
$(http_out)/soak: $(soak_src) $(wildcard tests/soak/*.h) $(ARLIB)
	@mkdir -p $(@D)
	$(call say,cc $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(http_flags) -o $@ $(soak_src) $(http_libs)

PEERS = curl wrk apache2-utils nghttp2-client python3 nginx-light
http-peers: ## curl, wrk, nginx and others against ours
http-peers: $(http_out)/server $(http_out)/client
	@scripts/need $(PEERS)
	@tests/peers/peers $(http_out)

$(http_out)/server $(http_out)/client: $(http_out)/%: tests/peers/%.c $(ARLIB)
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(http_flags) -o $@ $< $(http_libs)
