# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What scripts that show programs at work have in common: how they speak, how
# they wait, and how they find out on which library a program runs.  Sourced by
# bash scripts; `failures` counts what was not as it should be.

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

# check WHAT COMMAND...: ok or bad, as the command ends.
check() {
	local what=$1
	shift
	if "$@"; then ok "$what"; else bad "$what"; fi
}

# The text on standard input, set off from the script's own.
quote() {
	sed 's/^/        | /'
}

# until_true COMMAND...: tries for 15 seconds whether it succeeds.
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

# end PID: by TERM; if that does not help, by KILL and with status 1.  Otherwise
# the status is that of the process, which must be a child of this shell.
end() {
	kill -TERM "$1" 2>/dev/null || true
	if until_true is_gone "$1"; then
		wait "$1"
	else
		kill -KILL "$1"
		return 1
	fi
}

# The libevents that a file is bound to, or that a process has mapped, each by
# the name it has after all symbolic links.
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

# Says how it went; the status says the same.
conclude() {
	printf '\n'
	if ((failures == 0)); then
		printf 'All is well.\n'
	else
		printf 'NOT WELL: %d of the above went wrong.\n' "$failures"
		return 1
	fi
}
