using System.Security.Cryptography;
using Detector.Adapters.Aws.S3;
using Detector.Adapters.Files;
using Detector.Adapters.Integrity;
using Detector.Core.Events;
using Detector.Core.Integrity;

namespace Detector.App.Replays;

/// <summary>The hashes of what a replay has read, so that nothing is read twice to be held against digests. Safe from many threads.</summary>
internal sealed class ContentHashes
{
    private readonly Lock _turn = new();
    private readonly List<(FoundLog Log, string? Account, string? Region, TimeRange Delivered)> _logs = [];

    /// <summary>The log files among what was read, in the order of names.</summary>
    public IReadOnlyList<(FoundLog Log, string? Account, string? Region, TimeRange Delivered)> Logs
    {
        get
        {
            lock (_turn)
                return [.. _logs.OrderBy(found => found.Log.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>An item was read to its end, or up to where that was possible.</summary>
    public void Add(TrailItem item, IncrementalHash content, UnreadFile? problem)
    {
        var place = S3Place.TryParse(item.Name, out var s3) ? new ObjectPlace(s3.Bucket, s3.Prefix) : new ObjectPlace(null, DigestFiles.KeyOf(item.Name));
        var path = TrailPath.Of(place.Key);
        if (!path.IsTrail)
            return;
        var hash = content.GetHashAndReset();
        lock (_turn)
            _logs.Add((new FoundLog(item.Name, place, hash, problem?.Reason), path.Account, path.Region, path.Delivered));
    }
}
