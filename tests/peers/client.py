# SPDX-License-Identifier: BSD-3-Clause
"""python3's http.client with our server: client.py PORT LARGE-FILE"""
import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
with open(sys.argv[2], "rb") as file:
    large = file.read()


def ask(method, path, want, body=None, code=200, **more):
    connection.request(method, path, body, **more)
    answer = connection.getresponse()
    got = answer.read()
    assert answer.status == code, (path, answer.status)
    assert got == want, (path, len(got))
    return answer


ask("GET", "/small", b"hello\n")
first = connection.sock
ask("GET", "/large", large)
ask("GET", "/chunked", large)
head = ask("HEAD", "/large", b"")
assert head.getheader("Content-Length") == str(len(large))
ask("GET", "/old", b"", code=304, headers={"If-None-Match": '"1"'})
ask("GET", "/none", b"", code=204)
ask("POST", "/echo", large, large)
ask("POST", "/echo", large, iter([large[:1000], large[1000:]]),
    encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
assert connection.sock is first, "another connection"
