using Detector.Core.Delivery;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps behind alerts and their deliveries. An alert is a hash (<c>alert:ID</c>) with its body and the state of each delivery; what is pending for a sink stands in
/// a sorted set (<c>due:SINK</c>) by when it is due, then by when it was accepted. Deliveries of a digest stand in a set (<c>digest:SINK:ID</c>) until they are
/// settled. A settled alert ends by itself.
/// </summary>
internal static class RedisOutbox
{
    /// <summary>Repeats of one alert beyond this are not counted: one alert may have a million, and each is remembered.</summary>
    private const int MostRepeats = 100_000;

    private static readonly RedisScript AcceptScript = new(
        """
        local now, keep, most = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
        local i, ids, known = at + 3, {}, {}
        while i <= #ARGV do
          local id, subject, event, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
          local alert, waiting = p .. ':alert:' .. id, p .. ':waiting:' .. subject
          local first = redis.call('HGET', alert, 'event')
          if not first then
            local order = string.format('%016.0f', redis.call('INCR', p .. ':accepted'))
            local suppressed = redis.call('GETDEL', waiting) or '0'
            redis.call('HSET', alert, 'event', event, 'order', order, 'accepted', now, 'suppressed', suppressed, 'body', body, 'open', '0')
            redis.call('PEXPIRE', alert, keep)
            for _, old in ipairs(redis.call('ZRANGE', p .. ':alerts', 0, 9)) do
              if redis.call('EXISTS', p .. ':alert:' .. old) == 0 then redis.call('ZREM', p .. ':alerts', old) end
            end
            redis.call('ZADD', p .. ':alerts', order, id)
          elseif first ~= event then
            local repeats = p .. ':repeats:' .. id
            if redis.call('SCARD', repeats) < most and redis.call('SADD', repeats, event) == 1 then
              if redis.call('PTTL', repeats) == -1 then redis.call('PEXPIRE', repeats, keep) end
              redis.call('INCR', waiting)
              redis.call('PEXPIRE', waiting, keep)
            end
          end
          local sinks = tonumber(ARGV[i + 4])
          i = i + 5
          for s = i, i + sinks - 1 do
            if redis.call('HSETNX', alert, 'sink:' .. ARGV[s], 'pending') == 1 then
              redis.call('ZADD', p .. ':due:' .. ARGV[s], now, redis.call('HGET', alert, 'order') .. id)
              redis.call('SADD', p .. ':sinks', ARGV[s])
              redis.call('HINCRBY', alert, 'open', 1)
              redis.call('PERSIST', alert)
            end
          end
          i = i + sinks
          if not known[id] then known[id] = true; ids[#ids + 1] = id end
        end
        local open = {}
        for _, id in ipairs(ids) do
          local alert, names = p .. ':alert:' .. id, {}
          for _, field in ipairs(redis.call('HKEYS', alert)) do
            if string.sub(field, 1, 5) == 'sink:' and redis.call('HGET', alert, field) == 'pending' then names[#names + 1] = string.sub(field, 6) end
          end
          table.sort(names)
          for _, name in ipairs(names) do open[#open + 1] = id; open[#open + 1] = name end
        end
        return open
        """
    );

    private static readonly RedisScript ClaimScript = new(
        """
        local sink, now, untilWhen, max = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
        local due, picked, digests, claims = p .. ':due:' .. sink, {}, {}, {}
        for _, member in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, max)) do
          local digest = redis.call('HGET', p .. ':alert:' .. string.sub(member, 17), 'digest:' .. sink)
          if not digest then
            picked[#picked + 1] = member
          elseif not digests[digest] then
            digests[digest] = true
            digests[#digests + 1] = digest
          end
        end
        for _, digest in ipairs(digests) do
          local members = redis.call('SMEMBERS', p .. ':digest:' .. sink .. ':' .. digest)
          table.sort(members)
          for _, member in ipairs(members) do
            local comes = redis.call('ZSCORE', due, member)
            if comes and (tonumber(comes) <= tonumber(now) or redis.call('HEXISTS', p .. ':alert:' .. string.sub(member, 17), 'leased:' .. sink) == 0) then
              picked[#picked + 1] = member
            end
          end
        end
        for _, member in ipairs(picked) do
          local id = string.sub(member, 17)
          local alert = p .. ':alert:' .. id
          local kept = redis.call('HMGET', alert, 'suppressed', 'body', 'digest:' .. sink, 'resent:' .. sink)
          if kept[2] then
            redis.call('ZADD', due, untilWhen, member)
            redis.call('HSET', alert, 'leased:' .. sink, '1')
            claims[#claims + 1] = { id, redis.call('HINCRBY', alert, 'attempts:' .. sink, 1), kept[1], kept[2], kept[3], kept[4] or '0' }
          else
            redis.call('ZREM', due, member)
          end
        end
        return claims
        """
    );

    private static readonly RedisScript SettleScript = new(
        """
        local sink, outcome, reason, due, now, keep = unpack(ARGV, at, at + 5)
        for i = at + 6, #ARGV do
          local id = ARGV[i]
          local alert = p .. ':alert:' .. id
          if redis.call('HGET', alert, 'sink:' .. sink) == 'pending' then
            local member = redis.call('HGET', alert, 'order') .. id
            redis.call('HSET', alert, 'reason:' .. sink, reason)
            redis.call('HDEL', alert, 'leased:' .. sink)
            if outcome == '' then
              redis.call('ZADD', p .. ':due:' .. sink, due, member)
            else
              local digest = redis.call('HGET', alert, 'digest:' .. sink)
              if digest then redis.call('SREM', p .. ':digest:' .. sink .. ':' .. digest, member) end
              redis.call('ZREM', p .. ':due:' .. sink, member)
              redis.call('HSET', alert, 'sink:' .. sink, outcome, 'settled:' .. sink, now)
              if redis.call('HINCRBY', alert, 'open', -1) == 0 then redis.call('PEXPIRE', alert, keep) end
            end
          end
        end
        return 1
        """
    );

    private static readonly RedisScript GatherScript = new(
        """
        local sink, digest, due = ARGV[at], ARGV[at + 1], ARGV[at + 2]
        for i = at + 3, #ARGV do
          local id = ARGV[i]
          local alert = p .. ':alert:' .. id
          if redis.call('HGET', alert, 'sink:' .. sink) == 'pending' and redis.call('HSETNX', alert, 'digest:' .. sink, digest) == 1 then
            local member = redis.call('HGET', alert, 'order') .. id
            redis.call('HDEL', alert, 'leased:' .. sink)
            redis.call('SADD', p .. ':digest:' .. sink .. ':' .. digest, member)
            redis.call('ZADD', p .. ':due:' .. sink, due, member)
          end
        end
        return 1
        """
    );

    private static readonly RedisScript StateScript = new(
        """
        local pending, nextDue = 0, false
        for _, sink in ipairs(ARGV[at] and { ARGV[at] } or redis.call('SMEMBERS', p .. ':sinks')) do
          local first = redis.call('ZRANGE', p .. ':due:' .. sink, 0, 0, 'WITHSCORES')
          pending = pending + redis.call('ZCARD', p .. ':due:' .. sink)
          if first[2] and (not nextDue or tonumber(first[2]) < tonumber(nextDue)) then nextDue = first[2] end
        end
        return { pending, nextDue }
        """,
        writes: false
    );

    public static async ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(
        RedisLink link,
        string turn,
        IReadOnlyList<OutboxEntry> entries,
        DateTimeOffset now,
        TimeSpan keep,
        CancellationToken cancellation
    )
    {
        List<RedisValue> arguments = [RedisScript.Micros(now), (long)keep.TotalMilliseconds, MostRepeats];
        foreach (var (alert, @event, sinks) in entries)
        {
            arguments.AddRange([alert.Id.Value, SubjectOf(alert), @event.Value, AlertJson.Write(alert), sinks.Count]);
            arguments.AddRange(sinks.Select(sink => (RedisValue)sink));
        }
        var open = (string[])(await link.RunAsync(AcceptScript, turn, [.. arguments], cancellation))!;
        return [.. open.Chunk(2).Select(pair => new DispatchKey(new AlertId(pair[0]), pair[1]))];
    }

    public static async ValueTask<IReadOnlyList<Claim>> ClaimAsync(
        RedisLink link,
        string sink,
        int max,
        TimeSpan lease,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var claims = await link.RunAsync(ClaimScript, "", [sink, RedisScript.Micros(now), RedisScript.Micros(now + lease), max], cancellation);
        return
        [
            .. ((RedisResult[])claims!).Select(claim => new Claim(
                new AlertId((string)claim[0]!),
                (int)claim[1],
                RedisScript.Number(claim[2]),
                (byte[])claim[3]!,
                (string?)claim[4] is { } digest ? new AlertId(digest) : null,
                (int)claim[5]
            )),
        ];
    }

    /// <summary>Settles deliveries of one sink, all or none.</summary>
    public static async ValueTask SettleAsync(
        RedisLink link,
        string sink,
        IEnumerable<AlertId> alerts,
        Settlement settlement,
        DateTimeOffset now,
        TimeSpan keep,
        CancellationToken cancellation
    )
    {
        var outcome = settlement.Outcome switch
        {
            SinkOutcome.Delivered => "delivered",
            SinkOutcome.Refused => "refused",
            _ => "",
        };
        RedisValue[] arguments =
        [
            sink,
            outcome,
            settlement.Reason,
            RedisScript.Micros(settlement.DueAt ?? now),
            RedisScript.Micros(now),
            (long)keep.TotalMilliseconds,
            .. alerts.Select(alert => (RedisValue)alert.Value),
        ];
        await link.RunAsync(SettleScript, "", arguments, cancellation);
    }

    public static async ValueTask GatherAsync(
        RedisLink link,
        string sink,
        AlertId digest,
        IEnumerable<AlertId> alerts,
        DateTimeOffset dueAt,
        CancellationToken cancellation
    ) =>
        await link.RunAsync(
            GatherScript,
            "",
            [sink, digest.Value, RedisScript.Micros(dueAt), .. alerts.Select(alert => (RedisValue)alert.Value)],
            cancellation
        );

    public static async ValueTask<OutboxState> StateAsync(RedisLink link, string? sink, CancellationToken cancellation)
    {
        var state = await link.RunAsync(StateScript, "", sink is null ? [] : [sink], cancellation);
        return new OutboxState((long)state[0], state[1].IsNull ? null : RedisScript.Time(RedisScript.Number(state[1])));
    }

    /// <summary>What repeats are counted under: the rule and the group.</summary>
    private static string SubjectOf(Alert alert) => (alert.Group is null ? AlertId.Of(alert.Rule.Id) : AlertId.Of(alert.Rule.Id, alert.Group)).Value;
}
