# SPDX-License-Identifier: BSD-3-Clause
#
# make relink: programs of other people, from Debian's source packages, built
# against the drop-in prefix as they are, and tested.  RELINK_PREFIX names some
# other libevent to do the same with.  Needs a network; nothing else does.

RELINK = $(abspath $(BUILD)/relink)
RELINK_PREFIX = $(abspath $(DROPIN))

.PHONY: relink
relink: stage ## Debian's programs on this library; with a network
	@scripts/need gcc pkg-config dpkg-dev bind9-dnsutils bison flex \
	    libbsd-dev libwrap0-dev libsystemd-dev libtirpc-dev \
	    libncurses-dev lua5.1 liblua5.1-0-dev lua-socket lua-busted \
	    libgroonga-dev groonga-bin groonga-plugin-suggest \
	    libmsgpack-dev libzmq3-dev curl
	@relink/relink "$(RELINK)" "$(RELINK_PREFIX)" \
	    "$(abspath $(STAGE))/bin/evcompat-check"
