namespace Detector.Adapters.Ledgers.Redis;

/// <summary>Where a shared ledger lies and how it is kept.</summary>
public sealed record RedisLedgerOptions
{
    /// <summary>StackExchange.Redis's form: <c>host:6379,other:6379,ssl=true,user=…,password=…</c>. Holds a secret.</summary>
    public required string Connection { get; init; }

    /// <summary>Names the ledger: instances with the same prefix share it. All of its keys begin with it in braces, so that they lie in one slot of a cluster.</summary>
    public string Prefix { get; init; } = "detector";

    /// <summary>How many replicas must have a write before it counts as done (<c>WAIT</c>). Default none.</summary>
    public int Replicas { get; init; }

    /// <summary>How long a turn to correlate lasts without being kept. Default ten seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long what is settled is remembered.</summary>
    public TimeSpan Retention { get; init; } = SqliteLedger.DefaultRetention;

    /// <summary>How long it is remembered that an event was seen; zero for not at all, null for one who only looks and leaves all as it is.</summary>
    public TimeSpan? Seen { get; init; }

    /// <summary>What was seen is kept up to so many bytes in all, 8 for an event: Redis keeps them in memory. The hours of which nothing came for longest go first.</summary>
    public long SeenBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Records that could not be read are kept up to so many bytes in all: Redis keeps them in memory.</summary>
    public long RejectedBytes { get; init; } = 32L * 1024 * 1024;
}
