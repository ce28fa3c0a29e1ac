#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# need.sh BUILD: checks that a libev and a c-ares in a prefix of the user's are
# found through CPPFLAGS, that no package is asked for in their place, and that
# files which include their headers compile without a warning.  The compiler here
# does not see the system's headers of them.  libev's event.h lies beside its
# ev.h, as `make install` puts it there, and is not taken for ours.
set -eu

build=$1
mkdir -p "$build/build"
out=$(cd "$build/build" && pwd)/need
prefix=$out/prefix/include
rm -rf "$out"
mkdir -p "$prefix" "$out/system" "$out/bin"

# found HEADER: prints the path where the compiler finds it.  shellcheck
# disable=SC2086
found() {
	echo "#include <$1>" | $CC ${CPPFLAGS:-} -E -x c - |
		sed -n "s|^# 1 \"\(/.*$1\)\".*|\1|p" | head -n 1
}

for header in ev.h ares.h; do
	where=$(dirname "$(found $header)")
	ln -sf "$where"/* "$out/system"
	cp "$where/${header%.h}"*.h "$prefix"
done
rm -f "$out"/system/ev*.h "$out"/system/ares*.h
echo '#error "this event.h is not ours"' >"$prefix/event.h"

# A compiler whose system folders are these alone.
cat >"$out/bin/cc-alone" <<END
#!/bin/sh
exec $CC "\$@" -nostdinc -isystem "$(dirname "$(found stddef.h)")" \\
	-isystem "$out/system" -isystem "/usr/include/$($CC -print-multiarch)"
END
chmod +x "$out/bin/cc-alone"
export PATH="$out/bin:$PATH" CC=cc-alone
unset CPPFLAGS MAKEFLAGS

scripts/need -n libc6-dev
if scripts/need -n libev-dev libc-ares-dev 2>"$out/err"; then
	echo "need: packages that are missing are not reported" >&2
	exit 1
fi
grep -q 'missing: libev-dev libc-ares-dev$' "$out/err"

CPPFLAGS="-I$prefix -Wundef -Werror" scripts/need -n libev-dev libc-ares-dev
# shellcheck disable=SC2046
$MAKE -s BUILD="$out/build" CPPFLAGS="-I$prefix" WERROR=-Werror $(
	grep -lE 'include ("libev.h"|<ares.h>)' src/*/*.c src/*/*/*.c |
		sed "s|^src/\(.*\)c$|$out/build/obj/\1o|") >"$out/log" 2>&1 || {
	cat "$out/log" >&2
	exit 1
}
grep -q "$prefix/ev.h" "$out/build/obj/base/libev.d"
grep -q "$prefix/ares.h" "$out/build/obj/dns/channel.d"
echo "need: headers in a prefix are found, and no package is asked for"
