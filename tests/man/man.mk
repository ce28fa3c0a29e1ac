# SPDX-License-Identifier: BSD-3-Clause
#
# make man-test: the manual pages of sections 3 and 7.
#
#	man-lint	mandoc has nothing to say about them
#	man-names	every public function has a page, and the reverse
#	man-synopsis	what a page declares is what the header declares
#	man-examples	the examples compile, run, and print what the page says

MAN_TESTS = man-lint man-names man-synopsis man-examples

.PHONY: man-test $(MAN_TESTS)
man-test: $(MAN_TESTS) ## the manual pages: mandoc, names, types, examples

man-lint:
	@scripts/need mandoc
	@tests/man/lint.sh $(BUILD) $(MAN_PAGES)

man-names:
	@tests/man/names.sh $(BUILD) $(MAN_PAGES)

man-synopsis: need-lib
	@CC='$(CC)' tests/man/synopsis.sh $(BUILD) $(filter %.3,$(MAN_PAGES))

man-examples: stage
	@CC='$(CC)' CFLAGS='$(CFLAGS) $(WARN) -Werror' LDFLAGS='$(LDFLAGS)' \
		tests/man/examples.sh $(BUILD) $(MAN_PAGES)
