using System.Collections.Concurrent;
using Detector.Adapters.Integrity;
using Detector.App.Replays;
using Detector.Core.Events;
using Detector.Core.Integrity;

namespace Detector.App.Integrity;

/// <summary>Finds the digests of an archive that was read, and the public keys, and holds them all against each other.</summary>
/// <param name="archives">The archive.</param>
/// <param name="keys">Where the public keys come from.</param>
/// <param name="terminal">Where it is told how far it is.</param>
internal sealed class IntegrityRun(TrailArchives archives, KeyChoice keys, Terminal terminal)
{
    // Digests are small: what counts is how many are on their way.
    private const int AtOnce = 16;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentBag<string> _losses = [];
    private int _read;

    /// <summary>What could not be listed or asked for.</summary>
    public IReadOnlyList<string> Losses => [.. _losses.Order(StringComparer.Ordinal)];

    /// <summary>Checks what was read.</summary>
    /// <param name="hashes">Of every log file that was read.</param>
    /// <param name="within">The time that was asked for.</param>
    public async Task<TrailIntegrity> CheckAsync(ContentHashes hashes, TimeRange within)
    {
        var digests = await ReadAsync();
        var known = await keys.FindAsync(digests, archives, _losses.Add, terminal);
        return new IntegrityCheck(known, within.From, archives.MayHold).Of(digests, hashes.Logs);
    }

    private async Task<List<FoundDigest>> ReadAsync()
    {
        using var shown = terminal.ErrorIsTerminal ? terminal.Time.CreateTimer(_ => Show($"{_read:N0} digests"), null, Every, Every) : null;
        var found = new ConcurrentBag<FoundDigest>();
        var pace = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = terminal.Stopping };
        foreach (var archive in archives.Digests)
        {
            await Parallel.ForEachAsync(
                archive.ListAsync(unread => _losses.Add($"{unread.Path}: {unread.Reason}"), terminal.Stopping),
                pace,
                async (item, cancellation) =>
                {
                    found.Add(await DigestReader.ReadAsync(item, cancellation));
                    Interlocked.Increment(ref _read);
                }
            );
        }
        if (shown is not null)
            Show("");
        // A file that two of the given paths lead to is one.
        return [.. found.DistinctBy(digest => digest.Name, StringComparer.Ordinal).OrderBy(digest => digest.Name, StringComparer.Ordinal)];
    }

    private void Show(string line)
    {
        lock (terminal.Error)
            terminal.Error.Write($"\r{line}\u001b[K");
    }
}
