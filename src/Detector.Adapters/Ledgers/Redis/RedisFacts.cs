using System.Runtime.CompilerServices;
using Detector.Core.Detection.History;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps behind what history learned. Each entity is a hash (<c>fact:ENTITY</c>) of its facts, by name and time; sorted sets of entities and of sessions
/// (<c>entities</c>, <c>sessions</c>) tell by event time which were touched last, so that the others end.
/// </summary>
internal static class RedisFacts
{
    private const int Step = 500;

    /// <summary>More than a process remembers of them, and fewer than fill the memory.</summary>
    private const int MostEntities = 250_000;

    private const string Entities = "entities";
    private const string Sessions = "sessions";

    private static readonly RedisScript KeepScript = new(
        """
        local kept, sessionKept, most = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
        for i = at + 3, #ARGV, 5 do
          local set, entity, name, time, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
          local key, times, newest = p .. ':fact:' .. entity, {}, time
          redis.call('HSET', key, name .. '\0' .. time, value)
          redis.call('ZADD', p .. ':' .. set, 'GT', time, entity)
          for _, field in ipairs(redis.call('HKEYS', key)) do
            if #field == #name + 17 and string.sub(field, 1, #name + 1) == name .. '\0' then
              local t = string.sub(field, #name + 2)
              times[#times + 1] = t
              if t > newest then newest = t end
            end
          end
          -- What was true until then, and what is newer, stays.
          local limit, least = string.format('%016.0f', math.max(0, tonumber(newest) - kept)), ''
          for _, t in ipairs(times) do if t <= limit and t > least then least = t end end
          for _, t in ipairs(times) do if t < least then redis.call('HDEL', key, name .. '\0' .. t) end end
        end
        local function drop(set, old)
          for _, entity in ipairs(old) do
            redis.call('DEL', p .. ':fact:' .. entity)
            redis.call('ZREM', p .. ':' .. set, entity)
          end
        end
        local newest = redis.call('ZRANGE', p .. ':sessions', -1, -1, 'WITHSCORES')[2]
        if newest then
          drop('sessions', redis.call('ZRANGEBYSCORE', p .. ':sessions', '-inf', string.format('(%.0f', tonumber(newest) - sessionKept), 'LIMIT', 0, 1000))
        end
        local excess = redis.call('ZCARD', p .. ':entities') - most
        if excess > 0 then drop('entities', redis.call('ZRANGE', p .. ':entities', 0, math.min(excess, 1000) - 1)) end
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

    public static async ValueTask KeepAsync(RedisLink link, string turn, IReadOnlyList<LearnedFact> facts, CancellationToken cancellation)
    {
        foreach (var some in facts.Chunk(Step))
        {
            List<RedisValue> arguments = [(long)LearnedFact.Kept.TotalMicroseconds, (long)LearnedFact.SessionKept.TotalMicroseconds, MostEntities];
            foreach (var fact in some)
            {
                var set = fact.Entity.StartsWith(LearnedFact.OfSession, StringComparison.Ordinal) ? Sessions : Entities;
                arguments.AddRange([set, fact.Entity, fact.Name, RedisScript.Text(fact.Time), fact.Value is null ? "0" : "1" + fact.Value]);
            }
            await link.RunAsync(KeepScript, turn, [.. arguments], cancellation);
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

    private static LearnedFact FactOf(string entity, string field, string value)
    {
        var end = field.LastIndexOf('\0');
        var micros = long.Parse(field.AsSpan(end + 1), System.Globalization.CultureInfo.InvariantCulture);
        return new LearnedFact(entity, field[..end], value[0] == '0' ? null : value[1..], RedisScript.Time(micros));
    }
}
