using System.Threading.Channels;

namespace Detector.Core.Delivery;

/// <summary>Claims one sink's deliveries, sends them, and settles them.</summary>
internal sealed class SinkLoop(
    IAlertSink sink,
    ILedger ledger,
    DispatcherOptions options,
    TimeProvider clock,
    Random random,
    IProgress<Notice> notices,
    PipelineWatch watch,
    AlertTraces traced,
    Action<DispatchKey> settled,
    DigestOptions? digests = null
)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    // Holds at most one word: there may be work.
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Storm? _storm = digests is not null && sink is IDigestSink ? new Storm(sink.Name, digests, clock) : null;
    private int _failures; // rounds of sends in a row

    /// <summary>Says that there may be something to send.</summary>
    public void Wake() => _work.Writer.TryWrite(true);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!await SendDueAsync(stopping))
                {
                    await WorkAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
            catch (Exception e)
            {
                // The ledger failed: what was claimed comes due again when its lease ends.
                notices.Report(new Notice(NoticeSeverity.Error, sink.Name, "the ledger failed; deliveries go on when it answers", e));
                await Pause(options.FirstRetry, stopping);
            }
        }
    }

    /// <summary>Sends what is due, as far as the sink's concurrency goes; false if nothing was.</summary>
    private async ValueTask<bool> SendDueAsync(CancellationToken stopping)
    {
        var claimed = await ledger.ClaimAsync(sink.Name, sink.Concurrency, options.Lease, stopping);
        if (claimed.Count == 0)
        {
            return false;
        }
        var pause = TimeSpan.Zero;
        foreach (var sends in Batched(await PlacedAsync(claimed)).Chunk(Math.Max(1, sink.Concurrency)))
        {
            var pauses = await Task.WhenAll(sends.Select(SendAsync));
            pause = Max(pause, pauses.Max());
        }
        // What one send was told holds for its neighbours: the sink is down, or asks for quiet. If it may be this alert's fault, the next are tried at growing
        // distances.
        _failures = pause > TimeSpan.Zero ? Math.Min(_failures + 1, 30) : 0;
        await Pause(pause, stopping);
        return true;
    }

    /// <summary>Alerts that go out by themselves, put together where the sink takes several in one call.</summary>
    private IEnumerable<Send> Batched(List<Send> sends)
    {
        if (sink is not IBatchSink)
        {
            return sends;
        }
        var alone = sends.Where(send => send.Dispatches.Count == 1).SelectMany(send => send.Dispatches);
        return sends.Where(send => send.Dispatches.Count > 1).Concat(alone.Chunk(sink.Concurrency).Select(batch => new Send(batch)));
    }

    /// <summary>What is to be sent now, one alert or one digest at a time; alerts of a storm are put into the digest that is to tell of them.</summary>
    private async ValueTask<List<Send>> PlacedAsync(IReadOnlyList<Dispatch> claimed)
    {
        if (_storm is null)
        {
            return [.. claimed.Select(dispatch => new Send([dispatch]))];
        }
        var sends = claimed
            .Where(dispatch => dispatch.Digest is not null)
            .GroupBy(dispatch => dispatch.Digest)
            .Select(digest => new Send([.. digest]) { IsDigest = digest.Count() > 1 })
            .ToList();
        var waiting = new Dictionary<Storm.Open, List<DispatchKey>>();
        foreach (var dispatch in claimed.Where(dispatch => dispatch.Digest is null))
        {
            if (_storm.PlaceOf(dispatch) is not { } open)
            {
                sends.Add(new Send([dispatch]));
            }
            else if (waiting.TryGetValue(open, out var others))
            {
                others.Add(dispatch.Key);
            }
            else
            {
                waiting.Add(open, [dispatch.Key]);
            }
        }
        foreach (var (open, dispatches) in waiting)
        {
            await ledger.GatherAsync(open.Id, dispatches, open.DueAt, CancellationToken.None);
            if (open.Count == dispatches.Count)
            {
                notices.Report(
                    new Notice(NoticeSeverity.Information, sink.Name, $"alerts come in a storm: further ones are told together at {open.DueAt:HH:mm:ss} UTC")
                );
            }
        }
        return sends;
    }

    /// <summary>
    /// Sends once and settles; returns how long the sink should be left alone. A digest has one fate; alerts of a batch have each its own, and those of the same are
    /// settled and told of as one.
    /// </summary>
    private async Task<TimeSpan> SendAsync(Send send)
    {
        using var step = traced.Deliver(send.Dispatches[0]);
        var answers = await AskAsync(send);
        step?.SetTag("detector.outcome", string.Join(' ', answers.Select(answer => answer.Outcome).Distinct()));
        var fates = send.IsDigest
            ? [(send.Dispatches, answers[0])]
            : send
                .Dispatches.Zip(answers)
                .GroupBy(one => one.Second, one => one.First)
                .Select(alike => ((IReadOnlyList<Dispatch>)[.. alike], alike.Key))
                .ToList();
        var pause = TimeSpan.Zero;
        foreach (var (dispatches, answer) in fates)
        {
            pause = Max(pause, await EndAsync(dispatches, answer));
        }
        return pause;
    }

    private async Task<TimeSpan> EndAsync(IReadOnlyList<Dispatch> dispatches, SinkAnswer answer)
    {
        foreach (var dispatch in dispatches)
        {
            watch.Answered(dispatch, answer);
        }
        if (answer.Outcome == SinkOutcome.Retry)
        {
            var backOff = BackOff();
            var pause = answer.After is { } asked ? Max(Min(asked, DispatcherOptions.LongestAsked), backOff) : backOff;
            notices.Report(
                new Notice(
                    NoticeSeverity.Warning,
                    sink.Name,
                    $"{What(dispatches)} not delivered (attempt {dispatches.Max(dispatch => dispatch.Attempt)}): {answer.Reason}; next try in {pause.TotalSeconds:0.#} s"
                )
            );
            await SettleAsync(dispatches, new Settlement(SinkOutcome.Retry, answer.Reason, clock.GetUtcNow() + pause));
            return answer.MayBeOfOne ? backOff : pause;
        }
        if (answer.Outcome == SinkOutcome.Refused)
        {
            notices.Report(new Notice(NoticeSeverity.Error, sink.Name, $"{What(dispatches)} refused for good: {answer.Reason}"));
        }
        await SettleAsync(dispatches, new Settlement(answer.Outcome, answer.Reason));
        foreach (var dispatch in dispatches)
        {
            settled(dispatch.Key);
        }
        return TimeSpan.Zero;
    }

    private static string What(IReadOnlyList<Dispatch> dispatches) =>
        dispatches is [var one] ? $"alert {one.Alert.Id}"
        : dispatches[0].Digest is { } digest ? $"digest {digest} of {dispatches.Count} alerts"
        : $"{dispatches.Count} alerts ({dispatches[0].Alert.Id} and others)";

    private ValueTask SettleAsync(IReadOnlyList<Dispatch> dispatches, Settlement settlement) =>
        dispatches is [var one]
            ? ledger.SettleAsync(one.Key, settlement, CancellationToken.None)
            : ledger.SettleAllAsync([.. dispatches.Select(dispatch => dispatch.Key)], settlement, CancellationToken.None);

    /// <summary>A send is not cancelled when the program stops: half a send is the one thing that must be repeated.</summary>
    /// <returns>An answer for each alert of a batch, one for a digest.</returns>
    private async Task<IReadOnlyList<SinkAnswer>> AskAsync(Send send)
    {
        using var timeout = new CancellationTokenSource(options.SendTimeout, clock);
        try
        {
            return send switch
            {
                { IsDigest: true } => [await ((IDigestSink)sink).SendDigestAsync(DigestOf(send.Dispatches), timeout.Token)],
                { Dispatches: [var one] } => [await sink.SendAsync(one, timeout.Token)],
                _ => await ((IBatchSink)sink).SendBatchAsync(send.Dispatches, timeout.Token),
            };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return [.. send.Dispatches.Select(_ => SinkAnswer.Retry($"no answer within {options.SendTimeout.TotalSeconds:0} s"))];
        }
        catch (Exception e)
        {
            // The message may hold a secret of the sink's: only its kind is kept.
            return [.. send.Dispatches.Select(_ => SinkAnswer.Retry($"the sink failed ({e.GetType().Name})"))];
        }
    }

    private Digest DigestOf(IReadOnlyList<Dispatch> members) =>
        new(members[0].Digest!.Value, sink.Name, Math.Max(1, members.Max(member => member.Attempt) - 1), members);

    /// <summary>How long to wait after so many failures, if nobody has said.</summary>
    private TimeSpan BackOff()
    {
        var longest = TimeSpan.FromTicks((long)Math.Min(options.FirstRetry.Ticks * Math.Pow(2, _failures), options.LongestRetry.Ticks));
        // Between half and all of it, so that several instances do not return as one.
        return longest * (0.5 + random.NextDouble() / 2);
    }

    /// <summary>Waits until there is something new, or a delivery comes due.</summary>
    private async Task WorkAsync(CancellationToken stopping)
    {
        var next = (await ledger.StateAsync(sink.Name, stopping)).NextDueAt;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var wait = next is null ? options.LookEvery : Min(Max(next.Value - clock.GetUtcNow(), Soon), options.LookEvery);
        var due = Task.Delay(wait, clock, waiting.Token);
        await Task.WhenAny(_work.Reader.WaitToReadAsync(waiting.Token).AsTask(), due);
        await waiting.CancelAsync();
        _work.Reader.TryRead(out _);
    }

    private async Task Pause(TimeSpan wait, CancellationToken stopping)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }
        try
        {
            await Task.Delay(wait, clock, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    /// <summary>What goes out in one call: one alert, a batch of them, or a digest that tells of several.</summary>
    private sealed record Send(IReadOnlyList<Dispatch> Dispatches)
    {
        public bool IsDigest { get; init; }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => b == Timeout.InfiniteTimeSpan || a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
