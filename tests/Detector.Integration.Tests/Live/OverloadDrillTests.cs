using Amazon.SQS.Model;
using Detector.Integration.Tests.Aws;
using Microsoft.Data.Sqlite;

namespace Detector.Integration.Tests.Live;

/// <summary>More comes than can be done: intake slows down in place of losing or of hoarding. What is in work stays bounded, the queue keeps the rest, and all is told in the end.</summary>
public class OverloadDrillTests(Emulator emulator)
{
    private const int Alerts = 200;
    private static readonly int Events = DrillCount.Setting("DETECTOR_OVERLOAD_EVENTS", 3_000);

    /// <summary>What is fetched ahead (<c>queue.prefetch</c>), the batches that the pump has at once, and a receive of each of four receivers.</summary>
    private const int MostInWork = 100 + 64 + 4 * 10;

    [Fact]
    public async Task Run_MoreThanCanBeDone_LeavesItInTheQueueAndLosesNothing()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var detector = await live.Deployment.StartReadyAsync();
        var before = detector.Memory;
        var most = 0;

        // Nothing can be written down for now, so nothing can be done with.
        await using (var another = new SqliteConnection($"Data Source={live.Deployment.PathOf("detector.db")};Pooling=False"))
        {
            await another.OpenAsync(TestContext.Current.CancellationToken);
            await using var held = another.BeginTransaction(deferred: false);
            await live.SendAsync(Enumerable.Range(0, Events).Select(Message));
            for (var look = 0; look < 20; look++)
            {
                most = Math.Max(most, await InWorkAsync(live));
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
        var memory = detector.Memory;
        await Eventually.TrueAsync(async () => await live.WaitingAsync() < Events / 2, "the first half is done");
        await live.QueueEmptyAsync();
        await live.SlackCountsAsync(Alerts);
        await live.Inbox.CountsAsync(Alerts);
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, await emulator.CountAsync(live.Dead));
        DrillCount.Say($"overload: {Events} events waited, at most {most} in work (bound {MostInWork}), {(memory - before) >> 20} MB more memory");
        Assert.InRange(most, 1, MostInWork);
        var expected = Enumerable.Range(0, Alerts).Select(number => $"drill-key-{number}").ToHashSet(StringComparer.Ordinal);
        await new DrillCount("overload", Events, expected).CompareAsync(live, interruptions: 0);
    }

    private static string Message(int number) =>
        Trail.EventBridge(
            number % (Events / Alerts) == 0 ? Trail.Session(Trail.AccessKey($"drill-key-{number / (Events / Alerts)}"), number) : Trail.Quiet($"quiet-{number}")
        );

    private async Task<int> InWorkAsync(LivePath live) =>
        (
            await emulator.Sqs.GetQueueAttributesAsync(
                new GetQueueAttributesRequest(live.Queue, ["ApproximateNumberOfMessagesNotVisible"]),
                TestContext.Current.CancellationToken
            )
        ).ApproximateNumberOfMessagesNotVisible;
}
