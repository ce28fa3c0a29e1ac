#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# dropin.sh BUILD: checks that programs which need libevent-1.4.so.2, or both of
# its parts, libevent_core and libevent_extra, run on one copy of our library.
# The programs are linked with a stub of that soname, and without -pie, so that
# event_gotsig and event_sigcb are copied into them.
set -eu

here=$(dirname "$0")
build=$1
out=$build/abi/dropin
dropin=$build/stage/lib/libevent-compat/dropin
compile="$CC $CFLAGS -I$dropin/include"
mkdir -p "$out"

if [ "$(cat "$build/time_t")" = 8 ]; then
	echo "dropin: no binaries of libevent 1.4 have this time_t"
	exit 0
fi

cat >"$out/expected" <<'EOF'
version 1.4.15
libraries: 1
a timer fires: -1 1
event_dispatch: 1
event_dispatch: 0
event_sigcb is called
event_dispatch: -1
errno is EINTR: 1
EOF

# runs PROGRAM NAME...: a program that needs these libraries, on ours.
runs() {
	program=$out/$1
	shift
	stubs=
	for name; do
		stub=$out/$name.so
		# shellcheck disable=SC2086
		$compile -fPIC -shared -Wl,-soname,"$name-1.4.so.2" \
			-o "$stub" "$here/stub.c"
		stubs="$stubs $stub"
	done
	# shellcheck disable=SC2086
	$compile -fno-pie -no-pie -Wl,--no-as-needed -o "$program" \
		"$here/dropin.c" $stubs
	for name; do
		readelf -d "$program" | grep -q "NEEDED.*$name-1\.4\.so\.2"
	done
	LD_LIBRARY_PATH=$dropin/lib timeout 60 "$program" >"$program.out"
	if ! diff "$out/expected" "$program.out" >&2; then
		echo "dropin: $program: not as expected" >&2
		exit 1
	fi
}

runs whole libevent
runs parts libevent_core libevent_extra
echo "dropin: programs for libevent-1.4.so.2, and for its parts, run"
