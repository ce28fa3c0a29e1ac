# SPDX-License-Identifier: BSD-3-Clause
#
# evcompat-check and evcompat-run, which are installed beside the library.

D_BIN = $(DESTDIR)$(BINDIR)

TOOL_DIR = $(BUILD)/tools
TOOL_SRCS := $(sort $(wildcard tools/*.c))
TOOL_OBJS := $(TOOL_SRCS:tools/%.c=$(TOOL_DIR)/%.o)
TOOL_CFLAGS = -std=gnu11 $(WARN) $(WERROR) -D_GNU_SOURCE \
	-D_FILE_OFFSET_BITS=64 -I$(TOOL_DIR)
CHECK_TOOL = $(TOOL_DIR)/evcompat-check
TOOL_PAGES = man/evcompat-check.1 man/evcompat-run.1

.PHONY: tools install-tools uninstall-tools
all: tools
tools: $(CHECK_TOOL) ## builds evcompat-check and evcompat-run

# The files that tools/generate makes the tables of.
TOOL_TABLES = $(TOOL_DIR)/tables.h
TOOL_FACTS = tools/different.txt tools/libevent-2.1.txt COMPAT.md \
	src/exports.map tests/abi/libevent-1.4.15.txt tests/abi/left-out.txt

$(TOOL_TABLES): tools/generate $(TOOL_FACTS) $(HEADERS)
	@mkdir -p $(@D)
	$(call say,generate $@)
	$(Q)tools/generate $@ >$@.new
	$(Q)mv $@.new $@

$(TOOL_DIR)/%.o: tools/%.c $(TOOL_TABLES) | need-lib
	$(call say,cc $<)
	$(Q)$(CC) $(TOOL_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) -c -o $@ $<

$(CHECK_TOOL): $(TOOL_OBJS)
	$(call say,link $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_OBJS)

-include $(TOOL_OBJS:.o=.d)

install: install-tools
install-tools: tools
	install -d "$(D_BIN)" "$(D_MAN1)"
	install -m 755 $(CHECK_TOOL) "$(D_BIN)/evcompat-check"
	sed -e 's|@DROPIN@|$(LIBDIR)/libevent-compat/dropin/lib|' \
		-e 's|@BINDIR@|$(BINDIR)|' tools/evcompat-run.in \
		>"$(D_BIN)/evcompat-run"
	chmod 755 "$(D_BIN)/evcompat-run"
	install -m 644 $(TOOL_PAGES) "$(D_MAN1)"

uninstall: uninstall-tools
uninstall-tools:
	rm -f "$(D_BIN)/evcompat-check" "$(D_BIN)/evcompat-run"
	for page in $(notdir $(TOOL_PAGES)); do \
		rm -f "$(D_MAN1)/$$page"; done
