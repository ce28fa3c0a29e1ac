# SPDX-License-Identifier: BSD-3-Clause
#
# make dist          the tarball: build/libevcompat-VERSION.tar.gz

.PHONY: dist
dist:
	@scripts/dist "$(BUILD)" $(VERSION)

