#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# programs.sh BUILD: what evcompat-check says of programs and libraries that are
# built here: for ours, for 1.4's soname, for libevent 2, for libev's emulation,
# with a copy in them.  LIBS names what a static libevcompat needs.
set -eu
export LC_ALL=C

here=$(dirname "$0")
build=$1
out=$build/check-tool/programs
tool=$build/stage/bin/evcompat-check
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
stage=$(cd "$build/stage" && pwd)
. "$here/lib.sh"

basic='event_init event_set event_add event_dispatch'
ours="-L$stage/lib"

# shellcheck disable=SC2086
{
	variables='int event_gotsig; void *evsignal_base;'
	library libevent-1.4.so.2 $basic event_reinit evbuffer_setcb \
		evbuffer_add_buffer evdns_set_transaction_id_fn evsignal_add \
		event_frobnicate event_base_free evhttp_request_uri
	variables=
	library libevent_core-1.4.so.2 $basic
	library libevent_extra-1.4.so.2 evdns_init
	library libevent-1.3e.so.1 $basic
	library libevent-2.9.so.1 $basic event_new
}
v14=$out/libevent-1.4.so.2
v2=$out/libevent-2.9.so.1

# Which libevent.
program ours "$basic" "$ours" -levcompat
answers program_of_ours_runs 0 ': will run x86\|: will run [a-z]' "$out/ours"
also program_of_ours_runs 'wants libevcompat (libevcompat.so.1)'
program soname "$basic" "$v14"
answers program_of_1_4_by_its_soname_runs 0 ': will run ' "$out/soname"
also program_of_1_4_by_its_soname_runs \
	'wants libevent 1.4 (libevent-1.4.so.2) uses 4 names of libevent.s; libevcompat has all 4'
program parts "$basic evdns_init" "$out/libevent_core-1.4.so.2" \
	"$out/libevent_extra-1.4.so.2"
answers program_of_both_parts_runs 0 ': will run ' "$out/parts"
program old "$basic" "$out/libevent-1.3e.so.1"
answers program_of_1_3_has_to_be_compiled_again 2 \
	'will not run as it is: made for a libevent before 1.4' "$out/old"
program two "$basic" "$v2"
answers program_of_libevent_2_is_not_for_us 3 \
	'needs libevent 2: not for us' -q "$out/two"
answers program_of_libevent_2_with_functions_of_1_4_is_recognized 3 \
	'libevent 1.4 has all the functions that it uses' "$out/two"
program two_more "$basic event_new" "$v2"
answers functions_of_libevent_2_alone_are_listed 3 \
	'libevent 2 alone has: event_new' "$out/two_more"
program none "puts" -lm
answers program_without_libevent 4 ': uses no libevent' "$out/none"
answers library_that_is_a_libevent 4 'is a libevent itself' "$v14"

# A program with Debian's libevent, linked as usual.
compile -w -o "$out/system" -I/usr/include "$here/small.c" \
	-Wl,--no-as-needed -levent
answers program_of_the_systems_libevent_is_not_for_us 3 \
	'needs libevent 2: not for us' "$out/system"

# A libevent that another library needs.
compile -w -fPIC -shared -Wl,-soname,libinner.so -o "$out/libinner.so" \
	"$out/soname.c" "$v14"
compile -w -fPIC -shared -Wl,-soname,libinner2.so -o "$out/libinner2.so" \
	"$out/soname.c" "$v2"
program outer puts "$out/libinner.so" -Wl,-rpath,"$out"
answers libevent_that_a_library_wants_is_found 0 \
	"wants libevent 1.4 (libevent-1.4.so.2), for $out/libinner.so" \
	"$out/outer"
program origin puts "$out/libinner.so" "-Wl,-rpath,\$ORIGIN"
answers origin_in_a_runpath_is_followed 0 'wants libevent 1.4' "$out/origin"
program nowhere puts "$out/libinner.so"
answers library_that_is_not_found_is_named 1 \
	'will run; look at libinner.so (missing)' "$out/nowhere" || :
LD_LIBRARY_PATH=$out answers ld_library_path_is_searched 0 'wants libevent 1.4' \
	"$out/nowhere"
# Two libraries need one that is missing.
library libabsent.so nothing
for lib in left right; do
	caller "$out/$lib.c" nothing
	compile -w -Dmain=$lib -fPIC -shared -o "$out/lib$lib.so" "$out/$lib.c" \
		"$out/libabsent.so"
done
program sides "left right" "$out/libleft.so" "$out/libright.so" \
	-Wl,-rpath,"$out"
mv "$out/libabsent.so" "$out/libabsent.so.away"
answers missing_library_of_two_others_is_named_once 1 \
	'look at libabsent.so (missing)' "$out/sides"
not_also missing_library_of_two_others_is_named_once 'more'
program both "$basic" "$v14" "$out/libinner2.so" -Wl,-rpath,"$out"
answers two_libevents_in_one_process_do_not_run 2 \
	'will not run as it is: two libevents in one process' "$out/both"
also two_libevents_in_one_process_do_not_run \
	"it wants libevent-1.4.so.2, and $out/libinner2.so wants libevent-2.9.so.1"

# Names.
program private "$basic evsignal_add" "$v14"
answers internal_that_is_left_out_does_not_run 2 'no evsignal_add' \
	"$out/private"
also internal_that_is_left_out_does_not_run 'an internal of libevent 1.4'
compile -w -o "$out/kept" "$here/internals.c" "$v14"
answers internals_that_are_kept_are_named 0 \
	'internals of libevent 1.4, here as well: event_gotsig, evsignal_base' \
	"$out/kept"
compile -w -fno-pie -no-pie -o "$out/copied" "$here/internals.c" "$v14"
answers variables_that_are_copied_into_the_program_are_named 0 \
	'internals of libevent 1.4, here as well: event_gotsig, evsignal_base' \
	"$out/copied"
program unknown "$basic event_frobnicate" "$v14"
answers function_that_nobody_knows_does_not_run 2 'no event_frobnicate' \
	"$out/unknown"
compile -w -o "$out/weak" "$here/weak.c" "$v14"
answers function_it_can_do_without_is_no_problem 0 ': will run' "$out/weak"
library libother.so event_frobnicate
program others event_frobnicate "$out/libother.so" -Wl,-rpath,"$out"
answers name_like_libevents_of_another_library_is_not_ours 4 \
	'uses no libevent' "$out/others"
compile -w -fPIC -shared -o "$out/plugin.so" "$out/soname.c"
answers plugin_that_leaves_libevent_to_its_program 1 \
	'look at who brings libevent' "$out/plugin.so"

# The tool's table of names has what the installed library exports, and nothing
# else.
nm -D --defined-only "$stage/lib/libevcompat.so.1" |
	awk '{ print $3 }' | grep -v '^_\(init\|fini\)$' | sort >"$out/exports"
# shellcheck disable=SC2046
program all "$(tr '\n' ' ' <"$out/exports")" "$ours" -levcompat
answers every_name_of_the_library_is_there 1 \
	"uses $(wc -l <"$out/exports") names of libevent's; libevcompat has all" \
	"$out/all"

# Without sections, only the hash tables have the number of symbols.
for style in gnu sysv; do
	program $style "$basic" "$v14" -Wl,--hash-style=$style
	case $(od -An -tx1 -j4 -N1 "$out/$style" | tr -d ' ') in
	01) at=32 size=4 ;;
	*) at=40 size=8 ;;
	esac
	dd if=/dev/zero of="$out/$style" bs=1 seek=$at count=$size \
		conv=notrunc 2>/dev/null
	answers ${style}_hash_table_has_the_number_of_symbols 0 \
		"uses 4 names of libevent's; libevcompat has all 4" "$out/$style"
done

# What is different here, by COMPAT.md.
program random "$basic evdns_set_transaction_id_fn" "$v14"
answers function_that_is_different_is_named 1 \
	': will run; look at evdns_set_transaction_id_fn' "$out/random"
also function_that_is_different_is_named \
	'by what it uses: - evdns_set_transaction_id_fn: .* has no effect'
program callback "$basic evbuffer_setcb" "$v14"
answers one_of_two_functions_is_no_difference 0 ': will run' "$out/callback"
program joined "$basic evbuffer_setcb evbuffer_add_buffer" "$v14"
answers both_of_two_functions_are_a_difference 1 \
	'look at evbuffer_setcb with evbuffer_add_buffer' "$out/joined"
program jumping "$basic event_base_free longjmp siglongjmp" "$v14"
answers first_way_to_a_difference_is_named_alone 1 \
	'look at longjmp with event_base_free x86\|free [a-z0-9]* program' \
	"$out/jumping"
also first_way_to_a_difference_is_named_alone \
	'longjmp, event_base_free, siglongjmp: a callback that is left'
answers small_differences_are_counted 0 'differences that a program hardly' \
	"$out/soname"
answers small_differences_are_listed_if_asked_for 0 \
	'event_dispatch: an idle process wakes once a minute' -v "$out/soname"

# libev's emulation.
program emulation "$basic" -lev
answers program_of_libevs_emulation_has_to_be_compiled_again 2 \
	"made for libev's emulation" "$out/emulation"
program before "$basic" "$ours" -lev -levcompat
answers libev_before_us_does_not_run 2 'libev comes before libevent' \
	"$out/before"
program after "$basic" "$ours" -levcompat -lev
answers libev_after_us_runs 0 ': will run' "$out/after"
program native ev_time -lev
answers program_of_libev_itself_is_no_matter_of_libevent 4 \
	'uses no libevent' "$out/native"

# Copies.
# shellcheck disable=SC2086
{
	program static "$basic" "$stage/lib/libevcompat.a" $LIBS
	answers static_copy_of_ours_runs 0 \
		'libevcompat, linked statically into it (as its symbols say)' \
		"$out/static"
	strip -o "$out/stripped" "$out/static"
	answers stripped_copy_of_ours_runs 0 \
		'libevcompat, linked statically into it' \
		"$out/stripped"
	program hidden "$basic" "$stage/lib/libevcompat.a" $LIBS \
		-Wl,--exclude-libs,ALL -s
	answers hidden_copy_of_ours_runs 0 \
		'libevcompat, linked statically into it (as its strings say)' \
		"$out/hidden"
	program static_two "$basic" /usr/lib/*/libevent.a -lm -pthread
}
answers static_copy_of_libevent_2_is_not_for_us 3 \
	'libevent 2 (2\.[0-9.]*-stable), linked statically' "$out/static_two"
strip -o "$out/stripped_two" "$out/static_two"
answers stripped_copy_of_libevent_2_is_not_for_us 3 \
	'linked statically into it (as its strings say)' "$out/stripped_two"
compile -w -o "$out/copy" "$here/copy.c"
answers static_copy_of_1_4_has_to_be_linked_again 2 \
	'brings libevent 1.4 along, statically' "$out/copy"
strip -o "$out/stripped_copy" "$out/copy"
answers stripped_copy_of_1_4_has_to_be_linked_again 2 \
	'libevent 1.4, linked statically into it (as its strings say)' \
	"$out/stripped_copy"
compile -w -fPIC -shared -DLIBRARY -Wl,-soname,libcopy.so -o "$out/libcopy.so" \
	"$here/copy.c"
program copy_and_ours "$basic" "$v14" "$out/libcopy.so" -Wl,-rpath,"$out"
answers copy_beside_the_library_does_not_run 2 \
	'two libevents in one process' "$out/copy_and_ours"
answers the_tool_itself_has_no_copy 4 'uses no libevent' "$tool"

# The loader.
compile -w -o "$out/opens" "$here/opens.c" -ldl
answers library_that_may_be_loaded_later_is_named 1 \
	'look at libevent-1.4.so.2' "$out/opens"
compile -w -DNEEDS -o "$out/needs" "$here/opens.c" -Wl,--no-as-needed "$v14" -ldl
answers library_that_it_needs_is_not_loaded_later 0 ': will run' "$out/needs"
program rpath "$basic" "$v14" -Wl,--disable-new-dtags -Wl,-rpath,"$out"
answers rpath_with_another_libevent_is_named 1 '(by DT_RPATH)' "$out/rpath"
program runpath "$basic" "$v14" -Wl,--enable-new-dtags -Wl,-rpath,"$out"
answers runpath_with_another_libevent_is_overruled 0 ': will run' \
	"$out/runpath"
case $("$tool" --interpreter "$tool") in
*/ld-musl-*) other=/lib64/ld-linux-x86-64.so.2 ;;
*) other=/lib/ld-musl-x86_64.so.1 ;;
esac
program libc "$basic" "$v14" -Wl,--dynamic-linker=$other
answers program_of_another_c_library_needs_our_library_for_that 1 \
	'look at .*another C library' "$out/libc"
cp "$out/soname" "$out/setuid"
chmod u+s "$out/setuid"
answers set_user_id_program_is_reported 1 'look at set-user-ID' "$out/setuid"
if compile -m32 -w -o "$out/narrow" "$out/none.c" 2>/dev/null &&
	[ "$(uname -m)" = x86_64 ]; then
	giver "$out/narrow-lib.c" $basic
	compile -m32 -w -fPIC -shared -Wl,-soname,libevent-1.4.so.2 \
		-o "$out/narrow.so" "$out/narrow-lib.c"
	compile -m32 -w -o "$out/narrow" "$out/soname.c" "$out/narrow.so"
	answers program_of_32_bits_needs_our_library_of_32_bits 1 \
		'look at i386' "$out/narrow"
	also program_of_32_bits_needs_our_library_of_32_bits \
		'i386 program wants libevent 1.4 (libevent-1.4.so.2)'
	mkdir "$out/narrow-first"
	cp "$out/narrow.so" "$out/narrow-first/libinner.so"
	LD_LIBRARY_PATH=$out/narrow-first:$out \
		answers library_for_another_machine_is_passed_over 0 \
		"wants libevent 1.4 (libevent-1.4.so.2), for $out/libinner.so" \
		"$out/nowhere"
fi

# Files that are not programs.
answers script_is_not_a_program 66 'is no ELF file' "$here/programs.sh"
: >"$out/empty"
answers empty_file_is_no_program 66 'is no ELF file' "$out/empty"
answers folder_is_no_program 66 'directory' "$out"
answers file_that_is_not_there 66 'No such file' "$out/not-there"
mkfifo "$out/fifo"
answers fifo_is_not_waited_for 66 'Invalid argument' "$out/fifo"
compile -w -c -o "$out/object.o" "$out/none.c"
answers object_file_is_no_program 66 'neither a program nor' "$out/object.o"
printf '\177ELF\002\002\001' >"$out/foreign"
head -c 100 /dev/zero >>"$out/foreign"
case $(od -An -tx1 -j5 -N1 "$tool" | tr -d ' ') in
01) answers other_byte_order_is_refused 66 'another byte order' \
	"$out/foreign" ;;
esac
answers option_that_there_is_not 64 usage --frobnicate "$out/soname"
answers no_file_is_wrong_usage 64 usage
answers greatest_status_counts 3 'needs libevent 2' "$out/two" "$out/soname"
answers help_is_no_error 0 'usage: evcompat-check' --help

# JSON.
odd=$out/$(printf 'a "b" \\ \001 \303\244 \377')
cp "$out/random" "$odd"
"$tool" --json "$out/soname" "$odd" "$out/joined" "$out/not-there" \
	>"$out/list.json" || :
holds json_is_what_the_manual_says python3 "$here/members.py" "$out/list.json"
conclude programs
