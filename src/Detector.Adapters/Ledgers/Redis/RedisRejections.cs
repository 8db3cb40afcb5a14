using Detector.Core.Events;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>The step behind rejected records: hashes (<c>rejected:ID</c>), in a sorted set (<c>rejected</c>) by when each was seen last; the oldest go.</summary>
internal static class RedisRejections
{
    private static readonly RedisScript KeepScript = new(
        """
        local now, before, most = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
        local all, bytes = p .. ':rejected', p .. ':rejected-bytes'
        for i = at + 3, #ARGV, 6 do
          local key = all .. ':' .. ARGV[i]
          if redis.call('EXISTS', key) == 0 then
            redis.call('HSET', key, 'origin', ARGV[i + 1], 'place', ARGV[i + 2], 'offset', ARGV[i + 3], 'reason', ARGV[i + 4], 'content', ARGV[i + 5], 'first', now)
            redis.call('INCRBY', bytes, 1000 + #ARGV[i + 5])
          end
          redis.call('HINCRBY', key, 'times', 1)
          redis.call('HSET', key, 'last', now)
          redis.call('ZADD', all, now, ARGV[i])
        end
        while true do
          local oldest = redis.call('ZRANGE', all, 0, 0, 'WITHSCORES')
          if not oldest[1] or (tonumber(oldest[2]) >= tonumber(before) and tonumber(redis.call('GET', bytes)) <= most) then break end
          redis.call('DECRBY', bytes, 1000 + redis.call('HSTRLEN', all .. ':' .. oldest[1], 'content'))
          redis.call('DEL', all .. ':' .. oldest[1])
          redis.call('ZREM', all, oldest[1])
        end
        return 1
        """
    );

    public static async ValueTask KeepAsync(
        RedisLink link,
        IReadOnlyList<Rejected> rejected,
        DateTimeOffset now,
        RedisLedgerOptions options,
        CancellationToken cancellation
    )
    {
        List<RedisValue> arguments = [RedisScript.Micros(now), RedisScript.Micros(now - options.Retention), options.RejectedBytes];
        foreach (var record in rejected)
        {
            var content = record.Content[..Math.Min(record.Content.Length, Rejected.MaxContent)];
            arguments.AddRange([Rejections.IdOf(record), record.Origin, record.Index, record.Offset, record.Reason, content]);
        }
        await link.RunAsync(KeepScript, "", [.. arguments], cancellation);
    }
}
