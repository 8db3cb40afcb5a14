using System.Globalization;

namespace Detector.Core.Delivery;

/// <summary>
/// Decides which of a sink's alerts go out by themselves, and which wait to be told together. The first alert of a kind (of a rule) is never delayed, nor are
/// the first few of a period. A process begins without memory, which costs some alerts more by themselves and delays none.
/// </summary>
internal sealed class Storm(string sink, DigestOptions options, TimeProvider clock)
{
    private readonly Dictionary<string, DateTimeOffset> _kinds = new(StringComparer.Ordinal);
    private readonly Queue<DateTimeOffset> _alone = new();
    private Open? _open;
    private TimeSpan _wait;

    /// <summary>The digest that is to hold an alert; null if the alert goes out by itself.</summary>
    public Open? PlaceOf(Dispatch dispatch)
    {
        var now = clock.GetUtcNow();
        while (_alone.TryPeek(out var oldest) && oldest <= now - options.Period)
        {
            _alone.Dequeue();
        }
        // What was tried by itself may have been told, and stays by itself: no alert is told in both ways.
        if (IsFirstOfKind(dispatch.Alert.Rule.Id, now) || dispatch.Attempt > 1 || _alone.Count < options.After)
        {
            _alone.Enqueue(now);
            return null;
        }
        return Gather(dispatch.Alert, now);
    }

    private bool IsFirstOfKind(string rule, DateTimeOffset now)
    {
        var isFirst = !_kinds.TryGetValue(rule, out var last) || now - last >= options.KindLasts;
        _kinds[rule] = now;
        return isFirst;
    }

    private Open Gather(Alert alert, DateTimeOffset now)
    {
        var subject = (alert.Rule.Id, Digest.ActorOf(alert));
        if (_open is null || _open.DueAt <= now)
        {
            // A digest soon after another belongs to the same storm, which is not to be told of every minute.
            var goesOn = _open is not null && now - _open.DueAt < options.Period;
            _wait = Min(goesOn ? _wait * 2 : options.FirstWait, options.Period);
            _open = New(alert, now, now + _wait);
        }
        else if (_open.Count >= options.MostAlerts || (_open.Subjects.Count >= options.MostSubjects && !_open.Subjects.Contains(subject)))
        {
            _open = New(alert, now, _open.DueAt);
        }
        _open.Count++;
        _open.Subjects.Add(subject);
        return _open;
    }

    /// <summary>Its id is of the alert that opened it and the time: one that is sent again and gathered again makes another digest.</summary>
    private Open New(Alert alert, DateTimeOffset now, DateTimeOffset dueAt) =>
        new(AlertId.Of("digest", sink, alert.Id.Value, now.UtcTicks.ToString(CultureInfo.InvariantCulture)), dueAt);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>A digest that still takes alerts.</summary>
    public sealed class Open(AlertId id, DateTimeOffset dueAt)
    {
        public AlertId Id => id;

        public DateTimeOffset DueAt => dueAt;

        public int Count { get; set; }

        public HashSet<(string Rule, string Actor)> Subjects { get; } = [];
    }
}
