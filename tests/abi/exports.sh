#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# exports.sh BUILD: checks that the library exports the names in src/exports.map,
# and that each name which libevent 1.4.15 exported is there or in left-out.txt.
# That file has a name a line, and the reason "internal": no header declares it
# and nothing outside of libevent used it.  Other exports are evcompat_*, or names
# of libevent 2.x in libevent-2.txt.  An archive has no list of exports: its other
# names begin with evi_, or are the compiler's, for the address sanitizer or for
# position-independent code on i386.
set -eu
export LC_ALL=C

here=$(dirname "$0")
build=$1
out=$build/abi/exports
mkdir -p "$out"
failed=

# differ TEXT FILE: complains of the lines in FILE, if there are any.
differ() {
	if [ -s "$2" ]; then
		echo "exports: $1:" >&2
		sed 's/^/	/' "$2" >&2
		failed=yes
	fi
}

# defined NM-OPTION... FILE: the global names that FILE defines.
defined() {
	nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u
}

sed -n '/global:/,/local:/p' src/exports.map | tr -d ' \t;' |
	grep -v ':' | sort >"$out/list"
defined -D "$build/libevcompat.so.1" >"$out/library"
defined "$build/libevcompat.a" |
	grep -Ev "^((evi|__odr_asan)[._]|__x86[.]get_pc_thunk[.])" >"$out/archive"
awk '{ print $1 }' "$here/left-out.txt" | sort >"$out/left-out"
known=$here/libevent-1.4.15.txt

comm -13 "$out/list" "$out/library" >"$out/diff"
differ 'exported, but not in exports.map' "$out/diff"
comm -23 "$out/list" "$out/library" >"$out/diff"
differ 'in exports.map, but not exported' "$out/diff"

comm -12 "$out/library" "$out/left-out" >"$out/diff"
differ 'exported, but left out according to left-out.txt' "$out/diff"
sort "$out/library" "$out/left-out" | comm -23 "$known" - >"$out/diff"
differ 'in libevent 1.4.15, but neither exported nor in left-out.txt' \
	"$out/diff"
comm -13 "$known" "$out/left-out" >"$out/diff"
differ 'in left-out.txt, but not in libevent 1.4.15' "$out/diff"
uniq -d "$out/left-out" >"$out/diff"
differ 'twice in left-out.txt' "$out/diff"
grep -Ev '^[a-z_0-9]+ internal$' "$here/left-out.txt" >"$out/diff" ||
	:
differ 'in left-out.txt without a reason that we know' "$out/diff"
sort "$here/libevent-2.txt" >"$out/from-2"
comm -13 "$known" "$out/library" | grep -v '^evcompat_' |
	comm -23 - "$out/from-2" >"$out/diff"
differ 'exported, but in no libevent that we know, nor evcompat_*' "$out/diff"
comm -13 "$out/library" "$out/from-2" >"$out/diff"
differ 'in libevent-2.txt, but not exported' "$out/diff"
comm -12 "$known" "$out/from-2" >"$out/diff"
differ 'in libevent-2.txt, but a name of libevent 1.4.15' "$out/diff"

comm -13 "$out/list" "$out/archive" >"$out/diff"
differ 'in the archive, but neither exported nor evi_*' "$out/diff"
comm -23 "$out/list" "$out/archive" >"$out/diff"
differ 'exported, but not in the archive' "$out/diff"

[ -z "$failed" ]
echo "exports: $(wc -l <"$out/library") names, and" \
	"$(wc -l <"$out/left-out") of libevent 1.4.15 left out"
