# SPDX-License-Identifier: BSD-3-Clause
#
# make migrating-test: MIGRATING.md, README.md's program, and the programs in
# examples/migrate.
#
#	migrating-snippets	the code in both compiles, and does what it says
#	migrating-names		the functions in MIGRATING.md are there, or are not
#	migrating-examples	the three programs `shout` behave the same
#
# With LIBEVENT=/prefix what is said to hold for libevent 1.4 is asked of the one
# installed there, too, and its `shout` is built and run.

MIGRATING_TESTS = migrating-snippets migrating-names migrating-examples
CHECKS_PLAIN += migrating-test
migrating_out = $(BUILD)/migrating
migrating_14 = $(filter /%,$(LIBEVENT))
migrating_stage = $(abspath $(STAGE))
migrating_flags = $(CFLAGS) $(WARN) $(WERROR)
migrating_pages = MIGRATING README

.PHONY: migrating-test migrating-ready $(MIGRATING_TESTS) \
	$(migrating_pages:%=migrating-snippets-%)
migrating-test: $(MIGRATING_TESTS) ## the code of MIGRATING.md and README.md; LIBEVENT=/prefix
$(MIGRATING_TESTS): migrating-ready

migrating-ready: stage
	@scripts/need libevent-dev libev-dev libuv1-dev pkg-config python3
	@mkdir -p $(migrating_out)

migrating-snippets: $(migrating_pages:%=migrating-snippets-%)
$(migrating_pages:%=migrating-snippets-%): migrating-snippets-%: migrating-ready
	@CC='$(CC)' CFLAGS='$(CFLAGS) $(WARN) -Wno-undef $(WERROR)' \
	    PKG_CONFIG_PATH='$(migrating_stage)/lib/pkgconfig' \
	    tests/migrating/snippets.py $*.md $(migrating_out)/snippets-$* \
	    "$(migrating_stage)" $(migrating_14)

migrating-names:
	@tests/migrating/names.py MIGRATING.md

shout_kinds = libevent libev libuv $(if $(migrating_14),libevent-1.4)
shout_all = $(shout_kinds:%=$(migrating_out)/shout-%)
$(shout_all): examples/migrate/shout.c examples/migrate/shout.h
$(filter-out %/shout-libuv,$(shout_all)): examples/migrate/clients.c
$(filter-out %-1.4,$(shout_all)): \
	$(migrating_out)/shout-%: examples/migrate/%.c
$(migrating_out)/shout-libevent-1.4: examples/migrate/libevent.c
# ev.h's macros reach into the middle of its structs.
$(migrating_out)/shout-libev: shout_flags = -Wno-strict-aliasing
$(migrating_out)/shout-libev: shout_more = -lev
$(migrating_out)/shout-libuv: shout_package = libuv
shout_package = libevent-compat

# pkg-config's flags are for a shell to read.
$(filter-out %-1.4,$(shout_all)): | migrating-ready
	$(call say,cc $@)
	$(Q)flags=$$(PKG_CONFIG_PATH='$(migrating_stage)/lib/pkgconfig' \
	    pkg-config --cflags --libs $(shout_package)) && \
	eval "$(CC) $(migrating_flags) $(shout_flags) -o $@ $(filter %.c,$^) \
	    $$flags $(shout_more)" '-Wl,-rpath,"$(migrating_stage)/lib"'

.PHONY: $(migrating_out)/shout-libevent-1.4
$(migrating_out)/shout-libevent-1.4: | migrating-ready
	$(call say,cc $@)
	$(Q)$(CC) $(migrating_flags) -isystem $(migrating_14)/include -o $@ \
	    $(filter %.c,$^) -L$(migrating_14)/lib -levent \
	    -Wl,-rpath,$(migrating_14)/lib

migrating-examples: $(shout_all)
	@tests/migrating/talk.py $(shout_all)
