using System.Text;
using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Adapters.Slack;
using Detector.Tests.Adapters.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Adapters.Enrichers;

public sealed class EnrichmentTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly FakeTimeProvider _clock = new(SlackAlerts.Told);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Of_EnricherThatFailsOrHangs_IsNotedAndTheOthersCount()
    {
        var enrichment = new Enrichment(
            [
                new Scripted("names", (context, _) => Task.FromResult(context with { AccountName = "prod" })),
                new Scripted("places", (_, _) => throw new IOException("disk")),
                new Scripted("hangs", async (context, _) => await new TaskCompletionSource<AlertContext>().Task),
            ],
            _clock
        );

        var asked = enrichment.OfAsync(SlackAlerts.AdminGrant, Cancel);
        _clock.Advance(Enrichment.Limit);
        var context = await asked;

        Assert.Equal("prod", context.AccountName);
        Assert.Equal(["places", "hangs"], context.Missing);
    }

    [Theory]
    [InlineData("203.0.113.77", "Amsterdam, Netherlands", "NL", "AS64496 Example Hosting")]
    [InlineData("203.0.114.1", null, null, null)]
    [InlineData("2001:db8::1", null, null, null)]
    [InlineData("cloudformation.amazonaws.com", null, null, null)]
    [InlineData(null, null, null, null)]
    public async Task Geography_Address_IsLookedUpInTheUsersFiles(string? address, string? place, string? country, string? network)
    {
        var (cities, networks) = (_scratch.File("city.mmdb"), _scratch.File("asn.mmdb"));
        MadeDatabase.Write(
            cities,
            "GeoLite2-City",
            "203.0.113.0",
            new Dictionary<string, object>
            {
                ["city"] = new Dictionary<string, object> { ["names"] = new Dictionary<string, object> { ["en"] = "Amsterdam" } },
                ["country"] = new Dictionary<string, object>
                {
                    ["iso_code"] = "NL",
                    ["names"] = new Dictionary<string, object> { ["en"] = "Netherlands" },
                },
            }
        );
        MadeDatabase.Write(
            networks,
            "GeoLite2-ASN",
            "203.0.113.0",
            new Dictionary<string, object> { ["autonomous_system_number"] = 64496, ["autonomous_system_organization"] = "Example Hosting" }
        );
        using var geography = new Geography(cities, networks);
        var enrichment = new Enrichment([geography], _clock);

        var context = await enrichment.OfAsync(SlackAlerts.AdminGrant with { Facts = SlackAlerts.AdminGrant.Facts with { SourceAddress = address } }, Cancel);

        Assert.Equal((place, country, network), (context.Place, context.Country, context.Network));
        if (address?.Contains("::", StringComparison.Ordinal) is not true)
            Assert.Empty(context.Missing);
    }

    [Fact]
    public void Geography_NoSuchDatabase_SaysWhichFile()
    {
        File.WriteAllText(_scratch.File("bad.mmdb"), "no database");

        Assert.Contains("bad.mmdb", Assert.Throws<IOException>(() => new Geography(_scratch.File("bad.mmdb"), null)).Message, StringComparison.Ordinal);
        Assert.Contains("none.mmdb", Assert.Throws<IOException>(() => new Geography(null, _scratch.File("none.mmdb"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccountNames_Configured_WinsOverTheAlias()
    {
        var names = new AccountNames(new Dictionary<string, string> { ["111122223333"] = "payments-prod" }, _ => "alias");
        var others = new AccountNames(new Dictionary<string, string>(), account => account == "111122223333" ? "alias" : null);

        Assert.Equal("payments-prod", (await names.AddAsync(AlertContext.None, SlackAlerts.AdminGrant, Cancel)).AccountName);
        Assert.Equal("alias", (await others.AddAsync(AlertContext.None, SlackAlerts.AdminGrant, Cancel)).AccountName);
    }

    [Fact]
    public async Task FirstSeen_SecondAlertOfTheActor_TellsOnlyWhatIsNew()
    {
        await using var ledger = new InMemoryLedger(_clock);
        var seen = new FirstSeen(ledger);
        var (first, second) = (SlackAlerts.AdminGrant, SlackAlerts.AdminGrant with { Id = AlertId.Of("2") });
        var elsewhere = second with { Id = AlertId.Of("3"), Facts = second.Facts with { SourceAddress = "198.51.100.1" } };
        var inNl = AlertContext.None with { Country = "NL" };

        Assert.Equal(["alert of this rule", "alert from this address", "alert from this country"], await New(first, inNl));
        Assert.Equal(["alert of this rule", "alert from this address", "alert from this country"], await New(first, inNl)); // another sink, or sent again
        Assert.Empty(await New(second, inNl));
        Assert.Equal(["alert from this address"], await New(elsewhere, inNl));
        Assert.Empty(await New(first with { Facts = first.Facts with { Actor = null } }, inNl));

        async Task<IReadOnlyList<string>> New(Alert alert, AlertContext context) => (await seen.AddAsync(context, alert, Cancel)).FirstSeen;
    }

    [Fact]
    public async Task CallsAround_ActorsCalls_AreThoseNearTheEventWithoutIt()
    {
        var calls = new RecentCalls();
        var judge = new Judge(RuleSet.Compile([]), calls: calls);
        Try(judge, "user/alice", "AttachUserPolicy", 0);
        Try(judge, "user/alice", "ListUsers", -5);
        Try(judge, "user/alice", "ListUsers", -5); // the same event by another path
        Try(judge, "user/alice", "GetUser", 3, "AccessDenied");
        Try(judge, "user/alice", "LongAgo", -16);
        Try(judge, "user/bob", "DeleteUser", -1);

        var context = await new CallsAround(calls).AddAsync(AlertContext.None, SlackAlerts.AdminGrant, Cancel);

        Assert.Equal(
            [
                new RecentCall(SlackAlerts.Happened.AddMinutes(-5), "ListUsers", "203.0.113.77", null),
                new RecentCall(SlackAlerts.Happened.AddMinutes(3), "GetUser", "203.0.113.77", "AccessDenied"),
            ],
            context.Calls
        );
    }

    [Fact]
    public void RecentCalls_ManyActorsAndCalls_KeepTheLatest()
    {
        var calls = new RecentCalls(actors: 10);
        var judge = new Judge(RuleSet.Compile([]), calls: calls);
        for (var number = 0; number < 100; number++)
            Try(judge, "user/busy", $"Call{number}", number);
        for (var number = 0; number < 10; number++)
            Try(judge, $"user/{number}", "Call", 0);

        Assert.Empty(Of("user/busy"));
        Assert.Single(Of("user/9"));
        for (var number = 0; number < 100; number++)
            Try(judge, "user/busy", $"Call{number}", number);
        Assert.Equal(Enumerable.Range(100 - RecentCalls.Kept, RecentCalls.Kept).Select(number => $"Call{number}"), Of("user/busy").Select(call => call.Name));

        IReadOnlyList<RecentCall> Of(string actor) => calls.Of($"arn:aws:iam::111122223333:{actor}", DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task Runbooks_BesideTheRule_GiveTheStepsWithoutTheirCommands()
    {
        File.WriteAllText(
            _scratch.File("runbook.md"),
            """
            # Title

            ## Check first

            1. See what it may do,
               and since when.

                   aws iam get-user --user-name NAME

            2. Ask its owner.

            ## Contain

            1. Stop it.
            """
        );
        var runbooks = new Runbooks(rule => rule == SlackAlerts.AdminGrant.Rule.Id ? _scratch.File("rule.yml") : null);

        Assert.Equal(
            ["See what it may do, and since when.", "Ask its owner."],
            (await runbooks.AddAsync(AlertContext.None, SlackAlerts.AdminGrant, Cancel)).Steps
        );
    }

    [Fact]
    public async Task Runbooks_OfEveryShippedRule_GiveSteps()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("rules"), "rule.yml", SearchOption.AllDirectories))
        {
            var context = await new Runbooks(_ => file).AddAsync(AlertContext.None, SlackAlerts.AdminGrant, Cancel);
            Assert.True(context.Steps.Count > 0 || !File.Exists(Path.Combine(Path.GetDirectoryName(file)!, "runbook.md")), file);
            Assert.DoesNotContain(context.Steps, step => step.Contains("aws iam", StringComparison.Ordinal));
        }
    }

    private static void Try(Judge judge, string actor, string name, int minutes, string? error = null)
    {
        var record = $$"""
            {"eventVersion":"1.11","eventID":"{{Guid.Empty}}","eventSource":"iam.amazonaws.com","eventName":"{{name}}","awsRegion":"us-east-1",
            "eventTime":"{{SlackAlerts.Happened.AddMinutes(minutes):yyyy-MM-ddTHH:mm:ssZ}}","sourceIPAddress":"203.0.113.77",
            "userIdentity":{"arn":"arn:aws:iam::111122223333:{{actor}}"}{{(error is null ? "" : $",\"errorCode\":\"{error}\"")}} }
            """;
        using var batch = new EventBatch("test", Encoding.UTF8.GetBytes(record), Receipt.None);
        Assert.Equal(1, judge.Try(batch).Records);
    }

    private sealed class Scripted(string finds, Func<AlertContext, CancellationToken, Task<AlertContext>> add) : IEnricher
    {
        public string Finds => finds;

        public async ValueTask<AlertContext> AddAsync(AlertContext context, Alert alert, CancellationToken cancellation) => await add(context, cancellation);
    }
}
