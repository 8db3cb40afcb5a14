using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public class PoisonTests(Emulator emulator)
{
    [Fact]
    public async Task Run_PoisonAmongGoodMessages_EndsInTheDeadLetterQueueWithItsReasonAndNeighboursAreTold()
    {
        await using var live = await LivePath.MakeAsync(emulator, maxReceives: 2);
        await using var detector = await live.Deployment.StartReadyAsync();
        var whole = Trail.AdminGrant("drill-admin-9").ToJsonString();

        await live.SendAsync(
            Trail.EventBridge(Trail.AdminGrant("drill-admin-1")),
            "by no means JSON",
            Trail.EventBridge(Trail.AdminGrant("drill-admin-2")),
            Trail.Records(Trail.AdminGrant("drill-admin-3").ToJsonString(), whole[..(whole.Length / 2)], Trail.AdminGrant("drill-admin-4").ToJsonString()),
            Trail.EventBridge(Trail.AdminGrant("drill-admin-5"))
        );
        await Eventually.TrueAsync(async () => await emulator.CountAsync(live.Dead) == 2, "the poison is in the dead-letter queue");
        await live.QueueEmptyAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        string[] good = ["drill-admin-1", "drill-admin-2", "drill-admin-3", "drill-admin-4", "drill-admin-5"];
        Assert.Equal(good, Marks.In(live.Slack.Channel.Select(post => post.Body)).Order(StringComparer.Ordinal));
        Assert.Equal(good, Marks.In((await live.Inbox.ReadAsync()).Select(message => message.Body)).Order(StringComparer.Ordinal));
        var rejected = live.Deployment.Ledger("SELECT reason, times, place, CAST(content AS TEXT) FROM rejected ORDER BY place");
        Assert.Equal(2, rejected.Count);
        Assert.Equal("neither an object nor an array|2|0|by no means JSON", rejected[0]);
        Assert.StartsWith("the text ends inside the record|2|1|" + whole[..(whole.Length / 2)], rejected[1], StringComparison.Ordinal);
        Assert.All(live.Deployment.Ledger("SELECT origin FROM rejected"), origin => Assert.StartsWith("sqs:", origin, StringComparison.Ordinal));
    }
}
