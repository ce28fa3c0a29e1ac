# SPDX-License-Identifier: BSD-3-Clause
#
# make rpcgen-test: the generator in rpcgen/, and the code that it makes.
#
#	rpcgen-grammar	the language and its errors; needs python3
#	rpcgen-compile	the code in C89, C11 and C++, with gcc and clang
#	rpcgen-compile-all	the same at each level of optimization
#	rpcgen-manual	the example of event_rpcgen(1)
#	rpcgen-code	what the code does: one program of the .c files here
#
# RPCGEN=/path/event_rpcgen.py LIBEVENT=/prefix has rpcgen-code made by another
# generator, and built with the libevent 1.4 in that prefix.
# make rpcgen-compare RPCGEN=/path/event_rpcgen.py holds our code against that of
# 1.4's generator: names, types, sizes and values.  PYTHON runs that one.

PYTHON ?= python3
RPCGEN ?= rpcgen/event_rpcgen.py
rpcgen_ours := rpcgen/event_rpcgen.py
rpcgen_14 = $(filter /%,$(LIBEVENT))
rpcgen_out = $(BUILD)/rpcgen$(if $(rpcgen_14),-14)
rpcgen_rpc := $(wildcard tests/rpcgen/*.rpc)
rpcgen_gen = $(rpcgen_rpc:tests/rpcgen/%.rpc=$(rpcgen_out)/%.gen.c)
rpcgen_src := $(filter-out $(if $(filter /%,$(LIBEVENT)),%/oom.c), \
	$(wildcard tests/rpcgen/*.c)) $(wildcard tests/harness/*.c) \
	$(if $(filter /%,$(LIBEVENT)),,tests/regress/wrap.c)
rpcgen_obj = $(rpcgen_src:tests/%.c=$(rpcgen_out)/%.o) \
	$(rpcgen_gen:.c=.o)
rpcgen_flags = -std=gnu11 $(WARN) -Wno-undef $(WERROR) -D_GNU_SOURCE \
	-Itests/harness -I$(rpcgen_out) \
	$(if $(rpcgen_14),-I$(rpcgen_14)/include,-DTEST_LIB_OURS -Icompat)
rpcgen_libs = $(if $(rpcgen_14),-L$(rpcgen_14)/lib -levent \
	-Wl$(comma)-rpath$(comma)$(rpcgen_14)/lib, \
	$(REGRESS_WRAP:%=-Wl$(comma)--wrap=%) $(ARLIB) $(LIBS))
comma := ,

.PHONY: rpcgen-test rpcgen-grammar rpcgen-compile rpcgen-compile-all rpcgen-manual rpcgen-code \
	rpcgen-compare rpcgen-need
rpcgen-test: ## event_rpcgen.py, and the code that it makes
rpcgen-test: rpcgen-grammar rpcgen-compile rpcgen-manual rpcgen-code

rpcgen-need: need-check
	@scripts/need python3

rpcgen-grammar: rpcgen-need
	@$(PYTHON) -B tests/rpcgen/grammar.py

rpcgen-compile: rpcgen-need $(ARLIB)
	@scripts/need clang g++
	@CC='$(CC)' CXX='$(CXX)' $(PYTHON) -B tests/rpcgen/compile.py compat \
	    $(ARLIB) $(LIBS)

rpcgen-compile-all: export RPCGEN_LEVELS = -O0 -O2
rpcgen-compile-all: rpcgen-compile

rpcgen-manual: rpcgen-need $(ARLIB)
	@scripts/need mandoc
	@mandoc -Tlint -W warning man/event_rpcgen.1
	@CC='$(CC)' $(PYTHON) -B tests/rpcgen/manual.py compat $(ARLIB) $(LIBS)

rpcgen-code: $(rpcgen_out)/run ## that code alone; RPCGEN=/path LIBEVENT=/prefix
	$(WRAP) $(rpcgen_out)/run $(TESTS)

rpcgen-compare: ## our code against 1.4's; RPCGEN=/path/event_rpcgen.py
rpcgen-compare: rpcgen-need
	@$(PYTHON) -B tests/rpcgen/compare.py $(RPCGEN) compat \
	    $(filter-out %/letter.rpc,$(rpcgen_rpc))

$(rpcgen_out)/run: $(rpcgen_obj) $(if $(rpcgen_14),,$(ARLIB))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(rpcgen_obj) $(rpcgen_libs) -lcmocka

# In the folder, so that 1.4's generator names the header without one.
$(rpcgen_out)/%.gen.c: tests/rpcgen/%.rpc $(RPCGEN) | rpcgen-need
	@mkdir -p $(@D)
	@cp $< $(@D)
	@cd $(@D) && $(PYTHON) -B "$(abspath $(RPCGEN))" $*.rpc >$*.log 2>&1 || \
	    { cat $*.log >&2; exit 1; }

.PRECIOUS: $(rpcgen_out)/%.gen.c
$(rpcgen_out)/%.gen.o: $(rpcgen_out)/%.gen.c $(rpcgen_gen)
	$(CC) $(CFLAGS) $(if $(rpcgen_14),-w,$(rpcgen_flags)) \
	    -I$(rpcgen_out) $(if $(rpcgen_14),-I$(rpcgen_14)/include) \
	    $(DEPFLAGS) -c -o $@ $<

$(rpcgen_out)/%.o: tests/%.c $(rpcgen_gen) | need-check
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TEST_CFLAGS) $(rpcgen_flags) $(CPPFLAGS) $(DEPFLAGS) \
	    -c -o $@ $<

-include $(rpcgen_obj:.o=.d)
