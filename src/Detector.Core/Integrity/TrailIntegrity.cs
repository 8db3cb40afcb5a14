using Detector.Core.Events;

namespace Detector.Core.Integrity;

/// <summary>What CloudTrail's digest files prove of an archive.</summary>
/// <remarks>CloudTrail User Guide, "Validating CloudTrail log file integrity" and "Custom implementations of CloudTrail log file integrity validation".</remarks>
public sealed record TrailIntegrity
{
    /// <summary>Findings that are kept of each fault; the rest is only counted.</summary>
    public const int MaxFindings = 1_000;

    /// <summary>Digest files that were found.</summary>
    public required long Digests { get; init; }

    /// <summary>Those of them whose signature fits.</summary>
    public required long ProvenDigests { get; init; }

    /// <summary>Log files that were held against a digest.</summary>
    public required long Logs { get; init; }

    /// <summary>Those of them that are what their digest says, and whose digest is proven.</summary>
    public required long ProvenLogs { get; init; }

    /// <summary>From the beginning of the oldest digest's time to the end of the newest's; null without digests.</summary>
    public required TimeRange? Covered { get; init; }

    /// <summary>How often each fault was found.</summary>
    public required IReadOnlyDictionary<IntegrityFault, long> Counts { get; init; }

    /// <summary>What was found, of each fault <see cref="MaxFindings"/> at most; signs of tampering first.</summary>
    public required IReadOnlyList<IntegrityFinding> Findings { get; init; }

    /// <summary>The verdict.</summary>
    public TrailVerdict Verdict =>
        Counts.Keys.Any(fault => fault.IsTampering()) ? TrailVerdict.Broken
        : ProvenDigests == 0 ? TrailVerdict.Unknown
        : Counts.Count > 0 ? TrailVerdict.Incomplete
        : TrailVerdict.Intact;
}

/// <summary>What an archive is worth as evidence.</summary>
public enum TrailVerdict
{
    /// <summary>Every file is what CloudTrail delivered, and none lacks.</summary>
    Intact,

    /// <summary>No sign of tampering, but not all of it could be proven.</summary>
    Incomplete,

    /// <summary>There are signs of tampering.</summary>
    Broken,

    /// <summary>Nothing could be proven: there is no digest, no signature or no public key.</summary>
    Unknown,
}
