# SPDX-License-Identifier: BSD-3-Clause
#
# The fuzzers: each .c file here but replay.c.  They get what they use of the .c
# files in helpers/.  A new one of either needs no edit.
#
#	make fuzz		runs each of them for SECONDS seconds
#	make fuzz-replay	runs the inputs in corpus/, without libFuzzer
#
# FUZZ selects them by name.  LIBEVENT=/prefix is about a libevent 1.4 that is
# installed there.  What libFuzzer finds goes to $(BUILD)/fuzz/found.

fuzz_14 = $(filter /%,$(LIBEVENT))
# Those that see the library from inside, or do what ends a 1.4.
fuzz_inside = $(patsubst tests/fuzz/%.c,%,\
	$(shell grep -lE '^.include "(\.\./)*src/' tests/fuzz/*.c) \
	$(wildcard tests/fuzz/rpc_*.c))
FUZZ ?= $(filter-out replay $(if $(fuzz_14),$(fuzz_inside)),\
	$(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c))))
SECONDS ?= 60

fuzz_out = $(BUILD)/fuzz$(if $(fuzz_14),-14)
fuzz_flags = -std=gnu11 $(WARN) -Wno-undef $(WERROR) -D_GNU_SOURCE \
	$(or $(fuzz_14:%=-I%/include),-Icompat -Isrc) -Itests/helpers \
	-Itests/fuzz/helpers
# Calls need messages.
fuzz_more = $(if $(filter rpc_%,$*),tests/helpers/parcel.c)
fuzz_helpers = $(filter-out $(if $(fuzz_14),\
	$(shell grep -lE '^.include "(\.\./)*src/' tests/fuzz/helpers/*.c)),\
	$(sort $(wildcard tests/fuzz/helpers/*.c)))
fuzz_headers = $(wildcard tests/fuzz/helpers/*.h)
fuzz_runs = $(FUZZ:%=fuzz-run-%)
fuzz_replays = $(FUZZ:%=fuzz-replay-%)

.PHONY: fuzz fuzz-replay fuzz-lib replay-lib $(fuzz_runs) $(fuzz_replays)
fuzz: $(fuzz_runs) ## runs each fuzzer; SECONDS=60 FUZZ="uri evtag"
fuzz-replay: $(fuzz_replays) ## runs the inputs in tests/fuzz/corpus, with gcc

# The library in two builds of its own; the second is also check-asan's.
fuzz_cflags = $(SAN_FLAGS) -fsanitize=fuzzer-no-link,$(SAN)
replay_cflags = $(SAN_FLAGS) -fsanitize=$(SAN)
fuzz_lib = $(or $(fuzz_14:%=%/lib/libevent.a),$(BUILD)/fuzz/lib/libevcompat.a)
replay_lib = $(or $(fuzz_14:%=%/lib/libevent.a),$(BUILD)/asan/libevcompat.a)

fuzz-lib:
	@scripts/need clang libclang-rt-dev
	$(if $(fuzz_14),,@$(MAKE) --no-print-directory $(fuzz_lib) \
	    BUILD=$(BUILD)/fuzz/lib CC=$(CLANG) CFLAGS="$(fuzz_cflags)")

replay-lib:
	$(if $(fuzz_14),,@$(MAKE) --no-print-directory $(replay_lib) \
	    BUILD=$(BUILD)/asan CFLAGS="$(replay_cflags)")

# The helpers, with the flags of the fuzzers and with those of the replays.
fuzz_objs = $(fuzz_helpers:tests/fuzz/helpers/%.c=$(fuzz_out)/helpers/%.o)
replay_objs = $(fuzz_helpers:tests/fuzz/helpers/%.c=$(fuzz_out)/helpers/replay-%.o)
$(fuzz_objs): $(fuzz_out)/helpers/%.o: tests/fuzz/helpers/%.c $(fuzz_headers)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(fuzz_cflags) $(fuzz_flags) -c -o $@ $<
$(replay_objs): $(fuzz_out)/helpers/replay-%.o: tests/fuzz/helpers/%.c \
	$(fuzz_headers)
	@mkdir -p $(@D)
	$(Q)$(CC) $(replay_cflags) $(fuzz_flags) -c -o $@ $<
$(fuzz_out)/helpers/fuzz.a: $(fuzz_objs)
$(fuzz_out)/helpers/replay.a: $(replay_objs)
$(fuzz_out)/helpers/fuzz.a $(fuzz_out)/helpers/replay.a:
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(FUZZ:%=$(fuzz_out)/%): $(fuzz_out)/%: tests/fuzz/%.c $(fuzz_headers) \
	$(fuzz_out)/helpers/fuzz.a fuzz-lib
	@mkdir -p $(@D)
	$(call say,fuzzer $@)
	$(Q)$(CLANG) $(fuzz_cflags) -fsanitize=fuzzer $(fuzz_flags) -o $@ $< \
	    $(fuzz_more) $(fuzz_out)/helpers/fuzz.a $(fuzz_lib) $(LIBS)

$(FUZZ:%=$(fuzz_out)/replay-%): $(fuzz_out)/replay-%: tests/fuzz/%.c \
	tests/fuzz/replay.c $(fuzz_headers) $(fuzz_out)/helpers/replay.a replay-lib
	@mkdir -p $(@D)
	$(call say,replay $@)
	$(Q)$(CC) $(replay_cflags) $(fuzz_flags) -o $@ $< tests/fuzz/replay.c \
	    $(fuzz_more) $(fuzz_out)/helpers/replay.a $(replay_lib) $(LIBS)

# The code that this one is about is made first.
fuzz_gen = $(BUILD)/rpcgen/kinds.gen.c
$(fuzz_out)/rpcgen $(fuzz_out)/replay-rpcgen: $(fuzz_gen)
$(fuzz_out)/rpcgen $(fuzz_out)/replay-rpcgen: fuzz_flags += -I$(BUILD)/rpcgen

# In libFuzzer's last word is how many runs there were.
$(fuzz_runs): fuzz-run-%: $(fuzz_out)/%
	@mkdir -p $(fuzz_out)/found/$*
	@echo "fuzz $*: $(SECONDS) seconds"
	@$< -max_total_time=$(SECONDS) -max_len=$(if $(filter http_% rpc_%,$*),1024,512) -timeout=60 \
	    -report_slow_units=60 -exact_artifact_path=$<.failed \
	    $(fuzz_out)/found/$* tests/fuzz/corpus/$* >$<.log 2>&1 || { \
		grep -vE '^(#|INFO|.NEW_FUNC|.*failed to alloc)' $<.log; \
		echo "fuzz $*: FAILED; once more: FUZZ_TRACE=1 $< $<.failed"; \
		exit 1; \
	}
	@sed -n 's/^Done /fuzz $*: /p' $<.log

$(fuzz_replays): fuzz-replay-%: $(fuzz_out)/replay-%
	@$< $* tests/fuzz/corpus/$*
