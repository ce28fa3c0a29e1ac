#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# rpc.sh FOLDER NAME...: the client of each library calls the server of each.
set -eu

folder=$1
shift
failed=

# ask CLIENT SERVER
ask() {
	out=$folder/$1-$2.log
	rm -f "$out.port"
	"$folder/rpc-$2" serve >"$out.port" 2>"$out.server" &
	server=$!
	while kill -0 $server 2>/dev/null &&
	    ! grep -q port "$out.port" 2>/dev/null; do
		sleep 0.01
	done
	if timeout 60 "$folder/rpc-$1" call \
	    "$(sed 's/port //' "$out.port")" >"$out" 2>&1; then
		echo "cross: $1 calls $2: $(tail -1 "$out")"
	else
		echo "cross: $1 calls $2: FAILED; see $out" >&2
		failed=yes
	fi
	kill $server 2>/dev/null || :
	wait $server 2>/dev/null || :
}

for client; do
	for server; do
		ask "$client" "$server"
	done
done
[ -z "$failed" ]
