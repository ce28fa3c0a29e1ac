# SPDX-License-Identifier: BSD-3-Clause
#
# make relink: builds programs of other people, from Debian's source packages,
# unchanged with the drop-in prefix, and tests them.  Needs a network; nothing
# else does.  ONLY="nsd unbound" leaves out the others; RELINK_PREFIX names some
# other libevent to do the same with.

RELINK = $(abspath $(BUILD)/relink)
RELINK_PREFIX = $(abspath $(DROPIN))
RELINK_PROGRAMS = inetd nsd tmux lua-event groonga unbound opensmtpd bitlbee

## ONLY=unbound: these programs alone, of those of make relink
ONLY ?=
relink_programs = $(or $(ONLY),$(RELINK_PROGRAMS))

# What each is built from and tested with.
needs_inetd = libbsd-dev libwrap0-dev libsystemd-dev libtirpc-dev
needs_nsd = bind9-dnsutils bison flex
needs_tmux = bison libncurses-dev
needs_lua-event = lua5.1 liblua5.1-0-dev lua-socket lua-busted
needs_groonga = libgroonga-dev groonga-bin groonga-plugin-suggest \
	libmsgpack-dev libzmq3-dev curl
needs_unbound = bind9-dnsutils bison flex libexpat1-dev libssl-dev
needs_opensmtpd = bison libssl-dev zlib1g-dev
needs_bitlbee = libglib2.0-dev libgnutls28-dev

.PHONY: relink
relink: stage ## Debian's programs on this library; with a network
	@$(foreach p,$(filter-out $(RELINK_PROGRAMS),$(ONLY)),\
	    echo "relink: no $(p); there are: $(RELINK_PROGRAMS)" >&2; exit 1;)
	@scripts/need gcc pkg-config dpkg-dev \
	    $(sort $(foreach p,$(relink_programs),$(needs_$(p))))
	@relink/relink "$(RELINK)" "$(RELINK_PREFIX)" \
	    "$(abspath $(STAGE))/bin/evcompat-check" $(relink_programs)
