using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

public class OutageTests(Emulator emulator)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("rate limited", 1)]
    [InlineData("error", 1)]
    [InlineData("close", 1)]
    [InlineData("take and close", 2)]
    public async Task Run_SlackInTrouble_SnsIsNotDelayedAndSlackHasItInTheEnd(string trouble, int told)
    {
        await using var live = await LivePath.MakeAsync(emulator);
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        live.Slack.Answer(After(passed.Task, TroubleOf(trouble)));
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")), Trail.EventBridge(Trail.AdminGrant("drill-admin-2")));
        await live.Inbox.CountsAsync(2);
        var before = live.Slack.Posts;
        var troubled = DateTimeOffset.UtcNow;
        passed.SetResult();
        await live.SlackCountsAsync(told + 1);
        await live.QueueEmptyAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        // All the while Slack kept its first post waiting, SNS got everything.
        Assert.InRange(before.Count, 0, 1);
        Assert.Equal(told + 1, live.Slack.Channel.Count);
        Assert.Equal(["drill-admin-1", "drill-admin-2"], Marks.In(live.Slack.Channel.Select(post => post.Body)).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2, (await live.Inbox.ReadAsync()).Count);
        if (trouble is "rate limited")
            Assert.True(live.Slack.Posts[1].At - troubled >= Wait, "the next post waits as long as Slack asks");
        Assert.Equal(0, live.Deployment.Pending);
        // The failure's reason is kept, and is not to hold the webhook either.
        Assert.DoesNotContain(SlackFake.Secret, live.Deployment.LedgerText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SlackHangs_IsGivenUpAndTriedAgain()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        live.Slack.Answer(SlackAnswerScript.Hang);
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")));
        await live.Inbox.CountsAsync(1);
        var whenSnsHadIt = live.Slack.Channel.Count;
        await live.SlackCountsAsync(1);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, whenSnsHadIt);
        Assert.Equal(2, live.Slack.Posts.Count);
        Assert.Single(live.Slack.Channel);
        Assert.Contains("Slack did not answer within 10 s", detector.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_QueueOutOfReachForAWhile_RecoversAndLosesNothing()
    {
        await emulator.RequireAsync();
        await using var gate = new TcpGate(emulator.Address);
        await using var live = await LivePath.MakeAsync(emulator, by: gate.Address);
        await using var detector = await live.Deployment.StartReadyAsync();

        await detector.LogsAsync("fails and is tried again");
        gate.Open();
        await live.SendAsync(Marked(0, 30));
        await live.SlackCountsAsync(1);
        var told = Count(detector.Log, "fails and is tried again");
        await gate.CloseAsync();
        await live.SendAsync(Marked(30, 30));
        await Eventually.TrueAsync(() => Count(detector.Log, "fails and is tried again") > told, "the second outage is told");
        gate.Open();
        await live.SlackCountsAsync(60);
        await live.Inbox.CountsAsync(60);
        await live.QueueEmptyAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(60, Marks.In(live.Slack.Channel.Select(post => post.Body)).Distinct().Count());
        Assert.Equal(60, live.Slack.Channel.Count);
        Assert.Equal(60, Marks.In((await live.Inbox.ReadAsync()).Select(message => message.Body)).Distinct().Count());
    }

    private static int Count(string log, string words) =>
        log.Split('\n').Count(line => line.Contains("sqs: receiving from queue", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));

    /// <summary>Keys, not grants: so many administrators would be an alert of their own.</summary>
    private static IEnumerable<string> Marked(int first, int count) =>
        Enumerable.Range(first, count).Select(number => Trail.EventBridge(Trail.AccessKey($"drill-key-{number}")));

    private static SlackAnswerScript TroubleOf(string trouble) =>
        trouble switch
        {
            "rate limited" => SlackAnswerScript.RateLimited($"{Wait.TotalSeconds}"),
            "error" => SlackAnswerScript.Error(500, "rollup_error"),
            "close" => SlackAnswerScript.Close,
            _ => SlackAnswerScript.TakeAndClose,
        };

    private static SlackAnswerScript After(Task moment, SlackAnswerScript answer) =>
        answer with
        {
            Give = async http =>
            {
                await moment.WaitAsync(http.RequestAborted);
                await answer.Give(http);
            },
        };
}
