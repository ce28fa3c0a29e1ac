# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Builds opensmtpd and tests that it delivers mail; sourced by `relink`.  It
# receives a mail at one port, relays it as a client to its own second port, and
# delivers it from there to a maildir.  The mails are sent by opensmtpd's own
# client, which is a libevent program too.

# Its processes change from root to users that every Debian has, and some paths
# are compiled in.  These users must be able to enter those folders, whatever the
# permissions of this checkout are.  Debian's patches make files newer than
# configure; it must not be generated again.
build_opensmtpd() {
	smtpd_dir=$(mktemp -d)
	(
		cd "$work/opensmtpd" &&
		touch aclocal.m4 &&
		find . \( -name configure -o -name config.h.in -o \
			-name Makefile.in \) -exec touch {} + &&
		./configure --with-libevent="$prefix" \
			--libexecdir="$smtpd_dir" --with-user-smtpd=nobody \
			--with-user-queue=daemon --with-group-queue=daemon \
			--with-path-queue="$smtpd_dir/spool" \
			--with-path-empty="$smtpd_dir/empty" \
			--with-path-socket="$smtpd_dir" \
			--with-path-pidfile="$smtpd_dir" \
			LDFLAGS="-Wl,-rpath,$prefix/lib" &&
		make -j2
	)
}

# Mail is received at $in_port and relayed to $out_port.  There is no TLS: the
# way in which this server hides its key from most of its processes does not
# work with OpenSSL 3.
configure_opensmtpd() {
	cat >"$smtpd_dir/smtpd.conf" <<-END
		listen on 127.0.0.1 port $in_port hostname localhost tag IN
		listen on 127.0.0.1 port $out_port hostname localhost tag OUT
		action onward relay host "smtp://127.0.0.1:$out_port"
		action keep maildir "$smtpd_dir/mail/box" user nobody
		match tag IN from any for domain example.test action onward
		match tag OUT from any for domain example.test action keep
	END
}

# The maildir belongs to the user nobody, who also runs the programs that write
# to it.
prepare_places() {
	chmod 755 "$smtpd_dir" &&
	mkdir -p "$smtpd_dir/empty" "$smtpd_dir/opensmtpd" "$smtpd_dir/mail" &&
	chown nobody "$smtpd_dir/mail" &&
	install -m 755 "$work"/opensmtpd/mk/mail/mail.m*/mail.m?[!.]* \
		"$smtpd_dir/opensmtpd"
}

# send [RECIPIENT]: sends the mail on standard input.  The server's answer goes
# to the file `sent`.
send() {
	timeout 60 "$work/opensmtpd/mk/smtp/smtp" \
		-s "smtp://127.0.0.1:$in_port" -F sender@example.test \
		"${1:-nobody@example.test}" >>"$smtpd_dir/sent" 2>&1
}

mail_about() { printf 'Subject: %s\n\n' "$1" && cat; }
send_short() { mail_about "$1" <<<"This is $1" | send "${@:2}"; }

# has_come SUBJECT: prints the mail's body, if it is there.
has_come() {
	local mail
	mail=$(grep -srlx "Subject: $1" "$smtpd_dir/mail/box/new") &&
	sed '1,/^$/d' "$mail"
}

short_has_come() { [[ $(has_come "$1") == "This is $1" ]]; }
text_has_come() { has_come text | cmp -s - "$smtpd_dir/text"; }

# smtpctl must run with that group.
control_smtpd() {
	timeout 20 setpriv --regid daemon --clear-groups \
		"$work/opensmtpd/mk/smtpctl/smtpctl" "$@"
}
in_queue() { [[ $(control_smtpd show queue | wc -l) == "$1" ]]; }

delivers() { send_short "$1" && until_true short_has_come "$1"; }
delivers_text() {
	mail_about text <"$smtpd_dir/text" | send && until_true text_has_come
}

crowd_size() {
	grep -srlx 'Subject: crowd [0-9]*' "$smtpd_dir/mail/box/new" | wc -l
}
crowd_grows() { (($(crowd_size) > $1)); }

# many_mails COUNT: sends mails, 10 at a time, and waits for their delivery as
# long as the number of those that were delivered keeps growing.
many_mails() {
	local i come
	for ((i = 0; i < $1; i++)); do
		send_short "crowd $i" &
		if ((i >= 9)); then wait -n; fi
	done
	until come=$(crowd_size) && ((come == $1)); do
		until_true crowd_grows "$come" || return 1
	done
}

greets() (
	exec 3<>"/dev/tcp/127.0.0.1/$in_port" && echo QUIT >&3 &&
	timeout 20 cat <&3 | grep -q '^220 localhost '
) 2>/dev/null

refuses() {
	send_short refused you@elsewhere.test
	grep -q '^you@elsewhere.test: .* 550 ' "$smtpd_dir/sent"
}

# A mail stays in the queue while the client's side pauses.
waits_in_queue() {
	control_smtpd pause mta && send_short held && until_true in_queue 1 &&
	! short_has_come held && control_smtpd resume mta &&
	until_true short_has_come held
} >>"$smtpd_dir/sent"

test_delivery() {
	head -c 3000000 /dev/urandom | base64 >"$smtpd_dir/text"
	check "a mail is relayed and delivered" delivers hello
	check "and one of 4 MB, whole" delivers_text
	check "100 mails, 10 clients at a time" many_mails 100
	check "a recipient that is not its own is refused" refuses
	check "smtpctl: a mail waits in the queue while relaying is paused" \
		waits_in_queue
	check "smtpctl: then the queue is empty" until_true in_queue 0
}

test_opensmtpd() {
	local in_port out_port pid log=$work/opensmtpd-test.log

	if ((EUID != 0)); then
		say "--    not tested: its server needs root"
		rm -rf "$smtpd_dir"
		return
	fi
	read -r in_port out_port < <(free_ports 2)
	logged opensmtpd-places prepare_places
	logged opensmtpd-configure configure_opensmtpd
	start "$log" "$work/opensmtpd/mk/smtpd/smtpd" -d \
		-f "$smtpd_dir/smtpd.conf"
	check "it greets on port $in_port" until_true greets
	for pid in "$server" $(family_of "$server"); do
		check "/proc/$pid/maps: smtpd runs on ${library##*/}" \
			test "$(mapped_libevents "$pid")" = "$library"
	done
	test_delivery
	stop "$log"
	rm -rf "$smtpd_dir"
}
