#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# beside.sh libevent|libev: in a root that tests/deb/check.sh made, with our
# packages in /debs, they are installed beside Debian's libevent-dev, or beside
# libev-libevent-dev, which excludes that; programs get the library that they ask
# for; and what is removed leaves nothing.
set -eu

test -d /debs || {
	echo "deb: not in a root of check-deb" >&2
	exit 1
}
case $1 in
libevent) beside="libevent-dev" ;;
libev) beside="libev-libevent-dev" ;;
esac
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
lib=/usr/lib/$(gcc -print-multiarch)
dropin=$lib/libevent-compat/dropin
export DEBIAN_FRONTEND=noninteractive

fail() {
	echo "deb: beside $beside: $*" >&2
	exit 1
}

apt() {
	apt-get -y --no-install-recommends "$@" >"$out/apt" 2>&1 || {
		cat "$out/apt" >&2
		fail "apt-get $*"
	}
}

# is_there PACKAGE: and configured.
is_there() {
	test "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = \
		'install ok installed'
}

# runs_on LIBRARY PROGRAM: of all libevents and libevs with an interface of
# libevent's, that one alone is loaded.
runs_on() {
	ldd "$2" | grep -oE '(libevent|libevcompat|libev)[-_.a-z0-9]*' |
		sort -u >"$out/loaded"
	grep -qx "$1" "$out/loaded" || fail "$2 runs on $(cat "$out/loaded")"
}

# Where files of ours could be.
ours() {
	find / -xdev \( -path /checkout -o -path /debs -o -path /tmp -o \
		-path /proc -o -path /var/log -o -path /var/lib/apt \) -prune -o \
		\( -name '*evcompat*' -o -name '*libevent-compat*' -o \
		-name 'libevent-1.4*' -o -name 'event_rpcgen*' \) -print
}

apt update
ours >"$out/before"
test ! -s "$out/before" || fail "there before: $(cat "$out/before")"
apt install libc6-dev "$beside"
packages=$(for deb in /debs/*.deb; do dpkg-deb -f "$deb" Package; done)

# A person with an old binary: nothing to develop with comes along.
apt install /debs/evcompat-tools_*.deb /debs/libevcompat1_*.deb \
	/debs/libevent-compat-dropin_*.deb
! dpkg -s libevent-compat-dev >/dev/null 2>&1 ||
	fail "libevent-compat-dropin takes libevent-compat-dev along"
cp tests/abi/dropin.c tests/abi/stub.c "$out"
gcc -Icompat -fPIC -shared -Wl,-soname,libevent-1.4.so.2 \
	-o "$out/libevent.so" "$out/stub.c"
gcc -Icompat -fno-pie -no-pie -Wl,--no-as-needed -o "$out/old" "$out/dropin.c" \
	"$out/libevent.so"
rm "$out/libevent.so"
if "$out/old" >/dev/null 2>&1; then
	fail "libevent-1.4.so.2 is in the loader's search path"
fi
evcompat-check "$out/old" >"$out/verdict" ||
	fail "evcompat-check: $(cat "$out/verdict")"
evcompat-run "$out/old" >"$out/said"
grep -qx 'version 1.4.15' "$out/said"
grep -qx 'libraries: 1' "$out/said"
EVCOMPAT_VERBOSE=1 evcompat-run "$out/old" 2>&1 >/dev/null |
	grep -q "libevent-1.4.so.2 is $lib/libevcompat.so.1"
echo "deb: a program for libevent-1.4.so.2 runs, by evcompat-run"

# A person who compiles programs.
apt install /debs/*.deb
for package in $packages; do
	is_there "$package" || fail "$package is not there"
done
is_there "$beside" || fail "it is gone"
test -z "$(dpkg --audit)" || fail "$(dpkg --audit)"
scripts/need pkg-config
sed -n '/^    cc prog.c /{s/^ *//p;q}' README.md >"$out/command"
test -s "$out/command" || fail "README has no command that compiles prog.c"
sed -n '/^```c$/,/^```$/{/^```/d;p}' README.md >"$out/prog.c"
test -s "$out/prog.c" || fail "README has no program"
said=$(cd "$out" && sh -eu ./command && ./prog)
test "$said" = "a second" || fail "README's program prints '$said'"
runs_on libevcompat.so.1 "$out/prog"
(cd "$out" && eval gcc -static prog.c "$(pkg-config --static --cflags --libs \
	libevent-compat)" -o static && ./static) >"$out/said"
grep -qx "a second" "$out/said"
test "$(pkg-config --variable=evcompat_version libevent-compat)" = \
	"$(dpkg-query -W -f '${source:Upstream-Version}' libevcompat1)"
PKG_CONFIG_PATH=$dropin/lib/pkgconfig pkg-config --exists 'libevent = 1.4.15'
echo "deb: README's program is compiled and runs; with -static, too"

# The other library's users notice nothing.
case $1 in
libevent)
	printf '%s\n' '#include <event2/event.h>' '#include <string.h>' \
		'int main(void) { return event_base_new() == NULL ||' \
		'strncmp(event_get_version(), "2.", 2) != 0; }' >"$out/theirs.c"
	gcc "$out/theirs.c" -o "$out/theirs" -levent
	runs_on libevent-2.1.so.7 "$out/theirs"
	;;
libev)
	printf '%s\n' '#include <event.h>' '#include <string.h>' \
		'int main(void) { return event_init() == NULL ||' \
		'strcmp(event_get_method(), "libev") != 0; }' >"$out/theirs.c"
	gcc "$out/theirs.c" -o "$out/theirs" -lev
	runs_on libev.so.4 "$out/theirs"
	;;
esac
! ldd "$out/theirs" | grep -q evcompat || fail "its programs run on ours"
"$out/theirs" || fail "its programs do not run"
echo "deb: a program for $beside is compiled and runs on that"

NEED=install scripts/need make
AUTOPKGTEST_TMP=$out/autopkgtest debian/tests/demo >"$out/demo" 2>&1 || {
	tail -n 60 "$out/demo" >&2
	fail "debian/tests/demo"
}
grep -q "Their libevent is $lib/libevcompat.so.1\$" "$out/demo"
echo "deb: debian/tests/demo: $(grep -c '^  ok ' "$out/demo") checks passed"

# shellcheck disable=SC2086
apt purge $packages
ours >"$out/left"
test ! -s "$out/left" || fail "left behind: $(cat "$out/left")"
! ldconfig -p | grep -q evcompat || fail "the loader knows the library still"
is_there "$beside" || fail "it went with our packages"
"$out/theirs" || fail "its programs do not run any more"
echo "deb: what is removed leaves nothing; $beside is as before"
