# SPDX-License-Identifier: BSD-3-Clause
#
# make relink-newcomer: builds and runs openbsd-inetd by the commands of
# MIGRATING.md alone.  Needs a network, like make relink.

.PHONY: relink-newcomer
relink-newcomer: ## MIGRATING.md's commands; with a network
	@scripts/need gcc make pkg-config dpkg-dev libev-dev libc-ares-dev \
	    libbsd-dev libwrap0-dev libsystemd-dev libtirpc-dev perl
	@relink/newcomer MIGRATING.md "$(abspath $(BUILD))/newcomer"
