#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# orders.sh BUILD: links a program with every order of -levcompat and -lev.
# libev's shared library defines 24 functions of libevent's names, so the
# library that is first on the command line gets the calls.  LIBS names what a
# static libevcompat needs.
set -eu

here=$(dirname "$0")
build=$1
out=$build/abi/orders
stage=$build/stage
# The run path is relative to the program, as an absolute path may have blanks.
# shellcheck disable=SC2016
shared="-L$stage/lib"' -Wl,-rpath,$ORIGIN/../../stage/lib'
archive=$stage/lib/libevcompat.a
mkdir -p "$out"

# links PROGRAM SAYS WARNED LIBRARY...: links order.c with the libraries.  The
# program must print SAYS, that is whose functions it calls, "ours" or "theirs";
# WARNED, yes or no, is whether it must print a warning that names the right
# order.  PROGRAM is "plain", which calls only functions that libev has, or
# "beyond", which calls one more.
links() {
	name=$1
	says=$2
	warned=$3
	shift 3
	option=
	[ "$name" = plain ] || option=-DBEYOND
	# shellcheck disable=SC2086
	$CC $CFLAGS $option -I"$stage/include/libevent-compat" \
		-o "$out/$name" "$here/order.c" "$@"
	timeout 60 "$out/$name" >"$out/$name.out" 2>"$out/$name.err"
	is_warned=no
	if grep -q -e '-levcompat before -lev' "$out/$name.err"; then
		is_warned=yes
	fi
	if [ "$says $warned" != "$(cat "$out/$name.out") $is_warned" ]; then
		echo "orders: $*: $name says $(cat "$out/$name.out")," \
			"warned: $is_warned" >&2
		exit 1
	fi
}

# shellcheck disable=SC2086
for program in plain beyond; do
	for needed in --as-needed --no-as-needed; do
		links $program ours no $shared -Wl,$needed -levcompat -lev
		links $program ours no $shared -Wl,$needed -levcompat
		links $program ours no -Wl,$needed "$archive" $LIBS
	done
done

# libev first.  Our library warns, if the linker takes it at all: with
# --as-needed, the default of some compilers, it does so only if the program
# needs a function that libev lacks.  shellcheck disable=SC2086
{
	links plain theirs yes $shared -Wl,--no-as-needed -lev -levcompat
	links beyond theirs yes $shared -Wl,--no-as-needed -lev -levcompat
	links beyond theirs yes $shared -Wl,--as-needed -lev -levcompat
	links plain theirs no $shared -Wl,--as-needed -lev -levcompat
}

# The archive after libev: if the linker takes any object from it, that needs
# all others, and they replace libev's functions.  For a program that needs only
# functions which libev has, it takes none.  shellcheck disable=SC2086
{
	links beyond ours no -lev "$archive" $LIBS
	links plain theirs no -lev "$archive" $LIBS
}
echo "orders: every order of -levcompat and -lev links as it should"
