using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;

namespace Detector.Integration.Tests.Live;

public sealed class ReconcileTests(Emulator emulator)
{
    [Fact]
    public async Task Reconcile_EventsDroppedOnTheirWay_AreNamedAndToldOnce()
    {
        await using var path = await LivePath.MakeAsync(emulator);
        using var deployment = new Deployment { QueueUrl = path.Queue, ServiceUrl = emulator.Address };
        var time = DateTimeOffset.UtcNow.AddMinutes(-30);
        var records = Enumerable.Range(0, 40).Select(i => (i % 4 == 0 ? Trail.KeyPairImport($"k{i}") : Trail.Quiet($"q{i}")).At(time.AddSeconds(i))).ToList();
        var read = Trail.Quiet("read").At(time);
        read["readOnly"] = true;
        var unwanted = Trail.Quiet("unwanted").At(time);
        (unwanted["eventName"], unwanted["eventSource"]) = ("CreateFleet", "gamelift.amazonaws.com");
        unwanted["userIdentity"] = new JsonObject { ["type"] = "AWSService", ["invokedBy"] = "autoscaling.amazonaws.com" };
        string[] dropped = ["k8", "q9", "q10", "k20"];
        await using (var detector = await deployment.StartReadyAsync())
        {
            await path.SendAsync(records.Where(record => !dropped.Contains(Mark(record))).Select(Trail.EventBridge));
            await path.QueueEmptyAsync();
            await Eventually.TrueAsync(() => deployment.Alerts.Count == 8, "the alerts of what came");
            File.WriteAllText(
                deployment.PathOf("trail.json"),
                Trail.Records([.. records.Append(read).Append(unwanted).Select(record => record.ToJsonString())])
            );

            // While the live run holds its ledger, one can look.
            var (looked, answer, _) = await ReconcileAsync(deployment, "--output", "json");
            var (refused, _, reason) = await ReconcileAsync(deployment, "--deliver");

            Assert.Equal(1, looked);
            Assert.Equal(dropped.Order(), Named(answer, "write"));
            Assert.Equal(["read"], Named(answer, "read"));
            Assert.Equal(
                [(36, 4, true), (0, 1, false), (0, 1, false)],
                answer["kinds"]!.AsArray().Select(kind => (Int(kind, "came"), Int(kind, "missed"), kind!["shouldHaveCome"]!.GetValue<bool>()))
            );
            Assert.Equal(2, answer["alerts"]!.AsArray().Count);
            Assert.All(answer["alerts"]!.AsArray(), alert => Assert.True(alert!["late"]!.GetValue<bool>()));
            Assert.All(answer["alerts"]!.AsArray(), alert => Assert.False(alert!["told"]!.GetValue<bool>()));
            Assert.Equal(2, refused);
            Assert.Contains("detector.db", reason, StringComparison.Ordinal);
            Assert.Equal(0, await detector.StopAsync());
        }
        Assert.Equal(8, deployment.Alerts.Count);

        var (code, first, _) = await ReconcileAsync(deployment, "--deliver", "--output", "json");
        var told = deployment.Alerts.Skip(8).ToList();
        var (again, second, _) = await ReconcileAsync(deployment, "--deliver", "--output", "json");

        Assert.Equal((1, 1), (code, again));
        Assert.Equal((2, 0), (Int(first, "sent"), Int(second, "sent")));
        Assert.Equal(["k20", "k8"], ((string[])["k20", "k8"]).Where(mark => told.Exists(line => line.Contains($"/{mark}\"", StringComparison.Ordinal))));
        Assert.All(told, line => Assert.Contains("\"late\":true", line, StringComparison.Ordinal));
        Assert.Equal(10, deployment.Alerts.Count);
    }

    [Fact]
    public async Task Reconcile_LedgerInRedis_WhileTheLiveRunGoesOn_IsNamedAndToldOnce()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var path = await LivePath.MakeAsync(emulator);
        using var deployment = new Deployment
        {
            QueueUrl = path.Queue,
            ServiceUrl = emulator.Address,
            Redis = redis.Connection,
        };
        var time = DateTimeOffset.UtcNow.AddMinutes(-30);
        var records = Enumerable.Range(0, 12).Select(i => (i % 4 == 0 ? Trail.KeyPairImport($"k{i}") : Trail.Quiet($"q{i}")).At(time.AddSeconds(i))).ToList();
        File.WriteAllText(deployment.PathOf("trail.json"), Trail.Records([.. records.Select(record => record.ToJsonString())]));
        deployment.Write();
        var (unknown, _, reason) = await ReconcileAsync(deployment);
        await using var detector = await deployment.StartReadyAsync();
        await path.SendAsync(records.Where(record => Mark(record) is not ("k4" or "q9")).Select(Trail.EventBridge));
        await path.QueueEmptyAsync();
        await Eventually.TrueAsync(() => deployment.Alerts.Count == 2, "the alerts of what came");

        var (code, first, _) = await ReconcileAsync(deployment, "--deliver", "--output", "json");
        await Eventually.TrueAsync(() => deployment.Alerts.Count == 3, "the alert of what was missed");
        var (again, second, _) = await ReconcileAsync(deployment, "--deliver", "--output", "json");

        Assert.Equal(2, unknown);
        Assert.Contains("the ledger in Redis does not remember", reason, StringComparison.Ordinal);
        Assert.Equal((1, 1), (code, again));
        Assert.Equal(["k4", "q9"], Named(first, "write"));
        Assert.Equal((1, 0), (Int(first, "sent"), Int(second, "sent")));
        Assert.Equal(0, await detector.StopAsync());
        Assert.Single(deployment.Alerts, line => line.Contains("/k4\"", StringComparison.Ordinal));
        Assert.Equal(3, deployment.Alerts.Count);
    }

    [Fact]
    public async Task Reconcile_MemoryLedger_SaysThatNobodyCanKnow()
    {
        using var deployment = new Deployment { Durable = false };
        File.WriteAllText(deployment.PathOf("trail.json"), Trail.Records(Trail.Quiet("q").ToJsonString()));
        deployment.Write();

        var (code, _, log) = await ReconcileAsync(deployment);

        Assert.Equal(2, code);
        Assert.Contains("nobody can know", log, StringComparison.Ordinal);
    }

    private static async Task<(int Code, JsonNode Answer, string Log)> ReconcileAsync(Deployment deployment, params string[] arguments)
    {
        await using var reconcile = DetectorProcess.Start(deployment.Folder, ["reconcile", "trail.json", "--config", "detector.yaml", .. arguments]);
        var code = await reconcile.ExitAsync();
        return (code, reconcile.Out.StartsWith('{') ? JsonNode.Parse(reconcile.Out)! : new JsonObject(), reconcile.Log);
    }

    private static string Mark(JsonObject record) => record["userAgent"]!.GetValue<string>();

    private static int Int(JsonNode? node, string name) => node![name]!.GetValue<int>();

    /// <summary>The marks of the events of a sort that are named as missed.</summary>
    private static IEnumerable<string> Named(JsonNode answer, string kind) =>
        answer["missed"]!
            .AsArray()
            .Where(missed => missed!["kind"]!.GetValue<string>() == kind)
            .Select(missed => missed!["actor"]!.GetValue<string>().Split('/')[^1])
            .Order(StringComparer.Ordinal);
}
