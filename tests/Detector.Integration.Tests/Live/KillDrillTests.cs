using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// The promise under the hardest conditions: killed at random moments, with events coming in every life, nothing is lost, and nothing is repeated but
/// what was under way. In the suite once; <c>DETECTOR_KILL_ROUNDS=100</c> for a thousand kills, with <c>DETECTOR_KILL_SEED=7</c> the same again: see docs/reliability.md.
/// </summary>
public class KillDrillTests(Emulator emulator)
{
    private const int Kills = 10;
    private const int Events = 2000;

    [Fact]
    public async Task Run_KilledAgainAndAgain_LosesNothingAndRepeatsOnlyWhatWasUnderWay()
    {
        var first = DrillCount.Setting("DETECTOR_KILL_SEED", Environment.TickCount);
        for (var round = 0; round < DrillCount.Setting("DETECTOR_KILL_ROUNDS", 1); round++)
            await RoundAsync(first + round);
    }

    private async Task RoundAsync(int seed)
    {
        var random = new Random(seed);
        await using var live = await LivePath.MakeAsync(emulator);
        var story = DrillStory.Make(Events, random);
        var chapters = story.Messages.Chunk((story.Messages.Count / (Kills + 1)) + 1).ToArray();
        DrillCount.Say($"kill drill: seed {seed}, {story.Events} events, {story.Messages.Count} messages, {story.Expected.Count} alerts expected");

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
        // Should it never come true, the comparison tells what is missing.
        await Record.ExceptionAsync(() => Eventually.TrueAsync(() => Slack(live).Distinct().Count() >= story.Expected.Count, "every alert is in Slack"));
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await last.StopAsync();

        Assert.Equal(0, exit);
        Assert.Equal(0, await live.WaitingAsync());
        Assert.Equal(0, live.Deployment.Pending);
        await new DrillCount($"kill drill, {Kills} kills", story.Events, story.Expected).CompareAsync(live, Kills);
        Assert.Equal(["0"], live.Deployment.Ledger("SELECT count(*) FROM rejected"));
    }

    /// <summary>A moment in a life: while it starts, while it reads what has come, or while it tells of it.</summary>
    private static async Task MomentAsync(LivePath live, DetectorProcess detector, Random random)
    {
        var kind = random.Next(5);
        if (kind > 0)
            await detector.ReadyAsync();
        if (kind > 2)
        {
            await live.SlackTakesAsync(random.Next(40), TimeSpan.FromSeconds(3));
        }
        await Task.Delay(random.Next(kind == 0 ? 1000 : 250));
    }

    private static IReadOnlyList<string> Slack(LivePath live) => Marks.In(live.Slack.Channel.Select(post => post.Body));
}
