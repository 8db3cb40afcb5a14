using System.Text;
using Detector.Core.Events;
using Detector.Core.Rules.Fields;
using Detector.Core.Rules.Matchers;

namespace Detector.Core.Detection;

/// <summary>One call, as far as it is kept for those who read an alert.</summary>
/// <param name="Time">CloudTrail's <c>eventTime</c>.</param>
/// <param name="Name">CloudTrail's <c>eventName</c>.</param>
/// <param name="Address">CloudTrail's <c>sourceIPAddress</c>, or null.</param>
/// <param name="Error">CloudTrail's <c>errorCode</c>; null when the call succeeded.</param>
public sealed record RecentCall(DateTimeOffset Time, string Name, string? Address, string? Error);

/// <summary>
/// The latest calls of each actor, whether or not a rule wanted them, so that an alert can tell what else its actor did. In memory alone: after a start it fills
/// anew. Bounded: when there are too many actors, those whose calls came longest ago are forgotten. Safe for many threads.
/// </summary>
/// <param name="actors">How many actors are kept.</param>
public sealed class RecentCalls(int actors = 4096)
{
    /// <summary>How many calls of one actor are kept.</summary>
    public const int Kept = 32;

    /// <summary>Longer texts are none of AWS's; they are not kept.</summary>
    private const int LongestText = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Ring> _rings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private long _now;

    /// <summary>The calls of an actor from one time to another, in the order of their times. The actor is named as alerts name it.</summary>
    public IReadOnlyList<RecentCall> Of(string actor, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_lock)
        {
            return _rings.TryGetValue(actor, out var ring)
                ? [.. ring.Calls.OfType<RecentCall>().Where(call => call.Time >= from && call.Time <= to).OrderBy(call => call.Time)]
                : [];
        }
    }

    /// <summary>What one thread hands records in by.</summary>
    internal Feed Open() => new(this);

    private void Add(ReadOnlySpan<char> actor, DateTimeOffset time, ReadOnlySpan<char> name, ReadOnlySpan<char> address, ReadOnlySpan<char> error)
    {
        lock (_lock)
        {
            var rings = _rings.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!rings.TryGetValue(actor, out var ring))
            {
                if (_rings.Count >= actors)
                    ForgetOldest();
                rings[actor] = ring = new Ring();
            }
            ring.Used = ++_now;
            ring.Add(new RecentCall(time, Text(name)!, Text(address), Text(error)));
        }
    }

    /// <summary>The same names come again and again: one copy serves.</summary>
    private string? Text(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return null;
        var texts = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (texts.TryGetValue(text, out var known))
            return known;
        if (_texts.Count >= actors)
            _texts.Clear();
        return texts[text] = text.ToString();
    }

    /// <summary>A tenth at once: to look for the oldest costs a look at all.</summary>
    private void ForgetOldest()
    {
        foreach (var (actor, _) in _rings.OrderBy(ring => ring.Value.Used).Take(Math.Max(1, actors / 10)).ToList())
            _rings.Remove(actor);
    }

    private sealed class Ring
    {
        private int _next;

        public RecentCall?[] Calls { get; private set; } = new RecentCall?[4];

        public long Used { get; set; }

        public void Add(RecentCall call)
        {
            // The same event comes by two paths, and twice by either.
            if (Calls.Contains(call))
                return;
            if (_next == Calls.Length && Calls.Length < Kept)
            {
                var more = new RecentCall?[Calls.Length * 2];
                Calls.CopyTo(more, 0);
                Calls = more;
            }
            Calls[_next % Calls.Length] = call;
            _next = _next + 1 == 2 * Kept ? Kept : _next + 1;
        }
    }

    /// <summary>Reads of records what is kept of them. For one thread.</summary>
    internal sealed class Feed(RecentCalls calls)
    {
        private readonly FieldReader _fields = new(["userIdentity.arn", "userIdentity.principalId", "sourceIPAddress", "errorCode", "userIdentity.userName"]);
        private readonly char[] _actor = new char[LongestText];
        private readonly char[] _name = new char[LongestText];
        private readonly char[] _address = new char[LongestText];
        private readonly char[] _error = new char[LongestText];

        /// <summary>Takes a record in; of one that lacks an actor, a time or a name nothing is kept.</summary>
        public void Add(in CloudTrailEvent record)
        {
            if (record.EventTime is not { } time || Text(record.EventName, _name) is not { IsEmpty: false } name)
                return;
            var view = _fields.Read(record.Json);
            // In the order of Caller.Actor.
            var actor = Text(view, 0, _actor);
            if (actor.IsEmpty)
                actor = Text(view, 4, _actor);
            if (actor.IsEmpty)
                actor = Text(view, 1, _actor);
            if (!actor.IsEmpty)
                calls.Add(actor, time, name, Text(view, 2, _address), Text(view, 3, _error));
        }

        private static ReadOnlySpan<char> Text(RecordView view, int field, Span<char> into) =>
            view.TryFirstText(field, out var text) ? Text(text, into) : default;

        private static ReadOnlySpan<char> Text(ReadOnlySpan<byte> utf8, Span<char> into) =>
            Encoding.UTF8.TryGetChars(utf8, into, out var written) ? into[..written] : default;
    }
}
