using System.Globalization;
using Detector.Core.Delivery;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps by which people look into the outbox, and have an alert sent again. Alerts stand in a sorted set (<c>alerts</c>) in the order in which they were accepted;
/// those that have ended leave it while others come.
/// </summary>
internal static class RedisRegister
{
    private const int Step = 200;

    /// <summary>Clocks of instances may differ by as much, so that what was accepted last did not always come last.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    private static readonly RedisScript ReadScript = new(
        """
        local before, from, to, prefix, step = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3], ARGV[at + 4]
        local last, oldest, found = false, false, {}
        local ids = redis.call('ZREVRANGEBYSCORE', p .. ':alerts', before, '-inf', 'WITHSCORES', 'LIMIT', 0, step)
        for i = 1, #ids, 2 do
          local id, alert = ids[i], p .. ':alert:' .. ids[i]
          last = ids[i + 1]
          local accepted = redis.call('HGET', alert, 'accepted')
          if accepted then
            oldest = accepted
            if tonumber(accepted) >= from and tonumber(accepted) < to and string.sub(id, 1, #prefix) == prefix then
              local fields, due = redis.call('HGETALL', alert), {}
              for f = 1, #fields, 2 do
                if string.sub(fields[f], 1, 5) == 'sink:' then
                  local sink = string.sub(fields[f], 6)
                  due[#due + 1] = 'due:' .. sink
                  due[#due + 1] = redis.call('ZSCORE', p .. ':due:' .. sink, redis.call('HGET', alert, 'order') .. id) or ''
                end
              end
              found[#found + 1] = { id, redis.call('SCARD', p .. ':repeats:' .. id), fields, due }
            end
          end
        end
        return { last, oldest, found }
        """,
        writes: false
    );

    private static readonly RedisScript KnowsScript = new("return redis.call('EXISTS', p .. ':alert:' .. ARGV[at])", writes: false);

    private static readonly RedisScript ResendScript = new(
        """
        local id, now, only = ARGV[at], ARGV[at + 1], ARGV[at + 2]
        local alert, sinks = p .. ':alert:' .. id, {}
        for _, field in ipairs(redis.call('HKEYS', alert)) do
          local sink = string.sub(field, 6)
          if string.sub(field, 1, 5) == 'sink:' and (not only or sink == only) then sinks[#sinks + 1] = sink end
        end
        table.sort(sinks)
        for _, sink in ipairs(sinks) do
          local due, member = p .. ':due:' .. sink, redis.call('HGET', alert, 'order') .. id
          local state = redis.call('HGET', alert, 'sink:' .. sink)
          local pending = state == 'pending'
          local leased = redis.call('HEXISTS', alert, 'leased:' .. sink) == 1
          if not (pending and leased and tonumber(redis.call('ZSCORE', due, member)) > tonumber(now)) then
            local digest = redis.call('HGET', alert, 'digest:' .. sink)
            if digest then redis.call('SREM', p .. ':digest:' .. sink .. ':' .. digest, member) end
            redis.call('HDEL', alert, 'digest:' .. sink, 'leased:' .. sink, 'settled:' .. sink)
            if state == 'delivered' then redis.call('HINCRBY', alert, 'resent:' .. sink, 1) end
            if not pending then
              redis.call('HSET', alert, 'sink:' .. sink, 'pending')
              redis.call('HINCRBY', alert, 'open', 1)
              redis.call('PERSIST', alert)
            end
            redis.call('ZADD', due, now, member)
          end
        end
        return sinks
        """
    );

    /// <summary>An alert still in the form in which it is kept.</summary>
    public readonly record struct Entry(string Id, DateTimeOffset AcceptedAt, long Suppressed, long Repeats, byte[] Body, List<LedgerDelivery> Deliveries);

    /// <summary>Alerts, those accepted last first.</summary>
    public static async IAsyncEnumerable<Entry> ReadAsync(
        RedisLink link,
        AlertQuery query,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var before = "+inf";
        while (true)
        {
            RedisValue[] arguments = [before, FirstMicro(query.From, 0), FirstMicro(query.To, long.MaxValue), query.IdPrefix, Step];
            var page = await link.RunAsync(ReadScript, "", arguments, cancellation);
            if (page[0].IsNull)
            {
                yield break;
            }
            foreach (var entry in (RedisResult[])page[2]!)
            {
                yield return ToEntry(entry);
            }
            if (!page[1].IsNull && query.From - Apart > RedisScript.Time(RedisScript.Number(page[1])))
            {
                yield break;
            }
            before = "(" + (string)page[0]!;
        }
    }

    /// <summary>Opens deliveries that are settled and makes those due that wait, but for those under a lease. Returns the sinks of all that there are.</summary>
    public static async ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(
        RedisLink link,
        AlertId alert,
        string? sink,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        RedisValue[] arguments = [alert.Value, RedisScript.Micros(now)];
        var sinks = (string[])(await link.RunAsync(ResendScript, "", sink is null ? arguments : [.. arguments, sink], cancellation))!;
        return [.. sinks.Select(name => new DispatchKey(alert, name))];
    }

    /// <summary>Whether an alert is still remembered.</summary>
    public static async ValueTask<bool> KnowsAsync(RedisLink link, AlertId alert, CancellationToken cancellation) =>
        (long)await link.RunAsync(KnowsScript, "", [alert.Value], cancellation) == 1;

    /// <summary>Times are kept to the microsecond: the first that is not before a time.</summary>
    private static long FirstMicro(DateTimeOffset? time, long otherwise) =>
        time is { } bound ? RedisScript.Micros(bound.AddTicks(TimeSpan.TicksPerMicrosecond - 1)) : otherwise;

    private static Entry ToEntry(RedisResult entry)
    {
        var fields = ((RedisResult[])entry[2]!)
            .Concat((RedisResult[])entry[3]!)
            .Chunk(2)
            .ToDictionary(pair => (string)pair[0]!, pair => (byte[])pair[1]!, StringComparer.Ordinal);
        return new Entry(
            (string)entry[0]!,
            Time("accepted")!.Value,
            Number("suppressed"),
            (long)entry[1],
            fields["body"],
            [
                .. fields
                    .Keys.Where(field => field.StartsWith("sink:", StringComparison.Ordinal))
                    .Select(field => ToDelivery(field["sink:".Length..]))
                    .OrderBy(delivery => delivery.Sink, StringComparer.Ordinal),
            ]
        );

        LedgerDelivery ToDelivery(string sink) =>
            new(
                sink,
                Text($"sink:{sink}") switch
                {
                    "delivered" => DeliveryState.Delivered,
                    "refused" => DeliveryState.Refused,
                    _ => DeliveryState.Pending,
                },
                (int)Number($"attempts:{sink}"),
                Time($"due:{sink}") ?? Time($"settled:{sink}") ?? DateTimeOffset.MinValue,
                Text($"reason:{sink}"),
                Time($"settled:{sink}"),
                Text($"digest:{sink}") is { Length: > 0 } digest ? new AlertId(digest) : null
            );

        string Text(string field) => fields.TryGetValue(field, out var value) ? System.Text.Encoding.UTF8.GetString(value) : "";

        long Number(string field) => (long)(double.TryParse(Text(field), CultureInfo.InvariantCulture, out var number) ? number : 0);

        DateTimeOffset? Time(string field) => Text(field).Length > 0 ? RedisScript.Time(Number(field)) : null;
    }
}
