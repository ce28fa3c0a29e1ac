# SPDX-License-Identifier: BSD-3-Clause
#
# bench measures the loop, buffers and DNS, bench-rpc remote calls, bench-http HTTP
# with nginx and h2load beside; each writes JSON to build/bench/full and prints its
# part of the report.  bench-report only reads what is there.  bench-all does all
# four, in about 15 minutes on two cores that nobody else uses.
#
# The -quick ones have one size a case, one or two rounds and no instruction counts,
# so they mean little; bench-all-quick writes its report to build/bench/quick.
# bench-rpcgen counts the instructions of generated marshal and unmarshal functions;
# RPCGEN14=/path/event_rpcgen.py names 1.4's generator if it is not in LIBEVENT14's
# bin/; bench-rpc needs it, too, to measure any other library than ours.
#
# LIBEVENT14=/prefix     a libevent 1.4 to compare with; left out without it
# LIBEV_LIBEVENT_DEB=F   Debian's libev-libevent-dev, if it cannot be downloaded
# BENCH_ROUNDS=5 HTTP_ROUNDS=3 RPC_ROUNDS=5    how many rounds measure time
# HTTP_SECONDS=1 RPC_SECONDS=1                 how long a run of a round is
# BENCH_ONLY=echo        only cases with that in their part and name, such as
#                        loop/register, bufferevent/echo_64B, resolver/names,
#                        http/tiny_50, rpc/note_1; a regular expression.  Those
#                        numbers are printed, and bench-report does not use them.

##: Measurements

BENCH = $(BUILD)/bench
BENCH_ROUNDS ?= 5
BENCH_ONLY ?=
LIBEVENT14 ?=
LIBEV_LIBEVENT_DEB ?=

BENCH_LIBS = ours $(if $(LIBEVENT14),libevent-1.4) libevent-2.1 emulation \
	libev libuv c-ares
BENCH_PROGRAMS = $(BENCH_LIBS:%=$(BENCH)/%)
# Callbacks rarely use all of their arguments.
BENCH_CFLAGS = -std=gnu11 -O2 -g -D_GNU_SOURCE -Wall -Wextra -Wshadow \
	-Wno-unused-parameter -Wmissing-prototypes -Wstrict-prototypes $(WERROR)
BENCH_HEADERS = bench/bench.h bench/churn.h bench/dns.h bench/heap.h \
	bench/tally.h
BENCH_TOOLS = $(BENCH)/dnspeer $(BENCH)/heap.so

# Which event.h, and which library, each of the programs gets.
BENCH_STAGE = $(abspath $(BUILD))/stage
$(BENCH)/ours: BENCH_INC = -I"$(BENCH_STAGE)/include/libevent-compat"
$(BENCH)/ours: BENCH_LINK = -L"$(BENCH_STAGE)/lib" -levcompat \
	-Wl,-rpath,"$(BENCH_STAGE)/lib"
$(BENCH)/libevent-1.4: BENCH_INC = -I$(LIBEVENT14)/include
$(BENCH)/libevent-1.4: BENCH_LINK = -L$(LIBEVENT14)/lib -levent \
	-Wl,-rpath,$(LIBEVENT14)/lib
$(BENCH)/libevent-2.1: BENCH_LINK = -levent
# As a system header, event.h of the emulation causes no warnings.
$(BENCH)/emulation: BENCH_INC = -isystem $(BENCH)/unpacked/usr/include
$(BENCH)/emulation: BENCH_LINK = -lev
# ev.h's macros reach into the middle of its structs.
$(BENCH)/libev: BENCH_INC = -Wno-strict-aliasing
$(BENCH)/libev: BENCH_LINK = -lev
$(BENCH)/libuv: BENCH_LINK = -luv
$(BENCH)/c-ares: BENCH_LINK = -lcares

$(BENCH)/ours: stage
$(BENCH)/emulation: $(BENCH)/unpacked

bench_own = %/libev %/libuv %/c-ares
$(filter-out $(bench_own),$(BENCH_PROGRAMS)): bench/events.c bench/churn.c
$(filter-out $(bench_own) %/emulation,$(BENCH_PROGRAMS)): \
	bench/evbuffers.c bench/bufferevents.c bench/evdns.c bench/dns.c
$(BENCH)/libev: bench/native.c bench/churn.c
$(BENCH)/libuv: bench/uv.c
$(BENCH)/c-ares: bench/cares.c bench/dns.c
$(BENCH_PROGRAMS): bench/harness.c $(BENCH_HEADERS) | bench-need
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) $(BENCH_INC) -Ibench -o $@ $(filter %.c,$^) \
		$(BENCH_LINK)

# The program is always built, as LIBEVENT14 may be another prefix than last
# time.
.PHONY: $(BENCH)/libevent-1.4

$(BENCH)/heap.so: bench/heap.c bench/heap.h | bench-need
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -fPIC -shared -o $@ $<

$(BENCH)/dnspeer: bench/dnspeer.c bench/dns.h | bench-need
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -o $@ $<

# The package conflicts with libevent-dev, so it is unpacked, not installed.
$(BENCH)/unpacked:
	@mkdir -p $(BENCH)/download
	deb='$(LIBEV_LIBEVENT_DEB)'; \
	if [ -z "$$deb" ]; then \
		(cd $(BENCH)/download && apt-get download libev-libevent-dev) && \
		deb=$$(ls $(BENCH)/download/libev-libevent-dev_*.deb); \
	fi && dpkg-deb -x "$$deb" $@

.PHONY: bench-need
bench-need:
	@scripts/need libev-dev libc-ares-dev libevent-dev libuv1-dev \
		python3 strace valgrind

# The results: one JSON file for each of the three measurements.
BENCH_FULL = $(BENCH)/$(if $(BENCH_ONLY),some,full)
BENCH_QUICK = $(BENCH)/quick
BENCH_RUN = python3 -B bench/run.py --bin $(BENCH) --only '$(BENCH_ONLY)'
BENCH_REPORT = python3 -B bench/report.py

.PHONY: bench bench-quick
bench: ## measures the loop, buffers and DNS; LIBEVENT14=/prefix BENCH_ONLY=echo
bench: $(BENCH_PROGRAMS) $(BENCH_TOOLS)
	$(BENCH_RUN) --rounds $(BENCH_ROUNDS) --out $(BENCH_FULL)/core.json \
		$(BENCH_LIBS)
	$(BENCH_REPORT) $(BENCH_FULL) --part core

bench-quick: $(BENCH_PROGRAMS) $(BENCH_TOOLS) ## one size a case, less exact
	$(BENCH_RUN) --rounds 2 --ms 10 --quick --out $(BENCH_QUICK)/core.json \
		$(BENCH_LIBS)
	$(BENCH_REPORT) $(BENCH_QUICK) --part core

# One after the other, whatever -j says: they would disturb each other.
.PHONY: bench-all bench-all-quick
bench-all: | bench-need http-need ## measures everything and writes the report
	$(MAKE) bench
	$(MAKE) bench-rpc
	$(MAKE) bench-http
	$(if $(BENCH_ONLY),,$(MAKE) bench-report)

bench-all-quick: | bench-need http-need
	$(MAKE) bench-quick
	$(MAKE) bench-rpc-quick
	$(MAKE) bench-http-quick
	$(BENCH_REPORT) $(BENCH_QUICK) --markdown $(BENCH_QUICK)/report.md \
		--svg $(BENCH_QUICK)/report.svg

.PHONY: bench-report
bench-report: ## writes report, picture and README's table of what was measured
	@scripts/need python3
	$(BENCH_REPORT) $(BENCH)/full --markdown bench/report.md \
		--svg bench/report.svg
	scripts/readme-table

.PHONY: bench-test
bench-test: ## the report and picture of made-up results
	@scripts/need python3
	python3 -B bench/test_report.py

# HTTP: a server and a client by each library, from one source.

HTTP_LIBS = $(filter ours libevent-%,$(BENCH_LIBS))
HTTP_PROGRAMS = $(foreach lib,$(HTTP_LIBS), \
	$(BENCH)/httpserver-$(lib) $(BENCH)/httpclient-$(lib))
HTTP_ROUNDS ?= 3
HTTP_SECONDS ?= 1

$(BENCH)/http%-ours: BENCH_INC = -DEVCOMPAT_HTTP \
	-I"$(BENCH_STAGE)/include/libevent-compat"
$(BENCH)/http%-ours: BENCH_LINK = -L"$(BENCH_STAGE)/lib" -levcompat \
	-Wl,-rpath,"$(BENCH_STAGE)/lib"
$(BENCH)/http%-libevent-1.4: BENCH_INC = -I$(LIBEVENT14)/include
$(BENCH)/http%-libevent-1.4: BENCH_LINK = -L$(LIBEVENT14)/lib -levent \
	-Wl,-rpath,$(LIBEVENT14)/lib
$(BENCH)/http%-libevent-2.1: BENCH_LINK = -levent
$(BENCH)/httpserver-ours $(BENCH)/httpclient-ours: stage
.PHONY: $(BENCH)/httpserver-libevent-1.4 $(BENCH)/httpclient-libevent-1.4
$(filter $(BENCH)/httpserver-%,$(HTTP_PROGRAMS)): bench/httpserver.c bench/listen.h
$(filter $(BENCH)/httpclient-%,$(HTTP_PROGRAMS)): bench/httpclient.c
$(HTTP_PROGRAMS): | http-need
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) $(BENCH_INC) -o $@ $(filter %.c,$^) $(BENCH_LINK)

.PHONY: http-need
http-need:
	@scripts/need libev-dev libc-ares-dev libevent-dev python3 strace \
		valgrind nginx-light wrk nghttp2-client

HTTP_RUN = python3 -B bench/httpbench.py --bin $(BENCH) --only '$(BENCH_ONLY)'

.PHONY: bench-http bench-http-quick
bench-http: $(HTTP_PROGRAMS) ## measures HTTP, with nginx beside
	$(HTTP_RUN) --rounds $(HTTP_ROUNDS) --seconds $(HTTP_SECONDS) \
		--out $(BENCH_FULL)/http.json $(HTTP_LIBS) nginx
	$(BENCH_REPORT) $(BENCH_FULL) --part http

bench-http-quick: $(HTTP_PROGRAMS) ## the same, less exact
	$(HTTP_RUN) --rounds 1 --seconds 1 --idle 500 --stream 32 --quick \
		--out $(BENCH_QUICK)/http.json $(HTTP_LIBS) nginx
	$(BENCH_REPORT) $(BENCH_QUICK) --part http

# Generated code: ours, and what 1.4's generator makes of the same description.
RPCGEN14 ?= $(LIBEVENT14)/bin/event_rpcgen.py

.PHONY: bench-rpcgen
bench-rpcgen: ## instructions of generated code; LIBEVENT14=/prefix
bench-rpcgen: stage | bench-need
	@test -n "$(LIBEVENT14)" || { echo "bench-rpcgen needs LIBEVENT14=/prefix," \
	    "where a libevent 1.4 is installed" >&2; exit 1; }
	python3 -B bench/rpcgen.py "$(LIBEVENT14)" "$(RPCGEN14)" $(BENCH_STAGE)

# Calls: a server and a client by each library, from one source.

RPC_SIDES = rpcserver rpcclient
RPC_LIBS = ours $(if $(rpc_own),$(filter libevent-%,$(HTTP_LIBS)))
RPC_PROGRAMS = $(foreach side,$(RPC_SIDES),$(RPC_LIBS:%=$(BENCH)/$(side)-%))
RPC_ROUNDS ?= 5
RPC_SECONDS ?= 1
RPC_GEN = $(BENCH)/calls.gen.c
RPC_GEN14 = $(BENCH)/generator-1.4/calls.gen.c
# The code of our generator needs our library; the other libraries need code of
# 1.4's.
rpc_own = $(and $(LIBEVENT14),$(wildcard $(RPCGEN14)))

$(BENCH)/rpc%-ours: BENCH_INC = -I"$(BENCH_STAGE)/include/libevent-compat"
$(BENCH)/rpc%-ours: BENCH_LINK = -L"$(BENCH_STAGE)/lib" -levcompat \
	-Wl,-rpath,"$(BENCH_STAGE)/lib"
$(BENCH)/rpc%-libevent-1.4: BENCH_INC = -I$(LIBEVENT14)/include
$(BENCH)/rpc%-libevent-1.4: BENCH_LINK = -L$(LIBEVENT14)/lib -levent \
	-Wl,-rpath,$(LIBEVENT14)/lib
$(BENCH)/rpc%-libevent-2.1: BENCH_LINK = -levent
$(RPC_SIDES:%=$(BENCH)/%-ours): stage
.PHONY: $(RPC_SIDES:%=$(BENCH)/%-libevent-1.4)
$(filter $(BENCH)/rpcserver-%,$(RPC_PROGRAMS)): bench/rpcserver.c
$(filter $(BENCH)/rpcclient-%,$(RPC_PROGRAMS)): bench/rpcclient.c
$(filter %-ours,$(RPC_PROGRAMS)): $(RPC_GEN)
$(filter-out %-ours,$(RPC_PROGRAMS)): $(RPC_GEN14)
$(RPC_PROGRAMS): bench/calls.h bench/listen.h | bench-need
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) $(BENCH_INC) -Ibench \
		-I$(patsubst %/,%,$(dir $(filter %.gen.c,$^))) -o $@ \
		$(filter %.c,$^) $(BENCH_LINK)

$(RPC_GEN): bench/calls.rpc rpcgen/event_rpcgen.py | bench-need
	@mkdir -p $(@D)
	python3 -B rpcgen/event_rpcgen.py -o $(@D) $<

# 1.4's generator includes its header by the path of the description, so that is
# copied first; and it includes event-config.h, which 2.1 lacks.
$(RPC_GEN14): bench/calls.rpc $(RPCGEN14) | bench-need
	@mkdir -p $(@D)
	cp $< $(@D)
	touch $(@D)/event-config.h
	PYTHONPATH=tests/rpcgen python3 -B -c 'import os, sys, compare; \
	    command = compare.runnable(sys.argv[1], sys.argv[2]); \
	    os.chdir(sys.argv[2]); \
	    os.execv(command[0], [*command, sys.argv[3]])' \
	    $(abspath $(RPCGEN14)) $(abspath $(@D)) $(notdir $<) 2>/dev/null

RPC_RUN = python3 -B bench/rpcbench.py --bin $(BENCH) --only '$(BENCH_ONLY)'

.PHONY: bench-rpc bench-rpc-quick
bench-rpc: $(RPC_PROGRAMS) ## measures remote calls
	$(RPC_RUN) --rounds $(RPC_ROUNDS) --seconds $(RPC_SECONDS) \
		--out $(BENCH_FULL)/rpc.json $(RPC_LIBS)
	$(BENCH_REPORT) $(BENCH_FULL) --part rpc

bench-rpc-quick: $(RPC_PROGRAMS) ## the same, less exact
	$(RPC_RUN) --rounds 1 --seconds 0.3 --quick \
		--out $(BENCH_QUICK)/rpc.json $(RPC_LIBS)
	$(BENCH_REPORT) $(BENCH_QUICK) --part rpc
