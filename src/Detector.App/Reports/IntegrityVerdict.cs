namespace Detector.App.Reports;

/// <summary>What CloudTrail's digest files say of the trail files that were read. An input of the report; whoever validates makes it.</summary>
/// <param name="Status">The verdict as a whole.</param>
/// <param name="Digests">Digest files whose signature and place in the chain were checked.</param>
/// <param name="Verified">Trail files that are what their digest says.</param>
/// <param name="Missing">Trail files that a digest names and that are not there.</param>
/// <param name="Altered">Files, digests among them, that are not what was signed.</param>
/// <param name="Added">Trail files that no digest names.</param>
/// <param name="Gaps">Stretches of time for which no digest is there.</param>
/// <param name="Findings">Each thing that is wrong, by name.</param>
/// <remarks>CloudTrail User Guide, "Validating CloudTrail log file integrity".</remarks>
internal sealed record IntegrityVerdict(
    IntegrityStatus Status,
    long Digests,
    long Verified,
    long Missing,
    long Altered,
    long Added,
    long Gaps,
    IReadOnlyList<IntegrityFinding> Findings
);

/// <summary>The verdict as a whole.</summary>
internal enum IntegrityStatus
{
    /// <summary>Every file is what was signed, and nothing lacks.</summary>
    Intact,

    /// <summary>Something is missing, altered, added or not covered.</summary>
    Broken,

    /// <summary>There was nothing to check by: no digest, or no public key.</summary>
    Unknown,
}

/// <summary>One thing that is wrong with an archive.</summary>
/// <param name="Kind">What it is in a word, such as <c>altered</c>.</param>
/// <param name="Subject">Which file or stretch of time.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record IntegrityFinding(string Kind, string Subject, string Reason);
