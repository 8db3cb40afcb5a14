using System.Text.Json;
using System.Text.Json.Nodes;
using Detector.Adapters.Aws;
using Detector.Adapters.Files;
using Detector.Adapters.Ledgers;
using Detector.App.Commands;
using Detector.App.Replays;
using Detector.App.Vigil;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.App.Commands;
using Detector.Tests.Delivery;
using Detector.Tests.Hostile;
using Json.Schema;

namespace Detector.Tests.Adapters.Aws;

/// <summary>Holds docs/alert.schema.json to what is sent, and what is sent to it: a member that the schema does not name fails too.</summary>
public sealed class AlertSchemaTests
{
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";
    private static readonly JsonSchema Closed = JsonSchema.FromText(
        Close(JsonNode.Parse(File.ReadAllText(Repository.PathOf("docs", "alert.schema.json")))!).ToJsonString()
    );
    private static readonly EvaluationOptions Strict = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    [Fact]
    public void Schema_AlertsOfEveryShippedCase_AreAsItSays()
    {
        var rules = RuleSet.Compile(RuleFolder.Load([Places.Rules]).Rules);
        var alerts = 0;
        foreach (var file in Directory.EnumerateFiles(Places.Rules, "fires_*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var batch = new EventBatch(Path.GetFileName(file), File.ReadAllBytes(file), Receipt.None);
            var replay = new Replay(rules, evidence: 1);
            foreach (var alert in replay.Conclude([replay.Try(batch)]).Alerts)
            {
                AssertAlert(alert);
                alerts++;
            }
        }
        Assert.InRange(alerts, 50, int.MaxValue);
    }

    [Fact]
    public void Schema_AlertsOfTheDetectorItself_AreAsItSays()
    {
        AssertAlert(SelfAlert.Silence("sqs", AlertSamples.Happened, TimeSpan.FromHours(1), "usual"));
        AssertAlert(SelfAlert.CanaryLost("sqs", "r-1", AlertSamples.Happened, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Schema_HostileAlertsAndDigests_AreAsItSays()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var alerts = HostileBatch.Of(new HostileAlerts(new Random(seed))).Alerts;
            Assert.All(alerts, AssertAlert);
            var digest = new Digest(AlertId.Of("digest"), "sns", 1, [.. alerts.Select(alert => new Dispatch(alert, "sns", 1))]);
            AssertValid(Machine(SnsMessage.Of(Topic, digest)));
        }
    }

    [Fact]
    public async Task Schema_WhatCommandsWrite_IsAsItSays()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var hostile = HostileBatch.Of(new HostileAlerts(new Random(seed)));
            using var replayed = new StringWriter();
            AlertLines.WriteJson(replayed, hostile.Alerts);
            Assert.All(replayed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), AssertValid);
        }
        using var shell = new Shell();
        var file = Path.Combine(shell.Folder, "detector.db");
        await using (var ledger = SqliteLedger.Open(file, "test", TimeProvider.System, new NoticeList()))
        {
            var alerts = HostileBatch.Of(new HostileAlerts(new Random(7))).Alerts;
            string[][] sinks =
            [
                [],
                ["slack"],
                ["slack", "sns"],
            ];
            await ledger.AcceptAsync(
                [.. alerts.Select((alert, i) => new OutboxEntry(alert, new EventIdentity($"{i}"), sinks[i % sinks.Length]))],
                TestContext.Current.CancellationToken
            );
            await ledger.SettleAsync(new DispatchKey(alerts[1].Id, "slack"), new Settlement(SinkOutcome.Delivered), CancellationToken.None);
            await ledger.GatherAsync(AlertId.Of("digest"), [new DispatchKey(alerts[2].Id, "sns")], AlertSamples.Happened, CancellationToken.None);
        }
        await shell.RunAsync("alerts", "list", "--ledger", file, "--output", "json");
        Assert.Equal(HostileBatch.Size, shell.OutLines.Count);
        Assert.All(shell.OutLines, AssertValid);
    }

    [Fact]
    public void Schema_EveryForm_IsNamedInTheDocument()
    {
        string[] forms = [AlertJson.Schema, SnsMessage.Schema, DigestText.Schema, AlertsCommand.Schema, AlertLines.Schema];
        var (schema, words) = (File.ReadAllText(Repository.PathOf("docs", "alert.schema.json")), File.ReadAllText(Repository.PathOf("docs", "sns.md")));

        Assert.All(forms, form => Assert.Contains($"\"const\": \"{form}\"", schema, StringComparison.Ordinal));
        Assert.All(forms, form => Assert.Contains($"`{form}`", words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"schema":"detector.message/2","suppressed":0,"cut":false,"events":1,"alert":{}}""")]
    [InlineData("""{"schema":"detector.digest/1","digest":"x","level":"high","count":1,"rules":[]}""")]
    [InlineData("""{"id":{"value":"0123456789abcdef0123456789abcdef"}}""")]
    [InlineData("[]")]
    public void Schema_SomethingElse_IsNotAsItSays(string json) => Assert.False(IsValid(json));

    [Fact]
    public void Schema_MemberThatItDoesNotName_IsSeen()
    {
        var alert = JsonNode.Parse(AlertJson.Write(AlertSamples.Root))!;
        Assert.True(IsValid(alert.ToJsonString()));
        alert["facts"]!["news"] = "x";

        Assert.False(IsValid(alert.ToJsonString()));
    }

    private static void AssertAlert(Alert alert)
    {
        AssertValid(System.Text.Encoding.UTF8.GetString(AlertJson.Write(alert)));
        AssertValid(Machine(SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1, 3), AlertSamples.Happened)));
    }

    private static string Machine(TopicMessage message)
    {
        using var bodies = JsonDocument.Parse(message.Bodies);
        return bodies.RootElement.GetProperty("default").GetString()!;
    }

    private static void AssertValid(string json) => Assert.True(IsValid(json), json[..Math.Min(500, json.Length)]);

    private static bool IsValid(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Closed.Evaluate(document.RootElement, Strict).IsValid;
    }

    /// <summary>Readers pass over members that they do not know; this test does not.</summary>
    private static JsonNode Close(JsonNode schema)
    {
        if (schema is JsonObject one)
        {
            foreach (var member in one.Select(member => member.Value).OfType<JsonNode>().ToList())
                Close(member);
            if (one["properties"] is JsonObject && one["type"] is JsonValue)
                one["additionalProperties"] = false;
        }
        else if (schema is JsonArray many)
        {
            foreach (var item in many.OfType<JsonNode>())
                Close(item);
        }
        return schema;
    }
}
