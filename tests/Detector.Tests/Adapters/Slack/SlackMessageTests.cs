using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using FsCheck.Xunit;

namespace Detector.Tests.Adapters.Slack;

public partial class SlackMessageTests
{
    [Fact]
    public void Render_AdminGrant_AnswersEveryQuestion()
    {
        var payload = SlackMessage.Render(SlackAlerts.AdminGrant.To("slack"), SlackAlerts.Told);

        Assert.Equal(
            """
            header: 🔴 High · Administrator rights granted
            section: *Who*  `arn:aws:iam::111122223333:user/alice`  IAMUser, *no MFA*
            *Did*  `AttachUserPolicy` in `iam`, succeeded
            *To*  `userName=build-agent` `policyArn=arn:aws:iam::aws:policy/AdministratorAccess`
            section: *From*
            `203.0.113.77`
            `aws-cli/2.17.4`
            section: *Where*
            `111122223333` `us-east-1`
            section: *When*
            2026-03-05 12:03:11 UTC
            told 41 s later
            section: *Key*
            `AKIAEXAMPLEALICE0001`
            section: 👉 Do first: Detach the policy.
            context: Why it matters: Whoever has them can do anything.
            context: rule `admin-grant`
            context: alert `01234567`
            context: event `e-1`
            """,
            Transcript(payload)
        );
    }

    [Fact]
    public void Render_DeniedLateSuppressedSeries_SaysSo()
    {
        var alert = SlackAlerts.AdminGrant with
        {
            Late = true,
            Group = "alice",
            Kind = AlertKind.Correlation,
            Events = [.. Enumerable.Range(0, 5).Select(i => new AlertEvent($"e-{i}", SlackAlerts.Happened.AddMinutes(i - 4), "AttachUserPolicy", "f", i))],
            Facts = SlackAlerts.AdminGrant.Facts with { ErrorCode = "AccessDenied", Mfa = "yes" },
        };

        var transcript = Transcript(SlackMessage.Render(alert.To("slack", suppressed: 37), SlackAlerts.Told));

        Assert.Contains("IAMUser, MFA\n*Did*  `AttachUserPolicy` in `iam`  ⛔ *failed* `AccessDenied`\n", transcript, StringComparison.Ordinal);
        Assert.Contains("told 41 s later ⏳ *late*\n", transcript, StringComparison.Ordinal);
        Assert.Contains("*Group*\n`alice`\nsection: *Events*\n5 within 4 min\n", transcript, StringComparison.Ordinal);
        Assert.EndsWith("event `e-0` `e-1` `e-2` and 2 more\ncontext: *37 more suppressed*", transcript, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NothingKnown_StillSaysWhatFired()
    {
        var alert = SlackAlerts.AdminGrant with
        {
            Rule = new AlertRule("r", "r", "Something", Level.Informational, [], "", ""),
            Facts = new AlertFacts(),
            Events = [new AlertEvent(null, null, null, "f", 0)],
        };

        var payload = SlackMessage.Render(alert.To("slack"), SlackAlerts.Told);

        Assert.Equal(
            """
            header: ℹ️ For information · Something
            section: *Who*  –  type unknown, MFA not recorded
            *Did*  –
            section: *From*
            –
            section: *Where*
            – –
            section: *When*
            the record has no time
            context: rule `r`
            context: alert `01234567`
            """,
            Transcript(payload)
        );
    }

    [Fact]
    public void Render_Notification_NamesWhatWhoAndWhere()
    {
        var payload = SlackMessage.Render(SlackAlerts.AdminGrant.To("slack"), SlackAlerts.Told);

        Assert.Equal(
            "🔴 High: Administrator rights granted `arn:aws:iam::111122223333:user/alice` `AttachUserPolicy` `203.0.113.77` `111122223333` `us-east-1`",
            payload.Text
        );
    }

    [Fact]
    public void Render_Json_TellsSlackToInterpretNothingByItself()
    {
        var json = Encoding.UTF8.GetString(SlackMessage.Render(SlackAlerts.AdminGrant.To("slack"), SlackAlerts.Told).ToJson());

        Assert.Contains("\"parse\":\"none\",\"unfurl_links\":false,\"unfurl_media\":false", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\"verbatim\":false", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\"emoji\":true", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!channel> & <https://evil.example|you>", "`&lt;!channel&gt; &amp; &lt;https://evil.example|you&gt;`")]
    [InlineData("a`*b*`c", "`aˋ*b*ˋc`")]
    [InlineData("a\nb\u202ec\u001b[1m", "`a bc[1m`")]
    [InlineData("  ", "–")]
    [InlineData(null, "–")]
    public void Mrkdwn_StringInAHole_IsACodeSpan(string? value, string expected)
    {
        Mrkdwn text = $"*x* {value}";

        Assert.Equal("*x* " + expected, text.ToString());
    }

    [Fact]
    public void Mrkdwn_Prose_KeepsItsLooksAndLosesItsMarkup()
    {
        Mrkdwn text = $"{new Prose("Root: *all* of <it> for `x_y` @here :smile: #c")}";

        Assert.Equal("Root: ∗all∗ of &lt;it&gt; for ˋx＿yˋ ＠here ∶smile: ＃c", text.ToString());
    }

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcde…")]
    [InlineData("abc<def", 6, "abc…")]
    [InlineData("ab<", 6, "ab&lt;")]
    [InlineData("abcd😀😀", 6, "abcd…")]
    public void Entities_LongerThanLimit_EndsInEllipsisBetweenCharacters(string text, int limit, string expected) =>
        Assert.Equal(expected, SlackEscape.Entities(text, limit));

    [Property(Arbitrary = [typeof(HostileText)], MaxTest = 300)]
    internal void Render_HostileStrings_AreOnlyEverText(HostileText hostile)
    {
        var payload = SlackMessage.Render(SlackAlerts.AdminGrant.With(hostile.Value, copies: 3).To("slack"), SlackAlerts.Told);

        Assert.All(Texts(payload), AssertInert);
        JsonDocument.Parse(payload.ToJson()).Dispose();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("&")]
    [InlineData("😀")]
    [InlineData("`x` ")]
    public void Render_HugeStrings_KeepsSlacksLimits(string unit)
    {
        var huge = string.Concat(Enumerable.Repeat(unit, 50_000));

        var payload = SlackMessage.Render(SlackAlerts.AdminGrant.With(huge, copies: 500).To("slack", suppressed: long.MaxValue), SlackAlerts.Told);

        Assert.InRange(payload.Text.Length, 1, 3000);
        Assert.InRange(payload.Blocks.Count, 1, 50);
        Assert.All(payload.Blocks, AssertLimits);
        Assert.All(Texts(payload), AssertInert);
        Assert.Contains('…', payload.Text);
    }

    private static void AssertLimits(SlackBlock block)
    {
        if (block.Text is { } text)
            Assert.InRange(text.Text.Length, 1, block.Type is "header" ? 150 : 3000);
        if (block.Fields is { } fields)
        {
            Assert.InRange(fields.Count, 1, 10);
            Assert.All(fields, field => Assert.InRange(field.Text.Length, 1, 2000));
        }
        if (block.Elements is { } elements)
        {
            Assert.InRange(elements.Count, 1, 10);
            Assert.All(elements, element => Assert.InRange(element.Text.Length, 1, 3000));
        }
    }

    /// <summary>Nothing in the text means anything to Slack or to a terminal but the markup that the message writes itself.</summary>
    private static void AssertInert(SlackText text)
    {
        Assert.DoesNotMatch("[<>]|&(?!(?:amp|lt|gt);)", text.Text);
        Assert.DoesNotContain(text.Text.EnumerateRunes(), rune => rune.Value != '\n' && Steers(rune));
        if (text.Type is "plain_text")
        {
            Assert.False(text.Emoji);
            Assert.DoesNotContain('\n', text.Text);
            return;
        }
        Assert.True(text.Verbatim);
        var outside = OurBold.Replace(CodeSpan.Replace(text.Text, "§"), "");
        Assert.DoesNotMatch(@"[*_~`@#]|:[^ \d]", outside);
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

    private static string Transcript(SlackPayload payload) =>
        string.Join(
            '\n',
            payload.Blocks.SelectMany(block =>
                ((IEnumerable<SlackText?>)[block.Text, .. block.Fields ?? [], .. block.Elements ?? []])
                    .OfType<SlackText>()
                    .Select(text => $"{block.Type}: {text.Text}")
            )
        );

    [GeneratedRegex("`[^`\n]+`", RegexOptions.None, 1000)]
    private static partial Regex CodeSpan { get; }

    [GeneratedRegex(@"\*(?:Who|Did|To|From|Where|When|Key|Group|Events|no MFA|failed|late|\d+ more suppressed)\*", RegexOptions.None, 1000)]
    private static partial Regex OurBold { get; }
}
