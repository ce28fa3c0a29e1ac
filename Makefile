# SPDX-License-Identifier: BSD-3-Clause
#
# make help lists the targets.  It takes the text after ## in each rule's line
# here and in the included files.

CC ?= cc
CXX ?= c++
## BUILD=build: the folder of all that is built
BUILD ?= build
## PREFIX=/usr/local: where make install puts the library
PREFIX ?= /usr/local
## DESTDIR=: put before each path that make install writes to
## CC=cc CFLAGS='-O2 -g': the compiler; its flags come after ours
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
# The folder for event_rpcgen.py: another one than BINDIR where a distribution has
# libevent's own event_rpcgen.py there.
RPCGENDIR ?= $(BINDIR)

CFLAGS ?= -O2 -g
## CARES=/prefix: another c-ares than the system's; with another BUILD
ifdef CARES
override CPPFLAGS += -I$(CARES)/include
override LDFLAGS += -L$(CARES)/lib -Wl,-rpath,$(CARES)/lib
endif
WARN = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wpointer-arith -Wundef
## WERROR=-Werror: warnings are errors, as in make check
# Empty, so that a newer compiler's warnings stop no build.
WERROR ?=
# Thread-local variables at a fixed offset save 53 instructions a pass of the loop.
# glibc reserves space for those of libraries that dlopen(3) loads; musl refuses to
# load such a library, and gets the compiler's default.  The compiler is asked once,
# by the first rule that needs to know.
TLS = $(eval TLS := $(if $(filter-out __GLIBC__,$(shell echo __GLIBC__ | \
	$(CC) $(CPPFLAGS) -include features.h -E -P - 2>/dev/null)), \
	-ftls-model=initial-exec))$(TLS)
# Our flags come before the user's, so that the user's win.  Our folders come before
# the system's, as libev installs an event.h, too.
LIB_INC = -Icompat -Isrc
LIB_CFLAGS = -std=gnu11 $(WARN) $(WERROR) -fPIC -fvisibility=hidden \
	$(TLS) -D_GNU_SOURCE
DEPFLAGS = -MMD -MP
# -Bsymbolic-functions: calls inside the library reach the library's own functions
# even if another library exports the same names.  nodelete: the library is never
# unloaded, since libev and threads have pointers to its functions.
LIB_LDFLAGS = -shared -Wl,-soname,libevcompat.so.1 -Wl,-Bsymbolic-functions \
	-Wl,-z,nodelete \
	-Wl,--version-script,src/exports.map -Wl,--as-needed \
	$(if $(findstring -fsanitize,$(CFLAGS)),,-Wl,-z,defs)
LIBS = -lev -lcares -lm -ldl -pthread

## V=1: shows the commands instead of what they make
Q = $(if $(V),,@)
say = @$(if $(V),:,echo '  $(1)')

# The version of the project, from the header, and that of the interface.
VERSION := $(shell sed -n 's/^.define EVCOMPAT_VERSION "\(.*\)"/\1/p' \
	compat/evcompat.h)
ABI_VERSION = 1.4.15
SRCS := $(sort $(wildcard src/*/*.c src/*/*/*.c))
OBJS := $(SRCS:src/%.c=$(BUILD)/obj/%.o)
HEADERS := $(sort $(wildcard compat/*.h))
SHLIB = $(BUILD)/libevcompat.so.1
ARLIB = $(BUILD)/libevcompat.a
STAGE = $(BUILD)/stage
DROPIN = $(STAGE)/lib/libevent-compat/dropin

##: The library
.PHONY: all
all: lib ## builds the library and the tools, in build/

include mk/install.mk
include mk/tools.mk
include mk/check.mk
include tests/regress/regress.mk
include tests/conformance/conformance.mk
include tests/abi/abi.mk
include tests/man/man.mk
include tests/migrating/migrating.mk
include tests/build/build.mk
include tests/rpcgen/rpcgen.mk
include tests/check-tool/check-tool.mk
include tests/fuzz/fuzz.mk
include mk/man.mk
include mk/http.mk
include mk/rpc.mk
include mk/distro.mk
include mk/deb.mk
include mk/rpm.mk
include bench/bench.mk
include examples/demo.mk
include relink/relink.mk
include relink/newcomer.mk

.PHONY: lib
lib: need-lib $(SHLIB) $(ARLIB) ## builds the library alone

LIB_PACKAGES = gcc libc6-dev libev-dev libc-ares-dev pkg-config

# These targets install missing packages.  A user's build only names them, and the
# command that installs them.
deps demo check: export NEED = install
# scripts/need asks this compiler, with the user's flags, which headers there are.
export CC CPPFLAGS

.PHONY: need-lib deps
need-lib:
	@scripts/need $(if $(filter install,$(NEED)),,-n) $(LIB_PACKAGES)

deps: need-lib ## installs through apt what the library is built from

# The value of _EVENT_SIZEOF_TIME_T in event-config.h.
TIME_T = $(BUILD)/time_t
$(TIME_T): | need-lib
	@mkdir -p $(@D)
	$(Q)printf '#include <%s>\n%s\n' sys/types.h \
		'char is_long[sizeof(time_t) == sizeof(long) ? 1 : -1];' >$@.c
	$(Q)if $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@.o $@.c 2>/dev/null; \
		then echo _EVENT_SIZEOF_LONG; else echo 8; fi >$@

$(BUILD)/obj/%.o: src/%.c | need-lib $(TIME_T)
	@mkdir -p $(@D)
	$(call say,cc $<)
	$(Q)$(CC) $(LIB_INC) $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(DEPFLAGS) \
		-c -o $@ $<

$(SHLIB): $(OBJS) src/exports.map
	$(call say,link $@)
	$(Q)$(CC) $(LIB_LDFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJS) $(LIBS)

$(ARLIB): $(OBJS)
	$(call say,archive $@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(OBJS)

-include $(OBJS:.o=.d)

.PHONY: help
help: ## this list
	@scripts/help $(filter Makefile %.mk,$(MAKEFILE_LIST))

.PHONY: format
format: ## formats the C files with clang-format
	@scripts/need clang-format
	clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: clean
clean: ## removes build/
	rm -rf $(BUILD)
