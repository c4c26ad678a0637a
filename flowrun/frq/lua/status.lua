-- Which entries are still there, and how far the streams of a client have come.
-- KEYS  1 tasks  2 events of the client  3 log of the client
-- ARGV  entries
-- Gives {last id of events, last id of log, {"1" or "0" for each entry}}; "0-0": there is no such stream.
local last = {'0-0', '0-0'}
for i = 1, 2 do
  local info = redis.pcall('XINFO', 'STREAM', KEYS[i + 1])
  if not info.err then
    for j = 1, #info, 2 do
      if info[j] == 'last-generated-id' then last[i] = info[j + 1] end
    end
  elseif not string.find(info.err, 'no such key', 1, true) then
    return redis.error_reply('NOPERM XINFO: ' .. info.err)
  end
end
local there = {}
for i, entry in ipairs(ARGV) do
  there[i] = #redis.call('XRANGE', KEYS[1], entry, entry) > 0 and '1' or '0'
end
return {last[1], last[2], there}
