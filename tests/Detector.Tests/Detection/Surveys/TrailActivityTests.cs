using System.Text;
using System.Text.Json.Nodes;
using Detector.Core.Detection;
using Detector.Core.Detection.Surveys;
using Detector.Core.Events;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Detection.Surveys;

public sealed class TrailActivityTests
{
    private const string Ec2 = """{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}""";

    [Fact]
    public void Chains_OfSessions_LeadToThePersonThePipelineOrTheInstance()
    {
        var activity = Of(
            Assume("""{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accessKeyId":"AKIA1"}""", "ASIA1"),
            Assume(Session("ASIA1", "a/x"), "ASIA2"),
            Act(Session("ASIA2", "b/x")),
            Assume("""{"type":"WebIdentityUser","userName":"repo:o/r","identityProvider":"token.example"}""", "ASIA3"),
            Act(Session("ASIA3", "deploy/run")),
            Assume(Ec2, "ASIA4"),
            Act(Session("ASIA4", "web/i-1")),
            Assume(Ec2, "ASIA5"),
            Assume(Session("ASIA5", "web/i-2", """{"ec2RoleDelivery":"2.0"}"""), "ASIA6"),
            Act(Session("ASIA6", "worker/w")),
            // Whoever names a session as an instance is none.
            Assume("""{"type":"IAMUser","arn":"arn:aws:iam::1:user/mal","accessKeyId":"AKIA2"}""", "ASIA7"),
            Act(Session("ASIA7", "web/i-3")),
            Act(Session("ASIA8", "lost/x"))
        );

        Assert.Equal(
            [
                "User arn:aws:iam::1:user/ann > a/x",
                "User arn:aws:iam::1:user/ann > a/x > b/x",
                "OidcSubject repo:o/r > deploy/run",
                "Instance arn:aws:sts::1:assumed-role/web/i-1",
                "Instance arn:aws:sts::1:assumed-role/web/i-2",
                "Instance arn:aws:sts::1:assumed-role/web/i-2 > worker/w",
                "User arn:aws:iam::1:user/mal > web/i-3",
            ],
            activity
                .Chains()
                .OrderBy(one => one.Session.AccessKeyId, StringComparer.Ordinal)
                .Select(one =>
                    string.Join(
                        " > ",
                        one.Chain.Sessions.Select(session => session.Name.Replace("arn:aws:sts::1:assumed-role/", "", StringComparison.Ordinal))
                            .Prepend($"{one.Chain.Kind} {one.Chain.Actor}")
                    )
                )
        );
    }

    [Fact]
    public void Principals_OfARecord_HaveWhatItTellsOfThem()
    {
        var activity = Of(
            Act(Session("ASIA1", "a/x"), ",\"errorCode\":\"AccessDenied\""),
            Act(Session("ASIA2", "a/y"), time: "2026-05-01T09:00:00Z"),
            Assume("""{"type":"IAMUser","arn":"arn:aws:iam::1:user/ann","accessKeyId":"AKIA1"}""", "ASIA1"),
            """{"eventID":"s","eventTime":"2026-05-01T08:00:00Z","userIdentity":{"accountId":"1","invokedBy":"secretsmanager.amazonaws.com"}}"""
        );

        var role = activity.Principals.Single(one => one.Name == "arn:aws:iam::1:role/a");
        Assert.Equal((2L, 1L, "AssumedRole"), (role.Calls, role.Denied, role.Type));
        Assert.Equal(["ASIA1", "ASIA2"], role.Keys.Ordered.Select(one => one.Name));
        Assert.Equal(["198.51.100.7"], role.Addresses.Ordered.Select(one => one.Name));
        Assert.Equal(TimeSpan.FromHours(1), role.Last - role.First);
        Assert.Equal(["arn:aws:iam::1:role/b"], activity.Principals.Single(one => one.Type == "IAMUser").Roles.Ordered.Select(one => one.Name));
        Assert.Equal("", activity.Principals.Single(one => one.Name == "secretsmanager.amazonaws.com").Type);
    }

    [Fact]
    public void Type_OfAPrincipalOfSeveral_IsThatOfMostRecordsWhoeverCountsThemFirst()
    {
        var service = """{"eventID":"s","eventTime":"2026-05-01T08:00:00Z","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}}""";
        var nobody = """{"eventID":"n","eventTime":"2026-05-01T08:00:00Z","userIdentity":{"invokedBy":"ec2.amazonaws.com"}}""";
        var root = """{"eventID":"r","eventTime":"2026-05-01T08:00:00Z","userIdentity":{"type":"Root","invokedBy":"ec2.amazonaws.com"}}""";
        string[][] parts =
        [
            [nobody, root],
            [service, service],
        ];

        foreach (var order in (string[][][])[parts, [.. parts.Reverse()]])
        {
            var all = Of(order[0]);
            all.Add(Of(order[1]));

            Assert.Equal((4L, "AWSService"), all.Principals.Select(one => (one.Calls, one.Type)).Single());
        }
    }

    [Fact]
    public void Add_NamesThatAreWrittenInSeveralWays_CountAsWhoeverParsesTheRecords()
    {
        var random = new Random(20260501);
        string[] names = ["a", "\\u0061", "ä", "\\u00e4", "", "x\\ny", "😀", "\\ud83d\\ude00", "aa"];
        string[] errors = ["", "AccessDenied", "Client.unauthorizedOperation", "NoSuchBucket"];
        string[] records =
        [
            .. Enumerable
                .Range(0, 600)
                .Select(_ =>
                    $$"""
                        {"eventTime":"2026-05-01T08:00:00Z","eventSource":"{{names[random.Next(9)]}}",
                        "awsRegion":"{{names[random.Next(9)]}}","errorCode":"{{errors[random.Next(4)]}}","userIdentity":{"arn":"{{names[
                            random.Next(9)
                        ]}}","type":"IAMUser"},
                        "sourceIPAddress":"{{names[random.Next(9)]}}","userAgent":{{(random.Next(4) == 0 ? "7" : $"\"{names[random.Next(9)]}\"")}}}
                        """
                ),
        ];
        var half = Of(records[..300]);

        half.Add(Of(records[300..]));

        var parsed = records
            .Select(record => JsonNode.Parse(record)!)
            .GroupBy(record => record["userIdentity"]!["arn"]!.ToString() is { Length: > 0 } arn ? arn : "(nobody named)");
        foreach (var theirs in parsed)
        {
            var ours = half.Principals.Single(one => one.Name == theirs.Key);
            Assert.Equal(theirs.LongCount(), ours.Calls);
            Assert.Equal(Counted(theirs, "sourceIPAddress"), ours.Addresses.Ordered);
            Assert.Equal(Counted(theirs, "userAgent"), ours.Agents.Ordered);
            Assert.Equal(Counted(theirs, "eventSource"), ours.Services.Ordered);
            Assert.Equal(Counted(theirs, "awsRegion"), ours.Regions.Ordered);
            Assert.Equal(theirs.LongCount(record => record["errorCode"]!.ToString() is "AccessDenied" or "Client.unauthorizedOperation"), ours.Denied);
        }
        Assert.Equal(parsed.Count(), half.Principals.Count());

        static IEnumerable<(string, long)> Counted(IEnumerable<JsonNode> records, string field) =>
            records
                .Select(record => record[field]!.ToString())
                .Where(text => text.Length > 0)
                .GroupBy(text => text)
                .Select(one => (one.Key, one.LongCount()))
                .OrderByDescending(one => one.Item2)
                .ThenBy(one => one.Key, StringComparer.Ordinal);
    }

    [Fact]
    public void Add_MoreNamesThanAreKept_CountsTheFirstAndThoseStill()
    {
        var records = Enumerable.Range(0, NameCounts.Most + 5).Append(0).Append(NameCounts.Most + 1).Select(number => Act(Session($"AKIA{number}", "a/x")));

        var role = Of([.. records]).Principals.Single();

        Assert.Equal((NameCounts.Most, "AKIA0", 2L), (role.Keys.Count, role.Keys.Ordered[0].Name, role.Keys.Ordered[0].Count));
        Assert.All(role.Keys.Ordered.Skip(1), key => Assert.Equal(1, key.Count));
        Assert.Equal(NameCounts.Most + 7, role.Calls);
    }

    private static TrailActivity Of(params string[] records)
    {
        var survey = new Survey(activity: true);
        var judge = new Judge(RuleSet.Empty);
        foreach (var record in records)
            judge.Try(new EventBatch("trail.json", Encoding.UTF8.GetBytes(record), Receipt.None), survey);
        return survey.Activity!;
    }

    private static string Session(string key, string name, string context = "{}") =>
        $$"""
            {"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/{{name}}","accessKeyId":"{{key}}","sessionContext":{{context[..^1]}}{{(
                context is "{}" ? "" : ","
            )}}
            "sessionIssuer":{"arn":"arn:aws:iam::1:role/{{name.Split('/')[0]}}" } } }
            """;

    private static string Assume(string identity, string key) =>
        Act(
            identity,
            $$$""","requestParameters":{"roleArn":"arn:aws:iam::1:role/b"},"responseElements":{"credentials":{"accessKeyId":"{{{key}}}"}}""",
            "sts",
            "AssumeRole"
        );

    private static string Act(string identity, string more = "", string service = "ec2", string name = "DeleteVolume", string time = "2026-05-01T08:00:00Z") =>
        $$$"""
            {"eventID":"{{{Guid.NewGuid()}}}","eventTime":"{{{time}}}","eventSource":"{{{service}}}.amazonaws.com","eventName":"{{{name}}}","recipientAccountId":"1",
            "sourceIPAddress":"198.51.100.7","userIdentity":{{{identity}}}{{{more}}}}
            """;
}
