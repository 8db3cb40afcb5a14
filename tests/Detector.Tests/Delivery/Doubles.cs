using System.Text;
using System.Threading.Channels;
using Detector.Core;
using Detector.Core.Delivery;
using Detector.Core.Detection;
using Detector.Core.Detection.History;
using Detector.Core.Events;
using Detector.Core.Rules;

namespace Detector.Tests.Delivery;

/// <summary>A sink that does as it is told and writes down what it was given.</summary>
internal sealed class ScriptedSink(string name, Func<Dispatch, CancellationToken, ValueTask<SinkAnswer>> send, int concurrency = 1) : IAlertSink
{
    private readonly Channel<Dispatch> _asked = Channel.CreateUnbounded<Dispatch>();
    private int _sends;

    public static ScriptedSink Answers(string name, params SinkAnswer[] answers)
    {
        var left = new Queue<SinkAnswer>(answers);
        return new ScriptedSink(name, (_, _) => ValueTask.FromResult(left.TryDequeue(out var answer) ? answer : SinkAnswer.Delivered));
    }

    public string Name => name;

    public int Concurrency => concurrency;

    public int Sends => Volatile.Read(ref _sends);

    public ValueTask<SinkAnswer> SendAsync(Dispatch dispatch, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _sends);
        _asked.Writer.TryWrite(dispatch);
        return send(dispatch, cancellation);
    }

    /// <summary>The next send that was asked for.</summary>
    public async Task<Dispatch> AskedAsync() => await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Doubles.Patience);
}

/// <summary>A ledger in memory that passes for a durable one, can be held up, can fail, and tells each settlement.</summary>
internal sealed class TestLedger(TimeProvider clock, bool durable = true) : ILedger
{
    private readonly InMemoryLedger _inner = new(clock);
    private readonly Channel<Settled> _settlements = Channel.CreateUnbounded<Settled>();
    private int _calls;

    public bool IsDurable => durable;

    public ISeenLog? Seen => SeenList;

    public SeenList? SeenList { get; set; }

    /// <summary>What happens before a call goes on to the ledger in memory, by the method's name.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>What happens when the alerts are in, before the caller learns of it.</summary>
    public Func<Task> AfterAccept { get; set; } = () => Task.CompletedTask;

    public IReadOnlyList<Rejected> Rejected => _inner.Rejected;

    /// <summary>How often deliveries were asked for.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public async Task<Settled> SettledAsync() =>
        await _settlements.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Doubles.Patience);

    public async ValueTask<IReadOnlyList<DispatchKey>> AcceptAsync(IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation)
    {
        await Before(nameof(AcceptAsync)).WaitAsync(cancellation);
        var open = await _inner.AcceptAsync(entries, cancellation);
        await AfterAccept();
        return open;
    }

    public async ValueTask<IReadOnlyList<Dispatch>> ClaimAsync(string sink, int max, TimeSpan lease, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        await Before(nameof(ClaimAsync));
        return await _inner.ClaimAsync(sink, max, lease, cancellation);
    }

    public async ValueTask SettleAsync(DispatchKey dispatch, Settlement settlement, CancellationToken cancellation)
    {
        await Before(nameof(SettleAsync));
        var at = clock.GetUtcNow();
        await _inner.SettleAsync(dispatch, settlement, cancellation);
        _settlements.Writer.TryWrite(new Settled(settlement, at));
    }

    public async ValueTask SettleAllAsync(IReadOnlyList<DispatchKey> dispatches, Settlement settlement, CancellationToken cancellation)
    {
        await Before(nameof(SettleAllAsync));
        var at = clock.GetUtcNow();
        await _inner.SettleAllAsync(dispatches, settlement, cancellation);
        _settlements.Writer.TryWrite(new Settled(settlement, at));
    }

    public async ValueTask GatherAsync(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt, CancellationToken cancellation)
    {
        await Before(nameof(GatherAsync));
        await _inner.GatherAsync(digest, dispatches, dueAt, cancellation);
    }

    public IAsyncEnumerable<LedgerAlert> ReadAlertsAsync(AlertQuery query, CancellationToken cancellation) => _inner.ReadAlertsAsync(query, cancellation);

    public ValueTask<IReadOnlyList<DispatchKey>> ResendAsync(AlertId alert, string? sink, CancellationToken cancellation) =>
        _inner.ResendAsync(alert, sink, cancellation);

    public ValueTask<OutboxState> StateAsync(string? sink, CancellationToken cancellation) => _inner.StateAsync(sink, cancellation);

    public async ValueTask<bool> NoteAsync(string sink, IReadOnlyList<SinkNote> notes, CancellationToken cancellation)
    {
        await Before(nameof(NoteAsync)).WaitAsync(cancellation);
        return await _inner.NoteAsync(sink, notes, cancellation);
    }

    public ValueTask<string?> RecallAsync(string sink, string key, CancellationToken cancellation) => _inner.RecallAsync(sink, key, cancellation);

    public async ValueTask<IReadOnlyList<JournaledHit>> JournalAsync(IReadOnlyList<JournaledHit> hits, CancellationToken cancellation)
    {
        await Before(nameof(JournalAsync)).WaitAsync(cancellation);
        return await _inner.JournalAsync(hits, cancellation);
    }

    public IAsyncEnumerable<JournaledHit> ReadJournalAsync(CancellationToken cancellation) => _inner.ReadJournalAsync(cancellation);

    public async ValueTask ForgetAsync(IReadOnlyList<HitKey> hits, CancellationToken cancellation)
    {
        await Before(nameof(ForgetAsync)).WaitAsync(cancellation);
        await _inner.ForgetAsync(hits, cancellation);
    }

    public ValueTask RememberAsync(IReadOnlyList<LearnedFact> learned, IReadOnlyCollection<FactKey> forgotten, CancellationToken cancellation) =>
        _inner.RememberAsync(learned, forgotten, cancellation);

    public IAsyncEnumerable<LearnedFact> ReadHistoryAsync(CancellationToken cancellation) => _inner.ReadHistoryAsync(cancellation);

    public ValueTask RejectAsync(IReadOnlyList<Rejected> rejected, CancellationToken cancellation) => _inner.RejectAsync(rejected, cancellation);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}

/// <summary>Remembers what was seen in a list, and can be held up.</summary>
internal sealed class SeenList : ISeenLog
{
    private readonly List<SeenEvent> _events = [];

    /// <summary>When remembering began.</summary>
    public DateTimeOffset Began { get; init; } = DateTimeOffset.MinValue;

    /// <summary>What happens before events are remembered.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public IReadOnlyList<SeenEvent> Events
    {
        get
        {
            lock (_events)
                return [.. _events];
        }
    }

    public async ValueTask AddAsync(IReadOnlyList<SeenEvent> events, CancellationToken cancellation)
    {
        await Before().WaitAsync(cancellation);
        lock (_events)
            _events.AddRange(events);
    }

    public ValueTask<DateTimeOffset> BeganAsync(CancellationToken cancellation) => ValueTask.FromResult(Began);

    public IAsyncEnumerable<SeenHour> ReadAsync(TimeRange within, CancellationToken cancellation) =>
        Events.GroupBy(seen => seen.Hour).Select(hour => new SeenHour(hour.Key, [.. hour.Select(seen => seen.Identity)])).ToAsyncEnumerable();
}

/// <summary>A settlement and when it was made.</summary>
internal sealed record Settled(Settlement Settlement, DateTimeOffset At);

/// <summary>Keeps notices, from whatever thread.</summary>
internal sealed class NoticeList : IProgress<Notice>
{
    private readonly List<Notice> _notices = [];

    public IReadOnlyList<Notice> All
    {
        get
        {
            lock (_notices)
            {
                return [.. _notices];
            }
        }
    }

    public void Report(Notice value)
    {
        lock (_notices)
        {
            _notices.Add(value);
        }
    }
}

internal static class Doubles
{
    /// <summary>A test that waits longer has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Finding Finding(string name, Level level = Level.High)
    {
        var rule = new DetectionRule
        {
            Title = "rule",
            Place = default,
            Level = level,
            Condition = new Condition.And([]),
        };
        var record = Encoding.UTF8.GetBytes($$"""{"eventID":"{{name}}"}""");
        return new Finding(rule, [new Hit(rule, new EventIdentity(name), Offers.Noon, record, "test", 0)]);
    }

    /// <summary>Lets other threads come to a condition that needs no clock to turn.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
