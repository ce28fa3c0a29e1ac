# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds lua-event and tests it; sourced by `relink`.

build_lua_event() {
	make -C "$work/lua-event" install DESTDIR="$work/lua-event/installed" \
		CFLAGS="-O2 -fpic -I$prefix/include" \
		LDFLAGS="-shared -L$prefix/lib -Wl,-rpath,$prefix/lib"
}

# Runs lua-event's own tests of buffers, without that of readline: it expects
# empty lines as libevent 2 returns them, which no 1.4 does.
own_tests() {
	(
		cd "$work/lua-event/test" &&
		lua5.1 /usr/bin/busted --filter-out=readline \
			event_buffer-tests.lua
	) >"$lua_dir/own-tests" 2>&1
}

# talk LINE...: sends these lines over a new connection, and prints what it
# receives until the server closes.
talk() (
	exec 3<>"/dev/tcp/127.0.0.1/$port" &&
	printf '%s\n' "$@" >&3 &&
	timeout 20 cat <&3
) 2>/dev/null

# talk_says WANTED LINE...
talk_says() {
	local wanted=$1
	shift
	[[ $(talk "$@") == "$wanted" ]]
}

# say_numbers [LINE]: sends the line and waits for an answer; then sends the
# lines of `numbers` and quit, and checks that the lines come back.
say_numbers() (
	exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
	if (($# > 0)); then
		printf '%s\n' "$1" >&3 && read -r -t 20 <&3 || exit 1
	fi
	{ cat "$lua_dir/numbers" && echo quit; } >&3 &
	timeout 20 cat <&3 | cmp -s - "$lua_dir/numbers"
) 2>/dev/null

many_talks() {
	local i pids=() pid
	for ((i = 0; i < 10; i++)); do
		say_numbers &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return 1
	done
}

# Clients that ask for more than a socket's buffer takes, and close before they
# have read it.
leave_early() {
	local i
	for ((i = 0; i < 10; i++)); do
		(
			exec 3<>"/dev/tcp/127.0.0.1/$port" &&
			echo "send $much" >&3
		) || return 1
	done
}

# A client that asks for as much, and reads it when others have been served.
read_late() (
	exec 3<>"/dev/tcp/127.0.0.1/$port" &&
	printf '%s\n' "send $much" quit >&3 && until_true crowd "$port" &&
	timeout 20 cat <&3 | cmp -s - <(seq 1 "$much")
)

# A client whose bytes stay in the socket until another one has it released.
hold_and_release() {
	local client
	say_numbers hold &
	client=$!
	until_true talk_says 'held 4096' held quit &&
	talk_says released release quit && wait "$client"
}

# The low-water mark delays the first half, also while others are served.
frame() (
	half=$(head -c 50000 /dev/zero | tr '\0' x)
	exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
	printf 'frame 100000\n' >&3 && read -r -t 20 <&3 &&
	printf %s "$half" >&3 && until_true crowd "$port" &&
	printf '%squit\n' "$half" >&3 && [[ $(timeout 20 cat <&3) == whole ]]
)

test_lua_event() {
	local port lines=50000 much=1000000 lua_dir=$work/lua-event-test
	local -x LUA_CPATH="$work/lua-event/installed/usr/lib/lua/5.1/?.so;;"

	rm -rf "$lua_dir"
	mkdir -p "$lua_dir"
	seq 1 "$lines" >"$lua_dir/numbers"
	check "its own tests of evbuffers, but for readline" own_tests
	start "$lua_dir/log" lua5.1 "$here/lua-event.lua"
	check "a server starts" until_true grep -qs '^port' "$lua_dir/log"
	port=$(sed -n 's/^port //p' "$lua_dir/log")
	check "a client says hello to port $port, and has it back" \
		until_true tcp_says "$port" hello hello
	check "/proc/$server/maps: lua5.1 runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	check "50 clients at once" until_true crowd "$port"
	check "10 at once say $lines lines each, and have them back" many_talks
	check "a client that asks for $much lines, and reads late" read_late
	check "low-water mark: 100000 bytes in pieces are taken as one" frame
	check "high-water mark: a client that is stopped, and released" \
		hold_and_release
	check "timeout: a client that says nothing is hung up on" \
		talk_says $'hurry\ntoo slow' impatient
	check "10 clients that ask for as much and go away" leave_early
	check "the others are served as before" until_true crowd "$port"
	stop "$lua_dir/log"
}
