using System.Globalization;
using System.Runtime.CompilerServices;
using Detector.Core.Delivery;
using Detector.Core.Events;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The memory of events that were seen, shared by all instances: for each hour of the events' times one text of 8 bytes an event (<c>seen:HOUR</c>), and the hours in a
/// sorted set (<c>seen</c>) by when the last event of each came. Hours are forgotten as a whole, by retention or when the memory that they may take is full, and with
/// them what is said of when remembering began (<c>seen-began</c>): what is known is known wholly.
/// </summary>
internal sealed class RedisSeenLog(RedisLink link, TimeSpan retention, long mostBytes, TimeProvider time) : ISeenLog
{
    /// <summary>Bytes of an hour that are read at a time: half a million events.</summary>
    private const long Part = 4L * 1024 * 1024;

    // Who starts need not wait for replicas: if a failover loses this, remembering began with the first event behind it.
    private static readonly RedisScript BeginScript = new("return redis.call('SET', p .. ':seen-began', ARGV[at], 'NX')", writes: false);

    private static readonly RedisScript EndScript = new(
        """
        for _, hour in ipairs(redis.call('ZRANGE', p .. ':seen', 0, -1)) do redis.call('DEL', p .. ':seen:' .. hour) end
        return redis.call('DEL', p .. ':seen', p .. ':seen-bytes', p .. ':seen-began')
        """,
        writes: false
    );

    // Run again it remembers some events twice, which costs their bytes and changes no answer.
    private static readonly RedisScript KeepScript = new(
        """
        local now, before, most = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
        local all, bytes, began = p .. ':seen', p .. ':seen-bytes', p .. ':seen-began'
        redis.call('SET', began, now, 'NX')
        for i = at + 3, #ARGV, 2 do
          redis.call('APPEND', all .. ':' .. ARGV[i], ARGV[i + 1])
          redis.call('ZADD', all, 'GT', now, ARGV[i])
          redis.call('INCRBY', bytes, #ARGV[i + 1])
        end
        while true do
          local oldest = redis.call('ZRANGE', all, 0, 0, 'WITHSCORES')
          if not oldest[1] then break end
          local old = tonumber(oldest[2]) < tonumber(before)
          if not old and tonumber(redis.call('GET', bytes)) <= most then break end
          redis.call('DECRBY', bytes, redis.call('STRLEN', all .. ':' .. oldest[1]))
          redis.call('DEL', all .. ':' .. oldest[1])
          redis.call('ZREM', all, oldest[1])
          -- Whatever happened since then came later still, and is known.
          local since = old and before or string.format('%.0f', tonumber(oldest[2]) + 1)
          if tonumber(since) > tonumber(redis.call('GET', began)) then redis.call('SET', began, since) end
        end
        return 1
        """
    );

    private static readonly RedisScript BeganScript = new("return redis.call('GET', p .. ':seen-began')", writes: false);

    private static readonly RedisScript HoursScript = new("return redis.call('ZRANGE', p .. ':seen', 0, -1)", writes: false);

    private static readonly RedisScript ReadScript = new("return redis.call('GETRANGE', p .. ':seen:' .. ARGV[at], ARGV[at + 1], ARGV[at + 2])", writes: false);

    /// <summary>Remembers when remembering began, unless it has; or forgets all if events are to be remembered no more, because from then on there are gaps.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellation)
    {
        if (retention > TimeSpan.Zero)
            await link.RunAsync(BeginScript, "", [RedisScript.Micros(time.GetUtcNow())], cancellation);
        else
            await link.RunAsync(EndScript, "", [], cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask AddAsync(IReadOnlyList<SeenEvent> events, CancellationToken cancellation)
    {
        if (events.Count == 0)
            return;
        var now = time.GetUtcNow();
        List<RedisValue> arguments = [RedisScript.Micros(now), RedisScript.Micros(now - retention), mostBytes];
        foreach (var hour in events.GroupBy(seen => seen.Hour))
            arguments.AddRange([hour.Key, SeenBytes.Of([.. hour])]);
        await link.RunAsync(KeepScript, "", [.. arguments], cancellation);
    }

    /// <summary>When remembering began; null if nobody remembers.</summary>
    public async ValueTask<DateTimeOffset?> FindBeginningAsync(CancellationToken cancellation) =>
        (string?)await link.RunAsync(BeganScript, "", [], cancellation) is { } micros
            ? RedisScript.Time(long.Parse(micros, CultureInfo.InvariantCulture))
            : null;

    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation) => await FindBeginningAsync(cancellation) ?? time.GetUtcNow();

    /// <inheritdoc/>
    public async IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (first, last) = SeenEvent.HoursOf(within);
        var hours = ((string[])(await link.RunAsync(HoursScript, "", [], cancellation))!).Select(hour => int.Parse(hour, CultureInfo.InvariantCulture));
        foreach (var hour in hours.Where(hour => hour == 0 || (hour >= first && hour <= last)).Order())
        {
            byte[] some;
            long from = 0;
            do
            {
                some = (byte[])(await link.RunAsync(ReadScript, "", [hour, from, from + Part - 1], cancellation))!;
                from += some.Length;
                if (some.Length > 0)
                    yield return new SeenHour(hour, SeenBytes.Identities(some));
            } while (some.Length == Part);
        }
    }
}
