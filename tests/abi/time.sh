#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# time.sh BUILD MACHINE...: checks that a program with a time_t of another size
# than the library's does not compile, in C or C++; and that the libraries for
# binaries of libevent 1.4 are not installed where 1.4 had no such size.  The
# machines are options of the compiler.
set -eu

build=$1
shift
out=$build/abi/time
mkdir -p "$out"
wide='-D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64'

# has_time_t SIZE OPTION...: whether a time_t has SIZE bytes with these options.
has_time_t() {
	wanted=$1
	shift
	printf '#include <sys/types.h>\nchar is[sizeof(time_t) == %s ? 1 : -1];' \
		"$wanted" | $CC "$@" -x c -fsyntax-only - 2>/dev/null
}

# compiles yes|no INCLUDEDIR OPTION...: whether every header does; if not, the
# message says why.
compiles() {
	wanted=$1
	inc=$2
	shift 2
	for header in event evutil evdns evhttp evrpc; do
		for language in "$CC -x c -std=c89" "$CXX -x c++ -std=c++11"; do
			is=yes
			# shellcheck disable=SC2086
			echo "#include <$header.h>" | $language "$@" -I"$inc" \
				-pedantic -Wall -Wextra -Werror -fsyntax-only \
				- 2>"$out/err" || is=no
			if [ $is = no ]; then
				grep -q time_t_has_another_size "$out/err" ||
					is=broken
			fi
			[ $is = "$wanted" ] && continue
			cat "$out/err" >&2
			echo "time: $language $*: $header.h compiles: $is" >&2
			exit 1
		done
	done
}

# noted SIZE INCLUDEDIR: the same headers of a library with that size.
noted() {
	mkdir -p "$2"
	cp "$build"/stage/include/libevent-compat/*.h "$2"
	sed -i "s/\(define _EVENT_SIZEOF_TIME_T\) .*/\1 $1/" \
		"$2/event-config.h"
	grep -q "TIME_T $1\$" "$2/event-config.h"
}

# size OPTION...: bytes in a time_t.
size() {
	if has_time_t 8 "$@"; then echo 8; else echo 4; fi
}

noted 4 "$out/4"
noted 8 "$out/8"
installed=$build/stage/include/libevent-compat
for machine; do
	# shellcheck disable=SC2086
	{
		size=$(size $machine $CFLAGS)
		compiles yes "$out/$size" $machine $CFLAGS
		compiles no "$out/$((12 - size))" $machine $CFLAGS
		compiles yes "$installed" $machine $CFLAGS
		[ "$size" = "$(size $machine $CFLAGS $wide)" ] ||
			compiles no "$installed" $machine $CFLAGS $wide
	}
done

# names TIME_T: those of the libraries, where that is noted of a build.
names() {
	mkdir -p "$out/build"
	cp -R "$build/libevcompat.so.1" "$build/libevcompat.a" "$build/tools" \
		"$out/build"
	echo "$1" >"$out/build/time_t"
	rm -rf "$out/prefix"
	$MAKE -s -o lib -o tools install BUILD="$out/build" PREFIX="$out/prefix" \
		LIBDIR="$out/prefix/lib" INCLUDEDIR="$out/prefix/include" \
		MANDIR="$out/prefix/man" INSTALLED=: DESTDIR=
	ls "$out/prefix/lib/libevent-compat/dropin/lib"
}

names _EVENT_SIZEOF_LONG >"$out/long"
names 8 >"$out/longer"
grep -v '1\.4\.so\.2' "$out/long" | diff - "$out/longer"
[ "$(grep -c '1\.4\.so\.2' "$out/long")" = 3 ]
echo "time: a program with a time_t of another size does not compile"
