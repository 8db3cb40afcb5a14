using System.Text;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps behind the journal of hits. A hit (<c>hit:NAME</c>) has a place in the journal (<c>journal</c>, a sorted set) in the order of arrival; one that is forgotten
/// loses its place and its record, and its name ends by itself.
/// </summary>
internal static class RedisJournal
{
    /// <summary>Hits that one step takes: Redis does nothing else meanwhile.</summary>
    private const int Step = 500;

    /// <summary>Bytes of hits that one answer holds, about.</summary>
    private const int PageBytes = 2 * 1024 * 1024;

    private const byte SentFollows = 1;

    // Places are times, so that they go on rising when a replica takes over that lacks the last of them.
    private static readonly RedisScript KeepScript = new(
        """
        local time = redis.call('TIME')
        local place = math.max(tonumber(redis.call('GET', p .. ':place') or '0') + 1, time[1] * 1000000 + time[2])
        local keep, new = ARGV[at], {}
        for i = at + 1, #ARGV, 2 do
          if redis.call('SET', p .. ':hit:' .. ARGV[i], ARGV[i + 1], 'NX', 'PX', keep) then
            redis.call('ZADD', p .. ':journal', string.format('%.0f', place), ARGV[i])
            place = place + 1
            new[#new + 1] = (i - at - 1) / 2
          end
        end
        redis.call('SET', p .. ':place', string.format('%.0f', place))
        return new
        """
    );

    private static readonly RedisScript ForgetScript = new(
        """
        for i = at + 1, #ARGV do
          redis.call('SET', p .. ':hit:' .. ARGV[i], '', 'PX', ARGV[at])
          redis.call('ZREM', p .. ':journal', ARGV[i])
        end
        return #ARGV - at
        """
    );

    private static readonly RedisScript ReadScript = new(
        """
        local page = redis.call('ZRANGEBYSCORE', p .. ':journal', '(' .. ARGV[at], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[at + 1])
        local hits, last, bytes, more = {}, ARGV[at], 0, 0
        for i = 1, #page, 2 do
          if bytes > tonumber(ARGV[at + 2]) then more = 1; break end
          local hit = redis.call('GET', p .. ':hit:' .. page[i])
          if hit and hit ~= '' then
            hits[#hits + 1] = hit
            bytes = bytes + #hit
          else
            redis.call('ZREM', p .. ':journal', page[i])
          end
          last = page[i + 1]
        end
        if #page == 2 * tonumber(ARGV[at + 1]) then more = 1 end
        return { more, last, hits, redis.call('HGETALL', p .. ':instances') }
        """
    );

    public static async ValueTask<IReadOnlyList<JournaledHit>> KeepAsync(
        RedisLink link,
        string turn,
        IReadOnlyList<JournaledHit> hits,
        TimeSpan keep,
        CancellationToken cancellation
    )
    {
        var kept = new List<JournaledHit>();
        foreach (var some in hits.Chunk(Step))
        {
            List<RedisValue> arguments = [(long)keep.TotalMilliseconds];
            foreach (var hit in some)
            {
                arguments.AddRange([NameOf(hit.Key), Pack(hit)]);
            }
            var places = (int[])(await link.RunAsync(KeepScript, turn, [.. arguments], cancellation))!;
            kept.AddRange(places.Select(place => some[place]));
        }
        return kept;
    }

    public static async ValueTask ForgetAsync(RedisLink link, string turn, IReadOnlyList<HitKey> hits, TimeSpan keep, CancellationToken cancellation)
    {
        foreach (var some in hits.Chunk(Step))
        {
            await link.RunAsync(ForgetScript, turn, [(long)keep.TotalMilliseconds, .. some.Select(hit => (RedisValue)NameOf(hit))], cancellation);
        }
    }

    /// <summary>The hits behind a place, and the beats of instances, both as they were at one moment.</summary>
    public static async ValueTask<JournalPage> ReadAsync(RedisLink link, string turn, long after, CancellationToken cancellation)
    {
        var page = await link.RunAsync(ReadScript, turn, [after, Step, PageBytes], cancellation);
        return new JournalPage(
            [.. ((byte[][])page[2]!).Select(Unpack)],
            RedisScript.Number(page[1]),
            (int)page[0] == 1,
            [.. ((string[])page[3]!).Chunk(2).Select(RedisTurns.BeatOf)]
        );
    }

    /// <summary>A hit's name among the keys: of a fixed length, whatever rules are called.</summary>
    private static string NameOf(HitKey hit) => AlertId.Of("hit", hit.For, hit.Rule, hit.Event.Value).Value;

    private static byte[] Pack(JournaledHit hit)
    {
        using var bytes = new MemoryStream(hit.Record.Length + 256);
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(hit.Key.For);
        writer.Write(hit.Key.Rule);
        writer.Write(hit.Key.Event.Value);
        writer.Write(hit.Time.UtcTicks);
        writer.Write(hit.Origin);
        writer.Write(hit.Index);
        // A record begins with a brace: without this byte nothing was written down.
        if (hit.SentAt is { } sent)
        {
            writer.Write(SentFollows);
            writer.Write(sent.UtcTicks);
        }
        writer.Write(hit.Record.Span);
        return bytes.ToArray();
    }

    private static JournaledHit Unpack(byte[] packed)
    {
        using var bytes = new MemoryStream(packed);
        using var reader = new BinaryReader(bytes, Encoding.UTF8);
        var key = new HitKey(reader.ReadString(), reader.ReadString(), new EventIdentity(reader.ReadString()));
        var time = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        var (origin, index) = (reader.ReadString(), reader.ReadInt32());
        DateTimeOffset? sent = null;
        if (packed.AsSpan((int)bytes.Position) is [SentFollows, ..])
        {
            bytes.Position++;
            sent = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        }
        return new JournaledHit(key, time, packed.AsMemory((int)bytes.Position), origin, index) { SentAt = sent };
    }
}
