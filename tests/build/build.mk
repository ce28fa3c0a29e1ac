# SPDX-License-Identifier: BSD-3-Clause
#
# make build-test: the library is built and installed wherever somebody likes.
#
#	build-need	what it is built from is found where the compiler finds it

BUILD_TESTS = build-need

.PHONY: build-test $(BUILD_TESTS)
build-test: $(BUILD_TESTS)

build-need: need-lib
	@CC='$(CC)' MAKE='$(MAKE)' tests/build/need.sh $(BUILD)
