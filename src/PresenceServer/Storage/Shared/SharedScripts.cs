namespace Presence.Server.Storage.Shared;

/// <summary>
/// What Redis does in one step each: all of a script happens or nothing, on replicas and in the append-only file too. 64-bit numbers are compared by halves: Lua's are doubles.
/// </summary>
internal static class SharedScripts
{
    /// <summary>
    /// Takes a batch if the node's cursor stands where the batch begins, and moves it behind. So a batch is taken once, whatever happens to answers, and a Redis that has gone back is
    /// noticed by the first batch.
    /// <code>
    /// KEYS  cursors, changes, stated, then the bucket of each record
    /// ARGV  node, cursor expected ('' = none), cursor behind, ceiling of believed versions, oldest change kept, most changes kept, up to when all is in front of the cursor behind ('' = not known),
    ///       number of records, then field and value of each record, then of each change user, version, status, kinds, last active, 1 if coalesced, text ('' = none)
    /// gives the cursor as it is then, and how much was passed over because nobody of us can have written it
    /// </code>
    /// </summary>
    public const string Ship = Newer + """
        local cursor = redis.call('HGET', KEYS[1], ARGV[1]) or ''
        if cursor ~= ARGV[2] then return {cursor, 0} end
        local poison, at, records = 0, 8, tonumber(ARGV[8])
        local ceilHigh, ceilLow = struct.unpack('>I4I4', ARGV[4])
        for i = 1, records do
            local bucket, field, value = KEYS[3 + i], ARGV[at + 1], ARGV[at + 2]
            local known = redis.pcall('HGET', bucket, field)
            if type(known) == 'table' then
                poison = poison + 1
            else
                if known and not believed(known, ceilHigh, ceilLow) then
                    known = false
                    poison = poison + 1
                end
                if not known or not newer(known, value) then redis.call('HSET', bucket, field, value) end
            end
            at = at + 2
        end
        while at < #ARGV do
            local add = {'XADD', KEYS[2], '*', 'u', ARGV[at + 1], 'v', ARGV[at + 2], 's', ARGV[at + 3], 'k', ARGV[at + 4], 'l', ARGV[at + 5], 'c', ARGV[at + 6]}
            if ARGV[at + 7] ~= '' then add[16], add[17] = 't', ARGV[at + 7] end
            if type(redis.pcall(unpack(add))) == 'table' then poison = poison + 1 end
            at = at + 7
        end
        redis.pcall('XTRIM', KEYS[2], 'MINID', '~', ARGV[5])
        redis.pcall('XTRIM', KEYS[2], 'MAXLEN', '~', ARGV[6])
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        if ARGV[7] ~= '' then redis.pcall('HSET', KEYS[3], ARGV[1], ARGV[7]) end
        return {ARGV[3], poison}
        """;

    /// <summary>
    /// Puts the cursor of a node somewhere else: what lies between is missing, so the node has to bring all its store has, and readers of the changes are told.
    /// <code>
    /// KEYS  cursors, walks, changes       ARGV  node, cursor expected, cursor wanted, 1 when changes are missing
    /// gives the cursor as it is then
    /// </code>
    /// </summary>
    public const string Begin = """
        local cursor = redis.call('HGET', KEYS[1], ARGV[1]) or ''
        if cursor ~= ARGV[2] then return cursor end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        redis.call('HSET', KEYS[2], ARGV[1], '1')
        if ARGV[4] == '1' then redis.pcall('XADD', KEYS[3], '*', 'g', ARGV[1]) end
        return ARGV[3]
        """;

    /// <summary>
    /// Reads records: KEYS the bucket of each, ARGV its field. What is not there, or is in a key that is none of ours, is nil.
    /// </summary>
    public const string Read = """
        local found = {}
        for i = 1, #KEYS do
            local value = redis.pcall('HGET', KEYS[i], ARGV[i])
            found[i] = type(value) == 'string' and value
        end
        return found
        """;

    /// <summary>
    /// Reads changes. A cursor is good as long as its entry is there, or is the last there was: one behind which the stream was trimmed, or one of before it was lost, is not.
    /// <code>
    /// KEYS  changes, stated       ARGV  cursor (0-0 = in front of all), most entries
    /// gives 1, or 0 for a cursor that is no good; the id behind all there is; entries; up to when all is in the stream, node and time in turn
    /// </code>
    /// </summary>
    public const string Changes = """
        local info, last = redis.pcall('XINFO', 'STREAM', KEYS[1]), '0-0'
        for i = 1, #info, 2 do
            if info[i] == 'last-generated-id' then last = info[i + 1] end
        end
        if ARGV[1] ~= '0-0' and ARGV[1] ~= last and #redis.pcall('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return {0, last, {}, {}} end
        local found = ARGV[2] ~= '0' and redis.pcall('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2]) or {}
        local stated = redis.pcall('HGETALL', KEYS[2])
        return {1, last, found.err and {} or found, stated.err and {} or stated}
        """;

    /// <summary>
    /// Where the changes end, as a cursor that is good for as long as what comes behind it is there: a stream that is empty gets an entry that says nothing, since nobody could tell of its beginning whether
    /// something behind it was trimmed.
    /// <code>
    /// KEYS  changes, cursors, walks
    /// gives the id of the last entry; nodes whose journal is shipped; those that still have to bring what their store has
    /// </code>
    /// </summary>
    public const string End = """
        local info, last = redis.pcall('XINFO', 'STREAM', KEYS[1]), '0-0'
        for i = 1, #info, 2 do
            if info[i] == 'last-generated-id' then last = info[i + 1] end
        end
        if last == '0-0' then
            local made = redis.pcall('XADD', KEYS[1], '*', 'b', '1')
            if type(made) == 'string' then last = made end
        end
        return {last, redis.call('HKEYS', KEYS[2]), redis.call('HKEYS', KEYS[3])}
        """;

    /// <summary>
    /// Looks through some of the hashes for who is recorded as there. Which key is where is known to one process of Redis alone: the number of another is worth nothing.
    /// <code>
    /// ARGV  number to go on at (0 = from the beginning), pattern of the hashes, how many are looked at, the status that is not there
    /// gives the number to go on at (0 = all is looked through), which process of Redis it is, then field and value of each record
    /// </code>
    /// </summary>
    public const string Present = """
        local scan = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
        local gone, found = tonumber(ARGV[4]), {}
        for _, bucket in ipairs(scan[2]) do
            local records = redis.pcall('HGETALL', bucket)
            for i = 1, #records, 2 do
                local value = records[i + 1]
                if (#value == 16 or #value == 22) and string.byte(value, 15) ~= gone then
                    found[#found + 1], found[#found + 2] = records[i], value
                end
            end
        end
        return {scan[1], string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), found}
        """;

    /// <summary>Removes records that are still what they were seen to be: KEYS the bucket of each, ARGV its field and value. Gives how many.</summary>
    public const string Remove = """
        local removed = 0
        for i = 1, #KEYS do
            if redis.pcall('HGET', KEYS[i], ARGV[2 * i - 1]) == ARGV[2 * i] then
                removed = removed + redis.call('HDEL', KEYS[i], ARGV[2 * i - 1])
            end
        end
        return removed
        """;

    // As SharedRecordFormat has it: version, then the true last sign of life.
    private const string Newer = """
        local function believed(value, ceilHigh, ceilLow)
            if #value ~= 16 and #value ~= 22 then return false end
            local high, low = struct.unpack('>I4I4', value)
            return high < ceilHigh or (high == ceilHigh and low <= ceilLow)
        end
        local function newer(value, than)
            local a, b, c, d = struct.unpack('>I4I4I2I4', value)
            local e, f, g, h = struct.unpack('>I4I4I2I4', than)
            if a ~= e then return a > e end
            if b ~= f then return b > f end
            if c ~= g then return c > g end
            return d > h
        end

        """;
}
