-- The line before the sign-in (D68). One call is one step, and whole: no two are ever half done at once.
--
-- `line` has who waits, by number; `here` when each of them was last seen. Who is not seen for long goes to
-- `away` and may come back to the same number. The first of the line are `called` at the rate, as far as there
-- are places; who is called and reloads gets a pass, which is good for one person (`spent`, `whose`). It counts as
-- inside, and ends, from when it was given: no reload of it makes it younger.
--
-- A network (`whence`) from which more were called this minute (`taken`) than a share of the rate is `held` while
-- others wait, each with their number. What a pass has used up of the rate is `owed` until somebody signs in with
-- it; for so long as one takes who means it, then it is given back (`repaid`), and taken again from who comes late.
-- What is given back is no more than the rate, and nothing while nobody at all can sign in.
local state, line, here, away, called, passes, people, spent, whose, entered, openings = unpack(KEYS, 1, 11)
local held, whence, taken, owed, repaid, paced = unpack(KEYS, 12)
local rules, now, what, id, more = cjson.decode(ARGV[1]), tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local call = redis.call

local function older(set, age)
    return call('ZRANGEBYSCORE', set, '-inf', now - age, 'LIMIT', 0, rules.most)
end

local function inside()
    return call('ZCOUNT', people, now - rules.active, '+inf')
        + call('ZCOUNT', passes, now - rules.signing_in, '+inf')
end

local function rate()
    return tonumber(call('HGET', state, 'rate')) or rules.rate
end

-- To the level, as much of it as this minute may still have.
local function give_back(count)
    local minute = tostring(math.floor(now / 60))
    if count > 0 and call('HGET', state, 'giving') ~= minute then
        call('HSET', state, 'giving', minute, 'given', 0)
    end
    local most = math.min(count, rate() - (tonumber(call('HGET', state, 'given')) or 0))
    if most > 0 then
        call('HINCRBY', state, 'given', most)
        call('HINCRBYFLOAT', state, 'level', most)
    end
    return math.max(0, most)
end

-- A Redis whose memory is full takes all words of a step whose first needs none: it begins with taking away.
local function tidy()
    call('ZREMRANGEBYSCORE', people, '-inf', now - rules.active)
    call('ZREMRANGEBYSCORE', entered, '-inf', now - rules.lately)
    for _, one in ipairs(older(here, rules.absent)) do
        call('ZADD', away, call('ZSCORE', here, one), one)
        call('ZREM', here, one)
        call('ZREM', line, one)
        call('ZREM', held, one)
    end
    local missed = older(called, rules.called)
    for _, one in ipairs(missed) do
        call('ZADD', away, now, one)
        call('ZREM', called, one)
    end
    give_back(#missed) -- nobody came in in their stead
    local unspent = older(owed, rules.signing_in)
    local signs_in = now - (tonumber(call('HGET', state, 'signed')) or 0) < rules.signing_in
    local given = signs_in and give_back(#unspent) or 0
    for place, one in ipairs(unspent) do
        call('ZREM', owed, one)
        if place <= given then
            call('ZADD', repaid, now, one)
        end
    end
    for _, one in ipairs(older(spent, rules.pass)) do
        call('ZREM', spent, one)
        call('HDEL', whose, one)
    end
    for _, one in ipairs(older(away, rules.grace)) do
        call('ZREM', away, one)
        call('HDEL', whence, one)
    end
    call('ZREMRANGEBYSCORE', repaid, '-inf', now - rules.pass_kept)
    call('ZREMRANGEBYSCORE', passes, '-inf', now - rules.pass_kept)
end

local function mode()
    return call('HGET', state, 'order') or rules.mode
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
    local somebody_waits = call('ZCARD', line) + call('ZCARD', held) + call('ZCARD', called) > 0
    local crowd = was_on and rules.places * rules.calm or rules.places
    return is_time() or inside() >= crowd or (was_on and somebody_waits)
end

-- A room that is opened anew has nobody in it: slips of the one before are none.
local function is_on()
    local was_on = call('HGET', state, 'on') == '1'
    local on = is_wanted(was_on)
    if on and not was_on then
        call('DEL', line, here, away, called, held, whence, taken, owed, repaid, paced)
        call('HSET', state, 'on', 1, 'since', now, 'number', 0, 'level', 1, 'at', now)
    elseif was_on and not on then
        call('HSET', state, 'on', 0)
    end
    return on
end

-- Whoever was held stands where they stood.
local function hold_nobody()
    call('ZUNIONSTORE', line, 2, line, held)
    call('DEL', held)
end

local function begin_minute()
    local minute = math.floor(now / 60)
    if minute > (tonumber(call('HGET', taken, 'minute')) or 0) then
        if call('EXISTS', taken) == 1 then -- the last minute tells how fast a network that is held goes on
            call('RENAME', taken, paced)
        end
        call('HSET', taken, 'minute', minute)
        hold_nobody()
    end
end

local function has_its_share(network)
    local rounds = tonumber(call('HGET', taken, 'rounds')) or 0
    local share = math.floor((rules.share + rounds * rules.further) * rate())
    return (tonumber(call('HGET', taken, network)) or 0) >= math.max(1 + rounds, share)
end

-- So many of the line. Where none but the held wait each network gets a little more.
local function take(most)
    local found = {}
    for _ = 1, rules.most do
        local one = #found < most and call('ZPOPMIN', line) or {}
        local network = one[1] and call('HGET', whence, one[1])
        if network and has_its_share(network) then
            call('ZADD', held, one[2], one[1])
            call('HSET', taken, '!' .. network, 1)
        elseif one[1] then
            call('HINCRBY', taken, network or '', 1)
            found[#found + 1] = one[1]
        elseif #found < most and call('ZCARD', held) > 0 then
            call('HINCRBY', taken, 'rounds', 1)
            hold_nobody()
        else
            break
        end
    end
    return found
end

local function advance()
    begin_minute()
    local at = tonumber(call('HGET', state, 'at')) or now
    local each_second = rate() / 60
    local level = (tonumber(call('HGET', state, 'level')) or 0) + math.max(0, now - at) * each_second
    level = math.max(-rate(), math.min(level, math.max(1, rules.burst * each_second)))
    local places = rules.places - inside() - call('ZCARD', called)
    local next = math.max(0, math.min(math.floor(level), places))
    local first = next > 0 and take(next) or {}
    for _, one in ipairs(first) do
        call('ZREM', here, one)
        call('ZADD', called, now, one)
    end
    call('HSET', state, 'level', tostring(level - #first), 'at', tostring(math.max(at, now)))
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
        call('ZADD', owed, now, id)
        call('HDEL', whence, id)
        return 'in'
    end
    local since = tonumber(call('ZSCORE', passes, id))
    if since and now < since + rules.pass then
        return 'in'
    end
    return call('ZSCORE', spent, id) and 'in' or 'none'
end

local step = {}

function step.come()
    if more ~= '' then
        call('HSET', whence, id, more)
    end
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
        if call('ZREM', owed, id) == 0 and call('ZREM', repaid, id) == 1 then
            call('HINCRBYFLOAT', state, 'level', -1)
        end
        call('HSET', state, 'signed', now)
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
local function before()
    local number = call('ZSCORE', line, id) or call('ZSCORE', held, id)
    local upto = number and '(' .. number
    return number and call('ZCOUNT', line, '-inf', upto) + call('ZCOUNT', held, '-inf', upto) or 0
end

-- Of the network of who asks, a minute; the whole rate where it is not held.
local function pace()
    local network = call('HGET', whence, id)
    for _, minute in ipairs({ paced, taken }) do
        local is_late = (tonumber(call('HGET', minute, 'minute')) or 0) >= math.floor(now / 60) - 1
        if network and is_late and call('HGET', minute, '!' .. network) then
            return math.max(1, tonumber(call('HGET', minute, network)) or 0)
        end
    end
    return rate()
end

local function longest()
    local one, other = call('ZRANGE', line, 0, 0, 'WITHSCORES'), call('ZRANGE', held, 0, 0, 'WITHSCORES')
    local is_held = other[1] and (not one[1] or tonumber(other[2]) < tonumber(one[2]))
    return is_held and other[1] or one[1] or ''
end
return {
    said,
    on and 1 or 0,
    mode(),
    before(),
    tonumber(call('HGET', state, 'number')) or 0,
    call('ZCARD', line) + call('ZCARD', held),
    call('ZCARD', called),
    inside(),
    call('ZCOUNT', entered, now - 60, '+inf'),
    call('ZCARD', entered),
    call('HGET', state, 'since') or '0',
    longest(),
    rate(),
    pace(),
}
