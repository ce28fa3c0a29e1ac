#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# examples.sh BUILD PAGE...: compiles and runs the examples of manual pages
# against what is staged in BUILD, as they stand there.  In the page
#
#	.\" example [if NAME] [LIBRARY...]
#
# goes before the .Bd -literal of a whole program, and .\" output before that of
# what it prints.  The program has to exit with 0.  One with "if NAME" is left
# out if the library does not export NAME.
set -eu

here=$(dirname "$0")
build=$1
out=$build/man/examples
shift
rm -rf "$out"
mkdir -p "$out"
stage=$(cd "$build/stage" && pwd)
failed=
count=0

complain() {
	echo "man: the example $1" >&2
	failed=yes
}

# shellcheck disable=SC2086
runs() {
	name=$1
	libraries=$2
	if ! $CC $CFLAGS -I"$stage/include/libevent-compat" \
		-o "$out/$name" "$out/$name.c" $LDFLAGS -L"$stage/lib" \
		-levcompat -Wl,-rpath,"$stage/lib" $libraries >&2; then
		complain "$name does not compile"
	elif ! timeout 60 "$out/$name" >"$out/$name.printed" </dev/null; then
		complain "$name fails"
	elif [ -f "$out/$name.output" ] &&
		! diff -u "$out/$name.output" "$out/$name.printed" >&2; then
		complain "$name prints something else"
	fi
}

for page; do
	awk -v out="$out" -f "$here/examples.awk" "$page"
done >"$out/list"

while read -r name condition libraries; do
	if [ "$condition" != - ] &&
		! grep -q "^	$condition;" src/exports.map; then
		echo "man: the example $name waits for $condition()"
		continue
	fi
	runs "$name" "$libraries"
	count=$((count + 1))
done <"$out/list"

[ "$count" -gt 0 ] || complain "is missing: there is none"
[ -z "$failed" ]
echo "man: $count examples run"
