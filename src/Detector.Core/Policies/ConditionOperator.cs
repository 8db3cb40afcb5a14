using System.Globalization;
using System.Net;

namespace Detector.Core.Policies;

/// <summary>How a condition compares.</summary>
/// <param name="Kind">What is compared.</param>
/// <param name="IsNegated">The operator with Not in its name.</param>
internal readonly record struct ConditionOperator(OperatorKind Kind, bool IsNegated)
{
    private static readonly string[] DateFormats =
    [
        "yyyy",
        "yyyy-MM",
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>An operator by its name in lower case, without what comes before or behind it.</summary>
    public static ConditionOperator Of(string name) =>
        name switch
        {
            "stringequals" => new(OperatorKind.Equals, false),
            "stringnotequals" => new(OperatorKind.Equals, true),
            "stringequalsignorecase" => new(OperatorKind.EqualsIgnoreCase, false),
            "stringnotequalsignorecase" => new(OperatorKind.EqualsIgnoreCase, true),
            "stringlike" or "arnequals" or "arnlike" => new(OperatorKind.Like, false),
            "stringnotlike" or "arnnotequals" or "arnnotlike" => new(OperatorKind.Like, true),
            "bool" => new(OperatorKind.Bool, false),
            "null" => new(OperatorKind.Null, false),
            "ipaddress" => new(OperatorKind.Address, false),
            "notipaddress" => new(OperatorKind.Address, true),
            "numericequals" => new(OperatorKind.Number, false),
            "numericnotequals" => new(OperatorKind.Number, true),
            "numericlessthan" => new(OperatorKind.NumberBelow, false),
            "numericlessthanequals" => new(OperatorKind.NumberUpTo, false),
            "numericgreaterthan" => new(OperatorKind.NumberAbove, false),
            "numericgreaterthanequals" => new(OperatorKind.NumberFrom, false),
            "dateequals" => new(OperatorKind.Date, false),
            "datenotequals" => new(OperatorKind.Date, true),
            "datelessthan" => new(OperatorKind.DateBelow, false),
            "datelessthanequals" => new(OperatorKind.DateUpTo, false),
            "dategreaterthan" => new(OperatorKind.DateAbove, false),
            "dategreaterthanequals" => new(OperatorKind.DateFrom, false),
            _ => new(OperatorKind.Unknown, false),
        };

    /// <summary>Whether a request's value matches a policy's, the negation left aside.</summary>
    public bool Matches(string value, string wanted) =>
        Kind switch
        {
            OperatorKind.Equals => value == wanted,
            OperatorKind.EqualsIgnoreCase or OperatorKind.Bool => value.Equals(wanted, StringComparison.OrdinalIgnoreCase),
            OperatorKind.Like => Wildcard.Matches(wanted, value),
            OperatorKind.Address => IsWithin(value, wanted),
            OperatorKind.Number or OperatorKind.NumberBelow or OperatorKind.NumberUpTo or OperatorKind.NumberAbove or OperatorKind.NumberFrom => Number(value)
                is { } a
                && Number(wanted) is { } b
                && Holds(a.CompareTo(b)),
            OperatorKind.Date or OperatorKind.DateBelow or OperatorKind.DateUpTo or OperatorKind.DateAbove or OperatorKind.DateFrom => Date(value) is { } a
                && Date(wanted) is { } b
                && Holds(a.CompareTo(b)),
            _ => false,
        };

    private bool Holds(int order) =>
        Kind switch
        {
            OperatorKind.NumberBelow or OperatorKind.DateBelow => order < 0,
            OperatorKind.NumberUpTo or OperatorKind.DateUpTo => order <= 0,
            OperatorKind.NumberAbove or OperatorKind.DateAbove => order > 0,
            OperatorKind.NumberFrom or OperatorKind.DateFrom => order >= 0,
            _ => order == 0,
        };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Seconds of the epoch, of which a date is a spelling.</summary>
    private static double? Date(string text) =>
        DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date.ToUnixTimeMilliseconds() / 1000.0
            : Number(text);

    /// <summary>Whether an address lies in a network. Digits behind the prefix do not count, and a prefix of 0 is the world whatever stands before it.</summary>
    private static bool IsWithin(string address, string network)
    {
        var slash = network.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(address, out var ours) || !IPAddress.TryParse(slash < 0 ? network : network.AsSpan(0, slash), out var theirs))
        {
            return false;
        }
        Span<byte> a = stackalloc byte[16];
        Span<byte> b = stackalloc byte[16];
        ours.TryWriteBytes(a, out var length);
        theirs.TryWriteBytes(b, out var width);
        var bits = width * 8;
        if (
            length != width
            || (slash >= 0 && !int.TryParse(network.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits))
            || bits > width * 8
        )
        {
            return false;
        }
        var whole = bits / 8;
        return a[..whole].SequenceEqual(b[..whole]) && (bits % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - (bits % 8)) == 0);
    }
}

/// <summary>What an operator compares.</summary>
internal enum OperatorKind
{
    Unknown,
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    Null,
    Address,
    Number,
    NumberBelow,
    NumberUpTo,
    NumberAbove,
    NumberFrom,
    Date,
    DateBelow,
    DateUpTo,
    DateAbove,
    DateFrom,
}
