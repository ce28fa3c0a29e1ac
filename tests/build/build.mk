# SPDX-License-Identifier: BSD-3-Clause
#
# make build-test: the library is built and installed wherever somebody likes.
#
#	build-need	what it is built from is found where the compiler finds it
#	build-install	everybody can read what is installed
#	build-blank	a checkout in a folder with a blank in its name
#	build-flags	the user's flags come last
#	build-versions	one version everywhere
#	build-dist	the tarball

BUILD_TESTS = build-need build-install build-blank build-flags \
	build-versions build-dist

.PHONY: build-test $(BUILD_TESTS)
build-test: $(BUILD_TESTS) ## installation, flags, versions, the tarball

build-need: need-lib
	@CC='$(CC)' MAKE='$(MAKE)' tests/build/need.sh $(BUILD)

build-install: lib
	@MAKE='$(MAKE)' tests/build/install.sh $(BUILD)

build-blank: need-check
	@MAKE='$(MAKE)' tests/build/blank.sh $(BUILD)

build-flags: need-lib
	@MAKE='$(MAKE)' tests/build/flags.sh $(BUILD)

build-versions: lib tools
	@MAKE='$(MAKE)' tests/build/versions.sh $(BUILD) $(VERSION) $(ABI_VERSION)

build-dist:
	@tests/build/dist.sh $(BUILD) $(VERSION)
