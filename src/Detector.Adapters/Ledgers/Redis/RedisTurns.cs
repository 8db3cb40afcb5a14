using System.Globalization;
using Detector.Core.Delivery;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The steps by which instances take turns: the turn (<c>turn</c>) is a key that holds the token of whoever has it and ends by itself, by Redis's clock; the beats
/// of instances stand in a hash (<c>instances</c>).
/// </summary>
internal sealed class RedisTurns(RedisLink link, string instance, TimeSpan lease, Func<string, RedisLedger> ledgerOf) : ITurns
{
    private const int Kept = 1;
    private const int Taken = 2;

    private static readonly RedisScript BeatScript = new(
        """
        local instance, number, watermark, lease, mine, fresh = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
        redis.call('HSET', p .. ':instances', instance, number .. ' ' .. watermark)
        local held = redis.call('GET', p .. ':turn')
        if held and held == mine then
          redis.call('PEXPIRE', p .. ':turn', lease)
          return 1
        end
        -- The fresh token may be ours already, if the answer to this step was lost.
        if held and held ~= fresh then return 0 end
        redis.call('SET', p .. ':turn', fresh, 'PX', lease)
        return 2
        """
    );

    private static readonly RedisScript LeaveScript = new(
        """
        redis.call('HDEL', p .. ':instances', ARGV[at])
        if ARGV[at + 1] ~= '' and redis.call('GET', p .. ':turn') == ARGV[at + 1] then redis.call('DEL', p .. ':turn') end
        return 1
        """
    );

    private static readonly RedisScript EndScript = new("return redis.call('DEL', p .. ':turn')");

    private static readonly RedisScript BuryScript = new("return redis.call('HDEL', p .. ':instances', ARGV[at])");

    private Turn? _turn;
    private long _beats;
    private long _turns;

    /// <inheritdoc/>
    public string Instance => instance;

    /// <inheritdoc/>
    public async ValueTask<ITurn?> BeatAsync(DateTimeOffset watermark, CancellationToken cancellation)
    {
        var fresh = $"{instance} {++_turns}";
        RedisValue[] arguments = [instance, ++_beats, RedisScript.Micros(watermark), (long)lease.TotalMilliseconds, _turn?.Token ?? "", fresh];
        _turn = (int)await link.RunAsync(BeatScript, "", arguments, cancellation) switch
        {
            Kept => _turn,
            Taken => new Turn(link, fresh, ledgerOf(fresh)),
            _ => null,
        };
        return _turn;
    }

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(CancellationToken cancellation) => await link.RunAsync(LeaveScript, "", [instance, _turn?.Token ?? ""], cancellation);

    /// <summary>A beat as it stands in the hash: name, then number and watermark.</summary>
    public static Beat BeatOf(string[] field)
    {
        var space = field[1].IndexOf(' ', StringComparison.Ordinal);
        var number = long.Parse(field[1].AsSpan(0, space), CultureInfo.InvariantCulture);
        return new Beat(field[0], number, RedisScript.Time(long.Parse(field[1].AsSpan(space + 1), CultureInfo.InvariantCulture)));
    }

    private sealed record Turn(RedisLink Link, string Token, ILedger Ledger) : ITurn
    {
        public ValueTask<JournalPage> ReadAsync(long after, CancellationToken cancellation) => RedisJournal.ReadAsync(Link, Token, after, cancellation);

        public async ValueTask BuryAsync(string instance, CancellationToken cancellation) => await Link.RunAsync(BuryScript, Token, [instance], cancellation);

        public async ValueTask EndAsync(CancellationToken cancellation) => await Link.RunAsync(EndScript, Token, [], cancellation);
    }
}
