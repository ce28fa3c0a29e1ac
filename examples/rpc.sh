# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # here, programs, server, port and log are demo's
#
# The part of demo that shows evrpc: kvd keeps values, kv makes calls.  Sourced
# by demo.

token=open-sesame

# kv NAME ARGUMENT...: makes calls.  $kv_status is the status; the output is in
# a file of that name.
kv() {
	kv_out=$programs/kv-$1.log
	shift
	kv_status=0
	timeout 60 "$programs/kv" "$@" >"$kv_out" 2>&1 || kv_status=$?
	quote <"$kv_out"
}

# prints LINE...: whether these lines were printed, in any order.
prints() {
	diff <(printf '%s\n' "$@" | sort) <(sort "$kv_out")
}

show_calls() {
	say "Three values are put, by three calls that are in flight together:"
	kv put -k "$token" "$port" put bolt 'M8 x 40' nut M8 washer 8.4
	check "each is version 1" prints 'bolt 1' 'nut 1' 'washer 1'
	kv again -k "$token" "$port" put bolt 'M8 x 60'
	check "put again it is version 2" prints 'bolt 2'
	kv get -k "$token" "$port" get bolt screw
	check "got back" prints 'bolt 2 M8 x 60' 'screw: not there'
}

show_many_calls() {
	say "2,000 calls, over 8 connections:"
	kv fill -c 8 -k "$token" "$port" fill part. 2000
	check "all 2,000 values came to be there" test "$kv_status" = 0
}

show_refusal() {
	say "The same without the token, which the server's hook asks for:"
	kv refused "$port" get bolt
	check "the call fails with HTTP 503, and the status is 1" \
		test "$kv_status" = 1 -a \
		"$(grep -c 'HTTP 503' "$kv_out")" = 1
}

# A call that is answered when the value is stored.
show_await() {
	local waiting status=0
	say "A call that waits for a version newer than 2 of bolt:"
	timeout 60 "$programs/kv" -k "$token" "$port" await bolt 2 \
		>"$programs/kv-await.log" 2>&1 &
	waiting=$!
	sleep 0.3
	check "it has no answer yet" test ! -s "$programs/kv-await.log"
	kv third -k "$token" "$port" put bolt 'M10 x 60'
	wait "$waiting" || status=$?
	quote <"$programs/kv-await.log"
	check "it got the answer when somebody put one" test "$status" = 0 -a \
		"$(cat "$programs/kv-await.log")" = 'bolt 3 M10 x 60'
	say "One that waits for a second at most, and gets nothing:"
	kv timeout -t 1 -k "$token" "$port" await bolt 3
	check "it took too long, and the status is 1" \
		test "$kv_status" = 1 -a \
		"$(grep -c 'too long' "$kv_out")" = 1
}

show_last_call() {
	local waiting status=0
	say "TERM while a call waits:"
	timeout 60 "$programs/kv" -k "$token" "$port" await nothing \
		>"$programs/kv-end.log" 2>&1 &
	waiting=$!
	sleep 0.3
	check "the server ends, with status 0" end "$server"
	print_shutdown_log
	wait "$waiting" || status=$?
	quote <"$programs/kv-end.log"
	check "the call was answered before" test "$status" = 0
}

show_rpc() {
	heading "9. A store of values, by remote calls"
	say "event_rpcgen.py wrote the code of the messages from kv.rpc."
	start kv-server kvd "$token"
	show_calls
	show_many_calls
	show_refusal
	show_await
	show_last_call
}
