-- Say who a worker is and what it offers.
-- KEYS  1 worker  2 workers
-- ARGV  1 name of the worker  2 ttl ms  3... fields
-- Gives 1.
local now = redis.call('TIME')
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000), ARGV[1])
return 1
