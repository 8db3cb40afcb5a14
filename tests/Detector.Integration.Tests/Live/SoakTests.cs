using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

public class SoakTests(Emulator emulator, ITestOutputHelper output)
{
    private const int Round = 1500;
    private const long Slack = 48 * 1024 * 1024;

    [Fact]
    public async Task Run_RoundAfterRound_HandlesAndMemoryDoNotGrow()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "handles are counted in /proc");
        await using var live = await LivePath.MakeAsync(emulator);
        await using var detector = await live.Deployment.StartReadyAsync();

        var rounds = new List<(int Handles, long Memory)>();
        for (var round = 0; round < 5; round++)
        {
            await live.SendAsync(Enumerable.Range(round * Round, Round).Select(Message));
            await live.QueueEmptyAsync();
            await live.SlackCountsAsync((round + 1) * Round / 10);
            rounds.Add((detector.Handles, detector.Memory));
            output.WriteLine($"round {round}: {rounds[^1].Handles} handles, {rounds[^1].Memory / 1024 / 1024} MB");
        }
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        // The first rounds still compile code and open connections.
        Assert.InRange(rounds[^1].Handles, 1, rounds[1].Handles + 10);
        Assert.InRange(rounds[^1].Memory, 1, rounds[1].Memory + Slack);
    }

    private static string Message(int number) =>
        Trail.EventBridge(number % 10 == 0 ? Trail.AdminGrant($"drill-admin-{number}") : Trail.Quiet($"drill-quiet-{number}"));
}
