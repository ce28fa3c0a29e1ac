# SPDX-License-Identifier: BSD-3-Clause
"""What the HTTP bench measures, and the programs that it measures.

Nothing in here is a result.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

OURS, LE14, LE21 = "ours", "libevent-1.4", "libevent-2.1"
NGINX, H2LOAD = "nginx", "h2load"
SERVERS = (OURS, LE14, LE21, NGINX)
CLIENTS = (OURS, LE14, LE21, H2LOAD)
TITLES = {OURS: "libevcompat", LE14: "libevent 1.4", LE21: "libevent 2.1",
          NGINX: "nginx", H2LOAD: "h2load"}

SERVER_CPU, LOAD_CPU = "0", "1"
BROWSER_SIZE = 684

# A browser's headers; a cookie fills them up to BROWSER_SIZE.
BROWSER = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
                   "Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,"
               "image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "http://www.example.com/a/page/that/has/a/link.html"),
    ("Connection", "keep-alive"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
)


def head(method, path, port, headers=(), body=0):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {body}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def browser_headers(port):
    rest = BROWSER_SIZE - len(head("GET", "/", port,
                                   BROWSER + (("Cookie", ""),)))
    return BROWSER + (("Cookie", "id=" + "x" * (rest - 3)),)


@dataclass
class Load:
    """Requests of one kind, for a server."""
    name: str
    what: str
    path: str = "/"
    connections: int = 50
    method: str = "GET"
    body: int = 0
    depth: int = 1
    browser: bool = False
    servers: tuple = SERVERS
    counted: bool = False  # system calls
    instructions: bool = False

    def headers(self, port):
        return browser_headers(port) if self.browser else ()

    def environment(self, port):
        return {"METHOD": self.method, "BODY": str(self.body),
                "DEPTH": str(self.depth),
                "HEADERS": "\n".join(f"{name}: {value}" for name, value
                                     in self.headers(port))}

    def bytes(self, port):
        return head(self.method, self.path, port, self.headers(port),
                    self.body) + b"x" * self.body


OWN = (OURS, LE14, LE21)
LOADS = (
    Load("tiny_1", "a GET with a reply of 13 bytes, 1 connection",
         connections=1, counted=True, instructions=True),
    Load("tiny_50", "the same, 50 connections", counted=True),
    Load("tiny_1000", "the same, 1,000 connections", connections=1000),
    Load("browser_50", f"the GET of a browser, {BROWSER_SIZE} bytes",
         browser=True, instructions=True),
    Load("4k_50", "a body of 4 KB", "/4k", instructions=True),
    Load("1m_10", "a body of 1 MB", "/1m", connections=10, counted=True),
    Load("post_50", "a POST of 4 KB", method="POST", body=4096,
         instructions=True),
    Load("pipelined_50", "16 GETs in a write", depth=16),
    Load("stream_10", "1 MB in pieces of 64 KB", "/stream", connections=10,
         servers=OWN),
)


@dataclass
class Job:
    """Requests of one kind, by a client."""
    name: str
    what: str
    path: str = "/"
    connections: int = 1
    requests: int = 100000
    closes: bool = False
    counted: bool = False

    def has(self, client):
        return not (self.closes and client == H2LOAD)


JOBS = (
    Job("keep_1", "a client, 1 connection", counted=True),
    Job("keep_50", "the same, 50 connections", connections=50, counted=True),
    Job("new_1", "a client, a new connection for each request", requests=6000,
        closes=True),
    Job("1m_1", "a client, bodies of 1 MB, 1 connection", "/1m", requests=2000),
)


def client_command(client, binaries, job, port, requests):
    if client == H2LOAD:
        return ["h2load", "--h1", "-t1", f"-c{job.connections}",
                f"-n{requests}", f"http://127.0.0.1:{port}{job.path}"]
    command = [os.path.join(binaries, f"httpclient-{client}"), str(port),
               job.path, str(requests), str(job.connections)]
    return command + ["close"] * job.closes


# Requests that a server has to refuse, and not to keep in memory.
HOSTILE_KINDS = {
    "500,000 header lines": lambda: b"GET / HTTP/1.1\r\n" +
                            b"A: b\r\n" * 500000 + b"\r\n",
    "a line of 16 MB": lambda: b"GET / HTTP/1.1\r\nA: " +
                       b"b" * (16 << 20) + b"\r\n\r\n",
    "a URI of 8 MB": lambda: b"GET /" + b"a" * (8 << 20) +
                     b" HTTP/1.1\r\n\r\n",
}

NGINX_CONF = """
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log {folder}/error.log;
pid {folder}/pid;
events {{ worker_connections 10000; }}
http {{
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	keepalive_timeout 3600;
	open_file_cache max=100;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	default_type text/plain;
	server {{
		listen 127.0.0.1:{port} backlog=4096;
		root {folder};
		location = / {{ return 200 "Hello, world\\n"; }}
	}}
}}
"""


def free_port():
    """A free port, for nginx, which cannot have the kernel choose one."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A running server, on its processor and a free port.

    wrap is a command that runs it, such as strace.
    """

    def __init__(self, name, binaries, wrap=(), argument=""):
        self.name = name
        self.folder = None
        command = ["taskset", "-c", SERVER_CPU, *wrap]
        if name == NGINX:
            self.start_nginx(command)
        else:
            self.start_ours([*command,
                             os.path.join(binaries, f"httpserver-{name}"),
                             *([argument] if argument else [])])

    def start_ours(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            raise RuntimeError(f"{self.name} does not start")
        self.port = int(line.split()[1])

    def start_nginx(self, command):
        self.folder = tempfile.mkdtemp(prefix="httpbench")
        os.chmod(self.folder, 0o755)
        for name, size in (("4k", 4096), ("1m", 1048576)):
            with open(os.path.join(self.folder, name), "wb") as file:
                file.write(b"x" * size)
        conf = os.path.join(self.folder, "nginx.conf")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        for _ in range(5):
            self.port = free_port()
            with open(conf, "w", encoding="utf-8") as file:
                file.write(NGINX_CONF.format(folder=self.folder,
                                             port=self.port))
            self.process = subprocess.Popen(
                [*command, program, "-p", self.folder, "-c", conf],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if self.listens():
                return
        raise RuntimeError("nginx does not start")

    def listens(self):
        """Waits until it listens, or has ended as the port is taken."""
        while self.process.poll() is None:
            try:
                connect(self.port).close()
                return True
            except ConnectionRefusedError:
                time.sleep(0.02)
        return False

    @property
    def pid(self):
        """taskset execs the server; strace has it as a child."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(path, encoding="ascii") as file:
            children = file.read().split()
        return int(children[0]) if children else self.process.pid

    def cpu_ns(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0])

    def memory(self, field):
        """In bytes: a field of smaps_rollup, or of status."""
        name = "status" if field.startswith("Vm") else "smaps_rollup"
        with open(f"/proc/{self.pid}/{name}", encoding="ascii") as file:
            return 1024 * int(re.search(rf"^{field}:\s+(\d+)", file.read(),
                                        re.M)[1])

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as f:
            f.write("5")

    def stop(self):
        """nginx misses a signal that arrives just before it waits."""
        for sign in (signal.SIGTERM,) * 30 + (signal.SIGKILL,):
            try:
                os.kill(self.pid, sign)
                self.process.wait(1)
                break
            except subprocess.TimeoutExpired:
                pass
            except (FileNotFoundError, ProcessLookupError):
                self.process.wait(1)
                break
        if self.process.stdout:
            self.process.stdout.close()
        if self.folder:
            shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def wrk(load, port, seconds):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "http.lua")
    result = subprocess.run(
        ["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{load.connections}",
         f"-d{seconds}s", "-s", script,
         f"http://127.0.0.1:{port}{load.path}"],
        env={**os.environ, **load.environment(port)}, check=True,
        stdout=subprocess.PIPE, text=True)
    return json.loads(result.stdout.splitlines()[-1])


def connect(port):
    s = socket.create_connection(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def answer(s):
    """Reads one reply with a Content-Length; returns its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = s.recv(65536)
        if not more:
            return data
        data += more
    text, rest = data.split(b"\r\n\r\n", 1)
    length = re.search(rb"^content-length: *(\d+)", text, re.M | re.I)
    left = (int(length[1]) if length else 0) - len(rest)
    while left > 0:
        left -= len(s.recv(min(left, 1 << 20)) or b"x" * left)
    return text
