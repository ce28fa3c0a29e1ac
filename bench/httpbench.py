#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Measures HTTP, and writes the numbers as JSON.

The server runs on one processor and its client on another.  All servers of a
kind of load run at once, and take turns, so that whatever else the machine
does hits all of them.  Counts are the difference between two runs of different
length.
"""

import argparse
import os
import resource
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack

from httpcases import (CLIENTS, H2LOAD, HOSTILE_KINDS, JOBS, LOAD_CPU, LOADS,
                       NGINX, OURS, SERVER_CPU, SERVERS, Job, Server, answer,
                       client_command, connect, head, wrk)
from measure import (callgrind, calls_in, calls_per_event, in_turn,
                     instructions_in, is_chosen, machine, report_progress,
                     strace_threads, write_results)

MEGABYTE = 1048576


# --- servers ---

def measure_load(load, names, options):
    """{server: [{rps, us (of CPU a request), errors ...}]}, a round each."""
    names = [name for name in names if name in load.servers]
    rounds = {name: [] for name in names}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server(name, options.bin))
                   for name in names}
        take_turns(load, servers, rounds, options)
    return rounds


def take_turns(load, servers, rounds, options):
    names = list(servers)
    for name in names:
        wrk(load, servers[name].port, 1)
    for number in range(options.rounds):
        for name in in_turn(names, number):
            server = servers[name]
            before = server.cpu_ns()
            got = wrk(load, server.port, options.seconds)
            cpu = (server.cpu_ns() - before) / 1000
            rounds[name].append({
                "rps": got["requests"] / (got["us"] / 1e6),
                "us": cpu / max(got["requests"], 1),
                "p50": got["p50"], "p99": got["p99"],
                "errors": got["errors"]})


def ask_often(port, data, n):
    """The same request n times over one connection, each after a reply."""
    with connect(port) as s:
        for _ in range(n):
            s.sendall(data)
            if not answer(s):
                raise RuntimeError("the server closed the connection")


def server_instructions(load, name, options):
    def run(n):
        with tempfile.NamedTemporaryFile() as out:
            with Server(name, options.bin, callgrind(out.name)) as server:
                ask_often(server.port, load.bytes(server.port), n)
            return instructions_in(out.name)
    return (run(1200) - run(200)) / 1000


def server_calls(load, name, options):
    job = Job("", "", load.path, load.connections)

    def run(n):
        with tempfile.NamedTemporaryFile() as out:
            with Server(name, options.bin, strace_threads(out.name)) as server:
                time_out = subprocess.run(
                    ["taskset", "-c", LOAD_CPU,
                     *client_command(H2LOAD, "", job, server.port, n)],
                    stdout=subprocess.PIPE, text=True, check=True).stdout
                if f"{n} succeeded" not in time_out:
                    raise RuntimeError(f"{name}: {time_out}")
            return calls_in(out.name)

    short = 20 * max(load.connections, 10)
    long = short + 5000 if load.path == "/" else short + 500
    few, many = run(short), run(long)
    return calls_per_event(few, many, long - short)


def measure_counts(names, options):
    results = []
    for load in LOADS:
        for name in names:
            if name not in load.servers:
                continue
            row = {"case": load.name, "server": name}
            if load.counted:
                row["calls"] = server_calls(load, name, options)
            if load.instructions and not options.quick:
                row["instructions"] = server_instructions(load, name, options)
            if len(row) > 2:
                results.append(row)
    return results


# --- memory ---

def measure_idle(name, options):
    """Bytes that each of many connections keeps after a request."""
    n = options.idle
    with Server(name, options.bin) as server:
        data = head("GET", "/", server.port)
        ask_often(server.port, data, 1)
        time.sleep(0.2)
        before = server.memory("Anonymous")
        clients = []
        for _ in range(n):
            clients.append(connect(server.port))
            clients[-1].sendall(data)
            answer(clients[-1])
        time.sleep(0.2)
        growth = server.memory("Anonymous") - before
        for client in clients:
            client.close()
    return growth / n


class Peak:
    """How much a server's memory grows at most inside this block."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.forget_peak()
        self.before = self.server.memory("VmRSS")
        return self

    def __exit__(self, *_):
        self.growth = self.server.memory("VmHWM") - self.before
        time.sleep(0.2)
        self.kept = self.server.memory("VmRSS") - self.before


def read_slowly(s, size, rate):
    """Bytes of a body of that size, at `rate` bytes a second."""
    got, began = 0, time.monotonic()
    while got < size:
        data = s.recv(65536)
        if not data:
            break
        got += len(data)
        early = got / rate - (time.monotonic() - began)
        if early > 0:
            time.sleep(early)
    return got


def measure_streams(name, options):
    """Streams a body to a slow reader, and one to the server.

    Returns MB, and how many bytes the server's memory grew.
    """
    result = {}
    mb = options.stream if name == OURS else min(options.stream, 64)
    with Server(name, options.bin, argument="pieces") as server:
        ask_often(server.port, head("GET", "/", server.port), 10)
        with connect(server.port) as s, Peak(server) as peak:
            s.sendall(head("GET", f"/stream?n={mb}", server.port))
            read_slowly(s, mb * MEGABYTE, 10 * MEGABYTE)
        result["out"] = {"mb": mb, "growth": peak.growth}
        with connect(server.port) as s, Peak(server) as peak:
            s.sendall(head("POST", "/upload", server.port, (),
                           mb * MEGABYTE))
            piece = b"x" * MEGABYTE
            for _ in range(mb):
                s.sendall(piece)
            if b"200" not in answer(s)[:20]:
                raise RuntimeError(f"{name}: an upload failed")
        result["in"] = {"mb": mb, "growth": peak.growth}
    return result


def ask_hostile(port, data):
    """Sends as much as the server takes; returns the reply's first line."""
    with connect(port) as s:
        def send():
            try:
                s.sendall(data)
            except OSError:
                pass
        sender = threading.Thread(target=send)
        sender.start()
        try:
            line = answer(s).split(b"\r\n")[0].decode("latin-1")
        except OSError as error:
            line = str(error)
        sender.join(10)
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sender.join()
    return line


def measure_hostile(name, options):
    result = {}
    for what, make in HOSTILE_KINDS.items():
        with Server(name, options.bin) as server:
            ask_often(server.port, head("GET", "/", server.port), 10)
            with Peak(server) as peak:
                line = ask_hostile(server.port, make())
        result[what] = {"answer": line, "growth": peak.growth,
                        "kept": peak.kept}
    return result


def measure_memory(names, options):
    results = {}
    for name in names:
        results[name] = {"idle": measure_idle(name, options),
                         "hostile": measure_hostile(name, options)}
        if name != NGINX:
            results[name]["streams"] = measure_streams(name, options)
    return results


# --- clients ---

def run_client(command):
    """Seconds, and seconds of CPU."""
    began = time.monotonic()
    with subprocess.Popen(["taskset", "-c", SERVER_CPU, *command],
                          stdout=subprocess.PIPE, text=True) as process:
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {text}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime


def measure_job(job, names, options, port):
    names = [name for name in names if job.has(name)]
    rounds = {name: [] for name in names}
    long = max(int(job.requests * options.seconds / 3), job.connections * 10)
    short = long // 10
    for number in range(options.rounds):
        for name in in_turn(names, number):
            few, many = (run_client(client_command(name, options.bin, job,
                                                   port, n))
                         for n in (short, long))
            rounds[name].append({
                "rps": (long - short) / (many[0] - few[0]),
                "us": 1e6 * (many[1] - few[1]) / (long - short)})
    return rounds


def client_counts(job, name, options, port):
    def run(wrap, read, n):
        with tempfile.NamedTemporaryFile() as out:
            subprocess.run([*wrap(out.name), *client_command(
                name, options.bin, job, port, n)], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return read(out.name)

    short = 20 * job.connections
    few = run(strace_threads, calls_in, short)
    many = run(strace_threads, calls_in, short + 2000)
    row = {"case": job.name, "client": name,
           "calls": calls_per_event(few, many, 2000)}
    if name != H2LOAD and job.connections == 1 and not options.quick:
        row["instructions"] = (run(callgrind, instructions_in, 1200) -
                               run(callgrind, instructions_in, 200)) / 1000
    return row


def measure_clients(jobs, names, origin, options):
    """Against one server, on the other processor."""
    with Server(origin, options.bin) as server:
        subprocess.run(["taskset", "-c", "-p", LOAD_CPU, str(server.pid)],
                       check=True, stdout=subprocess.DEVNULL)
        times = {}
        for job in jobs:
            report_progress(f"clients: {job.what}")
            times[job.name] = measure_job(job, names, options, server.port)
        report_progress("clients: counting")
        counts = [client_counts(job, name, options, server.port)
                  for job in jobs if job.counted
                  for name in names if job.has(name)]
    return {"origin": origin, "times": times, "counts": counts}


def version(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, check=False,
                            stderr=subprocess.STDOUT, text=True)
    return result.stdout.splitlines()[0].strip() if result.stdout else ""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="where the programs are")
    parser.add_argument("--out", required=True, help="the JSON to write")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1, help="per round")
    parser.add_argument("--idle", type=int, default=4000,
                        help="connections that are idle")
    parser.add_argument("--stream", type=int, default=200,
                        help="megabytes that are streamed")
    parser.add_argument("--quick", action="store_true",
                        help="no instructions")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="part/name of a case has to contain this")
    parser.add_argument("libraries", nargs="+", choices=SERVERS)
    return parser.parse_args()


def allow_descriptors():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def measure_all_loads(loads, names, options):
    results = {}
    for load in loads:
        report_progress(f"servers: {load.name}: {load.what}")
        results[load.name] = measure_load(load, names, options)
        for name, rounds in results[load.name].items():
            report_progress(
                f"  {name}: {statistics.median(r['rps'] for r in rounds):.0f}"
                f"/s, {statistics.median(r['us'] for r in rounds):.2f} us")
    return results


def measure(options):
    names = [name for name in SERVERS if name in options.libraries]
    loads = [load for load in LOADS
             if is_chosen(options.only, "http", load.name)]
    jobs = [job for job in JOBS if is_chosen(options.only, "http", job.name)]
    if not loads and not jobs:
        return None
    data = {
        "machine": machine(),
        "rounds": options.rounds, "seconds": options.seconds,
        "idle": options.idle,
        "versions": {NGINX: version(["nginx", "-v"]),
                     H2LOAD: version(["h2load", "--version"])},
        "loads": measure_all_loads(loads, names, options)}
    if not options.only:
        report_progress("servers: counting")
        data["counts"] = measure_counts(names, options)
        report_progress("servers: memory")
        data["memory"] = measure_memory(names, options)
    if jobs:
        clients = [name for name in CLIENTS
                   if name == H2LOAD or name in names]
        data["clients"] = measure_clients(
            jobs, clients, NGINX if NGINX in names else OURS, options)
    return data


def main():
    options = arguments()
    allow_descriptors()
    write_results(options.out, measure(options))


if __name__ == "__main__":
    main()
