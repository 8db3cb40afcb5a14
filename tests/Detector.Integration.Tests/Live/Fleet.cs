using System.Text.Json.Nodes;
using Detector.Integration.Tests.Aws;
using Detector.Integration.Tests.Ledgers;

namespace Detector.Integration.Tests.Live;

/// <summary>Several detectors on one queue, with one ledger in Redis, each in a folder of its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private readonly LivePath _live;
    private readonly RedisServer _redis;
    private readonly Deployment[] _places;
    private readonly DetectorProcess[] _instances;

    private Fleet(LivePath live, RedisServer redis, Deployment[] places)
    {
        _live = live;
        _redis = redis;
        _places = places;
        _instances = [.. places.Select(place => place.Start())];
    }

    public IReadOnlyList<DetectorProcess> Instances => _instances;

    /// <summary>What the JSON lines sinks of all of them have written.</summary>
    public IReadOnlyList<string> Alerts => [.. _places.SelectMany(place => place.Alerts)];

    /// <summary>The ids of these alerts.</summary>
    public IReadOnlyList<string> Ids => [.. Alerts.Select(alert => (string)JsonNode.Parse(alert)!["id"]!["value"]!)];

    /// <param name="emulator">SQS and SNS.</param>
    /// <param name="live">The queue and what alerts are sent to.</param>
    /// <param name="redis">Holds the ledger.</param>
    /// <param name="count">How many.</param>
    /// <param name="lateness">The queue's.</param>
    /// <param name="connection">To Redis, if not to that alone.</param>
    /// <param name="more">Further settings, as YAML.</param>
    /// <param name="begin">Puts files into the folder of each before it starts.</param>
    public static async Task<Fleet> StartAsync(
        Emulator emulator,
        LivePath live,
        RedisServer redis,
        int count,
        string lateness = "5s",
        string? connection = null,
        string more = "",
        Action<int, Deployment>? begin = null
    )
    {
        var places = Enumerable
            .Range(0, count)
            .Select(_ => new Deployment
            {
                QueueUrl = live.Queue,
                ServiceUrl = emulator.Address,
                Webhook = live.Slack.Url,
                Topic = live.Deployment.Topic,
                Lateness = lateness,
                Redis = connection ?? redis.Connection,
                More = more,
            })
            .ToArray();
        foreach (var (number, place) in places.Index())
            begin?.Invoke(number, place);
        var fleet = new Fleet(live, redis, places);
        foreach (var instance in fleet.Instances)
            await instance.ReadyAsync();
        return fleet;
    }

    /// <summary>A file in the folder of one.</summary>
    public string PathOf(int number, string name) => _places[number].PathOf(name);

    /// <summary>SIGKILL, and another in its place.</summary>
    public async Task ReplaceAsync(int number)
    {
        await _instances[number].KillAsync();
        await _instances[number].DisposeAsync();
        _instances[number] = _places[number].Start();
    }

    /// <summary>Which of them has the turn to correlate; -1 if none of those that live.</summary>
    public async Task<int> HolderAsync()
    {
        var token = (string?)await _redis.AskAsync("GET", "{detector}:turn");
        return Array.FindIndex(_instances, instance => token?.Split('/')[1] == $"{instance.Id}");
    }

    /// <summary>Waits until all is done: the queue empty, and everything delivered that was claimed by the dead, too.</summary>
    public async Task SettledAsync(RedisServer? ledger = null)
    {
        await _live.QueueEmptyAsync();
        // A claim of a process that died ends after a minute.
        for (var patience = 0; patience < 3 && await PendingAsync(ledger ?? _redis) > 0; patience++)
            await Record.ExceptionAsync(() => Eventually.TrueAsync(async () => await PendingAsync(ledger ?? _redis) == 0, "nothing is pending"));
        Assert.Equal(0, await PendingAsync(ledger ?? _redis));
    }

    /// <summary>Compares what each sink received of all instances.</summary>
    /// <param name="count">What went in.</param>
    /// <param name="interruptions">How often sends may have been cut off.</param>
    /// <param name="concerns">The marks that are counted; all if null.</param>
    public async Task CompareAsync(DrillCount count, int interruptions, Func<string, bool>? concerns = null)
    {
        count.Compare("slack", Counted(_live.Slack.Channel.Select(post => post.Body)), interruptions);
        count.Compare("sns", Counted((await _live.Inbox.ReadAsync()).Select(message => message.Body)), interruptions * DrillCount.SnsAtOnce);
        count.Compare("jsonl", Counted(Alerts), interruptions);

        IReadOnlyList<string> Counted(IEnumerable<string> bodies) => [.. Marks.In(bodies).Where(concerns ?? (_ => true))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.DisposeAsync();
        foreach (var place in _places)
            place.Dispose();
    }

    private static async Task<long> PendingAsync(RedisServer redis)
    {
        long pending = 0;
        foreach (var sink in (string[])["slack", "sns", "jsonl", "console"])
            pending += (long)await redis.AskAsync("ZCARD", $"{{detector}}:due:{sink}");
        return pending;
    }
}
