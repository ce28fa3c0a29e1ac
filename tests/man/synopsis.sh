#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# synopsis.sh BUILD PAGE...: a page's SYNOPSIS, as C, is accepted by the compiler
# next to the headers: each function has the type there that it has in the page.
set -eu

here=$(dirname "$0")
out=$1/man
shift
mkdir -p "$out"
failed=

for page; do
	source=$out/$(basename "$page").c
	{
		printf '#include <%s>\n' sys/queue.h stdio.h
		awk -f "$here/synopsis.awk" "$page"
	} >"$source"
	# shellcheck disable=SC2086
	if ! $CC -w -fsyntax-only -Icompat "$source"; then
		echo "man: $page declares what the header does not" >&2
		failed=yes
	fi
done

[ -z "$failed" ]
echo "man: the synopses of $# pages are the same as the headers"
