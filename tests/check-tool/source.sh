#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# source.sh BUILD: what evcompat-check --source says of source trees.
set -eu
export LC_ALL=C

here=$(dirname "$0")
build=$1
out=$build/check-tool/source
tool=$build/stage/bin/evcompat-check
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
. "$here/lib.sh"

# tree NAME [FILE]: makes a tree with a file that has the text on standard
# input.
tree() {
	mkdir -p "$out/$1"
	cat >"$out/$1/${2-main.c}"
}

# of NAME TREE STATUS PATTERN
of() { answers "$1" "$3" "$4" --source "$out/$2"; }

tree plain <<'END'
#include <sys/types.h>
#include <event.h>
int main(void) { event_init(); return event_dispatch(); }
END
of program_of_1_4_runs plain 0 ': will run source tree, 1 file of C'
also program_of_1_4_runs 'uses 2 names of libevent.s; libevcompat has all 2'
answers uses_are_listed_with_their_lines 0 \
	"event_dispatch public nobody, for $out/plain/main.c:3" \
	-v --source "$out/plain"

tree none <<'END'
#include <stdio.h>
/* #include <event.h>, event_init() */
int main(void) { return puts("event_init()"); } // event_add(
#if 1 /* #include <event.h>
#include <event.h> */
#endif
END
of comments_and_strings_do_not_count none 4 'uses no libevent'

tree two <<'END'
#include <event2/event.h>
int main(void) { return event_base_new() == 0; }
END
of headers_of_libevent_2_are_not_for_us two 3 'needs libevent 2: not for us'
tree two_by_name <<'END'
#include <event.h>
int main(void) { return event_new(0, 0, 0, 0, 0) == 0; }
END
of functions_of_libevent_2_are_not_for_us two_by_name 3 \
	'outside of any #if: event_new'

tree either <<'END'
#ifndef EITHER_H
#define EITHER_H
#if HAVE_EVENT2
# include <event2/event.h>
#else
# include <event.h>
#endif
#if LIBEVENT_VERSION_NUMBER >= 0x02000000
static inline void f(void) { event_new(0, 0, 0, 0, 0); }
#endif
#endif
END
mv "$out/either/main.c" "$out/either/either.h"
of code_for_both_is_looked_at either 1 'look at event2/ headers, event_new'

tree either test.c <<'END'
#include "either.h"
int main(void) { return evbuffer_get_length(0); }
END
of function_of_2_in_a_tree_for_both_is_looked_at either 1 \
	'evbuffer_get_length, first in .*test.c:2, is libevent 2.s'

tree guarded event.h <<'END'
#ifndef GUARDED_H
#define GUARDED_H
#include <event2/event.h>
#endif
END
of header_guard_is_no_condition guarded 3 'needs libevent 2'

tree after event.h <<'END'
#ifndef AFTER_H
#define AFTER_H
#endif
#if HAVE_EVENT2
#include <event2/event.h>
#endif
#include <event.h>
END
of conditions_after_a_guard_count after 1 'look at event2/ headers'

tree own <<'END'
#include <event.h>
#define evbuffer_get_length(b) EVBUFFER_LENGTH(b)
static struct event *
event_new(struct event_base *base)
{
	return 0;
}
class c {
	void event_free(struct event *ev) /* here */ { }
};
int main(void)
{
	if (event_new(0) == 0) {
		return evbuffer_get_length(0);
	}
}
END
of what_the_tree_defines_is_its_own own 0 ': will run'

tree fields <<'END'
#include <event.h>
struct event_base { int members; };
int f(struct event *ev, struct evbuffer *b, struct event_base *base)
{
	return ev->ev_flags + ev->ev_res + (*ev).ev_timeout.tv_sec
	    + b->misalign
	    + b->misalign;
}
int min_heap_idx;
END
of private_members_are_looked_at fields 1 \
	'look at struct event_base, ev_timeout, misalign'
also private_members_are_looked_at 'main.c:5 reaches ev_timeout'
also private_members_are_looked_at 'main.c:6 reaches misalign.*(and 1 more)'
not_also private_members_are_looked_at 'min_heap_idx'
not_also private_members_are_looked_at 'ev_flags'

tree fields mini.h <<'END'
struct event { int ev_timeout; };
END
of struct_event_of_its_own_is_looked_at fields 1 \
	': will run; look at struct event of its own source'

tree inside <<'END'
#include <event.h>
#include "libevent/event-internal.h"
int x;
END
of private_headers_are_looked_at inside 1 'look at event-internal.h'
tree left <<'END'
#include <event.h>
int f(void) { return evsignal_process(0); }
END
of internals_that_are_left_out_do_not_run left 2 'no evsignal_process'
tree mixed <<'END'
#include <event.h>
#include <ev.h>
int x;
END
of ev_h_beside_event_h_is_looked_at mixed 1 'look at ev.h beside event.h'
tree random <<'END'
#include <evdns.h>
void f(void) { evdns_set_transaction_id_fn(0); }
END
of function_that_is_different_is_named random 1 \
	'look at evdns_set_transaction_id_fn'

# A tree with a libevent in it.
tree bundle <<'END'
#include <event.h>
int main(void) { event_init(); return 0; }
END
tree bundle/libevent event-internal.h <<'END'
struct event_base { int x; };
END
tree bundle/libevent evutil.c <<'END'
#include "event2/event.h"
END
of libevent_of_its_own_is_looked_at bundle 1 "look at $out/bundle/libevent"
of folder_of_a_libevent bundle/libevent 4 'is a libevent itself'

# Which files of a tree are read.
ln -s .. "$out/plain/loop"
ln -s /nowhere "$out/plain/gone.c"
mkdir "$out/plain/.git"
cp "$out/two/main.c" "$out/plain/.git"
cp "$out/two/main.c" "$out/plain/readme.txt"
of links_and_hidden_folders_are_not_followed plain 0 '1 file of C'
answers one_file_can_be_named 3 'needs libevent 2' --source "$out/two/main.c"
answers folder_that_is_not_there 66 'No such file' --source "$out/not-there"
printf '#include <event.h>\n/* never closed' >"$out/open.c"
answers comment_without_an_end 0 'will run' --source "$out/open.c"
printf '#include <event.h>\nchar *s = "\\' >"$out/string.c"
answers string_without_an_end 0 'will run' --source "$out/string.c"
conclude source
