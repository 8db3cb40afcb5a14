using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;

namespace Detector.Integration.Tests.Live;

/// <summary>Rules that change while events stream in, and instances that do not have the same: what both versions know is told as if nothing had happened.</summary>
public class RuleDrillTests(Emulator emulator)
{
    private const int Own = 40;
    private const int Bursts = 5;
    private static readonly int Reloads = DrillCount.Setting("DETECTOR_RULE_RELOADS", 12);

    [Fact]
    public async Task Run_RulesExchangedInTheMiddle_LosesAndRepeatsNothing()
    {
        var (seed, random) = Seed();
        await using var live = await LivePath.MakeAsync(emulator, more: "rules: [+own]\n");
        var rules = Directory.CreateDirectory(live.Deployment.PathOf("own"));
        Write(rules, "other.yml", Rule("drill-other", "NoSuchCall"));
        var story = new SmallStory();
        await using var detector = await live.Deployment.StartReadyAsync();
        // Of a rule that is not there yet nothing is told, also not when it comes.
        await live.SendAsync(OwnEvents("before"));
        await live.QueueEmptyAsync();

        for (var reload = 1; reload <= Reloads; reload++)
        {
            var sending = live.SendAsync(story.Chapter(20, random));
            await Task.Delay(random.Next(200), TestContext.Current.CancellationToken);
            // Every third is refused as a whole, and what was there before stays.
            Write(rules, "other.yml", reload % 3 == 0 ? "title: [" : Rule("drill-other", $"NoSuchCall{reload}"));
            detector.ReadRules();
            var (taken, refused) = (reload - reload / 3, reload / 3);
            await Eventually.TrueAsync(
                () => Count(detector.Log, "rules: changed:") >= taken && Count(detector.Log, "the change is refused") >= refused,
                $"reload {reload}"
            );
            await sending;
        }
        Write(rules, "other.yml", Rule("drill-own", "DrillCall"));
        var before = Count(detector.Log, "rules: changed:");
        detector.ReadRules();
        await Eventually.TrueAsync(() => Count(detector.Log, "rules: changed:") > before, "the last reload");
        await live.SendAsync(OwnEvents("after"));
        await live.SlackCountsAsync(story.Expected.Count + Own);
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        DrillCount.Say($"rules exchanged: seed {seed}, {Reloads + 1} reloads, {Reloads / 3} of them refused");
        var expected = story.Expected.Concat(OwnMarks("after")).ToHashSet(StringComparer.Ordinal);
        await new DrillCount("rules exchanged", story.Events + 2 * Own, expected).CompareAsync(live, interruptions: 0);
    }

    [Fact]
    public async Task Run_InstancesWithDifferentRules_TellWhatEitherKnowsAndLoseNothingInTheRollOut()
    {
        var (seed, random) = Seed();
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        var story = new SmallStory();
        await using var fleet = await Fleet.StartAsync(
            emulator,
            live,
            redis,
            2,
            more: "rules: [+own]\n",
            begin: (number, place) =>
            {
                var rules = Directory.CreateDirectory(place.PathOf("own"));
                Write(rules, "own.yml", number == 0 ? Rule("drill-other", "NoSuchCall") : NewRules);
            }
        );
        // The old one has the turn, and does not know the new correlation.
        await Eventually.TrueAsync(async () => await fleet.HolderAsync() >= 0, "one correlates");
        if (await fleet.HolderAsync() == 1)
        {
            fleet.Instances[1].Freeze();
            await Eventually.TrueAsync(async () => await fleet.HolderAsync() == 0, "the old one correlates");
            fleet.Instances[1].Thaw();
        }
        // Bursts that begin before the roll-out and end after it, of a correlation that both know.
        var halves = Enumerable.Range(0, Bursts).Select(_ => story.Halves()).ToList();
        await live.SendAsync(story.Chapter(60, random).Concat(OwnEvents("before")).Concat(halves.SelectMany(half => half.First)));
        await live.QueueEmptyAsync();
        await fleet.SettledAsync();
        var early = live.Slack.Channel.Count(post => post.Body.Contains("drill-joined", StringComparison.Ordinal));
        // The roll-out: the old one is killed, and comes back with the new rules.
        Write(new DirectoryInfo(fleet.PathOf(0, "own")), "own.yml", NewRules);
        await fleet.ReplaceAsync(0);
        await fleet.Instances[0].ReadyAsync();
        await live.SendAsync(story.Chapter(60, random).Concat(OwnEvents("after")).Concat(halves.SelectMany(half => half.Second())));
        // By name: how many early events the new rules get is chance, and bursts wait for their time.
        await live.SlackTellsAsync(story.Expected);
        await live.SlackTellsAsync(OwnMarks("after").ToHashSet(StringComparer.Ordinal));
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => Told("drill-joined").Count == Told("drill-own").Count, "what waited for the new correlation is judged");
        await fleet.SettledAsync();
        foreach (var instance in fleet.Instances)
            Assert.Equal(0, await instance.StopAsync());

        // The new instance got some of the events before the roll-out, and all after it are judged by new rules.
        var (plain, joined) = (Told("drill-own"), Told("drill-joined"));
        DrillCount.Say(
            $"differing rules: seed {seed}, {plain.Count(mark => mark.StartsWith("drill-before", StringComparison.Ordinal))} of {Own} early events came to the instance with the new rules"
        );
        Assert.Equal(0, early);
        Assert.Equal(plain.Order(StringComparer.Ordinal), joined.Order(StringComparer.Ordinal));
        Assert.Equal(plain.Distinct(StringComparer.Ordinal).Count(), plain.Count);
        Assert.Empty(OwnMarks("after").Except(plain, StringComparer.Ordinal));
        await fleet.CompareAsync(
            new DrillCount("differing rules, what both know", story.Events, story.Expected),
            interruptions: 1,
            mark => !mark.StartsWith("drill-before", StringComparison.Ordinal) && !mark.StartsWith("drill-after", StringComparison.Ordinal)
        );
        await story.SameAsReplayAsync(live, fleet.Alerts.Where(alert => !alert.Contains("DrillCall", StringComparison.Ordinal)));

        IReadOnlyList<string> Told(string rule) =>
            Marks.In(live.Slack.Channel.Select(post => post.Body).Where(body => body.Contains(rule, StringComparison.Ordinal)));
    }

    /// <summary>A rule that tells of a call, and a correlation over another that serves it alone: told of together for each caller.</summary>
    private static string NewRules =>
        $"""
            {Rule("drill-own", "DrillCall")}
            ---
            {Rule("drill-base", "DrillCall")}
            ---
            title: A drill call, judged in its place
            name: drill-joined
            correlation:
              type: event_count
              rules: [drill-base]
              group-by: [userIdentity.arn]
              timespan: 1m
              condition:
                gte: 1
            level: medium
            """;

    private static string Rule(string name, string call) =>
        $$"""
            title: A call of a drill
            name: {{name}}
            logsource: {product: aws, service: cloudtrail}
            detection: {made: {eventSource: drill.amazonaws.com, eventName: {{call}}}, condition: made}
            level: medium
            """;

    private static IEnumerable<string> OwnMarks(string when) => Enumerable.Range(0, Own).Select(number => $"drill-{when}-{number}");

    private static IEnumerable<string> OwnEvents(string when) =>
        OwnMarks(when).Select((mark, number) => Trail.EventBridge(Trail.Session(Trail.Own(mark), (when == "after" ? 3_000_000 : 2_000_000) + number)));

    /// <summary>As an editor does it: the file is whole at any moment.</summary>
    private static void Write(DirectoryInfo folder, string name, string text)
    {
        var aside = Path.Combine(folder.FullName, $".{name}.new");
        File.WriteAllText(aside, text);
        File.Move(aside, Path.Combine(folder.FullName, name), overwrite: true);
    }

    private static int Count(string log, string words) => log.Split(words).Length - 1;

    private static (int Seed, Random Random) Seed()
    {
        var seed = DrillCount.Setting("DETECTOR_DRILL_SEED", Environment.TickCount);
        return (seed, new Random(seed));
    }
}
