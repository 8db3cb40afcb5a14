using System.Text.Json.Nodes;

namespace Detector.Integration.Tests.Live;

/// <summary>Events of which it is known beforehand, by counting and not by rules, which alerts they are to give.</summary>
/// <param name="Events">How many different events there are.</param>
/// <param name="Messages">The events in any order and wrapping, some of them twice.</param>
/// <param name="Expected">The mark of every alert to be told, once each.</param>
/// <param name="Records">The events themselves, for a replay.</param>
internal sealed record DrillStory(int Events, IReadOnlyList<string> Messages, IReadOnlySet<string> Expected, IReadOnlyList<string> Records)
{
    private const int Burst = 10;

    public static DrillStory Make(int events, Random random)
    {
        // All at least a minute old and within the same five minutes; no hour ends among them.
        var begin = DateTimeOffset.UtcNow.AddMinutes(-3);
        if (begin.AddMinutes(2).Hour != begin.Hour)
            begin = begin.AddMinutes(-5);
        var records = new List<JsonObject>();
        var expected = new HashSet<string>(StringComparer.Ordinal);
        Each(events / 20, number => Alone(Trail.KeyPairImport($"drill-import-{number}"), $"drill-import-{number}"));
        Each(events / 25, number => Alone(Trail.AdminGrant($"drill-admin-{number}"), $"drill-admin-{number}"));
        Each(events / 25, number => Alone(Trail.AccessKey($"drill-key-{number}"), $"drill-key-{number}"));
        // Of several uses from one address the first is told.
        Each(events / 100, number => Together(3, _ => Trail.RootUse($"drill-root-{number}", $"198.51.100.{number}"), $"drill-root-{number}"));
        Each(events / 100, number => Together(Burst, i => Trail.Denied($"drill-burst-{number}", i), $"drill-burst-{number}"));
        Each(events / 200, number => Together(Burst - 1, i => Trail.Denied($"drill-few-{number}", i), mark: null));
        Each(events - records.Count, number => Alone(Trail.Quiet($"drill-quiet-{number}"), mark: null));

        var messages = records.Concat(records.Where(_ => random.Next(20) == 0).ToList()).Select(record => Wrap(record, random)).ToArray();
        random.Shuffle(messages);
        return new DrillStory(records.Count, messages, expected, [.. records.Select(record => record.ToJsonString())]);

        void Alone(JsonObject record, string? mark) => Together(1, _ => record, mark);

        void Together(int count, Func<int, JsonObject> record, string? mark)
        {
            for (var i = 0; i < count; i++)
                records.Add(record(i).At(begin.AddSeconds(random.Next(100))));
            if (mark is not null)
                expected.Add(mark);
        }
    }

    private static void Each(int count, Action<int> make)
    {
        for (var number = 0; number < count; number++)
            make(number);
    }

    private static string Wrap(JsonObject record, Random random) =>
        random.Next(10) switch
        {
            0 => record.ToJsonString(),
            1 => Trail.Sns(Trail.EventBridge(record)),
            _ => Trail.EventBridge(record),
        };
}
