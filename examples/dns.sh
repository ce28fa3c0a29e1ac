# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # here, programs, server, port and log are demo's
#
# The part of demo that shows evdns: dnslookup, with a resolv.conf of its own,
# asks nameserver.  Sourced by demo.

conf=$programs/resolv.conf
answers=$programs/answers
expected=$programs/expected
many=2000
unset LOCALDOMAIN RES_OPTIONS # would be taken for a part of resolv.conf

# use_nameservers PORT...: replaces the resolv.conf.
use_nameservers() {
	{
		echo "# The demo's own."
		echo "search demo.test"
		echo "options timeout:1 attempts:6"
		printf 'nameserver 127.0.0.1:%s\n' "$@"
	} >"$conf.new"
	mv "$conf.new" "$conf"
}

# Prints the answers in a file, sorted, and without the text of an error.
sorted() {
	sed 's/: .* (/: (/' "$1" | sort
}

# are_all_right FILE: whether the answers are right; shows the first wrong ones.
are_all_right() {
	diff "$expected" <(sorted "$1") >"$programs/wrong" && return
	head -n 5 "$programs/wrong" | quote
	return 1
}

# ask ARGUMENT...: runs dnslookup.  Its output is in files, and $status is set.
ask() {
	status=0
	timeout 60 "$programs/dnslookup" "$@" \
		>"$answers" 2>"$programs/summary" || status=$?
}

# lookup STATUS WHAT ARGUMENT...: shows the answers, and checks that they and
# the status are the right ones.  The right answers are on standard input.
lookup() {
	local right=$1 what=$2
	shift 2
	sorted /dev/stdin >"$expected"
	ask "$@"
	quote <"$answers"
	check "$what" are_all_right "$answers"
	check "the status is $right" test "$status" = "$right"
}

show_kinds() {
	say "Addresses of both families, an alias, names of addresses; names that do"
	say "not exist, and one that is not valid:"
	lookup 1 "these are exactly the expected answers" \
		-n -c "$conf" WWW.Demo.Test web.demo.test four.demo.test \
		six.demo.test 192.0.2.1 2001:db8::1 slow.demo.test \
		nowhere.demo.test sub.demo.test a..b <<-'END'
		WWW.Demo.Test 300 A 192.0.2.1
		WWW.Demo.Test 300 A 192.0.2.2
		WWW.Demo.Test 300 AAAA 2001:db8::1
		web.demo.test 300 A 192.0.2.1
		web.demo.test 300 A 192.0.2.2
		web.demo.test 300 AAAA 2001:db8::1
		four.demo.test 120 A 192.0.2.4
		four.demo.test AAAA: (66)
		six.demo.test A: (66)
		six.demo.test 120 AAAA 2001:db8::6
		192.0.2.1 300 PTR www.demo.test
		2001:db8::1 300 PTR www.demo.test
		slow.demo.test 60 A 192.0.2.8
		slow.demo.test AAAA: (66)
		nowhere.demo.test A: (3)
		nowhere.demo.test AAAA: (3)
		sub.demo.test A: (66)
		sub.demo.test AAAA: (66)
		a..b A: cannot be asked for
		a..b AAAA: cannot be asked for
	END
}

show_search_list() {
	say "Names that are short, with the search list and without:"
	lookup 0 "demo.test is tried after them" -4 -c "$conf" \
		www www.sub web.demo.test. <<-'END'
		www 300 A 192.0.2.1
		www 300 A 192.0.2.2
		www.sub 60 A 192.0.2.7
		web.demo.test. 300 A 192.0.2.1
		web.demo.test. 300 A 192.0.2.2
	END
	lookup 1 "nothing is tried after them" -4 -n -c "$conf" www four <<-'END'
		www A: (3)
		four A: (3)
	END
}

# Prints the right answers for $many names, and for their addresses.
expect_many() {
	awk -v n=$many 'BEGIN {
		for (i = 0; i < n; i++) {
			name = "n" i ".many.demo.test"
			address = "10.0." int(i / 256) "." i % 256
			print name, 300, "A", address
			print address, 300, "PTR", name
		}
	}' >"$programs/many"
	sort "$programs/many" >"$expected"
	cut -d ' ' -f 1 "$programs/many" >"$programs/names"
}

show_many() {
	expect_many
	say "The addresses of $many names, and the names of the addresses:"
	ask -4 -c "$conf" - <"$programs/names"
	quote <"$programs/summary"
	check "all $((2 * many)) answers came and are right" are_all_right "$answers"

	say "The same, with a fork when half of the answers have arrived.  Parent"
	say "and child both wait for the queries in flight; the child sends queries"
	say "of its own for what the parent has."
	ask -4 -c "$conf" -f "$answers.child" - <"$programs/names"
	quote <"$programs/summary"
	check "all $((2 * many)) answers came to the parent" \
		are_all_right "$answers"
	check "and as many to the child" are_all_right "$answers.child"
	check "the status is 0" test "$status" = 0
}

show_loss() {
	start lossy-nameserver nameserver -l 50 "$here/dns.zone"
	use_nameservers "$port"
	say "Each 50th question is lost on the way:"
	ask -4 -c "$conf" - <"$programs/names"
	quote <"$programs/summary"
	check "all $((2 * many)) answers came nevertheless" \
		are_all_right "$answers"
	check "TERM: the lossy nameserver ends" end "$server"
	print_shutdown_log
}

has_answers() {
	[[ $(wc -l <"$answers") -ge $1 ]]
}

# answers_with ANSWER: asks the running dnslookup once more, and checks what it
# prints.
answers_with() {
	asked=$((asked + 1))
	echo four.demo.test >&"$questions"
	until_true has_answers "$asked" && [[ $(tail -n 1 "$answers") = "$1" ]]
}

# show_change PORT OTHER_PORT: the second has another address of four.demo.test.
show_change() {
	local before="four.demo.test 120 A 192.0.2.4"
	local after="four.demo.test 120 A 192.0.2.104"
	local running questions asked=0 status=0
	use_nameservers "$1"
	rm -f "$programs/questions"
	mkfifo "$programs/questions"
	: >"$answers" # the lookup before has left lines, which would be counted
	"$programs/dnslookup" -4 -n -c "$conf" - <"$programs/questions" \
		>"$answers" 2>"$programs/summary" &
	running=$!
	exec {questions}<>"$programs/questions"
	say "A dnslookup that reads names from a pipe, and keeps running:"
	check "$before" answers_with "$before"
	use_nameservers "$2"
	say "Its resolv.conf names the other nameserver now."
	check "$after" until_true answers_with "$after"
	exec {questions}>&-
	wait "$running" || status=$?
	quote <"$programs/summary"
	check "it ends with its input, with status 0" test "$status" = 0
}

# show_dead_server PORT OTHER_PORT: no server is at the first.
show_dead_server() {
	use_nameservers "$1" "$2"
	say "The first nameserver in resolv.conf has ended, the second is there:"
	lookup 0 "the second is asked" -4 -n -c "$conf" four.demo.test \
		www.sub.demo.test <<-'END'
		four.demo.test 120 A 192.0.2.104
		www.sub.demo.test 60 A 192.0.2.7
	END
}

is_waited_for() {
	kill -HUP "$server" && grep -q ' 1 wait now' "$log"
}

# Sends TERM while an answer is delayed for two seconds.
show_end() {
	local client status=0
	say "TERM while a client waits for a slow answer:"
	timeout 30 "$programs/dnslookup" -4 -n -s "127.0.0.1:$port" \
		asleep.demo.test >"$answers" 2>&1 &
	client=$!
	check "the question has come" until_true is_waited_for
	check "the nameserver exits cleanly, with status 0" end "$server"
	print_shutdown_log
	wait "$client" || status=$?
	quote <"$answers"
	check "before that it has answered" test "$status" = 0
}

show_dns() {
	local first first_port
	heading "7. A nameserver and a resolver"
	start nameserver nameserver "$here/dns.zone"
	first=$server first_port=$port
	say "It answers from this file:"
	sed '/^#/d; /^$/d' "$here/dns.zone" | quote
	use_nameservers "$first_port"
	show_kinds
	show_search_list
	show_many
	show_loss
	sed 's/192\.0\.2\.4$/192.0.2.104/' "$here/dns.zone" >"$programs/zone"
	start other-nameserver nameserver "$programs/zone"
	show_change "$first_port" "$port"
	check "TERM: the first nameserver ends" end "$first"
	show_dead_server "$first_port" "$port"
	show_end
}
