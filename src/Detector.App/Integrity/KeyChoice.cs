using Detector.App.Replays;
using Detector.Core.Integrity;

namespace Detector.App.Integrity;

/// <summary>Where CloudTrail's public keys come from.</summary>
/// <param name="File">What <c>aws cloudtrail list-public-keys</c> answered; null to ask CloudTrail itself, or for none.</param>
/// <param name="AsksAws">Whether CloudTrail is asked.</param>
internal sealed record KeyChoice(IReadOnlyList<PublicKey>? File, bool AsksAws)
{
    private static readonly TimeSpan Around = TimeSpan.FromHours(2);

    /// <summary>Reads the option: a file, <c>aws</c>, or nothing, which means AWS for archives that lie there.</summary>
    /// <exception cref="StartException">The file cannot be read.</exception>
    public static KeyChoice Of(string? option, bool liesInAws)
    {
        if (option is null or "aws")
            return new KeyChoice(null, option is not null || liesInAws);
        try
        {
            return new KeyChoice(PublicKeys.Read(System.IO.File.ReadAllBytes(option)), false);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"--public-keys: {option} is no answer of aws cloudtrail list-public-keys: {e.Message}");
        }
    }

    /// <summary>The keys that the digests may be signed for. A region that cannot be asked is told; the rest is done.</summary>
    public async Task<PublicKeys> FindAsync(IReadOnlyList<FoundDigest> digests, TrailArchives archives, Action<string> lose, Terminal terminal)
    {
        if (File is not null)
            return new PublicKeys(File);
        if (!AsksAws)
            return PublicKeys.None;
        var keys = new List<PublicKey>();
        foreach (
            var region in digests.Where(digest => digest.Content is not null).GroupBy(digest => DigestName.Of(digest.Place.Key)?.Region, StringComparer.Ordinal)
        )
        {
            if (region.Key is null)
                continue;
            using var client = archives.TrailKeys(region.Key);
            // The keys by which digests were signed in a span; a backfilled digest is signed long after its time.
            var times = region.SelectMany(digest => digest.Seal.Backfilled is { } at ? (DateTimeOffset[])[at] : [digest.Content!.Start, digest.Content.End]);
            var (from, to) = times.Aggregate(
                (From: DateTimeOffset.MaxValue, To: DateTimeOffset.MinValue),
                (span, time) => (time < span.From ? time : span.From, time > span.To ? time : span.To)
            );
            try
            {
                keys.AddRange(await client.ListAsync(Less(from), More(to), terminal.Stopping));
            }
            catch (IOException e)
            {
                lose($"cloudtrail:{region.Key}: its public keys cannot be listed: {e.Message}");
            }
        }
        return new PublicKeys(keys);
    }

    // Altered digests may name any time.
    private static DateTimeOffset Less(DateTimeOffset time) => time < DateTimeOffset.UnixEpoch + Around ? DateTimeOffset.UnixEpoch : time - Around;

    private static DateTimeOffset More(DateTimeOffset time) => time.Year > 9000 ? time : time + Around;
}
