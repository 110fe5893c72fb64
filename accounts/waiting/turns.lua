-- The line of those who sign as their region opens (D79): one for each moment of opening. One call is one step,
-- and whole.
--
-- `line` has who waits, by number, as long as they are `here`, until when their page is awaited to look again;
-- `numbers` whom a number was ever given, so that who was absent has their own again; `came` when. Who asks and
-- stands among the first, as many as the rate has left over, has `passed`, for good. Nothing of the rate is spent
-- on who does not come.
local state, line, here, numbers, came, passed = unpack(KEYS)
local rules, now, id, joins = cjson.decode(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local call = redis.call

-- A Redis whose memory is full takes all words of a step whose first needs none.
call('EXPIRE', state, rules.kept)

local function leave(one)
    call('ZREM', here, one)
    call('ZREM', line, one)
end

for _, one in ipairs(call('ZRANGEBYSCORE', here, '-inf', now, 'LIMIT', 0, rules.most)) do
    leave(one)
end

-- The nearer the turn, the sooner a page looks again, and the sooner who does not is gone.
local function awaited(before)
    local minutes = math.ceil((before + 1) / rules.rate) + math.ceil(math.max(0, rules.opens - now) / 60)
    return now + math.min(rules.absent, math.max(rules.unseen, rules.unseen_a_minute * minutes))
end

-- Of machines whose clocks differ a little the earlier one draws nothing twice.
local function rated_at()
    return tonumber(call('HGET', state, 'at')) or rules.opens
end

-- How many may pass now: what the rate has given since the last one passed, and no stampede after a pause.
local function left_over()
    local each_second = rules.rate / 60
    local most = math.max(1, rules.burst * each_second)
    local had = tonumber(call('HGET', state, 'level')) or most
    return math.min(most, had + math.max(0, now - rated_at()) * each_second)
end

local function is_first()
    local level = left_over()
    if now < rules.opens or call('ZRANK', line, id) >= math.floor(level) then
        return false
    end
    call('HSET', state, 'level', tostring(level - 1), 'at', tostring(math.max(rated_at(), now)))
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
        call('HSET', came, id, ARGV[2])
    end
    call('ZADD', line, number, id)
    call('ZADD', here, awaited(call('ZRANK', line, id)), id)
    if not is_first() then
        return 'wait'
    end
    leave(id)
    call('SADD', passed, id)
    return 'in'
end

-- By a clock that is ahead of this one somebody may have passed before it has opened here.
local function go_on()
    return now < rules.opens and 'wait' or 'in'
end

local said = call('SISMEMBER', passed, id) == 1 and go_on() or stand()
for _, key in ipairs(KEYS) do
    call('EXPIRE', key, rules.kept)
end
return { said, call('ZRANK', line, id) or 0, call('HGET', came, id) or '' }
