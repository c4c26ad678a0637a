-- Give back what a leaving worker has not finished: it may be taken over at once, and the delivery does not count.
-- KEYS  1 tasks
-- ARGV  1 group  2 consumer  3 lease ms  4... entry, delivery of each
-- Gives how many were given back. The lease is the longest that any worker of the queue may have.
local count = 0
for i = 4, #ARGV, 2 do
  local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)
  if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
    return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
  end
  local mine = not pending.err and pending[1]
  if mine and mine[2] == ARGV[2] and mine[4] == tonumber(ARGV[i + 1]) then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i],
      'IDLE', tonumber(ARGV[3]) + 1, 'RETRYCOUNT', mine[4] - 1, 'JUSTID')
    count = count + 1
  end
end
return count
