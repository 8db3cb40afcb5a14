using Detector.Core;
using Detector.Core.Delivery;

namespace Detector.Adapters.Spills;

/// <summary>Keeps the alerts of a replay until all are found, and gives them back in <see cref="Replay.AlertOrder"/>. Bounded in memory, not on disk.</summary>
/// <param name="folder">Where a temporary file may lie.</param>
/// <param name="budget">Bytes of memory.</param>
public sealed class AlertStore(string folder, long budget = AlertStore.DefaultBudget) : IDisposable
{
    /// <summary>Bytes of memory that suffice for some thousand alerts of few events.</summary>
    public const long DefaultBudget = 1024 * 1024;

    private readonly SpillSort<Alert> _sort = new(new Form(), folder, budget);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether some of them are on disk.</summary>
    public bool HasSpilled => _sort.HasSpilled;

    /// <summary>Takes an alert in.</summary>
    /// <exception cref="Sqlite.StorageException">It cannot be put aside.</exception>
    public void Add(Alert alert)
    {
        Count++;
        _sort.Add(alert);
    }

    /// <summary>All of them, when no more come; as often as they are asked for.</summary>
    /// <exception cref="Sqlite.StorageException">What was put aside cannot be read.</exception>
    public IEnumerable<Alert> InOrder() => _sort.InOrder();

    /// <inheritdoc/>
    public void Dispose() => _sort.Dispose();

    private sealed class Form : ISpillForm<Alert>
    {
        // What a rule says of itself is the same in each of its alerts.
        private readonly List<AlertRule> _rules = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public void WriteKey(Alert item, SpillBuffer to)
        {
            to.AddOrdered(item.Time);
            to.AddOrdered(item.Id.Value);
        }

        public void WriteRest(Alert item, SpillBuffer to)
        {
            if (!_numbers.TryGetValue(item.Rule.Id, out var number))
            {
                _numbers.Add(item.Rule.Id, number = _rules.Count);
                _rules.Add(item.Rule);
            }
            to.AddNumber(number);
            to.AddNumber((int)item.Kind);
            to.AddNumber(item.Late ? 1 : 0);
            to.AddText(item.Group);
            to.AddNumber(item.Events.Count);
            foreach (var one in item.Events)
            {
                to.AddText(one.EventId);
                to.AddOrdered(one.EventTime);
                to.AddText(one.EventName);
                to.AddText(one.File);
                to.AddNumber(one.Index);
            }
            var facts = item.Facts;
            foreach (
                var text in (ReadOnlySpan<string?>)
                    [
                        facts.Actor,
                        facts.ActorType,
                        facts.AccessKeyId,
                        facts.Account,
                        facts.Region,
                        facts.EventSource,
                        facts.EventName,
                        facts.SourceAddress,
                        facts.UserAgent,
                        facts.ErrorCode,
                        facts.Mfa,
                    ]
            )
            {
                to.AddText(text);
            }
            to.AddNumber(facts.Targets.Count);
            foreach (var target in facts.Targets)
                to.AddText(target);
        }

        public Alert Read(SpillBytes key, SpillBytes rest)
        {
            key.TakeOrderedTime();
            var id = new AlertId(key.TakeOrderedText());
            var rule = _rules[rest.TakeNumber()];
            var kind = (AlertKind)rest.TakeNumber();
            var late = rest.TakeNumber() != 0;
            var group = rest.TakeText();
            var events = new AlertEvent[rest.TakeNumber()];
            foreach (ref var one in events.AsSpan())
                one = new AlertEvent(rest.TakeText(), rest.TakeOrderedTime(), rest.TakeText(), rest.TakeText()!, rest.TakeNumber());
            return new Alert
            {
                Id = id,
                Rule = rule,
                Kind = kind,
                Late = late,
                Group = group,
                Events = events,
                Facts = new AlertFacts
                {
                    Actor = rest.TakeText(),
                    ActorType = rest.TakeText(),
                    AccessKeyId = rest.TakeText(),
                    Account = rest.TakeText(),
                    Region = rest.TakeText(),
                    EventSource = rest.TakeText(),
                    EventName = rest.TakeText(),
                    SourceAddress = rest.TakeText(),
                    UserAgent = rest.TakeText(),
                    ErrorCode = rest.TakeText(),
                    Mfa = rest.TakeText(),
                    Targets = Targets(ref rest),
                },
            };
        }

        private static string[] Targets(ref SpillBytes rest)
        {
            var targets = new string[rest.TakeNumber()];
            foreach (ref var target in targets.AsSpan())
                target = rest.TakeText()!;
            return targets;
        }
    }
}
