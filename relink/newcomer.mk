# SPDX-License-Identifier: BSD-3-Clause
#
# make relink-newcomer: somebody who has MIGRATING.md and nothing else brings
# openbsd-inetd to run.  Needs a network, like make relink.

.PHONY: relink-newcomer
relink-newcomer: ## MIGRATING.md's commands; with a network
	@scripts/need gcc make pkg-config dpkg-dev libev-dev libc-ares-dev \
	    libbsd-dev libwrap0-dev libsystemd-dev libtirpc-dev perl
	@relink/newcomer MIGRATING.md "$(abspath $(BUILD))/newcomer"
