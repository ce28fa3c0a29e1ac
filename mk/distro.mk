# SPDX-License-Identifier: BSD-3-Clause
#
# make check-distro SUITE=trixie: `make demo` and `make check` in a chroot with that
# Debian release, which is made below $(BUILD) and kept; as root.
#
# ARCH=i386            of another architecture that this machine can run
# CHECK="lib regress"  these targets instead
#
# scripts/distro says which other variables it reads, and what its status means.

##: Other systems

SUITE ?=
ARCH ?=
DISTRO = $(BUILD)/distro

.PHONY: check-distro
check-distro: ## demo and check in a Debian chroot; as root; SUITE=trixie
	@test -n "$(SUITE)" || { echo "check-distro needs SUITE=trixie," \
	    "bookworm or another release of Debian" >&2; exit 1; }
	@$(if $(CHECK),CHECK='$(CHECK)') scripts/distro "$(DISTRO)" $(SUITE) $(ARCH)
