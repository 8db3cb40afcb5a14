using System.Globalization;

namespace Detector.Core.Integrity;

/// <summary>
/// What the name of a digest file tells: <c>ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHMMSSZ[_backfill].json.gz</c>. A trail's name may hold
/// underscores.
/// </summary>
/// <param name="Account">The account whose log files it names.</param>
/// <param name="Region">The region of these; also that of the public key.</param>
/// <param name="Trail">The trail, with the region in which it was made.</param>
/// <param name="End">When its time ends.</param>
/// <param name="IsBackfill">Whether it was made later, for log files from before.</param>
public sealed record DigestName(string Account, string Region, string Trail, DateTimeOffset End, bool IsBackfill)
{
    private const string Backfill = "_backfill";

    /// <summary>Reads the last part of a key or path; null if it is named otherwise.</summary>
    public static DigestName? Of(string key)
    {
        var name = ObjectPlace.FileOf(key);
        if (!name.EndsWith(".json", StringComparison.Ordinal))
            return null;
        name = name[..^".json".Length];
        var isBackfill = name.EndsWith(Backfill, StringComparison.Ordinal);
        if (isBackfill)
            name = name[..^Backfill.Length];
        var parts = name.Split('_');
        return
            parts.Length >= 6
            && parts[1] is "CloudTrail-Digest"
            && DateTimeOffset.TryParseExact(
                parts[^1],
                "yyyyMMdd'T'HHmmss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var end
            )
            ? new DigestName(parts[0], parts[2], string.Join('_', parts[3..^1]), end, isBackfill)
            : null;
    }
}
