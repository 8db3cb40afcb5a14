namespace Detector.Core.Delivery;

/// <summary>Brings alerts to people or machines.</summary>
public interface IAlertSink
{
    /// <summary>Unique and stable: deliveries are remembered in the ledger under this name.</summary>
    string Name { get; }

    /// <summary>How many sends may be in flight at once; as many may be repeated after a crash.</summary>
    int Concurrency { get; }

    /// <summary>
    /// Sends one alert once. Answers instead of throwing; what it throws all the same counts as <see cref="SinkAnswer.Retry"/>.
    /// Must end in bounded time by itself.
    /// </summary>
    ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation);
}

/// <summary>A sink that takes several alerts in one call, each with a fate of its own.</summary>
public interface IBatchSink : IAlertSink
{
    /// <summary>Sends each alert once, as many in a call as the receiver takes. Answers for each, in their order, as <see cref="IAlertSink.SendAsync"/> does.</summary>
    /// <param name="dispatches">At most <see cref="IAlertSink.Concurrency"/>.</param>
    /// <param name="cancellation">Gives up; what was not answered is to try again.</param>
    ValueTask<IReadOnlyList<SinkAnswer>> SendBatchAsync(IReadOnlyList<Dispatch> dispatches, CancellationToken cancellation);
}

/// <summary>One alert on its way to one sink.</summary>
/// <param name="Alert">What to tell.</param>
/// <param name="Sink">The sink's <see cref="IAlertSink.Name"/>.</param>
/// <param name="Attempt">1 for the first send.</param>
/// <param name="Suppressed">How many further events this rule and group had that were not told because an alert had already gone out ("37 more").</param>
public sealed record Dispatch(Alert Alert, string Sink, int Attempt, long Suppressed = 0)
{
    /// <summary>The digest that the delivery was gathered into; null if it is sent by itself.</summary>
    public AlertId? Digest { get; init; }

    /// <summary>How often somebody had it sent again (<see cref="ILedger.ResendAsync"/>): a sink that remembers what it told then tells it once more.</summary>
    public int Resent { get; init; }

    internal DispatchKey Key => new(Alert.Id, Sink);
}

/// <summary>What became of a send.</summary>
public readonly record struct SinkAnswer
{
    private SinkAnswer(SinkOutcome outcome, string reason, TimeSpan? after, bool mayBeOfOne = false)
    {
        Outcome = outcome;
        Reason = reason;
        After = after;
        MayBeOfOne = mayBeOfOne;
    }

    /// <summary>The receiver has it.</summary>
    public static SinkAnswer Delivered { get; } = new(SinkOutcome.Delivered, "", null);

    /// <summary>Not now: try again, not before <paramref name="after"/> if the receiver said so.</summary>
    public static SinkAnswer Retry(string reason, TimeSpan? after = null) => new(SinkOutcome.Retry, reason, after);

    /// <summary>
    /// Not until somebody has mended something: try again after <paramref name="after"/>. What is wrong may be this alert alone, which somebody on the way does not let
    /// through, so others are tried meanwhile.
    /// </summary>
    public static SinkAnswer UntilMended(string reason, TimeSpan after) => new(SinkOutcome.Retry, reason, after, mayBeOfOne: true);

    /// <summary>Never: trying again cannot help.</summary>
    public static SinkAnswer Refused(string reason) => new(SinkOutcome.Refused, reason, null);

    /// <summary>Which of the three.</summary>
    public SinkOutcome Outcome { get; }

    /// <summary>Why, without secrets; empty when delivered.</summary>
    public string Reason { get; }

    /// <summary>The wait that the receiver asked for (HTTP <c>Retry-After</c>), or that mending takes; null for neither.</summary>
    public TimeSpan? After { get; }

    /// <summary>Whether the wait is this alert's only: <see cref="UntilMended"/>.</summary>
    public bool MayBeOfOne { get; }
}

/// <summary>The three fates of a send. An answer that was never given is to try again.</summary>
public enum SinkOutcome
{
    /// <summary>Try again later.</summary>
    Retry,

    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Trying again cannot help.</summary>
    Refused,
}
