namespace Detector.Core.Integrity;

/// <summary>Something that is wrong with an archive, or that cannot be told of it.</summary>
/// <param name="Fault">What it is.</param>
/// <param name="Subject">Which file or stretch of time.</param>
/// <param name="Reason">What is wrong, in words for a person.</param>
public sealed record IntegrityFinding(IntegrityFault Fault, string Subject, string Reason);

/// <summary>What may be wrong with an archive. The names are shown: <see cref="IntegrityFaults.Name"/>.</summary>
public enum IntegrityFault
{
    /// <summary>A log file that a digest names is not there.</summary>
    LogMissing,

    /// <summary>A log file is not what its digest says.</summary>
    LogAltered,

    /// <summary>A log file that no digest names lies among those of a time that digests cover.</summary>
    LogAdded,

    /// <summary>A digest that another names as the one before it is not there.</summary>
    DigestMissing,

    /// <summary>A digest is not what was signed, lies elsewhere, or cannot be read.</summary>
    DigestAltered,

    /// <summary>Digests do not follow each other as they say.</summary>
    ChainBroken,

    /// <summary>A stretch of time that no digest covers.</summary>
    Gap,

    /// <summary>The oldest digest names one before it, which is from before the time that was asked for or was never kept.</summary>
    Begins,

    /// <summary>Log files of a time that no digest covers.</summary>
    Uncovered,

    /// <summary>What no signature could prove.</summary>
    Unproven,

    /// <summary>Log files that a digest names and that lie in a bucket that was not read.</summary>
    Elsewhere,

    /// <summary>Digests that were delivered to another bucket, and copied.</summary>
    Copied,
}

/// <summary>What is to be known of faults.</summary>
public static class IntegrityFaults
{
    /// <summary>Whether it is a sign that somebody changed the archive.</summary>
    public static bool IsTampering(this IntegrityFault fault) => fault <= IntegrityFault.ChainBroken;

    /// <summary>In a word or two, such as <c>log altered</c>.</summary>
    public static string Name(this IntegrityFault fault) =>
        fault switch
        {
            IntegrityFault.LogMissing => "log missing",
            IntegrityFault.LogAltered => "log altered",
            IntegrityFault.LogAdded => "log added",
            IntegrityFault.DigestMissing => "digest missing",
            IntegrityFault.DigestAltered => "digest altered",
            IntegrityFault.ChainBroken => "chain broken",
            IntegrityFault.Gap => "gap",
            IntegrityFault.Begins => "begins",
            IntegrityFault.Uncovered => "not covered",
            IntegrityFault.Unproven => "not proven",
            IntegrityFault.Elsewhere => "elsewhere",
            _ => "copied",
        };
}
