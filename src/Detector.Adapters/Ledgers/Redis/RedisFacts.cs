using System.Runtime.CompilerServices;
using Detector.Core.Detection.History;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps behind what history learned. Each entity is a hash (<c>fact:ENTITY</c>) of its facts, by name and time; sorted sets (<c>entities</c>,
/// <c>sessions</c>) tell which there are, by the time of what was learned of them last.
/// </summary>
internal static class RedisFacts
{
    private const int Step = 500;

    private const string Entities = "entities";
    private const string Sessions = "sessions";

    private static readonly RedisScript KeepScript = new(
        """
        for i = at, #ARGV, 5 do
          local set, entity, name, time, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
          redis.call('HSET', p .. ':fact:' .. entity, name .. '\0' .. time, value)
          redis.call('ZADD', p .. ':' .. set, 'GT', time, entity)
        end
        return 1
        """
    );

    private static readonly RedisScript DropScript = new(
        """
        for i = at, #ARGV, 4 do
          local set, entity, name, time = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
          redis.call('HDEL', p .. ':fact:' .. entity, name .. '\0' .. time)
          if redis.call('EXISTS', p .. ':fact:' .. entity) == 0 then redis.call('ZREM', p .. ':' .. set, entity) end
        end
        return 1
        """
    );

    private static readonly RedisScript ReadScript = new(
        """
        local facts = {}
        for _, entity in ipairs(redis.call('ZRANGE', p .. ':' .. ARGV[at], ARGV[at + 1], ARGV[at + 2])) do
          facts[#facts + 1] = entity
          facts[#facts + 1] = redis.call('HGETALL', p .. ':fact:' .. entity)
        end
        return facts
        """,
        writes: false
    );

    public static async ValueTask KeepAsync(
        RedisLink link,
        string turn,
        IEnumerable<LearnedFact> learned,
        IEnumerable<FactKey> forgotten,
        CancellationToken cancellation
    )
    {
        foreach (var facts in learned.Chunk(Step))
        {
            await link.RunAsync(
                KeepScript,
                turn,
                [.. facts.SelectMany(fact => (RedisValue[])[.. Name(fact.Key), fact.Value is null ? "0" : "1" + fact.Value])],
                cancellation
            );
        }
        foreach (var facts in forgotten.Chunk(Step))
        {
            await link.RunAsync(DropScript, turn, [.. facts.SelectMany(Name)], cancellation);
        }
    }

    /// <summary>Everything, while nobody else writes.</summary>
    public static async IAsyncEnumerable<LearnedFact> ReadAsync(RedisLink link, string turn, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var set in (string[])[Entities, Sessions])
        {
            RedisResult[] page;
            for (var first = 0; ; first += Step)
            {
                page = (RedisResult[])(await link.RunAsync(ReadScript, turn, [set, first, first + Step - 1], cancellation))!;
                if (page.Length == 0)
                {
                    break;
                }
                foreach (var entity in page.Chunk(2))
                {
                    foreach (var fact in ((string[])entity[1]!).Chunk(2))
                    {
                        yield return FactOf((string)entity[0]!, fact[0], fact[1]);
                    }
                }
            }
        }
    }

    private static RedisValue[] Name(FactKey fact) =>
        [fact.Entity.StartsWith(LearnedFact.OfSession, StringComparison.Ordinal) ? Sessions : Entities, fact.Entity, fact.Name, RedisScript.Text(fact.Time)];

    private static LearnedFact FactOf(string entity, string field, string value)
    {
        var end = field.LastIndexOf('\0');
        var micros = long.Parse(field.AsSpan(end + 1), System.Globalization.CultureInfo.InvariantCulture);
        return new LearnedFact(entity, field[..end], value[0] == '0' ? null : value[1..], RedisScript.Time(micros));
    }
}
