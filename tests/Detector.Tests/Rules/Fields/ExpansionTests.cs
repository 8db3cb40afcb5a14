using System.Text;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Rules.Fields;

/// <summary>What a derived field is expanded to says what the field itself says, on every combination of what it depends on.</summary>
public sealed class ExpansionTests
{
    private static readonly string[] Absent = ["", "null", "\"\"", "\"X\""];

    [Theory]
    [InlineData("detector.outcome", "success")]
    [InlineData("detector.outcome", "Attempt")]
    [InlineData("detector.service", "true")]
    [InlineData("detector.service", "false")]
    [InlineData("detector.root", "True")]
    [InlineData("detector.root", "false")]
    public void Match_OfAnExpandedField_IsWhatTheFieldSays(string field, string value)
    {
        var rules = Matching.Load([("r.yml", Matching.RuleAround($"{{s: {{{field}: '{value}'}}, condition: s}}"))]);
        var reader = new FieldReader([field]);
        var met = 0;
        foreach (var record in Records())
        {
            var view = reader.Read(Encoding.UTF8.GetBytes(record));
            var says =
                view.First(0) >= 0
                && view.TryText(view.First(0), out var text)
                && Encoding.UTF8.GetString(text).Equals(value, StringComparison.OrdinalIgnoreCase);

            Assert.True(says == Matching.Run(rules, record).Single().Any(), record);
            met += says ? 1 : 0;
        }
        Assert.InRange(met, 1, Records().Count() - 1);
    }

    private static IEnumerable<string> Records() =>
        from error in Absent
        from message in Absent
        from source in (string[])["iam.amazonaws.com", "signin.amazonaws.com"]
        from answer in (string[])["null", """{"ConsoleLogin":"Success"}""", """{"ConsoleLogin":"Failure"}""", "7"]
        from service in (string[])["AwsApiCall", "AwsServiceEvent"]
        from identity in Identities()
        select $$"""{"eventName":"ConsoleLogin","eventSource":"{{source}}","eventType":"{{service}}","responseElements":{{answer}}{{Member("errorCode", error)}}{{Member("errorMessage", message)}},"userIdentity":{{identity}}}""";

    private static IEnumerable<string> Identities() =>
        from type in (string[])["Root", "AWSService", "IAMUser"]
        from invokedBy in (string[])["", "null", "\"\"", "\"signin.amazonaws.com\"", "\"ec2.amazonaws.com\""]
        from session in (string[])["null", """{"assumedRoot":"true"}""", """{"assumedRoot":true}""", """{"assumedRoot":"false"}"""]
        select $$"""{"type":"{{type}}"{{Member("invokedBy", invokedBy)}},"sessionContext":{{session}}}""";

    private static string Member(string name, string value) => value.Length == 0 ? "" : $",\"{name}\":{value}";
}
