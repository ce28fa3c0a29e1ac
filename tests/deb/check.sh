#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# check.sh DIR SUITE [ARCH]: Debian packages are built, installed, used and removed
# in roots of that release, below DIR, by scripts/distro.  `make check-deb` calls
# this.
#
# 1. DIR/fresh has a root in which nothing was ever installed but what
#    scripts/distro needs.  It is kept for the next run.
# 2. DIR/build, DIR/libevent and DIR/libev get a copy of it each, and one target of
#    mk/deb.mk is made there.  What the first one builds, the others install.
#    /debs in a copy shows that it is one.  They are removed when all is well.
set -eu

dir=$1
suite=$2
arch=${3:-$(dpkg --print-architecture 2>/dev/null || echo amd64)}

# in_root NAME TARGET: makes it in the root of that name.
in_root() {
	CHECK=$2 scripts/distro "$dir/$1" "$suite" "$arch"
}

# copy NAME: a root of that name, from the fresh one.
copy() {
	rm -rf --one-file-system "${dir:?}/$1"
	mkdir -p "$dir/$1/$suite-$arch"
	cp -a "$dir/fresh/$suite-$arch/." "$dir/$1/$suite-$arch"
	mkdir "$dir/$1/$suite-$arch/debs"
}

in_root fresh dist
copy build
in_root build deb-build-test
for other in libevent libev; do
	copy $other
	cp "$dir/build/$suite-$arch"/debs/*.deb "$dir/$other/$suite-$arch/debs"
	in_root $other deb-beside-$other
	rm -rf --one-file-system "${dir:?}/$other"
done
rm -rf --one-file-system "${dir:?}/build"
echo "check-deb: $suite $arch: all is well"
