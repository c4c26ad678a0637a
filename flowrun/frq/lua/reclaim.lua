-- Take over what nobody has renewed for a lease.
-- KEYS  1 tasks  2 cancel
-- ARGV  1 group  2 consumer  3 lease ms  4 how many at most  5 cursor, "0-0" at first
-- Gives {next cursor, {{entry, fields, delivery, "1": cancelled}, ...}}. Go on from the cursor until it is "0-0":
-- one call looks at no more than ten times the number.
local reply = redis.pcall('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[5], 'COUNT', ARGV[4])
if reply.err and not string.find(reply.err, 'NOGROUP', 1, true) then
  return redis.error_reply('NOPERM XAUTOCLAIM: ' .. reply.err)
end
if reply.err then return {'0-0', {}} end
local taken = {}
for _, found in ipairs(reply[2]) do
  if found then
    local pending = redis.call('XPENDING', KEYS[1], ARGV[1], found[1], found[1], 1)[1]
    local id = ''
    for i = 1, #found[2], 2 do
      if found[2][i] == 'id' then id = found[2][i + 1] end
    end
    local cancelled = redis.call('ZSCORE', KEYS[2], id) and '1' or '0'
    taken[#taken + 1] = {found[1], found[2], pending[4], cancelled}
  end
end
return {reply[1], taken}
