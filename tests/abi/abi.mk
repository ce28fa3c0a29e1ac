# SPDX-License-Identifier: BSD-3-Clause
#
# make abi-test: what programs were compiled against is what they get.
#
#	abi-layout	sizes, offsets and constants
#	abi-headers	every header compiles, in any company
#	abi-macros	macros do what they say
#	abi-exports	the names in the library are those of 1.4
#	abi-dropin	programs for libevent-1.4.so.2 run
#	abi-orders	-lev and -levcompat in any order
#	abi-static	programs that are linked statically
#	abi-two		another libevent in the process
#	abi-time	times of another size
#	abi-sources	the library compiles with times of each size
#	abi-diff	with LIBEVENT=/prefix: what abidiff finds different
#			between the libevent 1.4 installed there and ours
#
# On x86-64, abi-layout, abi-headers, abi-time and abi-sources are about i386 as well.

ABI = $(BUILD)/abi
ABI_INC = $(BUILD)/stage/include/libevent-compat
ABI_WARN = -Wall -Wextra -Wshadow $(WERROR)
ABI_MACHINES = $(if $(findstring x86_64,$(shell $(CC) -dumpmachine)),\
	-m64 -m32,-O0)
ABI_TESTS = abi-layout abi-headers abi-macros abi-exports abi-dropin abi-orders \
	abi-static abi-two abi-time abi-sources $(if $(abi_14),abi-diff)
abi_14 = $(filter-out ours system,$(LIBEVENT))

.PHONY: abi-test abi-ready $(ABI_TESTS)
abi-test: ## sizes, names, link orders; LIBEVENT=/prefix for abidiff
abi-test: $(ABI_TESTS)

$(ABI_TESTS): abi-ready

abi-ready: stage
	@scripts/need g++ $(if $(findstring -m32,$(ABI_MACHINES)),gcc-multilib)
	@mkdir -p $(ABI)
	@for machine in $(ABI_MACHINES); do \
		echo '#include <sys/types.h>' | \
		    $(CC) $$machine -x c -fsyntax-only - || { \
			echo "abi: $(CC) $$machine: gcc-multilib is missing" >&2; \
			exit 1; \
		}; \
	done

abi-layout:
	@for machine in $(ABI_MACHINES); do \
		for queue in '' '-include sys/queue.h'; do \
			$(CC) $$machine $$queue -std=gnu11 $(ABI_WARN) \
			    -I$(ABI_INC) -c -o $(ABI)/layout.o \
			    tests/abi/layout.c || exit 1; \
		done; \
	done
	@echo "layout: as in libevent 1.4.15"

abi-headers:
	@CC='$(CC)' CXX='$(CXX)' tests/abi/headers.sh $(ABI_INC) $(ABI_MACHINES)

abi-macros:
	@$(CC) $(CFLAGS) -std=gnu11 $(ABI_WARN) -I$(ABI_INC) \
	    -o $(ABI)/macros tests/abi/macros.c
	@$(CXX) $(CFLAGS) -x c++ -std=c++11 $(ABI_WARN) -I$(ABI_INC) \
	    -o $(ABI)/macros++ tests/abi/macros.c
	@$(ABI)/macros
	@$(ABI)/macros++
	@echo "macros: do what they say, in C and C++"

abi-exports:
	@tests/abi/exports.sh $(BUILD)

abi-dropin:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' tests/abi/dropin.sh $(BUILD)

abi-orders:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' LIBS='$(LIBS)' tests/abi/orders.sh $(BUILD)

abi-static:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' tests/abi/static.sh $(BUILD)

abi-two:
	@CC='$(CC)' CFLAGS='$(CFLAGS)' tests/abi/two.sh $(BUILD)

abi-time:
	@CC='$(CC)' CXX='$(CXX)' CFLAGS='$(CFLAGS)' MAKE='$(MAKE)' \
	    tests/abi/time.sh $(BUILD) $(ABI_MACHINES)

# A time_t longer than a long is what musl and Debian 13 have on 32 bits.
abi-sources:
	@for machine in $(filter-out -m64,$(ABI_MACHINES)); do \
		for wide in '' '-D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64'; do \
			$(CC) $(LIB_INC) $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS) \
			    $$machine $$wide -fsyntax-only $(SRCS) || exit 1; \
		done; \
	done
	@echo "sources: compile with a time_t of each size"

abi-diff:
	@scripts/need abigail-tools
	@tests/abi/abidiff.sh $(BUILD) "$(abi_14)"
