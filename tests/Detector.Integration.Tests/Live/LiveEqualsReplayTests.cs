using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Replays;

namespace Detector.Integration.Tests.Live;

/// <summary>The same archive through a queue, in any order, in any wrapping and some of it twice, and through a replay: the alerts have the same ids.</summary>
public class LiveEqualsReplayTests(Emulator emulator)
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 9, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_ArchiveInAnyOrder_TellsWhatAReplayTells(int seed)
    {
        var random = new Random(seed);
        var records = Records(random);
        await using var path = await LivePath.MakeAsync(emulator);
        using var live = new Deployment
        {
            QueueUrl = path.Queue,
            ServiceUrl = emulator.Address,
            Lateness = "1h",
        };
        await File.WriteAllTextAsync(live.PathOf("trail.json"), Trail.Records([.. records.Select(record => record.ToJsonString())]), Cancel);
        var (code, replayed, log) = await ReplayRunner.RunAsync(live.Folder, "trail.json");
        Assert.True(code == 0, log);

        string[] messages = [.. records.Concat(records.Where(_ => random.Next(3) == 0)).Select(record => Wrapped(record, random))];
        random.Shuffle(messages);
        await using var detector = await live.StartReadyAsync();
        foreach (var some in messages.Chunk(50))
            await path.SendAsync(some);
        await path.QueueEmptyAsync();
        var expected = replayed.Select(alert => (string)alert["alertId"]!).ToHashSet();
        await Eventually.TrueAsync(() => live.Alerts.Count >= expected.Count, $"{expected.Count} alerts");
        Assert.Equal(0, await detector.StopAsync());

        var told = live.Alerts.Select(alert => (string)JsonNode.Parse(alert)!["id"]!["value"]!).ToList();
        Assert.Equal(expected.Order(StringComparer.Ordinal), told.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(told.Count, told.Distinct().Count());
        // Something of every kind: plain, correlated, and known by history.
        var rules = replayed.Select(alert => (string)alert["rule"]!["name"]!).ToHashSet();
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "key-pair-import", "admin-grant", "denied-burst", "root-usage" }, rules);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Fifty minutes of an account: within the lateness, so that no order makes anything late.</summary>
    private static List<JsonObject> Records(Random random)
    {
        var records = new List<JsonObject>();
        for (var n = 0; n < 150; n++)
        {
            var mark = $"m{random.Next(6)}";
            var record = random.Next(6) switch
            {
                0 => Trail.KeyPairImport(mark),
                1 => Trail.AdminGrant(mark),
                2 => Trail.AccessKey(mark),
                3 => Trail.RootUse(mark, $"203.0.113.{random.Next(4)}"),
                4 => Trail.IntoGroup(mark, $"m{random.Next(6)}"),
                _ => Trail.Quiet(mark),
            };
            records.Add(record.At(Begin.AddSeconds(random.Next(3000))));
        }
        for (var burst = 0; burst < 3; burst++)
        {
            var start = Begin.AddSeconds(random.Next(2500));
            records.AddRange(Enumerable.Range(0, 10 + burst).Select(n => Trail.Denied($"burst{burst}", n).At(start.AddSeconds(n * 10))));
        }
        return records;
    }

    private static string Wrapped(JsonObject record, Random random) =>
        random.Next(3) switch
        {
            0 => Trail.EventBridge(record),
            1 => Trail.Sns(Trail.EventBridge(record)),
            _ => record.ToJsonString(),
        };
}
