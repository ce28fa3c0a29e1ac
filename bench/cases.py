# SPDX-License-Identifier: BSD-3-Clause
"""What run.py measures, and the targets.

Nothing in here is a result: a target names two measured numbers and a limit.
"""

from dataclasses import dataclass, field

OURS, LE14, LE21 = "ours", "libevent-1.4", "libevent-2.1"
EMULATION, LIBEV, CARES = "emulation", "libev", "c-ares"
UV = "libuv"
LIBRARIES = (OURS, LE14, LE21, EMULATION, LIBEV, UV, CARES)

TITLES = {
    OURS: "libevcompat",
    LE14: "libevent 1.4",
    LE21: "libevent 2.1",
    EMULATION: "libev's emulation",
    LIBEV: "bare libev",
    UV: "libuv",
    CARES: "bare c-ares",
}

LOOP, EVBUFFER, BUFFEREVENT = "loop", "evbuffer", "bufferevent"
RESOLVER, NAMESERVER = "resolver", "nameserver"

# libev has no buffers and no DNS, and neither has its emulation.
HAVE = {
    LOOP: (OURS, LE14, LE21, EMULATION, LIBEV, UV),
    EVBUFFER: (OURS, LE14, LE21),
    BUFFEREVENT: (OURS, LE14, LE21, UV),
    RESOLVER: (OURS, LE14, LE21, CARES),
    NAMESERVER: (OURS, LE14, LE21),
}

# What uv.c has; libuv has no counterpart of the other cases.
UV_PROGRAMS = ("persist", "persist_timeout", "oneshot", "oneshot_timeout",
               "crowd_persist", "crowd_oneshot", "timers_inside",
               "timers_outside", "signal", "echo")


@dataclass
class Case:
    name: str
    what: str
    part: str = LOOP
    program: str = ""  # what the programs call it, if not by the name
    sizes: tuple = (1000,)
    busy: tuple = (1,)  # tokens in the ring; its other events are idle
    bytes: int = 0  # of a piece or a message; passed in the tokens' place
    main: int = 1000  # the size that the counts are taken at
    libraries: tuple = ()  # only these, of those that have the part
    counted: int = 0  # events that are counted, if not 1,000 or 3 n
    everywhere: bool = False  # targets hold at every size, not the main alone
    times_as_fast: dict = field(default_factory=dict)  # targets, by library
    most_of_time: dict = field(default_factory=dict)  # likewise: time, at most
    most_of_case: dict = field(default_factory=dict)  # likewise, by case
    most_calls: dict = field(default_factory=dict)  # system calls per event
    most_of_calls: dict = field(default_factory=dict)  # all, against a library
    instructions_of: str = ""  # no more instructions than this library

    def tokens(self, busy, n):
        """The programs' argument after n."""
        return self.bytes or min(busy, max(n // 10, 1))

    def has(self, library):
        if library == UV and (self.program or self.name) not in UV_PROGRAMS:
            return False
        return library in (self.libraries or HAVE[self.part])


SIZES = (100, 1000, 10000, 30000)
BOTH = (LE14, LE21)


def both(factor):
    return dict.fromkeys(BOTH, factor)


LOOP_CASES = (
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
    Case("signal", "a signal raised, and the loop run until its callback",
         sizes=(1,),
         main=1),
    Case("churn_persist", "n clients: accept, ask, answer, close; "
         "one persistent event a client",
         sizes=(100, 1000), main=100, times_as_fast=both(1.2)),
    Case("churn_oneshot", "the same with one-shot events",
         sizes=(100, 1000), main=100, times_as_fast=both(1.2)),
)

K = 1024
# As fast as the C library's memmem(), and as 1.4.
FIND = {"part": EVBUFFER, "sizes": (1,), "bytes": 64 * K, "main": 1,
        "times_as_fast": {LE14: 1.0}}


def evbuffer(name, what, n, size, **more):
    sizes = n if isinstance(n, tuple) else (n,)
    more = {"main": sizes[0], "times_as_fast": {LE14: 1.0}, **more}
    return Case(name, what, part=EVBUFFER, sizes=sizes, bytes=size, **more)


EVBUFFER_CASES = (
    evbuffer("add_16B", "a new buffer, n pieces of 16 bytes added, freed",
             (1000, 10), 16, program="add", everywhere=True),
    evbuffer("add_1K", "the same with 1 KB", 1000, K, program="add"),
    evbuffer("fifo_64B", "64 bytes added at the end, 64 drained at the start; "
             "n pieces inside", (1000, 1), 64, program="fifo", everywhere=True),
    evbuffer("fifo_1K", "the same with 1 KB", 100, K, program="fifo"),
    evbuffer("drain_16B", "n times 16 bytes added at once, drained one by one",
             (4096, 65536), 16, program="drain", everywhere=True),
    evbuffer("read_64B", "64 bytes sent, evbuffer_read until they have "
             "arrived, drained", 1, 64, program="read"),
    evbuffer("read_4K", "the same with 4 KB", 1, 4 * K, program="read"),
    evbuffer("read_64K", "the same with 64 KB", 1, 64 * K, program="read"),
    Case("find_absent", "evbuffer_find of what 64 KB of random bytes lack",
         most_of_case={"memmem": 1.1}, **FIND),
    Case("find_end", "the same, of what is at the end",
         most_of_case={"memmem": 1.1}, **FIND),
    Case("find_absent_frequent", "evbuffer_find of what 64 KB lack where every "
         "other byte equals its first", counted=10,
         most_of_case={"memmem_frequent": 1.1}, **FIND),
    Case("find_end_frequent", "the same, of what is at the end",
         counted=10, most_of_case={"memmem_frequent": 1.1}, **FIND),
    Case("memmem", "memmem() in place of find_absent", libraries=(OURS,),
         **{**FIND, "times_as_fast": {}}),
    Case("memmem_frequent", "memmem() in place of find_absent_frequent",
         libraries=(OURS,), **{**FIND, "times_as_fast": {}}),
    evbuffer("readline", "evbuffer_readline of n lines of 40 bytes", 1000, 40),
    evbuffer("readln", "evbuffer_readln of the same, EVBUFFER_EOL_CRLF",
             1000, 40),
    evbuffer("pieces", "a line comes in n pieces of 64 bytes, "
             "evbuffer_readline after each", (1000, 4000), 64, counted=1000,
             everywhere=True),
    evbuffer("move_4K", "evbuffer_add_buffer of 4 KB to an empty buffer",
             1, 4 * K, program="move"),
    evbuffer("append_64B", "64 bytes added, evbuffer_add_buffer to one that "
             "is not empty, drained", 1, 64, program="append"),
    evbuffer("append_4K", "the same with 4 KB", 1, 4 * K, program="append"),
    evbuffer("printf", "n times evbuffer_add_printf of a short line, all "
             "drained", 100, 0),
)


def echo(name, what, size, sizes, times_as_fast, **more):
    return Case(name, what, part=BUFFEREVENT, program="echo", bytes=size,
                sizes=sizes, everywhere=True, times_as_fast=times_as_fast,
                most_of_calls={LE14: 0.5}, **{"main": 100, **more})


# 5,000 connections with 256 KB each would have gigabytes in flight.
BUFFEREVENT_CASES = (
    echo("pingpong", "one connection, a bufferevent at either end; 64 bytes "
         "go to the server and come back", 64, (1,), both(1.0), main=1),
    echo("echo_64B", "n connections of that kind, each with a message in "
         "flight", 64, (100, 5000), {LE14: 1.5, LE21: 1.0}),
    echo("echo_4K", "the same with 4 KB", 4 * K, (1, 100, 5000),
         {LE14: 1.5, LE21: 1.0}),
    echo("echo_256K", "the same with 256 KB", 256 * K, (1, 100),
         {LE14: 1.2, LE21: 1.0}, counted=100),
)


def dns(part, name, what, n, program, counted):
    """No exchange fails."""
    return Case(name, what, part=part, program=program, sizes=(n,), busy=(0,),
                main=n, counted=counted, times_as_fast=both(1.0))


DNS_CASES = (
    dns(RESOLVER, "resolve", "evdns_resolve_ipv4, n names in flight; after "
        "each reply the next one starts", 64, "resolve", 3000),
    dns(RESOLVER, "resolve_one", "the same, one name after the other", 1,
        "resolve", 3000),
    dns(NAMESERVER, "serve", "a server port that replies with an address; n "
        "queries in flight", 64, "serve", 10000),
    dns(NAMESERVER, "serve_one", "the same, one query after the other", 1,
        "serve", 10000),
)

CASES = LOOP_CASES + EVBUFFER_CASES + BUFFEREVENT_CASES + DNS_CASES


@dataclass
class Memory:
    """The bytes that each of n things adds to the heap, and the limit."""

    name: str
    what: str
    part: str = LOOP
    program: str = ""
    n: int = 10000
    bytes: int = 0
    beyond: int = None  # at most this many bytes more than bare libev
    most_of: str = ""  # at most what this library takes

    def tokens(self):
        return self.bytes if self.part == BUFFEREVENT else 1

    def has(self, library):
        return library != UV and library in HAVE[self.part]


def idle(name, what, n, size):
    return Memory(name, what, part=BUFFEREVENT, program="idle", n=n,
                  bytes=size, most_of=LE14)


MEMORY = (
    Memory("only_set", "event_set, never added", beyond=0),
    Memory("add_read", "EV_READ, added", beyond=112),
    Memory("add_read_timeout", "EV_READ with a timeout, added", beyond=112),
    Memory("add_timer", "a timer, added", beyond=112),
    Memory("add_del", "EV_READ with a timeout, added and deleted"),
    idle("idle_fresh", "waiting for input, none so far", 5000, 0),
    idle("idle_64B", "the same, after 64 bytes there and back", 5000, 64),
    idle("idle_256K", "the same, after 256 KB there and back", 500,
         256 * K),
)


@dataclass
class Batch:
    """10,000 names, looked up at once: how long it takes, how many are lost."""

    name: str
    what: str
    part: str = RESOLVER
    program: str = "names"
    n: int = 10000
    drop: int = 0  # how many of a thousand exchanges fail
    libraries: tuple = ()  # only these
    rounds: int = 0  # this many, at the same time: they only wait
    times_as_fast: dict = field(default_factory=dict)
    most_lost: int = None

    def has(self, library):
        return library in (self.libraries or HAVE[self.part])


def unlimited(name, what, **more):
    return Batch(name, what, program="names_unlimited",
                 libraries=(OURS, LE14, LE21), **more)


BATCHES = (
    Batch("names", "10,000 names looked up at once, 64 of them in flight",
          times_as_fast=both(1.0), most_lost=0),
    Batch("names_1%", "the same where 1 % of the exchanges fail", drop=10,
          rounds=2, most_lost=0),
    Batch("names_10%", "the same where 10 % fail", drop=100, rounds=2),
    unlimited("unlimited", "10,000 names looked up at once, all in flight "
              "(max-inflight 10000)", rounds=3,
              times_as_fast={LE14: 5.0}, most_lost=0),
    unlimited("unlimited_1%", "the same where 1 % of the exchanges fail",
              drop=10, rounds=2, most_lost=0),
    unlimited("unlimited_10%", "the same where 10 % fail", drop=100, rounds=2),
)

# Cost per event at the largest n against that at 1,000.
GROWTH_CASES = ("register", "crowd_persist", "crowd_oneshot", "persist",
                "persist_timeout", "oneshot", "oneshot_timeout", "pieces")
GROWTH_AT_MOST = 1.5
