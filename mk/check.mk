# SPDX-License-Identifier: BSD-3-Clause
#
# make check, and its parts.  Each instrumented build has a folder of its own
# below $(BUILD).

CLANG ?= clang
SAN = address,undefined
SAN_FLAGS = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all

.PHONY: need-check
need-check: need-lib
	@scripts/need libcmocka-dev libevent-dev

# Side by side, on two cores: what shares a build is on one side.
CHECKS_PLAIN = check-style abi-test regress conformance check-valgrind
CHECKS_OTHER = check-asan fuzz-replay check-tsan check-clang check-system
check_parts = for part in $(1); do \
		log=$(BUILD)/check/$$part; \
		$(MAKE) --no-print-directory -j1 $$part >$$log 2>&1 || { \
			cat $$log; echo "check: $$part FAILED"; exit 1; \
		}; \
		echo "check: $$part"; \
		grep -E '^[a-z0-9].*(: | the same)' $$log | \
			grep -vE '^(make|cc|g?cc|clang)' | sed 's/^/    /'; \
	done; true

.PHONY: check check-plain check-other
check:
	@scripts/need $(LIB_PACKAGES) libcmocka-dev libevent-dev lcov \
		valgrind clang libclang-rt-14-dev gcc-multilib g++
	@mkdir -p $(BUILD)/check
	@$(MAKE) --no-print-directory -j2 check-plain check-other
	@tests/summary $(CHECKS_PLAIN:%=$(BUILD)/check/%) \
		$(CHECKS_OTHER:%=$(BUILD)/check/%)

check-plain:
	@$(call check_parts,$(CHECKS_PLAIN))

check-other:
	@$(call check_parts,$(CHECKS_OTHER))

# The same sources against Debian's libevent: the tags of the tests hold.
.PHONY: check-system
check-system: export TEST_TAGGED_TIMEOUT = 1
check-system:
	$(MAKE) conformance LIBEVENT=system

.PHONY: check-asan
check-asan:
	$(MAKE) regress conformance BUILD=$(BUILD)/asan \
		CFLAGS="$(SAN_FLAGS) -fsanitize=$(SAN)"

.PHONY: check-tsan
check-tsan:
	$(MAKE) regress BUILD=$(BUILD)/tsan TESTS="threads buffer_threads" \
		CFLAGS="$(SAN_FLAGS) -fsanitize=thread"

# The tests that count calls and bytes mean the plain program.
.PHONY: check-valgrind
check-valgrind: export TEST_TIMEOUT = 300
check-valgrind:
	$(MAKE) regress WRAP="$(VALGRIND)"
	$(MAKE) conformance CONFORMANCE_WRAP="$(VALGRIND)" \
		CONFORMANCE_ARGS="$(VALGRIND_SUITES)"

# All but those with many processes, which are in check-asan.
VALGRIND_SUITES = $(filter-out dns_fork%,$(patsubst tests/conformance/%.c,%,\
	$(wildcard tests/conformance/*.c)))
VALGRIND = valgrind -q --trace-children=yes --error-exitcode=99 \
	--leak-check=full --errors-for-leak-kinds=definite,indirect \
	--child-silent-after-fork=no

.PHONY: check-clang
check-clang:
	$(MAKE) lib regress BUILD=$(BUILD)/clang CC=$(CLANG)

# Foreign engines in one file each; nothing above the loop sees its inside.
.PHONY: check-style
check-style:
	tests/style

.PHONY: coverage
coverage:
	@scripts/need lcov libcmocka-dev
	rm -rf $(BUILD)/coverage
	$(MAKE) regress conformance BUILD=$(BUILD)/coverage \
		CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage
	lcov -q --capture --directory $(BUILD)/coverage/obj \
		--output-file $(BUILD)/coverage/all.info
	lcov -q --extract $(BUILD)/coverage/all.info '*/src/*' \
		--output-file $(BUILD)/coverage/src.info
	lcov --list $(BUILD)/coverage/src.info
	@tests/coverage $(BUILD)/coverage/src.info 95

# With musl's C library, against libev, c-ares and cmocka that are built for it.
.PHONY: check-musl
check-musl:
	@command -v musl-gcc >/dev/null && test -f "$(MUSL)/include/cmocka.h" || { \
	    echo "check-musl needs musl-gcc, and MUSL=/prefix with libev, c-ares," \
	    "cmocka and the kernel's headers for it" >&2; exit 1; }
	$(MAKE) lib regress conformance BUILD=$(BUILD)/musl CC=musl-gcc \
	    CPPFLAGS="-idirafter $(MUSL)/include" \
	    LDFLAGS="-L$(MUSL)/lib -Wl,-rpath,$(MUSL)/lib"
