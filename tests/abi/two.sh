#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# two.sh BUILD: checks that a program gets a warning with the names of both
# files if there is another libevent in its process: linked before ours, after
# it, or loaded later.  The other one is a stub with the file name of a
# libevent.
set -eu

here=$(dirname "$0")
build=$1
out=$build/abi/two
stage=$build/stage
# The run path is relative to the program, as an absolute path may have blanks.
# shellcheck disable=SC2016
shared="-L$stage/lib"' -Wl,-rpath,$ORIGIN/../../stage/lib'
mkdir -p "$out"
other=$(cd "$out" && pwd)/libevent-9.9.so

# shellcheck disable=SC2086
$CC $CFLAGS -I"$stage/include/libevent-compat" -fPIC -shared \
	-Wl,-soname,libevent-9.9.so -o "$other" "$here/stub.c"

# program NAME LIBRARY...: links two.c with the libraries in that order.
program() {
	name=$1
	shift
	# shellcheck disable=SC2086
	$CC $CFLAGS -I"$stage/include/libevent-compat" -o "$out/$name" \
		"$here/two.c" $shared -Wl,--no-as-needed "$@" -ldl \
		-Wl,-rpath,"$out"
}

# says TEXT FILE: the file has one line with the text, and names both files.
says() {
	[ "$(wc -l <"$2")" = 1 ] && grep -q "$1" "$2" &&
		grep -q 'libevent-9\.9\.so' "$2" &&
		grep -q 'libevcompat\.so\.1' "$2" && return
	echo "two: $2: no warning that says '$1':" >&2
	cat "$2" >&2
	exit 1
}

program alone -levcompat
timeout 60 "$out/alone" 2>"$out/alone.err"
[ ! -s "$out/alone.err" ]

program after -levcompat "$other"
timeout 60 "$out/after" 2>"$out/after.err"
says 'another libevent.*is loaded beside libevcompat' "$out/after.err"

# The program calls the stub's event_init(), not ours.
program front "$other" -levcompat
timeout 60 "$out/front" 2>"$out/front.err"
says 'calls the libevent in .* instead of libevcompat' "$out/front.err"

timeout 60 "$out/alone" "$other" >"$out/later.out"
says '^2 another libevent.*is loaded beside libevcompat' "$out/later.out"
echo "two: a second libevent in the process is warned of"
