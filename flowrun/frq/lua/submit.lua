-- Hand an attempt to the workers, once.
-- KEYS  1 tasks  2 submitted
-- ARGV  1 ttl ms  2 limit of the queue, 0: none  3 "1": again, although it was finished  4... fields
-- Gives {1, entry} added, {0, entry} it is there already, {0, "done"} finished a short time ago, {-1, ""} full.
local before = redis.call('GET', KEYS[2])
if before then
  if before == 'done' then
    if ARGV[3] ~= '1' then return {0, before} end
  elseif #redis.call('XRANGE', KEYS[1], before, before) > 0 then
    return {0, before}
  end
end
local limit = tonumber(ARGV[2])
if limit > 0 and redis.call('XLEN', KEYS[1]) >= limit then return {-1, ''} end
local entry = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 4))
redis.call('SET', KEYS[2], entry, 'PX', ARGV[1])
return {1, entry}
