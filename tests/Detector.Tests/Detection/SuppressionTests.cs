using System.Text;
using Detector.App;
using Detector.App.Lints;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using Detector.Tests.App.Commands;
using Microsoft.Extensions.Time.Testing;

namespace Detector.Tests.Detection;

/// <summary>What suppressions hide, until when, and how it shows.</summary>
public sealed class SuppressionTests : IDisposable
{
    private const string UserCreated = """
        title: User created
        id: 11111111-2222-4333-8444-555555555555
        name: user-created
        level: high
        logsource: {product: aws, service: cloudtrail}
        detection: {selection: {eventName: CreateUser}, condition: selection}
        """;

    private const string ByTheRole = "userIdentity.arn|startswith: 'arn:aws:sts::111122223333:assumed-role/provisioner/'";

    private readonly Shell _shell = new() { Time = new FakeTimeProvider(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)) };

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Conclude_SuppressedEvent_IsCountedAndTheOthersAreTold()
    {
        var (told, hidden) = Replay(Suppression(ByTheRole), Event("a", "provisioner", "2027-01-01"), Event("b", "somebody", "2027-01-01"));

        Assert.Equal(["b"], told.Select(EventIdOf));
        Assert.Equal(["a"], hidden.Select(EventIdOf));
        Assert.Equal(("provisioning", "user-created", "11111111-2222-4333-8444-555555555555"), (hidden[0].HiddenBy, hidden[0].Rule.Name, hidden[0].Rule.Id));
    }

    [Theory]
    [InlineData("2027-02-28T23:59:59Z", true)]
    [InlineData("2027-03-01T00:00:00Z", false)]
    [InlineData("2031-01-01T00:00:00Z", false)]
    public void Conclude_Expiry_IsJudgedByTheEventsTime(string time, bool hides)
    {
        var (told, hidden) = Replay(Suppression(ByTheRole), Event("a", "provisioner", time));

        Assert.Equal(hides ? (0, 1) : (1, 0), (told.Count, hidden.Count));
    }

    [Fact]
    public void Conclude_EventWithoutTime_IsTold()
    {
        var (told, _) = Replay(Suppression(ByTheRole), Event("a", "provisioner", null));

        Assert.Single(told);
    }

    [Fact]
    public void Conclude_ToldAlert_HasTheIdThatItHasWithoutTheSuppression()
    {
        var (told, hidden) = Replay(Suppression(ByTheRole), Event("a", "provisioner", "2027-01-01"), Event("b", "somebody", "2027-01-01"));
        var (all, _) = Replay("", Event("a", "provisioner", "2027-01-01"), Event("b", "somebody", "2027-01-01"));

        Assert.Equal(all.Single(alert => EventIdOf(alert) == "b").Id, Assert.Single(told).Id);
        Assert.DoesNotContain(Assert.Single(hidden).Id, all.Select(alert => alert.Id));
    }

    [Fact]
    public async Task Accept_HiddenAlert_IsInTheLedgerAndGoesNowhere()
    {
        var (_, hidden) = Replay(Suppression(ByTheRole), Event("a", "provisioner", "2027-01-01"));
        var clock = new FakeTimeProvider();
        await using var ledger = new InMemoryLedger(clock);
        var sink = Delivery.ScriptedSink.Answers("sink");
        var dispatcher = new Dispatcher(
            ledger,
            [new SinkRoute(sink, Level.Informational)],
            new DispatcherOptions(),
            clock,
            new Random(1),
            new Delivery.NoticeList()
        );

        await dispatcher.AcceptAlertsAsync(hidden, TestContext.Current.CancellationToken);

        var known = Assert.Single(
            await ledger.ReadAlertsAsync(AlertQuery.All, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken)
        );
        Assert.Equal(("provisioning", 0), (known.Alert.HiddenBy, known.Deliveries.Count));
    }

    [Theory]
    [InlineData("owner: platform team", "owner")]
    [InlineData("reason: it makes users by ticket", "reason")]
    [InlineData("expires: 2027-03-01", "expires")]
    public void Read_TermMissing_IsRefused(string term, string named)
    {
        var file = SigmaReader.Read("rules/suppressions/x.yml", Suppression(ByTheRole).Replace(term, "", StringComparison.Ordinal));

        Assert.Empty(file.Rules);
        Assert.Contains(named, Assert.Single(file.Errors).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("2027-13-01")]
    [InlineData("never")]
    public void Read_ExpiryThatIsNoDate_IsRefused(string expires)
    {
        var file = SigmaReader.Read("x.yml", Suppression(ByTheRole).Replace("2027-03-01", expires, StringComparison.Ordinal));

        Assert.Contains("expires is no date", Assert.Single(file.Errors).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("userAgent|contains: Terraform", "suppression/chosen")]
    [InlineData("userIdentity.arn|endswith: /deploy", "suppression/chosen")]
    [InlineData("requestParameters.keyName: build", "suppression/chosen")]
    [InlineData("sourceIPAddress|cidr: 198.51.100.0/24", "suppression/chosen")]
    [InlineData("sourceIPAddress: 10.1.2.3", "suppression/chosen")]
    [InlineData("sourceIPAddress|startswith: cloudformation.amazonaws.com", "suppression/chosen")]
    [InlineData("{sourceIPAddress|cidr: 10.0.0.0/8, userAgent|contains: Terraform}", "suppression/chosen")]
    [InlineData("sourceIPAddress: cloudformation.amazonaws.com", "")]
    [InlineData("{sourceIPAddress|cidr: 10.0.0.0/8, userIdentity.sessionContext.sessionIssuer.userName: provisioner}", "")]
    [InlineData(ByTheRole, "")]
    public void Check_WhatTheCallerChooses_IsRefused(string search, string lint) => Assert.Equal(lint, Findings(search, "2026-01-01"));

    [Theory]
    [InlineData("2027-02-14", "")]
    [InlineData("2027-02-15", "suppression/expires-soon")]
    [InlineData("2027-02-28", "suppression/expires-soon")]
    [InlineData("2027-03-01", "suppression/expired")]
    public void Check_Clock_WarnsBeforeAndAfterTheEnd(string today, string lint) => Assert.Equal(lint, Findings(ByTheRole, today));

    [Fact]
    public void Check_CaseThatMustFire_MayNotBeHidden()
    {
        _shell.Write("rules/user-created/cases/fires_by_provisioner.json", Event("a", "provisioner", "2027-01-01"));

        Assert.Equal("suppression/hides-case", Findings(ByTheRole, "2026-01-01"));
    }

    [Fact]
    public async Task Replay_Suppression_IsToldInTheFooterAndTheStatistics()
    {
        Write(ByTheRole);
        var trail = _shell.Write("trail.json", $"[{Event("a", "provisioner", "2027-01-01")},{Event("b", "somebody", "2027-01-01")}]");

        await _shell.RunAsync("replay", trail, "--rules", Path.Combine(_shell.Folder, "rules"), "--stats");

        Assert.Contains("suppression provisioning hid 1 alerts of user-created (1 events, most of arn:aws:sts", _shell.Out, StringComparison.Ordinal);
        Assert.Contains("1 alerts in 2 records", _shell.Out, StringComparison.Ordinal);
        Assert.Contains(
            "\"suppressed\":[{\"suppression\":\"provisioning\",\"rule\":\"user-created\",\"alerts\":1,\"events\":1}]",
            _shell.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Check_FolderBesideTheShippedRules_KnowsTheirNamesAndTheirCases()
    {
        _shell.Write(
            "mine/suppressions/a.yml",
            Suppression(ByTheRole)
                .Replace("[user-created]", "[root-usag]", StringComparison.Ordinal)
                .Replace("provisioning", "mistyped", StringComparison.Ordinal)
        );
        _shell.Write("mine/suppressions/b.yml", Suppression("userIdentity.type: Root").Replace("[user-created]", "[root-usage]", StringComparison.Ordinal));

        var code = await _shell.RunAsync("rules", "check", "+" + Path.Combine(_shell.Folder, "mine"));

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("filters 'root-usag', which is not loaded: did you mean root-usage?", _shell.Out, StringComparison.Ordinal);
        // However many cases it hides, it is told of once.
        Assert.Matches(
            "it hides what must fire: [0-9]+ cases of root-usage",
            Assert.Single(_shell.OutLines, line => line.Contains("hides-case", StringComparison.Ordinal))
        );
    }

    private string Findings(string search, string today)
    {
        Write(search);
        var load = Detector.App.RuleLoad.From([Path.Combine(_shell.Folder, "rules")]);
        var now = DateTimeOffset.Parse(today + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        return string.Join(
            ' ',
            Linter.Check(load, strict: false, now).Select(finding => finding.Kind.Id).Where(id => id.StartsWith("suppression/", StringComparison.Ordinal))
        );
    }

    private void Write(string search)
    {
        _shell.Write("rules/user-created/rule.yml", UserCreated);
        _shell.Write("rules/suppressions/provisioning.yml", Suppression(search));
    }

    private static string Suppression(string search) =>
        $$"""
            title: The provisioner makes users
            name: provisioning
            owner: platform team
            reason: it makes users by ticket
            expires: 2027-03-01
            logsource: {product: aws, service: cloudtrail}
            filter:
              rules: [user-created]
              selection:
                {{search}}
              condition: not selection
            """;

    private static string Event(string id, string role, string? time) =>
        $$$"""
            {"eventVersion":"1.08","eventID":"{{{id}}}","eventName":"CreateUser","eventSource":"iam.amazonaws.com","awsRegion":"us-east-1",
             {{{(time is null ? "" : $"\"eventTime\":\"{(time.Length > 10 ? time : time + "T10:00:00Z")}\",")}}}
             "userAgent":"Terraform","requestParameters":{"userName":"ann","keyName":"build"},
             "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/{{{role}}}/deploy"}}
            """;

    private static string? EventIdOf(Alert alert) => alert.Events[0].EventId;

    private static (List<Alert> Told, List<Alert> Hidden) Replay(string suppression, params string[] events)
    {
        var rules = RuleSet.Compile([
            .. SigmaReader.Read("rule.yml", UserCreated).Rules,
            .. suppression.Length == 0 ? [] : SigmaReader.Read("suppressions/x.yml", suppression).Rules,
        ]);
        var replay = new Replay(rules);
        using var batch = new EventBatch("test", Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"), Receipt.None);
        var judgement = replay.Try(batch);
        var (told, hidden) = (new List<Alert>(), new List<Alert>());
        replay.Conclude(judgement.Hits.Order(Core.Replay.HitOrder), judgement.Newest, told.Add, hidden.Add);
        return (told, hidden);
    }
}
