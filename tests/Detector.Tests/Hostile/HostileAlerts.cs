using Detector.Adapters.Enrichers;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Rules;
using Detector.Core.Rules.Fields;

namespace Detector.Tests.Hostile;

/// <summary>Alerts whose every text somebody hostile has chosen: names, agents, sessions, tags, keys, policies, regions, errors, and a rule's own words too.</summary>
/// <param name="random">Makes the same alerts for the same seed.</param>
internal sealed class HostileAlerts(Random random)
{
    private static readonly DateTimeOffset Happened = new(2026, 3, 5, 12, 3, 11, TimeSpan.Zero);

    private int _made;

    /// <summary>A next one.</summary>
    public Alert Next()
    {
        var rule = new AlertRule(Text(), Text(), Text(), Any<Level>(), Texts(5), Text(), Text());
        return new Alert
        {
            Id = AlertId.Of("hostile", $"{_made++}"),
            Rule = rule,
            Kind = Any<AlertKind>(),
            Late = Maybe(),
            Group = OrNull(Text),
            Events = [.. Enumerable.Range(0, Count(1, 30, 200)).Select(_ => Event())],
            Facts = new AlertFacts
            {
                Actor = OrNull(Name),
                ActorType = OrNull(Text),
                Behind = Maybe()
                    ? new ActorChain(Name(), Any<ActorKind>(), OrNull(Text), [.. Enumerable.Range(0, random.Next(4)).Select(_ => Session())])
                    : null,
                AccessKeyId = OrNull(Text),
                Account = Maybe() ? "111122223333" : OrNull(Text),
                Region = Maybe() ? "us-east-1" : OrNull(Text),
                EventSource = Maybe() ? "iam.amazonaws.com" : OrNull(Text),
                EventName = OrNull(Text),
                SourceAddress = OrNull(Text),
                UserAgent = OrNull(Text),
                ErrorCode = OrNull(Text),
                Mfa = Maybe() ? "no" : OrNull(Text),
                Targets = Texts(40),
            },
        };
    }

    /// <summary>What is known besides, as hostile.</summary>
    public AlertContext Context() =>
        new()
        {
            AccountName = OrNull(Text),
            Place = OrNull(Text),
            Country = OrNull(Text),
            Network = OrNull(Text),
            FirstSeen = Texts(3),
            Calls = [.. Enumerable.Range(0, random.Next(12)).Select(_ => new RecentCall(Happened, Text(), Text(), OrNull(Text)))],
            Steps = Texts(8),
            Missing = Texts(3),
        };

    /// <summary>A text.</summary>
    public string Text() => HostileText.Any(random);

    /// <summary>A record of an attacker, whole: as CloudTrail would write it.</summary>
    public string Record() =>
        $$"""
            {"eventID":{{Json()}},"eventTime":"2026-03-05T12:03:11Z","eventSource":{{Json()}},"eventName":{{Json()}},"awsRegion":{{Json()}},"recipientAccountId":{{Json()}},
            "sourceIPAddress":{{Json()}},"userAgent":{{Json()}},"errorCode":{{Json()}},"requestParameters":{"roleArn":{{Json()}},{{Json()}}:{{Json()}}},
            "userIdentity":{"type":{{Json()}},"arn":{{Json()}},"accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"arn":{{Json()}} } } } }
            """.ReplaceLineEndings("");

    private string Json() => System.Text.Json.JsonSerializer.Serialize(Text());

    private AlertEvent Event() =>
        new(
            Maybe() ? Guid.Empty.ToString("D") : OrNull(Text),
            Maybe() ? Happened.AddSeconds(random.Next(9_000)) : null,
            OrNull(Text),
            Text(),
            random.Next(100)
        );

    private ActorSession Session() => new(Name(), OrNull(Text), Maybe() ? Happened : null);

    /// <summary>An ARN whose end is the caller's choice, as of a session; or anything.</summary>
    private string Name() =>
        random.Next(3) switch
        {
            0 => $"arn:aws:sts::111122223333:assumed-role/ops/{Text()}",
            1 => $"arn:aws:iam::111122223333:user/{Text()}",
            _ => Text(),
        };

    private IReadOnlyList<string> Texts(int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => Text())];

    /// <summary>Mostly few, seldom many.</summary>
    private int Count(int least, int few, int many) => random.Next(least, random.Next(40) == 0 ? many : few);

    private bool Maybe() => random.Next(2) == 0;

    private string? OrNull(Func<string> text) => random.Next(6) == 0 ? null : text();

    private T Any<T>()
        where T : struct, Enum
    {
        var all = Enum.GetValues<T>();
        return all[random.Next(all.Length)];
    }
}
