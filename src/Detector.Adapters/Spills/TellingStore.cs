using Detector.Core.Delivery;

namespace Detector.Adapters.Spills;

/// <summary>That an alert of a rule tells of an event.</summary>
/// <param name="Rule">The rule's number.</param>
/// <param name="Set">The number of the rule set that the alert is of.</param>
/// <param name="Alert">The alert.</param>
/// <param name="Event">One of its events.</param>
/// <param name="Actor">Who, by the alert.</param>
public sealed record Telling(int Rule, int Set, AlertId Alert, AlertEvent Event, string? Actor);

/// <summary>
/// Keeps what the alerts of several rule sets tell, and gives it back by rule, then by time and place of the event, then by set: so what they have in common lies
/// side by side. Bounded in memory, not on disk.
/// </summary>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class TellingStore(string folder, long budget = TellingStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand.</summary>
    public const long DefaultBudget = 1024 * 1024;

    private readonly SpillSort<Telling> _sort = new(new Form(), folder, budget);

    /// <summary>Takes one in.</summary>
    /// <exception cref="Sqlite.StorageException">It cannot be put aside.</exception>
    public void Add(Telling telling) => _sort.Add(telling);

    /// <summary>All of them, when no more come.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Telling> InOrder() => _sort.InOrder();

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    private sealed class Form : ISpillForm<Telling>
    {
        public void WriteKey(Telling item, SpillBuffer to)
        {
            to.AddOrdered(item.Rule);
            to.AddOrdered(item.Event.EventTime);
            to.AddOrdered(item.Event.File);
            to.AddOrdered(item.Event.Index);
            to.AddOrdered(item.Set);
            to.AddOrdered(item.Alert.Value);
        }

        public void WriteRest(Telling item, SpillBuffer to)
        {
            to.AddText(item.Event.EventId);
            to.AddText(item.Event.EventName);
            to.AddText(item.Actor);
        }

        public Telling Read(SpillBytes key, SpillBytes rest)
        {
            var rule = key.TakeOrderedNumber();
            var time = key.TakeOrderedTime();
            var file = key.TakeOrderedText();
            var index = key.TakeOrderedNumber();
            var set = key.TakeOrderedNumber();
            var alert = new AlertId(key.TakeOrderedText());
            return new Telling(rule, set, alert, new AlertEvent(rest.TakeText(), time, rest.TakeText(), file, index), rest.TakeText());
        }
    }
}
