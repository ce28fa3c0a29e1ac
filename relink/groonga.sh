# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds groonga's suggest server and tests it; sourced by `relink`.  It is an
# HTTP server whose threads share one listening socket: each has a base and a
# struct evhttp of its own.

# Builds only this program, by its own Makefile, with Debian's libgroonga
# instead of the one that the Makefile would build first.  Debian's source lacks
# a template that configure reads.  Debian's patches make files newer than
# configure; the variables for make prevent that it is generated again.
build_groonga() (
	cd "$work/groonga" &&
	touch packages/apt/debian/groonga-keyring.postrm.in &&
	./configure --with-libevent="$prefix" --disable-document \
		--disable-mruby --disable-groonga-httpd --without-mecab \
		LDFLAGS="-Wl,-rpath,$prefix/lib" &&
	make -C src/suggest groonga-suggest-httpd \
		ACLOCAL=: AUTOCONF=: AUTOHEADER=: AUTOMAKE=: \
		groonga_suggest_httpd_DEPENDENCIES=libutil.la \
		groonga_suggest_httpd_LDADD="libutil.la -lgroonga -lmsgpackc \
			-lzmq -L$prefix/lib -levent"
)

make_dataset() {
	groonga-suggest-create-dataset "$groonga_dir/db" query &&
	groonga "$groonga_dir/db" <<-END
		load --table item_query
		[
		{"_key":"engine","kana":"エンジン","freq":10},
		{"_key":"door","kana":"ドア","freq":20}
		]
	END
}

# suggest TEXT [OPTION]...: what the server suggests for it, by curl.
suggest() {
	local text=$1
	shift
	curl -s --max-time 5 "$@" \
		"$url/?t=complete&n=query&frequency_threshold=1&q=$text"
}

suggests() { suggest "$1" | grep -q "\[\"$2\","; }
suggests_nothing() { suggest "$1" | grep -q '\[\[0\],'; }

# JSONP: the answer is a call of a function that the query names.
calls_back() {
	suggest "en&callback=show" -D "$groonga_dir/head" |
		grep -q '^show({.*engine.*});$' &&
	grep -q '^Content-Type: text/javascript' "$groonga_dir/head"
}

# A query of 60,000 bytes, which none of the names begins with.
long_query() { suggests_nothing "$(printf 'x%.0s' {1..60000})"; }

# many_ask COUNT: sends COUNT requests, over 50 connections at a time.
many_ask() {
	local got
	got=$(suggest "en&client=[1-$1]" -Z --parallel-max 50 --max-time 60 \
		2>/dev/null |
		grep -o '"engine"' | wc -l)
	((got == $1))
}

# has_logged COUNT: whether the logs of all threads have at least COUNT
# requests.
has_logged() { (($(cat "$groonga_dir"/requests* | wc -l) >= $1)); }

# hangs_up_on TEXT: whether the server closes the connection of a client that
# sends only this, within 15 seconds.  The server's timeout is 10 seconds.
hangs_up_on() (
	exec 3<>"/dev/tcp/127.0.0.1/$groonga_port"
	printf '%s' "$1" >&3
	timeout 15 cat <&3
)

test_groonga() {
	local groonga_port url groonga_dir=$work/groonga-test

	rm -rf "$groonga_dir"
	mkdir -p "$groonga_dir"
	logged groonga-dataset make_dataset
	groonga_port=$(free_ports 1)
	url=http://127.0.0.1:$groonga_port
	start "$groonga_dir/log" \
		"$work/groonga/src/suggest/groonga-suggest-httpd" \
		-p "$groonga_port" -t 4 -l "$groonga_dir/requests" \
		"$groonga_dir/db"
	check "a suggestion is given, on port $groonga_port" \
		until_true suggests en engine
	check "/proc/$server/maps: it runs on ${library##*/}" \
		test "$(mapped_libevents "$server")" = "$library"
	check "another one" suggests doo door
	check "no suggestion where there is none" suggests_nothing zz
	check "a suggestion as JavaScript" calls_back
	check "a URI of 60,000 bytes" long_query
	check "500 requests, each on a connection of its own, 50 at once" \
		many_ask 500
	check "a client that says nothing is hung up on" hangs_up_on ''
	check "and one that says half a request" \
		hangs_up_on $'GET / HTTP/1.1\r\nHost:'
	check "the others are served as before" suggests en engine
	stop "$groonga_dir/log"
	check "its log has all that was answered" has_logged 506
}
