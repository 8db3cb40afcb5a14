using System.Text.Json;
using System.Text.RegularExpressions;
using Detector.App.Status;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Tests.Adapters.Slack;
using Detector.Tests.Delivery;
using Detector.Tests.Hostile;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Status;

public sealed partial class StatusPageTests
{
    [Fact]
    public void Of_HostileText_AddsNoTagAndNoCharacterThatSteers()
    {
        var harmless = Tags(Page(SlackAlerts.AdminGrant.With("x"))).ToArray();

        Property.Holds(
            HostileText.Arbitrary().Generator,
            hostile =>
            {
                var page = Page(SlackAlerts.AdminGrant.With(hostile.Value));

                Assert.Equal(harmless, Tags(page));
                Assert.DoesNotContain(
                    page,
                    character => character != '\n' && (char.IsControl(character) || character is '\u202e' or '\u2066' or '\u200b' or '\ufeff')
                );
            }
        );
    }

    [Fact]
    public void Of_SinkThatFails_SaysSoAboveEverythingElse()
    {
        var page = Page(SlackAlerts.AdminGrant, pending: 3, answer: SinkAnswer.Retry("HTTP 503"));

        Assert.Contains("3 wait for slack: HTTP 503", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Complaints_SaysNotReadyAndWhy()
    {
        var page = Page(SlackAlerts.AdminGrant, complaint: "the ledger does not answer");

        Assert.Contains("not ready", page, StringComparison.Ordinal);
        Assert.Contains("the ledger does not answer", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_HiddenAlerts_AreInTheJsonBySuppressionAndRule()
    {
        var live = new LiveStatus(new FakeTimeProvider(Offers.Noon));
        live.Accepted(SlackAlerts.AdminGrant with { HiddenBy = "maintenance" });

        using var json = JsonDocument.Parse(StatusAnswers.Whole(new StatusReport("1.0", Offers.Noon, "sqs", 7, Offers.Noon, live.Now(), [], [], [], [])).Body);

        var hidden = Assert.Single(json.RootElement.GetProperty("hidden").EnumerateArray());
        Assert.Equal("maintenance", hidden.GetProperty("suppression").GetString());
        Assert.Equal(SlackAlerts.AdminGrant.Rule.Name, hidden.GetProperty("rule").GetString());
        Assert.Equal(1, hidden.GetProperty("alerts").GetInt64());
    }

    [Fact]
    public void Of_RulesThatWereTimed_TellsWhatEachTryCostsAndOfOneCore()
    {
        var page = Page(SlackAlerts.AdminGrant, costs: [new RuleCost("dear", 2_000_000, TimeSpan.FromSeconds(9))]);

        Assert.Matches(
            """<code>dear</code></th><td class="number">2\u202f000\u202f000</td><td class="number">4\.5</td><td class="number">0\.25 %</td>""",
            page
        );
    }

    private static string Page(Alert alert, long pending = 0, SinkAnswer? answer = null, string? complaint = null, RuleCost[]? costs = null)
    {
        var clock = new FakeTimeProvider(Offers.Noon);
        var live = new LiveStatus(clock);
        clock.Advance(TimeSpan.FromHours(1));
        live.Accepted(alert);
        live.Answered(new Dispatch(alert, "slack", 1), answer ?? SinkAnswer.Delivered);
        (string, Level, OutboxState)[] sinks = [("slack", Level.Medium, new OutboxState(pending, null))];
        return StatusPage.Of(
            new StatusReport("1.0", Offers.Noon, "sqs", 7, Offers.Noon, live.Now(), costs ?? [], sinks, complaint is null ? [] : [complaint], [])
        );
    }

    private static IEnumerable<string> Tags(string page) => Tag().Matches(page).Select(match => match.Value.Split(' ', '>')[0]);

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
