# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds unbound and tests it; sourced by `relink`.  Two servers run: "upstream",
# which has the names, and "front", which gets the queries and forwards them to
# the first.  Each has two threads with a base of their own.

build_unbound() (
	cd "$work/unbound" &&
	./configure --with-libevent="$prefix" --disable-flto \
		LDFLAGS="-Wl,-rpath,$prefix/lib" &&
	make -j2 unbound unbound-control
)

# configure_unbound NAME PORT: writes the configuration of a server; the
# settings that only it has are on standard input.
configure_unbound() {
	{
		cat <<-END
			server:
				interface: 127.0.0.1
				port: $2
				num-threads: 2
				do-ip6: no
				do-daemonize: no
				do-not-query-localhost: no
				username: ""
				chroot: ""
				directory: "$unbound_dir"
				pidfile: "$unbound_dir/$1.pid"
				use-syslog: no
				module-config: "iterator"
				outgoing-range: 512
				num-queries-per-thread: 512
				so-reuseport: yes
				outbound-msg-retry: 12
				discard-timeout: 10000
				local-zone: "test." nodefault
			remote-control:
				control-enable: yes
				control-interface: "$unbound_dir/$1.control"
				control-use-cert: no
		END
		cat
	} >"$unbound_dir/$1.conf"
}

# Configures upstream with some hosts, and a TXT record that is too long for a
# datagram.
configure_upstream() {
	local i
	{
		echo 'server:'
		echo 'local-zone: "up.test." static'
		for ((i = 0; i < hosts; i++)); do
			echo "local-data: \"host$i.up.test. A 192.0.2.$((i % 250))\""
		done
		for ((i = 0; i < 40; i++)); do
			printf 'local-data: '\''long.up.test. TXT "%d %0200d"'\''\n' \
				"$i" 0
		done
	} | configure_unbound upstream "$upstream_port"
}

# configure_front ADDRESS: configures front, where www.here.test has that
# address.
configure_front() {
	configure_unbound front "$front_port" <<-END
		server:
			local-zone: "here.test." static
			local-data: "www.here.test. A $1"
		forward-zone:
			name: "up.test."
			forward-addr: 127.0.0.1@$upstream_port
	END
}

front_query() { dig @127.0.0.1 -p "$front_port" +time=10 +tries=1 "$@"; }
front_answers() {
	local wanted=$1
	shift
	[[ $(front_query +short "$@") == "$wanted" ]]
}
front_says() {
	local wanted=$1
	shift
	front_query "$@" | grep -q "$wanted"
}

# resolve_hosts FIRST LAST [OPTION]...: sends a query for each of these hosts,
# by 10 programs at a time.
resolve_hosts() {
	local first=$1 last=$2 got
	shift 2
	got=$(seq "$first" "$last" | sed 's/.*/host&.up.test/' |
		xargs -P 10 -n 20 dig @127.0.0.1 -p "$front_port" +time=10 \
			+tries=1 +short "$@" | grep -c '^192')
	((got == last - first + 1))
}

# Front gets a record of 8 kB over TCP, after a truncated datagram.
long_text() {
	[[ $(front_query +short TXT long.up.test | wc -l) == 40 ]]
}

# waits_for_upstream NAME: checks that a query is answered after upstream, which
# was stopped for a second, continues.
waits_for_upstream() {
	local asked result=0
	kill -STOP "$upstream"
	front_query +short "$1" >"$unbound_dir/late" &
	asked=$!
	sleep 1
	[[ ! -s $unbound_dir/late ]] || result=1
	kill -CONT "$upstream"
	wait "$asked" && grep -q '^192' "$unbound_dir/late" || result=1
	return "$result"
}

# unbound_control NAME COMMAND...: runs unbound-control for a server.
unbound_control() {
	local name=$1
	shift
	timeout 10 "$work/unbound/unbound-control" -q \
		-c "$unbound_dir/$name.conf" "$@"
}

reload_answers() {
	configure_front "$1" && kill -HUP "$server" &&
	until_true front_answers "$1" www.here.test
}

flushed_is_fetched() {
	unbound_control front flush_zone up.test &&
	front_answers 192.0.2.7 host7.up.test
}

# Whether both threads have answered queries.
both_threads_resolve() {
	"$work/unbound/unbound-control" -c "$unbound_dir/front.conf" \
		stats_noreset >"$unbound_dir/stats" &&
	grep -q '^thread0.num.queries=[1-9]' "$unbound_dir/stats" &&
	grep -q '^thread1.num.queries=[1-9]' "$unbound_dir/stats"
}

ask_front() {
	check "a forwarded question is answered" \
		until_true front_answers 192.0.2.1 host1.up.test
	check "and one over TCP" front_answers 192.0.2.2 +tcp host2.up.test
	check "a name that is not there: NXDOMAIN" \
		front_says 'status: NXDOMAIN' nowhere.up.test
	check "a text of 8 kB is fetched over TCP" long_text
	check "1,000 names, 10 clients at once" resolve_hosts 0 999
	check "the same from the cache" resolve_hosts 0 999
	check "400 more over TCP, each on a connection of its own" \
		resolve_hosts 1000 1399 +tcp
	check "400 more, 20 on a TCP connection" \
		resolve_hosts 1400 1799 +tcp +keepopen
	check "both threads have resolved" both_threads_resolve
	check "a zone is flushed, and fetched once more" flushed_is_fetched
	check "the upstream server is stopped for a second: a late answer" \
		waits_for_upstream host1800.up.test
	check "HUP: the configuration is read again" reload_answers 192.0.2.201
	check "and once more" reload_answers 192.0.2.202
	check "names are forwarded as before" resolve_hosts 0 199
}

test_unbound() {
	local front_port upstream_port upstream hosts=2000
	local unbound_dir=$work/unbound-test

	rm -rf "$unbound_dir"
	mkdir -p "$unbound_dir"
	read -r front_port upstream_port < <(free_ports 2)
	configure_upstream
	configure_front 192.0.2.200
	start "$unbound_dir/upstream.log" "$work/unbound/unbound" -d \
		-c "$unbound_dir/upstream.conf"
	upstream=$server
	start "$unbound_dir/log" "$work/unbound/unbound" -d \
		-c "$unbound_dir/front.conf"
	trap 'end "$server" || true; end "$upstream" || true' EXIT
	check "a name of its own is answered, on port $front_port" \
		until_true front_answers 192.0.2.200 www.here.test
	check "/proc/$server/maps: unbound runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	ask_front
	stop "$unbound_dir/log"
	server=$upstream
	trap 'end "$server" || true' EXIT
	stop "$unbound_dir/upstream.log"
}
