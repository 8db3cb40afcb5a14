using System.Text.Json;
using Detector.App;
using Detector.App.Infra;

namespace Detector.Tests.App.Commands;

public sealed class InfraPatternTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Pattern_ShippedRules_TellsPatternsAndWhatTheyNeed()
    {
        Assert.Equal(ExitCode.Done, await _shell.RunAsync("infra", "pattern", "--output", "json"));

        using var answer = JsonDocument.Parse(_shell.Out);
        var root = answer.RootElement;
        Assert.All(
            root.GetProperty("patterns").EnumerateArray(),
            pattern =>
            {
                Assert.Equal("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", pattern.GetProperty("state").GetString());
                Assert.Equal(pattern.GetProperty("text").GetString(), pattern.GetProperty("pattern").GetRawText());
            }
        );
        Assert.Contains("windows-password-read", RulesOf(root, "readOnly", "GetPasswordData"));
        Assert.Contains("private-key-in-s3", RulesOf(root, "dataEvents", "PutObject"));
        Assert.Contains("admin-grant", RulesOf(root, "global", "iam.amazonaws.com"));
    }

    [Fact]
    public async Task Pattern_WithoutTheRulesThatAskForMost_AsksForLess()
    {
        await _shell.RunAsync("infra", "pattern", "--except", "denied-burst", "--except", "denied-burst-then-success");

        Assert.DoesNotContain("errorCode", _shell.Out, StringComparison.Ordinal);
        Assert.Contains(
            "Left out, and blind where nobody else asks for their events: denied-burst, denied-burst-then-success.",
            _shell.Out,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("no-such-rule", "no-such-rule")]
    [InlineData("a\u001b[2Jb", @"a\u001b[2Jb")]
    public async Task Pattern_ExceptUnknownRule_IsWrongUsage(string name, string told)
    {
        Assert.Equal(ExitCode.Usage, await _shell.RunAsync("infra", "pattern", "--except", name));

        Assert.Equal($"--except: there is no rule '{told}' that alerts\n", _shell.Error);
    }

    [Theory]
    [InlineData("255")]
    [InlineData("4097")]
    [InlineData("many")]
    public async Task Pattern_LimitOutOfRange_IsWrongUsage(string limit) =>
        Assert.Equal(ExitCode.Usage, await _shell.RunAsync("infra", "pattern", "--limit", limit));

    [Fact]
    public async Task Pattern_Estimate_CountsWhatPassesOfAnArchive()
    {
        var trail = _shell.Write(
            "trail.jsonl",
            """
            {"eventID":"1","eventTime":"2026-11-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CREATEUSER","userIdentity":{"type":"AssumedRole"}}
            {"eventID":"2","eventTime":"2026-11-02T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"DeleteUser","userIdentity":{"type":"Root"}}
            {"eventID":"3","eventTime":"2026-11-03T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetBucketLocation","userIdentity":{"type":"AssumedRole"}}
            {"eventID":"4","eventTime":"2026-11-11T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetBucketLocation","userIdentity":{"type":"AssumedRole"}}
            """
        );

        Assert.Equal(ExitCode.Done, await _shell.RunAsync("infra", "pattern", "--estimate", trail, "--output", "json"));

        using var answer = JsonDocument.Parse(_shell.Out);
        var estimate = answer.RootElement.GetProperty("estimate");
        Assert.Equal(10, estimate.GetProperty("days").GetDouble());
        Assert.Equal(4, estimate.GetProperty("records").GetInt64());
        Assert.Equal(2, estimate.GetProperty("passing").GetInt64());
        Assert.Equal(6, estimate.GetProperty("passingPerMonth").GetInt64());
        // Two patterns let the first pass, by its source and by its role; two the second, by root and by its source.
        Assert.Equal(4, estimate.GetProperty("messages").GetInt64());
        Assert.Equal(12, estimate.GetProperty("messagesPerMonth").GetInt64());
        // Next to nothing but the receives that find the queue empty.
        Assert.Equal(0.21m, estimate.GetProperty("queueDollarsPerMonth").GetDecimal());
    }

    [Fact]
    public void Estimate_OfAMonth_CostsWhatPeopleReckon()
    {
        var estimate = new PassingEstimate(Days: 30.4375, Records: 50_000_000, Passing: 5_000_000, Messages: 6_000_000, By: []);

        Assert.Equal((5_000_000, 6_000_000), (estimate.PerMonth, estimate.MessagesPerMonth));
        // 18 million requests and half a million that find nothing, at 0.40 a million; 6 million forwarded at 1.00.
        Assert.Equal((7.41m, 6.00m), (estimate.QueueCost, estimate.ForwardCost));
    }

    [Fact]
    public async Task Pattern_EstimateOfDamagedFile_TellsTheLoss()
    {
        var trail = _shell.Write("trail.json", """{"Records":[{"eventName":"CreateUser","eventSource":"iam.amazonaws.com"},{"eventName":""");

        Assert.Equal(ExitCode.Partly, await _shell.RunAsync("infra", "pattern", "--estimate", trail));

        Assert.Contains("trail.json", _shell.Error, StringComparison.Ordinal);
        Assert.Contains("Of 1 records in 1 days 1 pass (100 %), as 1 messages", _shell.Out, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> RulesOf(JsonElement root, string list, string what) =>
        root.GetProperty(list)
            .EnumerateArray()
            .Single(need => need.GetProperty("what").GetString() == what)
            .GetProperty("rules")
            .EnumerateArray()
            .Select(rule => rule.GetString());
}
