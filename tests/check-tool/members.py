# SPDX-License-Identifier: BSD-3-Clause
"""members.py FILE: checks what evcompat-check --json printed for four files.

They are a program that runs, one with an odd name that is to be looked at, one
with a difference that is about two functions, and a file that does not exist.
evcompat-check(1) describes the members.
"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    reports = json.load(f)
plain, odd, joined, missing = reports

members = {"file", "kind", "status", "verdict", "wants", "problems", "looks",
           "differences", "symbols", "notes"}
for report in reports:
    assert set(report) == members, sorted(report)
assert [r["status"] for r in reports] == [0, 1, 1, 66], reports
assert plain["verdict"] == "will run"
assert plain["wants"] == ["libevent 1.4 (libevent-1.4.so.2)"]
assert [s["name"] for s in plain["symbols"]] == [
    "event_add", "event_dispatch", "event_init", "event_set"]
assert all(s["have"] and s["class"] == "public" for s in plain["symbols"])
assert all(s["giver"] == "libevent-1.4.so.2" for s in plain["symbols"])
assert odd["file"].endswith('a "b" \\ \x01 \u00e4 \u00ff'), odd["file"]
looks = [d for d in joined["differences"] if d["look"]]
assert [d["functions"] for d in looks] == [
    ["evbuffer_setcb", "evbuffer_add_buffer"]], looks
assert "callback" in looks[0]["text"]
assert missing["symbols"] == [] and missing["verdict"], missing
