using Detector.Core.Delivery;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>The steps behind what sinks keep for themselves (<c>note:NAME</c>); a note ends by itself.</summary>
internal static class RedisNotes
{
    private static readonly RedisScript KeepScript = new(
        """
        for i = at + 1, #ARGV, 3 do
          local held = redis.call('GET', p .. ':note:' .. ARGV[i])
          if (held and '1' .. held or '0') ~= ARGV[i + 1] then return 0 end
        end
        for i = at + 1, #ARGV, 3 do redis.call('SET', p .. ':note:' .. ARGV[i], ARGV[i + 2], 'PX', ARGV[at]) end
        return 1
        """
    );

    private static readonly RedisScript FindScript = new("return redis.call('GET', p .. ':note:' .. ARGV[at])", writes: false);

    /// <summary>All of the notes, or none if one of their keys holds something else than the sink knows of.</summary>
    public static async ValueTask<bool> KeepAsync(RedisLink link, string sink, IReadOnlyList<SinkNote> notes, TimeSpan keep, CancellationToken cancellation)
    {
        List<RedisValue> arguments = [(long)keep.TotalMilliseconds];
        foreach (var (key, was, value) in notes)
        {
            arguments.AddRange([NameOf(sink, key), was is null ? "0" : "1" + was, value]);
        }
        return (int)await link.RunAsync(KeepScript, "", [.. arguments], cancellation) == 1;
    }

    public static async ValueTask<string?> FindAsync(RedisLink link, string sink, string key, CancellationToken cancellation) =>
        (string?)await link.RunAsync(FindScript, "", [NameOf(sink, key)], cancellation);

    private static string NameOf(string sink, string key) => AlertId.Of("note", sink, key).Value;
}
