# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds tmux and tests it; sourced by `relink`.  Its server reads and writes
# terminals, pipes and clients through bufferevents.

# Its configure asks pkg-config for libevent 2, and uses any <event2/event.h> that it
# finds, also the system's.  Variables give it pkg-config's results and say that there
# is no such header, so that it uses <event.h> and accepts 1.4.
build_tmux() (
	cd "$work/tmux" &&
	./configure LIBEVENT_CORE_CFLAGS="-I$prefix/include" \
		LIBEVENT_CORE_LIBS="-L$prefix/lib -levent" \
		ac_cv_header_event2_event_h=no \
		LDFLAGS="-Wl,-rpath,$prefix/lib" &&
	make -j2
)

# tm COMMAND...: runs a client with this command.  The first session starts the
# server.  The path of a socket must be short.
tm() (
	cd "$tmux_dir" &&
	exec timeout 20 ../tmux/tmux -S socket -f /dev/null "$@"
)

# pane_says PANE LINE: whether its screen has this line, with or without a
# prompt before it.
pane_says() { tm capture-pane -p -t "$1" | grep -qE "^([#\$] )*$2\$"; }

# has_size PANE ROWS COLUMNS: whether a program in the pane sees that size.
has_size() {
	tm send-keys -t "$1" 'stty size' Enter && pane_says "$1" "$2 $3"
}

# shellcheck disable=SC2016
answers_keys() {
	tm send-keys -t main 'echo sum $((40 + 2))' Enter &&
	until_true pane_says main 'sum 42'
}

resize() {
	tm resize-window -t "$1" -y "$2" -x "$3" && until_true has_size "$@"
}

# is_count FILE: whether it is the numbers from 1 to $count, a line each.
is_count() { cmp -s "$1" <(seq 1 "$count"); }

# has_counted PANE: whether the last thousands of lines are the last numbers.
has_counted() {
	local lines n
	lines=$(tm capture-pane -p -S - -t "$1" | grep .)
	n=$(wc -l <<<"$lines")
	((n > 1000)) && [[ $lines == "$(seq $((count - n + 1)) "$count")" ]]
}

fill_panes() {
	local i busy="seq 1 $count; read end"
	for i in 1 2 3 4; do
		tm new-window -d -t main: -n "busy$i" "$busy" &&
		tm split-window -d -t "main:busy$i" "$busy" || return 1
	done
	for i in 1 2 3 4; do
		until_true has_counted "main:busy$i.0" &&
		until_true has_counted "main:busy$i.1" || return 1
	done
}

# ready_window NAME COMMAND: makes a window with a raw terminal, and waits until
# the command runs in it.
ready_window() {
	tm new-window -d -t main: -n "$1" "stty raw -echo
		../tmux/tmux wait-for -S $1; $2" && tm wait-for "$1"
}

# counter NAME: makes a window that prints the numbers up to $count once it gets
# a byte.
counter() {
	ready_window "$1" "head -c 1 >go; seq 1 $count; read end"
}

pipe_pane() {
	counter piped && tm pipe-pane -t main:piped 'cat >piped' &&
	tm send-keys -t main:piped 1 && until_true is_count "$tmux_dir/piped"
}

write_text() {
	head -c 300000 /dev/urandom | base64 >"$tmux_dir/text"
}

load_and_save() {
	tm load-buffer - <"$tmux_dir/text" &&
	tm save-buffer - | cmp -s - "$tmux_dir/text"
}

# The text is many times what a terminal holds.
paste_buffer() {
	local size
	size=$(stat -c %s "$tmux_dir/text")
	ready_window paste "head -c $size >pasted" &&
	tm paste-buffer -r -t main:paste &&
	until_true cmp -s "$tmux_dir/pasted" "$tmux_dir/text"
}

is_answered() { [[ $(tm display-message -p "client $1") == "client $1" ]]; }

# Clients that are all connected at the same time.
many_clients() {
	local i pids=() pid
	for ((i = 0; i < 50; i++)); do
		is_answered "$i" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return 1
	done
}

# attach NAME: a client in a terminal of its own, as $attached.  It reads what
# is typed from `keys`, and what it shows goes to the file of that name.  The
# session is one whose size nobody has set.
attach() {
	(
		cd "$tmux_dir" &&
		exec script -qfec 'stty rows 40 cols 120
			exec ../tmux/tmux -S socket attach -t seen' \
			"$1" <keys >/dev/null 2>&1
	) &
	attached=$!
}

# control: a client in control mode, as $attached.  The server reports to it, as text,
# what all panes of its session write; the server itself writes that to the
# client's standard output.
control() {
	(
		cd "$tmux_dir" &&
		exec ../tmux/tmux -S socket -C attach -t main <in >out 2>&1
	) &
	attached=$!
}

client_is() { tm list-clients -F "#{client_$1}"; }
has_clients() { [[ $(client_is pid | wc -l) == "$1" ]]; }
shows() { grep -aqsF "$2" "$tmux_dir/$1"; }

# lose PID: kills that process, which is the client or has its terminal.
lose() {
	kill -KILL "$1" && until_true has_clients 0 &&
	until_true is_gone "$attached" && ! wait "$attached"
} 2>/dev/null

# ended PID: whether this child comes to its end, with status 0.
ended() { until_true is_gone "$1" && wait "$1"; }

# shellcheck disable=SC2016
answers_typing() {
	printf 'echo typed $((6 * 7))\r' >&"$keys" &&
	until_true shows "$1" 'typed 42'
}

resize_terminal() {
	stty -F "$(client_is tty)" rows "$1" cols "$2" &&
	until_true has_size seen $(($1 - 1)) "$2"
}

detach() { printf '\002d' >&"$keys" && ended "$attached"; }

# shellcheck disable=SC2016
test_terminals() {
	local keys attached

	mkfifo "$tmux_dir/keys"
	exec {keys}<>"$tmux_dir/keys"
	check "another session" tm new-session -d -s seen ';' \
		set-option status-right '#(echo job $((40 + 2)))'
	attach first
	check "a client attaches, and shows what a job says" \
		until_true shows first 'job 42'
	check "what is typed there is answered there" answers_typing first
	check "its terminal has 40 rows, and the pane one less" \
		until_true has_size seen 39 120
	check "the terminal is resized, and the pane too" resize_terminal 50 90
	check "the client is killed, and the server sees it" \
		lose "$(client_is pid)"

	attach second
	check "another one attaches, and shows what was there" \
		until_true shows second 'typed 42'
	check "its terminal goes away, and the server sees it" lose "$attached"

	attach third
	check "a third one attaches" until_true shows third 'typed 42'
	check "it is made to detach, and ends with status 0" detach
	exec {keys}>&-
}

# read_count PANE: what that pane wrote, by what the client received, until
# $count lines are there.
# shellcheck disable=SC2016
read_count() {
	timeout 20 perl -ne 'BEGIN { ($pane, $count) = splice @ARGV, 0, 2 }
		next unless s/^%output $pane //;
		chomp;
		s/\\(\d{3})/chr oct $1/ge;
		print;
		last if ($lines += tr/\n//) >= $count' "$1" "$count"
}

test_control() {
	local in out pane attached

	mkfifo "$tmux_dir/in" "$tmux_dir/out"
	exec {in}<>"$tmux_dir/in" {out}<>"$tmux_dir/out"
	check "a window that is to count" counter late
	pane=$(tm display-message -p -t main:late '#{pane_id}' || true)
	control
	check "a client in control mode attaches" until_true has_clients 1
	echo 'send-keys -t main:late 1' >&"$in"
	check "it does not read, and others are served" many_clients
	read_count "$pane" <&"$out" >"$tmux_dir/late" || true
	check "it reads, and gets all $count lines" is_count "$tmux_dir/late"
	check "it is killed, and the server sees it" lose "$attached"
	exec {in}>&- {out}>&-
}

# kill_server: the server, and all that it has started.
kill_server() {
	local family pid
	family=$(family_of "$server")
	is_gone "$server" && return 1
	tm kill-server || return 1
	for pid in "$server" $family; do
		until_true is_gone "$pid" || return 1
	done
}

# shellcheck disable=SC2016
test_panes() {
	check "keys are sent, and the shell answers" answers_keys
	check "a window is resized" resize main 30 100
	check "and again" resize main 10 200
	check "8 panes at once, each with $count lines" fill_panes
	check "a pane is piped, and its $count lines come whole" pipe_pane
	check "a paste buffer, 400 kB, loaded and saved" load_and_save
	check "the same pasted into a program" paste_buffer
}

test_tmux() {
	local count=100000
	local -x SHELL=/bin/sh TERM=screen ENV=
	unset TMUX

	tmux_dir=$work/tmux-test
	rm -rf "$tmux_dir"
	mkdir -p "$tmux_dir"
	write_text
	if ! tm new-session -d -x 80 -y 24 -s main; then
		bad "no session starts"
		return
	fi
	server=$(tm display-message -p '#{pid}')
	trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
	check "/proc/$server/maps: tmux runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	test_panes
	check "50 clients at once" many_clients
	test_terminals
	test_control
	check "kill-server: nothing is left of what it had started" kill_server
	trap - EXIT

	start "$tmux_dir/log" env -C "$tmux_dir" \
		../tmux/tmux -S socket -f /dev/null -D
	check "a server in the foreground, and a session" \
		until_true tm -N new-session -d 2>/dev/null
	stop "$tmux_dir/log"
}
