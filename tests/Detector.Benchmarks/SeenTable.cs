using System.Diagnostics;
using System.Globalization;
using Detector.Adapters.Ledgers;
using Detector.Adapters.Ledgers.Redis;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Reconciliation;

namespace Detector.Benchmarks;

/// <summary>What it costs to remember every event that came, as docs/reconcile.md shows it.</summary>
internal static class SeenTable
{
    private const int AtOnce = 64;

    /// <param name="output">Takes a row of it.</param>
    /// <param name="events">How many come.</param>
    /// <param name="redis">The Redis that remembers them, which may forget all that it holds; null for a file.</param>
    public static async Task PrintAsync(TextWriter output, int events, string? redis)
    {
        if (redis is not null)
        {
            await PrintAsync(
                output,
                events,
                new RedisLedgerOptions
                {
                    Connection = redis,
                    Prefix = "detector-seen",
                    Seen = SqliteLedger.DefaultSeen,
                }
            );
            return;
        }
        var hash = Hash();
        var folder = Directory.CreateTempSubdirectory("detector-seen-").FullName;
        try
        {
            var file = Path.Combine(folder, "ledger.db");
            TimeSpan elapsed;
            await using (var ledger = SqliteLedger.Open(file, "bench", TimeProvider.System, new Silent()))
                elapsed = await FillAsync(ledger, events);
            var bytes = new FileInfo(file).Length;
            using var reader = new FileDesk(file, mayResend: false, TimeProvider.System, new Silent());
            var read = Stopwatch.StartNew();
            var held = await SeenSet.ReadAsync(reader.Seen!, default, CancellationToken.None);
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {hash.TotalNanoseconds:N0} ns | {events / elapsed.TotalSeconds:N0} | {(double)bytes / held.Count:N1} | {read.Elapsed.TotalSeconds * 1e6 / held.Count:N1} s |"
                )
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PrintAsync(TextWriter output, int events, RedisLedgerOptions options)
    {
        await using (await RedisLedger.OpenAsync(options with { Seen = TimeSpan.Zero }, "bench", TimeProvider.System, Random.Shared, new Silent())) { }
        await using var ledger = await RedisLedger.OpenAsync(options, "bench", TimeProvider.System, Random.Shared, new Silent());
        var elapsed = await FillAsync(ledger, events);
        var read = Stopwatch.StartNew();
        var held = await SeenSet.ReadAsync(ledger.Seen!, default, CancellationToken.None);
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"| {events / elapsed.TotalSeconds:N0} | {read.Elapsed.TotalSeconds * 1e6 / held.Count:N1} s |")
        );
    }

    /// <summary>What a record costs more to judge.</summary>
    private static TimeSpan Hash()
    {
        const int rounds = 200;
        var judge = new Judge(Workloads.Rules(100));
        var batches = Enumerable.Range(0, 1024).Select(i => new EventBatch($"sqs:bench/{i}", Workloads.Envelope(i), Receipt.None)).ToArray();
        var (plain, seen) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < rounds; round++)
        {
            plain = Least(plain, () => Array.ForEach(batches, batch => judge.Try(batch)));
            seen = Least(seen, () => Array.ForEach(batches, batch => judge.Try(batch, new SeenBatch())));
        }
        return (seen - plain) / batches.Length;
    }

    private static TimeSpan Least(TimeSpan known, Action act)
    {
        var watch = Stopwatch.StartNew();
        act();
        return watch.Elapsed < known ? watch.Elapsed : known;
    }

    /// <summary>Messages of one event each, as many at once as the live path has in hand.</summary>
    private static async Task<TimeSpan> FillAsync(ILedger ledger, int events)
    {
        var hour = SeenEvent.HourOf(DateTimeOffset.UnixEpoch.AddYears(56));
        var pace = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        var watch = Stopwatch.StartNew();
        await Parallel.ForAsync(
            0,
            events,
            pace,
            async (i, cancellation) => await ledger.Seen!.AddAsync([new SeenEvent(hour + i / 100_000, (ulong)i * 0x9E37_79B9_7F4A_7C15)], cancellation)
        );
        return watch.Elapsed;
    }

    private sealed class Silent : IProgress<Notice>
    {
        public void Report(Notice value) { }
    }
}
