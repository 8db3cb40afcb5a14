using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

public class StopTests(Emulator emulator)
{
    [Fact]
    public async Task Terminate_SendUnderWay_EndsWhenSlackHasAnswered()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        live.Slack.Answer(
            SlackAnswerScript.Ok with
            {
                Give = async http =>
                {
                    await answered.Task.WaitAsync(http.RequestAborted);
                    await SlackAnswerScript.Ok.Give(http);
                },
            }
        );
        await using var detector = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")), Trail.EventBridge(Trail.AdminGrant("drill-admin-2")));
        await live.SlackCountsAsync(1);
        await live.QueueEmptyAsync();

        detector.Terminate();
        await detector.LogsAsync("stopping");
        answered.SetResult();
        var exit = await detector.ExitAsync();

        Assert.Equal(0, exit);
        Assert.Equal(["drill-admin-1", "drill-admin-2"], Marks.In(live.Slack.Channel.Select(post => post.Body)).Order(StringComparer.Ordinal));
        Assert.Equal(0, live.Deployment.Pending);
    }

    [Fact]
    public async Task Terminate_SlackDown_EndsAllTheSameAndTheNextStartDelivers()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        var down = Enumerable.Repeat(SlackAnswerScript.Error(500, "fatal_error"), 100).ToArray();
        live.Slack.Answer(down);
        await using var first = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Enumerable.Range(0, 5).Select(number => Trail.EventBridge(Trail.AdminGrant($"drill-admin-{number}"))));
        await live.Inbox.CountsAsync(5);
        await live.QueueEmptyAsync();

        var exit = await first.StopAsync();

        Assert.Equal(0, exit);
        Assert.Empty(live.Slack.Channel);
        Assert.Equal(5, live.Deployment.Pending);
        live.Slack.TakeAgain();
        await using var second = await live.Deployment.StartReadyAsync();
        await live.SlackCountsAsync(5);
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal(5, Marks.In(live.Slack.Channel.Select(post => post.Body)).Distinct().Count());
        Assert.Equal(5, live.Slack.Channel.Count);
        Assert.Equal(5, (await live.Inbox.ReadAsync()).Count);
    }

    [Fact]
    public async Task Terminate_EventsStreamingIn_WhatIsNotDoneIsDoneByTheNextStart()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        await live.SendAsync(Enumerable.Range(0, 300).Select(number => Trail.EventBridge(Trail.AdminGrant($"drill-admin-{number}"))));
        await using var first = await live.Deployment.StartReadyAsync();
        await live.SlackCountsAsync(1);

        var exit = await first.StopAsync();
        await using var second = await live.Deployment.StartReadyAsync();
        await live.SlackCountsAsync(300);
        await live.QueueEmptyAsync();
        var last = await second.StopAsync();

        Assert.Equal((0, 0), (exit, last));
        Assert.Equal(300, Marks.In(live.Slack.Channel.Select(post => post.Body)).Distinct().Count());
        // If the second life lasts long enough, it tells besides that there are many administrators.
        Assert.Equal(300, live.Slack.Channel.Count(post => post.Body.Contains("Administrator rights were granted", StringComparison.Ordinal)));
        Assert.Equal(300, (await live.Inbox.ReadAsync()).Count(message => message.MessageAttributes["rule"].StringValue == "admin-grant"));
    }

    [Fact]
    public async Task Kill_LedgerInMemory_TheMessageIsStillInTheQueueAndIsToldByTheNextStart()
    {
        await using var live = await LivePath.MakeAsync(emulator, durable: false);
        live.Slack.Answer(SlackAnswerScript.Hang);
        await using var first = await live.Deployment.StartReadyAsync();
        await live.SendAsync(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")));
        await live.Slack.WaitAsync(posts => posts.Count == 1, TestContext.Current.CancellationToken);

        await first.KillAsync();
        var left = await live.WaitingAsync();
        await using var second = await live.Deployment.StartReadyAsync();
        await live.SlackCountsAsync(1);
        await live.QueueEmptyAsync();

        Assert.Equal(1, left);
        Assert.Equal(0, await second.StopAsync());
        Assert.Single(live.Slack.Channel);
    }
}
