using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Detector.Core.Delivery;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public class DeliveryTests(Emulator emulator)
{
    [Fact]
    public async Task Run_AdminGrantInTheQueue_IsToldOnceBySlackAndSns()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(Trail.EventBridge(Trail.AdminGrant("drill-admin-1")), Trail.EventBridge(Trail.Quiet("drill-quiet-1")));
        await live.QueueEmptyAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        var post = Assert.Single(live.Slack.Posts);
        Assert.All(
            (string[])["Administrator rights were granted", "user/drill-admin-1", "203.0.113.77", "eu-central-1", "Take the policy away"],
            words => Assert.Contains(words, post.Text, StringComparison.Ordinal)
        );
        var message = Assert.Single(await live.Inbox.ReadAsync());
        Assert.Equal(
            ["account=111122223333", "kind=alert", "region=eu-central-1", "rule=admin-grant", "severity=critical"],
            message.MessageAttributes.Where(one => one.Key != "tags").Select(one => $"{one.Key}={one.Value.StringValue}").Order(StringComparer.Ordinal)
        );
        Assert.Contains("\"attack.t1098.003\"", message.MessageAttributes["tags"].StringValue, StringComparison.Ordinal);
        Assert.Equal(AlertJson.Read(Encoding.UTF8.GetBytes(Assert.Single(live.Deployment.Alerts))).Id, AlertIn(message.Body).Id);
        Assert.Equal("drill-admin-1", AlertIn(message.Body).Facts.UserAgent);
    }

    [Fact]
    public async Task Run_SameEventTenTimesInEveryWrapping_IsToldOnceBySlackAndSns()
    {
        await using var live = await LivePath.MakeAsync(emulator);
        await using var detector = await live.Deployment.StartReadyAsync();
        var record = Trail.AdminGrant("drill-admin-1");
        var envelope = Trail.EventBridge(record);
        var reordered = new JsonObject(record.Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        await live.SendAsync(
            envelope,
            envelope,
            Trail.EventBridge(record),
            Trail.EventBridge(record),
            Trail.Sns(envelope),
            Trail.Sns(Trail.EventBridge(record)),
            Trail.Sns(record.ToJsonString()),
            record.ToJsonString(),
            reordered.ToJsonString(new JsonSerializerOptions { WriteIndented = true }),
            Trail.Records(record.ToJsonString(), record.ToJsonString())
        );
        await live.QueueEmptyAsync();
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Single(live.Slack.Posts);
        Assert.Single(await live.Inbox.ReadAsync());
        Assert.Single(live.Deployment.Alerts);
        Assert.Equal(["jsonl|1", "slack|1", "sns|1"], live.Deployment.Ledger("SELECT sink, state FROM deliveries WHERE sink <> 'console' ORDER BY sink"));
    }

    /// <summary>The alert in the body for programs, of which a queue is one.</summary>
    private static Alert AlertIn(string body)
    {
        using var bodies = JsonDocument.Parse(body);
        using var machine = JsonDocument.Parse(bodies.RootElement.GetProperty("default").GetString()!);
        return AlertJson.Read(Encoding.UTF8.GetBytes(machine.RootElement.GetProperty("alert").GetRawText()));
    }
}
