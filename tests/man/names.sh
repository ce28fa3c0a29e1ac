#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# names.sh BUILD PAGE...: every function that a public header declares, every
# macro with arguments that it defines, and every name that the library exports
# has a manual page; and every name of a page of section 3, and every function
# that a page's text names, is one of those.  A name in later.txt may be there.
set -eu
export LC_ALL=C

here=$(dirname "$0")
out=$1/man
shift
mkdir -p "$out"
failed=

# none WHAT FILE: complains of the lines in FILE, if there are any.
none() {
	if [ -s "$2" ]; then
		echo "man: $1:" >&2
		sed 's/^/	/' "$2" >&2
		failed=yes
	fi
}

{
	awk -f "$here/public.awk" compat/*.h | grep -v '^_'
	sed -n '/global:/,/local:/p' src/exports.map | tr -d ' \t;' |
		grep -v ':'
} | sort -u >"$out/public"
sed '/^#/d' "$here/later.txt" | sort - "$out/public" | uniq >"$out/known"

# Of a page's names the first is its file's, which need not be a function's.
functions_of() {
	scripts/man-names "$1" | {
		read -r first
		if grep -qx "$first" "$out/known"; then
			echo "$first"
		fi
		cat
	} | sort
}

for page; do
	case $page in *.3) functions_of "$page" ;; esac
done | sort >"$out/names"
comm -23 "$out/public" "$out/names" >"$out/missing"
none "no page has these names" "$out/missing"
sort -u "$out/names" | comm -13 "$out/known" - >"$out/unknown"
none "nothing has these names" "$out/unknown"
uniq -d "$out/names" >"$out/twice"
none "several pages have these names" "$out/twice"

for page; do
	name=$(basename "$page")
	functions_of "$page" >"$out/$name.names"
	awk -v names=1 -f "$here/synopsis.awk" "$page" | sort -u \
		>"$out/$name.synopsis"
	case $page in *.3)
		comm -3 "$out/$name.names" "$out/$name.synopsis" |
			tr -d '\t' >"$out/$name.differ"
		none "$page: in one of NAME and SYNOPSIS" "$out/$name.differ"
		;;
	esac
done

# The names of functions of others are not ours to check, libev's among them;
# and COMPATIBILITY names what only other versions have.
ours='^(event|evbuffer|bufferevent|evtag|evdns|evhttp|evrpc|evutil|evcompat)_'
awk '/^[.]Sh / { elsewhere = $2 == "COMPATIBILITY" }
	/^[.](Fn|Fo|It) / && !elsewhere {
		for (i = 1; i < NF; i++)
			if ($i ~ /^[.]?F[no]$/)
				print $(i + 1)
	}' "$@" | sort -u |
	grep -E "$ours|^(EV|evtimer_|evsignal_|signal_|timeout_|encode_)" |
	comm -13 "$out/known" - >"$out/strangers"
none "the text names functions that are not there" "$out/strangers"

[ -z "$failed" ]
stale=$(sed '/^#/d' "$here/later.txt" | comm -12 - "$out/public" | xargs)
[ -z "$stale" ] || echo "man: no longer for later.txt: $stale"
echo "man: $(wc -l <"$out/names") names, each in one page"
