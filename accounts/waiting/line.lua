-- The line before the sign-in (D68). One call is one step, and whole: no two are ever half done at once.
--
-- `line` has who waits, by number; `here` when each of them was last seen. Who is not seen for long goes to
-- `away` and may come back to the same number. The first of the line are `called` at the rate, as far as there
-- are places; who is called and reloads gets a pass, which is good for one person (`spent`, `whose`).
local state, line, here, away, called, passes, people, spent, whose, entered, openings = unpack(KEYS)
local rules, now, what, id, more = cjson.decode(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local call = redis.call

local function older(set, age)
    return call('ZRANGEBYSCORE', set, '-inf', now - age, 'LIMIT', 0, rules.most)
end

local function inside()
    return call('ZCOUNT', people, now - rules.active, '+inf')
        + call('ZCOUNT', passes, now - rules.signing_in, '+inf')
end

-- A Redis whose memory is full takes all words of a step whose first needs none: it begins with taking away.
local function tidy()
    call('ZREMRANGEBYSCORE', people, '-inf', now - rules.active)
    call('ZREMRANGEBYSCORE', entered, '-inf', now - rules.lately)
    for _, one in ipairs(older(here, rules.absent)) do
        call('ZADD', away, call('ZSCORE', here, one), one)
        call('ZREM', here, one)
        call('ZREM', line, one)
    end
    local missed = older(called, rules.called)
    for _, one in ipairs(missed) do
        call('ZADD', away, now, one)
        call('ZREM', called, one)
    end
    if #missed > 0 then -- nobody came in in their stead
        call('HINCRBYFLOAT', state, 'level', #missed)
    end
    for _, one in ipairs(older(spent, rules.pass)) do
        call('ZREM', spent, one)
        call('HDEL', whose, one)
    end
    call('ZREMRANGEBYSCORE', away, '-inf', now - rules.grace)
    call('ZREMRANGEBYSCORE', passes, '-inf', now - rules.pass)
end

local function mode()
    return call('HGET', state, 'order') or rules.mode
end

local function rate()
    return tonumber(call('HGET', state, 'rate')) or rules.rate
end

local function is_time()
    for _, opens in ipairs(cjson.decode(call('GET', openings) or '[]')) do
        if now >= opens - rules.before and now < opens + rules.after then
            return true
        end
    end
    return false
end

local function is_wanted(was_on)
    if mode() ~= 'auto' then
        return mode() == 'on'
    end
    local somebody_waits = call('ZCARD', line) + call('ZCARD', called) > 0
    local crowd = was_on and rules.places * rules.calm or rules.places
    return is_time() or inside() >= crowd or (was_on and somebody_waits)
end

-- A room that is opened anew has nobody in it: slips of the one before are none.
local function is_on()
    local was_on = call('HGET', state, 'on') == '1'
    local on = is_wanted(was_on)
    if on and not was_on then
        call('DEL', line, here, away, called)
        call('HSET', state, 'on', 1, 'since', now, 'number', 0, 'level', 1, 'at', now)
    elseif was_on and not on then
        call('HSET', state, 'on', 0)
    end
    return on
end

local function advance()
    local at = tonumber(call('HGET', state, 'at')) or now
    local each_second = rate() / 60
    local level = (tonumber(call('HGET', state, 'level')) or 0) + math.max(0, now - at) * each_second
    level = math.min(level, math.max(1, rules.burst * each_second))
    local places = rules.places - inside() - call('ZCARD', called)
    local next = math.max(0, math.min(math.floor(level), places))
    local first = next > 0 and call('ZPOPMIN', line, next) or {}
    for each = 1, #first, 2 do
        call('ZREM', here, first[each])
        call('ZADD', called, now, first[each])
    end
    call('HSET', state, 'level', tostring(level - #first / 2), 'at', tostring(math.max(at, now)))
end

local function is_called()
    return call('ZSCORE', called, id)
end

local function take_place(number)
    call('ZADD', line, number, id)
    call('ZADD', here, now, id)
end

local function enter()
    if call('ZREM', called, id) == 1 then
        call('ZADD', passes, now, id)
        call('ZADD', entered, now, id)
        return 'in'
    end
    if call('ZSCORE', passes, id) then
        call('ZADD', passes, now, id)
        return 'in'
    end
    return call('ZSCORE', spent, id) and 'in' or 'none'
end

local step = {}

function step.come()
    take_place(call('HINCRBY', state, 'number', 1))
    advance()
    return is_called() and enter() or 'wait'
end

function step.ask()
    if call('ZREM', away, id) == 1 then
        take_place(more)
    elseif call('ZSCORE', here, id) then
        call('ZADD', here, now, id)
    elseif not is_called() then
        return 'none'
    end
    advance()
    return is_called() and 'turn' or 'wait'
end

step.enter = enter

function step.look()
    advance()
    return 'free'
end

-- What is done whether or not there is a room.
local always = {}

function always.spend()
    local mine = call('HGET', whose, id) == more
    if call('ZREM', passes, id) == 1 or mine then
        call('ZADD', spent, now, id)
        call('HSET', whose, id, more)
        call('ZADD', people, now, more)
        return 'in'
    end
    return 'none'
end

function always.present()
    call('ZADD', people, now, more)
    return 'free'
end

-- By ops: the mode, and the rate where one is given; without a mode all is as the settings say.
function always.order()
    if more == '' then
        call('HDEL', state, 'order', 'rate')
    else
        call('HSET', state, 'order', more)
    end
    if id ~= '' then
        call('HSET', state, 'rate', id)
    end
    return 'free'
end

tidy()
local said = always[what] and always[what]()
local on = is_on()
if not said and on then
    said = step[what]()
elseif not said then
    if what == 'come' and mode() == 'auto' then
        call('ZADD', passes, now, id)
    end
    said = 'free'
end
local first = call('ZRANGE', line, 0, 0)[1] or ''
return {
    said,
    on and 1 or 0,
    mode(),
    call('ZRANK', line, id) or 0,
    tonumber(call('HGET', state, 'number')) or 0,
    call('ZCARD', line),
    call('ZCARD', called),
    inside(),
    call('ZCOUNT', entered, now - 60, '+inf'),
    call('ZCARD', entered),
    call('HGET', state, 'since') or '0',
    first,
    rate(),
}
