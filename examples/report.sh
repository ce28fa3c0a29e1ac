# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions of scripts that show programs: to print, to wait, and to find out
# which library a program uses.  Sourced by bash scripts; `failures` counts the
# checks that have failed.

failures=0

heading() {
	printf '\n%s\n\n' "$*"
}

say() {
	printf '  %s\n' "$*"
}

ok() {
	printf '  ok    %s\n' "$*"
}

bad() {
	printf '  BAD   %s\n' "$*"
	failures=$((failures + 1))
}

# check WHAT COMMAND...: runs the command, and prints ok or BAD.
check() {
	local what=$1
	shift
	if "$@"; then ok "$what"; else bad "$what"; fi
}

# Prints the text on standard input, indented.
quote() {
	sed 's/^/        | /'
}

# until_true COMMAND...: runs it again until it succeeds, for 15 seconds.
until_true() {
	local end=$((SECONDS + 15))
	until "$@"; do
		if ((SECONDS >= end)); then return 1; fi
		sleep 0.1
	done
}

is_gone() {
	local state
	state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || true
	[[ -z $state || $state == Z ]]
}

# end PID: ends a child of this shell with TERM, and returns its status; if that
# does not end it, uses KILL, and returns 1.
end() {
	kill -TERM "$1" 2>/dev/null || true
	if until_true is_gone "$1"; then
		wait "$1"
	else
		kill -KILL "$1"
		return 1
	fi
}

# Prints the libevents that a file is bound to, or that a process has mapped, by
# their names after all symbolic links.
bound_libevents() {
	ldd "$1" | sed -En 's/^\s*lib(event|evcompat)[^/ ]* => (.*) \(.*/\2/p' |
		xargs -r -d '\n' readlink -f | sort -u
}

mapped_libevents() {
	sed -En 's|^[^/]* (/.*/lib(event\|evcompat)[^/]*)$|\1|p' \
		"/proc/$1/maps" 2>/dev/null | sort -u
}

# on_library LIBRARY BINARY [PID]: shows the binary's ldd line, and says whether
# the library is the one libevent it is bound to, and that the process uses.
on_library() {
	local name=${2##*/}
	ldd "$2" | awk '$1 ~ /^lib(event|evcompat)[^\/]*$/' |
		sed 's/ (0x.*//; s/^[[:space:]]*//' | quote
	check "ldd: $name is bound to ${1##*/} and no other libevent" \
		test "$(bound_libevents "$2")" = "$1"
	if [[ -n ${3:-} ]]; then
		check "/proc/$3/maps: that is what process $3 runs on" \
			test "$(mapped_libevents "$3")" = "$1"
	fi
}

# Prints whether all checks have passed; the status is 1 if not.
conclude() {
	printf '\n'
	if ((failures == 0)); then
		printf 'All checks have passed.\n'
	else
		printf 'BAD: %d of the checks above have failed.\n' "$failures"
		return 1
	fi
}
