# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
#
# What the scripts of this folder share; they set $out, $build and $tool.

failures=0
behaviours=0

# bad NAME WHAT: reports that the behaviour of this name is not as it says.
bad() {
	echo "FAILED $1: $2" >&2
	failures=$((failures + 1))
}

# answers NAME STATUS PATTERN ARGUMENT...: evcompat-check with the arguments
# ends with the status, and some line of what it prints has the pattern.  Its
# output is in $out/NAME.said.
answers() {
	name=$1
	wanted=$2
	pattern=$3
	shift 3
	behaviours=$((behaviours + 1))
	status=0
	"$tool" "$@" >"$out/$name.said" 2>&1 || status=$?
	# One line, so that a pattern finds what was wrapped.
	tr -s ' \n' ' ' <"$out/$name.said" >"$out/$name.line"
	if [ "$status" != "$wanted" ]; then
		bad "$name" "status $status, not $wanted: $(cat "$out/$name.said")"
	elif ! grep -q -e "$pattern" "$out/$name.line"; then
		bad "$name" "no '$pattern' in: $(cat "$out/$name.said")"
	fi
}

# also NAME PATTERN: checks that the output of NAME has the pattern as well;
# not_also NAME PATTERN: that it does not.
also() {
	behaviours=$((behaviours + 1))
	grep -q -e "$2" "$out/$1.line" ||
		bad "$1" "no '$2' in: $(cat "$out/$1.said")"
}
not_also() {
	behaviours=$((behaviours + 1))
	if grep -q -e "$2" "$out/$1.line"; then
		bad "$1" "'$2' in: $(cat "$out/$1.said")"
	fi
}

# holds NAME COMMAND...: the command succeeds.
holds() {
	name=$1
	shift
	behaviours=$((behaviours + 1))
	"$@" >"$out/$name.said" 2>&1 || bad "$name" "$(cat "$out/$name.said")"
}

conclude() {
	[ "$failures" = 0 ] || exit 1
	echo "$1: $behaviours behaviours"
}

# compile ARGUMENT...: calls the compiler with the user's flags.
compile() {
	# shellcheck disable=SC2086
	$CC $CFLAGS "$@"
}

# caller FILE FUNCTION...: the source of a program that calls the functions.
caller() {
	file=$1
	shift
	for function; do
		echo "extern void $function(void);"
	done >"$file"
	echo 'int main(void) {' >>"$file"
	for function; do
		echo "$function();"
	done >>"$file"
	echo 'return 0; }' >>"$file"
}

# giver FILE FUNCTION...: the source of a library that has the functions.
giver() {
	file=$1
	shift
	for function; do
		echo "void $function(void); void $function(void) {}"
	done >"$file"
}

# library SONAME FUNCTION...: $out/SONAME, which has them, and $variables.
library() {
	soname=$1
	shift
	giver "$out/$soname.c" "$@"
	echo "${variables-}" >>"$out/$soname.c"
	compile -w -fPIC -shared -Wl,-soname,"$soname" -o "$out/$soname" \
		"$out/$soname.c"
}

# program NAME "FUNCTION..." ARGUMENT...: $out/NAME calls the functions, and is
# linked by the arguments, with all the libraries among them.
program() {
	target=$out/$1
	functions=$2
	shift 2
	# shellcheck disable=SC2086
	caller "$target.c" $functions
	compile -w -fno-builtin -o "$target" "$target.c" \
		-Wl,--no-as-needed -Wl,-rpath-link,"$out" "$@"
}
