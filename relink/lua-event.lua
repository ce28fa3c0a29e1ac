-- SPDX-License-Identifier: BSD-3-Clause
--
-- A server of lines for the test of lua-event: each client is a bufferevent.
-- It prints its port, and sends every line back, except for these commands:
--
--   quit         ends the connection, once everything is sent
--   send N       sends the numbers from 1 to N
--   frame N      answers, then reads N bytes at once, by the low-water mark
--   hold         answers, then reads at most 4096 bytes, by the high-water
--                mark, and no lines until a client sends "release"
--   release      ends that
--   held         sends how many bytes the client that sent "hold" has read
--   impatient    ends the connection after a second without a line

local core = require("luaevent.core")
local socket = require("socket")

local base = core.new()
local clients = {}
local held

-- lua-event's callbacks look for their bufferevent by its address, in a table
-- that they expect in the registry and that lua-event forgets to make.
local function let_callbacks_find_clients()
	local by_address = setmetatable({}, {
		__index = function(_, address)
			local client = clients[tostring(address)]
			return client and client.buffer
		end
	})
	debug.setmetatable(debug.getregistry(), {
		__index = function(_, key)
			return type(key) == "userdata" and by_address or nil
		end
	})
end

-- lua-event ignores errors in callbacks; this ends the program with them.
local function checked(callback)
	return function(...)
		local fine, why = pcall(callback, ...)
		if not fine then
			print(why)
			os.exit(1)
		end
	end
end

-- Bytes that are added to the output are not sent until EV_WRITE is enabled.
local function say(client, text)
	client.output:add(text)
	client.buffer:enable(core.EV_WRITE)
end

local function drop(client)
	clients[tostring(client.buffer)] = nil
	getmetatable(client.buffer).__gc(client.buffer)
	client.socket:close()
end

local function quit(client)
	client.is_leaving = true
	client.buffer:enable(core.EV_WRITE)
end

local commands = {}

function commands.quit(client)
	quit(client)
end

local numbers = {}

function commands.send(client, count)
	if not numbers[count] then
		local lines = {}
		for i = 1, tonumber(count) do
			lines[i] = i .. "\n"
		end
		numbers[count] = table.concat(lines)
	end
	say(client, numbers[count])
end

local function take_frame(client)
	local is_whole = client.input:length() >= client.frame
	client.input:drain(client.frame)
	client.frame = nil
	client.buffer:set_read_watermarks(0, 0)
	say(client, is_whole and "whole\n" or "cut\n")
end

function commands.frame(client, size)
	client.frame = tonumber(size)
	client.buffer:set_read_watermarks(client.frame, 0)
	say(client, "more\n")
end

function commands.hold(client)
	held = client
	client.buffer:set_read_watermarks(0, 4096)
	say(client, "more\n")
end

function commands.held(client)
	say(client, "held " .. (held and held.input:length() or 0) .. "\n")
end

local read

function commands.release(client)
	local released = held
	held = nil
	released.buffer:set_read_watermarks(0, 0)
	read(released)
	say(client, "released\n")
end

function commands.impatient(client)
	client.buffer:set_timeouts(1, 0)
	say(client, "hurry\n")
end

-- Handles one line; returns whether there was one.
local function step(client)
	if client == held or client.frame or client.is_leaving then
		return false
	end
	local line = client.input:readline()
	if not line then
		return false
	end
	local word, rest = line:match("^(%S+) ?(%S*)$")
	if commands[word] then
		commands[word](client, rest)
	else
		say(client, line .. "\n")
	end
	return true
end

function read(client)
	if client.frame then
		take_frame(client)
	end
	while step(client) do
	end
end

local function wrote(client)
	if client.is_leaving and client.output:length() == 0 then
		drop(client)
	end
end

local function failed(client, what)
	if what == core.EVBUFFER_READ + core.EVBUFFER_TIMEOUT then
		say(client, "too slow\n")
		quit(client)
	elseif what == core.EVBUFFER_READ + core.EVBUFFER_EOF then
		quit(client)
	else
		drop(client)
	end
end

local function accept(listener)
	local client = { socket = listener:accept() }
	local function with_client(callback)
		return checked(function(_, what)
			callback(client, what)
		end)
	end
	client.buffer = core.bufferevent.new(base, client.socket,
	    with_client(read), with_client(wrote), with_client(failed))
	client.input = client.buffer:get_read()
	client.output = client.buffer:get_write()
	clients[tostring(client.buffer)] = client
	client.buffer:enable(core.EV_READ)
end

local SIGTERM = 15

let_callbacks_find_clients()
local listener = assert(socket.bind("127.0.0.1", 0, 128))
listener:settimeout(0)
local accepting = base:addevent(listener, core.EV_READ, checked(function()
	accept(listener)
end))
local ending = base:addevent(SIGTERM, core.EV_SIGNAL, checked(function()
	base:loopexit()
end))
io.stdout:setvbuf("line")
print("port " .. select(2, listener:getsockname()))
base:loop()
-- Otherwise lua-event would free the clients' buffers before their bufferevents.
for _, client in pairs(clients) do
	drop(client)
end
