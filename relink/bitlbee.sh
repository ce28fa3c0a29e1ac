# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds bitlbee and tests it as an IRC server; sourced by `relink`.  First it is
# one process for all clients.  Then it forks a process for each client, which
# leaves the loop that it has inherited and makes a base of its own.

build_bitlbee() (
	cd "$work/bitlbee" &&
	LDFLAGS="-Wl,-rpath,$prefix/lib" ./configure --events=libevent \
		--libevent="$prefix" --ssl=gnutls --otr=0 --doc=0 \
		--datadir="$work/bitlbee/doc/user-guide" &&
	make -j2
)

# A client that does not answer a PING, one each 2 seconds, is dropped.
configure_bitlbee() {
	cat >"$irc_dir/bitlbee.conf" <<-END
		[settings]
		ConfigDir = $irc_dir/accounts
		PingInterval = 2
		PingTimeOut = 5
		Proxy = http://127.0.0.1:$proxy_port
	END
}

start_bitlbee() {
	start "$irc_dir/log" "$work/bitlbee/bitlbee" "$1" -n -v -i 127.0.0.1 \
		-p "$irc_port" -c "$irc_dir/bitlbee.conf" -P "$irc_dir/pid"
}

# irc NICK WANTED LINE...: a client of that name.  After its login it sends these
# lines to the channel that bitlbee listens to, and succeeds when it receives a
# line that matches WANTED.  It answers no PING.
irc() (
	nick=$1 wanted=$2
	shift 2
	exec 3<>"/dev/tcp/127.0.0.1/$irc_port" || exit 1
	printf '%s\r\n' "NICK $nick" "USER $nick 0 0 :$nick" >&3
	while IFS= read -r -t 15 line <&3; do
		if [[ $line =~ ^:[^\ ]*\ 366\  ]] && (($# > 0)); then
			printf 'PRIVMSG &bitlbee :%s\r\n' "$@" >&3
		fi
		if [[ $line =~ $wanted ]]; then exit 0; fi
	done
	exit 1
) 2>/dev/null

# Clients that connect at the same time.  bitlbee's listen queue has room for 10;
# the kernel may reset other connections, and those clients connect again.
irc_crowd() {
	local i pids=() pid
	for ((i = 0; i < 50; i++)); do
		until_true irc "guest$i" "$subjects" help &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return 1
	done
}

# login_says TEXT: whether a client gets that message when it logs in to an
# account.  bitlbee connects to the account's server through a proxy, at whose
# port nobody listens: a descriptor becomes writable, with an error.
login_says() {
	irc dialer "jabber - .*$1" \
		"account add jabber me@example.test secret" \
		"account jabber set server 192.0.2.1" "account on"
}

ask_bitlbee() {
	local subjects='These are the available help subjects'

	check "a client logs in, on port $irc_port" \
		until_true irc first ' 001 first :Welcome'
	check "help is given" irc asker "$subjects" help
	check "50 clients at once ask for it" irc_crowd
	check "a client registers" irc keeper 'Account successfully created' \
		'register secret'
	check "and is known when it comes back" \
		irc keeper 'Password accepted' 'identify secret'
	check "but not by another password" \
		irc keeper 'Incorrect password' 'identify wrong'
	check "a login at a server fails, as nobody listens there" \
		login_says 'Could not connect'
	check "timers: a client is sent PING" irc idle '^PING :'
	check "and is dropped, as it does not answer" \
		irc idle '^ERROR :Closing link: Ping Timeout'
}

# Connected clients keep their processes until they are dropped for not
# answering a PING.
processes_for_two() {
	local pid family guests
	irc one '^ERROR' & guests=$!
	irc two '^ERROR' & guests+=" $!"
	until_true has_family 2 || return 1
	family=$(family_of "$server")
	for pid in "$server" $family; do
		[[ $(mapped_libevents "$pid") == "$library" ]] || return 1
	done
	# shellcheck disable=SC2086
	wait $guests && until_true has_family 0
}

has_family() { (($(family_of "$server" | wc -l) == $1)); }

test_bitlbee() {
	local irc_port proxy_port irc_dir=$work/bitlbee-test

	read -r irc_port proxy_port < <(free_ports 2)
	rm -rf "$irc_dir"
	mkdir -p "$irc_dir/accounts"
	configure_bitlbee
	say "One process for all:"
	start_bitlbee -D
	ask_bitlbee
	check "/proc/$server/maps: bitlbee runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	stop "$irc_dir/log"

	rm -rf "$irc_dir"/accounts/*
	say "A process for each:"
	start_bitlbee -F
	ask_bitlbee
	check "two clients are two processes, and run on ${library##*/}" \
		processes_for_two
	stop "$irc_dir/log"
}
