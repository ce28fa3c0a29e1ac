# SPDX-License-Identifier: BSD-3-Clause
#
# The conformance suite: one program of all the .c files in the folders here,
# built against the implementation that LIBEVENT names.
#
#	make conformance			ours, as staged
#	make conformance LIBEVENT=/prefix	a libevent installed there
#	make conformance LIBEVENT=system	the distribution's libevent
#	make conformance-matrix LIBEVENT14=/prefix
#
# CONFORMANCE_ARGS selects tests by name; CONFORMANCE_WRAP is put before the
# program (valgrind, a debugger); CONFORMANCE_CFLAGS is added to CFLAGS.

LIBEVENT ?= ours

conf_dir := tests/conformance
conf_out = $(BUILD)/conformance/$(conf_impl)
conf_src := $(wildcard $(conf_dir)/*/*.c tests/helpers/*.c tests/harness/*.c)
conf_obj = $(conf_src:tests/%.c=$(conf_out)/%.o)
conf_std := -std=gnu11 -Wall -Wextra -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes $(WERROR)

ifeq ($(LIBEVENT),ours)
conf_impl := ours
conf_inc = -DTEST_LIB_OURS -I$(BUILD)/stage/include/libevent-compat
conf_lib = -L$(BUILD)/stage/lib -levcompat \
	-Wl,-rpath,"$(abspath $(BUILD)/stage/lib)"
conf_need := stage
else ifeq ($(LIBEVENT),system)
conf_impl := system
conf_lib := -levent
else
conf_impl := prefix$(subst /,-,$(LIBEVENT))
conf_inc := -I$(LIBEVENT)/include
conf_lib := -L$(LIBEVENT)/lib -levent \
	-Wl,-rpath,"$(abspath $(LIBEVENT)/lib)"
endif

.PHONY: conformance conformance-matrix

conformance: ## tests of any libevent; LIBEVENT=system or /prefix
conformance: $(conf_out)/run
	$(CONFORMANCE_WRAP) $(conf_out)/run $(CONFORMANCE_ARGS)

$(conf_out)/run: $(conf_obj)
	$(CC) $(CFLAGS) $(CONFORMANCE_CFLAGS) -o $@ $(conf_obj) $(LDFLAGS) \
	    $(conf_lib) -lcmocka

$(conf_out)/%.o: tests/%.c | need-check $(conf_need)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TEST_CFLAGS) $(CONFORMANCE_CFLAGS) $(conf_std) -MMD -MP \
	    -Itests/harness -Itests/helpers -iquote src $(conf_inc) $(CPPFLAGS) \
	    -c -o $@ $<

-include $(wildcard $(conf_obj:.o=.d))

conf_table = $(BUILD)/conformance/matrix.tsv

conformance-matrix: ## writes RESULTS.md; LIBEVENT14=/prefix
	@test -n "$(LIBEVENT14)" || { \
	    echo "conformance-matrix needs LIBEVENT14=/prefix," \
	    "where a libevent 1.4.15 is installed" >&2; exit 1; }
	@mkdir -p $(BUILD)/conformance
	rm -f $(conf_table)
	TEST_MATRIX=$(conf_table) $(MAKE) conformance LIBEVENT=ours
	TEST_MATRIX=$(conf_table) $(MAKE) conformance LIBEVENT=$(LIBEVENT14)
	TEST_MATRIX=$(conf_table) $(MAKE) conformance LIBEVENT=system
	$(conf_dir)/matrix $(conf_table) >$(conf_table).md
	cp $(conf_table).md $(conf_dir)/RESULTS.md
