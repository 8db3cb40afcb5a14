using System.Text.RegularExpressions;
using Detector.Adapters.Aws;
using Detector.App.Vigil;
using Detector.Core.Delivery;
using Detector.Core.Rules;

namespace Detector.Tests.Adapters.Aws;

/// <summary>Holds the filter policies that docs/sns.md shows to what is really sent.</summary>
public sealed partial class FilterPolicyTests
{
    private const string Topic = "arn:aws:sns:us-east-1:111122223333:alerts";
    private static readonly Alert Grave = Alert("grave", Level.Critical, "111122223333", "us-east-1", "attack.t1078.004");
    private static readonly Alert Mild = Alert("mild", Level.Medium, "111122223333", "eu-central-1", "attack.t1098");
    private static readonly Alert Elsewhere = Alert("elsewhere", Level.High, "999999999999", "eu-central-1", "attack.t1078");

    private static readonly Dictionary<string, TopicMessage> Sent = new(StringComparer.Ordinal)
    {
        ["a grave alert"] = Message(Grave),
        ["a mild alert"] = Message(Mild),
        ["one of another account"] = Message(Elsewhere),
        ["the detector's own"] = Message(SelfAlert.Silence("sqs", AlertSamples.Happened, TimeSpan.FromHours(1), "usual")),
        ["a digest of all three"] = Message(Grave, Mild, Elsewhere),
        ["a digest of the mild one"] = Message(Mild, Mild with { Id = AlertId.Of("another") }),
    };

    private static readonly List<string> Shown =
    [
        .. Blocks
            .Matches(File.ReadAllText(Repository.PathOf("docs", "sns.md")))
            .Select(block => block.Groups["json"].Value)
            .Where(json => !json.Contains("\"schema\"")),
    ];

    /// <summary>A beginning of each policy, and who gets through.</summary>
    public static TheoryData<string, string[]> Policies =>
        new()
        {
            { """{"severity": ["high", "critical"], "account":""", ["a grave alert", "a digest of all three"] },
            { """{"severity": ["high", "critical"], "$or":""", ["a grave alert", "the detector's own", "a digest of all three"] },
            { """{"tags":""", ["a grave alert", "one of another account", "a digest of all three"] },
            { """{"kind": ["alert"]""", ["a mild alert", "one of another account"] },
        };

    [Theory]
    [MemberData(nameof(Policies))]
    public void Documented_Policy_LetsThroughWhatTheDocumentSays(string beginning, string[] through)
    {
        var policy = new FilterPolicy(Assert.Single(Shown, json => json.StartsWith(beginning, StringComparison.Ordinal)));

        Assert.Equal(through.Order(StringComparer.Ordinal), Sent.Where(one => policy.Accepts(one.Value)).Select(one => one.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Documented_Policies_AreAllTried() => Assert.Equal(Policies.Count, Shown.Count);

    private static Alert Alert(string name, Level level, string account, string region, string tag) =>
        AlertSamples.Root with
        {
            Id = AlertId.Of(name),
            Rule = AlertSamples.Root.Rule with { Id = name, Name = name, Level = level, Tags = [tag] },
            Facts = AlertSamples.Root.Facts with { Account = account, Region = region },
        };

    private static TopicMessage Message(Alert alert) => SnsMessage.Of(Topic, new Dispatch(alert, "sns", 1), AlertSamples.Happened);

    private static TopicMessage Message(params Alert[] alerts) =>
        SnsMessage.Of(Topic, new Digest(AlertId.Of("digest"), "sns", 1, [.. alerts.Select(alert => new Dispatch(alert, "sns", 1))]));

    [GeneratedRegex("```json\\n(?<json>.*?)\\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Blocks { get; }
}
