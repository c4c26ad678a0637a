-- Put a task aside that no worker can perform, and give its result if there is somebody to read it.
-- KEYS  1 tasks  2 dead  [3 events of the client  4 submitted  5 cancel]
-- ARGV  1 group  2 consumer  3 entry  4 delivery  5 ttl ms  6 reason  7 id  8... fields of the result
-- Gives 1, or 0: another worker has it, or it is gone. With two keys there is no result, and 7 is empty.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
  return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
end
local mine = not pending.err and pending[1]
if not mine or mine[2] ~= ARGV[2] or mine[4] ~= tonumber(ARGV[4]) then return 0 end
local found = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
if found then
  local now = redis.call('TIME')
  local dead = {'reason', ARGV[6], 'entry', ARGV[3], 'ts', now[1] .. string.sub('000000' .. now[2], -6, -4)}
  for i = 1, math.min(#found[2], 1000) do dead[#dead + 1] = found[2][i] end -- unpack takes a few thousand at most
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', unpack(dead))
end
if #KEYS > 2 then
  redis.call('XADD', KEYS[3], '*', unpack(ARGV, 8))
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
  redis.call('SET', KEYS[4], 'done', 'PX', 60000)
  redis.call('ZREM', KEYS[5], ARGV[7])
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
