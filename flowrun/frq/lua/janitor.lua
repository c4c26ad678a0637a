-- Forget consumers that are long gone. One that owns entries stays until they are taken over.
-- KEYS  1 tasks
-- ARGV  1 group  2 idle ms
-- Gives how many were forgotten.
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then
  local is_gone = string.find(consumers.err, 'NOGROUP', 1, true) or string.find(consumers.err, 'no such key', 1, true)
  return is_gone and 0 or redis.error_reply('NOPERM XINFO: ' .. consumers.err)
end
local count = 0
for _, consumer in ipairs(consumers) do
  local it = {}
  for i = 1, #consumer, 2 do it[consumer[i]] = consumer[i + 1] end
  if it.pending == 0 and it.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], it.name)
    count = count + 1
  end
end
return count
