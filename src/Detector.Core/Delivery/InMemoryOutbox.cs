using Detector.Core.Events;

namespace Detector.Core.Delivery;

/// <summary>Alerts and their deliveries in memory. Not safe for several threads: the ledger locks.</summary>
/// <param name="remembered">How many settled alerts, and how many repeats of one alert, are remembered.</param>
internal sealed class InMemoryOutbox(int remembered)
{
    private readonly Dictionary<AlertId, Remembered> _alerts = [];
    private readonly Queue<Remembered> _settled = new();
    private readonly Dictionary<(string Rule, string? Group), Subject> _subjects = [];
    private readonly Dictionary<string, SortedSet<Delivery>> _pending = new(StringComparer.Ordinal);
    private long _accepted;

    public List<DispatchKey> Accept(IReadOnlyList<OutboxEntry> entries, DateTimeOffset now)
    {
        var offered = new HashSet<Remembered>();
        foreach (var entry in entries)
        {
            var alert = Remember(entry, now);
            offered.Add(alert);
            foreach (var sink in entry.Sinks)
                Open(alert, sink, now);
        }

        var open = new List<DispatchKey>();
        foreach (var alert in offered)
        {
            open.AddRange(alert.Open.Select(delivery => delivery.Key));
            ForgetLaterIfSettled(alert);
        }
        return open;
    }

    public List<Dispatch> Claim(string sink, int max, TimeSpan lease, DateTimeOffset now)
    {
        var due = PendingOf(sink).TakeWhile(delivery => delivery.DueAt <= now).Take(max).ToList();
        var digests = due.Select(delivery => delivery.Digest).Where(digest => digest is not null).ToHashSet();
        if (digests.Count > 0)
            due =
            [
                .. due.Union(
                    PendingOf(sink).Where(delivery => digests.Contains(delivery.Digest) && delivery.IsFree(now)).OrderBy(delivery => delivery.Alert.Order)
                ),
            ];
        foreach (var delivery in due)
        {
            delivery.Attempts++;
            delivery.IsLeased = true;
            Postpone(delivery, now + lease);
        }
        return due.ConvertAll(delivery => new Dispatch(delivery.Alert.Alert, sink, delivery.Attempts, delivery.Alert.Suppressed)
        {
            Digest = delivery.Digest,
            Resent = delivery.Resent,
        });
    }

    public void Settle(DispatchKey dispatch, Settlement settlement, DateTimeOffset now)
    {
        if (PendingOf(dispatch) is not { } delivery)
            return;
        delivery.Reason = settlement.Reason;
        delivery.IsLeased = false;
        if (settlement.Outcome is SinkOutcome.Retry)
        {
            Postpone(delivery, settlement.DueAt ?? now);
            return;
        }
        PendingOf(dispatch.Sink).Remove(delivery);
        delivery.State = settlement.Outcome is SinkOutcome.Delivered ? DeliveryState.Delivered : DeliveryState.Refused;
        delivery.SettledAt = now;
        ForgetLaterIfSettled(delivery.Alert);
    }

    public void Gather(AlertId digest, IReadOnlyList<DispatchKey> dispatches, DateTimeOffset dueAt)
    {
        foreach (var delivery in dispatches.Select(PendingOf).OfType<Delivery>().Where(delivery => delivery.Digest is null))
        {
            delivery.Digest = digest;
            delivery.IsLeased = false;
            Postpone(delivery, dueAt);
        }
    }

    public LedgerAlert[] Read(AlertQuery query) =>
        [
            .. _alerts
                .Values.Where(alert =>
                    !(alert.AcceptedAt < query.From)
                    && !(alert.AcceptedAt >= query.To)
                    && alert.Alert.Id.Value.StartsWith(query.IdPrefix, StringComparison.Ordinal)
                )
                .OrderByDescending(alert => alert.Order)
                .Select(alert => new LedgerAlert(alert.Alert, alert.AcceptedAt, alert.Suppressed, alert.Repeats, [.. alert.Told()])),
        ];

    public List<DispatchKey> Resend(AlertId id, string? sink, DateTimeOffset now)
    {
        if (!_alerts.TryGetValue(id, out var alert))
            return [];
        List<Delivery> deliveries =
        [
            .. alert
                .Deliveries.Values.Where(delivery => sink is null || delivery.Key.Sink == sink)
                .OrderBy(delivery => delivery.Key.Sink, StringComparer.Ordinal),
        ];
        foreach (var delivery in deliveries.Where(delivery => delivery.IsSettled || delivery.IsFree(now)))
        {
            if (delivery.State is DeliveryState.Delivered)
                delivery.Resent++;
            (delivery.State, delivery.SettledAt, delivery.Digest, delivery.IsLeased) = (DeliveryState.Pending, null, null, false);
            Postpone(delivery, now);
        }
        return deliveries.ConvertAll(delivery => delivery.Key);
    }

    public OutboxState State(string? sink)
    {
        SortedSet<Delivery>[] pending = sink is null ? [.. _pending.Values] : [PendingOf(sink)];
        return new OutboxState(pending.Sum(deliveries => (long)deliveries.Count), pending.Min(deliveries => deliveries.Min?.DueAt));
    }

    /// <summary>Takes an alert whose id is new; of one that is known, counts the event unless it was counted before.</summary>
    private Remembered Remember(OutboxEntry entry, DateTimeOffset now)
    {
        if (_alerts.TryGetValue(entry.Alert.Id, out var known))
        {
            if (known.IsAnother(entry.Event, remembered))
                known.Subject.Waiting++;
            return known;
        }

        var key = (entry.Alert.Rule.Id, entry.Alert.Group);
        if (!_subjects.TryGetValue(key, out var subject))
            _subjects.Add(key, subject = new Subject());
        var alert = new Remembered(entry.Alert, entry.Event, subject, subject.Waiting, _accepted++, now);
        subject.Waiting = 0;
        subject.Alerts++;
        _alerts.Add(entry.Alert.Id, alert);
        return alert;
    }

    private Delivery? PendingOf(DispatchKey dispatch) =>
        _alerts.TryGetValue(dispatch.Alert, out var alert) && alert.Deliveries.TryGetValue(dispatch.Sink, out var delivery) && !delivery.IsSettled
            ? delivery
            : null;

    private void Open(Remembered alert, string sink, DateTimeOffset now)
    {
        var delivery = new Delivery(alert, sink) { DueAt = now };
        if (alert.Deliveries.TryAdd(sink, delivery))
            PendingOf(sink).Add(delivery);
    }

    /// <summary>A delivery's place in its set depends on when it is due, so it must leave before that changes.</summary>
    private void Postpone(Delivery delivery, DateTimeOffset dueAt)
    {
        var pending = PendingOf(delivery.Key.Sink);
        pending.Remove(delivery);
        delivery.DueAt = dueAt;
        pending.Add(delivery);
    }

    private SortedSet<Delivery> PendingOf(string sink)
    {
        if (!_pending.TryGetValue(sink, out var pending))
            _pending.Add(sink, pending = new SortedSet<Delivery>(Delivery.ByDue));
        return pending;
    }

    private void ForgetLaterIfSettled(Remembered alert)
    {
        if (alert.IsQueued || alert.Open.Any())
            return;
        alert.IsQueued = true;
        _settled.Enqueue(alert);
        while (_settled.Count > remembered)
            Forget(_settled.Dequeue());
    }

    private void Forget(Remembered alert)
    {
        alert.IsQueued = false;
        // A sink that was named only later may have opened it again; it is queued anew when that delivery is settled.
        if (alert.Open.Any())
            return;
        _alerts.Remove(alert.Alert.Id);
        if (--alert.Subject.Alerts == 0)
            _subjects.Remove((alert.Alert.Rule.Id, alert.Alert.Group));
    }

    /// <summary>A rule and group of which alerts are remembered.</summary>
    private sealed class Subject
    {
        /// <summary>Repeats that no later alert has told of yet.</summary>
        public long Waiting { get; set; }

        public int Alerts { get; set; }
    }

    private sealed class Remembered(Alert alert, EventIdentity first, Subject subject, long suppressed, long order, DateTimeOffset acceptedAt)
    {
        private readonly HashSet<EventIdentity> _repeats = [];

        public Alert Alert => alert;

        public Subject Subject => subject;

        public long Suppressed => suppressed;

        public long Order => order;

        public DateTimeOffset AcceptedAt => acceptedAt;

        public long Repeats => _repeats.Count;

        public Dictionary<string, Delivery> Deliveries { get; } = new(StringComparer.Ordinal);

        public IEnumerable<Delivery> Open => Deliveries.Values.Where(delivery => !delivery.IsSettled);

        public IEnumerable<LedgerDelivery> Told() =>
            Deliveries
                .Values.OrderBy(one => one.Key.Sink, StringComparer.Ordinal)
                .Select(one => new LedgerDelivery(one.Key.Sink, one.State, one.Attempts, one.DueAt, one.Reason, one.SettledAt, one.Digest));

        /// <summary>Whether it stands in the queue of those to be forgotten.</summary>
        public bool IsQueued { get; set; }

        /// <summary>Whether an event is neither the one that the alert was accepted with nor counted before. Those beyond a number are not counted.</summary>
        public bool IsAnother(EventIdentity @event, int most) => @event != first && _repeats.Count < most && _repeats.Add(@event);
    }

    private sealed class Delivery(Remembered alert, string sink)
    {
        public static IComparer<Delivery> ByDue { get; } =
            Comparer<Delivery>.Create((a, b) => a.DueAt != b.DueAt ? a.DueAt.CompareTo(b.DueAt) : a.Alert.Order.CompareTo(b.Alert.Order));

        public Remembered Alert => alert;

        public DispatchKey Key { get; } = new(alert.Alert.Id, sink);

        public DateTimeOffset DueAt { get; set; }

        public int Attempts { get; set; }

        public DeliveryState State { get; set; }

        public int Resent { get; set; }

        public bool IsSettled => State is not DeliveryState.Pending;

        public bool IsLeased { get; set; }

        /// <summary>A lease is the claimer's until it has run out, whoever asks.</summary>
        public bool IsFree(DateTimeOffset now) => !IsLeased || DueAt <= now;

        public string Reason { get; set; } = "";

        public DateTimeOffset? SettledAt { get; set; }

        public AlertId? Digest { get; set; }
    }
}
