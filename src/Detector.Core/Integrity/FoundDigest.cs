namespace Detector.Core.Integrity;

/// <summary>A digest file as it was found in an archive.</summary>
/// <param name="Name">What it is called to people.</param>
/// <param name="Place">Where it lies.</param>
/// <param name="Hash">SHA-256 of its unpacked content; empty if it cannot be read.</param>
/// <param name="Content">What it says; null if that cannot be read.</param>
/// <param name="Problem">Why it cannot be read; null if it can.</param>
/// <param name="Seal">What lay beside it.</param>
public sealed record FoundDigest(string Name, ObjectPlace Place, ReadOnlyMemory<byte> Hash, DigestFile? Content, string? Problem, DigestSeal Seal)
{
    /// <summary>When the digest's time ends, by its name: whoever alters a digest may write anything into it.</summary>
    public DateTimeOffset End { get; } = DigestName.Of(Place.Key)?.End ?? Content?.End ?? DateTimeOffset.MinValue;

    /// <summary>When its time begins: as it says, if it is to be believed. Digests are made every hour.</summary>
    public DateTimeOffset Start(DigestProof proof) =>
        proof is not DigestProof.Refuted && Content is not null ? Content.Start
        : End > DateTimeOffset.MinValue.AddHours(1) ? End.AddHours(-1)
        : End;
}

/// <summary>What S3 keeps beside a digest: its signature. A copy on a disk has lost it.</summary>
/// <param name="Signature">The object's metadata <c>signature</c>.</param>
/// <param name="Algorithm">The object's metadata <c>signature-algorithm</c>.</param>
/// <param name="Backfilled">The object's metadata <c>backfill-generation-timestamp</c>: when a digest was made of log files from before.</param>
public readonly record struct DigestSeal(string? Signature, string? Algorithm, DateTimeOffset? Backfilled)
{
    /// <summary>The only way in which digests are signed.</summary>
    public const string KnownAlgorithm = "SHA256withRSA";
}

/// <summary>A log file as it was found in an archive.</summary>
/// <param name="Name">What it is called to people.</param>
/// <param name="Place">Where it lies.</param>
/// <param name="Hash">SHA-256 of its unpacked content; empty if it cannot be read whole.</param>
/// <param name="Problem">Why it cannot; null if it can.</param>
public sealed record FoundLog(string Name, ObjectPlace Place, ReadOnlyMemory<byte> Hash, string? Problem);

/// <summary>Where a file lies, as far as that can be held against a digest's word.</summary>
/// <param name="Bucket">The bucket; null for files on a disk.</param>
/// <param name="Key">The key, or the path with slashes.</param>
public readonly record struct ObjectPlace(string? Bucket, string Key)
{
    private const string Layout = "AWSLogs/";

    /// <summary>What is before CloudTrail's own layout: the prefix that a trail has in its bucket, or folders on a disk.</summary>
    public string Root => Bucket + "/" + (At is >= 0 and var at ? Key[..at] : "");

    /// <summary>The name of the file, without the folders and without <c>.gz</c>.</summary>
    public string File => FileOf(Key);

    /// <summary>The last part of a key, without <c>.gz</c>.</summary>
    public static string FileOf(string key)
    {
        var name = key[(key.LastIndexOf('/') + 1)..];
        return name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
    }

    /// <summary>
    /// Whether it lies where a digest says. In a bucket keys must be equal; on a disk the parts that CloudTrail's layout gives, as far as they are there, and a file may
    /// be unpacked.
    /// </summary>
    public bool Is(string key)
    {
        if (Bucket is not null)
            return string.Equals(Key, key, StringComparison.Ordinal);
        var other = new ObjectPlace(null, key);
        return string.Equals(File, other.File, StringComparison.Ordinal)
            && (At < 0 || other.At < 0 || string.Equals(Folders(Key, At), Folders(key, other.At), StringComparison.Ordinal));
    }

    private int At =>
        Key.StartsWith(Layout, StringComparison.Ordinal) ? 0
        : Key.LastIndexOf("/" + Layout, StringComparison.Ordinal) is >= 0 and var at ? at + 1
        : -1;

    private static string Folders(string key, int at) => key[at..(key.LastIndexOf('/') + 1)];
}
