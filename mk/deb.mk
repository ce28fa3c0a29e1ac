# SPDX-License-Identifier: BSD-3-Clause
#
# make deb installs through apt what packages are built with.  DEB_BUILD_OPTIONS=
# (empty) also runs the tests that dpkg-buildpackage runs.
#
# make check-deb SUITE=trixie, as root, builds packages in a root of that Debian
# release, twice, without a network and in different folders; then it looks at
# them, installs, uses and removes them.  Roots are made as for check-distro, and
# kept below build/deb/roots.

DEB = $(BUILD)/deb
DEB_PACKAGES = build-essential debhelper libc-ares-dev libev-dev pkgconf
DEB_BUILD_OPTIONS ?= nocheck

.PHONY: dist deb check-deb
dist: ## the tarball: build/libevcompat-VERSION.tar.gz
	@scripts/dist "$(BUILD)" $(VERSION)

deb: export DEB_BUILD_OPTIONS := $(DEB_BUILD_OPTIONS)
deb: ## Debian packages, in build/deb
	@scripts/need $(DEB_PACKAGES) $(if $(findstring nocheck,\
		$(DEB_BUILD_OPTIONS)),,libcmocka-dev libevent-dev)
	@scripts/deb "$(DEB)" $(VERSION)

check-deb: ## builds, installs, removes them; as root; SUITE=trixie
	@test -n "$(SUITE)" || { echo "check-deb needs SUITE=trixie," \
	    "bookworm or another release of Debian" >&2; exit 1; }
	@tests/deb/check.sh "$(abspath $(DEB))/roots" $(SUITE) $(ARCH)

# Targets that tests/deb/check.sh makes in its roots.
.PHONY: deb-build-test deb-beside-libevent deb-beside-libev
deb-build-test:
	@tests/deb/build.sh

deb-beside-libevent deb-beside-libev: deb-beside-%:
	@tests/deb/beside.sh $*
