# SPDX-License-Identifier: BSD-3-Clause
#
# make check, and its parts.  Each instrumented build has a folder of its own
# below $(BUILD).

##: Checks

CLANG ?= clang
# Tests are compiled without optimization, as each runs once.  The library keeps its
# flags.
TEST_CFLAGS ?= -O0
SAN = address,undefined
SAN_FLAGS = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all

.PHONY: need-check
need-check: need-lib
	@scripts/need libcmocka-dev libevent-dev

# Three lanes run in parallel, for two cores: tests wait for a third of their time.
# The parts that install into $(STAGE) are in the first lane; the others find the
# library built, or build one of their own.
CHECKS_PLAIN = check-style abi-test man-test check-tool regress conformance \
	rpc-cross check-valgrind
CHECKS_ASAN = check-asan fuzz-replay check-system
CHECKS_BUILD = build-test rpcgen-test check-clang check-tsan
# The parts that make check-full has in addition.
CHECKS_REST = check-memory rpcgen-compile-all coverage
check_logs = $(BUILD)/check

.PHONY: check check-plain check-sanitize check-build check-rest check-full \
	check-need
# A warning fails the check; a user's build only prints it.
check check-rest: export WERROR = -Werror
check: check-need ## what a change has to pass; installs what it lacks
	@rm -rf $(check_logs) && mkdir -p $(check_logs)
	@$(MAKE) --no-print-directory -j2 lib tools $(fuzz_gen)
	@failed=; $(MAKE) --no-print-directory -k -j3 check-plain check-sanitize \
	    check-build || failed=1; tests/summary $(check_logs); \
	    test -z "$$failed"

check-need:
	@scripts/need $(LIB_PACKAGES) libcmocka-dev libevent-dev lcov \
	    valgrind clang libclang-rt-dev gcc-multilib g++ python3 mandoc

check-plain:
	+@tests/parts $(check_logs) $(CHECKS_PLAIN)

check-sanitize:
	+@tests/parts $(check_logs) $(CHECKS_ASAN)

check-build:
	+@tests/parts $(check_logs) $(CHECKS_BUILD)

# The slow parts: the same tests again, under slower tools.
check-rest: check-need ## what check-full has in addition to check
	@rm -rf $(check_logs)-rest && mkdir -p $(check_logs)-rest
	+@failed=; tests/parts $(check_logs)-rest $(CHECKS_REST) || failed=1; \
	    tests/summary $(check_logs)-rest; test -z "$$failed"

check-full: ## check, all tests under valgrind, and the coverage
	@failed=; $(MAKE) --no-print-directory check || failed=1; \
	    $(MAKE) --no-print-directory check-rest || failed=1; \
	    test -z "$$failed"

# The conformance suite against Debian's libevent: the tests' tags have to be true.
.PHONY: check-system
check-system: export TEST_TAGGED_TIMEOUT = 1
check-system: ## the conformance suite against Debian's libevent
	$(MAKE) conformance LIBEVENT=system

.PHONY: check-asan
check-asan: ## the tests under AddressSanitizer and UBSan
	$(MAKE) regress rpcgen-code conformance BUILD=$(BUILD)/asan \
		CFLAGS="$(SAN_FLAGS) -fsanitize=$(SAN)"

.PHONY: check-tsan
check-tsan: ## the tests with threads under ThreadSanitizer
	$(MAKE) regress BUILD=$(BUILD)/tsan \
		SUITES="threads buffer_threads http_threads wakeup dns_addresses" \
		CFLAGS="$(SAN_FLAGS) -fsanitize=thread"

# Wrong memory accesses.  check-asan finds leaks, and runs the tests that count calls
# or make allocations fail, which under valgrind would count valgrind's calls, too.
# The tests of HTTP, of evrpc and of the loop's conformance take too long here: make
# check has them under AddressSanitizer alone, check-memory under valgrind.
.PHONY: check-valgrind
check-valgrind: export TEST_TIMEOUT = 300
check-valgrind: export TEST_JOBS = 4
# The search for leaks at the end of each child would take as long as its test.
check-valgrind: VALGRIND += --leak-check=no --vex-guest-chase=no
check-valgrind: ## wrong memory accesses, by valgrind
	$(MAKE) regress WRAP="$(VALGRIND)" \
	    TESTS="$(filter-out http_% rpc_%,$(VALGRIND_REGRESS))"
	$(MAKE) conformance CONFORMANCE_WRAP="$(VALGRIND)" \
	    CONFORMANCE_ARGS="$(filter-out http_% rpc_% $(LOOP_CONFORMANCE),\
		$(VALGRIND_CONFORMANCE))"

# All tests, for leaks as well; one at a time, for the sake of those that count.  Left
# out are the tests of HTTP and evrpc that count or make allocations fail, which would
# take hours, and dns_client_oom, whose 48 trials at a time reach the time limit;
# check-asan has all of them.
.PHONY: check-memory
check-memory: export TEST_TIMEOUT = 600
check-memory: VALGRIND += --leak-check=full \
	--errors-for-leak-kinds=definite,indirect
check-memory: ## all tests under valgrind, leaks as well
	$(MAKE) regress TEST_JOBS=1 WRAP="$(VALGRIND)" \
	    TESTS="$(filter-out http_% rpc_% $(VALGRIND_SLOW),\
		$(call suites,tests/regress))"
	$(MAKE) regress TEST_JOBS=4 WRAP="$(VALGRIND)" \
	    TESTS="$(filter http_% rpc_%,$(filter-out $(VALGRIND_SLOW),\
		$(call suites,tests/regress)))"
	$(MAKE) conformance TEST_JOBS=4 CONFORMANCE_WRAP="$(VALGRIND)" \
	    CONFORMANCE_ARGS="$(VALGRIND_CONFORMANCE)"

# valgrind runs those suites of regress that count nothing, and all of conformance but
# those with many processes and those that measure their own process.
suites = $(patsubst %.c,%,$(notdir $(wildcard $(1)/*/*.c)))
VALGRIND_REGRESS = $(filter-out $(patsubst %.c,%,$(notdir \
	$(shell grep -l '^.include "wrap.h"' tests/regress/*/*.c))),\
	$(call suites,tests/regress))
VALGRIND_CONFORMANCE = $(filter-out dns_fork% http_server_process,\
	$(call suites,tests/conformance))
LOOP_CONFORMANCE = $(patsubst %.c,%,$(notdir \
	$(wildcard tests/conformance/loop/*.c)))
VALGRIND_SLOW = http_accept http_cost http_client_cost http_oom \
	http_client_oom http_soak dns_client_oom rpc_oom
VALGRIND = valgrind -q --trace-children=yes --error-exitcode=99 \
	--child-silent-after-fork=no

# Also without <sys/queue.h>, as with musl: a macro that src/support/queue.h lacks
# stops this build.
.PHONY: check-clang
# clang's UBSan reports arithmetic on null pointers, which gcc's does not.
check-clang: ## clang and its UBSan, our own list macros, the regression tests
	@scripts/need clang libclang-rt-dev
	$(MAKE) lib regress BUILD=$(BUILD)/clang CC=$(CLANG) \
	    CFLAGS="-O1 -g -fsanitize=undefined -fno-sanitize-recover=all" \
	    CPPFLAGS="$(CPPFLAGS) -DEVI_OWN_QUEUE"

# Each of these four scripts says at its top what it checks.
.PHONY: check-style
check-style: lib ## format, names, words, direction of calls, documents
	@scripts/need python3 binutils
	tests/style
	tests/graph $(BUILD)/obj
	tests/fields
	tests/words

# tests/words lists the words that docs/style.md says not to use, and where they are.
.PHONY: words
words: ## words to avoid, and what to write; FILES="..."
	@scripts/need python3
	@tests/words $(FILES)

.PHONY: coverage
coverage: ## at least 95 % of the lines of src/
	@scripts/need lcov libcmocka-dev
	rm -rf $(BUILD)/coverage
	$(MAKE) regress conformance BUILD=$(BUILD)/coverage \
		CFLAGS="-O0 -g --coverage -fprofile-update=atomic" \
	    LDFLAGS=--coverage
	lcov -q --capture --directory $(BUILD)/coverage/obj \
		--output-file $(BUILD)/coverage/all.info
	lcov -q --extract $(BUILD)/coverage/all.info '*/src/*' \
		--output-file $(BUILD)/coverage/src.info
	lcov --list $(BUILD)/coverage/src.info
	@tests/coverage $(BUILD)/coverage/src.info 95

# MUSL is a prefix with libev, c-ares and cmocka that are built with musl.
.PHONY: check-musl
check-musl: ## with musl's C library; MUSL=/prefix
	@command -v musl-gcc >/dev/null && test -f "$(MUSL)/include/cmocka.h" || { \
	    echo "check-musl needs musl-gcc, and MUSL=/prefix with libev, c-ares," \
	    "cmocka and the kernel's headers for it" >&2; exit 1; }
	$(MAKE) lib regress conformance BUILD=$(BUILD)/musl CC=musl-gcc \
	    CPPFLAGS="-idirafter $(MUSL)/include" \
	    LDFLAGS="-L$(MUSL)/lib -Wl,-rpath,$(MUSL)/lib"
