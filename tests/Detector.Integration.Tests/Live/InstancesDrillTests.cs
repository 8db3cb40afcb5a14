using System.Diagnostics;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;
using Detector.Integration.Tests.Replays;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// Several instances under the hardest conditions: killed at random, the one that correlates above all; stopped and woken; with a Redis that dies, and one that fails
/// over. What each sink received is counted by the test's own receivers, and the ids are compared with a replay of the same events.
/// </summary>
public class InstancesDrillTests(Emulator emulator, ITestOutputHelper output)
{
    private const int Events = 2000;
    private const int Kills = 9;

    [Fact]
    public async Task Run_ThreeInstancesKilledAgainAndAgain_LoseNothingAndRepeatOnlyWhatWasUnderWay()
    {
        var (seed, random) = Seed();
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        var story = DrillStory.Make(Events, random);
        var chapters = story.Messages.Chunk((story.Messages.Count / (Kills + 1)) + 1).ToArray();
        await using var fleet = await Fleet.StartAsync(emulator, live, redis, 3);
        Say($"instances drill: seed {seed}, 3 instances, {story.Events} events, {story.Messages.Count} messages, {story.Expected.Count} alerts expected");

        for (var kill = 0; kill < Kills; kill++)
        {
            var sending = live.SendAsync(chapters[kill]);
            await Task.Delay(random.Next(1500), Cancel);
            var holder = await fleet.HolderAsync();
            // The one that correlates every other time.
            await fleet.ReplaceAsync(kill % 2 == 0 && holder >= 0 ? holder : random.Next(3));
            await sending;
        }
        await live.SendAsync(chapters[Kills]);
        await ToldAsync(live, story);
        await fleet.SettledAsync();
        foreach (var instance in fleet.Instances)
            Assert.Equal(0, await instance.StopAsync());

        await CompareAsync("instances drill", story, live, fleet, Kills);
        Assert.Equal(0, (long)await redis.AskAsync("HLEN", "{detector}:instances"));
    }

    [Fact]
    public async Task Run_TheOneThatCorrelatesDies_AnotherGoesOnWithinTheLease()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        await using var fleet = await Fleet.StartAsync(emulator, live, redis, 2);
        await Eventually.TrueAsync(async () => await fleet.HolderAsync() >= 0, "one correlates");
        var first = await fleet.HolderAsync();
        // Nine of ten: the tenth comes after the hand-over.
        await live.SendAsync(Enumerable.Range(0, 9).Select(i => Trail.EventBridge(Trail.Denied("drill-burst-1", i))));
        await live.QueueEmptyAsync();

        await fleet.Instances[first].KillAsync();
        var since = Stopwatch.StartNew();
        await fleet.Instances[1 - first].LogsAsync("correlates for all instances");
        var took = since.Elapsed;
        await live.SendAsync(Trail.EventBridge(Trail.Denied("drill-burst-1", 9)));

        await live.SlackCountsAsync(1);
        await fleet.SettledAsync();
        await fleet.CompareAsync(new DrillCount("hand-over", 10, new HashSet<string>(StringComparer.Ordinal) { "drill-burst-1" }), interruptions: 0);
        Say($"hand-over: {took.TotalSeconds:0.0} s after SIGKILL, with a lease of 2 s");
        // A lease, a beat, and what a busy machine takes.
        Assert.InRange(took.TotalSeconds, 0, 20);
    }

    [Fact]
    public async Task Run_TheOneThatCorrelatesIsFrozenAndWakes_DoesNoHarm()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        await using var fleet = await Fleet.StartAsync(emulator, live, redis, 2);
        await Eventually.TrueAsync(async () => await fleet.HolderAsync() >= 0, "one correlates");
        var first = await fleet.HolderAsync();
        await live.SendAsync(Enumerable.Range(0, 5).Select(i => Trail.EventBridge(Trail.Denied("drill-burst-1", i))));
        await live.QueueEmptyAsync();

        fleet.Instances[first].Freeze();
        await fleet.Instances[1 - first].LogsAsync("correlates for all instances");
        await live.SendAsync(Enumerable.Range(5, 5).Select(i => Trail.EventBridge(Trail.Denied("drill-burst-1", i))));
        await live.SlackCountsAsync(1);
        fleet.Instances[first].Thaw();
        await fleet.Instances[first].LogsAsync("has lost its turn");
        await live.SendAsync(Enumerable.Range(0, 10).Select(i => Trail.EventBridge(Trail.Denied("drill-burst-2", i))));
        await live.SlackCountsAsync(2);
        await fleet.SettledAsync();

        var expected = new HashSet<string>(StringComparer.Ordinal) { "drill-burst-1", "drill-burst-2" };
        await fleet.CompareAsync(new DrillCount("frozen holder", 20, expected), interruptions: 0);
        Assert.Equal(1 - first, await fleet.HolderAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_AnArchiveThroughInstancesThatDie_TellsWhatAReplayTells(int seed)
    {
        var random = new Random(seed);
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        var story = DrillStory.Make(600, random);
        await using var fleet = await Fleet.StartAsync(emulator, live, redis, 2, lateness: "1h");
        var chapters = story.Messages.Chunk((story.Messages.Count / 4) + 1).ToArray();

        foreach (var (chapter, messages) in chapters.Index())
        {
            await live.SendAsync(messages);
            if (chapter < 3)
                await fleet.ReplaceAsync(Math.Max(0, await fleet.HolderAsync()));
        }
        await live.QueueEmptyAsync();
        // Half of the story lies within the lateness and would wait for an hour: everything waits in Redis, and nothing has been judged too early.
        Assert.DoesNotContain(Marks.In(fleet.Alerts), mark => mark.StartsWith("drill-burst", StringComparison.Ordinal));
        foreach (var instance in fleet.Instances)
            await instance.KillAsync();
        await using var hurried = await Fleet.StartAsync(emulator, live, redis, 2);
        await ToldAsync(live, story);
        await hurried.SettledAsync();

        var replayed = await ReplayAsync(story);
        Assert.Equal(replayed.Order(StringComparer.Ordinal), fleet.Ids.Concat(hurried.Ids).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Say($"archive through 2 instances, seed {seed}: 5 kills, {story.Events} events, {replayed.Count} ids by replay, the same live");
    }

    [Fact]
    public async Task Run_RedisDiesAndIsStartedAgain_LosesNothing()
    {
        var (seed, random) = Seed();
        await using var redis = await RedisServer.StartAsync();
        await using var live = await LivePath.MakeAsync(emulator);
        var story = DrillStory.Make(1000, random);
        await using var fleet = await Fleet.StartAsync(emulator, live, redis, 2);
        var chapters = story.Messages.Chunk((story.Messages.Count / 5) + 1).ToArray();

        foreach (var (chapter, messages) in chapters.Index())
        {
            var sending = live.SendAsync(messages);
            await Task.Delay(random.Next(1000), Cancel);
            if (chapter < 4)
            {
                await redis.KillAsync();
                await Task.Delay(random.Next(3000), Cancel);
                await redis.StartAgainAsync();
            }
            await sending;
        }
        await ToldAsync(live, story);
        await fleet.SettledAsync();

        Say($"Redis killed (appendfsync always): seed {seed}");
        // Each time what was being sent by either could not be settled in time.
        await CompareAsync("Redis killed", story, live, fleet, repeats: 4 * 2);
        Assert.All(fleet.Instances, instance => Assert.Contains("works again", instance.Log, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_RedisFailsOverWithWait_LosesNothing()
    {
        var (seed, random) = Seed();
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", $"127.0.0.1 {primary.Port}");
        await using var another = await RedisServer.StartAsync("--replicaof", $"127.0.0.1 {primary.Port}");
        await using var live = await LivePath.MakeAsync(emulator);
        var story = DrillStory.Make(1000, random);
        var connection = $"{primary.Connection},{replica.Connection},{another.Connection}\n  wait: 1";
        await using var fleet = await Fleet.StartAsync(emulator, live, primary, 2, connection: connection);
        var half = story.Messages.Count / 2;
        await live.SendAsync(story.Messages.Take(half));

        var sending = live.SendAsync(story.Messages.Skip(half));
        await Task.Delay(random.Next(500), Cancel);
        await primary.KillAsync();
        // With ledger.wait 1 any write is on one of the two: the one that is further takes over, as Sentinel and managed services choose.
        var (next, other) = await OffsetAsync(replica) >= await OffsetAsync(another) ? (replica, another) : (another, replica);
        await next.AskAsync("REPLICAOF", "NO", "ONE");
        await other.AskAsync("REPLICAOF", "127.0.0.1", $"{next.Port}");
        await sending;
        await ToldAsync(live, story);
        await fleet.SettledAsync(next);

        Say($"Redis failed over (ledger.wait 1): seed {seed}");
        await CompareAsync("Redis failed over", story, live, fleet, repeats: 2);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static (int Seed, Random Random) Seed()
    {
        var seed = Environment.TickCount;
        return (seed, new Random(seed));
    }

    private static async Task<long> OffsetAsync(RedisServer replica)
    {
        var info = (string)(await replica.AskAsync("INFO", "replication"))!;
        var line = info.Split('\n').First(line => line.StartsWith("slave_repl_offset:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Trim());
    }

    /// <summary>Waits until every alert is in Slack; should that never come true, the comparison tells what is missing.</summary>
    private static async Task ToldAsync(LivePath live, DrillStory story)
    {
        for (var patience = 0; patience < 3 && !IsTold(); patience++)
            await Record.ExceptionAsync(() => Eventually.TrueAsync(IsTold, "every alert is in Slack"));

        bool IsTold() => Slack(live).Distinct(StringComparer.Ordinal).Count() >= story.Expected.Count;
    }

    private static IReadOnlyList<string> Slack(LivePath live) => Marks.In(live.Slack.Channel.Select(post => post.Body));

    /// <summary>The ids that a replay of the same events gives.</summary>
    private static async Task<IReadOnlyList<string>> ReplayAsync(DrillStory story)
    {
        var folder = Directory.CreateTempSubdirectory("detector-replay-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "trail.json"), Trail.Records([.. story.Records]));
            var (code, alerts, log) = await ReplayRunner.RunAsync(folder.FullName, "trail.json");
            Assert.True(code == 0, log);
            return [.. alerts.Select(alert => (string)alert["alertId"]!)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task CompareAsync(string drill, DrillStory story, LivePath live, Fleet fleet, int repeats)
    {
        // Those of the story, and one that its events give together: their key is used by many programs.
        var replayed = await ReplayAsync(story);
        Compare("slack", Slack(live), repeats);
        Compare("jsonl", Marks.In(fleet.Alerts), repeats);
        Compare("sns", Marks.In((await live.Inbox.ReadAsync()).Select(message => message.Body)), repeats * Detector.Adapters.Aws.TopicMessage.MostInBatch);
        Assert.Equal(replayed.Order(StringComparer.Ordinal), fleet.Ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(0, await live.WaitingAsync());

        void Compare(string sink, IReadOnlyList<string> delivered, int most)
        {
            var lost = story.Expected.Except(delivered, StringComparer.Ordinal).ToList();
            var repeated = delivered.Count - replayed.Count;
            Say(
                $"{drill}, {sink}: {story.Events} events, {replayed.Count} expected, {delivered.Count} delivered, {repeated} repeated (at most {most}), {lost.Count} lost"
            );
            Assert.Empty(lost);
            Assert.Empty(delivered.Except(story.Expected, StringComparer.Ordinal));
            Assert.InRange(repeated, 0, most);
        }
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
