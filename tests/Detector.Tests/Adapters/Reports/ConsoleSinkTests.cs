using Detector.Adapters.Reports;
using Detector.Core.Delivery;
using Detector.Tests.Adapters.Slack;
using Detector.Tests.Hostile;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Reports;

public class ConsoleSinkTests
{
    private static readonly FakeTimeProvider Clock = new(SlackAlerts.Told);

    [Fact]
    public async Task Send_AdminGrant_IsReadAtAGlance()
    {
        var output = new StringWriter { NewLine = "\n" };

        await new ConsoleSink(output, colours: false, Clock).SendAsync(SlackAlerts.AdminGrant.To("console", suppressed: 37), CancellationToken.None);

        Assert.Equal(
            """
            2026-03-05 12:03:11Z  HIGH           admin-grant  Administrator rights granted
                who    arn:aws:iam::111122223333:user/alice (IAMUser, MFA no) from 203.0.113.77
                what   AttachUserPolicy (iam.amazonaws.com), on userName=build-agent, policyArn=arn:aws:iam::aws:policy/AdministratorAccess
                where  111122223333 us-east-1
                when   2026-03-05 12:03:11 UTC, told 41 s later, 37 more suppressed
                first  Detach the policy.
                alert  01234567


            """,
            output.ToString()
        );
    }

    [Fact]
    public async Task Send_Colours_StandAroundTheSeverityOnly()
    {
        var (plain, coloured) = (new StringWriter(), new StringWriter());

        await new ConsoleSink(coloured, colours: true, Clock).SendAsync(SlackAlerts.AdminGrant.To("console"), CancellationToken.None);

        await new ConsoleSink(plain, colours: false, Clock).SendAsync(SlackAlerts.AdminGrant.To("console"), CancellationToken.None);
        Assert.Equal(plain.ToString().Replace("HIGH", "\u001b[31mHIGH\u001b[0m", StringComparison.Ordinal), coloured.ToString());
    }

    [Property(Arbitrary = [typeof(HostileText)])]
    internal async Task Send_HostileStrings_CannotSteerTheTerminal(HostileText hostile)
    {
        var output = new StringWriter();

        var answer = await new ConsoleSink(output, colours: false, Clock).SendAsync(
            SlackAlerts.AdminGrant.With(hostile.Value).To("console"),
            CancellationToken.None
        );

        Assert.Equal(SinkOutcome.Delivered, answer.Outcome);
        Assert.DoesNotContain(
            output.ToString(),
            c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format)
        );
        Assert.All(output.ToString().Split('\n').Skip(1), line => Assert.True(line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Send_ManyAtOnce_BlocksDoNotMix()
    {
        var output = new StringWriter();
        var sink = new ConsoleSink(output, colours: false, Clock);
        var alerts = Enumerable.Range(0, 200).Select(i => SlackAlerts.AdminGrant.With($"value-{i}-").To("console")).ToList();

        await Parallel.ForEachAsync(alerts, TestContext.Current.CancellationToken, async (alert, cancellation) => await sink.SendAsync(alert, cancellation));

        var blocks = output.ToString().Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(200, blocks.Length);
        Assert.All(
            blocks,
            block => Assert.Single(block.Split(' ', '\n', ',', '(', ')').Where(word => word.StartsWith("value-", StringComparison.Ordinal)).Distinct())
        );
    }

    [Fact]
    public async Task Send_OutputClosed_IsForLater()
    {
        var output = new StringWriter();
        output.Dispose();

        var answer = await new ConsoleSink(output, colours: false, Clock).SendAsync(SlackAlerts.AdminGrant.To("console"), CancellationToken.None);

        Assert.Equal(SinkOutcome.Retry, answer.Outcome);
    }
}
