#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# install.sh BUILD: checks that everybody can read what root installs with a
# umask of 077, and that `make uninstall` removes all of it.  The folder has a
# blank in its name.
set -eu

build=$1
out=$build/build/install
rm -rf "$out"
mkdir -p "$out"

# makes TARGET: runs make with a umask of 077, which must not apply to $out
# itself.
makes() {
	(
		umask 077
		$MAKE -s -o lib "$1" BUILD="$build" PREFIX='/opt/my libs' \
			LIBDIR='/opt/my libs/lib' DESTDIR="$out/root" \
			INCLUDEDIR='/opt/my libs/include' \
			BINDIR='/opt/my libs/bin' \
			MANDIR='/opt/my libs/share/man'
	)
}

# Prints a line for each file with wrong permissions, and for each dangling
# link.
wrong() {
	find "$out/root" -mindepth 1 ! -type l \
		! \( -type d -perm 755 \) \
		! \( -type f -name '*.so.1' -perm 755 \) \
		! \( -type f -path '*/bin/*' -perm 755 \) \
		! \( -type f ! -name '*.so.1' ! -path '*/bin/*' -perm 644 \) \
		-printf '%m %P\n'
	find -L "$out/root" -type l -printf 'dangling %P\n'
}

# make writes this file with that umask, too.
rm -f "$build/event-config.h"
makes install
chmod 755 "$out/root"
wrong >"$out/wrong"
if [ -s "$out/wrong" ]; then
	echo "install: with a umask of 077:" >&2
	cat "$out/wrong" >&2
	exit 1
fi
files=$(find "$out/root" -type f | wc -l)
makes uninstall
if find "$out/root" ! -type d | grep .; then
	echo "install: uninstall has not removed these files" >&2
	exit 1
fi
echo "install: $files files that everybody can read"
