#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# versions.sh BUILD VERSION ABI: checks that the header's version is that of
# everything else, that Debian's list of symbols has each exported name, and that
# the pkg-config files have the right folders, versions and libraries.
set -eu
export LC_ALL=C

build=$1
version=$2
abi=$3
out=$build/build/versions
rm -rf "$out"
mkdir -p "$out"

# same WHAT VERSION: fails if VERSION is not the header's.
same() {
	if [ "$2" != "$version" ]; then
		echo "versions: $1 is of '$2', not of '$version'" >&2
		exit 1
	fi
}

same event_rpcgen.py "$(sed -n 's/^VERSION = "\(.*\)"/\1/p' rpcgen/event_rpcgen.py)"
same NEWS "$(sed -n '/^[0-9]/{s/ .*//p;q}' NEWS)"
same packaging/rpm "$(sed -n 's/^Version: *//p' packaging/rpm/libevcompat.spec)"
same packaging/alpine "$(sed -n 's/^pkgver=//p' packaging/alpine/APKBUILD)"
# The tarball is without debian/.
if [ -d debian ]; then
	same debian/changelog \
		"$(sed -n '1s/.*(\(.*\)-[^-]*).*/\1/p' debian/changelog)"
	sed '/local:/,$d' src/exports.map | sed -n 's/^[ \t]*\([^ \t]*\);$/\1/p' |
		sort >"$out/exports"
	sed -n 's/^ \(.*\)@Base [0-9.]*$/\1/p' debian/libevcompat1.symbols |
		sort >"$out/symbols"
	if ! diff "$out/exports" "$out/symbols" >&2; then
		echo "versions: debian/libevcompat1.symbols (>) is not" \
			"src/exports.map (<)" >&2
		exit 1
	fi
fi

$MAKE -s -o lib -o tools install BUILD="$build" DESTDIR="$out/root" \
	PREFIX='/opt/my libs' LIBDIR='/opt/my libs/lib/here' \
	INCLUDEDIR='/srv/opt/my libs/include' >/dev/null
libs="$out/root/opt/my libs/lib/here"

# says NAME VARIABLE VALUE: fails if VARIABLE of NAME.pc in PKG_CONFIG_PATH has
# another value.  pkg-config prints some blanks with a backslash, others without.
says() {
	value=$(pkg-config --variable="$2" "$1" | tr -d '\134')
	if [ "$value" != "$3" ]; then
		echo "versions: $2 of $1.pc is '$value', not '$3'" >&2
		exit 1
	fi
}

# needs NAME: checks the version of the interface in NAME.pc, and that it has -lev
# and -lcares only for programs that are linked with -static.
needs() {
	test "$(pkg-config --modversion "$1")" = "$abi"
	if pkg-config --exists libcares; then
		test "$(pkg-config --print-requires-private "$1")" = libcares
	fi
	pkg-config --static --libs "$1" | grep -e '-lev ' | grep -qe -lcares
	pkg-config --libs "$1" | grep -vqe '-lev ' -e -lcares
}

export PKG_CONFIG_PATH="$libs/pkgconfig"
says libevent-compat prefix '/opt/my libs'
says libevent-compat libdir '/opt/my libs/lib/here'
says libevent-compat includedir '/srv/opt/my libs/include/libevent-compat'
says libevent-compat evcompat_version "$version"
needs libevent-compat
PKG_CONFIG_PATH="$libs/libevent-compat/dropin/lib/pkgconfig"
says libevent prefix '/opt/my libs/lib/here/libevent-compat/dropin'
says libevent evcompat_version "$version"
needs libevent
echo "versions: $version everywhere, of the interface $abi"
