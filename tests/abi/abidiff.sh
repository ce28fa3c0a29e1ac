#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# abidiff.sh BUILD PREFIX: checks that each difference that abidiff finds
# between the libevent 1.4 installed in PREFIX and our library in the drop-in
# prefix is in abidiff.suppr.  abidiff reads debug information, so both
# libraries must be built with -g.  Types that no public header defines do not
# count, nor do the sonames.
set -eu

here=$(dirname "$0")
build=$1
prefix=$2
stage=$build/stage
out=$build/abi/abidiff
name=libevent-1.4.so.2
mkdir -p "$out"

if [ "$(cat "$build/time_t")" = 8 ]; then
	echo "abidiff: no binaries of libevent 1.4 have this time_t"
	exit 0
fi

theirs=$prefix/lib/$name
ours=$stage/lib/libevent-compat/dropin/lib/$name
for library in "$theirs" "$ours"; do
	readelf -S "$library" | grep -q '\.debug_info' && continue
	echo "abidiff: $library: not there, or not built with -g" >&2
	exit 1
done

# Compares a build without the two bytes that our struct bufferevent keeps in a
# gap.  A suppression for them would suppress all other changes of that struct as
# well.
abidw --headers-dir "$stage/include/libevent-compat" \
	--out-file "$out/ours.whole.abi" "$ours"
sed "/<data-member /{N;/name='credit'.*event\.h\|name='error'.*event\.h/{N;d}}" \
	"$out/ours.whole.abi" >"$out/ours.abi"

if ! abidiff --suppressions "$here/abidiff.suppr" --ignore-soname \
	--headers-dir1 "$prefix/include" "$theirs" "$out/ours.abi" \
	>"$out/report"; then
	echo "abidiff: $ours is not as $theirs:" >&2
	cat "$out/report" >&2
	exit 1
fi
echo "abidiff: what is public is as in $prefix"
