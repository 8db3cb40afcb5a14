using System.Text.Json.Nodes;
using Detector.Integration.Tests.Replays;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Chapters of a stream of events in which every alert is known beforehand: some alone, one in ten a burst that a correlation counts, and as many that come to nothing. A chapter
/// holds its bursts whole. Each caller has a key of its own, so that nothing is told of them together.
/// </summary>
internal sealed class SmallStory
{
    private const int Burst = 10;

    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);
    private readonly List<string> _messages = [];
    private int _number;

    /// <summary>Different events so far.</summary>
    public int Events { get; private set; }

    /// <summary>The mark of every alert to be told of the chapters so far.</summary>
    public IReadOnlySet<string> Expected => _expected;

    /// <summary>The messages of another chapter, in any order, some of them twice.</summary>
    /// <param name="alerts">How many alerts they are to give.</param>
    /// <param name="random">Decides the order.</param>
    public IReadOnlyList<string> Chapter(int alerts, Random random)
    {
        var records = new List<string>();
        for (var i = 0; i < alerts; i++)
        {
            var number = _number++;
            if (i % 10 == 9)
                Add($"drill-burst-{number}", Burst, Trail.Denied);
            else
                Add($"drill-key-{number}", 1, (mark, _) => Trail.AccessKey(mark));
            // Of another caller: one who succeeds after a burst would be told of once more.
            records.Add(Trail.EventBridge(Trail.Session(Trail.Quiet($"drill-quiet-{number}"), 1_000_000 + number)));
            Events++;

            void Add(string mark, int times, Func<string, int, JsonObject> make)
            {
                records.AddRange(Enumerable.Range(0, times).Select(i => Trail.EventBridge(Trail.Session(make(mark, i), number))));
                _expected.Add(mark);
                Events += times;
            }
        }
        var messages = records.Concat(records.Where(_ => random.Next(20) == 0).ToList()).ToArray();
        random.Shuffle(messages);
        _messages.AddRange(messages);
        return messages;
    }

    /// <summary>A burst in two parts, of which neither comes to anything by itself.</summary>
    public (IReadOnlyList<string> First, Func<IReadOnlyList<string>> Second) Halves()
    {
        var number = _number++;
        var mark = $"drill-halves-{number}";
        _expected.Add(mark);
        return (Half(0), () => Half(Burst / 2));

        IReadOnlyList<string> Half(int from)
        {
            string[] messages = [.. Enumerable.Range(from, Burst / 2).Select(i => Trail.EventBridge(Trail.Session(Trail.Denied(mark, i), number)))];
            _messages.AddRange(messages);
            Events += messages.Length;
            return messages;
        }
    }

    /// <summary>Holds the ids of alerts, lines of JSON, to those that a replay of the messages gives.</summary>
    public async Task SameAsReplayAsync(LivePath live, IEnumerable<string> alerts)
    {
        await File.WriteAllLinesAsync(live.Deployment.PathOf("trail.json"), _messages, TestContext.Current.CancellationToken);
        var (code, replayed, log) = await ReplayRunner.RunAsync(live.Deployment.Folder, "trail.json");
        Assert.True(code == 0, log);
        Assert.Equal(
            replayed.Select(alert => (string)alert["alertId"]!).Order(StringComparer.Ordinal),
            alerts.Select(alert => (string)JsonNode.Parse(alert)!["id"]!["value"]!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
        );
    }

    public DrillCount Count(string drill) => new(drill, Events, Expected);
}
