-- SPDX-License-Identifier: BSD-3-Clause
--
-- What wrk sends, from its environment: METHOD, BODY (bytes), DEPTH (requests in
-- a write), and HEADERS ("name: value", each on a line).  Prints the results as
-- one line of JSON.

wrk.method = os.getenv("METHOD") or "GET"
local size = tonumber(os.getenv("BODY") or 0)
if size > 0 then
	wrk.body = string.rep("x", size)
end
for name, value in (os.getenv("HEADERS") or ""):gmatch("([^\n:]+): ([^\n]*)") do
	wrk.headers[name] = value
end

local depth = tonumber(os.getenv("DEPTH") or 1)
if depth > 1 then
	local batch
	init = function()
		batch = string.rep(wrk.format(), depth)
	end
	request = function()
		return batch
	end
end

done = function(summary, latency)
	local e = summary.errors
	io.write(string.format(
		'{"requests": %d, "us": %d, "bytes": %d, "errors": %d, "p50": %d, "p99": %d}\n',
		summary.requests, summary.duration, summary.bytes,
		e.connect + e.read + e.write + e.status + e.timeout,
		latency:percentile(50), latency:percentile(99)))
end
