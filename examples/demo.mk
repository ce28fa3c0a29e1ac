# SPDX-License-Identifier: BSD-3-Clause
#
# make demo: compiles the programs in examples/ against the staged library and
# runs them.  Those in DEMO_PLAIN use only libevent 1.4, and are compiled with
# -levent from the drop-in prefix.  So are those in DEMO_HTTP, which use what
# <evhttp.h> has beyond 1.4, and in DEMO_RPC, whose messages event_rpcgen.py
# writes.  Those in DEMO_OURS use <evcompat.h>, and except `files` libev, too;
# they find the library through pkg-config.

##: Programs

DEMO = $(BUILD)/demo
DEMO_STAGE = $(abspath $(STAGE))
DEMO_PREFIX = $(abspath $(DROPIN))
DEMO_PLAIN = echo client proxy talkers timers nameserver dnslookup
DEMO_HTTP = httpd httpget
DEMO_RPC = kvd kv
DEMO_OURS = native hosted files

.PHONY: demo demo-begins demo-programs

demo: demo-programs ## builds the examples with -levent and runs them
	@examples/demo $(DEMO) "$(DEMO_PREFIX)"

demo-programs: demo-begins $(DEMO_PLAIN:%=$(DEMO)/%) \
	$(DEMO_HTTP:%=$(DEMO)/%) $(DEMO_RPC:%=$(DEMO)/%) \
	$(DEMO_OURS:%=$(DEMO)/%)

demo-begins: stage
	@scripts/need pkg-config
	@mkdir -p $(DEMO)
	@printf '\nCompiling the examples.\n\n'

$(DEMO)/httpd: examples/httpd_files.c examples/httpd.h
$(DEMO)/httpget: examples/httpget_urls.c examples/httpget.h
$(DEMO_PLAIN:%=$(DEMO)/%) $(DEMO_HTTP:%=$(DEMO)/%): $(DEMO)/%: examples/%.c \
		demo-begins
	$(CC) $(CFLAGS) -I"$(DEMO_PREFIX)/include" $(filter %.c,$^) -o $@ \
	    -L"$(DEMO_PREFIX)/lib" -levent -Wl,-rpath,"$(DEMO_PREFIX)/lib"

$(DEMO)/kv.gen.c: examples/rpc/kv.rpc demo-begins
	@scripts/need python3
	python3 "$(DEMO_PREFIX)/bin/event_rpcgen.py" -o $(DEMO) $<

$(DEMO_RPC:%=$(DEMO)/%): $(DEMO)/%: examples/rpc/%.c $(DEMO)/kv.gen.c \
		examples/rpc/kv.h
	$(CC) $(CFLAGS) -I"$(DEMO_PREFIX)/include" -I$(DEMO) $(filter %.c,$^) \
	    -o $@ -L"$(DEMO_PREFIX)/lib" -levent \
	    -Wl,-rpath,"$(DEMO_PREFIX)/lib"

$(DEMO)/native $(DEMO)/hosted: $(DEMO)/%: examples/%_ev.c
$(DEMO_OURS:%=$(DEMO)/%): $(DEMO)/%: examples/%.c demo-begins
	flags=$$(PKG_CONFIG_PATH="$(DEMO_STAGE)/lib/pkgconfig" \
	    pkg-config --cflags --libs libevent-compat) && \
	eval "$(CC) $(CFLAGS) -pthread $(filter %.c,$^) -o $@ \
	    $$flags -lev" '-Wl,-rpath,"$(DEMO_STAGE)/lib"'
