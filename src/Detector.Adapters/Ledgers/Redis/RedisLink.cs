using Detector.Core;
using Detector.Core.Delivery;
using StackExchange.Redis;

namespace Detector.Adapters.Ledgers.Redis;

/// <summary>
/// The connection to Redis. A step that fails because Redis is away, starts, fails over or is full is tried again until it succeeds or is cancelled: whoever asked
/// waits, so intake stands still meanwhile, nothing is acknowledged, and nothing has to come again.
/// </summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private static readonly TimeSpan ReplicasWithin = TimeSpan.FromSeconds(2);

    /// <summary>What servers say when they cannot now, or not here.</summary>
    private static readonly string[] Passing =
    [
        "LOADING",
        "READONLY",
        "MASTERDOWN",
        "CLUSTERDOWN",
        "TRYAGAIN",
        "NOREPLICAS",
        "UNBLOCKED",
        "BUSY",
        "OOM",
        "MISCONF",
        "NOAUTH",
        "WRONGPASS",
        "NOPERM",
    ];

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKey[] _prefix;
    private readonly int _replicas;
    private readonly Trouble _trouble;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _waiting = new(1);
    private long _written;
    private long _replicated;
    private int _connections;

    private RedisLink(ConnectionMultiplexer connection, RedisLedgerOptions options, TimeProvider time, Random random, IProgress<Notice> notices)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        _prefix = [$"{{{options.Prefix}}}"];
        _replicas = options.Replicas;
        _time = time;
        _trouble = new Trouble("ledger", "writing to Redis", notices, time);
        _backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), random);
        connection.ConnectionFailed += (_, _) => Interlocked.Increment(ref _connections);
        connection.ConnectionRestored += (_, _) => Interlocked.Increment(ref _connections);
    }

    /// <summary>Connects, and says what the server's own settings put at risk.</summary>
    /// <exception cref="Sqlite.StorageException">There is no Redis, or none that will do.</exception>
    public static async Task<RedisLink> OpenAsync(RedisLedgerOptions options, string name, TimeProvider time, Random random, IProgress<Notice> notices)
    {
        var connection = await RedisStart.ConnectAsync(options.Connection, name);
        try
        {
            await RedisStart.CheckAsync(connection, options, notices);
            return new RedisLink(connection, options, time, random, notices);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a step, again and again if need be.</summary>
    /// <param name="script">The step.</param>
    /// <param name="turn">The turn that must be ours; empty for none.</param>
    /// <param name="arguments">The step's.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="TurnLostException">It is not.</exception>
    public async ValueTask<RedisResult> RunAsync(RedisScript script, string turn, RedisValue[] arguments, CancellationToken cancellation)
    {
        RedisValue[] values = [turn, .. arguments];
        for (var failures = 1; ; failures++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var connections = Volatile.Read(ref _connections);
                var result = await _database.ScriptEvaluateAsync(script.Lua, _prefix, values).WaitAsync(cancellation);
                if (!script.Writes || await IsReplicatedAsync(connections, cancellation))
                {
                    _trouble.Mended();
                    return result;
                }
                _trouble.Failed(
                    "replicas",
                    $"fewer than {_replicas} replicas have it within {ReplicasWithin.TotalSeconds:0} s (ledger.wait)",
                    needsSomebody: true
                );
            }
            catch (RedisServerException e) when (e.Message.Contains("TURNLOST", StringComparison.Ordinal))
            {
                throw new TurnLostException();
            }
            catch (Exception e) when (CauseOf(e) is { } cause)
            {
                _trouble.Failed(cause, RedisStart.Plain(e), needsSomebody: e is RedisServerException);
                if (cause is "READONLY")
                {
                    // Another has become the primary; ask who it is.
                    await _connection.ConfigureAsync();
                }
            }
            await Task.Delay(_backoff.After(failures), _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Dispose();
        await _connection.DisposeAsync();
    }

    /// <summary>Whether as many replicas as are asked for have everything that was written until now. Those who ask at the same time share one question.</summary>
    private async ValueTask<bool> IsReplicatedAsync(int connections, CancellationToken cancellation)
    {
        if (_replicas == 0)
        {
            return true;
        }
        var mine = Interlocked.Increment(ref _written);
        await _waiting.WaitAsync(cancellation);
        try
        {
            if (_replicated < mine)
            {
                var upTo = Interlocked.Read(ref _written);
                var reached = (long)await _database.ExecuteAsync("WAIT", _replicas, (long)ReplicasWithin.TotalMilliseconds).WaitAsync(cancellation);
                if (reached < _replicas)
                {
                    return false;
                }
                _replicated = upTo;
            }
        }
        finally
        {
            _waiting.Release();
        }
        // On another connection, to another server perhaps, the answer tells nothing of what was written before.
        return connections == Volatile.Read(ref _connections);
    }

    /// <summary>The cause of a failure that passes; null for one that does not.</summary>
    private static string? CauseOf(Exception e) =>
        e switch
        {
            RedisServerException answered => Array.Find(Passing, code => answered.Message.Contains(code, StringComparison.Ordinal)),
            RedisConnectionException or RedisTimeoutException => "unreachable",
            _ => null,
        };
}
