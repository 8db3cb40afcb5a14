using System.Text.Json;
using System.Text.RegularExpressions;

namespace Detector.Tests.Hostile;

/// <summary>
/// Reads the body of a post as Slack does, and tells what in it means more than the message's own markup. Source: Slack's guide "Formatting message text" and its
/// reference "Block Kit"; the limits are those of <see cref="SlackRules"/>.
/// </summary>
internal static partial class SlackReader
{
    /// <summary>What is wrong with a body; nothing, if all is well.</summary>
    public static IEnumerable<string> Violations(string body)
    {
        if (SlackRules.Objection(body) is { } objection)
            yield return $"Slack refuses it: {objection}";
        using var json = JsonDocument.Parse(body);
        foreach (var text in Texts(json.RootElement))
        {
            var words = text.GetProperty("text").GetString()!;
            if (Meaning(text, words) is { } meaning)
                yield return $"{meaning} in {words[..Math.Min(200, words.Length)]}";
            foreach (var cut in Reader.Cuts(words))
                yield return cut;
        }
    }

    private static string? Meaning(JsonElement text, string words)
    {
        var plain = OurLink.Replace(words, "§");
        return AngleOrEntity.IsMatch(plain) ? "a mention, link or broken entity"
            : Reader.IsBroken(words) || words.EnumerateRunes().Any(rune => rune.Value != '\n' && Reader.Steers(rune))
                ? "a control, formatting or broken character"
            : text.GetProperty("type").ValueEquals("plain_text") ? (IsOff(text, "emoji", false) ? null : "emoji that may be meant")
            : !IsOff(text, "verbatim", true) ? "text that Slack may make links of"
            : Markup.IsMatch(OurBold.Replace(CodeSpan.Replace(plain, "§"), "")) ? "markup"
            : null;
    }

    private static bool IsOff(JsonElement text, string flag, bool value) => text.TryGetProperty(flag, out var set) && set.GetBoolean() == value;

    /// <summary>Every text object, and the notification, in which Slack makes nothing of links and names as long as <c>parse</c> is none.</summary>
    private static IEnumerable<JsonElement> Texts(JsonElement body)
    {
        var notification = JsonSerializer.SerializeToElement(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["type"] = "mrkdwn",
                ["text"] = body.GetProperty("text").GetString()!,
                ["verbatim"] = body.TryGetProperty("parse", out var parse) && parse.ValueEquals("none"),
            }
        );
        return Objects(body)
            .Where(one => one.TryGetProperty("type", out var type) && (type.ValueEquals("plain_text") || type.ValueEquals("mrkdwn")))
            .Append(notification);
    }

    private static IEnumerable<JsonElement> Objects(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Objects(member.Value)).Prepend(element),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Objects),
            _ => [],
        };

    [GeneratedRegex("[<>]|&(?!(?:amp|lt|gt);)", RegexOptions.None, 1000)]
    private static partial Regex AngleOrEntity { get; }

    [GeneratedRegex(@"[*_~`@#]|:[^ \d]", RegexOptions.None, 1000)]
    private static partial Regex Markup { get; }

    [GeneratedRegex("`[^`\n]+`", RegexOptions.None, 1000)]
    private static partial Regex CodeSpan { get; }

    [GeneratedRegex(
        "<https://us-east-1\\.console\\.aws\\.amazon\\.com/cloudtrailv2/home\\?region=us-east-1#/events/00000000-0000-0000-0000-000000000000\\|open in CloudTrail>",
        RegexOptions.None,
        1000
    )]
    private static partial Regex OurLink { get; }

    [GeneratedRegex(
        @"\*(?:Who|Did|To|From|Where|When|Key|Group|Events|Behind it|no MFA|failed|late|first|Alert \d+|Told again|\d+ alerts|\d+(?: ×)?|\d+ more suppressed)\*",
        RegexOptions.None,
        1000
    )]
    private static partial Regex OurBold { get; }
}
