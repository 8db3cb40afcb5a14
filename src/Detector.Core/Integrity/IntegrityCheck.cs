using System.Globalization;
using Detector.Core.Events;

namespace Detector.Core.Integrity;

/// <summary>Holds the log files of an archive against its digest files. Does no I/O: what was found is handed in.</summary>
/// <param name="keys">The public keys that signatures are checked by.</param>
/// <param name="from">From when on digests were asked for; null for all that there are.</param>
/// <param name="isWanted">Whether a log file of some key was read, if it is there.</param>
public sealed class IntegrityCheck(PublicKeys keys, DateTimeOffset? from = null, Func<ObjectPlace, bool>? isWanted = null)
{
    // A file's name tells when it was delivered only about, so at the edges of what is covered it cannot be told whether a digest should name it.
    private static readonly TimeSpan Edge = TimeSpan.FromHours(1);

    private readonly Dictionary<IntegrityFault, long> _counts = [];
    private readonly List<IntegrityFinding> _findings = [];
    private readonly HashSet<FoundLog> _named = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _buckets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(DateTimeOffset From, DateTimeOffset To)>> _covered = new(StringComparer.Ordinal);
    private readonly HashSet<(string Bucket, string Original)> _copies = [];
    private long _logs;
    private long _proven;

    /// <summary>What the digests prove.</summary>
    /// <param name="digests">Every digest file that was found.</param>
    /// <param name="logs">Every log file that was found, with when it was delivered as its path tells.</param>
    public TrailIntegrity Of(IReadOnlyList<FoundDigest> digests, IReadOnlyList<(FoundLog Log, string? Account, string? Region, TimeRange Delivered)> logs)
    {
        var byFile = logs.ToLookup(found => found.Log.Place.File, found => found.Log, StringComparer.Ordinal);
        _buckets.UnionWith(logs.Select(found => found.Log.Place.Bucket).Concat(digests.Select(digest => digest.Place.Bucket)).OfType<string>());
        var found = digests.DistinctBy(digest => (digest.Place.File, Convert.ToHexString(digest.Hash.Span), digest.Place.Bucket, digest.Content is null));
        var (count, proven) = (0L, 0L);
        DateTimeOffset? first = null;
        DateTimeOffset? last = null;
        foreach (var chain in found.GroupBy(ChainOf, StringComparer.Ordinal).OrderBy(chain => chain.Key, StringComparer.Ordinal))
        {
            var links = new DigestChain(keys, from, Tell);
            foreach (var (digest, proof) in links.Judge(chain))
            {
                count++;
                proven += proof is DigestProof.Proven ? 1 : 0;
                var start = digest.Start(proof);
                first = first < start ? first : start;
                last = last > digest.End ? last : digest.End;
                if (proof is not DigestProof.Refuted)
                    Cover(digest, start);
                Hold(digest, proof, byFile);
                if (proof is not DigestProof.Refuted && digest.Place.Bucket is { } bucket && bucket != digest.Content!.Bucket)
                    _copies.Add((bucket, digest.Content.Bucket));
            }
            // Backfilled digests are made for single stretches of time.
            if (DigestName.Of(chain.First().Place.Key) is not { IsBackfill: true })
                links.Follow();
        }
        LookForOthers(logs);
        foreach (var (bucket, original) in _copies.Order())
            Tell(new IntegrityFinding(IntegrityFault.Copied, $"s3://{bucket}", $"its digests were delivered to the bucket {original}: this is a copy"));
        return new TrailIntegrity
        {
            Digests = count,
            ProvenDigests = proven,
            Logs = _logs,
            ProvenLogs = _proven,
            Covered = count == 0 ? null : new TimeRange(first, last),
            Counts = _counts,
            Findings = [.. _findings.OrderBy(finding => finding.Fault)],
        };
    }

    /// <summary>Digests that follow each other: of one place, account, region, trail and kind.</summary>
    private static string ChainOf(FoundDigest digest)
    {
        var key = digest.Content?.Key ?? digest.Place.Key;
        return (DigestName.Of(digest.Place.Key) ?? DigestName.Of(key)) is { } name
            ? string.Join('\n', digest.Place.Root, name.Account, name.Region, name.Trail, name.IsBackfill)
            : digest.Name;
    }

    private void Hold(FoundDigest digest, DigestProof proof, ILookup<string, FoundLog> byFile)
    {
        foreach (var log in digest.Content?.Logs ?? [])
        {
            // A bucket that was copied as a whole is read as what it is a copy of.
            var bucket =
                digest.Place.Bucket is null ? null
                : string.Equals(log.Bucket, digest.Content!.Bucket, StringComparison.Ordinal) ? digest.Place.Bucket
                : log.Bucket;
            var place = new ObjectPlace(bucket, log.Key);
            var copies = byFile[ObjectPlace.FileOf(log.Key)].Where(copy => string.Equals(copy.Place.Bucket, bucket, StringComparison.Ordinal)).ToList();
            var there = copies.Where(copy => copy.Place.Is(log.Key)).ToList();
            // What an altered digest says proves nothing, but it may well name what is there.
            _named.UnionWith(there);
            if (proof is DigestProof.Refuted || isWanted?.Invoke(place) == false)
                continue;
            if (bucket is not null && !_buckets.Contains(bucket))
            {
                Tell(new IntegrityFinding(IntegrityFault.Elsewhere, $"s3://{bucket}/{log.Key}", $"{digest.Name} names it, and its bucket was not read"));
                continue;
            }
            _logs++;
            if (WhatIsWrong(log, place, there, copies, digest) is { } wrong)
                Tell(wrong);
            else
                _proven += proof is DigestProof.Proven ? 1 : 0;
        }
    }

    private static IntegrityFinding? WhatIsWrong(DigestLog log, ObjectPlace place, List<FoundLog> there, List<FoundLog> copies, FoundDigest digest)
    {
        if (there.Count == 0)
        {
            var subject = place.Bucket is null ? place.Key : $"s3://{place.Bucket}/{place.Key}";
            var elsewhere = copies.Count > 0 ? $"; a file of that name lies at {copies[0].Name}" : "";
            return new IntegrityFinding(IntegrityFault.LogMissing, subject, $"{digest.Name} names it{elsewhere}");
        }
        if (there.Find(copy => copy.Problem is not null) is { } unreadable)
            return new IntegrityFinding(IntegrityFault.LogAltered, unreadable.Name, $"it cannot be read as a whole: {unreadable.Problem}");
        return there.Find(copy => !string.Equals(Convert.ToHexString(copy.Hash.Span), log.Hash, StringComparison.OrdinalIgnoreCase)) is { } other
            ? new IntegrityFinding(IntegrityFault.LogAltered, other.Name, $"its content is not what {digest.Name} says of it")
            : null;
    }

    private void Cover(FoundDigest digest, DateTimeOffset start)
    {
        if (DigestName.Of(digest.Place.Key) is not { } name || digest.End <= start)
            return;
        var place = PlaceOf(digest.Place, name.Account, name.Region);
        if (!_covered.TryGetValue(place, out var spans))
            _covered.Add(place, spans = []);
        // Spans that touch are one; chains come in the order of time, and their number at a place is small.
        var touching = spans.FindIndex(span => start <= span.To && span.From <= digest.End);
        if (touching < 0)
            spans.Add((start, digest.End));
        else
            spans[touching] = (Earlier(spans[touching].From, start), Later(spans[touching].To, digest.End));
    }

    /// <summary>Tells of log files that no digest names: added, if digests cover the time when they were delivered.</summary>
    private void LookForOthers(IReadOnlyList<(FoundLog Log, string? Account, string? Region, TimeRange Delivered)> logs)
    {
        var uncovered = new SortedDictionary<string, (long Count, string First)>(StringComparer.Ordinal);
        foreach (var (log, account, region, delivered) in logs)
        {
            if (_named.Contains(log))
                continue;
            var place = PlaceOf(log.Place, account ?? "", region ?? "");
            if (
                delivered is { From: { } begin, To: { } end }
                && _covered.GetValueOrDefault(place)?.Exists(span => begin >= span.From + Edge && end <= span.To - Edge) == true
            )
            {
                Tell(new IntegrityFinding(IntegrityFault.LogAdded, log.Name, "no digest names it, though digests cover the time when it was delivered"));
                continue;
            }
            var (count, first) = uncovered.GetValueOrDefault(place, (0, log.Name));
            uncovered[place] = (count + 1, string.CompareOrdinal(log.Name, first) < 0 ? log.Name : first);
        }
        foreach (var (count, first) in uncovered.Values)
        {
            var subject = count == 1 ? first : string.Create(CultureInfo.InvariantCulture, $"{count} log files, such as {first}");
            Tell(new IntegrityFinding(IntegrityFault.Uncovered, subject, "no digest covers the time when they were delivered"));
        }
    }

    private static string PlaceOf(ObjectPlace place, string account, string region) => string.Join('\n', place.Root, account, region);

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private void Tell(IntegrityFinding finding)
    {
        var count = _counts.GetValueOrDefault(finding.Fault) + 1;
        _counts[finding.Fault] = count;
        if (count <= TrailIntegrity.MaxFindings)
            _findings.Add(finding);
    }
}
