# SPDX-License-Identifier: BSD-3-Clause
#
# The library on disk.  The drop-in prefix is one of its own, below the library
# directory, never in the default search path.

D_LIB = $(DESTDIR)$(LIBDIR)
D_INC = $(DESTDIR)$(INCLUDEDIR)/libevent-compat
D_PC = $(D_LIB)/pkgconfig
D_DROPIN = $(D_LIB)/libevent-compat/dropin
D_RPCGEN = $(DESTDIR)$(RPCGENDIR)
D_MAN1 = $(DESTDIR)$(MANDIR)/man1

# The names that the linker looks for when a program is built, and the one that the
# loader looks for when it was built here.  With the archives below, a program that is
# linked with -static does not get the system's libevent.
DROPIN_NAMES = libevent.so libevent_core.so libevent_extra.so libevcompat.so.1

# The names that the loader looks for when a program was built for libevent 1.4.
# There are no such programs where a time_t is longer than a long, as with musl on 32
# bits: libevent 1.4 is older than that.
DROPIN_BINARIES = libevent-1.4.so.2 libevent_core-1.4.so.2 \
	libevent_extra-1.4.so.2
dropin_names = $(DROPIN_NAMES) \
	$(if $(filter 8,$(file <$(TIME_T))),,$(DROPIN_BINARIES))

# The libraries that a static program needs besides; c-ares by its own pkg-config
# file, if there is one here.
PKG_CONFIG ?= pkg-config
PC_REQUIRES := $(shell $(PKG_CONFIG) --exists libcares 2>/dev/null && \
	echo libcares)
pc_libs = $(if $(PC_REQUIRES),$(filter-out -lcares,$(LIBS)),$(LIBS))

# pc NAME, PREFIX, INCLUDEDIR, LIBDIR, LIBRARY: a pkg-config file on standard
# output.  Its version is the interface's, which is what programs ask for.
# In it pc_path escapes blanks, and pc_below writes a path below PREFIX as
# ${prefix}/..., so that pkg-config can move the prefix.
blank := $() $()
pc_path = $(subst $(blank),\$(blank),$(1))
pc_below = $(call pc_path,$(subst |,,$(subst |$(1)/,$${prefix}/,|$(2))))
pc = printf '%s\n' 'prefix=$(call pc_path,$(2))' \
	'includedir=$(call pc_below,$(2),$(3))' \
	'libdir=$(call pc_below,$(2),$(4))' \
	'evcompat_version=$(VERSION)' '' 'Name: $(1)' \
	'Description: libevent 1.4 on libev and c-ares' 'Version: $(ABI_VERSION)' \
	'Cflags: -I$${includedir}' 'Libs: -L$${libdir} -l$(5)' \
	$(if $(PC_REQUIRES),'Requires.private: $(PC_REQUIRES)') \
	'Libs.private: $(pc_libs)'

pc_inc = $(INCLUDEDIR)/libevent-compat
pc_dropin = $(LIBDIR)/libevent-compat/dropin

DROPIN_ARCHIVES = libevent.a libevent_core.a libevent_extra.a

# The script that prints what to do after an installation; the stage runs none.
INSTALLED = scripts/installed

# The header that depends on how the library was built.
$(BUILD)/event-config.h: compat/event-config.h $(TIME_T)
	$(Q)sed "s|^/[*] #undef \(_EVENT_SIZEOF_TIME_T\) [*]/|#define \1 $$(cat \
		$(TIME_T))|" compat/event-config.h >$@

.PHONY: install
install: lib $(BUILD)/event-config.h ## installs below PREFIX
	install -d "$(D_LIB)" "$(D_INC)" "$(D_PC)" "$(D_RPCGEN)" "$(D_MAN1)" \
		"$(D_DROPIN)/lib/pkgconfig" "$(D_DROPIN)/include" \
		"$(D_DROPIN)/bin"
	install -p -m 644 $(HEADERS) "$(D_INC)"
	install -p -m 644 $(BUILD)/event-config.h "$(D_INC)"
	install -m 755 $(SHLIB) "$(D_LIB)/libevcompat.so.1"
	install -m 644 $(ARLIB) "$(D_LIB)/libevcompat.a"
	ln -sf libevcompat.so.1 "$(D_LIB)/libevcompat.so"
	$(call pc,libevent-compat,$(PREFIX),$(pc_inc),$(LIBDIR),evcompat) \
		>"$(D_PC)/libevent-compat.pc"
	install -m 755 rpcgen/event_rpcgen.py "$(D_RPCGEN)"
	install -m 644 man/event_rpcgen.1 "$(D_MAN1)"
	ln -sf "$$(realpath -m --relative-to="$(D_DROPIN)/bin" \
		"$(D_RPCGEN)")/event_rpcgen.py" "$(D_DROPIN)/bin/event_rpcgen.py"
	from=$$(realpath -m --relative-to="$(D_DROPIN)/include" "$(D_INC)") && \
	for header in $(notdir $(HEADERS)); do \
		ln -sf "$$from/$$header" "$(D_DROPIN)/include/$$header" || \
			exit 1; \
	done
	for name in $(dropin_names); do \
		ln -sf ../../../libevcompat.so.1 "$(D_DROPIN)/lib/$$name" || \
			exit 1; \
	done
	for name in $(DROPIN_ARCHIVES); do \
		ln -sf ../../../libevcompat.a "$(D_DROPIN)/lib/$$name" || \
			exit 1; \
	done
	$(call pc,libevent,$(pc_dropin),$(pc_dropin)/include,$(pc_dropin)/lib,event) \
		>"$(D_DROPIN)/lib/pkgconfig/libevent.pc"
	chmod 644 "$(D_PC)/libevent-compat.pc" \
		"$(D_DROPIN)/lib/pkgconfig/libevent.pc"
	$(if $(DESTDIR),,@$(INSTALLED) "$(LIBDIR)")

.PHONY: uninstall
uninstall: ## removes what install installed
	rm -f "$(D_LIB)/libevcompat.so.1" "$(D_LIB)/libevcompat.so" \
		"$(D_LIB)/libevcompat.a" "$(D_PC)/libevent-compat.pc" \
		"$(D_RPCGEN)/event_rpcgen.py" \
		"$(D_MAN1)/event_rpcgen.1"
	rm -rf "$(D_LIB)/libevent-compat"
	for header in $(notdir $(HEADERS)); do \
		rm -f "$(D_INC)/$$header"; done
	-rmdir "$(D_INC)"

# A scratch prefix for the tests, the bench and the demo.
.PHONY: stage
stage: lib
	@$(MAKE) --no-print-directory -s install INSTALLED=: \
		PREFIX="$(abspath $(STAGE))" DESTDIR= \
		LIBDIR="$(abspath $(STAGE))/lib" \
		RPCGENDIR="$(abspath $(STAGE))/bin" \
		INCLUDEDIR="$(abspath $(STAGE))/include" \
		BINDIR="$(abspath $(STAGE))/bin" \
		MANDIR="$(abspath $(STAGE))/share/man"
