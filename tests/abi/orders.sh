#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# orders.sh BUILD: every order of -levcompat and -lev on a link line.  libev's
# shared library has 24 functions of libevent's names in it, so whoever comes
# first gets the calls.  LIBS names what a static libevcompat needs.
set -eu

here=$(dirname "$0")
build=$1
out=$build/abi/orders
stage=$build/stage
# From the program's folder: a path from the root may have blanks in it.
# shellcheck disable=SC2016
shared="-L$stage/lib"' -Wl,-rpath,$ORIGIN/../../stage/lib'
archive=$stage/lib/libevcompat.a
mkdir -p "$out"

# links PROGRAM SAYS WARNED LIBRARY...: links order.c with the libraries.  It
# is to say whose the functions are, ours or theirs; WARNED, yes or no: and to
# read about the cure on standard error.  PROGRAM is plain, a program of nothing
# but what libev has, or beyond, one that uses more.
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

# libev first.  We are there to complain, if only the linker lets us in: with
# --as-needed, the default of some compilers, it does so for functions of ours
# alone.
# shellcheck disable=SC2086
{
	links plain theirs yes $shared -Wl,--no-as-needed -lev -levcompat
	links beyond theirs yes $shared -Wl,--no-as-needed -lev -levcompat
	links beyond theirs yes $shared -Wl,--as-needed -lev -levcompat
	links plain theirs no $shared -Wl,--as-needed -lev -levcompat
}

# The archive after libev: whatever the linker takes from it brings the rest
# along, and that replaces libev's.  It takes nothing for a program that is
# content with what libev has; then nothing of ours is in the program.
# shellcheck disable=SC2086
{
	links beyond ours no -lev "$archive" $LIBS
	links plain theirs no -lev "$archive" $LIBS
}
echo "orders: every order of -levcompat and -lev links as it should"
