using Amazon.SQS.Model;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Slack;

namespace Detector.Integration.Tests.Live;

/// <summary>Everything around one detector: a queue with its dead-letter queue, Slack, a topic with a subscriber, and the detector's own folder.</summary>
internal sealed class LivePath : IAsyncDisposable
{
    private readonly Emulator _emulator;

    private LivePath(Emulator emulator, string queue, string dead, SlackFake slack, Inbox inbox, Deployment deployment)
    {
        _emulator = emulator;
        Queue = queue;
        Dead = dead;
        Slack = slack;
        Inbox = inbox;
        Deployment = deployment;
    }

    public string Queue { get; }

    /// <summary>Where a message goes after its second receive.</summary>
    public string Dead { get; }

    public SlackFake Slack { get; }

    public Inbox Inbox { get; }

    public Deployment Deployment { get; }

    /// <param name="emulator">SQS and SNS.</param>
    /// <param name="by">The address by which the detector reaches them; the emulator's own if null.</param>
    /// <param name="maxReceives">Receives after which a message goes to the dead-letter queue.</param>
    /// <param name="durable">Whether the ledger is a file.</param>
    /// <param name="digests">When alerts are a storm; never if null.</param>
    /// <param name="more">Further settings, as YAML.</param>
    /// <param name="lateness">The queue's.</param>
    /// <param name="environment">The detector's; nothing special if null.</param>
    public static async Task<LivePath> MakeAsync(
        Emulator emulator,
        Uri? by = null,
        int maxReceives = 1000,
        bool durable = true,
        string? digests = null,
        string more = "",
        string lateness = "5s",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        await emulator.RequireAsync();
        var dead = await emulator.CreateQueueAsync();
        var queue = await emulator.CreateQueueAsync(dead, maxReceives);
        var (topic, inbox) = await Inbox.OfNewTopicAsync(emulator);
        var slack = await SlackFake.StartAsync();
        var deployment = new Deployment
        {
            QueueUrl = queue,
            ServiceUrl = by ?? emulator.Address,
            Webhook = slack.Url,
            Topic = topic,
            Durable = durable,
            Digests = digests ?? "after: 1000000",
            Lateness = lateness,
            More = more,
            Environment = environment ?? new Dictionary<string, string>(StringComparer.Ordinal),
        };
        return new LivePath(emulator, queue, dead, slack, inbox, deployment);
    }

    public async Task SendAsync(params IEnumerable<string> bodies)
    {
        foreach (var batch in bodies.Chunk(10))
            await _emulator.Sqs.SendMessageBatchAsync(Queue, [.. batch.Select((body, index) => new SendMessageBatchRequestEntry($"{index}", body))]);
    }

    public Task<int> WaitingAsync() => _emulator.CountAsync(Queue);

    public Task QueueEmptyAsync() => Eventually.TrueAsync(async () => await WaitingAsync() == 0, "the queue is empty");

    /// <summary>Waits until Slack has been asked so many times more, or for so long.</summary>
    public async Task SlackTakesAsync(int more, TimeSpan patience)
    {
        var posts = Slack.Posts.Count + more;
        using var end = new CancellationTokenSource(patience);
        await Slack.WaitAsync(all => all.Count >= posts, end.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>Waits until Slack has taken so many.</summary>
    public Task SlackCountsAsync(int count) => Eventually.TrueAsync(() => Slack.Channel.Count >= count, $"Slack took {count} alerts");

    /// <summary>Waits until Slack has been told of all of these, whatever else it takes.</summary>
    /// <param name="marks">What alerts are known by.</param>
    public Task SlackTellsAsync(IReadOnlySet<string> marks) =>
        Eventually.TrueAsync(
            () => Task.FromResult(!Untold(marks).Any()),
            () => $"Slack was told of all {marks.Count}; untold: {string.Join(", ", Untold(marks).Take(10))}"
        );

    private IEnumerable<string> Untold(IReadOnlySet<string> marks) =>
        marks.Except(Marks.In(Slack.Channel.Select(post => post.Body)), StringComparer.Ordinal).Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await Slack.DisposeAsync();
        Deployment.Dispose();
    }
}
