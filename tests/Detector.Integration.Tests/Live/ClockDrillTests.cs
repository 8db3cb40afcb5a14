using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>
/// The machine's wall clock jumps while the program runs, by hours, there and back; the clock that only counts goes on as before. AWS refuses whoever signs with a time
/// that is five minutes off, and so does the front here: the program learns what time it is there. Bursts fall on both sides of every jump, and what is told has the ids of a replay.
/// </summary>
public sealed class ClockDrillTests(Emulator emulator) : IDisposable
{
    private static readonly int Alerts = DrillCount.Setting("DETECTOR_CLOCK_ALERTS", 20);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Run_ClockJumpsThereAndBack_LosesAndRepeatsNothing()
    {
        var seed = DrillCount.Setting("DETECTOR_DRILL_SEED", Environment.TickCount);
        var random = new Random(seed);
        await emulator.RequireAsync();
        await using var front = await AwsFront.StartAsync(() => emulator.Address);
        var calls = 0;
        front.Refuses = call =>
        {
            Interlocked.Increment(ref calls);
            return (call.SignedAt - DateTimeOffset.UtcNow).Duration() > TimeSpan.FromMinutes(5)
                ? new AwsRefusal(403, "RequestTimeTooSkewed", "The difference is too large")
                : null;
        };
        using var clock = new WallClock();
        await using var live = await LivePath.MakeAsync(emulator, by: front.Address, lateness: "10s", environment: clock.Environment);
        var story = new SmallStory();
        await using var detector = await live.Deployment.StartReadyAsync();
        await TellAsync();

        foreach (var (jump, off) in ((string, TimeSpan)[])[("+2h", Hours(2)), ("-2h", Hours(-2)), ("+40m", Hours(2.0 / 3)), ("+0", Hours(0))])
        {
            var (first, second) = story.Halves();
            await live.SendAsync(first);
            await live.QueueEmptyAsync();
            clock.Jump(jump);
            // Some of it is on its way while the clock jumps.
            await live.SendAsync(story.Chapter(Alerts, random));
            await Eventually.TrueAsync(() => IsOffAsync(detector, off), $"the detector's clock has jumped to {jump}");
            // Told of a burst, it has found the queue empty: time has passed by whatever clock it goes by.
            await live.SlackCountsAsync(story.Expected.Count - 1);
            await live.SendAsync(second());
            await TellAsync();
        }
        await live.QueueEmptyAsync();
        await Eventually.TrueAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        DrillCount.Say($"clock jumps: seed {seed}, 4 jumps, {front.Refused("RequestTimeTooSkewed")} of {calls} calls refused for their time");
        await story.Count("clock jumps").CompareAsync(live, interruptions: 0);
        await story.SameAsReplayAsync(live, live.Deployment.Alerts);

        async Task TellAsync()
        {
            await live.SendAsync(story.Chapter(Alerts, random));
            await live.SlackTellsAsync(story.Expected);
        }
    }

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    /// <summary>Whether its answers are dated by a clock that is so far off.</summary>
    private async Task<bool> IsOffAsync(DetectorProcess detector, TimeSpan off)
    {
        using var answer = await _http.GetAsync(new Uri(detector.PageAddress, "/healthz"), TestContext.Current.CancellationToken);
        return (answer.Headers.Date - DateTimeOffset.UtcNow - off)?.Duration() < TimeSpan.FromMinutes(5);
    }

    /// <summary>A wall clock of one process's own, by libfaketime.</summary>
    private sealed class WallClock : IDisposable
    {
        private readonly string _file = Path.GetTempFileName();

        public WallClock()
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["LD_PRELOAD"] = Requires.FakeTime(),
                ["FAKETIME_TIMESTAMP_FILE"] = _file,
                ["FAKETIME_CACHE_DURATION"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            };
            Jump("+0");
        }

        public IReadOnlyDictionary<string, string> Environment { get; }

        /// <param name="offset">How far it is off, as libfaketime has it: <c>+2h</c>.</param>
        public void Jump(string offset) => File.WriteAllText(_file, offset);

        public void Dispose() => File.Delete(_file);
    }
}
