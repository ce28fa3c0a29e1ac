# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds openbsd-inetd and tests it; sourced by `relink`.

build_inetd() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig make -C "$work/openbsd-inetd" \
		-f Makefile.debian LDFLAGS="-Wl,-rpath,$prefix/lib"
}

# configure_inetd TCP-PORT PROGRAM [ARGUMENT]...: writes a configuration with
# that program on the TCP port, and on $udp_port one that answers in capitals.
# The latter is a "wait" service: inetd deletes its event, and adds it again
# when the program has ended.
configure_inetd() {
	local port=$1 user
	local perl='/usr/bin/perl perl -e'
	# shellcheck disable=SC2016
	local code='$a=recv(STDIN,$t,999,0);send(STDOUT,uc($t),0,$a)'
	shift
	user=$(id -un)
	cat >"$inetd_dir/inetd.conf" <<-END
		127.0.0.1:$port stream tcp nowait $user $1 $*
		127.0.0.1:$udp_port dgram udp wait $user $perl $code
	END
}

# ask_tcp PORT TEXT, ask_udp PORT TEXT: print the answer.
ask_tcp() (
	exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
	printf '%s\n' "$2" >&3
	IFS= read -r -t 5 line <&3
	printf '%s\n' "$line"
) 2>/dev/null

ask_udp() (
	exec 3<>"/dev/udp/127.0.0.1/$1" || exit 1
	printf '%s\n' "$2" >&3
	timeout 5 dd bs=1500 count=1 <&3
) 2>/dev/null

tcp_says() { [[ $(ask_tcp "$1" "$2") == "$3" ]]; }
udp_says() { [[ $(ask_udp "$1" "$2") == "$3" ]]; }
tcp_is_closed() { ! ask_tcp "$1" hello; }

# Connections that are all open at the same time.
crowd() {
	local i pids=() pid
	for ((i = 0; i < 50; i++)); do
		tcp_says "$1" "client $i" "client $i" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return 1
	done
}

series() {
	local i
	for ((i = 0; i < 20; i++)); do
		udp_says "$1" "datagram $i" "DATAGRAM $i" || return 1
	done
}

test_inetd() {
	local old_port new_port udp_port inetd_dir=$work/inetd-test
	local pid_file=/run/inetd.pid

	# inetd writes this file if it may, and removes it when it ends.
	if [[ -w $pid_file ]] && ! is_gone "$(cat "$pid_file")"; then
		bad "an inetd runs here that would lose its $pid_file"
		return
	fi
	mkdir -p "$inetd_dir"
	read -r old_port new_port udp_port < <(free_ports 3)
	configure_inetd "$old_port" /bin/cat
	start "$inetd_dir/log" "$work/openbsd-inetd/inetd" -d -i -R 1000 \
		"$inetd_dir/inetd.conf"
	check "a TCP service answers, on port $old_port" \
		until_true tcp_says "$old_port" hello hello
	check "a UDP service answers, on port $udp_port" \
		until_true udp_says "$udp_port" hello HELLO
	check "/proc/$server/maps: inetd runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	check "50 TCP clients at once, each its own program" crowd "$old_port"
	check "20 UDP questions, each program waited for" series "$udp_port"

	configure_inetd "$new_port" /bin/sed -u 's/.*/&,&/'
	kill -HUP "$server"
	check "HUP: a service moves to port $new_port, and another program" \
		until_true tcp_says "$new_port" hello hello,hello
	check "HUP: its old port is closed" tcp_is_closed "$old_port"
	check "HUP: the UDP service is there as before" \
		udp_says "$udp_port" again AGAIN
	stop "$inetd_dir/log"
}
