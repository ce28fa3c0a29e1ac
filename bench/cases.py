# SPDX-License-Identifier: BSD-3-Clause
"""What the bench measures, and what it is to reach.

Nothing in here is a result: a target names two measured numbers and how they
are to compare.  run.py measures, report.py compares.
"""

from dataclasses import dataclass, field

OURS, LE14, LE21 = "ours", "libevent-1.4", "libevent-2.1"
EMULATION, LIBEV = "emulation", "libev"
LIBRARIES = (OURS, LE14, LE21, EMULATION, LIBEV)

TITLES = {
    OURS: "libevcompat",
    LE14: "libevent 1.4",
    LE21: "libevent 2.1",
    EMULATION: "libev's emulation",
    LIBEV: "bare libev",
}


@dataclass
class Case:
    name: str
    what: str
    sizes: tuple = (1000,)
    busy: tuple = (1,)  # tokens at large; a ring's other events are silent
    main: int = 1000  # the size that the counts are taken at
    times_as_fast: dict = field(default_factory=dict)  # targets, by library
    most_of_time: dict = field(default_factory=dict)  # likewise: time, at most
    most_calls: dict = field(default_factory=dict)  # system calls per event
    instructions_of: str = ""  # no more instructions than this library


SIZES = (100, 1000, 10000, 30000)
BOTH = (LE14, LE21)


def both(factor):
    return dict.fromkeys(BOTH, factor)


CASES = (
    Case("register", "del + set + add of n descriptors, then one pass",
         sizes=SIZES, times_as_fast=both(3.0)),
    Case("persist", "ring of n socket pairs, persistent events",
         sizes=SIZES, busy=(100, 1), times_as_fast=both(1.0),
         most_of_time={LIBEV: 1.10}, most_calls={"epoll_ctl": 0},
         instructions_of=LE14),
    Case("persist_timeout", "the same, a timeout re-armed at each event",
         sizes=SIZES, busy=(100, 1), times_as_fast=both(1.0),
         most_of_time={LIBEV: 1.10}, most_calls={"epoll_ctl": 0},
         instructions_of=LE14),
    Case("oneshot", "ring of n socket pairs, one-shot events",
         sizes=SIZES, busy=(100, 1), times_as_fast=both(1.5),
         most_calls={"epoll_ctl": 1}),
    Case("oneshot_timeout", "the same, with a timeout",
         sizes=SIZES, busy=(100, 1), times_as_fast=both(1.5),
         most_calls={"epoll_ctl": 1}),
    Case("crowd_persist", "n descriptors watched; a ring of 100 pairs among "
         "them is busy", sizes=SIZES[1:], busy=(100,)),
    Case("crowd_oneshot", "the same, the ring's events one-shot",
         sizes=SIZES[1:], busy=(100,)),
    Case("timers_inside", "add, re-add, del of n timers, in a callback",
         sizes=(1000, 10000, 100000), main=100000,
         times_as_fast={LE14: 1.2, LE21: 1.0}),
    Case("timers_outside", "the same, outside the loop",
         sizes=(100000,), main=100000, times_as_fast={LE14: 1.2, LE21: 1.0}),
    Case("active", "event_active of n events, then one pass",
         sizes=(100, 1000, 10000), times_as_fast=both(1.2)),
    Case("signal", "a signal raised, and its event waited for", sizes=(1,),
         main=1),
    Case("churn_persist", "n clients: accept, ask, answer, close; "
         "one persistent event a client",
         sizes=(100, 1000), main=100, times_as_fast=both(1.2)),
    Case("churn_oneshot", "the same with one-shot events",
         sizes=(100, 1000), main=100, times_as_fast=both(1.2)),
)

# What each of n events leaves on the heap, and how much of that may be ours.
# Ours is what bare libev does not take for the same watchers.
MEMORY_EVENTS = 10000
MEMORY = (
    ("only_set", "event_set, never added", 0),
    ("add_read", "EV_READ, added", 112),
    ("add_read_timeout", "EV_READ with a timeout, added", 112),
    ("add_timer", "a timer, added", 112),
    ("add_del", "EV_READ with a timeout, added and deleted", None),
)

# Cost per event at the largest count of descriptors against that at 1,000.
GROWTH_CASES = ("register", "crowd_persist", "crowd_oneshot", "persist",
                "persist_timeout", "oneshot", "oneshot_timeout")
GROWTH_AT_MOST = 1.5
