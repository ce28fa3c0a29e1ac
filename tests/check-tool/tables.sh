#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# tables.sh BUILD: checks the tables of evcompat-check.  Each row of COMPAT.md's
# tables "different here" has its line in tools/different.txt, and the other way
# round; the functions there are libevent's or the C library's; and
# libevent-2.1.txt is what a libevent 2.1 exports.
set -eu
export LC_ALL=C

here=$(dirname "$0")
build=$1
out=$build/check-tool/tables
rm -rf "$out"
mkdir -p "$out"
. "$here/lib.sh"

different() {
	sed -n '/^| different here /,/^$/p' COMPAT.md | grep '^|' |
		grep -v -e '^| different here ' -e '^| ---'
}
different | sed 's/^| //' >"$out/rows"
grep -v -e '^#' -e '^$' tools/different.txt >"$out/lines"

# Prints the rows without exactly one line, and the lines without exactly one
# row.
paired() {
	awk -F '\t' '
		FNR == NR { beginning[++n] = $3; next }
		{
			found = 0
			for (i = 1; i <= n; i++)
				if (index($0, beginning[i]) == 1) {
					found++
					rows[i]++
				}
			if (found != 1) {
				print found " lines in tools/different.txt: " $0
				bad = 1
			}
		}
		END {
			for (i = 1; i <= n; i++)
				if (rows[i] != 1) {
					print rows[i] + 0 " rows in COMPAT.md: " \
					    beginning[i]
					bad = 1
				}
			exit bad
		}' "$out/lines" "$out/rows"
}
holds each_difference_of_compat_md_has_its_line paired

well_formed() {
	! awk -F '\t' 'NF != 3 || ($1 != "look" && $1 != "note") || $2 == "" {
		print "not three columns: " $0 }' "$out/lines" | grep .
}
holds lines_have_three_columns well_formed
separator() { ! different | grep -v '^| .* | .* |'; }
holds rows_have_their_separator separator

# All names that a line of different.txt may have.
libc=$(readlink -f "$("$build/stage/bin/evcompat-check" --interpreter \
	"$build/stage/bin/evcompat-check")")
{
	cat tests/abi/libevent-1.4.15.txt
	sed -n '/global:/,/local:/p' src/exports.map | tr -d ' \t;'
	for file in "$libc" "$($CC -print-file-name=libc.so.6)"; do
		if [ -f "$file" ]; then
			nm -D --defined-only "$file" |
				awk '{ sub(/@.*/, "", $3); print $3 }'
		fi
	done
} | sort -u >"$out/known"
functions_are_known() {
	cut -f 2 "$out/lines" | tr ' +' '\n\n' | grep -v -e '^-$' | sort -u |
		while read -r name; do
			case $name in
			*\*) grep -q "^${name%\*}" "$out/known" ;;
			*) grep -qx -e "$name" "$out/known" ;;
			esac || echo "unknown: $name"
		done >"$out/unknown"
	cat "$out/unknown"
	[ ! -s "$out/unknown" ]
}
holds functions_of_the_lines_are_there functions_are_known

# The tables in the tool have all rows.
tabled() {
	rows=$(grep -c . "$out/rows")
	tabled=$(sed -n '/differences\[\]/,$p' "$build/tools/tables.h" |
		grep -c ', \(true\|false\)},$')
	echo "$rows rows, $tabled in the table"
	[ "$rows" = "$tabled" ]
}
holds all_rows_are_in_the_tool tabled

system=$(for part in '' _openssl _pthreads; do
	$CC -print-file-name="libevent$part.so"
done)
same_exports() {
	# shellcheck disable=SC2086
	nm -D --defined-only $system | awk 'NF == 3 &&
		$3 ~ /^(ev|buffer|libevent).*[^_]$/ { print $3 }' |
		sort -u | diff tools/libevent-2.1.txt -
}
if strings -a "$(echo "$system" | head -n 1)" 2>/dev/null |
	grep -q '^2\.1\.12-stable$'; then
	holds names_of_libevent_2_are_those_of_the_systems same_exports
fi
conclude tables
