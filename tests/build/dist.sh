#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dist.sh BUILD VERSION: checks that the tarball has what a build needs and not
# what only Debian's packages need, and that `make dist` from the tarball makes
# the same one, byte for byte, at another time and with another umask.
set -eu

out=$1/build/dist
name=libevcompat-$2
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)

scripts/dist "$out" "$2" >/dev/null
tar -xzf "$out/$name.tar.gz" -C "$out"
cd "$out/$name"
for file in Makefile NEWS LICENSE compat/event.h src/exports.map; do
	test -f "$file"
done
test ! -e debian
find . -exec touch -h {} +
(umask 077 && scripts/dist "$out/again" "$2" >/dev/null)
cmp "$out/$name.tar.gz" "$out/again/$name.tar.gz"
echo "dist: $name.tar.gz makes itself, $(tar -tzf ../$name.tar.gz | wc -l) files"
