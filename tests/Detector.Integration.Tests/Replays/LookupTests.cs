using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Detector.Integration.Tests.Live;

namespace Detector.Integration.Tests.Replays;

public sealed class LookupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("detector-lookup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Replay_LookupEvents_FindsWhatTheSameRecordsInAFileShow()
    {
        await using var fake = await TrailFake.StartAsync();
        var day = new DateTimeOffset(DateTimeOffset.UtcNow.Date.AddDays(-3), TimeSpan.Zero);
        var records = new List<JsonObject>();
        for (var i = 0; i < 120; i++)
        {
            var record = (i % 10 == 0 ? Trail.KeyPairImport($"k{i}") : Trail.Quiet($"q{i}")).At(day.AddMinutes(i));
            record["awsRegion"] = i % 3 == 0 ? "us-east-1" : "eu-west-1";
            records.Add(record);
            fake.Holds(record);
        }
        fake.Throttles = 1;
        await System.IO.File.WriteAllTextAsync(
            Path.Combine(_folder, "same.json"),
            Trail.Records([.. records.Select(record => record.ToJsonString())]),
            TestContext.Current.CancellationToken
        );

        var (code, looked, log) = await ReplayAsync(
            "--lookup-events",
            "--service-url",
            fake.Url.OriginalString,
            "--region",
            "us-east-1",
            "--region",
            "eu-west-1",
            "--from",
            "100d"
        );
        var (_, same, _) = await ReplayAsync("same.json");

        Assert.Equal(0, code);
        Assert.Equal(12, looked.Count);
        Assert.Equal(Ids(same), Ids(looked));
        Assert.Contains("90 days", log, StringComparison.Ordinal);
        Assert.Contains(looked, alert => File(alert) == "cloudtrail:eu-west-1/2");
        Assert.Equal(3, fake.Asked.Count(asked => asked.Region == "eu-west-1" || asked.Region == "us-east-1") - 1);
    }

    [Fact]
    public async Task Replay_LookupEventsWithinTimes_AsksForThem()
    {
        await using var fake = await TrailFake.StartAsync();

        var (code, _, _) = await ReplayAsync(
            "--lookup-events",
            "--endpoint-url",
            fake.Url.OriginalString,
            "--region",
            "eu-west-1",
            "--from",
            $"{DateTimeOffset.UtcNow.AddDays(-2):yyyy-MM-dd}",
            "--to",
            "1d"
        );

        Assert.Equal(0, code);
        var (_, request) = Assert.Single(fake.Asked);
        Assert.Equal(new DateTimeOffset(DateTimeOffset.UtcNow.Date.AddDays(-2), TimeSpan.Zero).ToUnixTimeSeconds(), request["StartTime"]!.GetValue<decimal>());
        Assert.InRange(
            request["EndTime"]!.GetValue<decimal>(),
            DateTimeOffset.UtcNow.AddDays(-1).AddMinutes(-5).ToUnixTimeSeconds(),
            DateTimeOffset.UtcNow.AddDays(-1).ToUnixTimeSeconds() + 1
        );
    }

    [Fact]
    public async Task TrailFake_RealCli_ReadsItsPages()
    {
        await using var fake = await TrailFake.StartAsync();
        for (var i = 0; i < 60; i++)
        {
            var record = Trail.Quiet($"q{i}").At(DateTimeOffset.UtcNow.AddMinutes(-i));
            record["awsRegion"] = "eu-west-1";
            fake.Holds(record);
        }
        var start = new ProcessStartInfo(
            "aws",
            [
                "cloudtrail",
                "lookup-events",
                "--endpoint-url",
                fake.Url.OriginalString,
                "--region",
                "eu-west-1",
                "--output",
                "json",
                "--start-time",
                "2020-01-01",
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        using var cli = Start(start);
        var said = await cli.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var complaint = await cli.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await cli.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(cli.ExitCode == 0, complaint);
        var events = JsonNode.Parse(said)!["Events"]!.AsArray();
        Assert.Equal(60, events.Count);
        Assert.Equal("AttachGroupPolicy", events[0]!["EventName"]!.GetValue<string>());
        Assert.Equal(2, fake.Asked.Count);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("the AWS CLI is not installed (Debian: awscli)");
            throw;
        }
    }

    private static string File(JsonNode alert) => alert["events"]![0]!["file"]!.GetValue<string>();

    private static IEnumerable<string> Ids(IEnumerable<JsonNode> alerts) =>
        alerts.Select(alert => alert["alertId"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    private Task<(int Code, IReadOnlyList<JsonNode> Alerts, string Log)> ReplayAsync(params string[] arguments) => ReplayRunner.RunAsync(_folder, arguments);
}
