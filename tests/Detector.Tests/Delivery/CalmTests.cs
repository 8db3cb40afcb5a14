using System.Text.Json.Nodes;
using Detector.App;
using Detector.App.Options;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Detection;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Delivery;

/// <summary>
/// Shipped rules and default levels, on what goes on every day (<c>tests/corpus/benign</c>): sign-ins through Identity Center and SAML, CloudFormation, CDK, Terraform
/// and Pulumi at work, and events that are told weeks late. None of it pages; the same acts by somebody who only claims to be one of these do.
/// </summary>
public sealed class CalmTests
{
    private const string Terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.91.0";

    private static readonly Lazy<RuleSet> Shipped = new(() => RuleLoad.From([Repository.PathOf("rules")]).Rules);

    [Theory]
    [InlineData("sign-ins-through-sso", "", 34)]
    [InlineData("infrastructure-as-code", "access-key-created-without-mfa admin-grant cross-account-trust-added", 55)]
    public async Task DefaultRouting_WhatGoesOnEveryDay_PagesNobody(string corpus, string told, int events)
    {
        var records = Records(corpus);

        var (paged, others) = await RouteAsync(records, Newest(records).AddSeconds(30));

        Assert.Equal(events, records.Count);
        Assert.Empty(paged);
        Assert.Equal(told, string.Join(' ', others.Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task DefaultRouting_LateBackfill_IsToldAndPagesNobody()
    {
        var records = Records("late-backfill");

        var (paged, others) = await RouteAsync(records, Newest(records).AddDays(30));

        Assert.Equal(12, records.Count);
        Assert.Empty(paged);
        Assert.Contains("root-usage", others);
        Assert.Contains("trail-tampering", others);
    }

    /// <summary>A backlog after an outage, on the queue or in the bucket, was handed over in time: nobody has heard of it yet, however old it is.</summary>
    [Fact]
    public async Task DefaultRouting_BacklogOfAnOutage_Pages()
    {
        var records = Records("late-backfill");

        var (paged, _) = await RouteAsync(records, Newest(records).AddMinutes(5), toldAfter: TimeSpan.FromDays(40));

        Assert.Superset(new HashSet<string> { "root-usage", "admin-grant", "trail-tampering" }, paged.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Who holds an event up for longer than EventBridge tries does not keep it quiet by that.</summary>
    [Fact]
    public async Task DefaultRouting_HandedOverAtEventBridgesLast_Pages()
    {
        var record = Records("late-backfill").First(one => (string?)one["eventName"] == "StopLogging");

        var (paged, _) = await RouteAsync([record], Newest([record]).AddHours(24));

        Assert.Equal(["trail-tampering"], paged);
    }

    /// <summary>When events were sent is not lost on the way through the journal, a restart, a correlation, and one that builds on it.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(30, "it was told more than a day after it happened")]
    public void Reason_CorrelationsOfABacklog_AreCalmOnlyIfTheyWereSentLate(int days, string? reason)
    {
        using var stage = new Stage(
            Stage.Rules(
                ("twice", "type: event_count, rules: [a], group-by: [user], timespan: 1m, condition: {gte: 2}, generate: true"),
                ("again", "type: event_count, rules: [twice], group-by: [user], timespan: 5m, condition: {gte: 2}, generate: true")
            )
        );
        stage.Clock.Advance(TimeSpan.FromDays(40));

        stage.Send("a1@0/alice a2@5/alice a3@90/alice a4@95/alice", Stage.Start.AddMinutes(2).AddDays(days));
        stage.Restart();
        stage.End();

        Assert.Superset(new HashSet<string> { "a", "twice", "again" }, stage.Made.Select(alert => alert.Rule.Name).ToHashSet(StringComparer.Ordinal));
        Assert.All(stage.Made, alert => Assert.Equal(reason, Calm.Reason(alert)));
    }

    [Theory]
    [InlineData(Terraform)]
    [InlineData("cloudformation.amazonaws.com")]
    [InlineData("aws-sdk-js/3.741.0 app/cdk")]
    [InlineData("pulumi-cli/3.152")]
    public async Task DefaultRouting_IntruderWhoClaimsToBeATool_Pages(string agent)
    {
        var records = Records("infrastructure-as-code");
        foreach (var record in records)
        {
            record["sourceIPAddress"] = "203.0.113.200";
            record["userAgent"] = agent;
            (record["userIdentity"] as JsonObject)?.Remove("invokedBy");
        }

        var (paged, _) = await RouteAsync(records, Newest(records).AddSeconds(30));

        Assert.Equal(["access-key-created-without-mfa", "admin-grant", "cross-account-trust-added"], paged.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DefaultRouting_UserWhoseNameLooksLikeSso_Pages()
    {
        var record = Records("sign-ins-through-sso").First(one => (string?)one["eventName"] == "ConsoleLogin");
        record["userIdentity"] = JsonNode.Parse(
            """{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/AWSReservedSSO_Administrator","accountId":"111122223333","userName":"AWSReservedSSO_Administrator"}"""
        );

        var (paged, _) = await RouteAsync([record], Newest([record]).AddSeconds(30));

        Assert.Equal(["console-login-without-mfa"], paged);
    }

    [Fact]
    public async Task DefaultRouting_TrailStoppedByAStack_Pages()
    {
        var record = Records("late-backfill").First(one => (string?)one["eventName"] == "StopLogging");
        record["sourceIPAddress"] = "cloudformation.amazonaws.com";

        var (paged, _) = await RouteAsync([record], Newest([record]).AddSeconds(30));

        Assert.Equal(["trail-tampering"], paged);
    }

    [Fact]
    public async Task DefaultRouting_NobodyElseWouldHearOfIt_Pages()
    {
        var records = Records("late-backfill");

        var (paged, _) = await RouteAsync(records, Newest(records).AddDays(30), slack: false);

        Assert.Contains("root-usage", paged);
    }

    /// <summary>The names of the rules whose alerts go to SNS, and of those that go to Slack alone, with the levels that are configured if nobody says otherwise.</summary>
    private static async Task<(List<string> Paged, List<string> Others)> RouteAsync(
        IReadOnlyList<JsonObject> records,
        DateTimeOffset sentAt,
        bool slack = true,
        TimeSpan toldAfter = default
    )
    {
        var cancel = TestContext.Current.CancellationToken;
        var clock = new FakeTimeProvider(sentAt + toldAfter);
        // It passes for a durable one: accepting then waits for nobody who sends.
        await using var ledger = new TestLedger(clock);
        SinkRoute[] routes =
        [
            .. slack ? [new SinkRoute(ScriptedSink.Answers("slack"), Default(Keys.SlackMinimum))] : Array.Empty<SinkRoute>(),
            new SinkRoute(ScriptedSink.Answers("sns"), Default(Keys.SnsMinimum)) { Pages = true },
        ];
        var dispatcher = new Dispatcher(ledger, routes, new DispatcherOptions(), clock, new Random(1), new NoticeList());
        var replay = new Replay(Shipped.Value);
        using var batch = new EventBatch(
            "sqs:events/0b1c",
            System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', records.Select(one => one.ToJsonString()))}]"),
            Receipt.None,
            sentAt
        );
        await dispatcher.AcceptAlertsAsync([.. replay.Conclude([replay.Try(batch)]).Alerts], cancel);

        var alerts = await ledger.ReadAlertsAsync(AlertQuery.All, cancel).ToListAsync(cancel);
        return (Of("sns"), [.. Of("slack").Except(Of("sns"))]);

        List<string> Of(string sink) =>
            [.. alerts.Where(alert => alert.Deliveries.Any(delivery => delivery.Sink == sink)).Select(alert => alert.Alert.Rule.Name)];
    }

    private static Level Default(ConfigurationKey<Level> key) => Enum.Parse<Level>(key.Default!, ignoreCase: true);

    private static List<JsonObject> Records(string corpus)
    {
        var text = File.ReadAllText(Path.Combine(Repository.PathOf("tests"), "corpus", "benign", $"{corpus}.json"));
        return [.. JsonNode.Parse(text)!["Records"]!.AsArray().Select(record => record!.DeepClone().AsObject())];
    }

    private static DateTimeOffset Newest(IReadOnlyList<JsonObject> records) => records.Max(record => record["eventTime"]!.GetValue<DateTimeOffset>());
}
