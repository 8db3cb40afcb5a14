using System.Globalization;
using Detector.Core.Events;

namespace Detector.Adapters.Files;

/// <summary>
/// What a path or a key says of what lies there, by CloudTrail's layout
/// <c>[PREFIX/]AWSLogs/[ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz</c>. A path may end anywhere in it; of
/// a file outside of its folders the name tells the same.
/// </summary>
/// <remarks>CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail log file examples".</remarks>
public readonly record struct TrailPath
{
    /// <summary>Ends the name of what tells how S3 describes a digest.</summary>
    public const string Head = ".head.json";

    /// <summary>How deep the path leads.</summary>
    public TrailDepth Depth { get; private init; }

    /// <summary>False for what is known to hold no events: digest and Insights files, and the logs of other services.</summary>
    public bool IsTrail { get; private init; }

    /// <summary>True for digest files and the folders that hold them alone.</summary>
    public bool IsDigest { get; private init; }

    /// <summary>True for what a copy keeps beside a digest: <c>DIGEST.head.json</c>, which tells how S3 describes it.</summary>
    public bool IsHead { get; private init; }

    /// <summary>The account, 12 digits; null if the path does not tell.</summary>
    public string? Account { get; private init; }

    /// <summary>The region, such as <c>eu-west-1</c>; null if the path does not tell.</summary>
    public string? Region { get; private init; }

    /// <summary>When what lies there was delivered, which is after it happened; open where the path does not tell.</summary>
    public TimeRange Delivered { get; private init; }

    /// <summary>Reads a path whose parts are separated by slashes. What follows its last slash is taken for a file's name.</summary>
    public static TrailPath Of(string path)
    {
        var parts = path.Split('/');
        var folders = OfFolders(parts.AsSpan(..^1));
        return OfName(parts[^1]) is not { } named
            ? folders
            : folders with
            {
                IsTrail = folders.IsTrail && named.IsTrail,
                IsDigest = (folders.IsDigest || named.IsDigest) && !named.IsHead,
                IsHead = named.IsHead,
                Account = folders.Account ?? named.Account,
                Region = folders.Region ?? named.Region,
                Delivered = named.Delivered == default ? folders.Delivered : named.Delivered,
            };
    }

    /// <summary>Whether a text has the form of an account's number.</summary>
    public static bool IsAccount(string text) => text.Length == 12 && text.All(char.IsAsciiDigit);

    private static TrailPath OfFolders(ReadOnlySpan<string> parts)
    {
        var (at, path) = Begin(parts);
        if (path.Depth < TrailDepth.Account || at == parts.Length)
            return at == parts.Length ? path : path with { Depth = TrailDepth.None };
        path = path with
        {
            Depth = TrailDepth.Service,
            IsTrail = string.Equals(parts[at], "CloudTrail", StringComparison.Ordinal),
            IsDigest = string.Equals(parts[at], "CloudTrail-Digest", StringComparison.Ordinal),
        };
        if (++at == parts.Length)
            return path;
        path = path with { Depth = TrailDepth.Region, Region = parts[at] };
        Span<int> date = [1, 1, 1];
        for (var unit = 0; unit < 3 && ++at < parts.Length; unit++)
        {
            if (Number(parts[at], unit == 0 ? 4 : 2) is not { } number)
                return path with { Depth = TrailDepth.None };
            date[unit] = number;
            var first = At($"{date[0]:0000}{date[1]:00}{date[2]:00}0000");
            if (first is null)
                return path with { Depth = TrailDepth.None };
            var next =
                unit == 0 ? first.Value.AddYears(1)
                : unit == 1 ? first.Value.AddMonths(1)
                : first.Value.AddDays(1);
            path = path with { Depth = TrailDepth.Year + unit, Delivered = new TimeRange(first, next.AddTicks(-1)) };
        }
        return path;
    }

    /// <summary>The place behind the account's folder, or behind <c>AWSLogs</c> or the organisation's if nothing follows that.</summary>
    private static (int At, TrailPath Path) Begin(ReadOnlySpan<string> parts)
    {
        var path = new TrailPath { IsTrail = true };
        for (var at = parts.Length - 1; at >= 0; at--)
        {
            var isTrail = at + 1 < parts.Length && parts[at + 1].StartsWith("CloudTrail", StringComparison.Ordinal);
            if (IsAccount(parts[at]) && (isTrail || IsRoot(parts[..at])))
                return (at + 1, path with { Depth = TrailDepth.Account, Account = parts[at] });
        }
        return (parts.Length, path with { Depth = IsRoot(parts) ? TrailDepth.Root : TrailDepth.None });
    }

    private static bool IsRoot(ReadOnlySpan<string> parts) =>
        parts is [.., "AWSLogs"] || (parts is [.., "AWSLogs", var organization] && organization.StartsWith("o-", StringComparison.Ordinal));

    private static TrailPath? OfName(string name)
    {
        if (name.Split('_') is not [var account, var kind, var region, ..] parts || !kind.StartsWith("CloudTrail", StringComparison.Ordinal))
            return null;
        if (!IsAccount(account) && !account.StartsWith("o-", StringComparison.Ordinal))
            return null;
        var isOfDigest = string.Equals(kind, "CloudTrail-Digest", StringComparison.Ordinal);
        var isHead = isOfDigest && name.EndsWith(Head, StringComparison.Ordinal);
        var path = new TrailPath
        {
            IsTrail = string.Equals(kind, "CloudTrail", StringComparison.Ordinal),
            IsDigest = isOfDigest && !isHead,
            IsHead = isHead,
            Account = IsAccount(account) ? account : null,
            Region = region,
        };
        var delivered = parts.Length > 3 && parts[3] is { Length: 14 } time && time[8] == 'T' && time[13] == 'Z' ? At(time[..8] + time[9..13]) : null;
        return delivered is { } minute ? path with { Delivered = new TimeRange(minute, minute.AddMinutes(1).AddTicks(-1)) } : path;
    }

    private static int? Number(string text, int digits) =>
        text.Length == digits && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTimeOffset? At(string digits) =>
        // Years that have no end, or no day before, that could be counted are none of CloudTrail's.
        !digits.StartsWith("9999", StringComparison.Ordinal)
        && string.CompareOrdinal(digits, "1970") >= 0
        && DateTimeOffset.TryParseExact(
            digits,
            "yyyyMMddHHmm",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time
        )
            ? time
            : null;
}

/// <summary>How deep a path leads into CloudTrail's layout.</summary>
public enum TrailDepth
{
    /// <summary>Not into it, or elsewhere than it leads.</summary>
    None,

    /// <summary><c>AWSLogs</c>, or an organisation below it.</summary>
    Root,

    /// <summary>An account's folder.</summary>
    Account,

    /// <summary><c>CloudTrail</c>, or another service beside it.</summary>
    Service,

    /// <summary>A region's folder.</summary>
    Region,

    /// <summary>A year's.</summary>
    Year,

    /// <summary>A month's.</summary>
    Month,

    /// <summary>A day's.</summary>
    Day,
}
