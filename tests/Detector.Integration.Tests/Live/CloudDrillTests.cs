using System.Collections.Concurrent;
using System.Globalization;
using Amazon.SQS.Model;
using Detector.Integration.Tests.Aws;

namespace Detector.Integration.Tests.Live;

/// <summary>What AWS does to a program that runs for months: it throttles, its credentials expire, somebody deletes the queue, and everything is away for a while.</summary>
public class CloudDrillTests(Emulator emulator)
{
    private static readonly int Alerts = DrillCount.Setting("DETECTOR_CLOUD_ALERTS", 40);

    [Fact]
    public async Task Run_SnsThrottles_DelaysNoOtherSinkAndHasAllInTheEnd()
    {
        var (seed, random) = Seed();
        await emulator.RequireAsync();
        await using var front = await AwsFront.StartAsync(() => emulator.Address);
        await using var live = await LivePath.MakeAsync(emulator, by: front.Address);
        var story = new SmallStory();
        // As a topic does: so much a second is let through, here one call.
        var (second, taken) = (0L, 0);
        front.Refuses = call =>
        {
            if (!call.IsPublishing)
                return null;
            var now = Environment.TickCount64 / 1000;
            if (Interlocked.Exchange(ref second, now) != now)
                Volatile.Write(ref taken, 0);
            return Interlocked.Increment(ref taken) <= 1 ? null : new AwsRefusal(400, "Throttling", "Rate exceeded");
        };
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(story.Chapter(2 * Alerts, random));
        await live.SlackTellsAsync(story.Expected);
        await DoneAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.InRange(front.Refused("Throttling"), 1, int.MaxValue);
        DrillCount.Say($"SNS throttles: seed {seed}, {front.Refused("Throttling")} calls refused");
        await story.Count("SNS throttles").CompareAsync(live, interruptions: 0);
    }

    [Fact]
    public async Task Run_CredentialsExpireInTheMiddle_TakesNewOnesAndWaitsWhileThereAreNone()
    {
        var (seed, random) = Seed();
        await emulator.RequireAsync();
        var keys = new Keys(TimeSpan.FromSeconds(4));
        await using var front = await AwsFront.StartAsync(() => emulator.Address);
        front.Hands = keys.Hand;
        front.Refuses = call =>
            keys.IsValid(call.AccessKey) ? null : new AwsRefusal(403, "ExpiredToken", "The security token included in the request is expired");
        await using var live = await LivePath.MakeAsync(
            emulator,
            by: front.Address,
            environment: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AWS_ACCESS_KEY_ID"] = "",
                ["AWS_SECRET_ACCESS_KEY"] = "",
                ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = front.CredentialsAddress.OriginalString,
            }
        );
        var story = new SmallStory();
        await using var detector = await live.Deployment.StartReadyAsync();

        await live.SendAsync(story.Chapter(Alerts, random));
        await live.SlackTellsAsync(story.Expected);
        // New ones take the place of the old without a gap.
        var first = keys.Handed;
        await Eventually.TrueAsync(() => keys.Handed >= first + 2, "new credentials were asked for");
        await live.SendAsync(story.Chapter(Alerts, random));
        await live.SlackTellsAsync(story.Expected);
        // And then there are none for longer than they live.
        keys.None = true;
        await live.SendAsync(story.Chapter(Alerts, random));
        await detector.LogsAsync("fails and is tried again");
        keys.None = false;
        await live.SlackTellsAsync(story.Expected);
        await DoneAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Contains("works again", detector.Log, StringComparison.Ordinal);
        DrillCount.Say($"credentials expire: seed {seed}, {keys.Handed} credentials of 4 s, {front.Refused("ExpiredToken")} calls refused");
        await story.Count("credentials expire").CompareAsync(live, interruptions: 0);
    }

    [Fact]
    public async Task Run_QueueDeletedAndMadeAgain_GoesOnByItself()
    {
        var (seed, random) = Seed();
        await using var live = await LivePath.MakeAsync(emulator);
        var story = new SmallStory();
        await using var detector = await live.Deployment.StartReadyAsync();
        await live.SendAsync(story.Chapter(Alerts, random));
        await live.QueueEmptyAsync();
        var attributes = (await emulator.Sqs.GetQueueAttributesAsync(live.Queue, ["RedrivePolicy"], Cancel)).Attributes;

        await emulator.Sqs.DeleteQueueAsync(live.Queue, Cancel);
        await detector.LogsAsync("fails and is tried again");
        var name = live.Queue.Split('/')[^1];
        // AWS has a name rest for a minute; what counts is that it comes back.
        await emulator.Sqs.CreateQueueAsync(new CreateQueueRequest { QueueName = name, Attributes = attributes }, Cancel);
        await live.SendAsync(story.Chapter(Alerts, random));
        await live.SlackTellsAsync(story.Expected);
        await DoneAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Contains("works again", detector.Log, StringComparison.Ordinal);
        DrillCount.Say($"queue deleted and made again: seed {seed}");
        await story.Count("queue deleted and made again").CompareAsync(live, interruptions: 0);
    }

    [Fact]
    public async Task Run_EmulatorDiesAndIsStartedAgain_GoesOnByItself()
    {
        var (seed, random) = Seed();
        await using var own = Emulator.OfOneTest();
        await own.RequireAsync();
        await using var front = await AwsFront.StartAsync(() => own.Address);
        await using var live = await LivePath.MakeAsync(own, by: front.Address);
        var story = new SmallStory();
        await using var detector = await live.Deployment.StartReadyAsync();

        const int Deaths = 3;
        for (var death = 0; death < Deaths; death++)
        {
            var chapter = story.Chapter(Alerts, random);
            await live.SendAsync(chapter);
            await live.SlackTakesAsync(random.Next(Alerts), TimeSpan.FromSeconds(3));
            front.Away = true;
            await own.KillAsync();
            await Task.Delay(random.Next(2000), Cancel);
            await own.StartAgainAsync();
            await using var again = await LivePath.MakeAsync(own);
            Assert.Equal(live.Queue, again.Queue);
            front.Away = false;
            // Whoever had it told keeps what the emulator lost, as AWS would have; what was done already comes a second time.
            await live.SendAsync(chapter);
            await live.SlackTellsAsync(story.Expected);
        }
        await DoneAsync(live);
        var exit = await detector.StopAsync();

        Assert.Equal(0, exit);
        Assert.Contains("works again", detector.Log, StringComparison.Ordinal);
        DrillCount.Say($"emulator killed {Deaths} times: seed {seed}");
        story.Count("emulator killed").Compare(live, front.Published, interruptions: Deaths);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static (int Seed, Random Random) Seed()
    {
        var seed = DrillCount.Setting("DETECTOR_DRILL_SEED", Environment.TickCount);
        return (seed, new Random(seed));
    }

    private static async Task DoneAsync(LivePath live)
    {
        await live.QueueEmptyAsync();
        await PatientlyAsync(() => live.Deployment.Pending == 0, "the outbox is empty");
    }

    /// <summary>A sink's next try may be minutes away.</summary>
    private static async Task PatientlyAsync(Func<bool> condition, string what)
    {
        for (var patience = 0; patience < 3 && !condition(); patience++)
            await Record.ExceptionAsync(() => Eventually.TrueAsync(condition, what));
        Assert.True(condition(), what);
    }

    /// <summary>Credentials that live for seconds, as ECS hands them out.</summary>
    private sealed class Keys(TimeSpan life)
    {
        private readonly ConcurrentDictionary<string, DateTimeOffset> _ends = new(StringComparer.Ordinal);
        private int _handed;

        public int Handed => Volatile.Read(ref _handed);

        /// <summary>Whether there are none for now.</summary>
        public volatile bool None;

        public string? Hand()
        {
            if (None)
                return null;
            var key = $"ASIADRILL{Interlocked.Increment(ref _handed)}";
            var end = _ends[key] = DateTimeOffset.UtcNow + life;
            return $$"""{"AccessKeyId":"{{key}}","SecretAccessKey":"secret","Token":"token","Expiration":"{{end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}"}""";
        }

        public bool IsValid(string key) => _ends.TryGetValue(key, out var end) && DateTimeOffset.UtcNow < end;
    }
}
