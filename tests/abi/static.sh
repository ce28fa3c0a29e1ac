#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# static.sh BUILD: checks that a program which is linked with -static, by either
# of the .pc files, contains our library and not a libevent of the system.
set -eu

here=$(dirname "$0")
build=$1
out=$build/abi/static
lib=$build/stage/lib
mkdir -p "$out"

# links PCDIR NAME: through NAME.pc in PCDIR.
links() {
	flags=$(PKG_CONFIG_PATH=$1 pkg-config --static --cflags --libs "$2")
	eval "$CC $CFLAGS -static -o '$out/$2' '$here/order.c' $flags"
	says=$(timeout 60 "$out/$2")
	if [ "$says" != ours ]; then
		echo "static: $2: the functions are $says" >&2
		exit 1
	fi
}

links "$lib/pkgconfig" libevent-compat
links "$lib/libevent-compat/dropin/lib/pkgconfig" libevent
echo "static: both ways to link a program statically take our library"
