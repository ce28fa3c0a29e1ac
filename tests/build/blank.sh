#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# blank.sh BUILD: builds, stages and tests the library in a checkout whose path
# has a blank in it.
set -eu

out=$1/build/a\ blank
rm -rf "$out"
mkdir -p "$out"
for file in *; do
	case $file in
	build | "${1%%/*}") ;;
	*) ln -s "$PWD/$file" "$out" ;;
	esac
done
if ! $MAKE -C "$out" BUILD=build CFLAGS=-O0 LIBEVENT=ours \
	TESTS=buffer_threads CONFORMANCE_ARGS=once regress conformance \
	abi-dropin abi-orders abi-static abi-two \
	>"$1/build/blank.log" 2>&1; then
	cat "$1/build/blank.log" >&2
	exit 1
fi
grep -q 'tests the same, .* 0 failed' "$1/build/blank.log"
echo "blank: a path with a blank is as good as another"
