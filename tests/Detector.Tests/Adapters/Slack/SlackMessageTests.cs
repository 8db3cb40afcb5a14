using System.Text;
using Detector.Adapters.Enrichers;
using Detector.Adapters.Reports;
using Detector.Adapters.Slack;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Rules;
using Detector.Tests.Hostile;

namespace Detector.Tests.Adapters.Slack;

public class SlackMessageTests
{
    [Fact]
    public void Render_AdminGrant_AnswersEveryQuestion()
    {
        var payload = SlackMessage.Render(SlackAlerts.AdminGrant.To("slack"), SlackAlerts.Told);

        Assert.Equal(
            """
            header: 🔴 High · Administrator rights granted
            section: *Who*  `user/alice`  IAMUser, *no MFA*
            *Did*  `AttachUserPolicy` in `iam`, succeeded
            *To*  `userName=build-agent` `policyArn=arn:aws:iam::aws:policy/AdministratorAccess`
            section: 👉 Do first: Detach the policy.
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
            context: Why it matters: Whoever has them can do anything.
            context: rule `admin-grant`
            context: alert `01234567`
            context: event `e-1`
            context: judge it again `detector replay --lookup-events --region us-east-1 --from 2026-03-05T11:48:11Z --to 2026-03-05T12:18:11Z`
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
        Assert.Contains("event `e-0` `e-1` `e-2` and 2 more\ncontext: *37 more suppressed*\n", transcript, StringComparison.Ordinal);
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

        Assert.Equal("🔴 High: Administrator rights granted `user/alice` `AttachUserPolicy` `203.0.113.77` `111122223333` `us-east-1`", payload.Text);
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

    [Fact]
    public void Render_WithContext_TellsItWhereItIsLookedFor()
    {
        var alert = SlackAlerts.AdminGrant with
        {
            Events = [new AlertEvent("7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90", SlackAlerts.Happened, "AttachUserPolicy", "s3://trail/AWSLogs/a_1.json.gz", 0)],
        };
        var context = new AlertContext
        {
            AccountName = "payments-prod",
            Place = "Amsterdam, Netherlands",
            Network = "AS64496 Example Hosting",
            FirstSeen = ["alert of this rule", "alert from this address"],
            Calls =
            [
                new RecentCall(SlackAlerts.Happened.AddSeconds(-70), "ListUsers", null, null),
                new RecentCall(SlackAlerts.Happened, "GetUser", null, "AccessDenied"),
            ],
            Steps = ["See what the user can do.", "Ask."],
            Missing = ["the runbook"],
        };

        var transcript = Transcript(SlackMessage.Render(alert.To("slack"), SlackAlerts.Told, context));

        Assert.Contains("*From*\n`203.0.113.77`\n`Amsterdam, Netherlands` `AS64496 Example Hosting`\n`aws-cli/2.17.4`\n", transcript, StringComparison.Ordinal);
        Assert.Contains("*Where*\n`payments-prod`\n`111122223333` `us-east-1`\n", transcript, StringComparison.Ordinal);
        Assert.Contains("context: 🆕 *first* alert of this rule, first alert from this address for this actor\n", transcript, StringComparison.Ordinal);
        Assert.Contains("section: Then check:\n1. See what the user can do.\n2. Ask.\n", transcript, StringComparison.Ordinal);
        Assert.Contains(
            "context: Its 2 other calls around it, 1 failed\ncontext: `12:02:01 ListUsers`\ncontext: `12:03:11 GetUser` ⛔ `AccessDenied`\n",
            transcript,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "context: <https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90|open in CloudTrail>\n",
            transcript,
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "context: judge it again `detector replay s3://trail/AWSLogs/a_1.json.gz`\ncontext: not found out the runbook",
            transcript,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("cn-north-1", "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/home?region=cn-north-1#/events/")]
    [InlineData("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrailv2/home?region=us-gov-west-1#/events/")]
    [InlineData("ap-southeast-2", "https://ap-southeast-2.console.aws.amazon.com/cloudtrailv2/home?region=ap-southeast-2#/events/")]
    [InlineData("us-iso-east-1", null)]
    [InlineData("evil.example/a-b-1", null)]
    [InlineData("us-east-1|<!channel>", null)]
    [InlineData("US-EAST-1", null)]
    [InlineData(null, null)]
    public void ConsoleLink_Region_LeadsToItsPartitionsConsole(string? region, string? expected)
    {
        const string Id = "7f0d3c1a-52be-4a0e-9c55-8f7e6b1d2a90";

        Assert.Equal(expected is null ? null : expected + Id, ConsoleLink.Of(region, Id)?.Url);
        Assert.Null(ConsoleLink.Of("us-east-1", Id + "|x"));
    }

    [Theory]
    [InlineData("s3://bucket/key with space", false)]
    [InlineData("s3://bucket/$(curl evil.example)", false)]
    [InlineData("s3://bucket/a;b", false)]
    [InlineData("s3://bucket/`x`", false)]
    [InlineData("s3://bucket/AWSLogs/1/file_2026.json.gz", true)]
    public void CaseCommand_Object_IsNamedOnlyIfAShellTakesItAsItIs(string file, bool named)
    {
        var alert = SlackAlerts.AdminGrant with { Events = [SlackAlerts.AdminGrant.Events[0] with { File = file }] };

        Assert.Equal(named, CaseCommand.Of(alert)!.Contains(file, StringComparison.Ordinal));
        Assert.Equal(!named, CaseCommand.Of(alert)!.Contains("--lookup-events", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("abc `d e` f", 8, "abc …")]
    [InlineData("abc `d e` f", 11, "abc `d e` f")]
    [InlineData("ab&lt;c", 5, "ab…")]
    [InlineData("ab😀😀", 5, "ab😀…")]
    public void Cut_EscapedText_IsCutBetweenPieces(string text, int limit, string expected) => Assert.Equal(expected, SlackEscape.Cut(text, limit));

    [Theory]
    [InlineData("a")]
    [InlineData("&")]
    [InlineData("😀")]
    [InlineData("`x` ")]
    public void Render_HugeStrings_KeepsSlacksLimits(string unit)
    {
        var huge = string.Concat(Enumerable.Repeat(unit, 50_000));

        foreach (var payload in Messages(huge, copies: 500))
        {
            Assert.Empty(SlackReader.Violations(Encoding.UTF8.GetString(payload.ToJson())));
            Assert.Contains('…', payload.Text);
        }
    }

    /// <summary>The kinds of messages there are, each string of theirs that somebody outside can choose being the same.</summary>
    private static IEnumerable<SlackPayload> Messages(string text, int copies)
    {
        var context = new AlertContext
        {
            AccountName = text,
            Place = text,
            Country = text,
            Network = text,
            FirstSeen = [text],
            Calls = [.. Enumerable.Repeat(new RecentCall(SlackAlerts.Happened, text, text, text), copies)],
            Steps = [.. Enumerable.Repeat(text, copies)],
            Missing = [text],
        };
        var dispatch = SlackAlerts.AdminGrant.With(text, copies).To("slack", suppressed: long.MaxValue - copies);
        var first = SlackMessage.Render(dispatch, SlackAlerts.Told, context);
        yield return first;
        yield return SlackMessage.RenderReply(dispatch, long.MaxValue, SlackAlerts.Told, context);
        yield return SlackMessage.WithCount(first, long.MaxValue, long.MaxValue, SlackAlerts.Happened);
        yield return SlackMessage.RenderReply(dispatch, number: null, SlackAlerts.Told, context);
        // As many pairs of a rule and an actor as a digest may have.
        var alert = dispatch.Alert;
        yield return SlackDigest.Render(
            new Digest(
                AlertId.Of(text),
                "slack",
                1,
                [
                    .. Enumerable
                        .Range(0, 100)
                        .Select(i =>
                            alert with
                            {
                                Id = AlertId.Of("storm", $"{i}"),
                                Rule = alert.Rule with { Id = $"{i % 60}" },
                                Facts = alert.Facts with { Actor = $"{text}{i}", Account = $"{text}{i % 9}" },
                            }
                        )
                        .Select(one => one.To("slack")),
                ]
            )
        );
    }

    private static string Transcript(SlackPayload payload) =>
        string.Join(
            '\n',
            payload.Blocks.SelectMany(block =>
                ((IEnumerable<SlackText?>)[block.Text, .. block.Fields ?? [], .. block.Elements ?? []])
                    .OfType<SlackText>()
                    .Select(text => $"{block.Type}: {text.Text}")
            )
        );
}
