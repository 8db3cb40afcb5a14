using Detector.Core.Delivery;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Tests.Rules;
using FsCheck.Xunit;

namespace Detector.Tests.Detection.History;

/// <summary>
/// Rules that ask for history give the same alerts however the events come within the lateness, in whatever batches, however often, and whenever the process
/// dies.
/// </summary>
public sealed class HistoryEqualsReplayTests
{
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(16);

    private static readonly Lazy<RuleSet> Rules = new(() =>
        Matching.Load([
            Rule("joins", "{s: {eventName: AddUserToGroup, detector.history.groupAdministrative: true}, condition: s}"),
            Rule("attaches", "{s: {eventName: AttachGroupPolicy}, one: {detector.history.administrators: 1}, condition: s and not one}"),
            Rule("version", "{s: {eventName: SetDefaultPolicyVersion, detector.history.policyAdministrative: true}, condition: s}"),
            Rule("later", "{s: {eventName: CreateAccessKey, detector.history.activeAccessKeys|gte: 2}, condition: s}", "after: 20s"),
            Rule(
                "used",
                "{s: {userIdentity.accessKeyId|startswith: AKIA, detector.history.accessKeyIdleDays|lte: 10}, condition: s}",
                "sighting: {by: [userIdentity.accessKeyId], per: 10s}"
            ),
            ("often.yml", "title: often\nname: often\ncorrelation: {type: event_count, rules: used, timespan: 30s, generate: true, condition: {gte: 2}}"),
        ])
    );

    [Property(MaxTest = 500)]
    public void Shuffled_WithinTheLateness_SameAlerts(Act[] story, byte[] cuts)
    {
        var expected = InOrder(story);

        using var stage = new Stage(Rules.Value, Lateness);
        foreach (var batch in Arrivals(story, cuts))
        {
            stage.Send(batch);
        }
        stage.End();

        Assert.Equal(expected, stage.Alerts.ToHashSet());
        Assert.Empty(stage.Waiting);
    }

    [Property(MaxTest = 500)]
    public void Killed_AtAnyStep_SameAlerts(Act[] story, byte[] cuts, byte death, Step step)
    {
        var expected = InOrder(story);

        using var stage = new Stage(Rules.Value, Lateness);
        stage.SendAndDie(Arrivals(story, cuts), death, step);
        stage.End();

        Assert.Equal(expected, stage.Alerts.ToHashSet());
        Assert.Empty(stage.Waiting);
    }

    private static HashSet<AlertId> InOrder(Act[] story)
    {
        using var stage = new Stage(Rules.Value);
        using var batch = Stage.Batch(story.Select((act, n) => (act, n)).OrderBy(x => x.act.Second % 64).Select(x => x.act.Record(x.n)));
        stage.Send(batch);
        stage.End();
        return [.. stage.Alerts];
    }

    private static List<EventBatch> Arrivals(Act[] story, byte[] cuts) =>
        Stage.Batches(story.Select((act, n) => (act.Arrival, Record: act.Record(n))).OrderBy(x => x.Arrival).Select(x => x.Record), cuts);

    private static (string, string) Rule(string name, string detection, string extras = "") =>
        (
            $"{name}.yml",
            $"name: {name}\n{Matching.RuleAround(detection).Replace("title: t", $"title: {name}", StringComparison.Ordinal)}{(extras.Length > 0 ? $"\ndetector: {{{extras}}}" : "")}"
        );

    /// <summary>Something that somebody does to one of few groups, policies and keys.</summary>
    public sealed record Act(byte What, byte Second, byte Whom, byte Delay)
    {
        private const string Admin = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}""";
        private const string Harmless = """{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::b\"}}""";

        public int Arrival => Second % 64 + Delay % (Lateness.Seconds + 1);

        private string Name => $"{"ab"[Whom % 2]}";

        public string Record(int number)
        {
            var (name, request, response) = (What % 10) switch
            {
                0 => ("AttachGroupPolicy", $$"""{"groupName":"{{Name}}","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""", "null"),
                1 => ("DetachGroupPolicy", $$"""{"groupName":"{{Name}}","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}""", "null"),
                2 or 3 => ("AddUserToGroup", $$"""{"groupName":"{{Name}}","userName":"u"}""", "null"),
                4 => (
                    "CreatePolicyVersion",
                    $$"""{"policyArn":"arn:aws:iam::1:policy/p","policyDocument":"{{(Whom % 3 == 0 ? Admin : Harmless)}}"}""",
                    $$$"""{"policyVersion":{"versionId":"{{{Name}}}"}}"""
                ),
                5 => ("SetDefaultPolicyVersion", $$"""{"policyArn":"arn:aws:iam::1:policy/p","versionId":"{{Name}}"}""", "null"),
                6 => ("CreateAccessKey", """{"userName":"u"}""", $$$"""{"accessKey":{"userName":"u","accessKeyId":"AKIA{{{Name}}}","status":"Active"}}"""),
                7 => ("DeleteAccessKey", $$"""{"userName":"u","accessKeyId":"AKIA{{Name}}"}""", "null"),
                _ => ("ListUsers", "null", "null"),
            };
            return $$"""{"eventID":"{{number}}","eventSource":"iam.amazonaws.com","eventName":"{{name}}","eventTime":"{{Stage.Start.AddSeconds(Second % 64):yyyy-MM-ddTHH:mm:ssZ}}","recipientAccountId":"1","userIdentity":{"type":"IAMUser","userName":"u","accountId":"1","accessKeyId":"AKIA{{Name}}"},"requestParameters":{{request}},"responseElements":{{response}}}""";
        }
    }
}
