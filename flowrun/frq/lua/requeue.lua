-- Put a dead letter back into the queue.
-- KEYS  1 tasks  2 dead  3 submitted
-- ARGV  1 entry in dead  2 ttl ms
-- Gives {1, entry}, {0, entry} the attempt is queued already, or {-1, ""} there is no such dead letter.
local found = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
if not found then return {-1, ''} end
local before = redis.call('GET', KEYS[3])
if before and before ~= 'done' and #redis.call('XRANGE', KEYS[1], before, before) > 0 then return {0, before} end
local fields = {}
for i = 1, #found[2], 2 do
  local name = found[2][i]
  if name ~= 'reason' and name ~= 'entry' and name ~= 'ts' then
    fields[#fields + 1] = name
    fields[#fields + 1] = found[2][i + 1]
  end
end
local entry = redis.call('XADD', KEYS[1], '*', unpack(fields))
redis.call('SET', KEYS[3], entry, 'PX', ARGV[2])
redis.call('XDEL', KEYS[2], ARGV[1])
return {1, entry}
