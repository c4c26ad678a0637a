-- Renew the leases of a worker: that of itself, and those of what is still its own.
-- KEYS  1 tasks  2 cancel  3 worker  4 workers
-- ARGV  1 group  2 consumer  3 ttl ms of the worker  4 ms after which workers are forgotten  5 number running
--       6... entry, delivery, id of each
-- Gives {lost entries, cancelled ids, 1 or 0: what the worker says of itself is gone, say it again}.
-- Only what is ours is claimed: XCLAIM would take an entry back from its new owner.
local lost, cancelled = {}, {}
for i = 6, #ARGV, 3 do
  local entry = ARGV[i]
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], entry, entry, 1)
  if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
    return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
  end
  local mine = not pending.err and pending[1]
  if mine and mine[2] == ARGV[2] and mine[4] == tonumber(ARGV[i + 1]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry, 'JUSTID')
  else
    lost[#lost + 1] = entry
  end
  if redis.call('ZSCORE', KEYS[2], ARGV[i + 2]) then cancelled[#cancelled + 1] = ARGV[i + 2] end
end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[4], ms, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ms - tonumber(ARGV[4]))
local known = redis.call('PEXPIRE', KEYS[3], ARGV[3])
if known == 1 then redis.call('HSET', KEYS[3], 'running', ARGV[5]) end
return {lost, cancelled, known}
