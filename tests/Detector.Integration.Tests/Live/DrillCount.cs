using System.Globalization;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// The drill's own count of what went in against what each sink received, by the marks of its events. It asks nothing of the program under test. Each line is a row of
/// docs/reliability.md.
/// </summary>
/// <param name="drill">Its name.</param>
/// <param name="events">How many different events went in.</param>
/// <param name="expected">The mark of every alert to be told.</param>
internal sealed class DrillCount(string drill, int events, IReadOnlySet<string> expected)
{
    /// <summary>What one cut-off call may repeat at SNS.</summary>
    public const int SnsAtOnce = Detector.Adapters.Aws.TopicMessage.MostInBatch;

    /// <summary>Holds a sink to its promise: each alert, nothing else, and no more repeats than may be.</summary>
    public void Compare(string sink, IReadOnlyList<string> delivered, int mostRepeats)
    {
        var distinct = delivered.ToHashSet(StringComparer.Ordinal);
        var lost = expected.Except(distinct, StringComparer.Ordinal).ToList();
        var repeated = delivered.Count - distinct.Count;
        Say(
            $"{drill}, {sink}: {events} events, {expected.Count} expected, {distinct.Count} delivered, {repeated} repeated (at most {mostRepeats}), {lost.Count} lost"
        );
        Assert.Empty(lost);
        Assert.Empty(distinct.Except(expected, StringComparer.Ordinal));
        Assert.InRange(repeated, 0, mostRepeats);
    }

    /// <summary>All three sinks of a live path.</summary>
    /// <param name="live">Where they received.</param>
    /// <param name="interruptions">How often sends may have been cut off: each cut repeats at most those in flight.</param>
    public async Task CompareAsync(LivePath live, int interruptions) =>
        Compare(live, (await live.Inbox.ReadAsync()).Select(message => message.Body), interruptions);

    /// <summary>The same, where SNS was counted elsewhere.</summary>
    public void Compare(LivePath live, IEnumerable<string> published, int interruptions)
    {
        Compare("slack", Marks.In(live.Slack.Channel.Select(post => post.Body)), interruptions);
        Compare("sns", Marks.In(published), interruptions * SnsAtOnce);
        Compare("jsonl", Marks.In(live.Deployment.Alerts), interruptions);
    }

    /// <summary>A line of a drill, for whoever watches it and for the test's report.</summary>
    public static void Say(string line)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.WriteLine(line);
    }

    /// <summary>A whole number that makes a drill longer, from the environment.</summary>
    public static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
