using Detector.Adapters.Enrichers;
using Detector.App;
using Detector.App.Options;
using Detector.Core.Delivery;
using Detector.Core.Rules;
using Detector.Core.Rules.Sigma;
using Detector.Tests.Adapters.Slack;

namespace Detector.Tests.App;

public sealed class SlackSinksTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(Level.High, "111122223333", "admin-grant", "slack:#payments")]
    [InlineData(Level.Critical, "111122223333", "admin-grant", "slack:#payments slack:C0ONCALL")]
    [InlineData(Level.Medium, "111122223333", "admin-grant", "slack")]
    [InlineData(Level.Critical, "444455556666", "admin-grant", "slack:C0ONCALL")]
    [InlineData(Level.High, "444455556666", "admin-grant", "slack")]
    [InlineData(Level.Low, "444455556666", "admin-grant", "")]
    [InlineData(Level.Low, "444455556666", "root-usage", "slack:C0ONCALL")]
    public void Of_Alert_GoesToEveryRouteThatTakesItElseToSlacksOwnChannel(Level level, string account, string rule, string expected)
    {
        var routes = Routes(
            "slack: { token: xoxb-0123456789abcdef, channel: C0SECURITY, routes: [to=#payments account=111122223333 level=high, to=C0ONCALL level=critical, to=C0ONCALL rule=root-*] }"
        );
        var alert = SlackAlerts.AdminGrant with
        {
            Rule = SlackAlerts.AdminGrant.Rule with { Level = level, Name = rule },
            Facts = SlackAlerts.AdminGrant.Facts with { Account = account },
        };

        Assert.Equal(expected, string.Join(' ', routes.Where(route => route.Takes(alert)).Select(route => route.Sink.Name)));
    }

    [Fact]
    public void Of_TagAndWebhookFile_IsASinkOfItsOwn()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "https://hooks.slack.example/services/T/B/other");
        var routes = Routes(
            $"slack: {{ webhook: 'https://hooks.slack.example/services/T/B/own', routes: ['webhookFile={file} tag=attack.persistence tag=attack.t1098*'] }}"
        );
        var tagged = SlackAlerts.AdminGrant with { Rule = SlackAlerts.AdminGrant.Rule with { Tags = ["attack.t1098.003"] } };

        Assert.Equal(["slack", $"slack:{Path.GetFileName(file)}"], routes.Select(route => route.Sink.Name));
        Assert.Equal([false, true], routes.Select(route => route.Takes(tagged)));
        Assert.Equal([true, false], routes.Select(route => route.Takes(SlackAlerts.AdminGrant)));
        File.Delete(file);
    }

    [Theory]
    [InlineData("slack: { token: xoxb-0123456789abcdef }", "slack.channel: is missing")]
    [InlineData("slack: { channel: C0SECURITY }", "slack.webhook: is missing")]
    [InlineData("slack: { webhook: 'https://a.example/x', channel: C0SECURITY }", "slack.channel: goes with slack.token")]
    [InlineData("slack: { webhook: 'https://a.example/x', token: xoxb-0123456789abcdef, channel: C1 }", "exclude each other")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: 'a b' }", "is no channel")]
    [InlineData("slack: { webhook: 'https://a.example/x', routes: [to=C1] }", "needs slack.token")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [level=high] }", "needs one to=CHANNEL")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [to=C2 severity=high] }", "unknown test \"severity\"")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [to=C2 level=hight] }", "has a level that is none of")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [to=C2 account=12] }", "none of 12 digits")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [webhookFile=/no/such/file] }", "names no file that can be read")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: [to=C2, webhookFile=/no/such/file] }", "route 2: names no file")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: xoxb-0123456789abcdef }", "the token given is no channel")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: ['https://a.example/xoxb rule=a'] }", "without = and a value: the URL given")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: ['to=https://a.example/xoxb'] }", "the URL given has a channel that")]
    [InlineData("slack: { token: xoxb-0123456789abcdef, channel: C1, routes: ['webhook=https://a.example/xoxb'] }", "unknown test \"webhook\"")]
    [InlineData("accounts: { 12: prod }", "is no account of 12 digits")]
    public void Read_SettingsThatCannotBeMeant_SaysWhy(string yaml, string reason)
    {
        var configuration = Load(yaml);

        Assert.Null(configuration.Options);
        Assert.Contains(configuration.Errors, error => error.ToString().Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain(configuration.Errors, error => error.ToString().Contains("xoxb", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Accounts_AreAMapping()
    {
        var configuration = Load("accounts: { 111122223333: payments prod, '444455556666': dev }\nenrich: { city: a.mmdb }");

        Assert.Equal(("payments prod", "dev"), (configuration.Options!.Accounts["111122223333"], configuration.Options.Accounts["444455556666"]));
        Assert.Equal(new EnrichOptions("a.mmdb", null), configuration.Options.Enrich);
    }

    [Fact]
    public void Read_TwoWebhooksInFilesOfOneName_SaysWhy()
    {
        var folder = Directory.CreateTempSubdirectory("routes-");
        foreach (var team in (string[])["red", "blue"])
            File.WriteAllText(Path.Combine(folder.CreateSubdirectory(team).FullName, "hook"), $"https://hooks.slack.example/services/T/B/{team}");

        var configuration = Load(
            $"slack: {{ token: xoxb-0123456789abcdef, channel: C1, routes: [webhookFile={folder.FullName}/red/hook, webhookFile={folder.FullName}/blue/hook] }}"
        );

        Assert.Contains(configuration.Errors, error => error.ToString().Contains("two webhooks are in files called \"hook\"", StringComparison.Ordinal));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Of_SameWebhookInTwoFiles_TellsAnAlertOnce()
    {
        var folder = Directory.CreateTempSubdirectory("routes-");
        foreach (var name in (string[])["a", "b", "own"])
            File.WriteAllText(Path.Combine(folder.FullName, name), $"https://hooks.slack.example/services/T/B/{(name == "own" ? "own" : "same")}");

        var routes = Routes(
            $"slack: {{ webhookFile: {folder.FullName}/own, routes: [webhookFile={folder.FullName}/a, webhookFile={folder.FullName}/b, webhookFile={folder.FullName}/own] }}"
        );

        Assert.Equal(["slack", "slack:a"], routes.Where(route => route.Takes(SlackAlerts.AdminGrant)).Select(route => route.Sink.Name));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("rule=root-usag", "a route to slack:C2 asks for rule=root-usag, which no loaded rule has: root-usage may be meant")]
    [InlineData("tag=attack.nonsense", "a route to slack:C2 asks for tag=attack.nonsense, which no loaded rule has")]
    [InlineData("rule=root-usage rule=nothing-like-it", "a route to slack:C2 asks for rule=nothing-like-it, which no loaded rule has")]
    [InlineData("rule=ROOT-* tag=attack.t1078* level=high account=111122223333", null)]
    [InlineData("rule=c8e2ff7a-0000-4000-8000-000000000001", null)]
    [InlineData("rule=detector-silence tag=detector.detector-tampering", null)]
    public void Unmet_TestThatNoRuleMeets_IsTold(string tests, string? told)
    {
        var options = Load($"slack: {{ token: xoxb-0123456789abcdef, channel: C1, routes: [to=C2 {tests}] }}").Options!.Slack!;
        var rules = RuleSet.Compile(
            SigmaReader
                .Read(
                    "a.yml",
                    """
                    title: Root
                    id: c8e2ff7a-0000-4000-8000-000000000001
                    name: root-usage
                    tags: [attack.t1078.004]
                    logsource: {product: aws, service: cloudtrail}
                    detection: {selection: {userIdentity.type: Root}, condition: selection}
                    """
                )
                .Rules
        );

        Assert.Equal(told is null ? [] : [told], SlackRouteNames.Unmet(options, rules));
    }

    private Configuration Load(string yaml)
    {
        File.WriteAllText(_file, yaml);
        return Configuration.Load(_file, [], []);
    }

    private List<SinkRoute> Routes(string yaml)
    {
        var configuration = Load(yaml);
        Assert.Empty(configuration.Errors);
        return
        [
            .. SlackSinks.Of(configuration.Options!.Slack!, new DigestOptions(), new InMemoryLedger(TimeProvider.System), Enrichment.None, TimeProvider.System),
        ];
    }
}
