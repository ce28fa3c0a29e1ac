# SPDX-License-Identifier: BSD-3-Clause
#
# The manual pages of sections 3 and 7.  A page is installed once, under the
# name of its file; each other name in its NAME section is a link to it, so that
# `man evbuffer_add` finds evbuffer(3).

MAN_PAGES := $(sort $(wildcard man/*.3 man/*.7))
D_MAN3 = $(DESTDIR)$(MANDIR)/man3
D_MAN7 = $(DESTDIR)$(MANDIR)/man7

# A line "PAGE.3 NAME.3" for each link that is made.
man_links = for page in $(notdir $(filter %.3,$(MAN_PAGES))); do \
	scripts/man-names "man/$$page" | sed "1d;s/^/$$page /;s/$$/.3/"; done

.PHONY: install-man uninstall-man
install: install-man
install-man:
	install -d "$(D_MAN3)" "$(D_MAN7)"
	install -m 644 $(filter %.3,$(MAN_PAGES)) "$(D_MAN3)"
	install -m 644 $(filter %.7,$(MAN_PAGES)) "$(D_MAN7)"
	@$(man_links) | while read -r page name; do \
		ln -sf "$$page" "$(D_MAN3)/$$name" || exit 1; done

uninstall: uninstall-man
uninstall-man:
	for page in $(notdir $(filter %.3,$(MAN_PAGES))); do \
		rm -f "$(D_MAN3)/$$page"; done
	for page in $(notdir $(filter %.7,$(MAN_PAGES))); do \
		rm -f "$(D_MAN7)/$$page"; done
	@$(man_links) | while read -r page name; do \
		rm -f "$(D_MAN3)/$$name"; done
