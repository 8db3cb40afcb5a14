using System.Text.Json;
using Detector.Adapters.Ledgers;
using Detector.Core.Delivery;
using Detector.Tests.Delivery;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.App.Commands;

/// <summary><c>detector alerts</c>, on a ledger that a detector holds open.</summary>
public sealed class AlertsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(Offers.Noon);
    private readonly Shell _shell;
    private readonly string _file;
    private SqliteLedger _ledger = null!;

    public AlertsTests()
    {
        _shell = new Shell { Time = _clock, Width = 120 };
        _file = Path.Combine(_shell.Folder, "detector.db");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ledger = SqliteLedger.Open(_file, "test", _clock, new NoticeList());
        await _ledger.AcceptAsync([Offers.Offer("a", "slack sns"), Offers.Offer("b", "", rule: "rule-b")], Cancel);
        await _ledger.ClaimAsync("slack", 1, TimeSpan.FromMinutes(1), Cancel);
        await _ledger.SettleAsync(Offers.Key("a", "slack"), new Settlement(SinkOutcome.Refused, "invalid_blocks\u001b[2J"), Cancel);
        _clock.Advance(TimeSpan.FromHours(2));
        await _ledger.AcceptAsync([Offers.Offer("c", "sns", rule: "rule-c")], Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _ledger.DisposeAsync();
        _shell.Dispose();
    }

    [Fact]
    public async Task List_RunningDetector_ListsTheLastTakenFirstWithinTheTerminal()
    {
        var code = await RunAsync("list");

        Assert.Equal(0, code);
        Assert.Equal(["ID", Short("c"), Short("b"), Short("a"), "3"], _shell.OutLines.Select(line => line.Split(' ')[0]));
        Assert.All(_shell.OutLines, line => Assert.InRange(line.Length, 1, 120));
        Assert.Contains("no sink was to have it", _shell.OutLines[2], StringComparison.Ordinal);
        Assert.Contains("slack refused, sns pending", _shell.OutLines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c", "--from", "1h")]
    [InlineData("b a", "--to", "2025-03-04T13:00Z")]
    [InlineData("b", "--rule", "rule-b")]
    [InlineData("a", "--sink", "slack")]
    [InlineData("a", "--state", "refused")]
    [InlineData("c", "--state", "pending")]
    [InlineData("b", "--state", "unrouted")]
    [InlineData("", "--level", "critical")]
    [InlineData("", "--account", "999999999999")]
    [InlineData("c", "--limit", "1")]
    public async Task List_Condition_ListsThoseAlone(string names, string option, string value)
    {
        await RunAsync("list", "--output", "json", option, value);

        Assert.Equal(
            names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => Offers.IdOf(name).Value),
            _shell.OutLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("alertId").GetString())
        );
    }

    [Fact]
    public async Task Show_ShortId_TellsTheAlertAndWhatBecameOfItHarmlessly()
    {
        var code = await RunAsync("show", Short("a").ToUpperInvariant());

        Assert.Equal(0, code);
        Assert.Contains(Offers.IdOf("a").Value, _shell.Out, StringComparison.Ordinal);
        Assert.Contains("slack, refused", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("invalid_blocks\\u001b[2J", _shell.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _shell.Out);
    }

    [Fact]
    public async Task Resend_RefusedDelivery_IsDueToTheRunningDetectorOnce()
    {
        var code = await RunAsync("resend", Short("a"), "--sink", "slack");
        await RunAsync("resend", Short("a"), "--sink", "slack");

        Assert.Equal(0, code);
        Assert.Contains("is due again to slack", _shell.Out, StringComparison.Ordinal);
        Assert.Equal(Offers.IdOf("a"), Assert.Single(await _ledger.ClaimAsync("slack", 10, TimeSpan.FromMinutes(1), Cancel)).Alert.Id);
    }

    [Theory]
    [InlineData("show", "ffffffff", "knows no alert")]
    [InlineData("show", "xyz", "is no id")]
    [InlineData("show", "ab", "is no id")]
    public async Task Show_NoSuchAlert_SaysSo(string command, string id, string said)
    {
        var code = await RunAsync(command, id);

        Assert.Equal(2, code);
        Assert.Contains(said, _shell.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resend_SinkThatNeverWasToHaveIt_SaysWhichAre()
    {
        var code = await RunAsync("resend", Short("a"), "--sink", "pager");

        Assert.Equal(2, code);
        Assert.Contains("it is for slack, sns", _shell.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "there is no such ledger")]
    [InlineData("not a database, but long enough to be taken for one by its size alone", "no database")]
    public async Task List_NoLedger_SaysSo(string? content, string said)
    {
        var file = content is null ? Path.Combine(_shell.Folder, "none.db") : _shell.Write("other.db", content);

        var code = await _shell.RunAsync("alerts", "list", "--ledger", file);

        Assert.Equal(2, code);
        Assert.Contains(said, _shell.Error, StringComparison.Ordinal);
    }

    private static string Short(string name) => Offers.IdOf(name).Value[..8];

    private Task<int> RunAsync(params string[] args) => _shell.RunAsync(["alerts", .. args, "--ledger", _file]);
}
