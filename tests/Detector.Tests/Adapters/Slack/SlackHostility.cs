using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using FsCheck;
using FsCheck.Fluent;

namespace Detector.Tests.Adapters.Slack;

/// <summary>What came of trying hostile texts.</summary>
/// <param name="Inputs">How many texts were tried.</param>
/// <param name="Messages">How many messages were made of them.</param>
/// <param name="Violations">What went wrong, each with its text.</param>
internal sealed record SlackTried(int Inputs, int Messages, IReadOnlyList<string> Violations);

/// <summary>
/// Puts texts that an attacker may choose wherever one of a name, an agent, a policy, an account's alias, a call, a place or a runbook can stand, and looks whether
/// anything of them means something to Slack, whether a limit of Slack's is broken, and whether something was cut without a mark.
/// </summary>
internal static partial class SlackHostility
{
    private const string Region = "us-east-1";

    /// <summary>Tries so many texts.</summary>
    public static SlackTried Run(int inputs, ulong seed)
    {
        var (messages, violations) = (0, new List<string>());
        foreach (var hostile in HostileText.Arbitrary().Generator.Sample(inputs, new Rnd(seed), 30))
        {
            foreach (var payload in Messages(hostile.Value, copies: 1 + (hostile.Value.Length % 12)))
            {
                messages++;
                violations.AddRange(Violations(payload).Select(problem => $"{problem} of {Quoted(hostile.Value)}"));
            }
        }
        return new SlackTried(inputs, messages, violations);
    }

    /// <summary>The kinds of messages there are, each string of theirs that somebody outside can choose being the same.</summary>
    public static IEnumerable<SlackPayload> Messages(string text, int copies)
    {
        var call = new RecentCall(SlackAlerts.Happened, text, text, text);
        var context = new AlertContext
        {
            AccountName = text,
            Place = text,
            Country = text,
            Network = text,
            FirstSeen = [text],
            Calls = [.. Enumerable.Repeat(call, copies)],
            Steps = [.. Enumerable.Repeat(text, copies)],
            Missing = [text],
        };
        var alert = SlackAlerts.AdminGrant.With(text, copies);
        var dispatch = alert.To("slack", suppressed: long.MaxValue - copies);
        var first = SlackMessage.Render(dispatch, SlackAlerts.Told, context);
        yield return first;
        yield return SlackMessage.Render(alert.To("slack"), SlackAlerts.Told);
        yield return SlackMessage.RenderReply(dispatch, long.MaxValue, SlackAlerts.Told, context);
        yield return SlackMessage.WithCount(first, long.MaxValue, long.MaxValue, SlackAlerts.Happened);
        // Of such an event there is a page in the console: the link must be all that is one.
        var linked = alert with
        {
            Facts = alert.Facts with { Region = Region },
            Events = [new AlertEvent(Guid.Empty.ToString("D"), null, text, text, 0)],
        };
        yield return SlackMessage.Render(linked.To("slack"), SlackAlerts.Told, context);
    }

    /// <summary>What is wrong with a message; nothing, if all is well.</summary>
    public static IEnumerable<string> Violations(SlackPayload payload)
    {
        if (SlackRules.Objection(Encoding.UTF8.GetString(payload.ToJson())) is { } objection)
            yield return $"Slack refuses it: {objection}";
        foreach (var text in Texts(payload))
        {
            if (Meaning(text) is { } meaning)
                yield return $"{meaning} in {Quoted(text.Text)}";
        }
    }

    /// <summary>What in a text means anything to Slack or to a terminal but the markup that the message writes itself.</summary>
    private static string? Meaning(SlackText text)
    {
        var plain = OurLink.Replace(text.Text, "§");
        return AngleOrEntity.IsMatch(plain) ? "a mention, link or broken entity"
            : text.Text.EnumerateRunes().Any(rune => rune.Value != '\n' && Steers(rune)) ? "a control, formatting or broken character"
            : text.Type is "plain_text" ? (text.Emoji is false ? null : "emoji that may be meant")
            : text.Verbatim is not true ? "text that Slack may make links of"
            : Markup.IsMatch(OurBold.Replace(CodeSpan.Replace(plain, "§"), "")) ? "markup"
            : null;
    }

    private static bool Steers(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
        || rune == Rune.ReplacementChar;

    private static IEnumerable<SlackText> Texts(SlackPayload payload) =>
        payload
            .Blocks.SelectMany(block => (IEnumerable<SlackText?>)[block.Text, .. block.Fields ?? [], .. block.Elements ?? []])
            .OfType<SlackText>()
            .Append(new SlackText("mrkdwn", payload.Text, Verbatim: true));

    private static string Quoted(string text) => string.Concat(text.Take(200).Select(c => c is >= ' ' and < '\u007f' ? $"{c}" : $"\\u{(int)c:x4}"));

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
        @"\*(?:Who|Did|To|From|Where|When|Key|Group|Events|no MFA|failed|late|first|Alert \d+|\d+ alerts|\d+ more suppressed)\*",
        RegexOptions.None,
        1000
    )]
    private static partial Regex OurBold { get; }
}
