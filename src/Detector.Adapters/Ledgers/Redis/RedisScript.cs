using System.Globalization;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// A step that Redis does as a whole or not at all. In Lua <c>p</c> is what the names of all keys begin with, and <c>at</c> the place of the step's first argument.
/// Each step may be run again when its answer was lost: it then changes nothing more.
/// </summary>
internal sealed class RedisScript
{
    // Only one key is declared, and it never exists: it leads a cluster to the slot in which all of them lie.
    // A turn is checked in the same step as what is done by it: a process that was stopped in between cannot write.
    private const string Head = """
        local p = KEYS[1]
        local at = 2
        if ARGV[1] ~= '' and redis.call('GET', p .. ':turn') ~= ARGV[1] then return redis.error_reply('TURNLOST') end

        """;

    public RedisScript(string lua, bool writes = true) => (Lua, Writes) = (Head + lua, writes);

    public string Lua { get; }

    /// <summary>Whether replicas may have to be waited for.</summary>
    public bool Writes { get; }

    /// <summary>A time as scripts know it: microseconds since 1970, which a number of Lua's holds exactly.</summary>
    public static long Micros(DateTimeOffset time) => Math.Max(0, (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>The time again; the least there is for what <see cref="Micros"/> cannot tell.</summary>
    public static DateTimeOffset Time(long micros) =>
        micros <= 0 ? DateTimeOffset.MinValue : DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>The same as text of a fixed length, which sorts as the times do.</summary>
    public static string Text(DateTimeOffset time) => Micros(time).ToString("D16", CultureInfo.InvariantCulture);

    /// <summary>A number that Lua gave as text, because its own would be cut.</summary>
    public static long Number(RedisResult text) => (long)double.Parse((string)text!, CultureInfo.InvariantCulture);
}
