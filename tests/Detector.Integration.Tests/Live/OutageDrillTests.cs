using System.Diagnostics;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Slack is down while SNS pages on, and takes everything when it is back. In the suite for moments; with <c>DETECTOR_OUTAGE_ALERTS=10000 DETECTOR_OUTAGE_MINUTES=60</c>
/// as long as the docs say: see docs/reliability.md.
/// </summary>
public class OutageDrillTests(Emulator emulator)
{
    private static readonly int Alerts = DrillCount.Setting("DETECTOR_OUTAGE_ALERTS", 300);
    private const int Undeliverable = 60;
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(DrillCount.Setting("DETECTOR_OUTAGE_MINUTES", 0));

    [Fact]
    public async Task Run_SlackDownWhileAlertsPileUp_SnsPagesOnAndSlackHasAllInTheEnd()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        live.Slack.Otherwise = SlackAnswerScript.Error(503, "service_unavailable");
        await using var detector = await live.Deployment.StartReadyAsync();
        var watch = Stopwatch.StartNew();
        // An hour's alerts come over the hour: half of them at once, the others as it goes on.
        var sent = Alerts / 2;
        await live.SendAsync(Enumerable.Range(0, sent).Select(Message));
        while (sent < Alerts)
        {
            var due = Length == TimeSpan.Zero ? Alerts : Alerts / 2 + (int)(Math.Min(1, watch.Elapsed / Length) * (Alerts - Alerts / 2));
            await live.SendAsync(Enumerable.Range(sent, due - sent).Select(Message));
            sent = due;
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }
        await live.QueueEmptyAsync();
        await InboxAsync(live);
        var (whenSnsHadAll, slack, pending) = (
            watch.Elapsed,
            live.Slack.Channel.Count,
            live.Deployment.Ledger("SELECT 1 FROM deliveries WHERE state = 0 AND sink = 'slack'").Count
        );

        live.Slack.Otherwise = null;
        var back = Stopwatch.StartNew();
        await PatientlyAsync(() => live.Deployment.Pending == 0);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, slack);
        Assert.InRange(pending, Alerts, Alerts + 1);
        DrillCount.Say(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Slack down: {Alerts} alerts, SNS had all {whenSnsHadAll.TotalMinutes:0.0} min after the first, {pending} waited for Slack, which had them {back.Elapsed.TotalMinutes:0.0} min after it was back; {detector.Log.Split("not delivered").Length - 1} tries in between"
            )
        );
        await new DrillCount("Slack down", Alerts, Marked(Alerts)).CompareAsync(live, interruptions: 0);
        Assert.Equal(0, await emulator.CountAsync(live.Dead));
    }

    [Theory]
    [InlineData(404, "channel_not_found")]
    [InlineData(400, "invalid_blocks")]
    public async Task Run_SlackCanNeverTakeIt_IsToldThroughTheOtherSinks(int status, string word)
    {
        await using var live = await LivePath.MakeAsync(emulator);
        live.Slack.Otherwise = SlackAnswerScript.Error(status, word);
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(Enumerable.Range(0, Undeliverable).Select(Message));
        await live.Inbox.CountsAsync(Undeliverable + 1);
        await detector.StopAsync();

        var bodies = (await live.Inbox.ReadAsync()).Select(message => message.Body).ToList();
        var told = Assert.Single(bodies, body => body.Contains("detector-undeliverable", StringComparison.Ordinal));
        Assert.Contains(word, told, StringComparison.Ordinal);
        Assert.Single(live.Deployment.Alerts, line => line.Contains("detector-undeliverable", StringComparison.Ordinal));
        Assert.Empty(live.Slack.Channel);
        var count = new DrillCount($"Slack can never take it ({word})", Undeliverable, Marked(Undeliverable));
        count.Compare("sns", Marks.In(bodies), mostRepeats: 0);
        count.Compare("jsonl", Marks.In(live.Deployment.Alerts), mostRepeats: 0);
    }

    [Fact]
    public async Task Run_TopicIsGone_IsToldThroughSlack()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        var deployment = new Deployment
        {
            QueueUrl = live.Queue,
            ServiceUrl = emulator.Address,
            Webhook = live.Slack.Url,
            Topic = "arn:aws:sns:us-east-1:000000000000:no-such-topic",
        };
        using var done = deployment;
        await using var detector = await deployment.StartReadyAsync();

        await live.SendAsync(Enumerable.Range(0, Undeliverable).Select(Message));
        await live.SlackCountsAsync(Undeliverable + 1);
        await detector.StopAsync();

        var count = new DrillCount("SNS can never take it", Undeliverable, Marked(Undeliverable));
        count.Compare("slack", Marks.In(live.Slack.Channel.Select(post => post.Body)), mostRepeats: 0);
        count.Compare("jsonl", Marks.In(deployment.Alerts), mostRepeats: 0);
        Assert.Single(live.Slack.Channel, post => post.Body.Contains("Alerts do not reach sns", StringComparison.Ordinal));
    }

    private static HashSet<string> Marked(int count) => Enumerable.Range(0, count).Select(number => $"drill-key-{number}").ToHashSet(StringComparer.Ordinal);

    private static string Message(int number) => Trail.EventBridge(Trail.Session(Trail.AccessKey($"drill-key-{number}"), number));

    private static async Task InboxAsync(LivePath live)
    {
        var deadline = Stopwatch.StartNew();
        while ((await live.Inbox.ReadAsync()).Count < Alerts && deadline.Elapsed < TimeSpan.FromMinutes(10))
            await Task.Delay(200, TestContext.Current.CancellationToken);
    }

    private static async Task PatientlyAsync(Func<bool> condition)
    {
        // The next try may be two minutes away.
        for (var patience = 0; patience < 15 && !condition(); patience++)
            await Record.ExceptionAsync(() => Eventually.TrueAsync(condition, "nothing waits"));
        Assert.True(condition());
    }
}
