# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # here, programs, server, port and log are demo's
#
# The part of demo that shows evhttp: httpd serves a folder, httpget fetches
# from it, and so does curl if it is installed.  Sourced by demo.

www=$programs/www
got=$programs/got
files=300
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY # would be asked by curl

# Makes files of many lengths, two large ones, and some that are not served.
make_folder() {
	local i
	rm -rf "$www" "$got" "$programs/secret"
	mkdir -p "$www/sub" "$got"
	for ((i = 0; i < files; i++)); do
		head -c $((i * i * 3)) /dev/urandom >"$www/file$i.bin"
	done
	head -c 40000000 /dev/urandom >"$www/sub/large"
	head -c 20000000 /dev/urandom >"$www/sub/larger"
	echo "<p>Hello." >"$www/index.html"
	echo "for nobody" >"$programs/secret"
	ln -s ../secret "$www/link"
	ln -s .. "$www/up"
	(cd "$www" && sha256sum -- *.bin sub/*) | sed 's|sub/||' \
		>"$programs/sums"
	(cd "$www" && find . -name '*.bin' -o -path './sub/*') |
		sed "s|^\./||" >"$programs/paths"
}

# are_right FOLDER: whether its files have the right checksums.
are_right() {
	local name
	for name in "$1"/*; do
		grep -F "  ${name##*/}" "$programs/sums" || echo "? ${name##*/}"
	done >"$programs/expected-sums"
	(cd "$1" && sha256sum --quiet --strict -c) <"$programs/expected-sums"
}

count_files() {
	find "$1" -type f | wc -l
}

use_urls() {
	sed "s|^|http://127.0.0.1:$port/|" "$programs/paths" >"$programs/urls"
}

fetch_all() {
	local status=0 all=$((files + 2)) theirs
	use_urls
	mkdir -p "$got/parent" "$got/child"
	say "$all files over 4 connections, by a process that forks when half of"
	say "them are complete.  The child fetches the rest to another folder."
	timeout 60 "$programs/httpget" -j 4 -i "$programs/urls" \
		-o "$got/parent" -f "$got/child" 2>"$programs/errors" ||
		status=$?
	quote <"$programs/errors"
	check "the status is 0" test "$status" = 0
	theirs=$(count_files "$got/child")
	check "the parent has all $all files" \
		test "$(count_files "$got/parent")" = "$all"
	check "the child has the $theirs that were not there" \
		test "$theirs" -gt 0 -a "$theirs" -lt "$all"
	check "sha256sum: the parent's are right" are_right "$got/parent"
	check "sha256sum: the child's are right" are_right "$got/child"
	timeout 20 "$programs/httpget" -q -n "http://127.0.0.1:$port/nowhere" \
		2>"$programs/errors" || status=$?
	quote <"$programs/errors"
	check "for a file that is not there the status is 1" test "$status" = 1
}

# ask_for PATH: opens a connection, as descriptor $client, and requests the
# file.
ask_for() {
	exec {client}<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&"$client"
}

# Prints the body of an answer to an HTTP/1.0 request.
read_body() {
	sed -u '/^\r$/q' <&"$client" >/dev/null && cat <&"$client"
}

has_statistics() {
	[[ $(grep -c ' requests failed, ' "$log") -gt $1 ]]
}

# statistics_have TEXT: has the server print statistics; whether they have TEXT.
statistics_have() {
	local before
	before=$(grep -c ' requests failed, ' "$log") || true
	kill -HUP "$server"
	until_true has_statistics "$before" && tail -n 4 "$log" | grep -q "$1"
}

show_slow_clients() {
	local i open=() memory
	say "Ten clients request 40 MB each, and do not read:"
	for ((i = 0; i < 10; i++)); do
		ask_for /sub/large
		open+=("$client")
	done
	check "all ten are connected" \
		until_true statistics_have ' 10 connections now'
	client=${open[0]}
	check "sha256sum: one that begins to read gets the file right" \
		test "$(read_body | sha256sum)" = \
		"$(sha256sum <"$www/sub/large")"
	memory=$(awk '/VmHWM/ { print $2 }' "/proc/$server/status") || true
	check "the server's memory stayed below 16 MB: ${memory:-?} kB" \
		test "${memory:-16384}" -lt 16384
	for client in "${open[@]}"; do
		exec {client}>&-
	done
	check "the others close, and the server notices" \
		until_true statistics_have ' 9 were broken off'
}

# Starts a second process on the same port, and stops the first one.
show_second_process() {
	local second status=0
	say "USR1 while a client is in the middle of a file:"
	ask_for /sub/larger
	kill -USR1 "$server"
	check "there is one more process" \
		until_true grep -q 'process [0-9]* serves, too' "$log"
	second=$(sed -n 's/.*process \([0-9]*\) serves, too/\1/p' "$log")
	kill -STOP "$server"
	rm -rf "$got/second"
	mkdir "$got/second"
	timeout 20 "$programs/httpget" -q -o "$got/second" \
		"http://127.0.0.1:$port/file100.bin" || status=$?
	kill -CONT "$server"
	check "with the first one stopped, process $second answers" \
		test "$status" = 0
	check "sha256sum: it is the right file" are_right "$got/second"
	check "sha256sum: and the first one continues where it was" \
		test "$(read_body | sha256sum)" = \
		"$(sha256sum <"$www/sub/larger")"
	exec {client}>&-
	kill -TERM "$second"
	check "TERM to the second one: it ends, the first one stays" \
		until_true is_gone "$second"
}

# curls WHAT EXPECTED ARGUMENT...: checks that curl prints EXPECTED.
curls() {
	local what=$1 expected=$2 printed
	shift 2
	printed=$(curl -sS -m 20 --path-as-is "$@" 2>&1) || true
	check "curl: $what" test "$printed" = "$expected"
}

show_curl() {
	local url=http://127.0.0.1:$port code='%{http_code}' path
	local down=$programs/curl.out sent="$www/sub/large"
	for path in /link /up/secret /../secret /sub/../../secret \
		/%2e%2e/secret /..%2fsecret /.hidden /sub /file1.bin%00; do
		curls "$path is not served" 404 -o /dev/null -w "$code" \
			"$url$path"
	done
	curls "/ is index.html" "<p>Hello." "$url/"
	curls "a file that has not changed is not sent" "304 0" -o /dev/null \
		-w "$code %{size_download}" -z "$www/index.html" "$url/"
	curls "HEAD has the length alone" "200 20000000" -I -o /dev/null \
		-w "$code %header{content-length}" "$url/sub/larger"
	curls "two files over one connection" "1 0 " -o /dev/null -o /dev/null \
		-w '%{num_connects} ' "$url/file1.bin" "$url/file2.bin"
	curls "DELETE is not allowed" 405 -o /dev/null -w "$code" -X DELETE \
		"$url/file1.bin"
	curls "a file is uploaded" 201 -w "$code" -T "$sent" "$url/sub/sent"
	check "sha256sum: it came right" cmp "$sent" "$www/sub/sent"
	curls "the same again, in chunks" 204 -w "$code" -T - "$url/sub/sent" \
		<"$sent"
	check "sha256sum: it came right" cmp "$sent" "$www/sub/sent"
	curls "not to a folder that is not there" 404 -o /dev/null -w "$code" \
		-T "$sent" "$url/nowhere/sent"
	say "curl -N /clock?n=3:"
	curl -sS -N -m 20 "$url/clock?n=3" >"$down"
	quote <"$down"
	check "the clock ticked three times" test "$(wc -l <"$down")" = 3
}

is_refused() {
	! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

show_stop() {
	say "TERM while a client is in the middle of a file:"
	ask_for /sub/large
	check "it is connected" until_true statistics_have ' 1 connections now'
	kill -TERM "$server"
	check "new connections are refused" until_true is_refused
	check "sha256sum: the client gets its file right" \
		test "$(read_body | sha256sum)" = \
		"$(sha256sum <"$www/sub/large")"
	exec {client}>&-
	check "then the server ends, with status 0" ends_by_itself "$server"
	print_shutdown_log
	check "no temporary file of an upload remains" \
		test -z "$(find "$www" -name '.upload-*')"
}

show_http() {
	heading "8. A web server and its clients"
	make_folder
	start httpd httpd -u -t 60 "$www"
	fetch_all
	show_slow_clients
	if command -v curl >/dev/null; then
		show_curl
	else
		say "curl is not installed, so it is not run."
	fi
	show_second_process
	show_stop
}
