# SPDX-License-Identifier: BSD-3-Clause
#
# make check-tool: evcompat-check and evcompat-run, on programs that are built
# for it, and their manual pages.
#
#	check-tool-programs	what is said of programs and libraries
#	check-tool-source	what is said of source trees
#	check-tool-run		programs that are run
#	check-tool-tables	COMPAT.md and what the tool knows of it agree
#	check-tool-hostile	damaged files; HOSTILE=5000 for more of them
#	check-tool-pages	the manual pages have no fault

CHECK_TOOL_TESTS = check-tool-programs check-tool-source check-tool-run \
	check-tool-tables check-tool-hostile check-tool-pages
HOSTILE ?= 150

.PHONY: check-tool check-tool-ready $(CHECK_TOOL_TESTS)
check-tool: ## evcompat-check, evcompat-run; HOSTILE=5000 bad files
check-tool: $(CHECK_TOOL_TESTS)
$(CHECK_TOOL_TESTS): check-tool-ready
check-tool-hostile: check-tool-programs

check-tool-ready: stage
	@scripts/need libevent-dev libev-dev binutils python3 mandoc

check-tool-programs:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' LIBS='$(LIBS)' \
	    tests/check-tool/programs.sh $(BUILD)

check-tool-source:
	@tests/check-tool/source.sh $(BUILD)

check-tool-run:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' MAKE='$(MAKE)' \
	    tests/check-tool/run.sh $(BUILD)

check-tool-tables:
	@CC='$(CC)' tests/check-tool/tables.sh $(BUILD)

hostile_out = $(BUILD)/check-tool/hostile
hostile_srcs = tests/check-tool/hostile.c $(filter-out tools/check.c,$(TOOL_SRCS))
hostile_files = $(addprefix $(BUILD)/check-tool/programs/,soname libinner.so) \
	$(wildcard $(BUILD)/check-tool/programs/narrow) tools/lex.c

$(hostile_out): $(hostile_srcs) $(wildcard tools/*.h) $(TOOL_TABLES)
	@mkdir -p $(@D)
	$(call say,cc $@)
	$(Q)$(CC) $(SAN_FLAGS) -fsanitize=$(SAN) $(TOOL_CFLAGS) -Itools \
		-o $@ $(hostile_srcs)

check-tool-hostile: $(hostile_out)
	@$< $(HOSTILE) $(hostile_files)

# That other pages are not installed here is no fault of theirs.
check-tool-pages:
	@! mandoc -Tlint -W style $(TOOL_PAGES) 2>/dev/null | \
	    grep -v 'referenced manual not found'
	@echo "pages: $(words $(TOOL_PAGES)) without a fault"
