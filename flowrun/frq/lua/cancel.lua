-- Call an attempt back.
-- KEYS  1 tasks  2 control  3 cancel  4 events of the client  5 submitted
-- ARGV  1 group  2 entry  3 id  4 ttl ms  5 hard, 0 or 1  6 grace ms  7... fields of the result, if it had not begun
-- Gives "signalled" to its worker, "removed" before it began, or "gone": it has ended, or is unknown.
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
  return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
end
if not pending.err and pending[1] then
  local now = redis.call('TIME')
  redis.call('ZADD', KEYS[3], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*',
    'v', '1', 'k', 'cancel', 'id', ARGV[3], 'hard', ARGV[5], 'grace', ARGV[6])
  return 'signalled'
end
if redis.call('XDEL', KEYS[1], ARGV[2]) == 1 then
  redis.call('XADD', KEYS[4], '*', unpack(ARGV, 7))
  redis.call('PEXPIRE', KEYS[4], ARGV[4])
  redis.call('SET', KEYS[5], 'done', 'PX', 60000)
  return 'removed'
end
return 'gone'
