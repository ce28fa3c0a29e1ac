#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# run.sh BUILD: what evcompat-run does with programs, installed in a prefix with
# a blank in its name.
set -eu
export LC_ALL=C

here=$(dirname "$0")
build=$1
out=$build/check-tool/run
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
stage=$(cd "$build/stage" && pwd)
prefix="$out/a prefix"
. "$here/lib.sh"

if [ "$(cat "$build/time_t")" = 8 ]; then
	echo "run: no binaries of libevent 1.4 have this time_t"
	exit 0
fi

# -o: make does not build anything again.
$MAKE -s -o lib -o tools install BUILD="$build" INSTALLED=: DESTDIR= \
	PREFIX="$prefix" LIBDIR="$prefix/lib" BINDIR="$prefix/bin" \
	INCLUDEDIR="$prefix/include" MANDIR="$prefix/share/man" >/dev/null
dropin=$prefix/lib/libevent-compat/dropin/lib
run=$prefix/bin/evcompat-run

# A libevent 1.4 for the linker alone: the stub of abi/dropin.sh.
compile -I"$stage/include/libevent-compat" -fPIC -shared \
	-Wl,-soname,libevent-1.4.so.2 -o "$out/libevent.so" \
	"$here/../abi/stub.c"
compile -D_GNU_SOURCE -I"$stage/include/libevent-compat" -o "$out/shows" "$here/shows.c" \
	-Wl,--no-as-needed "$out/libevent.so" -ldl
library libevent-2.9.so.1 event_init
program two event_init "$out/libevent-2.9.so.1" -Wl,-rpath,"$out"

# runs NAME STATUS ARGUMENT...: checks that evcompat-run ends with the status;
# its output is in $out/NAME.out, its messages are in NAME.err.
runs() {
	name=$1
	wanted=$2
	shift 2
	behaviours=$((behaviours + 1))
	status=0
	"$run" "$@" >"$out/$name.out" 2>"$out/$name.err" || status=$?
	[ "$status" = "$wanted" ] ||
		bad "$name" "status $status, not $wanted: $(cat "$out/$name.err")"
}

# said NAME FILE PATTERN: a line of NAME's output (out) or complaints (err).
said() {
	behaviours=$((behaviours + 1))
	grep -q -e "$3" "$out/$1.$2" ||
		bad "$1" "no '$3' in: $(cat "$out/$1.$2")"
}

runs program_of_1_4_runs_on_ours 0 "$out/shows"
said program_of_1_4_runs_on_ours out '^version 1.4.15$'
said program_of_1_4_runs_on_ours out "^library $dropin/libevent-1.4.so.2$"
holds program_that_runs_is_not_talked_over test ! -s \
	"$out/program_of_1_4_runs_on_ours.err"

runs arguments_are_passed_on 0 "$out/shows" 'a  blank' '' -f '*'
said arguments_are_passed_on out '^arguments <a  blank><><-f><[*]>$'
runs status_is_passed_on 42 "$out/shows" status 42

# evcompat-run executes the program in its own process.
"$run" "$out/shows" wait >"$out/pid.out" &
pid=$!
wait "$pid"
holds process_id_is_that_of_evcompat_run grep -qx "pid $pid" "$out/pid.out"

PATH=$out:$PATH runs program_is_found_in_path 0 shows
said program_is_found_in_path out '^version 1.4.15$'
LD_LIBRARY_PATH=/nowhere/else runs library_path_of_before_is_kept 0 "$out/shows"
said library_path_of_before_is_kept out "^path $dropin:/nowhere/else$"

EVCOMPAT_VERBOSE=1 runs verbose_reports_the_verdict_and_what_is_loaded 0 \
	"$out/shows"
said verbose_reports_the_verdict_and_what_is_loaded err 'shows: will run$'
said verbose_reports_the_verdict_and_what_is_loaded err \
	"libevent-1.4.so.2 is $prefix/lib/libevcompat.so.1$"
EVCOMPAT_VERBOSE=0 runs verbose_of_0_is_none 0 "$out/shows"
holds verbose_of_0_reports_nothing test ! -s "$out/verbose_of_0_is_none.err"

# The check comes first.
runs program_of_libevent_2_is_not_started 126 "$out/two"
said program_of_libevent_2_is_not_started err 'needs libevent 2: not for us'
runs program_of_libevent_2_is_started_by_force 0 -f "$out/two"
runs script_is_started 0 "$here/script.sh" "$out/shows"
said script_is_started out '^version 1.4.15$'
runs program_without_libevent_is_started 3 sh -c 'exit 3'

runs program_that_is_not_there 127 "$out/not-there"
runs name_that_is_not_in_path 127 evcompat-there-is-no-such
runs option_that_there_is_not 125 -x "$out/shows"
runs no_program 125
EVCOMPAT_DROPIN=$out runs folder_without_our_library 125 "$out/shows"
said folder_without_our_library err 'no libevcompat there'
EVCOMPAT_DROPIN=$stage/lib/libevent-compat/dropin/lib \
	runs another_folder_can_be_named 0 "$out/shows"
said another_folder_can_be_named out "^library $stage/lib"

$MAKE -s uninstall BUILD="$build" DESTDIR= PREFIX="$prefix" \
	LIBDIR="$prefix/lib" BINDIR="$prefix/bin" \
	INCLUDEDIR="$prefix/include" MANDIR="$prefix/share/man" >/dev/null
holds uninstall_leaves_no_file sh -c '! find "$1" ! -type d | grep .' - \
	"$prefix"
conclude run
