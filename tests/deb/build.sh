#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# build.sh: in a root that tests/deb/check.sh made, `make deb` builds packages from
# nothing; again, in another folder, with another umask, time zone and locale, and
# without a network, the same bytes come out; and lintian has no complaint, be it
# only a pedantic one.  The packages are in /debs then.
set -eu

test -d /debs || {
	echo "deb: not in a root of check-deb" >&2
	exit 1
}
make deb
cp build/deb/*.deb /debs

rm -rf /srv/other
cp -a . /srv/other
rm -rf /srv/other/build
(
	cd /srv/other
	umask 027
	export TZ=Asia/Kathmandu LC_ALL=C.UTF-8
	unshare -n make deb
) >/dev/null
same=0
for file in build/deb/*.deb build/deb/*.dsc build/deb/*.orig.tar.gz; do
	cmp "$file" "/srv/other/$file"
	same=$((same + 1))
done
echo "deb: $same files are the same, byte for byte, from two folders," \
	"the second without a network"

make=$(grep -c '^cc\|-gcc .*-ffile-prefix-map.* -c ' build/deb/log)
if grep -E -- ' -c -o build/(obj|tools)/' build/deb/log |
	grep -vE -- '-D_GNU_SOURCE.*-D_FORTIFY_SOURCE=.*-fstack-protector'; then
	echo "deb: the flags of hardening are not there, or not the last" >&2
	exit 1
fi
echo "deb: $make files are compiled with the flags of dpkg-buildflags"

scripts/need lintian
lintian --pedantic --allow-root --fail-on error,warning,info,pedantic \
	build/deb/*.changes
echo "deb: lintian --pedantic has no complaint"
