-- Give the result of a delivery, if it is still ours.
-- KEYS  1 tasks  2 events of the client  3 submitted  4 cancel
-- ARGV  1 group  2 consumer  3 entry  4 delivery  5 ttl ms  6 id  7... fields of the result
-- Gives 1, or 0: another worker has it, or it is gone; the result is then dropped.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
  return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
end
local mine = not pending.err and pending[1]
if not mine or mine[2] ~= ARGV[2] or mine[4] ~= tonumber(ARGV[4]) then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 7))
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('SET', KEYS[3], 'done', 'PX', 60000) -- a submit whose reply was lost may come again
redis.call('ZREM', KEYS[4], ARGV[6])
return 1
