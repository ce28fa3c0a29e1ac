#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# headers.sh INCLUDEDIR MACHINE...: compiles every public header alone, every
# two of them in either order, and all together; in C89, C11 and C++; without
# <sys/queue.h>, with it before and with it after; for each MACHINE, an
# option of the compiler.  Alone and together also with EVENT_NO_STRUCT, and with
# EVCOMPAT_HTTP, and with EVCOMPAT_RPC.  Then what event-config.h says about
# <sys/queue.h>.  CC and CXX name the compilers.
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

# queue_macros OPTIONS: event-config.h says that there is <sys/queue.h> where there
# is one, as a program looks for it, and does not where there is none (musl; here
# -nostdinc).
queue_macros() {
	try "$1" '#include <event-config.h>' \
	    '#ifdef _EVENT_HAVE_SYS_QUEUE_H' '#include <sys/queue.h>' \
	    '#elif __has_include(<sys/queue.h>)' \
	    '#error "_EVENT_HAVE_SYS_QUEUE_H is not defined"' '#endif' \
	    '#if defined TAILQ_FOREACH != defined _EVENT_HAVE_TAILQFOREACH' \
	    '#error "_EVENT_HAVE_TAILQFOREACH is wrong"' '#endif'
	try "$1 -nostdinc" '#include <event-config.h>' \
	    '#if defined _EVENT_HAVE_SYS_QUEUE_H || \' \
	    '    defined _EVENT_HAVE_TAILQFOREACH' \
	    '#error "there is no <sys/queue.h>"' '#endif'
}

for machine; do
	for language in 'c -std=c89' 'c -std=c11'; do
		queue_macros "$CC $machine -x $language"
	done
	queue_macros "$CXX $machine -x c++ -std=c++11"
	in_all_orders "$CC $machine -x c -std=c89 -Wstrict-prototypes"
	in_all_orders "$CC $machine -x c -std=c11 -Wstrict-prototypes"
	in_all_orders "$CXX $machine -x c++ -std=c++11"
done

[ "$failed" = 0 ] || exit 1
echo "headers: compiled in $count ways"
