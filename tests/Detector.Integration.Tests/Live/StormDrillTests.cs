using System.Text.RegularExpressions;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Thousands of alerts at once, told in digests by a program that is killed at random moments: each alert is told, by itself or in one digest and never in both, and
/// nothing is repeated but what was under way. Counted by the marks that the events bear, which every digest has to name as actors.
/// </summary>
public sealed partial class StormDrillTests(Emulator emulator)
{
    private const int Kills = 6;
    private const int SnsAtOnce = Detector.Adapters.Aws.TopicMessage.MostInBatch;

    [Fact]
    public async Task Run_KilledInAStorm_LosesNoAlertAndRepeatsOnlyWhatWasUnderWay()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var alerts = DrillCount.Setting("DETECTOR_DRILL_STORM", 3_000);
        await using var live = await LivePath.MakeAsync(emulator, digests: "after: 20\n  period: 10s");
        var (messages, expected) = Story(alerts, random);
        DrillCount.Say($"storm drill: seed {seed}, {alerts} alerts expected");

        var chapters = messages.Chunk((messages.Count / (Kills + 1)) + 1).ToArray();
        for (var life = 0; life < Kills; life++)
        {
            await using var detector = live.Deployment.Start();
            var sending = live.SendAsync(chapters[life]);
            await MomentAsync(live, detector, random);
            await detector.KillAsync();
            await sending;
        }
        await using var last = await live.Deployment.StartReadyAsync();
        await live.SendAsync(chapters[Kills]);
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await last.StopAsync();

        Assert.Equal(0, exit);
        Compare("slack", expected, live.Slack.Channel.Select(post => post.Body), Kills);
        Compare("sns", expected, (await live.Inbox.ReadAsync()).Select(message => message.Body), Kills * SnsAtOnce);
    }

    private static (List<string> Messages, HashSet<string> Expected) Story(int alerts, Random random)
    {
        var begin = DateTimeOffset.UtcNow.AddMinutes(-3);
        var (messages, expected) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        for (var number = 0; number < alerts; number++)
        {
            var mark = number % 3 == 0 ? $"drill-key-{number}" : $"drill-import-{number}";
            var record = number % 3 == 0 ? Trail.AccessKey(mark) : Trail.KeyPairImport(mark);
            messages.Add(Trail.EventBridge(record.At(begin.AddSeconds(random.Next(100)))));
            expected.Add(mark);
        }
        return (messages, expected);
    }

    /// <summary>A moment in a life: while it starts, while it puts alerts into digests, or while it sends one.</summary>
    private static async Task MomentAsync(LivePath live, DetectorProcess detector, Random random)
    {
        var kind = random.Next(4);
        if (kind > 0)
            await detector.ReadyAsync();
        if (kind > 1)
        {
            // The waiting for a digest is longer than the rest.
            await live.SlackTakesAsync(random.Next(30), TimeSpan.FromSeconds(15));
        }
        await Task.Delay(random.Next(kind == 0 ? 1000 : 250));
    }

    private static void Compare(string sink, HashSet<string> expected, IEnumerable<string> bodies, int mostRepeats)
    {
        // A message is known by its digest; one without by the mark of its alert.
        var sends = bodies
            .Select(body => (Marks: Marks.AllIn(body), Digest: Digest().Match(body) is { Success: true } match ? match.Groups["id"].Value : null))
            .GroupBy(send => send.Digest ?? Assert.Single(send.Marks), StringComparer.Ordinal)
            .ToList();
        var digests = sends.Count(send => send.First().Digest is not null);
        var repeated = sends.Sum(send => send.Count() - 1);
        var told = sends.SelectMany(send => send.SelectMany(one => one.Marks).Distinct(StringComparer.Ordinal)).ToList();
        var distinct = told.ToHashSet(StringComparer.Ordinal);
        var lost = expected.Except(distinct, StringComparer.Ordinal).ToList();
        DrillCount.Say(
            $"storm drill, {Kills} kills, {sink}: {expected.Count} alerts expected, {distinct.Count} told in {sends.Count} messages ({digests} digests), "
                + $"{told.Count - distinct.Count} told in two ways, {repeated} messages repeated (at most {mostRepeats}), {lost.Count} lost"
        );
        Assert.Empty(lost);
        Assert.Empty(distinct.Except(expected, StringComparer.Ordinal));
        Assert.Equal(distinct.Count, told.Count);
        Assert.InRange(repeated, 0, mostRepeats);
        Assert.InRange(digests, expected.Count / 200, expected.Count / 10);
        Assert.InRange(sends.Count, 1, expected.Count / 5);
    }

    /// <summary>As Slack's digest shows it, or as SNS's JSON has it.</summary>
    [GeneratedRegex("(alerts list --digest |\"digest\":\")(?<id>[0-9a-f]{8})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digest();
}
