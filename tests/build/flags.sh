#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# flags.sh BUILD: the user's CPPFLAGS, CFLAGS and LDFLAGS come after the project's
# on every command line, so that the user's flags override ours, as distributions
# that harden programs need.  `make -n` shows the lines.
set -eu

out=$1/build/flags
mkdir -p "$out"
unset MAKEFLAGS

$MAKE -n -B BUILD="$1" CPPFLAGS=-Dcppflags CFLAGS=-Dcflags LDFLAGS=-Wl,ldflags \
	lib tools 2>/dev/null |
	sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' >"$out/lines"

# ends FILE FLAG...: the line that makes FILE has these flags, and no flag of
# ours after any of them.
ends() {
	file=$1
	shift
	if ! grep -e "-o [^ ]*/$file " "$out/lines" >"$out/line"; then
		echo "flags: no line makes $file" >&2
		exit 1
	fi
	for flag; do
		if ! grep -qe "$flag" "$out/line" ||
			sed "s/.*$flag//" "$out/line" |
			grep -Eq ' -(f|W[^l]|std|D_|shared|Wl,-)'; then
			echo "flags: '$flag' is not the last for $file:" >&2
			cat "$out/line" >&2
			exit 1
		fi
	done
}

ends obj/base/base.o -Dcppflags -Dcflags
ends tools/check.o -Dcppflags -Dcflags
ends libevcompat.so.1 -Dcflags -Wl,ldflags
echo "flags: the user's come last"
