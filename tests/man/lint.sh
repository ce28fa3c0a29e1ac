#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# lint.sh BUILD PAGE...: mandoc finds nothing to complain of.  Whether another
# manual is there is asked here, not of what this machine has installed: it is
# one of ours, or stands in others.txt.
set -eu
export LC_ALL=C

here=$(dirname "$0")
out=$1/man
shift
mkdir -p "$out"
failed=

mandoc -Tlint -W style "$@" 2>/dev/null |
	grep -v 'referenced manual not found' >"$out/lint" || true
if [ -s "$out/lint" ]; then
	cat "$out/lint" >&2
	failed=yes
fi

for page; do
	section=${page##*.}
	scripts/man-names "$page" | sed "s/\$/ $section/"
done | sort - "$here/others.txt" >"$out/manuals"
awk '/^[.]Xr / { print $2, $3 }' "$@" | sort -u >"$out/references"
if ! comm -13 "$out/manuals" "$out/references" >"$out/dangling" ||
	[ -s "$out/dangling" ]; then
	echo "man: no such manual, for all that others.txt says:" >&2
	sed 's/^/	/' "$out/dangling" >&2
	failed=yes
fi

# The file's name, the title and the first name are one.
for page; do
	file=$(basename "$page")
	title=$(awk '$1 == ".Dt" { print tolower($2) "." $3 }' "$page")
	first=$(scripts/man-names "$page" | head -n 1).${file##*.}
	if [ "$title" != "$file" ] || [ "$first" != "$file" ]; then
		echo "man: $page is called $title and $first" >&2
		failed=yes
	fi
done

[ -z "$failed" ]
echo "man: $# pages, $(wc -l <"$out/references") references"
