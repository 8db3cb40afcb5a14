using System.Globalization;
using System.Net;
using Detector.Adapters.Aws;
using Detector.Adapters.Ledgers.Redis;
using Detector.Core;

namespace Detector.App.Options;

/// <summary>The forms of values that settings have.</summary>
internal static class ValueForms
{
    public static ValueForm<string> FileName { get; } =
        new("file", text => text.Contains('\0', StringComparison.Ordinal) ? new Problem("names no file") : text);

    public static ValueForm<string> Directories { get; } = new("list of directories", text => text, IsList: true);

    public static ValueForm<string> KeyPairFiles { get; } = new("list of ACCOUNT/REGION=FILE", text => text, IsList: true);

    /// <summary>Names and ARNs of parts of AWS; what else a text holds would mean something else in a rule.</summary>
    public static ValueForm<string> PartName { get; } =
        new(
            "name",
            text =>
                text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "-_./:+=,@*".Contains(character, StringComparison.Ordinal))
                    ? text
                    : new Problem("is no name of a part of AWS")
        );

    public static ValueForm<string> Names { get; } = PartName with { Words = "list of names", IsList = true };

    public static ValueForm<string> SlackRoutes { get; } =
        new(SlackRouteText.Words, text => SlackRouteText.Read(text) is { Problem: { } problem } ? new Problem(problem) : text, IsList: true);

    /// <summary>A channel's id, or its name.</summary>
    public static ValueForm<string> SlackChannel { get; } =
        new(
            "channel",
            text =>
                text.TrimStart('#') is { Length: > 0 and <= 80 } name
                && name.All(character => char.IsLetterOrDigit(character) || character is '-' or '_')
                && name is not ['x', 'o', 'x', _, '-', ..] // a token in the channel's place, which the log would show
                    ? text
                    : new Problem("is no channel such as C0123456789 or #security")
        );

    public static ValueForm<string> AccountNames { get; } =
        new(
            "mapping of ACCOUNT to name",
            text =>
                text.Split('=', 2) is [{ Length: 12 } account, { Length: > 0 }] && account.All(char.IsAsciiDigit)
                    ? text
                    : new Problem("is no account of 12 digits with a name"),
            IsList: true
        );

    public static ValueForm<bool> Flag { get; } =
        new(
            "true or false",
            text =>
                text switch
                {
                    "true" => true,
                    "false" => false,
                    _ => new Problem("is neither true nor false"),
                }
        );

    public static ValueForm<int> Whole(int least, int most) =>
        new(
            $"{least} to {most}",
            text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                    ? number
                    : new Problem($"is no whole number from {least} to {most}")
        );

    public static ValueForm<TimeSpan> Duration(string least, string most) =>
        new(
            $"duration, {least} to {most}",
            text =>
                !Durations.TryParse(text, out var duration) ? new Problem("is no duration such as 30s, 5m, 2h or 7d")
                : duration < Durations.Parse(least) || duration > Durations.Parse(most) ? new Problem($"is outside {least} to {most}")
                : duration
        );

    /// <summary>A duration in whole seconds, as SQS takes them.</summary>
    public static ValueForm<TimeSpan> Seconds(string least, string most)
    {
        var form = Duration(least, most);
        return form with
        {
            Read = text =>
                form.Read(text) switch
                {
                    { Problem: null, Value: var duration } when duration.Ticks % TimeSpan.TicksPerSecond != 0 => new Problem("is not in whole seconds"),
                    var read => read,
                },
        };
    }

    /// <summary>The names of an enumeration in lower case.</summary>
    public static ValueForm<T> OneOf<T>()
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(name => name.ToLowerInvariant()).ToArray();
        return new(
            AnyOf(names),
            text => names.Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : new Problem(IsNoneOf(names, text))
        );
    }

    /// <summary>What is wrong with a text that is none of these words.</summary>
    public static string IsNoneOf(string[] words, string text) =>
        NearestName.Of(text, words) is { } near ? $"is none of {AnyOf(words)}; did you mean {near}?" : $"is none of {AnyOf(words)}";

    private static string AnyOf(string[] words) => $"{string.Join(", ", words[..^1])} or {words[^1]}";

    /// <summary>A URL without a user name: what is printed must hold no password.</summary>
    public static ValueForm<Uri> Url { get; } =
        new(
            "URL",
            text =>
                Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "https" or "http", UserInfo: "", Query: "", Fragment: "" }
                    ? url
                    : new Problem("is no http or https URL, without user name, query and fragment")
        );

    public static ValueForm<string> Region { get; } =
        new("AWS region", text => AwsNames.IsRegion(text) ? text : new Problem("is no AWS region such as eu-west-1"));

    public static ValueForm<string> TopicArn { get; } =
        new(
            "ARN",
            text =>
                AwsNames.RegionOfTopic(text) is null ? new Problem("is no topic such as arn:aws:sns:eu-west-1:111122223333:alerts")
                : SnsSink.WhatIsWrongWith(text) is { } wrong ? new Problem(wrong)
                : text
        );

    public static ValueForm<IPEndPoint> Listener { get; } =
        new(
            "address:port",
            text =>
            {
                var address = text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1{text["localhost".Length..]}" : text;
                // To IPEndPoint the port is optional, and ::1:8787 is an address of its own.
                var hasPort = address.Count(character => character == ':') == 1 || address.Contains("]:", StringComparison.Ordinal);
                return hasPort && IPEndPoint.TryParse(address, out var end) ? end : new Problem("is no address and port such as 127.0.0.1:8787 or [::1]:8787");
            }
        );

    /// <summary>What Redis's client takes; it may hold a password.</summary>
    public static ValueForm<Secret> RedisConnection { get; } =
        new("connection, secret", text => RedisLedger.WhatIsWrongWith(text) is { } wrong ? new Problem(wrong) : new Secret(text));

    /// <summary>Fit to stand within the braces that keep a ledger's keys together.</summary>
    public static ValueForm<string> Prefix { get; } =
        new(
            "name",
            text =>
                text.Length is > 0 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':')
                    ? text
                    : new Problem("is no name of up to 64 letters, digits, hyphens, underscores, dots and colons")
        );

    /// <summary>Long enough not to be guessed; of characters that an HTTP header may hold.</summary>
    public static ValueForm<Secret> Token { get; } =
        new(
            "secret, 16 or more characters",
            text =>
                text.Length >= 16 && text.All(character => character is > ' ' and <= '~')
                    ? new Secret(text)
                    : new Problem("is no token: 16 or more visible ASCII characters")
        );

    /// <summary>A URL that is itself the permission to post. It goes over the wire in the clear only to this machine.</summary>
    public static ValueForm<Secret> SecretUrl { get; } =
        new(
            "https URL, secret",
            text =>
                Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "https" } or { Scheme: "http", IsLoopback: true }
                    ? new Secret(text)
                    : new Problem("is no https URL")
        );
}
