# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds nsd and tests it with a zone; sourced by `relink`.

# Builds nsd without evhttp, for which it needs libevent 2.
build_nsd() (
	cd "$work/nsd" &&
	./configure --with-libevent="$prefix" --without-ssl --disable-flto \
		ac_cv_func_evhttp_free=no LDFLAGS="-Wl,-rpath,$prefix/lib" &&
	make -j2 nsd
)

configure_nsd() {
	cat >"$nsd_dir/nsd.conf" <<-END
		server:
			server-count: 2
			ip-address: 127.0.0.1
			port: $nsd_port
			username: ""
			zonesdir: "$nsd_dir"
			database: ""
			pidfile: "$nsd_dir/nsd.pid"
			zonelistfile: "$nsd_dir/zone.list"
			xfrdfile: "$nsd_dir/xfrd.state"
			xfrdir: "$nsd_dir"
			tcp-timeout: 2
			verbosity: 2
		remote-control:
			control-enable: no
		zone:
			name: example.test
			zonefile: zone
			provide-xfr: 127.0.0.1 NOKEY
	END
}

# write_zone SERIAL ADDRESS: writes a zone in which www has that address, with
# enough hosts that a transfer takes more than one message.
write_zone() {
	local i
	{
		echo "@ 60 IN SOA ns.example.test. me.example.test. ("
		echo "$1 60 60 600 60 )"
		echo '@ IN NS ns'
		echo 'ns IN A 127.0.0.1'
		echo "www IN A $2"
		for ((i = 0; i < hosts; i++)); do
			echo "host$i IN A 192.0.2.$((i % 250))"
		done
	} >"$nsd_dir/zone.new"
	mv "$nsd_dir/zone.new" "$nsd_dir/zone"
}

query() { dig @127.0.0.1 -p "$nsd_port" +time=2 +tries=1 "$@"; }
answers() {
	local wanted=$1
	shift
	[[ $(query +short "$@") == "$wanted" ]]
}
says() {
	local wanted=$1
	shift
	query "$@" | grep -q "$wanted"
}

# many COUNT [OPTION]: sends a query for each of COUNT hosts.
many() {
	local count=$1 i got
	shift
	for ((i = 0; i < count; i++)); do
		printf 'host%d.example.test A\n' "$i"
	done >"$nsd_dir/questions"
	got=$(query "$@" +short -f "$nsd_dir/questions" | grep -c '^192')
	((got == count))
}

transfer_is_whole() {
	[[ $(query AXFR example.test | grep -c '^host') == "$hosts" ]]
}

# Whether the server closes the connection of a TCP client that sends nothing,
# within 15 seconds.
silence_is_ended() (
	exec 3<>"/dev/tcp/127.0.0.1/$nsd_port"
	timeout 15 cat <&3
)

test_nsd() {
	local nsd_port hosts=2000 nsd_dir=$work/nsd-test pid

	rm -rf "$nsd_dir"
	mkdir -p "$nsd_dir"
	nsd_port=$(free_ports 1)
	configure_nsd
	write_zone 1 192.0.2.1
	start "$nsd_dir/log" "$work/nsd/nsd" -d -c "$nsd_dir/nsd.conf"
	check "a UDP question is answered, on port $nsd_port" \
		until_true answers 192.0.2.1 www.example.test
	for pid in "$server" $(family_of "$server"); do
		check "/proc/$pid/maps: nsd runs on ${library##*/}" \
			test "$(mapped_libevents "$pid")" = "$library"
	done
	check "a TCP question is answered" \
		answers 192.0.2.1 +tcp www.example.test
	check "a name that is not there: NXDOMAIN" \
		says 'status: NXDOMAIN' nowhere.example.test
	check "500 questions over UDP" many 500
	check "200 questions over TCP, each on a connection of its own" \
		many 200 +tcp
	check "200 questions on one TCP connection" many 200 +tcp +keepopen
	check "a transfer of the whole zone, $hosts hosts" transfer_is_whole
	check "a TCP client that says nothing is hung up on" silence_is_ended

	write_zone 2 192.0.2.2
	kill -HUP "$server"
	check "HUP after the zone has changed: the new answer" \
		until_true answers 192.0.2.2 www.example.test
	check "TCP has the new answer too" \
		answers 192.0.2.2 +tcp www.example.test
	write_zone 3 192.0.2.3
	kill -HUP "$server"
	check "and once more" until_true answers 192.0.2.3 www.example.test
	stop "$nsd_dir/log"
}
