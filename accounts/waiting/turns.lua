-- The line of those who sign as their region opens (D79): one for each moment of opening. One call is one step,
-- and whole.
--
-- `line` has who waits, by number, as long as they are `here`; `numbers` whom a number was ever given, so that who
-- was absent has their own again; `came` when. Who asks and stands among the first, as many as the rate has left
-- over, has `passed`, for good. Nothing of the rate is spent on who does not come.
local state, line, here, numbers, came, passed = unpack(KEYS)
local rules, now, id, joins = cjson.decode(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local call = redis.call

for _, one in ipairs(call('ZRANGEBYSCORE', here, '-inf', now - rules.absent, 'LIMIT', 0, rules.most)) do
    call('ZREM', here, one)
    call('ZREM', line, one)
end

-- How many may pass now: what the rate has given since the last one passed, and no stampede after a pause.
local function left_over()
    local each_second = rules.rate / 60
    local most = math.max(1, rules.burst * each_second)
    local had = tonumber(call('HGET', state, 'level')) or most
    local at = tonumber(call('HGET', state, 'at')) or rules.opens
    return math.min(most, had + math.max(0, now - at) * each_second)
end

local function is_first()
    local level = left_over()
    if now < rules.opens or call('ZRANK', line, id) >= math.floor(level) then
        return false
    end
    call('HSET', state, 'level', tostring(level - 1), 'at', tostring(now))
    return true
end

local function stand()
    local number = call('HGET', numbers, id)
    if not number then
        if not joins then
            return 'none'
        end
        number = call('HINCRBY', state, 'number', 1)
        call('HSET', numbers, id, number)
        call('HSET', came, id, tostring(now))
    end
    call('ZADD', line, number, id)
    call('ZADD', here, now, id)
    if not is_first() then
        return 'wait'
    end
    call('ZREM', line, id)
    call('ZREM', here, id)
    call('SADD', passed, id)
    return 'in'
end

local said = call('SISMEMBER', passed, id) == 1 and 'in' or stand()
for _, key in ipairs(KEYS) do
    call('EXPIRE', key, rules.kept)
end
return { said, call('ZRANK', line, id) or 0, call('HGET', came, id) or '' }
