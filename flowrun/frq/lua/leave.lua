-- Take leave of a queue. A consumer that still owns entries stays: XGROUP DELCONSUMER would drop them for good.
-- KEYS  1 tasks  2 worker  3 workers
-- ARGV  1 group  2 consumer
-- Gives 1, or 0: it still owns entries, which others take over when they are idle for a lease.
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if pending.err and not string.find(pending.err, 'NOGROUP', 1, true) then
  return redis.error_reply('NOPERM XPENDING: ' .. pending.err)
end
if pending.err then return 1 end
if #pending > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
