#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# headers.sh INCLUDEDIR MACHINE...: compiles every public header alone, every
# two of them in either order, and all together; in C89, C11 and C++; without
# <sys/queue.h>, with it before and with it after; for each MACHINE, an
# option of the compiler.  Alone and together also with EVENT_NO_STRUCT, and with
# EVCOMPAT_HTTP, and with EVCOMPAT_RPC.  CC and CXX name the compilers.
set -eu

inc=$1
shift
headers=$(cd "$inc" && ls -- *.h)
warn='-pedantic -Wall -Wextra -Wshadow -Wundef -Werror'
count=0
failed=0

# try OPTIONS LINE...: one source file of these lines.
try() {
	options=$1
	shift
	count=$((count + 1))
	# shellcheck disable=SC2086
	if ! printf '%s\n' "$@" 'extern int abi_headers;' |
		$options $warn -I"$inc" -fsyntax-only -; then
		printf 'headers: %s fails with:\n' "$options" >&2
		printf '	%s\n' "$@" >&2
		failed=$((failed + 1))
	fi
}

# around OPTIONS FIRST HEADER...: these headers after the line FIRST, with and
# without <sys/queue.h>.
around() {
	options=$1
	first=$2
	shift 2
	lines=$(printf '#include <%s>\n' "$@")
	queue='#include <sys/queue.h>'
	try "$options" "$first" "$lines"
	try "$options" "$first" "$queue" "$lines"
	try "$options" "$first" "$lines" "$queue"
}

# in_all_orders OPTIONS
in_all_orders() {
	for first in '' '#define EVENT_NO_STRUCT' \
	    '#define EVCOMPAT_HTTP' '#define EVCOMPAT_RPC'; do
		for a in $headers; do
			around "$1" "$first" "$a"
		done
		# shellcheck disable=SC2086
		around "$1" "$first" $headers
	done
	for a in $headers; do
		for b in $headers; do
			[ "$a" = "$b" ] || around "$1" '' "$a" "$b"
		done
	done
}

for machine; do
	in_all_orders "$CC $machine -x c -std=c89 -Wstrict-prototypes"
	in_all_orders "$CC $machine -x c -std=c11 -Wstrict-prototypes"
	in_all_orders "$CXX $machine -x c++ -std=c++11"
done

[ "$failed" = 0 ] || exit 1
echo "headers: compiled in $count ways"
